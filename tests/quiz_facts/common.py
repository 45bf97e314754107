"""What the facts of several chapters share."""

from functools import cache

import specdemo as sd

SPEECH_SR = 22050
FACTS = {}


def fact(chapter, number):
    """Register what computes the numbers of a question: a function that returns its phrases."""

    def register(function):
        FACTS[chapter, number] = function
        return function

    return register


@cache
def loaded(name="speech", n_mels=80, duration=None):
    """Return a clip with the grid and the bank of the chapters."""
    x, sr = sd.load(name, duration=duration)
    stft = sd.STFT(sr, 1024, 256)
    return x.astype(float), stft, sd.MelBank(stft, n_mels, fmax=8000)
