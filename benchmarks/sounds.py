"""What is measured on: the bundled clips, and the recordings of a folder."""

from pathlib import Path

import numpy as np
import soundfile

import specdemo as sd

SPEECH = ("speech", "speech2")
RECORDING_S = 12  # of a corpus, as most are of LibriSpeech
ROOM = (
    5e-4  # root mean square of its noise: FLAC of none would be shorter than that of any recording
)


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


def write_corpus(folder, n_recordings, sr=16000):
    """Write a corpus in FLAC, the same each time: each recording has sentences of one voice."""
    voices = {}
    for take in sd.takes("sentences"):
        x = sd.load(take.path, sr=sr)[0].astype(np.float32)
        voices.setdefault(take.voice, []).append(x)
    rng = np.random.default_rng(0)
    for i in range(n_recordings):
        name = list(voices)[i % len(voices)]
        said = np.concatenate([voices[name][j] for j in rng.permutation(len(voices[name]))])
        x = said[: round(rng.uniform(0.96, 1.04) * RECORDING_S * sr)] * rng.uniform(0.25, 1)
        path = folder / name / f"{i:04}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = ROOM * rng.standard_normal(len(x), np.float32)
        soundfile.write(path, x + noise, sr)
