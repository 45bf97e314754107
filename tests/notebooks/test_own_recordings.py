"""Chapters 8 and 9 with recordings of the reader's own, of any rate, instead of those of the book."""

import numpy as np
import pytest

import specdemo as sd
from chapter_code import run

pytest.importorskip("soundfile", reason="soundfile is not installed: it reads FLAC")


def folder_of(place, sr, voices):
    """A folder with the digits of some voices of the book, at another rate; `voices` renames them."""
    place.mkdir()
    for take in sd.takes("digits"):
        if take.voice in voices:
            x = sd.resample(*sd.load(take.path), sr)
            name = f"{take.text}_{voices[take.voice]}_{take.take}.wav"
            sd.save(place / name, x, sr)
    return place


@pytest.mark.parametrize("sr", [8000, 44100])
def test_words_have_the_same_pitch_and_length_at_any_rate(sr, tmp_path, monkeypatch):
    place, takes = folder_of(tmp_path / "words", sr, {"awb": "awb", "rms": "rms"}), sd.takes
    rows = []
    for folder in ("digits", place):
        found = [t for t in takes(folder) if t.voice in ("awb", "rms")]
        monkeypatch.setattr(sd, "takes", lambda name, found=found: found)
        rows.append(run("09", monkeypatch, until="words", RATES=(16000,))["rows"])
    original, again = rows
    middle, _, duration = np.abs(again - original)[:, -3:].T / 3  # octaves
    assert len(original) == 60
    assert np.median(middle) < 0.01 and np.mean(middle < 0.1) > 0.9
    # Where the loudest cell lies above 4 kHz, a word at 8 kHz may end elsewhere.
    assert np.median(duration) < 0.02 and np.mean(duration < 0.2) > (0.9 if sr > 16000 else 0.6)
