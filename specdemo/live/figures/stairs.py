"""Stairs: the loss budget, and the sound that has come back from each step."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.live.figure import Figure, loudest, usual_frame
from specdemo.live.traits import integer
from specdemo.mel import MelBank
from specdemo.staircase import Staircase
from specdemo.stft import STFT

# Seconds of the recording that go down the stairs.
STRETCH_S = 1.2
# Iterations of the way up.
N_ITER = 32
# Settings of the chapter.
N_MELS = 80
SHORTEN = 5
N_MFCC = 20
N_STEPS = 6


class Stairs(Figure):
    """Steps and sounds."""

    kind = "stairs"
    caption_of = (
        "Listen, and go down the stairs by the dot: each step is as deep as its sound is far from "
        "the clip. Plant the flag, below, on the step where you begin to hear it. Was it where the "
        "stairs of the bins go down, or those of the bands? And from which step on can you see it "
        "in the picture?"
    )
    step = integer(0, 0, N_STEPS - 1, "that one stands on, from the clip down")
    mark = integer(0, 0, N_STEPS - 1, "the first step where one hears it; 0: not said yet")

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest part, and behind it what comes back from each step."""
        part = loudest(x, sr, STRETCH_S)
        return np.frombuffer(_sounds(part.tobytes(), sr), np.float32), {}


@lru_cache(maxsize=4)
def _sounds(samples: bytes, sr: int) -> bytes:
    """The sounds of all steps, one after the other, float32: the same clip is taken down once."""
    x = np.frombuffer(samples, np.float32).astype(float)
    n_fft = usual_frame(sr)
    stft = STFT(sr, n_fft, n_fft // 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at odd rates, bands may be empty
        bank = MelBank(stft, N_MELS, fmax=min(8000, sr / 2))
    stairs = Staircase(stft, bank, shorten=SHORTEN, n_mfcc=N_MFCC)
    ups = [
        stairs.up(step, value, n_iter=N_ITER, length=len(x), rng=0) if step != "wave" else value
        for step, value in stairs.down(x).items()
    ]
    return np.concatenate(ups).astype(np.float32).tobytes()
