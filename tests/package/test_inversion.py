"""From magnitudes back to sound: exact cases, laws, and librosa's convergence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from signals import both_dtypes, harmonic_glide, sound
from specdemo import (
    STFT,
    invert_spectrogram,
    load,
    phase,
    spectral_convergence,
)
from specdemo._frames import window_sum

GRID = STFT(sr=8000, n_fft=128, hop_length=32)

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-13}


each_start = for_every(start=phase.STARTS)

each_refinement = for_every(refine=[*phase.REFINEMENTS, None])


def inconsistency(S, stft, x):
    """Distance of magnitudes over the whole, two-sided spectrum: mirrored bins count twice."""
    weight = np.full((stft.n_bins, 1), 2.0)
    weight[0] = 1
    if stft.n_fft % 2 == 0:
        weight[-1] = 1
    return np.sqrt(np.sum(weight * (stft.magnitude(x) - S) ** 2))


# --- without iterations ----------------------------------------------------------------------------


@both_dtypes
def test_with_its_own_phase_a_sound_comes_back(dtype):
    x = sound(dtype=dtype)
    X = GRID.forward(x)
    y = invert_spectrogram(np.abs(X), GRID, start=np.angle(X), n_iter=0, length=2000)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, x, atol=10 * TOLERANCE[dtype])


@each_refinement
def test_the_true_phase_is_a_fixed_point(refine):
    x = sound()
    X = GRID.forward(x)
    y = invert_spectrogram(np.abs(X), GRID, start=np.angle(X), refine=refine, n_iter=5, length=2000)
    np.testing.assert_allclose(y, x, atol=1e-11)


@both_dtypes
@each_refinement
def test_no_iteration_is_the_inverse_of_the_start(dtype, refine, rng):
    S = GRID.magnitude(sound(dtype=dtype))
    angles = rng.uniform(-np.pi, np.pi, S.shape).astype(dtype)
    y = invert_spectrogram(S, GRID, start=angles, refine=refine, n_iter=0, length=1999)
    expected = GRID.inverse(S * np.exp(1j * angles), length=1999)
    np.testing.assert_allclose(y, expected, atol=10 * TOLERANCE[dtype])


def test_a_phase_may_have_any_number_of_turns(rng):
    """As one that was unwrapped; 1e5 turns take five of the seven digits of single precision."""
    S = GRID.magnitude(sound(dtype=np.float32))
    angles = rng.uniform(-np.pi, np.pi, S.shape)
    turns = 2 * np.pi * rng.integers(-(10**5), 10**5, S.shape)
    turned, still = (
        invert_spectrogram(S, GRID, start=a, n_iter=0) for a in (angles + turns, angles)
    )
    np.testing.assert_allclose(turned, still, atol=10 * TOLERANCE[np.float32])
    assert np.isfinite(invert_spectrogram(S, GRID, start=np.full(S.shape, 1e300))).all()


def test_turns_are_taken_off_in_double_precision(rng):
    """In single precision a turn is 2e-7 too long, which 1e4 turns make visible."""
    S = GRID.magnitude(sound(dtype=np.float32))
    angles = (2e4 * np.pi * rng.uniform(-1, 1, S.shape)).astype(np.float32)
    single, double = (
        invert_spectrogram(S, GRID, start=a, n_iter=0) for a in (angles, angles.astype(np.float64))
    )
    np.testing.assert_allclose(single, double, atol=10 * TOLERANCE[np.float32])


def test_inversion_takes_32_iterations():
    told = []
    invert_spectrogram(np.ones((65, 3)), GRID, on_iteration=lambda i, db: told.append(i))
    assert told == list(range(1, 33))


def test_refine_none_ignores_the_iterations():
    S = GRID.magnitude(sound())
    calls = []
    y = invert_spectrogram(
        S, GRID, start="zero", refine=None, n_iter=7, on_iteration=lambda *a: calls.append(a)
    )
    np.testing.assert_array_equal(y, invert_spectrogram(S, GRID, start="zero", n_iter=0))
    assert calls == []


@each_start
def test_named_starts_are_the_registered_functions(start):
    S = GRID.magnitude(sound())
    angles = phase.STARTS[start](S, GRID, rng=np.random.default_rng(5))
    named, given_ = (invert_spectrogram(S, GRID, start=s, n_iter=0, rng=5) for s in (start, angles))
    np.testing.assert_allclose(named, given_, atol=1e-12)


# --- convergence -----------------------------------------------------------------------------------


@given(
    st.sampled_from([(64, 16), (63, 16), (64, 20), (48, 24)]),
    st.sampled_from(["hamming", "hann", "blackman"]),
    st.booleans(),
    st.integers(65, 400),
    st.integers(0, 10**6),
)
def test_griffin_lim_never_gets_worse(sizes, window, center, n, seed):
    """Griffin & Lim 1984: for any S, the distance over the two-sided spectrum does not grow.

    Where the window sum is below its floor, the waveform counts along: as a frame that is known to
    be silent would see it, whose squared window is what the sum lacks.
    """
    stft = STFT(8000, *sizes, window=window, center=center)
    n_frames = stft.n_frames(n)
    S = np.abs(np.random.default_rng(seed).standard_normal((stft.n_bins, n_frames)))
    n = min(n, stft._longest(n_frames))
    total = window_sum(stft.window_array, stft.hop_length, n_frames)
    lacking = np.maximum(0.01 * total.max() - total, 0)[stft._padding.before :][:n]

    def distance(n_iter):
        x = invert_spectrogram(
            S, stft, start="random", refine="griffin_lim", n_iter=n_iter, length=n, rng=seed
        )
        return inconsistency(S, stft, x) ** 2 + stft.n_fft * np.sum(lacking * x**2)

    distances = np.array([distance(n_iter) for n_iter in range(6)])
    assert (np.diff(distances) < 1e-9 * distances[:-1]).all()


def test_momentum_and_a_better_start_help():
    """FINDINGS 1 in small: more iterations, momentum, PGHI; each by a clear margin on speech."""
    x, sr = load("speech", offset=0.5, duration=1.5)
    stft = STFT(sr=sr)
    S = stft.magnitude(x)

    def reached(start, refine, n_iter):
        y = invert_spectrogram(
            S, stft, start=start, refine=refine, n_iter=n_iter, length=len(x), rng=0
        )
        return spectral_convergence(S, stft.magnitude(y))

    plain = reached("random", "griffin_lim", 32)
    fast = reached("random", "fast_griffin_lim", 32)
    assert plain < reached("random", None, 0) - 8
    assert fast < plain - 3
    assert reached("pghi", None, 0) < -15
    assert reached("pghi", "fast_griffin_lim", 10) < fast
    assert reached("pghi", "fast_griffin_lim", 32) < -28


def test_convergence_is_as_good_as_librosas():
    """Within 1 dB: on this clip, starts differ by 0.2 (ours) to 0.5 dB (theirs), one sigma."""
    librosa = pytest.importorskip("librosa")
    x, sr = load("music", duration=2.0)
    stft = STFT(sr=sr)
    S = stft.magnitude(x)
    ours, theirs = [], []
    for seed in range(3):
        y = invert_spectrogram(S, stft, start="random", n_iter=24, length=len(x), rng=seed)
        ours.append(spectral_convergence(S, stft.magnitude(y)))
        y = librosa.griffinlim(
            S,
            n_iter=24,
            hop_length=256,
            n_fft=1024,
            momentum=0.99,
            length=len(x),
            pad_mode="constant",
            random_state=seed,
        )
        theirs.append(spectral_convergence(S, stft.magnitude(y)))
    assert np.mean(ours) < np.mean(theirs) + 1


# --- on_iteration ----------------------------------------------------------------------------------


@pytest.mark.parametrize("refine", phase.REFINEMENTS)
def test_on_iteration_counts_and_tells_the_convergence(refine):
    """Over all blocks of frames, here two."""
    S = GRID.magnitude(sound(4000))
    calls = []
    y = invert_spectrogram(
        S,
        GRID,
        start="zero",
        refine=refine,
        n_iter=6,
        length=4000,
        on_iteration=lambda i, level: calls.append((i, level)),
    )
    assert [i for i, _ in calls] == [1, 2, 3, 4, 5, 6]
    assert calls[-1][1] == pytest.approx(spectral_convergence(S, GRID.magnitude(y)), abs=1e-9)


def test_on_iteration_is_called_for_every_channel():
    S = GRID.magnitude(np.stack([sound(), np.zeros(2000), sound()]))
    calls = []
    invert_spectrogram(S, GRID, n_iter=3, rng=0, on_iteration=lambda i, level: calls.append(i))
    assert calls == [1, 2, 3, 1, 2, 3]


def test_watching_changes_nothing():
    S = GRID.magnitude(sound())
    watched = invert_spectrogram(S, GRID, n_iter=3, rng=0, on_iteration=lambda i, level: None)
    np.testing.assert_array_equal(watched, invert_spectrogram(S, GRID, n_iter=3, rng=0))


# --- laws ------------------------------------------------------------------------------------------


def test_without_a_length_the_last_frames_are_met_too():
    """The signal may fill all that they reach; what is returned ends where it must."""
    n_frames = 40
    x = sound(GRID._longest(n_frames))
    X = GRID.forward(x)
    assert X.shape[1] == n_frames
    y = invert_spectrogram(np.abs(X), GRID, start=np.angle(X), refine="griffin_lim", n_iter=5)
    assert len(y) == GRID._shortest(n_frames)
    np.testing.assert_allclose(y, x[: len(y)], atol=1e-11)


def test_settings_are_checked_also_when_nothing_is_refined():
    S = GRID.magnitude(sound())
    for settings in ({"momentum": 1.0}, {"momentum": -0.1}, {"n_iter": -1}):
        with pytest.raises(ValueError, match=f"^{next(iter(settings))} must be"):
            invert_spectrogram(S, GRID, start="zero", refine=None, **settings)
    with pytest.raises(ValueError, match="^refine must be .*, or None; got 'x'$"):
        invert_spectrogram(S, GRID, refine="x")


def test_a_wrong_number_of_bins_is_named():
    with pytest.raises(
        ValueError, match=r"^S must have 65 bins along axis -2; got shape \(7, 3\)$"
    ):
        invert_spectrogram(np.ones((7, 3)), GRID)


def test_what_single_precision_cannot_hold_is_refused():
    """In step at the middle, a window of 0.001: the samples are 1000 times the magnitudes."""
    stft = STFT(8000, 64, 64, window=np.full(64, 1e-3), center=False)
    # The sum of 64 of them is a number yet.
    S = np.full((33, 4), np.finfo(np.float32).max / 70)
    in_step = np.repeat(np.pi * np.arange(33, dtype=np.float32)[:, np.newaxis], 4, axis=1)
    with pytest.raises(ValueError, match="^S is too large for float32: it reaches 4.861e"):
        invert_spectrogram(S, stft, start=in_step, refine=None)
    with pytest.raises(ValueError, match="^X is too large for complex64: it reaches 4.861e"):
        stft.inverse((S * np.exp(1j * in_step)).astype(np.complex64))


@both_dtypes
def test_phases_of_channels_at_any_level(dtype):
    x = np.stack([sound(), 1e-12 * sound()[::-1]]).astype(dtype)
    X = GRID.forward(x)
    y = invert_spectrogram(np.abs(X), GRID, start=np.angle(X), refine=None, length=2000)
    for found, wanted in zip(y, x, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("start", ["random", "pghi"])
def test_a_seed_fixes_the_result_and_numpys_global_state_is_left_alone(start):
    S = GRID.magnitude(sound())
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    one = invert_spectrogram(S, GRID, start=start, n_iter=3, rng=11)
    np.random.seed(2)
    two = invert_spectrogram(S, GRID, start=start, n_iter=3, rng=np.random.default_rng(11))
    np.testing.assert_array_equal(one, two)
    other = invert_spectrogram(S, GRID, start=start, n_iter=3, rng=12)
    assert not np.array_equal(one, other)
    np.random.seed(1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_the_global_state_does_not_move():
    np.random.seed(1)
    before = np.random.get_state()
    invert_spectrogram(GRID.magnitude(sound()), GRID, start="random", n_iter=2)
    after = np.random.get_state()
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2] == after[2]


@given(st.integers(1, 400), st.sampled_from([64, 63]), st.booleans())
def test_the_length_asked_for_is_the_length_that_comes(n, n_fft, center):
    stft = STFT(8000, n_fft, 16, center=center)
    n = n if center else max(n, n_fft)
    S = stft.magnitude(sound(n))
    n = min(n, stft._longest(S.shape[1]))
    assert invert_spectrogram(S, stft, n_iter=1, length=n, rng=0).shape == (n,)
    assert invert_spectrogram(S, stft, n_iter=1, rng=0).shape == (stft._shortest(S.shape[1]),)


@both_dtypes
def test_channels_are_a_loop_over_channels(dtype):
    x = np.stack([sound(), np.zeros(2000), 1e-12 * sound(), sound()[::-1]]).astype(dtype)
    S = GRID.magnitude(x.reshape(2, 2, -1))
    y = invert_spectrogram(S, GRID, n_iter=3, rng=4)
    assert y.shape == (2, 2, GRID._shortest(S.shape[-1]))
    one_after_the_other = np.random.default_rng(4)
    for channel in np.ndindex(2, 2):
        expected = invert_spectrogram(S[channel], GRID, n_iter=3, rng=one_after_the_other)
        np.testing.assert_array_equal(y[channel], expected)


def test_phases_of_channels():
    X = GRID.forward(np.stack([sound(), sound()[::-1]]))
    y = invert_spectrogram(np.abs(X), GRID, start=np.angle(X), n_iter=0)
    np.testing.assert_allclose(y, GRID.inverse(X), atol=1e-12)


@both_dtypes
@each_start
@each_refinement
@for_every(level=[0.0, 1e-30, 1e30])
def test_extreme_levels_are_finite_and_scale(dtype, start, refine, level):
    S = GRID.magnitude(sound(dtype=dtype))
    y = invert_spectrogram(dtype(level) * S, GRID, start=start, refine=refine, n_iter=3, rng=0)
    assert y.dtype == dtype
    assert np.isfinite(y).all()
    assert y.any() == (level > 0)
    assert np.abs(y).max() < 10 * level or level == 0


@both_dtypes
@each_start
@each_refinement
@for_every(n_frames=[1, 2])
def test_single_frames_and_dc_are_finite(dtype, start, refine, n_frames):
    dc = np.zeros((GRID.n_bins, n_frames), dtype)
    dc[0] = 64
    for S in (dc, np.ones_like(dc)):
        for stft in (GRID, STFT(8000, 128, 32, center=False)):
            y = invert_spectrogram(S, stft, start=start, refine=refine, n_iter=3, rng=0)
            assert np.isfinite(y).all()
            assert y.dtype == dtype


def test_read_only_inputs_stay_as_they_are():
    X = GRID.forward(sound())
    S, angles = np.abs(X), np.angle(X)
    before = S.copy(), angles.copy()
    S.setflags(write=False)
    angles.setflags(write=False)
    for start in (*phase.STARTS, angles):
        invert_spectrogram(S, GRID, start=start, n_iter=2)
    np.testing.assert_array_equal(S, before[0])
    np.testing.assert_array_equal(angles, before[1])


def test_grids_that_cannot_be_inverted_are_refused():
    stft = STFT(8000, 64, 64)
    with pytest.raises(ValueError, match="hop_length = 64 cannot be inverted"):
        invert_spectrogram(np.ones((33, 5)), stft)


# --- mirrored ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize("pad", [None, 384])
def test_the_loop_knows_that_ends_are_mirrored(pad):
    """Of 8192 samples, 8 dB nearer than as if zeros stood beyond the ends."""
    mirrored = STFT(22050, 1024, 256, pad=pad, pad_mode="reflect")
    zeros = STFT(22050, 1024, 256, pad=pad)
    gains = []
    for seed in range(3):
        S = mirrored.magnitude(harmonic_glide(8192, 22050, seed))
        sounds = (invert_spectrogram(S, grid, rng=0, length=8192) for grid in (mirrored, zeros))
        knowing, ignoring = (spectral_convergence(S, mirrored.magnitude(y)) for y in sounds)
        gains.append(ignoring - knowing)
    assert np.mean(gains) > 8


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", "symmetric", "edge"])
def test_the_truth_stays_the_truth_under_every_padding(pad_mode):
    stft = STFT(8000, 256, 64, win_length=200, pad_mode=pad_mode)
    x = harmonic_glide(3000, 8000, 0)
    X = stft.forward(x)
    for refine in phase.REFINEMENTS:
        y = invert_spectrogram(
            np.abs(X), stft, start=np.angle(X), refine=refine, n_iter=5, length=len(x)
        )
        np.testing.assert_allclose(y, x, atol=1e-9, err_msg=refine)
