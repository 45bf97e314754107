"""The formats of known systems: data, and what makes a `MelFormat` of it."""

from __future__ import annotations

import json
import warnings
from functools import cache
from pathlib import Path

from specdemo import _checks
from specdemo.formats.banks import BANKS
from specdemo.formats.melformat import MelFormat, half_to_single
from specdemo.formats.scale import LogScale
from specdemo.mel import MelBank
from specdemo.stft import STFT

GRID = ("sr", "n_fft", "hop_length", "window", "win_length", "pad", "pad_mode")
BANK = ("n_mels", "fmin", "fmax", "norm", "shape", "power")
FORMAT = (
    "eps",
    "preemphasis",
    "remove_mean",
    "gain",
    "frames_first",
    "fill",
    "drop_last",
    "blank_last",
)


@cache
def registry():
    """The entries of registry.json by their names."""
    text = Path(__file__).with_name("registry.json").read_text(encoding="utf-8")
    return json.loads(text)


@cache
def _build(name):
    """Make the format of an entry."""
    entry = registry()[name]
    grid = {key: tuple(v) if isinstance(v, list) else v for key, v in _part(entry, GRID).items()}
    stft = STFT(**grid)
    bank = {"stft": stft, "scale": entry.get("mel_scale", "slaney"), **_part(entry, BANK)}
    if "bank" in entry:
        edges = entry["n_mels"], entry.get("fmin", 0.0), entry["fmax"]
        bank["weights"] = BANKS[entry["bank"]](stft, *edges)
    scale = None if entry["scale"] is None else LogScale(**entry["scale"])
    with warnings.catch_warnings():
        # Empty bands are the system's own: nobody who uses its format can take fewer.
        warnings.simplefilter("ignore")
        bank = MelBank(**bank)
    rest = _part(entry, FORMAT)
    return MelFormat(bank, scale, sr=entry.get("sound_sr"), name=name, **rest)


def mel_format(name):
    """What a system calls a mel spectrogram.

    Parameters
    ----------
    name : str
        As `mel_formats` lists them, such as "hifigan-v1".

    Returns
    -------
    MelFormat

    Examples
    --------
    >>> fmt = mel_format("hifigan-v1")
    >>> fmt.sr, fmt.bank.n_mels
    (22050, 80)
    """
    return _build(_checks.choice("name", name, registry()))


def mel_formats(A=None):
    """Names of all formats, or of those that an array can be in.

    Parameters
    ----------
    A : array_like, optional
        A mel spectrogram as a system or a model made it.

    Returns
    -------
    list of str
        Formats whose number of bands, layout and bounds the array fits. Members of one family may
        differ in what no array shows, such as half a hop of padding: where several fit, listen.

    Examples
    --------
    >>> import numpy as np
    >>> mel_formats(np.full((98, 23), -3.0))
    ['torchaudio-kaldi-fbank-23']
    """
    names = list(registry())
    if A is None:
        return names
    A = _checks.array("A", half_to_single(A), ndim=2)
    return [name for name in names if _build(name).misfit(A) is None]


def _part(entry, names):
    return {name: entry[name] for name in names if name in entry}
