"""What the answers in the quiz of chapter 6 claim."""

from dataclasses import replace

import pytest

import specdemo as sd
from quiz_facts.common import fact, loaded


@fact(6, 1)
def _numbers_per_sample():
    _, stft, _ = loaded()
    magnitudes = stft.n_bins / stft.hop_length
    return [f"takes {2 * magnitudes:.0f} numbers a sample", f"it is {magnitudes:.0f}."]


@fact(6, 3)
def _threshold_of_the_staircase():
    assert sd.Staircase(*loaded()[1:]).top_db == 80
    return ["The threshold of 80 dB"]


def distance_after(name, part=4, duration=2, **settings):
    """Numbers, and the distance of the bands, of a sound that came back from the lowest step."""
    x, stft, bank = loaded(name, duration=duration)
    n_mels = settings.pop("n_mels", 80)
    grid = replace(stft, hop_length=1024 // part)
    stairs = sd.Staircase(grid, sd.MelBank(grid, n_mels, fmax=8000), **settings)
    step, value = list(stairs.down(x).items())[-1]
    y = stairs.up(step, value, n_iter=30, length=x.size, rng=0)
    M, M_hat = (bank.forward(stft.magnitude(sound)) for sound in (x, y))
    return value.size, sd.log_spectral_distance(M, M_hat)


@fact(6, 4)
def _half_of_the_columns():
    hop, averaged = distance_after("speech", part=2, shorten=1), distance_after("speech", shorten=2)
    assert hop[0] == pytest.approx(averaged[0], rel=0.02)
    assert averaged[1] < hop[1] - 0.3
    return ["shorten by 2"]


@fact(6, 5)
def _a_quarter_of_the_numbers():
    frames, bands, coefficients = (
        distance_after("drums", **settings)
        for settings in ({"shorten": 4}, {"shorten": 1, "n_mels": 20}, {"shorten": 1, "n_mfcc": 20})
    )
    assert max(way[0] for way in (frames, bands, coefficients)) < 1.02 * coefficients[0]
    assert coefficients[1] < min(frames[1], bands[1]) - 0.5
    tones = [
        distance_after("music", **settings)[1]
        for settings in ({"shorten": 4}, {"shorten": 1, "n_mfcc": 20})
    ]
    assert tones[0] < tones[1]
    return []
