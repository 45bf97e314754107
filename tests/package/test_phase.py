"""Starting guesses and refinements, where the phase is known in closed form."""

import sys

import numpy as np
import pytest

from cases import for_every
from specdemo import STFT, phase
from specdemo.phase.pghi import TOLERANCE, phase_gradient, window_shape

# A Gaussian window: for it PGHI is a theorem, up to sampling and the cut at 4 to 5 sigma.
N_FFT, HOP, SR = 256, 32, 8000
GAUSS = STFT(SR, N_FFT, HOP, window=("gaussian", N_FFT / 9), center=False)

both_dtypes = for_every(dtype=[np.float32, np.float64])


def noise(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def chirp(f0, f1, n):
    t = np.arange(n) / SR
    return np.cos(2 * np.pi * (f0 * t + (f1 - f0) * t**2 / (2 * n / SR)))


def phase_error(stft, x, floor_db=-40, frames=slice(None)):
    """Deviation in radians from the true phase, up to one constant, where the sound is audible."""
    X = stft.forward(x)[:, frames]
    S = np.abs(X)
    turned = X * np.exp(-1j * phase.pghi(S, stft, rng=np.random.default_rng(0)))
    heard = S > S.max() * 10 ** (floor_db / 20)
    return np.abs(np.angle(turned[heard] * np.conj(turned.sum())))


# --- starts ----------------------------------------------------------------------------------


@both_dtypes
@pytest.mark.parametrize("name", phase.STARTS)
def test_starts_give_phases_of_the_shape_and_precision_of_s(name, dtype, rng):
    S = np.abs(noise((GAUSS.n_bins, 9))).astype(dtype)
    before = S.copy()
    S.setflags(write=False)
    angles = phase.STARTS[name](S, GAUSS, rng=rng)
    assert angles.shape == S.shape
    assert angles.dtype == dtype
    assert np.isfinite(angles).all()
    np.testing.assert_array_equal(S, before)


@pytest.mark.parametrize("name", phase.STARTS)
def test_a_wrong_number_of_bins_is_named(name):
    with pytest.raises(
        ValueError, match=r"^S must have 129 bins along axis 0; got shape \(7, 3\)$"
    ):
        phase.STARTS[name](np.ones((7, 3)), GAUSS, rng=0)


def test_zero_is_zero(rng):
    assert not phase.zero(np.ones((GAUSS.n_bins, 3)), GAUSS, rng=rng).any()


def test_random_phases_fill_the_circle_evenly(rng):
    """N unit vectors add up to about sqrt(N); four times that is one chance in 10^7."""
    angles = phase.random(np.ones((GAUSS.n_bins, 155)), GAUSS, rng=rng)
    assert np.abs(angles).max() <= np.pi
    for harmonic in (1, 2, 3):
        assert np.abs(np.exp(1j * harmonic * angles).sum()) < 4 * np.sqrt(angles.size)


@pytest.mark.parametrize("name", phase.STARTS)
def test_the_same_seed_gives_the_same_phases(name):
    S = np.abs(noise((GAUSS.n_bins, 9)))
    one, two = (phase.STARTS[name](S, GAUSS, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


# --- PGHI ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [12.0, 20.0])
@pytest.mark.parametrize("middle", [128, 100.5])
def test_shape_of_a_gaussian(sigma, middle):
    """exp(-t^2 / (2 sigma^2)) = exp(-pi t^2 / gamma): gamma = 2 pi sigma^2."""
    window = np.exp(-((np.arange(256) - middle) ** 2) / (2 * sigma**2))
    center, gamma = window_shape(STFT(SR, 256, 32, window=window))
    assert center == pytest.approx(middle, rel=1e-6)
    assert gamma == pytest.approx(2 * np.pi * sigma**2, rel=1e-6)


@pytest.mark.parametrize("n_fft", [256, 255])
def test_shape_of_hann(n_fft):
    """Prusa et al. 2017 give 0.25645 n_fft^2 for a Hann window, fitted in another way."""
    center, gamma = window_shape(STFT(22050, n_fft=n_fft))
    assert center == pytest.approx(n_fft / 2)
    assert gamma == pytest.approx(0.25645 * n_fft**2, rel=0.03)


def test_a_window_of_one_sample_resembles_a_gaussian_of_one():
    """Its variance is zero, by which slopes would be divided."""
    assert window_shape(STFT(SR, 8, 2, window=np.eye(8)[3])) == (3, 1)


def test_gradient_of_a_sine():
    """In time the frequency of the sine, in frequency the delay of the window's centre."""
    f = 1010.0
    S = GAUSS.magnitude(np.cos(2 * np.pi * f / SR * np.arange(4000)))
    along_time, along_frequency = phase_gradient(S, GAUSS)
    k = round(f / SR * N_FFT)
    inside = slice(k - 2, k + 3), slice(3, -3)
    np.testing.assert_allclose(along_time[inside], 2 * np.pi * f / SR * HOP, atol=2e-3)
    # SciPy's periodic Gaussian of an even length is centred on sample n_fft / 2.
    np.testing.assert_allclose(along_frequency[inside], -np.pi, atol=2e-3)


@pytest.mark.parametrize("n_fft", [16, 17])
def test_gradient_of_an_even_slope(n_fft):
    """Magnitudes that grow by `e^c` from bin to bin, but for the mirrors at 0 Hz and Nyquist."""
    stft, c = STFT(SR, n_fft, 4), 0.3
    S = np.exp(c * np.arange(stft.n_bins))[:, np.newaxis] * np.ones(5)
    _, gamma = window_shape(stft)
    expected = 2 * np.pi * 4 / n_fft * np.arange(stft.n_bins) + c * 4 * n_fft / gamma
    expected[0] = 0
    if n_fft == 16:
        expected[-1] = 2 * np.pi * 4 / 16 * 8
    along_time, along_frequency = phase_gradient(S, stft)
    np.testing.assert_allclose(along_time, expected[:, np.newaxis] * np.ones(5), atol=1e-12)
    np.testing.assert_allclose(along_frequency, -2 * np.pi * (n_fft / 2) / n_fft)


def test_gradients_take_nothing_for_softer_than_60_db_below_the_tolerance():
    stft = STFT(SR, 16, 4)
    S = np.zeros((9, 3))
    S[4] = 1
    _, gamma = window_shape(stft)
    slope = -np.log(1e-3 * TOLERANCE) / 2
    along_time, _ = phase_gradient(S, stft)
    advance = 2 * np.pi * 4 / 16 * np.arange(9)
    np.testing.assert_allclose(
        (along_time[:, 1] - advance)[[3, 5]], [slope * 64 / gamma, -slope * 64 / gamma]
    )


def test_gradient_of_an_impulse():
    """X[k, m] = w[t] exp(-2 pi i k t / n), t its place in frame m: the slope is -2 pi t / n."""
    x = np.zeros(2000)
    x[1000] = 1
    S = GAUSS.magnitude(x)
    _, along_frequency = phase_gradient(S, GAUSS)
    for m in range(S.shape[1]):
        t = 1000 - m * HOP
        if abs(t - N_FFT / 2) < 2 * HOP:
            np.testing.assert_allclose(along_frequency[:, m], -2 * np.pi * t / N_FFT, atol=1e-6)


def test_pghi_finds_the_phase_of_a_sine():
    error = phase_error(GAUSS, np.cos(2 * np.pi * 1010 / SR * np.arange(8000) + 1))
    assert error.max() < 0.1


def test_pghi_finds_the_phase_of_a_chirp():
    """One to two kHz in a second; the ends, where it starts and stops, are left out."""
    assert phase_error(GAUSS, chirp(1000, 2000, 8000)).max() < 0.2


@pytest.mark.parametrize("n_fft", [256, 255])
def test_pghi_finds_the_phase_of_an_impulse(n_fft):
    """Over all bins: half a sample of error in the delay would be 90 degrees at the top."""
    x = np.zeros(2000)
    x[1000] = 1
    stft = STFT(SR, n_fft, HOP, window=("gaussian", n_fft / 9), center=False)
    assert phase_error(stft, x).max() < 0.1


def test_pghi_knows_the_centre_of_an_asymmetric_window():
    """A Gaussian around a third of the frame, and two sounds whose delay shows there."""
    window = np.exp(-((np.arange(N_FFT) - N_FFT / 3) ** 2) / (2 * (N_FFT / 16) ** 2))
    stft = STFT(SR, N_FFT, 16, window=window, center=False)
    impulse = np.zeros(2000)
    impulse[1000] = 1
    assert phase_error(stft, impulse).max() < 0.1
    assert phase_error(stft, np.cos(2 * np.pi * 1010 / SR * np.arange(4000))).max() < 0.1


def test_pghi_with_a_hann_window_is_near():
    """Not a theorem: a sine between two bins, 31 Hz apart, comes out within 1 Hz."""
    stft = STFT(SR, N_FFT, HOP, center=False)
    S = stft.magnitude(np.cos(2 * np.pi * 1010 / SR * np.arange(8000)))
    angles = phase.pghi(S, stft, rng=np.random.default_rng(0))
    advance = np.diff(angles[round(1010 / SR * N_FFT)])
    radians_per_hz = 2 * np.pi * HOP / SR
    error = np.angle(np.exp(1j * (advance - 1010 * radians_per_hz)))
    assert np.abs(error).max() < radians_per_hz


def assert_a_constant_for_each_of_two_sines(n_samples):
    t = np.arange(n_samples)
    low, high = (np.cos(2 * np.pi * f / SR * t) for f in (800, 2400))
    X = GAUSS.forward(low + 0.5 * high)
    angles = phase.pghi(np.abs(X), GAUSS, rng=np.random.default_rng(0))
    middle = round(1600 / SR * N_FFT)
    for half in (slice(0, middle), slice(middle, None)):
        turned = X[half] * np.exp(-1j * angles[half])
        heard = np.abs(turned) > 0.02 * np.abs(turned).max()
        error = np.angle(turned[heard] * np.conj(turned.sum()))
        assert np.abs(error).max() < 0.1


def test_separate_islands_each_have_one_constant():
    """Two sines far apart: the phase of each is found up to a constant of its own."""
    assert_a_constant_for_each_of_two_sines(4000)


def test_inaudible_bins_get_random_phases():
    S = np.full((GAUSS.n_bins, 50), 0.5 * TOLERANCE)
    S[20, 10] = 1
    one, two = (phase.pghi(S, GAUSS, rng=np.random.default_rng(seed)) for seed in (1, 2))
    differs = one != two
    assert not differs[20, 10]
    # All but that bin and the row at 0 Hz, where the phase of a real signal is zero.
    assert differs.sum() == differs.size - 1 - S.shape[1]
    assert 0 <= one[differs].min() and one[differs].max() <= 2 * np.pi


@both_dtypes
@pytest.mark.parametrize("shape", [(129, 1), (129, 2), (129, 9)])
def test_pghi_of_silence_and_few_frames_is_finite(dtype, shape, rng):
    for S in (np.zeros(shape, dtype), np.ones(shape, dtype)):
        assert np.isfinite(phase.pghi(S, GAUSS, rng=rng)).all()


@pytest.mark.parametrize("level", [1e-30, 1e30])
def test_pghi_does_not_depend_on_the_level(level):
    """To rounding of the logarithms, summed over some hundred bins."""
    S = np.abs(noise((GAUSS.n_bins, 9)))
    one = phase.pghi(S, GAUSS, rng=np.random.default_rng(0))
    two = phase.pghi(level * S, GAUSS, rng=np.random.default_rng(0))
    np.testing.assert_allclose(np.exp(1j * one), np.exp(1j * two), atol=1e-9)


# --- long signals and offsets ----------------------------------------------------------------


def test_a_segment_goes_on_where_the_last_one_ended(monkeypatch):
    """A chirp through many seams is found as well as in one piece."""
    monkeypatch.setattr(sys.modules["specdemo.phase.pghi"], "SEGMENT", 20)
    assert phase_error(GAUSS, chirp(1000, 2000, 8000)).max() < 0.2


def test_a_segment_leaves_what_is_behind_it(monkeypatch):
    """Phases do not change with what comes in later segments, drawn ones neither."""
    monkeypatch.setattr(sys.modules["specdemo.phase.pghi"], "SEGMENT", 20)
    S = np.abs(noise((GAUSS.n_bins, 70))) * np.where(np.arange(70) % 7 < 3, 1, TOLERANCE / 9)
    S[30, 0] = 5
    whole = phase.pghi(S, GAUSS, rng=3)
    for n in (20, 40, 60):
        np.testing.assert_array_equal(phase.pghi(S[:, :n], GAUSS, rng=3), whole[:, :n])


def test_islands_go_on_across_a_seam_each_by_itself(monkeypatch):
    monkeypatch.setattr(sys.modules["specdemo.phase.pghi"], "SEGMENT", 30)
    assert_a_constant_for_each_of_two_sines(8000)


def test_an_offset_comes_back_at_once():
    """At 0 Hz a real signal has no phase to guess, and the slopes around it follow from that."""
    stft = STFT(SR, 256, 64)
    S = stft.magnitude(np.full(4000, 0.5))
    angles = phase.pghi(S, stft, rng=np.random.default_rng(0))
    assert not angles[0].any()
    x = stft.inverse(S * np.exp(1j * angles), length=4000)
    np.testing.assert_allclose(x[500:3500], 0.5, atol=1e-9)


def test_a_slow_wave_changes_its_sign_at_0_hz():
    """5 Hz is a sixth of a bin: at 0 Hz there is nothing but its positive and negative halves."""
    X = GAUSS.forward(np.cos(2 * np.pi * 5 / SR * np.arange(4000) + 0.3))
    signs, wanted = np.cos(phase.pghi(np.abs(X), GAUSS, rng=0)[0]), np.sign(X[0].real)
    np.testing.assert_allclose(np.abs(signs), 1)
    heard = np.abs(X[0]) > 0.05 * np.abs(X[0]).max()
    assert set(wanted[heard]) == {-1, 1}
    np.testing.assert_allclose(signs[heard] * signs[heard][0], wanted[heard] * wanted[heard][0])


def test_0_hz_is_real_in_silence_too(monkeypatch):
    """Also in a stretch of frames none of which is loud enough to be followed."""
    monkeypatch.setattr(sys.modules["specdemo.phase.pghi"], "SEGMENT", 10)
    S = np.abs(noise((GAUSS.n_bins, 30)))
    S[:, 9:21] *= TOLERANCE / 10
    np.testing.assert_allclose(np.sin(phase.pghi(S, GAUSS, rng=0)[0]), 0, atol=1e-12)


def test_random_phases_leave_0_hz_alone():
    S = np.ones((129, 20))
    assert not phase.random(S, GAUSS, rng=np.random.default_rng(0))[0].any()
