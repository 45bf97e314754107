"""Starting guesses and refinements, where the phase is known in closed form."""

import sys
import tracemalloc

import numpy as np
import pytest

from cases import for_every
from specdemo import STFT, invert_spectrogram, phase
from specdemo._frames import blocks
from specdemo.inversion import COMFORTABLE
from specdemo.phase.loop import refine
from specdemo.phase.pghi import TOLERANCE, phase_gradient, window_shape
from specdemo.phase.refinements import ADMM_RHO, RAAR_BETA, polar

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


# --- refinements -----------------------------------------------------------------------------


def coefficients():
    C = noise((7, 9)) + 1j * noise((7, 9), seed=1)
    before = noise((7, 9), seed=3) + 1j * noise((7, 9), seed=4)
    return C, np.abs(noise((7, 9), seed=2)), before


def first_iteration(name, momentum=0.9):
    return phase.REFINEMENTS[name](9, momentum=momentum)[0]


def impose(C, S):
    return S * np.exp(1j * np.angle(C))


def next_guess(iteration, C, S, guess):
    """What a iteration makes of copies of its arguments."""
    return iteration.next_guess(C.copy(), S, *([guess.copy()] if iteration.remembers else []))


def test_griffin_lim_keeps_the_phase_and_imposes_the_magnitude():
    C, S, before = coefficients()
    guess = next_guess(first_iteration("griffin_lim"), C, S, before)
    np.testing.assert_allclose(guess, impose(C, S), atol=1e-14)


def test_fast_griffin_lim_is_griffin_lim_of_the_overshoot():
    """Perraudin et al. 2013: S * phase of C_n + a (C_n - C_{n-1})."""
    plain, fast = first_iteration("griffin_lim"), first_iteration("fast_griffin_lim", momentum=0.9)
    assert fast.next_guess is plain.next_guess
    assert (plain.overshoot, fast.overshoot) == (0, 0.9)


@pytest.mark.parametrize("beta", [RAAR_BETA, 0.9, 0.5])
def test_raar_averages_reflections(beta, monkeypatch):
    """Luke 2005: beta / 2 (R_S R_C + 1) x + (1 - beta) P_C x, with R = 2 P - 1."""
    monkeypatch.setattr("specdemo.phase.refinements.RAAR_BETA", beta)
    C, S, x = coefficients()
    guess = next_guess(first_iteration("raar"), C, S, x)
    r = 2 * C - x
    expected = beta / 2 * (2 * impose(r, S) - r + x) + (1 - beta) * C
    np.testing.assert_allclose(guess, expected, atol=1e-13)


def test_admm_is_the_three_steps_of_the_paper():
    """Masuyama et al. 2019: x is the proximal point of z - u, z projects x + u, u adds x - z."""
    shape, iteration = (6, 5), first_iteration("admm")
    S = np.abs(noise(shape))
    projection = np.linalg.qr(noise((30, 12)))[0]

    def project(X):
        return (projection @ (projection.T @ X.ravel())).reshape(shape)

    x = noise(shape, seed=5) + 1j * noise(shape, seed=6)
    u, guess = np.zeros(shape, complex), x.copy()
    for _ in range(3):
        z = project(x + u)
        u = u + x - z
        w = z - u
        x = impose(w, (ADMM_RHO * np.abs(w) + S) / (1 + ADMM_RHO))
        guess = next_guess(iteration, project(guess), S, guess)
        np.testing.assert_allclose(guess, x + u, atol=1e-12)


@pytest.mark.parametrize("name", phase.REFINEMENTS)
def test_a_solution_stays(name):
    """Consistent coefficients with the wanted magnitudes are what every iteration returns again."""
    C, _, _ = coefficients()
    for iteration in phase.REFINEMENTS[name](6, momentum=0.99):
        np.testing.assert_allclose(next_guess(iteration, C, np.abs(C), C), C, atol=1e-13)


@pytest.mark.parametrize("name", phase.REFINEMENTS)
@pytest.mark.parametrize("n_iter", [0, 1, 2, 10])
def test_there_is_a_step_for_every_iteration(name, n_iter):
    assert len(phase.REFINEMENTS[name](n_iter, momentum=0.99)) == n_iter


@both_dtypes
@pytest.mark.parametrize("name", phase.REFINEMENTS)
def test_steps_are_finite_at_zero_and_keep_their_precision(name, dtype):
    kind = np.result_type(dtype, np.complex64)
    # The loudest magnitudes that are not scaled before the loop.
    zero, S = np.zeros((3, 4), kind), np.full((3, 4), COMFORTABLE[1], dtype)
    for iteration in phase.REFINEMENTS[name](6, momentum=0.99):
        guess = next_guess(iteration, zero, S, zero)
        assert guess.dtype == kind
        assert not guess.any()


# --- the loop --------------------------------------------------------------------------------


def loop_settings(n_frames=150):
    """Several blocks of frames, an odd n_fft and a hop that does not divide it."""
    stft = STFT(SR, 63, 20)
    C = noise((n_frames, stft.n_bins)) + 1j * noise((n_frames, stft.n_bins), seed=1)
    return stft, C, np.abs(C), stft._longest(n_frames)


def in_blocks(C):
    """The coefficients as the loop takes them."""
    return (C[part].copy() for part in blocks(len(C)))


@pytest.mark.parametrize("n_frames", [1, 2, 4, 5, 6, 250])
@pytest.mark.parametrize("name", phase.REFINEMENTS)
def test_the_loop_is_the_textbooks(name, n_frames):
    """inverse, forward, overshoot, next guess, and again: block by block is the same as all at once."""
    stft, C, S, length = loop_settings(n_frames)
    iterations = phase.REFINEMENTS[name](6, momentum=0.9)
    X, before = C, None
    for iteration in iterations:
        projected = stft.forward(stft.inverse(X.T, length=length)).T
        overshoot = 0 if before is None else iteration.overshoot * (projected - before)
        before = projected if iteration.overshoot else None
        X = next_guess(iteration, projected + overshoot, S, X)
    x = refine(in_blocks(C), S, stft, iterations, length)
    np.testing.assert_allclose(x, stft.inverse(X.T, length=length), atol=1e-10)


def test_no_iteration_is_the_inverse():
    stft, C, S, length = loop_settings()
    np.testing.assert_allclose(
        refine(in_blocks(C), S, stft, [], length), stft.inverse(C.T, length=length), atol=1e-13
    )


def test_the_loop_changes_no_target():
    stft, C, S, length = loop_settings()
    S.setflags(write=False)
    refine(in_blocks(C), S, stft, phase.REFINEMENTS["raar"](3, momentum=0.9), length)


@pytest.mark.parametrize(("name", "limit"), [("fast_griffin_lim", 10.5), ("raar", 13)])
def test_inversion_needs_few_bytes_for_a_bin(name, limit):
    """Beside the spectrogram: two or three waveforms, at most a complex number for a magnitude.

    The phases that it starts from are let go on the way.
    """
    stft = STFT(SR, 1024, 256)
    S = stft.magnitude(noise(1_500_000).astype(np.float32))
    tracemalloc.start()
    try:
        invert_spectrogram(S, stft, start="random", refine=name, n_iter=3, rng=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak / S.size < limit


def test_polar_is_the_complex_exponential():
    S, angles = np.abs(noise((5, 7))), noise((5, 7), seed=1)
    np.testing.assert_allclose(polar(S, angles), S * np.exp(1j * angles), atol=1e-15)


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
