"""What is measured on: the bundled clips, and the recordings of a folder."""

from pathlib import Path

import numpy as np

import specdemo as sd

SPEECH = ("speech", "speech2")


def collect(folder=None):
    """Names and paths of the bundled clips and of the WAVs of a folder, bundled ones first."""
    found = dict(sd.clips())
    if folder is not None:
        found |= {path.name: path for path in sorted(Path(folder).glob("*.wav"))}
    return found


def is_speech(name):
    """Whether PESQ and STOI, made for voices, apply; recordings from a folder count as speech."""
    return name in SPEECH or name not in sd.clips()


def seconds_of_speech(seconds, sr):
    """The two bundled voices after each other, again and again, `seconds` long."""
    voices = np.concatenate([sd.load(name, sr=sr)[0] for name in SPEECH])
    return np.resize(voices, round(seconds * sr))
