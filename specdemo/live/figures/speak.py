"""Speak: a decoder on a map of its codes, and the word that it makes of any point."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from specdemo._types import Array
from specdemo.live.figure import Figure
from specdemo.live.traits import number

# How far the map goes.
FURTHEST = 5
# Digits that can be asked for.
N_DIGITS = 10
# Codes to a pixel of the map where it is smallest.
PIXEL = 10.6 / 250
# Pixels of half a letter, and how near things may come to a name, across and up.
LETTER = 4
NEAR = (8, 11)
# A word of chapter 9: cosines of its outline in a frame, and numbers that it has but once.
N_MFCC = 20
N_ONCE = 3
# The largest whole number of a weight.
LARGEST = 127
# A decoder of the chapter, written by tools/make_speaker.py.
OURS = Path(__file__).with_name("speak.json")


class Speak(Figure):
    """A map, a word and a row of digits."""

    kind = "speak"
    caption_of = (
        "Listen, and draw the crossing over the map: which way does the voice become higher, which "
        "way slower? Stop between two clouds of known words: to whom does that voice belong? Go to "
        "the edge, where no word is: does it still speak? Then draw the digit slowly from one number "
        "to the next: where does the one stop and the other begin?"
    )
    first = number(0.0, "first number of the code", minimum=-FURTHEST, maximum=FURTHEST)
    second = number(0.0, "second number of the code", minimum=-FURTHEST, maximum=FURTHEST)
    digit = number(5.0, "digit that is asked for", minimum=0, maximum=N_DIGITS - 1)

    def __init__(
        self,
        name: str,
        clip: Any = "speech",
        *,
        decoder: Sequence[ArrayLike] | None = None,
        words: Iterable[tuple[ArrayLike, int, str]] = (),
        unheard: str = "",
        **settings: Any,
    ) -> None:
        words = list(words) if np.iterable(words) else [words]
        if decoder is None and (words or unheard):
            raise ValueError("words and unheard are of a decoder: give it, too")
        self.model = _ours() if decoder is None else packed(decoder, words, unheard)
        super().__init__(name, clip, **settings)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return next to nothing: what is heard is made by the decoder."""
        return np.zeros(1, np.float32), {}


@cache
def _ours() -> str:
    return OURS.read_text(encoding="utf-8").strip()


def packed(
    decoder: Sequence[ArrayLike], words: Iterable[tuple[ArrayLike, int, str]], unheard: str
) -> str:
    """Return a decoder as text: weights of 8 bits, and what each of their columns is worth.

    Parameters
    ----------
    decoder : sequence of ndarray
        For each layer a matrix (input, output) and a row of offsets.
    words : iterable of (code, digit, voice)
    unheard : str

    Raises
    ------
    TypeError, ValueError
        When the decoder is none of 2 numbers and a label, or makes no word of chapter 9; when a
        word has another code.
    """
    weights = _layers(decoder)
    n_in, n_out = len(weights[0]), weights[-1].size
    if n_in != 2 + N_DIGITS or (n_out - N_ONCE) % (N_MFCC + 1) or n_out < 2 * N_MFCC:
        raise ValueError(
            f"decoder must take a code of 2 numbers and the label of {N_DIGITS} digits, and give "
            f"{N_MFCC + 1} numbers for each frame and {N_ONCE} more; it takes {n_in} and gives {n_out}"
        )
    known = [_known(word) for word in words]
    if unheard and unheard not in {word["voice"] for word in known}:
        raise ValueError(f"unheard must be the voice of one of words; got {unheard!r}")
    layers = [_in_8_bits(*weights[at : at + 2]) for at in range(0, len(weights), 2)]
    model = {"layers": layers, "words": known, "names": _names(known), "unheard": unheard}
    return json.dumps(model)


def _layers(decoder: Sequence[ArrayLike]) -> list[Array]:
    """Return the weights of a decoder, each matrix of which takes what the one before it gives."""
    if not isinstance(decoder, (list, tuple)):
        raise TypeError(f"decoder must be a list of weights; got {decoder!r:.80}")
    weights = [np.asarray(part, np.float32) for part in decoder]
    matrices, offsets = weights[::2], weights[1::2]
    are_layers = 0 < len(matrices) == len(offsets) and all(
        matrix.ndim == 2 and matrix.size and offset.shape == matrix.shape[1:]
        for matrix, offset in zip(matrices, offsets, strict=True)
    )
    if not are_layers or any(
        len(offset) != len(after) for offset, after in zip(offsets, matrices[1:], strict=False)
    ):
        raise ValueError(
            "decoder must be a matrix (input, output) and a row of offsets for each layer, which takes "
            f"what the one before it gives; got the shapes {[w.shape for w in weights]}"
        )
    if not all(np.isfinite(w).all() for w in weights):
        raise ValueError("decoder must be finite; it contains NaN or Inf")
    return weights


def _known(word: tuple[ArrayLike, int, str]) -> dict[str, Any]:
    """Return a word that the map shows."""
    code, digit, voice = word if isinstance(word, (list, tuple)) and len(word) == 3 else [None] * 3
    numbers = np.asarray(code)
    is_place = numbers.dtype.kind in "iuf" and numbers.shape == (2,) and np.isfinite(numbers).all()
    if not is_place or not isinstance(voice, str) or digit not in range(N_DIGITS):
        raise ValueError(
            "words must be rows (code, digit, voice): 2 finite numbers, a whole number from 0 to "
            f"{N_DIGITS - 1}, and a name; got {word!r:.80}"
        )
    place = [round(float(v), 2) for v in numbers]
    return {"code": place, "digit": int(digit), "voice": voice}


def _names(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return where the names of the voices stand: near to their own words, and hiding none."""
    names: list[dict[str, Any]] = []
    for digit in range(N_DIGITS):
        words = [word for word in known if word["digit"] == digit]
        taken = [np.array(word["code"]) for word in words]
        for voice in sorted({word["voice"] for word in words}):
            middle = np.mean([word["code"] for word in words if word["voice"] == voice], axis=0)
            room = PIXEL * (np.array(NEAR) + (LETTER * len(voice), 0))
            # Around them, further and further.
            turn = np.arange(40.0)[:, np.newaxis]
            away = (room + PIXEL * turn / (1, 2)) * np.hstack([np.cos(turn), np.sin(turn)])
            apart = np.abs(np.array(taken) - (middle + away)[:, np.newaxis])
            hidden = np.sum(np.all(apart < room, axis=-1), axis=-1)
            outside = np.any(np.abs(middle + away) + room > FURTHEST, axis=-1)
            gaps = np.linalg.norm(np.maximum(0, apart - room / 2)[:, : len(words)], axis=-1)
            strange = [words[nearest]["voice"] != voice for nearest in np.argmin(gaps, axis=-1)]
            place = middle + away[np.argmin(hidden + np.array(strange) + len(known) * outside)]
            taken += [place + (side * room[0], 0) for side in (-1, 0, 1)]
            names.append(_known((place, digit, voice)))
    return names


def _in_8_bits(matrix: Array, offset: Array) -> dict[str, Any]:
    """Return a layer whose columns are whole numbers, each times a scale of its own."""
    largest = np.abs(matrix).max(axis=0)
    scale = np.where(largest > 0, largest, 1) / LARGEST
    return {
        "n_in": len(matrix),
        "matrix": _text(np.round(matrix / scale).astype(np.int8)),
        "scale": _text(scale.astype("<f4")),
        "offset": _text(offset.astype("<f4")),
    }


def _text(values: Array) -> str:
    return base64.b64encode(values.tobytes()).decode()
