"""Inversion of samples that hardly any window sees."""

import warnings

import numpy as np
import pytest

from signals import both_dtypes, sound
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


def inversions_on_paper():
    """What meets a sound's frames only in their least seen samples, three times."""
    stft = STFT(8000, 1024, 1020)
    X = stft.forward(sound(5000))
    S, bank = np.abs(X), MelBank(stft, 40)
    return (
        lambda: invert_spectrogram(S, stft, n_iter=2),
        lambda: invert_mel(bank.forward(S), bank, n_iter=2),
        lambda: stft.inverse(X),
    )


def test_an_overlap_that_is_met_on_paper_alone_is_warned_of():
    message = (
        r"^hop_length = 1020 leaves samples that the window of n_fft = 1024 samples hardly "
        r"sees: unless the spectrogram is exact, they come back wrong; take hop_length = 510$"
    )
    for invert in inversions_on_paper():
        with pytest.warns(UserWarning, match=message) as caught:
            invert()
        assert len(caught) == 1


@pytest.mark.parametrize("hop_length", [700, 900, 1020])
def test_the_hop_that_is_advised_is_the_longest_of_halves_that_will_do(hop_length):
    """For a window so narrow that half the hop still leaves samples nearly unseen."""
    window = 0.03 + np.exp(-0.5 * ((np.arange(1024) - 512) / 60) ** 2)
    X = np.ones((513, 5), complex)
    for hop in (hop_length, hop_length // 2):
        with pytest.warns(UserWarning, match=f"take hop_length = {hop_length // 4}$"):
            STFT(8000, 1024, hop, window=window).inverse(X)
    STFT(8000, 1024, hop_length // 4, window=window).inverse(X)


def test_the_warning_of_an_overlap_on_paper_points_at_the_caller():
    for invert in inversions_on_paper():
        with pytest.warns(UserWarning) as caught:
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
