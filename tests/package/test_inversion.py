"""From magnitudes back to sound: exact cases, laws, and librosa's convergence."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from specdemo import (
    STFT,
    MelBank,
    Staircase,
    invert_mel,
    invert_spectrogram,
    load,
    phase,
    spectral_convergence,
)
from specdemo._frames import window_sum
from specdemo.phase.loop import refine as refine_frames
from specdemo.phase.refinements import fast_mel_griffin_lim

GRID = STFT(sr=8000, n_fft=128, hop_length=32)
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-13}

both_dtypes = for_every(dtype=[np.float32, np.float64])
each_start = for_every(start=phase.STARTS)
each_refinement = for_every(refine=[*phase.REFINEMENTS, None])


def sound(n=2000, dtype=np.float64):
    """Two partials and a little noise."""
    t = np.arange(n) / 8000
    tones = np.sin(2 * np.pi * 440 * t) + 0.5 * np.sin(2 * np.pi * 1234 * t)
    return (tones + 0.01 * np.random.default_rng(0).standard_normal(n)).astype(dtype)


def inconsistency(S, stft, x):
    """Distance of magnitudes over the whole, two-sided spectrum: mirrored bins count twice."""
    weight = np.full((stft.n_bins, 1), 2.0)
    weight[0] = 1
    if stft.n_fft % 2 == 0:
        weight[-1] = 1
    return np.sqrt(np.sum(weight * (stft.magnitude(x) - S) ** 2))


# --- without iterations ----------------------------------------------------------------------


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


# --- convergence -----------------------------------------------------------------------------


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


# --- samples under almost no window ----------------------------------------------------------

SKEWED = np.hanning(66)[1:-1] ** np.linspace(0.5, 3, 64)
RIMS = [
    (64, 16, "hann", False),
    (64, 32, "hann", False),
    (64, 16, "hamming", False),
    (64, 16, "blackman", False),
    (64, 16, "boxcar", False),
    (64, 16, SKEWED, False),
    (64, 16, SKEWED[::-1].copy(), False),
    (63, 20, "hann", False),
    (64, 60, "hann", True),
]
each_rim = pytest.mark.parametrize("grid", RIMS, ids=[f"{g[:2]} {str(g[2])[:8]}" for g in RIMS])


@pytest.mark.filterwarnings("ignore:hop_length = 60 leaves samples")
@both_dtypes
@each_rim
def test_an_estimate_is_bounded_where_hardly_any_window_sees_it(grid, dtype):
    """Frames of energy E come back with peaks of at most sqrt(E / (0.01 max(window sum))).

    By Cauchy and Schwarz a sample is sum(w y) <= sqrt(sum(w^2)) sqrt(sum(y^2)) before its division
    by t = sum(w^2), or by the floor: at most sqrt(energy of the frames over it) / sqrt(floor).
    """
    stft = STFT(8000, *grid[:2], window=grid[2], center=grid[3])
    x = sound(1500, dtype)
    S = stft.magnitude(x)
    twice = np.full(stft.n_bins, 2.0)
    twice[0] = 1
    if stft.n_fft % 2 == 0:
        twice[-1] = 1
    energy = twice @ S**2 / stft.n_fft
    frames_over_a_sample = -(-stft.n_fft // stft.hop_length)
    total = window_sum(stft.window_array, stft.hop_length, S.shape[1])
    most = np.sqrt(frames_over_a_sample * energy.max() / (0.01 * total.max()))
    length = min(1500, stft._longest(S.shape[1]))
    ways = [(start, None, 0) for start in phase.STARTS] + [("zero", "griffin_lim", 20)]
    for start, refine, n_iter in ways:
        y = invert_spectrogram(
            S, stft, start=start, refine=refine, n_iter=n_iter, length=length, rng=0
        )
        assert np.abs(y).max() <= most * (1 + 1e-5), (start, refine)


@pytest.mark.filterwarnings("ignore:hop_length = 60 leaves samples")
@both_dtypes
@each_rim
def test_the_peak_of_an_inversion_is_about_that_of_the_sound(grid, dtype):
    """Four times: without a floor, a Hann window makes it thousands; a guess may be 2 off."""
    stft = STFT(8000, *grid[:2], window=grid[2], center=grid[3])
    bank = MelBank(stft, 12)
    x = sound(1500, dtype)
    S = stft.magnitude(x)
    length = min(1500, stft._longest(S.shape[1]))
    stairs = Staircase(stft, bank, shorten=2)
    for n_iter in (0, 1, 30):
        for name, y in {
            "spectrogram": invert_spectrogram(S, stft, n_iter=n_iter, length=length, rng=0),
            "mel": invert_mel(bank.forward(S), bank, n_iter=n_iter, length=length, rng=0),
            "staircase": stairs.up(
                "mel", stairs.down(x)["mel"], n_iter=n_iter, length=length, rng=0
            ),
        }.items():
            assert np.abs(y).max() < 4 * np.abs(x).max(), (name, n_iter)


def test_ends_without_centring_cost_no_convergence():
    """On speech, within 1 dB of the least-squares waveform with its spikes, which had -38.7 dB."""
    x, sr = load("speech", offset=0.6, duration=1.2)
    reached = []
    for center in (False, True):
        stft = STFT(sr, center=center)
        S = stft.magnitude(x)
        length = min(len(x), stft._longest(S.shape[1]))
        y = invert_spectrogram(S, stft, n_iter=50, length=length, rng=0)
        assert np.abs(y).max() < 1.5 * np.abs(x).max()
        reached.append(spectral_convergence(S, stft.magnitude(y)))
    assert reached[0] < reached[1] + 2


def test_an_overlap_that_is_met_on_paper_alone_is_warned_of():
    stft = STFT(8000, 1024, 1020)
    S = stft.magnitude(sound(5000))
    bank = MelBank(stft, 40)
    message = (
        r"^hop_length = 1020 leaves samples that the window of n_fft = 1024 samples hardly "
        r"sees: unless the spectrogram is exact, they come back wrong; take hop_length = 510$"
    )
    for invert in (
        lambda: invert_spectrogram(S, stft, n_iter=2),
        lambda: invert_mel(bank.forward(S), bank, n_iter=2),
        lambda: stft.inverse(stft.forward(sound(5000))),
    ):
        with pytest.warns(UserWarning, match=message) as caught:
            invert()
        assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman", ("gaussian", 5.0), "boxcar"])
def test_the_hop_that_a_warning_advises_is_not_warned_of(window):
    """Nor is any other whose errors stay below 20 dB: a window sum of 1 % of its maximum."""
    warned = 0
    for hop_length in range(1, 64):
        stft = STFT(8000, 64, hop_length, window=window)
        inside = -(-64 // hop_length) * hop_length
        total = window_sum(stft.window_array, stft.hop_length, 200)[inside : inside + hop_length]
        if not stft.is_invertible:
            continue
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            stft._check_invertible()
        assert bool(caught) == (total.min() < 0.01 * total.max()), hop_length
        for warning in caught:
            advised = int(str(warning.message).rsplit("= ", 1)[1])
            assert advised < hop_length
            STFT(8000, 64, advised, window=window)._check_invertible()
        warned += len(caught)
    assert warned > 0 or window == "boxcar"


# --- on_iteration ----------------------------------------------------------------------------


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


# --- laws ------------------------------------------------------------------------------------


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


# --- from mel --------------------------------------------------------------------------------


def mel_bank(power=1, n_fft=256):
    return MelBank(STFT(8000, n_fft, n_fft // 4), 20, power=power)


def mel_error(bank, M, x):
    return spectral_convergence(M, bank.forward(bank.stft.magnitude(x)))


@for_every(power=[1, 2])
def test_magnitude_and_phase_together_fit_the_bands_better(power):
    """The start imposes magnitudes that no sound has; correcting them instead gains 10 dB."""
    bank, x = mel_bank(power), sound()
    M = bank.forward(bank.stft.magnitude(x))
    S = bank.inverse(M)
    apart = invert_spectrogram(S, bank.stft, n_iter=60, length=len(x), rng=0)
    together = invert_mel(M, bank, n_iter=60, length=len(x), rng=0)
    assert mel_error(bank, M, together) < mel_error(bank, M, apart) - 10


def test_momentum_helps_mel_inversion(monkeypatch):
    """After ten iterations on speech by 2 dB, later by less."""
    x, sr = load("speech", offset=0.5, duration=1.5)
    bank = MelBank(STFT(sr), 80, fmax=8000)
    M = bank.forward(bank.stft.magnitude(x))
    fast = mel_error(bank, M, invert_mel(M, bank, n_iter=10, length=len(x), rng=0))
    monkeypatch.setattr(
        "specdemo.inversion.fast_mel_griffin_lim",
        lambda n, momentum, correct: fast_mel_griffin_lim(n, 0.0, correct),
    )
    assert fast < mel_error(bank, M, invert_mel(M, bank, n_iter=10, length=len(x), rng=0)) - 1


def test_mel_inversion_takes_100_iterations():
    bank = mel_bank()
    told = []
    invert_mel(np.ones((20, 3)), bank, rng=0, on_iteration=lambda i, db: told.append(i))
    assert told == list(range(1, 101))


@pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
@both_dtypes
def test_bands_without_bins_give_silence(dtype):
    bank = MelBank(STFT(8000, 64, 16), 4, fmin=130, fmax=240)
    y = invert_mel(np.ones((2, 4, 9), dtype), bank, n_iter=3, length=100, rng=0)
    assert y.shape == (2, 100)
    assert y.dtype == dtype
    assert not y.any()


def test_a_wrong_number_of_bands_is_named():
    message = r"^M must have 20 bands along axis -2; got shape \(7, 3\)$"
    with pytest.raises(ValueError, match=message):
        invert_mel(np.ones((7, 3)), mel_bank())


def test_no_iteration_is_the_inverse_of_the_bank_with_the_phase_of_pghi():
    """Save at 0 Hz and at the Nyquist frequency, where the bank sees nothing."""
    bank, x = mel_bank(), sound()
    M = bank.forward(bank.stft.magnitude(x))
    S = bank.inverse(M)
    angles = phase.pghi(S, bank.stft, rng=3)
    S[0], S[-1] = S[1], S[-2]
    expected = invert_spectrogram(S, bank.stft, start=angles, n_iter=0, length=len(x))
    np.testing.assert_allclose(
        invert_mel(M, bank, n_iter=0, length=len(x), rng=3), expected, atol=1e-12
    )


def test_mel_iterations_tell_their_convergence():
    bank, x = mel_bank(), sound(8000)
    M = bank.forward(bank.stft.magnitude(x))
    told = []
    y = invert_mel(
        M, bank, n_iter=5, length=len(x), rng=0, on_iteration=lambda i, db: told.append((i, db))
    )
    assert [i for i, _ in told] == [1, 2, 3, 4, 5]
    assert told[-1][1] == pytest.approx(mel_error(bank, M, y), abs=1e-9)


@both_dtypes
@for_every(power=[1, 2])
@for_every(level=[0.0, 1e-15, 1e15])
def test_mel_inversion_scales_and_keeps_the_precision(dtype, power, level):
    bank, x = mel_bank(power), sound(dtype=dtype)
    M = bank.forward(bank.stft.magnitude(x))
    one = invert_mel(M, bank, n_iter=3, length=len(x), rng=0)
    other = invert_mel((M * level**power).astype(dtype), bank, n_iter=3, length=len(x), rng=0)
    assert other.dtype == dtype
    # The phases of a few bins at the tolerance of PGHI may fall on its other side.
    assert np.abs(other - level * one).max() <= 0.05 * level


@both_dtypes
@for_every(n_frames=[1, 2])
def test_mel_inversion_of_few_frames_is_finite(dtype, n_frames):
    bank = mel_bank()
    assert np.isfinite(invert_mel(np.ones((20, n_frames), dtype), bank, n_iter=3, rng=0)).all()


def test_mel_channels_are_a_loop_over_channels():
    bank, x = mel_bank(), sound()
    M = np.stack([bank.forward(bank.stft.magnitude(y)) for y in (x, 0.1 * x[::-1].copy())])
    rng = np.random.default_rng(0)
    single = [invert_mel(one, bank, n_iter=4, length=len(x), rng=rng) for one in M]
    np.testing.assert_allclose(
        invert_mel(M, bank, n_iter=4, length=len(x), rng=0), single, atol=1e-12
    )


def test_silence_in_the_middle_of_a_mel_spectrogram_stays_finite():
    bank, x = mel_bank(), sound(4000)
    M = bank.forward(bank.stft.magnitude(x))
    M[:, 20:40] = 0
    y = invert_mel(M, bank, n_iter=20, length=len(x), rng=0)
    middle = slice(24 * 64, 36 * 64)
    assert np.isfinite(y).all()
    assert np.abs(y[middle]).max() < 1e-3 * np.abs(y).max()


# --- at 0 Hz, where no band looks -----------------------------------------------------------


@both_dtypes
@for_every(power=[1, 2])
def test_a_sound_with_rumble_and_an_offset_is_a_fixed_point(dtype, power):
    """Its bands match already, so that they demand nothing, whatever lies in bin 0 and Nyquist's.

    With the bank from 0 Hz to the Nyquist frequency all bins but these two are in some band.
    """
    t = np.arange(4000) / 8000
    x = sound(4000) + 0.5 + np.sin(2 * np.pi * 10 * t) + 0.3 * np.cos(np.pi * np.arange(4000))
    x = x.astype(dtype)
    for scale, norm, n_fft in (
        ("slaney", "slaney", 256),
        ("htk", None, 256),
        ("htk", "slaney", 255),
    ):
        bank = MelBank(STFT(8000, n_fft, n_fft // 4), 20, scale=scale, norm=norm, power=power)
        X = np.ascontiguousarray(bank.stft.forward(x).T)
        correct = bank._corrector(dtype)
        bands = correct.bands(X)
        y = refine_frames(
            iter([X]),
            bands,
            bank.stft,
            fast_mel_griffin_lim(4, 0.99, correct.magnitudes),
            len(x),
            correct.bands,
        )
        np.testing.assert_allclose(y, x, atol=1e4 * np.finfo(dtype).eps, err_msg=f"{scale} {n_fft}")


@for_every(power=[1, 2])
@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_rumble_and_offset_do_not_keep_the_bands_from_fitting(scale, power):
    """With bin 0 held at zero, as `MelBank.inverse` has it, they stay 14 to 30 dB further away."""
    t = np.arange(8000) / 8000
    tone = np.sin(2 * np.pi * 440 * t)
    bank = MelBank(STFT(8000, 256, 64), 40, scale=scale, power=power)
    for name, x in {"rumble": tone + np.sin(2 * np.pi * 10 * t), "offset": tone + 0.5}.items():
        M = bank.forward(bank.stft.magnitude(x))
        deaf = replace(bank)
        vars(deaf)["nearest_seen"] = np.arange(bank.stft.n_bins)
        found, without = (
            mel_error(bank, M, invert_mel(M, one, n_iter=100, length=len(x), rng=0))
            for one in (bank, deaf)
        )
        assert found < -30, name
        assert found < without - 10, name


def test_a_sound_without_an_offset_comes_back_without_one():
    bank, x = mel_bank(), sound(8000)
    y = invert_mel(bank.forward(bank.stft.magnitude(x)), bank, n_iter=50, length=len(x), rng=0)
    assert abs(y.mean()) < 0.01 * np.abs(x).max()


# --- mirrored ends ---------------------------------------------------------------------------


def harmonic_glide(n, sr, seed):
    """A short voiced segment that begins and ends in the middle of a sound."""
    rng = np.random.default_rng(seed)
    t = np.arange(n) / sr
    phase = 2 * np.pi * np.cumsum(120 + 40 * seed + 60 * t) / sr
    x = sum(np.cos(h * phase + rng.uniform(0, 6)) / h for h in range(1, 25))
    x = x * (0.6 + 0.4 * np.sin(10 * np.pi * t + seed)) + 0.05 * rng.standard_normal(n)
    return 0.3 * x / np.abs(x).max()


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
