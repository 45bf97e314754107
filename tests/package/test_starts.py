"""Starts that look at the magnitudes, where the phase or the sound is known in closed form."""

import numpy as np
import pytest

from cases import for_every
from specdemo import STFT, clips, invert_spectrogram, load, phase, spectral_convergence
from specdemo.phase.cross_correlation import _choices, _shifted
from untested import is_thorough

N_FFT, HOP, SR = 256, 64, 8000
GRID = STFT(SR, N_FFT, HOP, center=False)
NEW = ["cross_correlation", "spsi", "rtisi_la"]

both_dtypes = for_every(dtype=[np.float32, np.float64])
each_new = for_every(name=NEW)


def tone(f, n=8000, stft=GRID):
    return np.cos(2 * np.pi * f / stft.sr * np.arange(n) + 1)


def start(name, S, stft=GRID, seed=0, **settings):
    """As `invert_spectrogram` calls it: with a maximum of 1."""
    S = S / (S.max() or 1)
    S.setflags(write=False)
    return phase.STARTS[name](S, stft, rng=np.random.default_rng(seed), **settings)


def wrapped(angles):
    return np.angle(np.exp(1j * angles))


def main_lobe(stft, f):
    """The bins next to a frequency: within a bin and a half."""
    return np.flatnonzero(np.abs(stft.frequencies - f) < 1.5 * stft.sr / stft.n_fft)


def lobe_error(name, stft, x, f, frames=slice(5, -5)):
    """Deviation from the true phase, up to one constant, in the main lobe of a steady tone."""
    X = stft.forward(x)
    angles = start(name, np.abs(X), stft)
    turned = (X * np.exp(-1j * angles))[main_lobe(stft, f), frames]
    return np.abs(np.angle(turned * np.conj(turned.sum())))


def resynthesised(name, x, stft):
    return invert_spectrogram(
        stft.magnitude(x), stft, start=name, refine=None, length=len(x), rng=0
    )


def settled_rms(x, length=400):
    """RMS over stretches of `length` samples, the first and last five left out."""
    pieces = x[: len(x) // length * length].reshape(-1, length)[5:-5]
    return np.sqrt(np.mean(pieces**2, axis=1))


def test_what_a_start_can_be_is_said_when_it_is_something_else():
    S = np.ones((GRID.n_bins, 5))
    with pytest.raises(ValueError, match="^start must be .*, or an array of phases; got 'x'$"):
        invert_spectrogram(S, GRID, start="x")
    with pytest.raises(
        ValueError, match=r"^start must have the shape of S, \(129, 5\); got \(129, 4\)$"
    ):
        invert_spectrogram(S, GRID, start=S[:, 1:])


# --- tones -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spsi", "rtisi_la"])
@pytest.mark.parametrize("k", [20, 33])
def test_a_tone_on_a_bin_turns_by_its_frequency(name, k):
    f = k * SR / N_FFT
    angles = start(name, GRID.magnitude(tone(f)))
    advance = np.diff(angles[k, 10:-10])
    np.testing.assert_allclose(wrapped(advance - 2 * np.pi * f * HOP / SR), 0, atol=1e-3)


@pytest.mark.parametrize("f", [1005.0, 1010.0, 1015.625, 1020.0, 1028.0])
def test_spsi_on_a_tone_between_bins(f):
    """A Hann main lobe in dB is nearly a parabola: its vertex is 0.017 bins off at most.

    Per frame that is 0.017 * 2 pi * 64 / 256 = 0.027 radians.
    """
    angles = start("spsi", GRID.magnitude(tone(f)))
    k = round(f / SR * N_FFT)
    advance = np.diff(angles[k, 1:-1])
    np.testing.assert_allclose(wrapped(advance - 2 * np.pi * f * HOP / SR), 0, atol=0.03)


@pytest.mark.parametrize("f", [1005.0, 1015.0, 1024.0])
def test_rtisi_la_on_a_tone_between_bins(f):
    """No model of the peak, but frames that agree: met to 0.02 radians, here 0.4 Hz."""
    angles = start("rtisi_la", GRID.magnitude(tone(f)))
    advance = np.diff(angles[round(f / SR * N_FFT), 10:-10])
    np.testing.assert_allclose(wrapped(advance - 2 * np.pi * f * HOP / SR), 0, atol=0.02)


@pytest.mark.parametrize("middle", [128, 128.5, 85])
def test_spsi_locks_the_main_lobe_for_any_centre_of_the_window(middle):
    """A Gaussian is a parabola in dB, so the whole main lobe is right to rounding and sampling."""
    window = np.exp(-((np.arange(N_FFT) - middle) ** 2) / (2 * (N_FFT / 12) ** 2))
    for f in (1000.0, 1010.0):
        assert lobe_error("spsi", STFT(SR, N_FFT, HOP, window=window), tone(f), f).max() < 0.02


@pytest.mark.parametrize("name", ["spsi", "rtisi_la"])
@pytest.mark.parametrize(
    "stft",
    [GRID, STFT(SR, 255, 64), STFT(SR, 256, 60), STFT(SR, 256, 50, window="blackman")],
    ids=["hann", "odd n_fft", "hop does not divide", "blackman"],
)
def test_the_main_lobe_is_locked_on_every_grid(name, stft):
    f = 32 * SR / stft.n_fft
    assert lobe_error(name, stft, tone(f), f, slice(10, -10)).max() < 0.1


def test_spsi_keeps_partials_apart():
    """Two tones far from each other: each has its own constant, and its own frequency."""
    x = tone(750.0) + 0.3 * tone(2500.0)
    for f in (750.0, 2500.0):
        assert lobe_error("spsi", GRID, x, f).max() < 0.1


def test_spsi_follows_a_glide():
    """The phase of a linear chirp is quadratic, for which the mean of two slopes is exact.

    With the frequency of the new frame alone, each frame would turn too far by half the change of
    frequency over a hop: together, half the whole change over a hop, or 25 radians here.
    """
    t = np.arange(8000) / SR
    X = GRID.forward(np.cos(2 * np.pi * (1000 * t + 500 * t**2)))
    angles = start("spsi", np.abs(X))
    ridge = np.abs(X).argmax(axis=0), np.arange(X.shape[1])
    drift = np.unwrap(np.angle(X[ridge] * np.exp(-1j * angles[ridge])))
    assert np.ptp(drift) < 0.5


@pytest.mark.parametrize("n_fft", [N_FFT, N_FFT - 1])
@pytest.mark.parametrize("period", [8, 20, 40, 50])
def test_cross_correlation_joins_a_tone_without_a_wobble(period, n_fft):
    """A period of whole samples, not longer than a hop, can be joined: a quarter dB is left.

    It comes from the frames' envelopes, which are shifted, too.
    """
    x = tone(SR / period)
    rms = settled_rms(resynthesised("cross_correlation", x, STFT(SR, n_fft, HOP)))
    np.testing.assert_allclose(rms, np.sqrt(0.5), rtol=0.03)


def test_cross_correlation_joins_the_pulses_of_a_voice():
    """Ten partials in step every 50 samples come out as they went in."""
    x = sum(tone(k * SR / 50) for k in range(1, 11)) / 10
    S = GRID.magnitude(x)
    y = resynthesised("cross_correlation", x, GRID)
    assert spectral_convergence(S[:, 5:-5], GRID.magnitude(y)[:, 5:-5]) < -25


def test_cross_correlation_ends_where_no_sound_can_follow():
    """Centred frames reach beyond the end; there the waveform is silent, as `inverse` has it."""
    stft = STFT(SR, N_FFT, HOP)
    S = stft.magnitude(tone(300, 4000))
    n_frames = S.shape[1]
    longest = max(n for n in range(3900, 4100) if stft.n_frames(n) == n_frames)
    x = stft.inverse(_shifted(S, stft), length=longest)
    angles = start("cross_correlation", S, stft)
    np.testing.assert_allclose(
        S * np.exp(1j * angles), S * np.exp(1j * np.angle(stft.forward(x))), atol=1e-6 * S.max()
    )


def test_cross_correlation_builds_the_last_frame_whole():
    """Cut in its middle, as far as a signal must reach, its main lobe would be .8 radians off."""
    stft = STFT(SR, N_FFT, HOP)
    S = stft.magnitude(tone(32 * SR / N_FFT))[:, 20:60]
    advance = np.diff(start("cross_correlation", S, stft)[31:34, -2:], axis=1)
    assert np.abs(wrapped(advance - 2 * np.pi * 32 * HOP / N_FFT)).max() < 0.4


@pytest.mark.parametrize("hop_length", [4, 5])
def test_cross_correlation_tries_every_delay_within_half_a_hop(hop_length):
    stft = STFT(SR, 16, hop_length)
    delays = _choices(stft) - 8
    assert sorted(delays) == [-2, -1, 0, 1, 2]
    assert (np.diff(np.abs(delays)) >= 0).all()


def test_cross_correlation_moves_no_frame_by_more_than_half_a_hop():
    """A single impulse: the energy stays within half a window and half a hop of its place."""
    x = np.zeros(2000)
    x[1000] = 1
    y = resynthesised("cross_correlation", x, STFT(SR, N_FFT, HOP))
    far = np.abs(np.arange(2000) - 1000) > N_FFT / 2 + HOP / 2
    assert np.sum(y[far] ** 2) < 1e-3 * np.sum(y**2)


@each_new
@for_every(center=[128, 85])
def test_a_flat_spectrum_is_an_impulse_at_the_windows_centre(name, center):
    """Without anything that came before, all partials are in step there."""
    window = np.exp(-((np.arange(N_FFT) - center) ** 2) / (2 * (N_FFT / 16) ** 2))
    stft = STFT(SR, N_FFT, HOP, window=window, center=False)
    expected = np.exp(-2j * np.pi * center / N_FFT * np.arange(GRID.n_bins))
    angles = start(name, np.ones((GRID.n_bins, 1)), stft)[:, 0]
    np.testing.assert_allclose(np.exp(1j * angles), expected, atol=1e-6)


# --- silence and other edges -----------------------------------------------------------------


@both_dtypes
@each_new
@for_every(where=[slice(0, 3000), slice(3000, 5000), slice(5000, None)])
def test_sound_comes_back_after_digital_silence(name, where, dtype):
    """Shifts and first guesses may cost something at the edge; nothing is lost inside."""
    x = tone(1000.0).astype(dtype)
    x[where] = 0
    y = resynthesised(name, x, STFT(SR, N_FFT, HOP))
    assert y.dtype == dtype
    heard = settled_rms(x) > 0.7
    np.testing.assert_allclose(settled_rms(y)[heard], np.sqrt(0.5), rtol=0.05)
    assert np.abs(y[where][N_FFT:-N_FFT]).max() < 1e-6


@both_dtypes
@each_new
@for_every(
    sizes=[(256, 64), (255, 64), (256, 100), (64, 1), (2, 1)],
    window=["hann", "blackman", "boxcar"] if is_thorough() else ["hann", "boxcar"],
    center=[True, False],
    n_frames=[1, 2, 5, 9] if is_thorough() else [1, 2, 9],
)
def test_every_grid_gives_finite_wrapped_phases(name, dtype, sizes, window, center, n_frames, rng):
    if sizes == (2, 1) and window == "blackman":  # it is zero at both of two samples
        return
    stft = STFT(SR, *sizes, window=window, center=center)
    S = rng.random((stft.n_bins, n_frames)).astype(dtype)
    S[:, n_frames // 2] = 0
    S[stft.n_bins // 3 : stft.n_bins // 2] = 0
    for values in (S, np.ones_like(S), np.zeros_like(S)):
        angles = start(name, values, stft)
        assert angles.shape == S.shape
        assert angles.dtype == dtype
        assert np.abs(angles).max() <= np.float32(np.pi)


@each_new
def test_nothing_is_random(name, rng):
    S = rng.random((GRID.n_bins, 20))
    np.testing.assert_array_equal(start(name, S, seed=1), start(name, S, seed=2))


@each_new
def test_memory_layout_does_not_matter(name, rng):
    S = rng.random((GRID.n_bins, 20))
    np.testing.assert_array_equal(start(name, S), start(name, np.asfortranarray(S)))


@each_new
def test_the_past_is_settled_before_the_future_is_heard(name, rng):
    """Frame by frame: what comes later changes nothing, but for RTISI-LA's three frames ahead."""
    S = rng.random((GRID.n_bins, 30))
    longer = np.hstack([S, rng.random((GRID.n_bins, 10))])
    # The transform of cross_correlation's result sees every frame that overlaps.
    ahead = {"spsi": 0, "rtisi_la": 3, "cross_correlation": 3}[name]
    settled = slice(0, 30 - ahead)
    one, two = start(name, S)[:, settled], start(name, longer)[:, settled]
    np.testing.assert_allclose(np.exp(1j * one), np.exp(1j * two), atol=1e-9)


def test_spsi_is_the_same_across_blocks_of_frames():
    """A steady tone of many blocks keeps its advance where one block ends and the next begins."""
    angles = start("spsi", GRID.magnitude(tone(1000.0, 30000)).astype(np.float32))
    advance = wrapped(np.diff(angles[32].astype(float)) - 2 * np.pi * 1000 * HOP / SR)
    np.testing.assert_allclose(advance, 0, atol=1e-3)


# --- convergence -----------------------------------------------------------------------------


def reached(name, clip, **settings):
    x, sr = load(clip, duration=3.0)
    stft = STFT(sr=sr)
    S = stft.magnitude(x)
    angles = start(name, S, stft, **settings)
    y = invert_spectrogram(S, stft, start=angles, refine=None, length=len(x))
    return spectral_convergence(S, stft.magnitude(y))


@pytest.mark.parametrize("clip", clips())
def test_better_starts_are_better(clip):
    """Random phases cancel: -4 dB on anything. Each start knows something more.

    SPSI and cross-correlation are up to 5 dB apart, and which is ahead depends on the clip: tones
    that no common period binds need SPSI. RTISI-LA iterates, and is 12 dB or more ahead of both.
    """
    level = {name: reached(name, clip) for name in ("random", *NEW)}
    assert level["random"] == pytest.approx(-4, abs=0.8)
    assert level["cross_correlation"] < level["random"] - 4
    assert level["spsi"] < level["random"] - 4
    assert level["rtisi_la"] < min(level["cross_correlation"], level["spsi"]) - 9


@pytest.mark.parametrize(
    ("name", "speech", "music"),
    [("cross_correlation", -15, -10.5), ("spsi", -14, -15), ("rtisi_la", -30, -27)],
)
def test_convergence_on_speech_and_music(name, speech, music):
    """One to three dB of margin, as rounding on another machine can tip a decision."""
    assert reached(name, "speech") < speech
    assert reached(name, "music") < music


def test_rtisi_la_as_published_and_with_momentum():
    """Zhu et al. 2007 have no momentum; more frames ahead and more iterations help, as there."""
    plain = reached("rtisi_la", "speech", momentum=0)
    assert plain < -26
    assert reached("rtisi_la", "speech") < plain - 1
    assert reached("rtisi_la", "speech", momentum=0, look_ahead=0) > plain + 3
    assert reached("rtisi_la", "speech", momentum=0, n_inner=4) > plain + 1
