"""Sound in and out: the clips of the book, files, filters, and remarks on a recording."""

from specdemo.audio.clips import CLIPS, Take, clips, takes
from specdemo.audio.files import load, load_blocks, save
from specdemo.audio.filters import bandpass, resample
from specdemo.audio.remarks import remarks

__all__ = [
    "CLIPS",
    "Take",
    "bandpass",
    "clips",
    "load",
    "load_blocks",
    "remarks",
    "resample",
    "save",
    "takes",
]
