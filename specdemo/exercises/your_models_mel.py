"""Self-checks of chapter 7."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.audio import load, resample
from specdemo.exercises.verdict import (
    array,
    entries,
    exercise,
    expect,
    filled,
    names,
    number,
    result,
)
from specdemo.formats import LogScale, MelFormat, mel_format, mel_formats
from specdemo.mel import MelBank
from specdemo.metrics import log_spectral_distance
from specdemo.stft import STFT


@exercise("7.1")
def check_7_1(n_frames: Any) -> str:
    """Check the frames of 48000 samples, for three ways to treat the ends.

    Parameters
    ----------
    n_frames : dict of str to int
        For "half", "half less half a hop" and "nothing": frames of 1024 samples, 256 apart.
    """
    filled(n_frames=n_frames)
    pads = {"half": 512, "half less half a hop": 384, "nothing": 0}
    for name, answer in entries("n_frames", n_frames, pads).items():
        found, padded = number(f"n_frames[{name!r}]", answer), 48000 + 2 * pads[name]
        expect(found == int(found), f"n_frames[{name!r}] should be whole: a frame is there or not.")
        expect(
            found != (padded - 1024) // 256,
            f"n_frames[{name!r}] counts the hops. Before the first hop there is a frame already.",
        )
        expect(
            pads[name] == 0 or found != 1 + (48000 + pads[name] - 1024) // 256,
            f"n_frames[{name!r}] has samples at one end only. They are put at both.",
        )
        expect(
            found == 1 + (padded - 1024) // 256,
            f"n_frames[{name!r}] is off. How far can the first frame move, in steps of a hop?",
        )
    return "With half a frame less half a hop, there are as many frames as whole hops."


WANTED: dict[str, dict[str, Any]] = {
    "bank.stft": {"sr": 24000, "n_fft": 2048, "hop_length": 300},
    "bank": {"n_mels": 80, "fmin": 0.0, "scale": "htk", "norm": None, "shape": "hz"},
}
HINTS = {
    "sr": "At which rate is the sound?",
    "n_fft": "How long is the FFT?",
    "hop_length": "How many samples lie between two frames?",
    "n_mels": "How many bands are there?",
    "fmin": "The lower edge is not given, so it is the function's default.",
    "scale": "Which scale does htk=True ask for?",
    "norm": "What does the code say of the norm?",
    "shape": "The triangles are those of librosa, straight in Hz.",
}


@exercise("7.2")
def check_7_2(mine: Any) -> str:
    """Check a format that was read in a listing.

    Parameters
    ----------
    mine : MelFormat
        What the code of the exercise makes.
    """
    filled(mine=mine)
    expect(
        isinstance(mine, MelFormat),
        f"mine should be an sd.MelFormat; it is of the type {type(mine).__name__}.",
    )
    for part, settings in WANTED.items():
        holder: Any = mine.bank.stft if part == "bank.stft" else mine.bank
        for name, wanted in settings.items():
            expect(getattr(holder, name) == wanted, f"mine.{part}.{name} is off. {HINTS[name]}")
    expect(mine.bank.fmax == 12000, "mine.bank.fmax is off: librosa's is half the rate.")
    expect(mine.bank.power != 1, "The bank sums magnitudes. What does the code sum?")
    _check_window_and_ends(mine.bank.stft)
    _check_numbers(mine)
    expect(mine.sr == 24000, f"mine.sr is off. {HINTS['sr']}")
    # Not a whole number of hops, and loud up to the end: there it shows what stands behind.
    x = 0.1 * np.random.default_rng(0).standard_normal(12100)
    x[3000:9000] = 0  # where a floor shows
    wanted = _listing().forward(x)
    found = array("mine.forward(x)", result(mine.forward, x), (None, None))
    expect(
        found.shape == wanted.shape,
        f"It makes {found.shape[1]} frames of a sound of which the code makes {wanted.shape[1]}. "
        "Is there a setting too many?",
    )
    off = np.abs(found - wanted).max()
    expect(off < 1e-3, "Its numbers are not those of the code. Is there a setting too many?")
    return "Half of it was in the code, and the rest in the defaults of what it calls."


def _check_window_and_ends(grid: STFT) -> None:
    expect(
        np.count_nonzero(grid.window_array) <= 1200,
        "The window is as long as the FFT. What does the code say of its length?",
    )
    expect(
        np.allclose(grid.window_array, _listing().bank.stft.window_array),
        "The window is off. It is librosa's, Hann's and periodic, in the middle of the frame.",
    )
    expect(
        grid._padding.before != 1024,
        "The frames are centred. The code pads by itself, and says center=False.",
    )
    expect(
        (grid._padding.before, grid._padding.behind) == (874, 874),
        "The ends are off. How many samples does np.pad put there?",
    )
    expect(grid.pad_mode == "reflect", "The samples at the ends are off. What are they made of?")


def _check_numbers(mine: Any) -> None:
    expect(mine.scale is not None, "There is no logarithm. Give a sd.LogScale.")
    expect(mine.scale.base == "e", "The base is off. Which logarithm is np.log?")
    expect(mine.scale.add, "Nothing is raised to a floor here: the small number is added.")
    expect(not mine.frames_first, "The layout is off. Which axis does the product leave in front?")
    expect(not mine.eps, "The small number is added to the bands, not to the bins.")


def _listing() -> MelFormat:
    """The format of the code in exercise 7.2."""
    grid = STFT(24000, 2048, 300, win_length=1200, pad=874, pad_mode="reflect")
    bank = MelBank(grid, 80, scale="htk", norm=None, power=2.0)
    return MelFormat(bank, scale=LogScale(base="e", floor=1e-5, add=True))


@exercise("7.3")
def check_7_3(restored: Any, logs: Any) -> str:
    """Check a sound from an array whose statistics are in a file.

    Parameters
    ----------
    restored : ndarray, shape (n_samples,)
        The sound.
    logs : ndarray, shape (n_frames, n_mels)
        The array before mean and deviation were taken away.
    """
    filled(restored=restored)
    fmt = mel_format("parallel-wavegan-ljspeech")
    restored = array("restored", restored, (None,)).astype(float)
    made = fmt.forward(restored) if restored.size > fmt.bank.stft.n_fft else np.zeros((0, 80))
    expect(
        abs(len(made) - len(logs)) <= 1,
        f"restored has {len(made)} frames, the array {len(logs)}. Is it at 22050 Hz, and whole?",
    )
    n_frames = min(len(made), len(logs))
    given, made = 10.0 ** logs[:n_frames], 10.0 ** made[:n_frames]
    gain = np.linalg.norm(made) / np.linalg.norm(given)
    off = log_spectral_distance(given, made / gain)
    expect(
        off < 3,
        f"The bands are {off:.0f} dB off. Were mean and std given back, in this order, "
        "and to the format of Parallel WaveGAN?",
    )
    # Magnitudes that come back from bands are never the same to so many digits.
    expect(off > 0.01, "restored is the original itself. Make it from the array and the file.")
    gain_db = 20 * np.log10(gain)
    expect(
        abs(gain_db) < 2,
        f"The bands are right, but the level is {gain_db:+.0f} dB off. Is the sound as it came "
        "from inverse?",
    )
    return "A format with its statistics is as good as one that has none."


@exercise("7.4")
def check_7_4(shares: Any, soft: Any, knock: Any) -> str:
    """Check how much of Whisper's array lies on the floor of the utterance.

    Parameters
    ----------
    shares : dict of str to float
        For "soft" and "soft, and a knock", the share of the numbers, from 0 to 1.
    soft, knock : ndarray, shape (n_samples,)
        The soft clip, and what is added to it, at 16 kHz.
    """
    filled(shares=shares)
    fmt = mel_format("whisper-80")
    waves = {"soft": soft, "soft, and a knock": soft + knock}
    wanted = {name: _share_on_the_floor(fmt.forward(wave)) for name, wave in waves.items()}
    for name, answer in entries("shares", shares, waves).items():
        found, share = number(f"shares[{name!r}]", answer), wanted[name]
        expect(
            share == 0 or not np.isclose(found, 100 * share, rtol=0.02),
            f"shares[{name!r}] is in per cent. Give it from 0 to 1.",
        )
        expect(0 <= found <= 1, f"shares[{name!r}] should be from 0 to 1.")
        expect(
            abs(found - share) < 0.01 or abs(found - 1 + share) > 0.01,
            f"shares[{name!r}] counts the numbers above the floor.",
        )
        expect(
            abs(found - share) < 0.01,
            f"shares[{name!r}] is off. The floor is 2 below the largest number of this array.",
        )
    return "The loudest moment of an utterance decides what is left of its softest."


def _share_on_the_floor(array: Array) -> float:
    return float(np.mean(array < array.max() - 2 + 1e-3))


@exercise("7.5")
def check_7_5(find: Any) -> str:
    """Check a function that finds the formats of an array with a sound beside it.

    Parameters
    ----------
    find : callable
        `find(array, x, sr)` returns names of formats.
    """
    x, sr = load("drums", sr=22050, duration=0.7)
    for name, twins in {
        "tacotron2": {"tacotron2", "speechbrain-hifigan"},
        "univnet-transformers": {"univnet-transformers"},
        "vggish": {"vggish"},
        "f5-tts": {"f5-tts"},  # which vocos-24k is near
    }.items():
        fmt = mel_format(name)
        answer = result(find, fmt.forward(resample(x, sr, round(fmt.sr))), x, sr)
        found = set(names("find", answer))
        expect(
            found <= set(mel_formats()), "find returns something that is not the name of a format."
        )
        expect(
            name in found,
            f"An array of {name} is not found. Is the sound brought to the rate of each format, "
            "and the array compared in its own layout?",
        )
        expect(found >= twins, f"An array of {name} has a twin, which find leaves out.")
        expect(
            found == twins,
            f"find names {len(found)} formats for an array of {name}, of which some make other "
            "numbers. Compare the numbers, in all frames.",
        )
    return "With one sound beside it, an array has no secrets but its twins."
