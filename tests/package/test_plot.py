"""Figures against stored pictures, and what they and the players hold, read from the objects."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from signals import chirp
from specdemo import STFT, MelBank, plot, shorten

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
BANK = MelBank(GRID, 24)

# RMS over pixels of 0 to 255. Measured at this size: 3 dB of level are 4.5, 10 dB of range 11, a
# picture half a pixel off 11 to 14, another axis 56. The versions are pinned, so that 4 is enough
# for the fonts and rounding of another machine and refuses all of these.
picture = pytest.mark.mpl_image_compare(
    baseline_dir="baseline",
    style=plot.STYLE,
    remove_text=True,
    tolerance=4,
    savefig_kwargs={"dpi": 60},
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def axes():
    return plt.figure(figsize=(4, 2)).subplots()


# --- pictures --------------------------------------------------------------------------------


@picture
def test_picture_of_a_waveform():
    return plot.waveform(chirp(), 8000, ax=axes()).figure


@picture
@pytest.mark.parametrize("axis", plot.AXES)
def test_picture_of_a_spectrogram(axis):
    return plot.spectrogram(GRID.magnitude(chirp()), GRID, ax=axes(), axis=axis).figure


@picture
@pytest.mark.parametrize("factor", [1, 5])
def test_picture_of_a_mel_spectrogram(factor):
    M = shorten(BANK.forward(GRID.magnitude(chirp())), factor)
    return plot.mel_spectrogram(M, BANK, ax=axes(), factor=factor).figure


# --- axes ------------------------------------------------------------------------------------


def test_waveform_is_drawn_over_seconds():
    x = chirp()
    ax = plot.waveform(x, 8000, ax=axes(), start=2.0, label="a chirp")
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
    ax = plot.spectrogram(GRID.magnitude(chirp()), GRID, ax=axes(), axis=axis)
    assert ax.get_yscale() == scale
    assert ax.get_ylim() == (low, 4000)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "frequency (Hz)")


def test_frames_lie_at_their_times():
    """Cells are centred on the frames: half a hop more on either side."""
    S = GRID.magnitude(chirp())
    ax = plot.spectrogram(S, GRID, ax=axes())
    half = 64 / 8000 / 2
    assert ax.get_xlim() == pytest.approx((-half, GRID.times(S.shape[1])[-1] + half))


@pytest.mark.parametrize("factor", [1, 5, 2.5])
def test_a_shortened_mel_spectrogram_covers_the_same_time(factor):
    """Frames that all stand for `factor` frames: 250 of them, half a hop before to after."""
    M = shorten(np.ones((24, 250)), factor)
    ax = plot.mel_spectrogram(M, BANK, ax=axes(), factor=factor)
    hop = 64 / 8000
    assert ax.get_xlim() == pytest.approx((-hop / 2, 249.5 * hop))


def test_mel_axis_spans_the_bank_in_hz():
    bank = MelBank(GRID, 10, fmin=100, fmax=3000, scale="htk")
    ax = plot.mel_spectrogram(np.ones((10, 9)), bank, ax=axes())
    assert ax.get_ylim() == (100, 3000)
    assert list(ax.get_yticks()) == [125, 250, 500, 1000, 2000]


def test_mel_rows_are_evenly_high():
    ax = plot.mel_spectrogram(np.ones((24, 9)), BANK, ax=axes())
    tips = ax.transData.transform([(0, f) for f in BANK.center_frequencies])[:, 1]
    np.testing.assert_allclose(np.diff(tips), np.diff(tips)[0], rtol=1e-9)


@pytest.mark.parametrize("top_db", [40.0, 80.0])
def test_colours_are_db_below_the_loudest(top_db):
    S = np.zeros((129, 4))
    S[0] = 2.0
    S[1] = 0.2
    ax = plot.spectrogram(S, GRID, ax=axes(), top_db=top_db)
    image = ax.collections[0]
    assert image.get_clim() == (-top_db, 0)
    levels = np.asarray(image.get_array()).reshape(129, 4)
    np.testing.assert_allclose(levels[:3, 0], [0, -20, -top_db], atol=1e-12)


def test_a_shared_reference_keeps_levels_comparable():
    S = np.full((129, 4), 0.1)
    ax = plot.spectrogram(S, GRID, ax=axes(), ref=1.0)
    np.testing.assert_allclose(ax.collections[0].get_array(), -20, atol=1e-12)


@pytest.mark.parametrize("n_frames", [1, 5])
def test_silence_and_single_frames_are_drawn(n_frames):
    for S in (np.zeros((129, n_frames)), np.ones((129, n_frames), np.float32)):
        plot.spectrogram(S, GRID, ax=axes()).figure.canvas.draw()
    plot.mel_spectrogram(np.zeros((24, n_frames)), BANK, ax=axes()).figure.canvas.draw()


def test_a_single_frame_or_band_has_its_width():
    """The cells cover the frame's hop, or the frames that it stands for, and the whole of the axis."""
    hop = GRID.hop_length / GRID.sr
    one_band, ends = MelBank(GRID, 1), BANK.edges[[0, -1]]
    for ax, width, bottom, top in (
        (plot.spectrogram(np.ones((129, 1)), GRID, ax=axes()), hop, 0, GRID.sr / 2),
        (plot.spectrogram(np.ones((129, 1)), GRID, ax=axes(), axis="mel"), hop, 0, GRID.sr / 2),
        (plot.mel_spectrogram(np.ones((24, 1)), BANK, ax=axes(), factor=7), 7 * hop, *ends),
        (plot.mel_spectrogram(np.ones((1, 5)), one_band, ax=axes()), 5 * hop, *ends),
        (plot.mel_spectrogram(np.ones((1, 1)), one_band, ax=axes()), hop, *ends),
    ):
        corners = ax.collections[0].get_coordinates()
        np.testing.assert_allclose(np.ptp(corners[..., 0]), width)
        np.testing.assert_allclose(corners[[0, -1], 0, 1], [bottom, top], atol=1e-9)
        np.testing.assert_allclose(np.ptp(ax.get_xlim()), width)


def test_slips_of_the_caller_are_named():
    S = np.ones((129, 4))
    with pytest.raises(TypeError, match="ax must be of the type Axes"):
        plot.spectrogram(S, GRID, ax=plt.subplots(2)[1])
    with pytest.raises(TypeError, match="ax must be of the type Axes"):
        plot.waveform(chirp(), 8000, ax=plt.figure())
    with pytest.raises(TypeError, match="title must be text or None"):
        plot.spectrogram(S, GRID, ax=axes(), title=np.ones(2))
    line = plot.waveform(chirp(), 8000, ax=axes(), lw=2).lines[0]
    assert line.get_linewidth() == 2


def test_title_and_colorbar():
    S = GRID.magnitude(chirp())
    ax = plot.spectrogram(S, GRID, ax=axes(), title="a chirp")
    assert ax.get_title(loc="left") + ax.get_title() == "a chirp"
    assert [a.get_ylabel() for a in ax.figure.axes] == ["frequency (Hz)", "level (dB)"]
    assert len(plot.spectrogram(S, GRID, ax=axes(), colorbar=False).figure.axes) == 1


def test_the_current_axes_are_the_default():
    figure = plt.figure()
    assert plot.waveform(chirp(), 8000).figure is figure


def luminance(color):
    """Relative luminance (WCAG 2.2)."""
    c = np.array(to_rgb(color))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ (
        0.2126,
        0.7152,
        0.0722,
    )


def test_the_style_can_be_read_by_day_and_by_night():
    """The ground is transparent; words have a contrast of at least 4, lines of 2, on both pages."""
    style = matplotlib.rc_params_from_file(plot.STYLE, use_default_template=False)
    assert style["figure.facecolor"] == style["axes.facecolor"] == "none"
    words = {name: style[name] for name in style if name.endswith("color") and "face" not in name}
    lines = {color: color for color in style["axes.prop_cycle"].by_key()["color"]}
    for colors, least in ((words, 4), (lines, 2)):
        assert colors
        for name, color in colors.items():
            for page in ("#ffffff", "#121212"):
                dark, light = sorted((luminance(color), luminance(page)))
                assert (light + 0.05) / (dark + 0.05) >= least, (name, page)


def test_use_style_is_the_style_of_the_book():
    with plt.rc_context():
        plot.use_style()
        assert plt.rcParams["axes.titlelocation"] == "left"


# --- a corpus --------------------------------------------------------------------------------


class Counted:
    """What `plot.corpus` asks of features: three bands, whose numbers are known."""

    fmt = type("Format", (), {"bank": MelBank(GRID, 3)})

    def levels(self):
        counts = np.zeros((3, 256), int)
        counts[0, 10:110] = 1  # evenly from 10 to 109
        counts[1, 50] = 7
        counts[2, [20, 200]] = 50
        return np.arange(256.0), counts


def test_a_corpus_is_drawn_with_its_percentiles():
    ax = plot.corpus(Counted(), ax=axes())
    lines = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert lines == {
        "5 % below": [14, 50, 20],
        "50 % below": [59, 50, 20],
        "95 % below": [104, 50, 200],
    }
    assert ax.get_ylim() == (10, 200)
    (mesh,) = ax.collections
    shares = mesh.get_array().reshape(3, 256)
    assert shares[1, 50] == 100
    assert shares.sum(axis=1).tolist() == pytest.approx([100, 100, 100])
    assert ax.figure.axes[-1].get_ylabel() == "frames (%)"
    ticks = dict(zip((t.get_text() for t in ax.get_xticklabels()), ax.get_xticks(), strict=True))
    centres = Counted.fmt.bank.center_frequencies
    assert np.interp(ticks["1000"], range(3), centres) == pytest.approx(1000)


def test_a_corpus_of_one_band_has_its_width():
    class One(Counted):
        fmt = type("Format", (), {"bank": MelBank(GRID, 1)})

        def levels(self):
            values, counts = super().levels()
            return values, counts[:1]

    ax = plot.corpus(One(), ax=axes())
    assert np.ptp(ax.collections[0].get_coordinates()[..., 0]) == 1
    lines = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert lines == {"5 % below": [14, 14], "50 % below": [59, 59], "95 % below": [104, 104]}


def test_a_corpus_of_nothing_is_refused():
    class Nothing(Counted):
        def levels(self):
            values, counts = super().levels()
            return values, 0 * counts

    with pytest.raises(ValueError, match="features must have frames"):
        plot.corpus(Nothing(), ax=axes())
