"""What the tests of the self-checks share: a grid, a bank, a window, and what a refusal is."""

import numpy as np

from specdemo import STFT, MelBank

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
BANK = MelBank(GRID, n_mels=20)
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)


def refused(line, hint, *answers):
    """Assert that a line refuses an answer with this hint, and tells none of the answers."""
    assert line.startswith("not yet. ")
    assert hint in line
    for answer in answers:
        assert str(answer) not in line
