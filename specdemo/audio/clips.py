"""The clips that come with the book."""

from __future__ import annotations

from pathlib import Path

CLIPS = ("speech", "speech2", "music", "birdsong", "drums")


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
    package = Path(__file__).parents[1]
    installed, checkout = package / "clips", package.parent / "audio_samples"
    folder = installed if installed.is_dir() else checkout
    return {name: folder / f"{name}.wav" for name in CLIPS}
