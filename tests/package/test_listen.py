"""Pictures with players: what is seen, what is heard, and that levels are comparable."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.io.wavfile
from PIL import Image

from signals import chirp
from specdemo import STFT, MelBank, hz_to_mel, plot
from specdemo.live import players as figures

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
BANK = MelBank(GRID, 24)

# --- listen ----------------------------------------------------------------------------------


def players(sounds, **settings):
    return plot.listen(sounds, GRID, **settings)._repr_html_()


def decoded(page):
    """Samples of every player on the page, in [-1, 1)."""
    found = re.findall(r'<audio[^>]* src="data:audio/wav;base64,([^"]+)"', page)
    files = [scipy.io.wavfile.read(io.BytesIO(base64.b64decode(data))) for data in found]
    assert all(sr == 8000 for sr, _ in files)
    return [samples / 2**15 for _, samples in files]


def levels(page, top_db=80.0):
    """Levels of the pixels of every picture on the page in dB, the lowest frequency first."""
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    pictures = [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]
    return [
        (np.asarray(picture)[::-1] / (figures.N_COLORS - 1) - 1) * top_db for picture in pictures
    ]


def ticks(page, axis):
    """Texts and positions of the ticks beside the first picture."""
    _, _, rest = page.partition(f'<div class="sd-{axis}"')
    found = re.findall(r'<span style="\w+:([\d.e-]+)%">([^<]+)<', rest.partition("</div>")[0])
    return {text: float(place) / 100 for place, text in found}


def rms(x):
    return np.sqrt(np.mean(np.square(x)))


def sine(frequency, amplitude=0.5):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(8000) / 8000)


# Half a step of the colours, at a range of 80 dB.
HALF_A_STEP = 80 / (figures.N_COLORS - 1) / 2


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("bank", [None, BANK])
def test_every_sound_has_a_picture_and_a_player(n, bank):
    page = players({f"sound {i}": 0.5 * chirp() for i in range(n)}, bank=bank)
    assert page.count("<img ") == page.count("<audio ") == n
    for i in range(n):
        assert re.search(rf'<img alt="[^"]*sound {i}[^"]*"', page)
        assert re.search(rf'<audio controls aria-label="sound {i}"', page)
    assert "autoplay" not in page


@pytest.mark.parametrize(("n", "columns"), [(1, 800), (2, 400), (3, 400)])
@pytest.mark.parametrize("bank", [None, BANK, MelBank(GRID, 3)])
def test_pictures_are_equally_large(n, columns, bank):
    page = players({f"sound {i}": chirp() for i in range(n)}, bank=bank)
    assert [S.shape for S in levels(page)] == [(216, columns)] * n
    assert page.count(f'width="{columns}" height="216"') == n


def test_labels_and_captions_are_escaped():
    page = players({'<b>"a" & b</b>': chirp()}, caption="1 < 2 & <script>")
    assert "<b>" not in page and "<script>" not in page
    assert 'aria-label="&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;"' in page
    assert "<figcaption>1 &lt; 2 &amp; &lt;script&gt;</figcaption>" in page


@pytest.mark.parametrize("axis", plot.AXES)
def test_a_sine_is_a_line_at_its_frequency(axis):
    """The row of 1000 Hz is the brightest; two octaves away only the floor is left."""
    (S,) = levels(players({"a": sine(1000)}, axis=axis))
    place = {
        "linear": 1000 / 4000,
        "log": np.log(1000 / 50) / np.log(4000 / 50),
        "mel": hz_to_mel(1000.0) / hz_to_mel(4000.0),
    }[axis]
    middle = S[:, 400]
    assert middle[int(place * 216)] == 0
    assert middle[int(216 * 0.98)] == -80
    lit = np.flatnonzero(middle > -20)
    assert lit[0] <= place * 216 <= lit[-1] + 1


def test_a_sine_lights_its_mel_bands():
    """Bands are evenly high; those whose triangles 1000 Hz lies under are lit."""
    (S,) = levels(players({"a": sine(1000)}, bank=BANK))
    weights = BANK.matrix[:, 32]
    expected = 20 * np.log10(np.maximum(weights / weights.max(), 1e-4))
    rows = S[4::9, 400]
    lit = weights > 0
    assert np.abs(rows[lit] - expected[lit]).max() < 6  # the window spreads the sine a little
    assert rows[weights == weights.max()] == 0


def test_pixels_are_mean_powers():
    """Half of a pixel's cells are silent: 3 dB less. Twice the frames of the columns' number."""
    x = np.zeros(800 * 64)
    x[::64] = 1.0
    grid = STFT(sr=8000, n_fft=64, hop_length=64, window="boxcar", center=False)
    x[64::128] = 0.0
    page = plot.listen({"a": x[: 64 * 1600], "b": x[: 64 * 1600]}, grid)._repr_html_()
    S, _ = levels(page)
    assert np.abs(S + 10 * np.log10(2)).max() <= HALF_A_STEP


@pytest.mark.parametrize("top_db", [40.0, 80.0])
def test_colours_reach_down_to_top_db(top_db):
    S, quiet = levels(
        players({"a": sine(1000), "b": 1e-4 * sine(1000)}, top_db=top_db, match=False), top_db
    )
    assert S.max() > -1 and S.min() == -top_db
    assert quiet.max() == -top_db


def test_pictures_share_the_0_db_of_the_first():
    S, tenth = levels(players({"a": sine(1000), "b": 0.1 * sine(1000)}, match=False))
    assert tenth.max() == pytest.approx(S.max() - 20, abs=2 * HALF_A_STEP)


def test_the_picture_of_the_first_does_not_depend_on_the_others():
    """The same file wherever the sound is shown, even where all are turned down."""
    loud = np.zeros(8000)
    loud[::16] = 4.0
    pages = [players({"a": chirp(), "b": other}) for other in (chirp(), loud)]
    first, second = (re.search(r"data:image/png;base64,[^\"]+", page).group() for page in pages)
    assert first == second
    assert "level" in pages[1]


def test_levels_of_silence_and_of_short_sounds_are_drawn():
    for x in (np.zeros(8000), np.zeros(1), np.ones(1, np.float32)):
        for S in levels(players({"a": x})) + levels(players({"a": x}, bank=BANK)):
            assert S.min() >= -80 and S.max() <= 0


@pytest.mark.parametrize(
    ("axis", "low", "high"), [("linear", "0", "4k"), ("log", "125", "4k"), ("mel", "0", "4k")]
)
def test_frequencies_are_labelled_where_they_lie(axis, low, high):
    found = ticks(players({"a": chirp()}, axis=axis), "hz")
    assert low in found and high in found
    face = figures._face_of_bins(GRID, axis, 80.0)
    for text, place in found.items():
        hz = 1000 * float(text[:-1]) if text.endswith("k") else float(text)
        assert place == pytest.approx(face.units(hz), abs=1e-3)
    places = sorted(found.values())
    assert min(np.diff(places)) > 0.1


def test_times_are_labelled_where_they_lie():
    found = ticks(players({"a": chirp()}), "s")
    # 126 frames, 8 ms apart: the picture begins and ends half a hop outside them.
    start, end = -0.004, 125 * 0.008 + 0.004
    assert list(found) == ["0", "0.5", "1 s"]
    assert list(found.values()) == pytest.approx(
        [(t - start) / (end - start) for t in (0, 0.5, 1)], abs=1e-3
    )


def test_players_are_told_where_the_sound_lies_in_the_picture():
    page = players({"a": chirp()})
    assert 'data-seconds="1" data-start="-0.004" data-end="1.004"' in page


@pytest.mark.parametrize(
    ("least", "step"), [(1, 1), (1.1, 2), (2, 2), (3, 5), (6, 10), (0.011, 0.02), (0.3, 0.5)]
)
def test_steps_of_ticks_are_round(least, step):
    assert figures._round_step(least) == pytest.approx(step)


def test_levels_are_matched_to_the_first_and_said_so():
    x = 0.5 * chirp()
    page = players({"a": x, "b": 0.1 * x, "c": x[::-1]})
    first, second, third = decoded(page)
    # Rounding to 16 bits: half a step of 2^-15.
    np.testing.assert_allclose(first, x, atol=2**-16)
    np.testing.assert_allclose(second, x, atol=2**-16)
    assert rms(third) == pytest.approx(rms(x), rel=1e-3)
    assert re.findall(r"level ([+−][\d.]+) dB", page) == ["+20.0"]


@pytest.mark.parametrize("match", [True, False])
def test_sounds_that_nobody_could_hear_are_turned_up_together(match):
    """The loudest to a peak of one half; what is below 16 bits comes back, and the note says so."""
    x = chirp() / np.abs(chirp()).max()
    first, second = decoded(page := players({"a": 1e-5 * x, "b": -2e-5 * x}, match=match))
    peaks = [0.5, 0.5] if match else [0.25, 0.5]
    np.testing.assert_allclose(first, peaks[0] * x, atol=2**-15)
    np.testing.assert_allclose(second, -peaks[1] * x, atol=2**-15)
    gains = ["+94.0", "+88.0"] if match else ["+88.0", "+88.0"]
    assert re.findall(r"level ([+−][\d.]+) dB", page) == gains


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
    assert re.findall(r"level ([+−][\d.]+) dB", page) == ["−12.0", "−12.0"]


def test_silence_is_played_as_silence():
    x, silence = 0.5 * chirp(), np.zeros(8000)
    for sounds in ({"a": silence, "b": x}, {"b": x, "a": silence}):
        for samples, expected in zip(decoded(players(sounds)), sounds.values(), strict=True):
            np.testing.assert_allclose(samples, expected, atol=2**-16)


def test_listen_leaves_signals_and_pyplot_alone():
    x = 0.5 * chirp()
    x.setflags(write=False)
    before = plt.get_fignums(), dict(plt.rcParams)
    players({"a": x, "b": x})
    assert (plt.get_fignums(), dict(plt.rcParams)) == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"axis": "bark"}, "axis must be one of"),
        ({"bank": BANK, "axis": "bark"}, "axis must be one of"),
        ({"top_db": 0.0}, "top_db must be"),
        ({"bank": MelBank(STFT(sr=16000), 24)}, "bank must have the sampling rate of stft"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        players({"a": chirp()}, **settings)


def test_a_caption_is_text_and_what_cannot_be_drawn_is_named():
    with pytest.raises(TypeError, match="caption must be text or None; got 5"):
        players({"a": chirp()}, caption=5)
    with pytest.raises(ValueError, match=r"sounds\['b'\] cannot be drawn: x must have at least"):
        plot.listen({"a": chirp(), "b": chirp()[:9]}, STFT(8000, 256, 64, center=False))


def test_the_plain_form_names_the_sounds():
    shown = plot.listen({"a": chirp(), "b": chirp()}, GRID)
    assert repr(shown) == "<players: a, b>"


@pytest.mark.parametrize(
    ("sr", "played_sr"),
    [
        (1, 8000),
        (2.5, 8000),
        (100, 8000),
        (3000, 8000),
        (7999, 8000),
        (8000, 8000),
        (11025, 11025),
        (96_000, 96_000),
        (192_000, 96_000),
        (384_000, 96_000),
        (1_000_000, 96_000),
    ],
)
def test_every_rate_becomes_one_that_browsers_play(sr, played_sr):
    """As long as before, with the same sine in it; and the reader is told."""
    n = 200 if sr < 100 else 4000
    x = (0.5 * np.sin(2 * np.pi * 0.02 * np.arange(n))).astype(np.float32)
    page = plot.listen({"sine": x}, STFT(sr, 64, 16))._repr_html_()
    (data,) = re.findall(r'src="data:audio/wav;base64,([^"]+)"', page)
    rate, y = scipy.io.wavfile.read(io.BytesIO(base64.b64decode(data)))
    assert rate == played_sr
    assert len(y) == np.ceil(n * played_sr / sr)
    assert (f"played at {played_sr} Hz" in page) == (sr != played_sr)
    expected = 0.5 * np.sin(2 * np.pi * 0.02 * sr / played_sr * np.arange(len(y)))
    inner = slice(len(y) // 5, -len(y) // 5)  # the filter reaches beyond the ends
    np.testing.assert_allclose(y[inner] / 2**15, expected[inner], atol=2e-3)


@pytest.mark.parametrize(("sr", "n"), [(1.0, 601), (0.5, 50), (1e11, 50)])
def test_a_sound_that_cannot_be_brought_to_such_a_rate_says_so(sr, n):
    page = plot.listen({"long": np.ones(n, np.float32) / 2}, STFT(sr, 64, 16))._repr_html_()
    assert f"{sr:g} Hz, which browsers do not play" in page
