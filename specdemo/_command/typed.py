"""What is typed: numbers of options, names of what is to be written, and what is wrong with them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

REPLACE = "replace files that are there and that no option names"


class TypedWrongly(ValueError):
    """The command cannot be carried out as it was typed: the exit code is 2."""


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return the type of an option that takes whole numbers from `least` up, and to `most`."""
    reach = f"at least {least}" if most is None else f"from {least} to {most}"

    def parse(text: str) -> int:
        number = int(text) if text.removeprefix("-").isdecimal() else least - 1
        if number < least or most is not None and number > most:
            raise argparse.ArgumentTypeError(f"must be a whole number, {reach}; got {text!r}")
        return number

    return parse


def outputs(
    paths: Sequence[Path], output: str | None, suffix: str, *, option: str = "-o"
) -> list[Path]:
    """Return what to write for each file: beside it, in a folder, or one file.

    Raises
    ------
    TypedWrongly
        When a folder is missing, or two files would be written to one.
    """
    named = [path.with_suffix(suffix) if path.name else path for path in paths]
    if output is None:
        targets = named
    elif os.path.isdir(output) or len(paths) > 1 or _names_a_folder(output):
        if not os.path.isdir(output):
            why = f" for {len(paths)} files" if len(paths) > 1 else ""
            raise TypedWrongly(f"{option} must be a folder that is there{why}; got {output}")
        targets = [Path(output, path.name) for path in named]
    else:
        targets = [Path(output)]
    _refuse_two_in_one(paths, targets)
    return targets


def _names_a_folder(name: str) -> bool:
    return name.endswith(tuple(filter(None, (os.sep, os.altsep))))


def _refuse_two_in_one(paths: Sequence[Path], targets: Sequence[Path]) -> None:
    written: dict[str, Path] = {}
    for path, target in zip(paths, targets, strict=True):
        other = written.setdefault(os.path.normcase(os.path.abspath(target)), path)
        if other is not path:
            raise TypedWrongly(
                f"{other} and {path} would both be written to {target}: one at a time, by -o"
            )


def refuse_to_replace(target: Path, output: str | None, replace: bool) -> None:
    """Raise an error where a file is that nobody has named, such as the recording of an array.

    Parameters
    ----------
    target : Path
        What is to be written.
    output : str, optional
        What was typed: the name of the file, or of a folder.
    replace : bool
        Whether files without a name may be replaced.

    Raises
    ------
    FileExistsError
    """
    is_named = output is not None and Path(output) == target
    if target.is_file() and not is_named and not replace:
        raise FileExistsError(f"{target} is there already: to have it replaced, add --replace")
