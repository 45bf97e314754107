"""`specdemo formats`: all formats, or those that an array can be in."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from specdemo._command.arrays import load_array
from specdemo._command.typed import TypedWrongly
from specdemo.audio import load
from specdemo.formats import LogScale, MelFormat, fit, mel_format, mel_formats
from specdemo.stft import STFT

NAME = "formats"
HELP = "all formats, or those that an array can be in"
DESCRIPTION = """\
List what is known of each system's mel spectrogram; or, of an array, in which formats it can be,
the likeliest first. With a sound of which the array was made, only those that make it are left."""
EXAMPLES = """\
examples:
  specdemo formats
  specdemo formats mel.npy
  specdemo formats mel.npy --sound speech.wav
  specdemo formats mel.npy --all"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `specdemo formats` accepts."""
    add = parser.add_argument
    add("mel", nargs="?", type=Path, help=".npy, .npz, .safetensors or .pt")
    add("--key", help="which array, where the file holds several")
    add("--sound", help="the recording of which the array was made")
    add("--all", action="store_true", help="say of every other format why not")


def run(given: argparse.Namespace) -> int:
    """List formats; return 1 when an array fits none."""
    if given.mel is None:
        if given.sound is not None:
            raise TypedWrongly(
                "--sound needs an array beside it: specdemo formats MEL --sound SOUND"
            )
        _print_table([mel_format(name) for name in mel_formats()])
        return 0
    A = load_array(given.mel, given.key)
    x, sr = load(given.sound) if given.sound else (None, None)
    names = mel_formats(A, x=x, sr=sr)
    _print_proposals(given, A, names)
    if given.all:
        _print_refusals(A, names)
    return 0 if names else 1


def _print_proposals(given: argparse.Namespace, A: np.ndarray, names: list[str]) -> None:
    low, high = float(np.min(A)), float(np.max(A))
    print(f"{given.mel}: {A.dtype}, shape {A.shape}, values from {low:.4g} to {high:.4g}")
    if not names:
        made = " of which this sound has this array" if given.sound else ""
        turned = [] if given.sound else mel_formats(A.swapaxes(-1, -2))
        print(f"It fits no format that is known here{made}." + _if_turned(turned))
        return
    _print_table([mel_format(name) for name in names])
    if not given.sound:
        print("Where several are left, listen: specdemo invert MEL --format NAME")


def _if_turned(names: list[str]) -> str:
    return f" Transposed, it could be {', '.join(names)}." if names else ""


def _print_refusals(A: np.ndarray, names: list[str]) -> None:
    for name in (name for name in mel_formats() if name not in names):
        fmt = mel_format(name)
        reason = fmt.misfit(A) or fit.unlike_a_recording(fmt, A)
        print(f"not {name}: {reason}")


def _print_table(formats: list[MelFormat]) -> None:
    rows = [HEADER, *map(_row, formats)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


HEADER = (
    "name",
    "rate",
    "FFT/hop",
    "window",
    "padding",
    "bands",
    "Hz",
    "scale/norm",
    "numbers",
    "layout",
)


def _row(fmt: MelFormat) -> tuple[str, ...]:
    bank, stft = fmt.bank, fmt.bank.stft
    return (
        fmt.name,
        f"{fmt.sr:g}",
        f"{stft.n_fft}/{stft.hop_length}",
        _window(stft),
        _padding(stft),
        str(bank.n_mels),
        f"{bank.fmin:g}-{bank.fmax:g}",
        f"{bank.scale}/{bank.norm or 'none'}",
        _numbers(fmt.scale, bank.power),
        "frames first" if fmt.frames_first else "bands first",
    )


def _window(stft: STFT) -> str:
    kind: Any = stft.window
    name = kind if isinstance(kind, str) else " ".join(map(str, kind))
    return name if stft.win_length is None else f"{name} {stft.win_length}"


def _padding(stft: STFT) -> str:
    before, behind = stft._padding.before, stft._padding.behind
    if not before and not behind:
        return "none"
    count = f"{before}" if before == behind else f"{before}+{behind}"
    return f"{count} {'zeros' if stft.pad_mode == 'constant' else stft.pad_mode}"


def _numbers(scale: LogScale | None, power: float) -> str:
    kind = "amplitude" if power == 1 else "power"
    if scale is None:
        return kind
    log = "ln" if scale.base == "e" else "log10"
    factor = "" if scale.factor == 1 else f"{scale.factor:g} "
    normalised = scale.per_band or scale.to_max or scale.mean != 0 or scale.std != 1
    return f"{factor}{log} {kind}" + (", normalised" if normalised else "")
