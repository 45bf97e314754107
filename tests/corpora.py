"""Corpora in tests: what is in a folder of features, and work that kills whoever does it."""

import importlib
import sys
from contextlib import contextmanager

import specdemo as sd
from specdemo.corpus import make_features

FMT = sd.mel_format("hifigan-v1")
SHARD_MB = 0.02  # some two of the recordings below


def write_recordings(folder):
    """Twelve pieces of the bundled speech in LibriSpeech's layout: one recording is FLAC, one WAV."""
    import soundfile

    for speaker, clip in (("19", "speech"), ("26", "speech2")):
        x, sr = sd.load(clip)
        for i in range(6):
            piece = x[4000 * i + 6000 : 4000 * i + 12000 + 500 * i]
            path = folder / speaker / "198" / f"{speaker}-198-{i:04d}.{'wav' if i % 2 else 'flac'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, piece, sr)
    return folder


def make(folder, out, fmt=FMT, client=None, **kwargs):
    """Features of the recordings above, in shards of two."""
    return make_features(folder, out, fmt, client, shard_mb=SHARD_MB, **kwargs)


def contents(out):
    """Every file of a folder of features, with its bytes."""
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


@contextmanager
def importable(name, text, folder):
    """A module of this text, which workers can import as well."""
    (folder / f"{name}.py").write_text(text)
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
