"""The formats of known systems: data, and what makes a `MelFormat` of it."""

from __future__ import annotations

import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Floats
from specdemo.audio.filters import whole_rate
from specdemo.formats import fit
from specdemo.formats.banks import BANKS
from specdemo.formats.melformat import MelFormat
from specdemo.formats.scale import LogScale, half_to_single
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
def registry() -> dict[str, dict[str, Any]]:
    """The entries of registry.json by their names."""
    text = Path(__file__).with_name("registry.json").read_text(encoding="utf-8")
    return json.loads(text)


@cache
def _build(name: str) -> MelFormat:
    """Make the format of an entry."""
    entry = registry()[name]
    stft = STFT(**_part(entry, GRID))
    bands = {"scale": entry.get("mel_scale", "slaney"), **_part(entry, BANK)}
    if "bank" in entry:
        edges = entry["n_mels"], entry.get("fmin", 0.0), entry["fmax"]
        bands["weights"] = BANKS[entry["bank"]](stft, *edges)
    scale = None if entry["scale"] is None else LogScale(**entry["scale"])
    with warnings.catch_warnings():
        # Empty bands are the system's own: nobody who uses its format can take fewer.
        warnings.simplefilter("ignore")
        bank = MelBank(stft, **bands)
    rest = _part(entry, FORMAT) | ({"sr": entry["sound_sr"]} if "sound_sr" in entry else {})
    return MelFormat(bank, scale, name=name, **rest)


@cache
def _names() -> dict[str, str]:
    """Every name, that of an alias too, with the name of its entry."""
    entries = registry()
    aliases = {alias: name for name in entries for alias in entries[name].get("aliases", ())}
    return {name: name for name in entries} | aliases


def mel_format(name: str) -> MelFormat:
    """What a system calls a mel spectrogram.

    Parameters
    ----------
    name : str
        As `mel_formats` lists them, such as "hifigan-v1", or that of a system whose format is the
        same, such as "waveglow" for "tacotron2".

    Returns
    -------
    MelFormat

    Raises
    ------
    ValueError
        When no format has this name: the message lists those that are alike.

    Examples
    --------
    >>> fmt = mel_format("hifigan-v1")
    >>> fmt.sr, fmt.bank.n_mels
    (22050, 80)
    >>> mel_format("waveglow").name
    'tacotron2'
    """
    name = _checks.scalar(name)
    if not isinstance(name, str):
        raise TypeError(
            f"name must be the name of a format, as mel_formats() lists them; got {name!r}"
        )
    names = _names()
    if name not in names:
        raise ValueError(f"name must be one of mel_formats(); got {name!r}{_alike(name)}")
    return _build(names[name])


def mel_formats(
    A: ArrayLike | None = None, *, x: ArrayLike | None = None, sr: float | None = None
) -> list[str]:
    """Names of all formats, or of those that an array can be in.

    Parameters
    ----------
    A : array_like, optional
        A mel spectrogram as a system or a model made it.
    x : array_like, shape (n_samples,), optional
        A sound of which the system itself made `A`: it decides.
    sr : float, optional
        Sampling rate of `x` in Hz.

    Returns
    -------
    list of str
        Formats whose number of bands, layout and bounds the array fits and in which its sound would
        be like a recording, the likeliest first. Members of one family may differ in what no array
        shows, such as half a hop of padding: where several are left, listen. With a sound, those
        whose array of it is `A`; none, when no format that is known here makes `A` of it.

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
    if x is None:
        return doubt_and_names(A)[1]
    formats = _with_bands(A)
    x = _checks.one_channel("x", x)
    sr = whole_rate("sr", sr, int(_checks.FASTEST))
    return [fmt.name for fmt in fit.agreeing(A, formats, x, sr)]


def doubt_and_names(A: Floats) -> tuple[float, list[str]]:
    """How doubtful the likeliest format of an array is, and the names that `mel_formats` gives."""
    found = fit.proposals(A, _with_bands(A))
    return fit.doubt(found[0], A) if found else np.inf, [fmt.name for fmt in found]


def what_fits(A: Floats) -> str:
    """What an array can be instead, as the end of a sentence."""
    doubt, names = doubt_and_names(A)
    turned_doubt, turned = doubt_and_names(A.swapaxes(-1, -2))
    if turned_doubt < doubt:
        return f"it can be one of {', '.join(turned)}, if it is transposed"
    return (
        f"it can be one of {', '.join(names)}" if names else "it fits no format that is known here"
    )


def _with_bands(A: Floats) -> list[MelFormat]:
    return [_build(name) for name, entry in registry().items() if _has_bands(entry, A.shape)]


def _has_bands(entry: dict[str, Any], shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape has the bands of an entry, which is quicker to see than to build."""
    return shape[-1 if entry.get("frames_first") else -2] == entry["n_mels"]


def _alike(name: str) -> str:
    """Names that a word may have meant, as the end of a sentence."""
    from difflib import get_close_matches

    words = [word for word in _names() if name.lower() in word]
    words = words or get_close_matches(name.lower(), _names(), n=3)
    return f"; did you mean {' or '.join(map(repr, words[:5]))}?" if words else ""


def _part(entry: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The settings of these names, with tuples in the place of JSON's lists."""
    found = {name: entry[name] for name in names if name in entry}
    return {name: tuple(v) if isinstance(v, list) else v for name, v in found.items()}
