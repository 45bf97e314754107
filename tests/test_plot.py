"""Figures against stored pictures, and what they and the players hold, read from the objects."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.io.wavfile

from specdemo import STFT, MelBank, plot, shorten

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
BANK = MelBank(GRID, 24)

# RMS over pixels of 0 to 255. Measured at this size: 3 dB of level are 4.5, 10 dB of range 11, a
# picture half a pixel off 11 to 14, another axis 56. The versions are pinned, so that 4 is enough
# for the fonts and rounding of another machine and refuses all of these.
picture = pytest.mark.mpl_image_compare(
    baseline_dir="baseline", style=plot.STYLE, remove_text=True, tolerance=4,
    savefig_kwargs={"dpi": 60},
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def chirp(n=8000):
    """From 200 to 3000 Hz, fading in."""
    t = np.arange(n) / 8000
    return t * np.sin(2 * np.pi * (200 * t + 1400 * t**2))


def axes():
    return plt.figure(figsize=(4, 2)).subplots()


# --- pictures --------------------------------------------------------------------------------


@picture
def test_picture_of_a_waveform():
    return plot.waveform(chirp(), 8000, axes()).figure


@picture
@pytest.mark.parametrize("axis", plot.AXES)
def test_picture_of_a_spectrogram(axis):
    return plot.spectrogram(GRID.magnitude(chirp()), GRID, axes(), axis).figure


@picture
@pytest.mark.parametrize("factor", [1, 5])
def test_picture_of_a_mel_spectrogram(factor):
    M = shorten(BANK.forward(GRID.magnitude(chirp())), factor)
    return plot.mel_spectrogram(M, BANK, axes(), factor=factor).figure


# --- axes ------------------------------------------------------------------------------------


def test_waveform_is_drawn_over_seconds():
    x = chirp()
    ax = plot.waveform(x, 8000, axes(), start=2.0, label="a chirp")
    t, y = ax.lines[0].get_data()
    np.testing.assert_allclose(t, 2 + np.arange(8000) / 8000)
    np.testing.assert_array_equal(y, x)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "amplitude")
    assert ax.get_xlim() == pytest.approx((2, 2 + 7999 / 8000))
    assert ax.lines[0].get_label() == "a chirp"


@pytest.mark.parametrize(
    ("axis", "scale", "low"), [("linear", "linear", 0), ("log", "log", 50), ("mel", "function", 0)]
)
def test_spectrogram_reaches_to_nyquist(axis, scale, low):
    ax = plot.spectrogram(GRID.magnitude(chirp()), GRID, axes(), axis)
    assert ax.get_yscale() == scale
    assert ax.get_ylim() == (low, 4000)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "frequency (Hz)")


def test_frames_lie_at_their_times():
    """Cells are centred on the frames: half a hop more on either side."""
    S = GRID.magnitude(chirp())
    ax = plot.spectrogram(S, GRID, axes())
    half = 64 / 8000 / 2
    assert ax.get_xlim() == pytest.approx((-half, GRID.times(S.shape[1])[-1] + half))


@pytest.mark.parametrize("factor", [1, 5, 2.5])
def test_a_shortened_mel_spectrogram_covers_the_same_time(factor):
    """Frames that all stand for `factor` frames: 250 of them, half a hop before to after."""
    M = shorten(np.ones((24, 250)), factor)
    ax = plot.mel_spectrogram(M, BANK, axes(), factor=factor)
    hop = 64 / 8000
    assert ax.get_xlim() == pytest.approx((-hop / 2, 249.5 * hop))


def test_mel_axis_spans_the_bank_in_hz():
    bank = MelBank(GRID, 10, 100, 3000, "htk")
    ax = plot.mel_spectrogram(np.ones((10, 9)), bank, axes())
    assert ax.get_ylim() == (100, 3000)
    assert list(ax.get_yticks()) == [125, 250, 500, 1000, 2000]


def test_mel_rows_are_evenly_high():
    ax = plot.mel_spectrogram(np.ones((24, 9)), BANK, axes())
    tips = ax.transData.transform([(0, f) for f in BANK.center_frequencies])[:, 1]
    np.testing.assert_allclose(np.diff(tips), np.diff(tips)[0], rtol=1e-9)


@pytest.mark.parametrize("top_db", [40.0, 80.0])
def test_colours_are_db_below_the_loudest(top_db):
    S = np.zeros((129, 4))
    S[0] = 2.0
    S[1] = 0.2
    ax = plot.spectrogram(S, GRID, axes(), top_db=top_db)
    image = ax.collections[0]
    assert image.get_clim() == (-top_db, 0)
    levels = np.asarray(image.get_array()).reshape(129, 4)
    np.testing.assert_allclose(levels[:3, 0], [0, -20, -top_db], atol=1e-12)


def test_a_shared_reference_keeps_levels_comparable():
    S = np.full((129, 4), 0.1)
    ax = plot.spectrogram(S, GRID, axes(), ref=1.0)
    np.testing.assert_allclose(ax.collections[0].get_array(), -20, atol=1e-12)


@pytest.mark.parametrize("n_frames", [1, 5])
def test_silence_and_single_frames_are_drawn(n_frames):
    for S in (np.zeros((129, n_frames)), np.ones((129, n_frames), np.float32)):
        plot.spectrogram(S, GRID, axes()).figure.canvas.draw()
    plot.mel_spectrogram(np.zeros((24, n_frames)), BANK, axes()).figure.canvas.draw()


def test_title_and_colorbar():
    S = GRID.magnitude(chirp())
    ax = plot.spectrogram(S, GRID, axes(), title="a chirp")
    assert ax.get_title(loc="left") + ax.get_title() == "a chirp"
    assert [a.get_ylabel() for a in ax.figure.axes] == ["frequency (Hz)", "level (dB)"]
    assert len(plot.spectrogram(S, GRID, axes(), colorbar=False).figure.axes) == 1


def test_the_current_axes_are_the_default():
    figure = plt.figure()
    assert plot.waveform(chirp(), 8000).figure is figure


def test_use_style_is_the_style_of_the_book():
    with plt.rc_context():
        plot.use_style()
        assert plt.rcParams["axes.titlelocation"] == "left"


# --- listen ----------------------------------------------------------------------------------


def players(sounds, **settings):
    return plot.listen(sounds, GRID, **settings)._repr_html_()


def decoded(page):
    """Samples of every player on the page, in [-1, 1)."""
    found = re.findall(r'<audio[^>]* src="data:audio/wav;base64,([^"]+)"', page)
    files = [scipy.io.wavfile.read(io.BytesIO(base64.b64decode(data))) for data in found]
    assert all(sr == 8000 for sr, _ in files)
    return [samples / 2**15 for _, samples in files]


def rms(x):
    return np.sqrt(np.mean(np.square(x)))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("bank", [None, BANK])
def test_every_sound_has_a_picture_and_a_player(n, bank):
    page = players({f"sound {i}": 0.5 * chirp() for i in range(n)}, bank=bank)
    assert page.count("<img ") == page.count("<audio ") == n
    for i in range(n):
        assert re.search(rf'<img alt="[^"]*sound {i}[^"]*"', page)
        assert re.search(rf'<audio controls aria-label="sound {i}"', page)
    for data in re.findall(r'src="data:image/png;base64,([^"]+)"', page):
        assert base64.b64decode(data).startswith(b"\x89PNG")
    assert "autoplay" not in page


def test_labels_and_captions_are_escaped():
    page = players({'<b>"a" & b</b>': chirp()}, caption="1 < 2 & <script>")
    assert "<b>" not in page and "<script>" not in page
    assert 'aria-label="&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;"' in page
    assert "<figcaption>1 &lt; 2 &amp; &lt;script&gt;</figcaption>" in page


def test_levels_are_matched_to_the_first_and_said_so():
    x = 0.5 * chirp()
    page = players({"a": x, "b": 0.1 * x, "c": x[::-1]})
    first, second, third = decoded(page)
    # Rounding to 16 bits: half a step of 2^-15.
    np.testing.assert_allclose(first, x, atol=2**-16)
    np.testing.assert_allclose(second, x, atol=2**-16)
    assert rms(third) == pytest.approx(rms(x), rel=1e-3)
    assert re.findall(r"level ([+-][\d.]+) dB", page) == ["+20.0"]


def test_without_match_levels_are_left_alone():
    x = 0.5 * chirp()
    page = players({"a": x, "b": 0.1 * x}, match=False)
    for samples, expected in zip(decoded(page), (x, 0.1 * x), strict=True):
        np.testing.assert_allclose(samples, expected, atol=2**-16)
    assert "level" not in page


@pytest.mark.parametrize("match", [True, False])
def test_where_one_would_clip_all_are_turned_down_together(match):
    """The second has the RMS of the first, but peaks of 4 where the first has 1."""
    quiet = np.sign(chirp())
    loud = np.zeros(8000)
    loud[::16] = 4.0
    page = players({"a": quiet, "b": loud}, match=match)
    first, second = decoded(page)
    np.testing.assert_allclose(first, quiet / 4, atol=1e-3)
    np.testing.assert_allclose(second, loud / 4, atol=1e-3)
    assert re.findall(r"level ([+-][\d.]+) dB", page) == ["-12.0", "-12.0"]


def test_silence_is_played_as_silence():
    x, silence = 0.5 * chirp(), np.zeros(8000)
    for sounds in ({"a": silence, "b": x}, {"b": x, "a": silence}):
        for samples, expected in zip(decoded(players(sounds)), sounds.values(), strict=True):
            np.testing.assert_allclose(samples, expected, atol=2**-16)


def test_pictures_share_the_0_db_of_the_first(monkeypatch):
    seen = []
    draw = plot.spectrogram

    def watch(S, stft, ax, axis, top_db, ref, **settings):
        seen.append(ref)
        return draw(S, stft, ax, axis, top_db, ref, **settings)

    monkeypatch.setattr(plot, "spectrogram", watch)
    x = 0.5 * chirp()
    players({"a": x, "b": 0.1 * x}, match=False)
    assert seen == [pytest.approx(GRID.magnitude(x).max())] * 2


def test_listen_leaves_signals_and_pyplot_alone():
    x = 0.5 * chirp()
    x.setflags(write=False)
    before = plt.get_fignums(), dict(plt.rcParams)
    players({"a": x, "b": x})
    assert (plt.get_fignums(), dict(plt.rcParams)) == before


def test_the_plain_form_names_the_sounds():
    shown = plot.listen({"a": chirp(), "b": chirp()}, GRID)
    assert repr(shown) == "<players: a, b>"
