"""Spectrograms and back again: tested, readable DSP for a tutorial book.

The modules follow the chapters: `audio`, `stft`, `level` (1), `phase`, `inversion` (2), `mel`,
`timescale` (3, 4), `mfcc` (5), `staircase` (6), `formats` (7), `nets` (8), `voice` (9), `corpus`
(10), with `metrics` to measure, and `plot` and `live` to show what became of a sound. `nets`, `plot`
and `live` need autograd, matplotlib and anywidget; they and `corpus` are imported when first used.

Signals have shape (n_samples,), spectrograms (n_bins, n_frames); leading axes pass through. Arrays
with samples or frames first, as soundfile and PyTorch models return them, are refused where that
can be told: `x.T` is what to pass. The precision of a result is that of the input, and inputs are
never modified. Whatever NumPy can read is an input, such as a tensor on the CPU or a pandas Series;
results are plain arrays of their own.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from specdemo import phase, voice
from specdemo.audio import bandpass, clips, load, load_blocks, remarks, resample, save, takes
from specdemo.formats import LogScale, MelFormat, mel_format, mel_formats
from specdemo.inversion import invert_mel, invert_spectrogram
from specdemo.level import amplitude_to_db, db_to_amplitude, db_to_power, power_to_db
from specdemo.mel import MelBank, hz_to_mel, mel_to_hz
from specdemo.metrics import log_spectral_distance, spectral_convergence
from specdemo.mfcc import inverse_mfcc, mfcc
from specdemo.staircase import Staircase
from specdemo.stft import STFT, frame
from specdemo.timescale import lengthen, shorten

__version__ = "0.1.0"

__all__ = [
    "STFT",
    "Explorer",
    "Figure",
    "LogScale",
    "MelBank",
    "MelFormat",
    "Staircase",
    "amplitude_to_db",
    "bandpass",
    "clips",
    "corpus",
    "db_to_amplitude",
    "db_to_power",
    "frame",
    "hz_to_mel",
    "inverse_mfcc",
    "invert_mel",
    "invert_spectrogram",
    "lengthen",
    "live",
    "load",
    "load_blocks",
    "log_spectral_distance",
    "mel_format",
    "mel_formats",
    "mel_to_hz",
    "mfcc",
    "nets",
    "phase",
    "plot",
    "power_to_db",
    "remarks",
    "resample",
    "save",
    "shorten",
    "spectral_convergence",
    "takes",
    "voice",
]


def __getattr__(name: str) -> Any:
    if name in ("corpus", "live", "nets", "plot"):
        return import_module(f"specdemo.{name}")
    if name in ("Explorer", "Figure"):
        return getattr(import_module("specdemo.live"), name)
    raise AttributeError(f"module 'specdemo' has no attribute {name!r}")
