"""Recordings of another rate, by soxr or by this package: the same sound, and one of them in a corpus."""

import sys

import numpy as np
import pytest

import specdemo as sd
from corpora import FMT, contents
from specdemo.corpus import make_features, resampling, storage
from specdemo.corpus.resampling import OWN, SOXR, converted

pytest.importorskip("soxr", reason="soxr is not installed")

RATES = [
    (16000, 22050),
    (44100, 16000),
    (48000, 16000),
    (44101, 16000),
    (8000, 48000),
    (16000, 8000),
]


def by_soxr(pieces, sr, new_sr):
    return np.concatenate(list(converted(pieces, sr, new_sr, SOXR)))


def test_a_tone_stays_a_tone_and_what_lies_above_goes():
    """To 58 dB up to 0.89 of the lower Nyquist frequency, and to 90 dB from 1.01 of it on."""
    for sr, new_sr in RATES:
        inside = slice(new_sr // 10, -new_sr // 10)
        for part in (0.01, 0.5, 0.89, 1.01):
            f = part * min(sr, new_sr) / 2
            if f > sr / 2:
                continue
            x = np.sin(2 * np.pi * f / sr * np.arange(2 * sr)).astype(np.float32)
            expected = np.sin(2 * np.pi * f / new_sr * np.arange(2 * new_sr)) * (part < 1)
            error = np.abs(by_soxr([x], sr, new_sr) - expected)[inside].max()
            assert error < (10 ** (-58 / 20) if part < 1 else 10 ** (-90 / 20)), (sr, new_sr, part)


def test_lengths_are_those_of_this_package(rng):
    for sr, new_sr in RATES:
        for n in (1, 2, 1000, 40001):
            x = rng.uniform(-1, 1, n).astype(np.float32)
            y = by_soxr([x], sr, new_sr)
            assert (len(y), y.dtype) == (-(-n * new_sr // sr), np.float32), (sr, new_sr, n)
            cut = [piece for piece in np.split(x, [n // 3, n // 2]) if len(piece)]
            np.testing.assert_allclose(by_soxr(cut, sr, new_sr), y, atol=1e-6)


@pytest.fixture
def recordings(tmp_path):
    """Two seconds at another rate than that of the format."""
    folder = tmp_path / "in"
    folder.mkdir()
    x, sr = sd.load("speech", duration=2)
    sd.save(folder / "a.wav", sd.resample(x, sr, 44100), 44100)
    sd.save(folder / "b.wav", sd.resample(x[::-1], sr, 44100), 44100)
    return folder


def test_a_corpus_stays_with_what_it_was_begun_with(recordings, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(resampling, "best", lambda: OWN)
        own = make_features(recordings, tmp_path / "own", FMT)
    (tmp_path / "own" / "shards" / "000000.json").unlink()
    before = contents(tmp_path / "own")
    again = make_features(recordings, tmp_path / "own", FMT)
    assert again.settings["resampler"] == OWN
    assert contents(tmp_path / "own").items() >= before.items()
    soxr = make_features(recordings, tmp_path / "soxr", FMT)
    assert soxr.settings["resampler"] == SOXR
    assert soxr.rows[0]["n_samples"] == own.rows[0]["n_samples"]
    # Three steps of half a decibel, where both are loud enough to be told from rounding.
    loud = own[0] > own[0].max() - 6
    assert np.abs(soxr[0] - own[0])[loud].max() < 1.5 * np.log(10) / 20


def test_what_was_begun_with_soxr_needs_it(recordings, tmp_path, monkeypatch):
    out = tmp_path / "out"
    make_features(recordings, out, FMT)
    storage.record_path(out, "000000").unlink()
    monkeypatch.setitem(sys.modules, "soxr", None)
    with pytest.warns(UserWarning, match=r"soxr, with which .* pip install 'specdemo\[corpus\]'"):
        make_features(recordings, out, FMT)
    assert make_features(recordings, tmp_path / "new", FMT).settings["resampler"] == OWN
