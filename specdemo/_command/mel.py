"""`specdemo mel`: what a model would be given of a recording."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import numpy as np

from specdemo._command.invert import known_format
from specdemo._command.typed import REPLACE, TypedWrongly, outputs, refuse_to_replace
from specdemo.audio import _saving, load

NAME = "mel"
HELP = "mel spectrogram of a recording, in the format of a model"
DESCRIPTION = """\
Turn a recording into the mel spectrogram that a model is given: at its rate, one channel, in its
layout and numbers."""
EXAMPLES = """\
examples:
  specdemo mel speech.wav --format hifigan-v1 -o mel.npy
  specdemo mel recordings/*.flac --format whisper-80 -o mels/"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `specdemo mel` accepts."""
    add = parser.add_argument
    add("sound", nargs="+", help="a recording, or the name of a clip such as speech")
    add("-f", "--format", metavar="NAME", required=True, help="`specdemo formats` lists all")
    add(
        "-o",
        "--output",
        metavar="OUT",
        help="a .npy file, or a folder; default: SOUND.npy",
    )
    add("--half", action="store_true", help="store float16 in place of float32")
    add("--replace", action="store_true", help=REPLACE)
    add("-q", "--quiet", action="store_true", help="say only what is wrong")


def run(given: argparse.Namespace) -> int:
    """Turn every recording into an array; return 1 when one could not be, after trying all."""
    fmt = known_format(given, given.format)
    failed = 0
    targets = outputs([Path(sound) for sound in given.sound], given.output, ".npy")
    if targets[0].suffix != ".npy" and given.output is not None:
        raise TypedWrongly(f"-o must end in .npy, since that is written; got {given.output}")
    for path, target in zip(given.sound, targets, strict=True):
        try:
            refuse_to_replace(target, given.output, given.replace)
            x, _ = load(path, sr=round(fmt.sr))
            A = fmt.forward(x).astype(np.float16 if given.half else np.float32)
            _write(target, A)
        except (ValueError, TypeError, OSError, ImportError) as error:
            print(f"specdemo: {path}: {error}", file=sys.stderr)
            failed = 1
            continue
        if not given.quiet:
            layout = "(n_frames, n_mels)" if fmt.frames_first else "(n_mels, n_frames)"
            print(f"{target}: {A.dtype}, {layout} = {A.shape}, {len(x) / fmt.sr:.2f} s")
    return failed


def _write(target: Path, A: np.ndarray) -> None:
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} is missing")
    stored = io.BytesIO()
    np.save(stored, A)
    _saving.write(target, stored.getvalue())
