"""The staircase: every step is the package's own, every way up leads back to the right sound."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from specdemo import (
    STFT,
    MelBank,
    Staircase,
    amplitude_to_db,
    db_to_amplitude,
    inverse_mfcc,
    invert_mel,
    invert_spectrogram,
    lengthen,
    log_spectral_distance,
    mfcc,
    shorten,
    spectral_convergence,
)

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
BANK = MelBank(GRID, 20)
STAIRS = Staircase(GRID, BANK, shorten=3, n_mfcc=13)
STEPS = ("wave", "magnitude", "db", "mel", "short", "mfcc")

both_dtypes = for_every(dtype=[np.float32, np.float64])
each_step = pytest.mark.parametrize("step", STEPS)
each_power = pytest.mark.parametrize("power", [1, 2])


def sound(n=2001, dtype=np.float64):
    """Two partials that fade, and a little noise."""
    t = np.arange(n) / 8000
    tones = np.sin(2 * np.pi * 440 * t) + 0.5 * np.sin(2 * np.pi * 1234 * t)
    noise = 0.01 * np.random.default_rng(0).standard_normal(n)
    return (tones * np.exp(-5 * t) + noise).astype(dtype)


def with_power(power):
    return Staircase(GRID, replace(BANK, power=power), shorten=3, n_mfcc=13)


# --- down ------------------------------------------------------------------------------------


def test_the_levels_come_in_order():
    assert STAIRS.steps == tuple(STAIRS.down(sound())) == STEPS
    without = replace(STAIRS, n_mfcc=None)
    assert without.steps == tuple(without.down(sound())) == STEPS[:-1]


def test_every_step_is_the_packages_own():
    x = sound()
    steps = STAIRS.down(x)
    S = GRID.magnitude(x)
    np.testing.assert_array_equal(steps["wave"], x)
    np.testing.assert_array_equal(steps["magnitude"], S)
    np.testing.assert_allclose(steps["db"], amplitude_to_db(S), atol=1e-12)
    kept = np.where(S > S.max() * 1e-4, S, 0)
    np.testing.assert_allclose(steps["mel"], BANK.forward(kept), atol=1e-12)
    np.testing.assert_array_equal(steps["short"], shorten(steps["mel"], 3))
    expected = mfcc(amplitude_to_db(steps["short"], amin=1e-10), n_mfcc=13)
    np.testing.assert_allclose(steps["mfcc"], expected, atol=1e-10)


@given(st.floats(1, 120))
def test_the_threshold_is_a_threshold(top_db):
    x = sound()
    steps = replace(STAIRS, top_db=top_db).down(x)
    assert np.ptp(steps["db"]) <= top_db + 1e-9
    whole = GRID.magnitude(x)
    above = whole > whole.max() * 10 ** (-top_db / 20) * (1 + 1e-3)
    np.testing.assert_allclose(db_to_amplitude(steps["db"])[above], whole[above], rtol=1e-12)
    assert (steps["mel"] <= BANK.forward(whole) * (1 + 1e-9)).all()


def test_without_a_threshold_nothing_is_lost_in_decibels():
    x = sound()
    steps = replace(STAIRS, top_db=None).down(x)
    np.testing.assert_allclose(steps["mel"], BANK.forward(GRID.magnitude(x)), rtol=1e-12)


@each_power
def test_levels_of_a_power_bank_are_decibels_of_amplitude(power):
    """A gain of 20 dB is 20 dB in every band, whatever power the bank sums."""
    stairs, x = with_power(power), sound()
    soft, loud = stairs.down(x), stairs.down(10 * x)
    np.testing.assert_allclose(loud["mel"], 10**power * soft["mel"], rtol=1e-9)
    np.testing.assert_allclose(loud["short"], 10**power * soft["short"], rtol=1e-9)
    expected = np.zeros_like(soft["mfcc"])
    expected[0] = 20 * np.sqrt(20)
    np.testing.assert_allclose(loud["mfcc"] - soft["mfcc"], expected, atol=1e-9)


def test_time_is_shortened_alike_for_every_power():
    """Levels are averaged down to 100 dB below the loudest amplitude, not power."""
    steps = with_power(2).down(sound())
    expected = shorten(np.sqrt(steps["mel"]), 3) ** 2
    np.testing.assert_allclose(steps["short"], expected, rtol=1e-9)


# --- up --------------------------------------------------------------------------------------


@both_dtypes
def test_from_the_wave_it_is_exact(dtype):
    x = sound(dtype=dtype)
    y = STAIRS.up("wave", STAIRS.down(x)["wave"])
    np.testing.assert_array_equal(y, x)
    assert y.dtype == dtype
    assert not np.shares_memory(y, x)
    np.testing.assert_array_equal(STAIRS.up("wave", x, length=77), x[:77])


def test_from_magnitudes_it_is_invert_spectrogram():
    S = GRID.magnitude(sound())
    y = STAIRS.up("magnitude", S, length=2001, rng=3)
    np.testing.assert_array_equal(y, invert_spectrogram(S, GRID, length=2001, rng=3))
    y = STAIRS.up("magnitude", S, n_iter=7, rng=3)
    np.testing.assert_array_equal(y, invert_spectrogram(S, GRID, n_iter=7, rng=3))


def test_from_levels_what_was_below_the_threshold_is_silent():
    x = sound()
    stairs = replace(STAIRS, top_db=30)
    S = GRID.magnitude(x)
    kept = np.where(S > S.max() * 10 ** (-30 / 20), S, 0)
    y = stairs.up("db", stairs.down(x)["db"], length=2001, rng=3)
    np.testing.assert_allclose(y, invert_spectrogram(kept, GRID, length=2001, rng=3), atol=1e-6)


@each_power
def test_from_mel_it_is_invert_mel(power):
    stairs, x = with_power(power), sound()
    M = stairs.down(x)["mel"]
    y = stairs.up("mel", M, length=2001, rng=3)
    np.testing.assert_array_equal(y, invert_mel(M, stairs.bank, length=2001, rng=3))


@each_power
def test_from_fewer_frames_they_are_brought_back_first(power):
    stairs, x = with_power(power), sound()
    short = stairs.down(x)["short"]
    M = lengthen(short ** (1 / power), 3, n_frames=GRID.n_frames(2001)) ** power
    y = stairs.up("short", short, n_iter=7, length=2001, rng=3)
    np.testing.assert_allclose(
        y, invert_mel(M, stairs.bank, n_iter=7, length=2001, rng=3), atol=1e-9
    )


@each_power
def test_from_coefficients_the_smooth_spectrum_is_drawn_first(power):
    stairs, x = with_power(power), sound()
    C = stairs.down(x)["mfcc"]
    short = db_to_amplitude(inverse_mfcc(C, n_mels=20)) ** power
    y = stairs.up("mfcc", C, n_iter=7, length=2001, rng=3)
    expected = stairs.up("short", short, n_iter=7, length=2001, rng=3)
    np.testing.assert_allclose(y, expected, atol=1e-9)


def test_without_a_shortening_and_with_all_coefficients_the_last_steps_lose_nothing():
    stairs = Staircase(GRID, BANK, shorten=1, n_mfcc=20, top_db=None)
    steps = stairs.down(sound())
    np.testing.assert_array_equal(steps["short"], steps["mel"])
    mel, short, cepstral = (
        stairs.up(name, steps[name], n_iter=5, length=2001, rng=3)
        for name in ("mel", "short", "mfcc")
    )
    np.testing.assert_array_equal(short, mel)
    np.testing.assert_allclose(cepstral, mel, atol=1e-6)


@each_step
def test_on_iteration_is_handed_down(step):
    calls = []
    value = STAIRS.down(sound())[step]
    STAIRS.up(step, value, n_iter=4, length=2001, on_iteration=lambda i, db: calls.append(i))
    assert calls == ([] if step == "wave" else [1, 2, 3, 4])


def test_coefficients_cannot_be_climbed_from_where_there_is_no_such_step():
    stairs = replace(STAIRS, n_mfcc=None)
    with pytest.raises(ValueError, match="step must be one of .*'short'; got 'mfcc'"):
        stairs.up("mfcc", STAIRS.down(sound())["mfcc"])


@pytest.mark.parametrize("step", ["short", "mfcc"])
def test_a_length_that_does_not_go_with_the_frames_is_refused(step):
    value = STAIRS.down(sound())[step]
    with pytest.raises(ValueError, match="length = 1000 makes 16 frames, .* not the 11 of value"):
        STAIRS.up(step, value, length=1000)


# --- laws ------------------------------------------------------------------------------------


@given(
    st.integers(1, 600),
    st.sampled_from(STEPS),
    st.sampled_from([1, 2, 2.5, 10]),
    st.sampled_from([(64, 16), (63, 20)]),
    st.booleans(),
)
def test_the_length_asked_for_is_the_length_that_comes(n, step, factor, sizes, center):
    stft = STFT(8000, *sizes, center=center)
    n = n if center else max(n, sizes[0])
    stairs = Staircase(stft, MelBank(stft, 8), shorten=factor, n_mfcc=4)
    steps = stairs.down(sound(n))
    length = min(n, stft._longest(steps["magnitude"].shape[1]))
    y = stairs.up(step, steps[step], n_iter=1, length=length, rng=0)
    assert y.shape == (length,)
    assert np.isfinite(y).all()


@both_dtypes
@each_power
@each_step
def test_the_precision_is_that_of_the_input(step, power, dtype):
    stairs = with_power(power)
    steps = stairs.down(sound(dtype=dtype))
    assert steps[step].dtype == dtype
    assert stairs.up(step, steps[step], n_iter=2, length=2001).dtype == dtype


@both_dtypes
@each_power
@each_step
def test_silence_comes_back_as_silence(step, power, dtype):
    stairs = with_power(power)
    steps = stairs.down(np.zeros(500, dtype))
    assert np.isfinite(steps[step]).all()
    y = stairs.up(step, steps[step], n_iter=2, length=500)
    np.testing.assert_array_equal(y, np.zeros(500, dtype))


@each_step
def test_channels_pass_through(step):
    x = np.stack([sound(), sound()[::-1]])
    steps = STAIRS.down(x)
    y = STAIRS.up(step, steps[step], n_iter=2, length=2001, rng=0)
    assert steps[step].shape[0] == 2
    assert y.shape == (2, 2001)


@each_step
def test_loudness_comes_back(step):
    """Levels are absolute, so a softer sound comes back softer, and otherwise the same."""
    one, soft = (STAIRS.down(gain * sound()) for gain in (1.0, 0.01))
    y = STAIRS.up(step, one[step], n_iter=3, length=2001, rng=0)
    y_soft = STAIRS.up(step, soft[step], n_iter=3, length=2001, rng=0)
    np.testing.assert_allclose(100 * y_soft, y, atol=1e-6)


@each_step
def test_nothing_is_modified(step):
    x = sound()
    x.setflags(write=False)
    value = STAIRS.down(x)[step]
    before = value.copy()
    value.setflags(write=False)
    STAIRS.up(step, value, n_iter=1)
    np.testing.assert_array_equal(value, before)


@each_step
def test_a_seed_fixes_the_sound(step):
    value = STAIRS.down(sound())[step]
    one, two = (STAIRS.up(step, value, n_iter=2, rng=5) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_the_settings_cannot_change():
    with pytest.raises(FrozenInstanceError):
        STAIRS.shorten = 2
    assert replace(STAIRS, shorten=3) == STAIRS
    assert hash(replace(STAIRS, shorten=3)) == hash(STAIRS)


def test_the_bank_must_stand_on_the_grid():
    with pytest.raises(ValueError, match="bank must stand on the grid stft"):
        Staircase(STFT(sr=8000, n_fft=256, hop_length=32), BANK)


# --- the budget ------------------------------------------------------------------------------


def test_the_rows_count_the_numbers():
    x = sound(2001)
    steps, rows = STAIRS.down(x), STAIRS.budget(x, n_iter=2, rng=0)
    assert [row.step for row in rows] == list(STEPS)
    for row in rows:
        assert row.shape == steps[row.step].shape
        assert row.numbers_per_second == pytest.approx(np.prod(row.shape) / 2001 * 8000)
        assert row.ratio == pytest.approx(row.numbers_per_second / 8000)


@given(st.integers(500, 3000), st.integers(1, 129), st.floats(1, 20), st.integers(1, 129))
def test_below_the_magnitudes_no_step_adds_numbers(n, n_mels, factor, n_mfcc):
    bank = MelBank(STFT(sr=8000, n_fft=256, hop_length=64), n_mels, norm=None, fmin=100)
    stairs = Staircase(bank.stft, bank, shorten=factor, n_mfcc=min(n_mfcc, n_mels))
    sizes = [value.size for value in stairs.down(sound(n)).values()]
    assert (np.diff(sizes[1:]) <= 0).all()


def test_the_rows_measure_the_sound_that_came_back():
    x = sound()
    S = GRID.magnitude(x)
    for row in STAIRS.budget(x, n_iter=3, rng=0):
        expected = STAIRS.up(row.step, STAIRS.down(x)[row.step], n_iter=3, length=2001, rng=0)
        np.testing.assert_array_equal(row.audio, expected)
        S_hat = GRID.magnitude(row.audio)
        assert row.convergence == spectral_convergence(S, S_hat)
        assert row.log_spectral_distance == log_spectral_distance(S, S_hat)
        mel_distance = log_spectral_distance(BANK.forward(S), BANK.forward(S_hat))
        assert row.log_mel_distance == mel_distance


def test_the_wave_costs_nothing_and_the_last_step_most():
    rows = STAIRS.budget(sound(8000), rng=0)
    wave, last = rows[0], rows[-1]
    assert (wave.convergence, wave.log_spectral_distance, wave.log_mel_distance) == (-320, 0, 0)
    assert last.log_spectral_distance == max(row.log_spectral_distance for row in rows)
    assert rows[1].convergence < -20


@each_power
def test_distances_of_bands_do_not_depend_on_their_power(power):
    """A gain of 6 dB is 6 dB for bands of powers, too."""
    stairs = with_power(power)
    x = sound()
    M, louder = (stairs._analysed(gain * x)[1] for gain in (1, 2))
    assert log_spectral_distance(M, louder) == pytest.approx(20 * np.log10(2))


def test_printed_it_is_a_table():
    rows = STAIRS.budget(sound(8000), n_iter=2, rng=0)
    lines = str(rows).splitlines()
    assert repr(rows) == str(rows)
    assert len(lines) == 1 + len(STEPS)
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["wave", "8000", "1.000", "exact", "0.0", "dB", "0.0", "dB"]


def test_shown_it_is_the_same_table():
    rows = STAIRS.budget(sound(8000), n_iter=2, rng=0)
    lines = BeautifulSoup(rows._repr_html_(), "html.parser").find_all("tr")
    texts = [[cell.get_text() for cell in line.find_all(["th", "td"])] for line in lines]
    assert texts == [list(rows.head), *(list(row.cells) for row in rows)]
    assert [line.th["scope"] for line in lines] == ["col"] + len(STEPS) * ["row"]


def test_silence_has_a_budget():
    for row in STAIRS.budget(np.zeros(500), n_iter=1):
        assert not row.audio.any()
        assert row.log_mel_distance == 0


def test_samples_behind_the_last_frame_are_left_out():
    stft = STFT(8000, 64, 16, center=False)
    stairs = Staircase(stft, MelBank(stft, 8), shorten=2)
    rows = stairs.budget(sound(64 + 15), n_iter=1)
    assert {row.audio.shape for row in rows[1:]} == {(stft._longest(1),)}
    assert stft.n_frames(stft._longest(1)) == 1


def test_channels_have_one_budget():
    x = np.stack([sound(), sound()[::-1]])
    rows = STAIRS.budget(x, n_iter=1, rng=0)
    assert rows[0].numbers_per_second == 2 * 8000
    assert rows[0].ratio == 1
