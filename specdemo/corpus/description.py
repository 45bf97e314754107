"""What a folder of recordings has, from their headers alone."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from specdemo._checks import MOST_SAMPLES
from specdemo.audio import files, wav
from specdemo.audio._views import Source, View
from specdemo.corpus import planning, storage
from specdemo.corpus.planning import counted, printable
from specdemo.corpus.recordings import check_rate

SECONDS_PER_HOUR = 3600
BYTES_PER_MB = 1e6

# LJSpeech has one speaker, and no folder for her.
LJSPEECH = re.compile(r"LJ\d{3}-\d{4}")


@dataclass(frozen=True)
class Description:
    """What a folder of recordings has.

    Parameters
    ----------
    n_recordings : int
        Recordings whose header can be read.
    hours : float
        How long they last together, as their headers have it, without those of `unknown` length.
    megabytes : float
    rates, formats, channels : mapping
        How many recordings have each sampling rate in Hz, format, and number of channels.
    speakers : mapping
        How many recordings each speaker has, where the names tell; "" stands for those where they
        do not.
    shortest, longest : float
        Seconds.
    unknown : tuple of str
        Recordings whose header does not say how long they are, as when they came through a pipe.
    problems : mapping of str to str
        Recordings whose header cannot be read, and why.
    passed_over : mapping of str to int
        How many files have each ending of recordings that `load` does not read, such as ".m4a".
    """

    n_recordings: int
    hours: float
    megabytes: float
    rates: Mapping[int, int]
    formats: Mapping[str, int]
    channels: Mapping[int, int]
    speakers: Mapping[str, int]
    shortest: float
    longest: float
    unknown: tuple[str, ...]
    problems: Mapping[str, str]
    passed_over: Mapping[str, int]

    def __str__(self) -> str:
        n_speakers = len(self.speakers.keys() - {""})
        more = f", and {len(self.unknown)} of unknown length" if self.unknown else ""
        lines = [
            f"{counted(self.n_recordings, 'recording')}, {self.hours:.2f} h{more}, {self.megabytes:.1f} MB",
            f"lengths: {self.shortest:.2f} to {self.longest:.2f} s",
            f"rates: {_counts(self.rates, ' Hz')}",
            f"formats: {_counts(self.formats)}",
            f"channels: {_counts(self.channels)}",
            f"speakers: {n_speakers or 'the names of the files do not tell'}",
        ]
        lines += [planning.passed_over(self.passed_over)] if self.passed_over else []
        lines += [printable(f"{path}: {why}") for path, why in self.problems.items()]
        return "\n".join(lines)


def describe(folder: str | os.PathLike[str]) -> Description:
    """Say what a folder of recordings has, from their headers alone.

    Parameters
    ----------
    folder : str or path-like
        Recordings, in this folder or in folders in it.

    Returns
    -------
    Description

    Raises
    ------
    FileNotFoundError
        When there is no such folder.

    Examples
    --------
    >>> from specdemo import takes
    >>> found = describe(takes("sentences")[0].path.parent)
    >>> found.n_recordings, dict(found.rates)
    (16, {16000: 16})
    """
    folder = storage.place("folder", folder)
    others: Counter[str] = Counter()
    found = planning.find(folder, others)
    headers: dict[str, tuple[int, int, int, str]] = {}
    problems = {}
    for path in found:
        try:
            headers[path] = _header(folder / path)
        except (ValueError, OSError, RuntimeError) as error:
            problems[path] = str(getattr(error, "strerror", None) or error)
    known = {path: n for path, (n, *_) in headers.items() if 0 <= n < MOST_SAMPLES}
    seconds = [n_samples / headers[path][1] for path, n_samples in known.items()]
    return Description(
        n_recordings=len(headers),
        hours=sum(seconds) / SECONDS_PER_HOUR,
        megabytes=sum(found[path].size for path in headers) / BYTES_PER_MB,
        rates=Counter(sr for _, sr, _, _ in headers.values()),
        formats=Counter(kind for _, _, _, kind in headers.values()),
        channels=Counter(channels for _, _, channels, _ in headers.values()),
        speakers=Counter(speaker_of(f"{folder.name}/{path}") or "" for path in headers),
        shortest=min(seconds, default=0.0),
        longest=max(seconds, default=0.0),
        unknown=tuple(path for path in headers if path not in known),
        problems=problems,
        passed_over=others,
    )


def speaker_of(path: str) -> str | None:
    """The speaker of a recording, where its name tells, as in LibriSpeech, LibriTTS and VCTK.

    There its name begins with that of a folder that it lies in: `19/198/19-198-0001.flac`.

    Examples
    --------
    >>> speaker_of("train-clean-100/19/198/19-198-0001.flac")
    '19'
    >>> speaker_of("wav48/p225/p225_001.wav")
    'p225'
    >>> speaker_of("wavs/LJ001-0001.wav")
    'LJ'
    """
    *folders, name = Path(path).parts
    if LJSPEECH.match(name):
        return "LJ"
    first = re.split(r"[-_.]", name)[0]
    return first if first in folders else None


def _header(path: Path) -> tuple[int, int, int, str]:
    """Samples (less than 0 if it does not say), rate, channels and format, as a header has them."""
    if planning.status(path) is None:
        raise ValueError("is no file, or a link to one that is missing")
    # An open file, since a name need not be text that can be handed on.
    with Source(path, {}).open() as view:
        try:
            reader = wav.WavReader(view, path.name)
            header = reader.n_samples, reader.sr, reader.channels, "WAV"
        except (ValueError, wav.OtherKind) as error:
            header = _header_by_soundfile(view, path, error)
    check_rate(header[1])
    return header


def _header_by_soundfile(view: View, path: Path, error: Exception) -> tuple[int, int, int, str]:
    try:
        import soundfile
    except (ImportError, OSError):
        raise ValueError(f"{error}; to read other formats than WAV, install soundfile") from error
    view.seek(0)
    try:
        info = soundfile.info(view)
    except soundfile.SoundFileError:
        return _header_by_load(path)
    return info.frames, info.samplerate, info.channels, info.format


def _header_by_load(path: Path) -> tuple[int, int, int, str]:
    """Of what `load` reads although soundfile alone does not, or why `load` does not either."""
    with files._open(Source(path, {})) as reader:
        return -1, reader.sr, reader.channels, path.suffix[1:].upper()


def _counts(counts: Mapping[int, int] | Mapping[str, int], unit: str = "") -> str:
    """Values with how often they come, the most frequent first."""
    pairs = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return ", ".join(f"{value}{unit} ({count})" for value, count in pairs)
