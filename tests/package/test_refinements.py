"""Refinements of a phase and the loop that they run in."""

import numpy as np
import pytest

from cases import for_every
from memory import traced_memory
from specdemo import STFT, invert_spectrogram, phase
from specdemo._frames import blocks
from specdemo.inversion import COMFORTABLE
from specdemo.phase.loop import refine
from specdemo.phase.refinements import ADMM_RHO, RAAR_BETA, polar

# A Gaussian window: for it PGHI is a theorem, up to sampling and the cut at 4 to 5 sigma.
N_FFT, HOP, SR = 256, 32, 8000

both_dtypes = for_every(dtype=[np.float32, np.float64])


def noise(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


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
    with traced_memory() as memory:
        invert_spectrogram(S, stft, start="random", refine=name, n_iter=3, rng=0)
    assert memory.peak / S.size < limit


def test_polar_is_the_complex_exponential():
    S, angles = np.abs(noise((5, 7))), noise((5, 7), seed=1)
    np.testing.assert_allclose(polar(S, angles), S * np.exp(1j * angles), atol=1e-15)
