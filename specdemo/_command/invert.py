"""`specdemo invert`: sound of a model's mel spectrogram."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from specdemo._command.arrays import load_array
from specdemo._command.typed import REPLACE, TypedWrongly, outputs, refuse_to_replace, whole_number
from specdemo.audio import save
from specdemo.formats import MelFormat, mel_format, mel_formats

NAME = "invert"
HELP = "sound of a mel spectrogram that a model made"
DESCRIPTION = """\
Turn a mel spectrogram, as a system or a model made it, into sound. The array may be float16,
float32 or float64, and may have a batch axis of one in front."""
EXAMPLES = """\
examples:
  specdemo invert mel.npy --format hifigan-v1 -o out.wav
  specdemo invert outputs.npz --key mel --format vocos-24k
  specdemo invert *.npy --format tacotron2 -o sounds/
  specdemo invert mel.npy --format nemo-asr --statistics mean_and_std.npy

Without --format, the formats that the array can be in are listed."""

# Iterations that take less than this are not worth a line that moves.
PATIENCE = 1.0  # s


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `specdemo invert` accepts."""
    add = parser.add_argument
    add("mel", nargs="+", type=Path, help=".npy, .npz, .safetensors or .pt")
    add("-f", "--format", metavar="NAME", help="what made it; `specdemo formats` lists all")
    add("-o", "--output", metavar="OUT", help=OUTPUT)
    add("--key", help="which array, where the file holds several")
    add("--length", type=whole_number(1), metavar="N", help=LENGTH)
    add("--iterations", type=whole_number(0), default=100, metavar="N", help=ITERATIONS)
    add("--seed", type=whole_number(0), default=0, help="of the phases to start from; default: 0")
    add("--peak", type=float, metavar="VALUE", help="the largest value, where it was subtracted")
    add("--statistics", type=Path, metavar="FILE", help=STATISTICS)
    add("--picture", metavar="FILE", help=PICTURE)
    add("--replace", action="store_true", help=REPLACE)
    add("-q", "--quiet", action="store_true", help="say only what is wrong")


OUTPUT = "a WAV file, or a folder; default: MEL.wav"
LENGTH = "samples to return; default: a hop for each frame"
ITERATIONS = "default: 100; more is better"
PICTURE = "draw the array, and that of the sound; a folder for several files"
STATISTICS = (
    "mean and deviation of every band, an array of shape (2, n_mels), where they were removed"
)


def run(given: argparse.Namespace) -> int:
    """Invert every file; return 1 when one could not be, after trying all."""
    if given.format is None:
        return _list_formats(given)
    fmt = known_format(given, given.format)
    _check_statistics(fmt)
    targets = outputs(given.mel, given.output, ".wav")
    pictures: Sequence[Path | None] = [None] * len(targets)
    if given.picture:
        pictures = outputs(given.mel, given.picture, ".png", option="--picture")
    failed = 0
    for path, target, picture in zip(given.mel, targets, pictures, strict=True):
        try:
            refuse_to_replace(target, given.output, given.replace)
            if picture:
                refuse_to_replace(picture, given.picture, given.replace)
            _invert(given, fmt, path, target, picture)
        except (ValueError, TypeError, OSError) as error:
            print(f"specdemo: {path}: {error}", file=sys.stderr)
            failed = 1
    return failed


def known_format(given: argparse.Namespace, name: str) -> MelFormat:
    """Return the format of a name, with what is known of the utterance given back to it."""
    try:
        fmt = mel_format(name)
    except ValueError as error:
        sentence = str(error).replace("mel_formats()", "those that `specdemo formats` lists")
        raise TypedWrongly(sentence.replace("name must", "--format must")) from error
    if getattr(given, "peak", None) is not None:
        fmt = fmt.with_peak(given.peak)
    if getattr(given, "statistics", None) is not None:
        found = load_array(given.statistics)
        if found.shape != (2, fmt.bank.n_mels):
            raise ValueError(
                f"--statistics must have shape (2, {fmt.bank.n_mels}); got {found.shape}"
            )
        fmt = fmt.with_statistics(*found)
    return fmt


def _check_statistics(fmt: MelFormat) -> None:
    if fmt.scale is not None and fmt.scale.per_band:
        raise ValueError(
            f"in {fmt.name} mean and deviation of every band are taken away: give them back, by "
            "--statistics FILE"
        )


def _invert(
    given: argparse.Namespace, fmt: MelFormat, path: Path, target: Path, picture: Path | None
) -> None:
    A = load_array(path, given.key)
    A = A.reshape(A.shape[-2:]) if A.ndim > 2 and A.size == A.shape[-1] * A.shape[-2] else A
    if A.ndim != 2:
        raise ValueError(f"the array must be one mel spectrogram; its shape is {A.shape}")
    began = time.monotonic()
    x = fmt.inverse(
        A,
        length=given.length,
        n_iter=given.iterations,
        rng=given.seed,
        on_iteration=None if given.quiet else _progress(given.iterations),
    )
    peak = float(np.abs(x).max())
    save(target, x / max(peak, 1.0), round(fmt.sr))
    if picture:
        _draw(fmt, A, x, picture)
    # What is no file may be the output that this would be printed to.
    if not given.quiet and target.is_file():
        print(
            f"{target}: {len(x) / fmt.sr:.2f} s at {fmt.sr:g} Hz, peak {peak:.2f}, "
            f"in {time.monotonic() - began:.1f} s"
        )
        if peak > 1:
            print(f"  It was divided by {peak:.3g}, since a WAV file reaches from -1 to 1.")
        for sentence in fmt.losses:
            print(f"  {sentence}")


def _progress(n_iter: int) -> Callable[[int, float], None] | None:
    """A line that counts iterations, on a terminal, from when it takes long."""
    if not sys.stderr.isatty():
        return None
    began = time.monotonic()

    def show(i: int, convergence_db: float) -> None:
        if time.monotonic() - began > PATIENCE:
            end = "\r" if i < n_iter else "\r\033[K"
            print(f"{i} of {n_iter} iterations, {convergence_db:.1f} dB", end=end, file=sys.stderr)

    return show


def _list_formats(given: argparse.Namespace) -> int:
    for path in given.mel:
        names = mel_formats(load_array(path, given.key))
        can = f"it can be {', '.join(names)}" if names else "it fits none of `specdemo formats`"
        print(f"specdemo: {path}: say its format, by --format; {can}", file=sys.stderr)
    return 2


def _draw(fmt: MelFormat, A: np.ndarray, x: np.ndarray, target: Path) -> None:
    """Draw the array and that of the sound, one above the other."""
    try:
        from specdemo import plot
    except ImportError as error:
        raise ImportError("--picture needs matplotlib: pip install 'specdemo[plot]'") from error
    from matplotlib.figure import Figure

    plot.use_style()
    figure = Figure(figsize=(8, 6), layout="constrained")
    of_sound = fmt.forward(x)
    for ax, array, title in zip(
        figure.subplots(2, 1), (A, of_sound), ("the array", "the array of its sound"), strict=True
    ):
        array = array.T if fmt.frames_first else array
        extent = (0, array.shape[1] * fmt.bank.stft.hop_length / fmt.sr, 0, len(array))
        image = ax.imshow(
            array.astype(np.float32), origin="lower", aspect="auto", extent=extent,
            vmin=A.min(), vmax=A.max(), interpolation="nearest",
        )  # fmt: skip
        ax.set(title=title, xlabel="time (s)", ylabel="band")
        figure.colorbar(image, ax=ax)
    figure.savefig(target)
