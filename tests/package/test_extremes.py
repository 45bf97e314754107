"""The ends of what signals can be: finite results, the right ones, and in the right dtype."""

import wave

import numpy as np
import pytest

import specdemo as sd
from cases import for_every
from memory import traced_memory
from specdemo import STFT, MelBank, Staircase

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
BANK = MelBank(GRID, 20)

both_dtypes = for_every(dtype=[np.float32, np.float64])
every_start = for_every(start=sd.phase.STARTS)
every_refinement = for_every(refine=sd.phase.REFINEMENTS)


def tolerance(dtype, factor=1000):
    return factor * float(np.finfo(dtype).eps)


def noise(n, dtype=np.float64, seed=7):
    return np.random.default_rng(seed).uniform(-1, 1, n).astype(dtype)


def assert_sound(x, dtype, shape):
    assert x.dtype == dtype
    assert x.shape == shape
    assert np.isfinite(x).all()


# --- few samples -----------------------------------------------------------------------------


@both_dtypes
@for_every(n=[1, 2, 3, 63, 64, 65, 255, 256, 257])
def test_shorter_than_a_frame_and_back(dtype, n):
    x = noise(n, dtype)
    X = GRID.forward(x)
    assert X.shape == (129, 1 + n // 64)
    y = GRID.inverse(X, length=n)
    assert_sound(y, dtype, (n,))
    np.testing.assert_allclose(y, x, atol=tolerance(dtype))


@both_dtypes
def test_the_transform_of_one_sample(dtype):
    """An impulse in the middle of its frame: the window there, with alternating signs."""
    X = GRID.forward(np.array([0.5], dtype))
    expected = 0.5 * (-1.0) ** np.arange(129)
    np.testing.assert_allclose(X[:, 0], expected, atol=tolerance(dtype))


@both_dtypes
@every_start
@every_refinement
def test_one_frame_is_inverted(dtype, start, refine):
    """Of a single sample: its magnitude is flat, and the sample comes back from one start at least.

    Whatever the phases, no more energy can come back than went in.
    """
    S = GRID.magnitude(np.array([0.5], dtype))
    x = sd.invert_spectrogram(S, GRID, start=start, refine=refine, n_iter=10, length=1, rng=0)
    assert_sound(x, dtype, (1,))
    assert abs(x[0]) <= 0.5 * (1 + tolerance(dtype))


@both_dtypes
@for_every(n=[1, 63, 257])
def test_every_step_of_a_short_sound(dtype, n):
    stairs = Staircase(GRID, BANK, shorten=3, n_mfcc=5)
    x = noise(n, dtype)
    for level, value in stairs.down(x).items():
        assert_sound(stairs.up(level, value, n_iter=2, length=n, rng=0), dtype, (n,))
    for row in stairs.budget(x, n_iter=2, rng=0):
        assert np.isfinite([row.convergence, row.log_spectral_distance, row.log_mel_distance]).all()


@pytest.mark.parametrize("n", [1, 2])
def test_filters_of_a_short_sound(n):
    """The first sample of a causal filter's response is its first coefficient times the input."""
    x = np.ones(n)
    assert_sound(sd.bandpass(x, 8000, 500, 2000), np.float64, (n,))
    np.testing.assert_allclose(
        sd.bandpass(2 * x, 8000, 500, 2000), 2 * sd.bandpass(x, 8000, 500, 2000)
    )
    assert sd.resample(x, 8000, 16000).shape == (2 * n,)


# --- very loud, very quiet -------------------------------------------------------------------

LEVELS = [1e-45, 1e-40, 1e-30, 1e-12, 1e12, 1e30]


@both_dtypes
@for_every(level=LEVELS)
def test_the_transform_of_any_level_is_in_proportion(dtype, level):
    """Subnormal numbers, 1e-38 and less in single precision, have few digits, or none."""
    x = noise(2000, dtype)
    scaled = (np.float64(level) * x).astype(dtype)
    y = GRID.inverse(GRID.forward(scaled), length=2000)
    assert_sound(y, dtype, (2000,))
    step = float(np.finfo(dtype).smallest_subnormal)
    np.testing.assert_allclose(y, scaled, rtol=0, atol=tolerance(dtype) * level + 300 * step)
    reference = GRID.magnitude(x).astype(np.float64) * level
    np.testing.assert_allclose(
        GRID.magnitude(scaled),
        reference,
        rtol=0,
        atol=tolerance(dtype) * reference.max() + 3000 * step,
    )


@both_dtypes
@every_start
@for_every(level=[1e-36, 1e-30, 1e30, 1e32])
def test_phases_do_not_depend_on_the_level(dtype, start, level):
    """Nor does the sound that comes back, save for its level."""
    S = GRID.magnitude(noise(1000, dtype))
    scaled = S * dtype(level)
    phase = sd.phase.STARTS[start](scaled, GRID, rng=0)
    assert_sound(phase, dtype, S.shape)
    x = sd.invert_spectrogram(scaled, GRID, start=start, n_iter=4, length=1000, rng=0)
    assert_sound(x, dtype, (1000,))
    # Rounding may turn a spanning tree or a peak over: compare how good it is, not the samples.
    normal = sd.invert_spectrogram(S / S.max(), GRID, start=start, n_iter=4, length=1000, rng=0)
    reached = sd.spectral_convergence(scaled, GRID.magnitude(x))
    assert reached == pytest.approx(
        sd.spectral_convergence(S / S.max(), GRID.magnitude(normal)), abs=1
    )


@both_dtypes
@for_every(level=[1e-45, 1e-40, 1e-30, 1e30], method=["em", "nnls", "pinv", "transpose"])
def test_bands_of_any_level(dtype, level, method):
    M = np.maximum(BANK.forward(GRID.magnitude(noise(1000, dtype))) * dtype(level), 0)
    S = BANK.inverse(M, method=method)
    assert_sound(S, dtype, (129, 16))
    assert S.min() >= 0
    if level > 1e-38:  # below, single precision has hardly any digits
        back = BANK.forward(S)
        assert sd.spectral_convergence(M, back) < (0 if method == "transpose" else -3)
    x = sd.invert_mel(M, BANK, n_iter=2, length=1000, rng=0)
    assert_sound(x, dtype, (1000,))


@both_dtypes
@for_every(level=LEVELS)
def test_measures_of_any_level(dtype, level):
    """A tenth off is -20 dB, and twice the amplitude 6.02 dB, wherever that can be stored."""
    S = np.full((3, 4), level, dtype)
    complex_S = S * np.exp(1j * np.arange(4)).astype(np.result_type(dtype, np.complex64))
    for value in (S, complex_S):
        assert np.isfinite(sd.spectral_convergence(value, value * dtype(1.1)))
        if level > 1e-38 or dtype == np.float64:
            got = sd.spectral_convergence(value, value * dtype(1.1))
            assert got == pytest.approx(-20, abs=1e-3)
        assert sd.spectral_convergence(value, value) == -320
    # Doubling is exact, down to the smallest number of all.
    assert sd.log_spectral_distance(S, 2 * S) == pytest.approx(20 * np.log10(2))


def test_measures_between_the_ends_of_all_numbers():
    tiny, huge = np.full((2, 2), 5e-324), np.full((2, 2), 1.7e308)
    assert sd.log_spectral_distance(tiny, huge) == pytest.approx(20 * np.log10(np.finfo(float).max))
    assert sd.spectral_convergence(tiny, huge) == 320
    assert sd.spectral_convergence(huge * (1 + 1j) / 2, huge * (1 + 1j)) == pytest.approx(0)


@both_dtypes
@for_every(level=LEVELS)
def test_short_frames_of_any_level(dtype, level):
    """The geometric mean of equal amplitudes is that amplitude."""
    M = np.full((3, 10), level, dtype)
    np.testing.assert_allclose(sd.shorten(M, 3), M[:, :4], rtol=tolerance(dtype))
    np.testing.assert_allclose(sd.lengthen(M[:, :4], 3, n_frames=10), M, rtol=tolerance(dtype))


@both_dtypes
def test_what_would_leave_the_range_is_refused(dtype):
    """Named, rather than returned as infinities."""
    largest = np.finfo(dtype).max
    x = np.full(1000, largest)
    with pytest.raises(ValueError, match="x must stay within"):
        GRID.forward(x)
    with pytest.raises(ValueError, match="X is too large"):
        GRID.inverse(np.full((129, 5), largest * (1 + 0j)), length=300)
    with pytest.raises(ValueError, match="M is too large"):
        BANK.inverse(np.full((20, 5), largest))
    with pytest.raises(ValueError, match="x must stay within"):
        list(GRID.stream(x))


# --- silence ---------------------------------------------------------------------------------


@both_dtypes
@every_start
@every_refinement
def test_silence_in_the_middle_stays_silent(dtype, start, refine):
    """Sounds in front and behind come back; between them, where all frames are zero, nothing is."""
    x = noise(3000, dtype)
    x[800:2200] = 0
    S = GRID.magnitude(x)
    silent = slice(800 + 256, 2200 - 256)
    assert not S[:, 15:30].any()
    y = sd.invert_spectrogram(S, GRID, start=start, refine=refine, n_iter=10, length=3000, rng=0)
    assert_sound(y, dtype, (3000,))
    assert np.abs(y[silent]).max() <= 1e-3 * np.abs(y).max()
    assert np.sqrt(np.mean(y[:800] ** 2)) > 0.1
    assert np.sqrt(np.mean(y[2200:] ** 2)) > 0.1


@both_dtypes
def test_bands_with_silence_in_the_middle(dtype):
    x = noise(3000, dtype)
    x[800:2200] = 0
    y = sd.invert_mel(BANK.forward(GRID.magnitude(x)), BANK, n_iter=10, length=3000, rng=0)
    assert_sound(y, dtype, (3000,))
    assert np.abs(y[1100:1900]).max() <= 1e-3 * np.abs(y).max()


# --- many channels, high rates, long sounds --------------------------------------------------


@both_dtypes
def test_64_channels_are_64_times_one(dtype, tmp_path):
    x = 0.9 * noise((64, 600), dtype)
    X = GRID.forward(x)
    assert X.shape == (64, 129, 10)
    np.testing.assert_array_equal(X[63], GRID.forward(x[63]))
    S = np.abs(X)
    M = BANK.forward(S)
    y = sd.invert_spectrogram(S, GRID, start="spsi", n_iter=2, length=600, rng=0)
    assert_sound(y, dtype, (64, 600))
    alone = sd.invert_spectrogram(S[63], GRID, start="spsi", n_iter=2, length=600, rng=0)
    np.testing.assert_array_equal(y[63], alone)
    assert_sound(sd.invert_mel(M, BANK, n_iter=1, length=600, rng=0), dtype, (64, 600))
    np.testing.assert_array_equal(sd.shorten(M, 3)[63], sd.shorten(M[63], 3))
    sd.save(tmp_path / "many.wav", x, 8000)
    back, _ = sd.load(tmp_path / "many.wav", mono=False)
    np.testing.assert_allclose(back, x, atol=1 / 2**15)


def test_192_khz(tmp_path):
    """A tone at 80 kHz, out of everybody's hearing, is found there, and again after its way back."""
    sr = 192_000
    x = 0.5 * np.sin(2 * np.pi * 80_000 / sr * np.arange(sr // 4))
    sd.save(tmp_path / "high.wav", x, sr)
    x, found = sd.load(tmp_path / "high.wav")
    assert found == sr
    stft = STFT(sr, n_fft=2048, hop_length=512)
    S = stft.magnitude(x)
    width = sr / 2048
    assert abs(stft.frequencies[S[:, 20].argmax()] - 80_000) <= width
    bank = MelBank(stft, 80)
    assert bank.center_frequencies[bank.forward(S)[:, 20].argmax()] == pytest.approx(
        80_000, rel=0.05
    )
    y = sd.invert_spectrogram(S, stft, n_iter=10, length=len(x), rng=0)
    assert abs(stft.frequencies[stft.magnitude(y)[:, 20].argmax()] - 80_000) <= width
    low, _ = sd.load(tmp_path / "high.wav", sr=22050)
    assert np.abs(low[1000:-1000]).max() < 1e-4


def test_an_hour_in_the_memory_of_a_block(tmp_path):
    """Written and read piece by piece: the memory is that of ten seconds, not of 3600.

    At 8 kHz: 58 MB of samples, 115 MB as floats, and 460 MB as magnitudes at this hop.
    """
    sr, seconds, tone = 8000, 3600, 1000
    second = np.round(16000 * np.sin(2 * np.pi * tone / sr * np.arange(sr))).astype("<i2").tobytes()
    with wave.open(str(tmp_path / "hour.wav"), "wb") as file:
        file.setparams((1, 2, sr, 0, "NONE", ""))
        for _ in range(seconds):
            file.writeframes(second)
    stft = STFT(sr, n_fft=1024, hop_length=512)
    bank = MelBank(stft, 40)
    n_frames, loudest = 0, set()
    with traced_memory() as memory:
        sounds, _ = sd.load_blocks(tmp_path / "hour.wav")
        for X in stft.stream(sounds):
            D = sd.amplitude_to_db(bank.forward(np.abs(X)), top_db=None)
            n_frames += D.shape[1]
            loudest |= set(D.argmax(axis=0).tolist())
    assert n_frames == stft.n_frames(sr * seconds)
    assert loudest == {int(np.abs(bank.center_frequencies - tone).argmin())}
    print(f"an hour at {sr} Hz: {memory.peak / 1e6:.1f} MB")
    assert memory.peak < 30e6


@both_dtypes
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(("n_fft", "hop_length"), [(2, 1), (3, 1), (3, 2), (8191, 2000)])
def test_the_smallest_and_odd_grids(dtype, n_fft, hop_length, center):
    stft = STFT(8000, n_fft, hop_length, window="hamming", center=center)
    x = noise(n_fft + 40, dtype)
    y = stft.inverse(stft.forward(x), length=n_fft if not center else None)
    np.testing.assert_allclose(y, x[: len(y)], atol=tolerance(dtype, 1e5))
