"""The clips that come with the book."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import NamedTuple

CLIPS = ("speech", "speech2", "music", "birdsong", "drums")


# What can be decoded, by the ends of the names.
SOUNDS = {".wav", ".wave", ".flac", ".ogg", ".mp3", ".aif", ".aiff"}
SETS = ("digits", "sentences")


class Take(NamedTuple):
    """A recording of a set: what is said in it, and by whom.

    Attributes
    ----------
    text : str
        What is said: a digit, or the number of a sentence.
    voice : str
        Who says it.
    take : str
        Which of several times.
    path : pathlib.Path
        The file.
    """

    text: str
    voice: str
    take: str
    path: Path


def takes(folder: str | PathLike[str]) -> list[Take]:
    """The recordings of a set, such as those that chapters 8 and 9 train on.

    Parameters
    ----------
    folder : str or path
        "digits" or "sentences" for those of the book, or a folder of your own.

    Returns
    -------
    list of Take
        In the order of their names. A name `3_anna_0.wav` says text, voice and take; of other names,
        the whole is the text, and nothing is known of the voice.

    Raises
    ------
    TypeError, FileNotFoundError
        When `folder` is no path; when there is no such folder, or no sound in it.

    Examples
    --------
    >>> words = takes("digits")
    >>> len(words), words[0].text, words[0].voice
    (120, '0', 'awb')
    """
    if not isinstance(folder, (str, PathLike)):
        raise TypeError(f"folder must be a word or a path; got {folder!r:.40}")
    own = folder not in SETS
    place = Path(folder).expanduser() if own else _folder() / folder
    paths = sorted(path for path in place.glob("*") if _is_sound(path))
    if not paths:
        raise FileNotFoundError(
            f"folder must be one of {', '.join(SETS)}, or a folder with sounds "
            f"({' '.join(sorted(SOUNDS))}); there are none in {place}"
        )
    return [_take(path) for path in paths]


def _is_sound(path: Path) -> bool:
    """Whether it is named as one, and there; what begins with a dot is the system's own."""
    is_named = path.suffix.lower() in SOUNDS and not path.name.startswith(".")
    return is_named and path.is_file()


def _take(path: Path) -> Take:
    parts = path.stem.split("_")
    text, voice, take = parts if len(parts) == 3 else (path.stem, "", "")
    return Take(text, voice, take, path)


def _folder() -> Path:
    """Where the clips are: beside the package in a checkout, inside it when it is installed."""
    package = Path(__file__).parents[1]
    installed, checkout = package / "clips", package.parent / "audio_samples"
    return installed if installed.is_dir() else checkout


def clips() -> dict[str, Path]:
    """The bundled clips, in the order of the book.

    Returns
    -------
    dict of str to pathlib.Path
        Name and WAV file of each clip.

    Examples
    --------
    >>> list(clips())
    ['speech', 'speech2', 'music', 'birdsong', 'drums']
    """
    return {name: _folder() / f"{name}.wav" for name in CLIPS}
