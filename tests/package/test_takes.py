"""The spoken digits and sentences: what is there, whence, and a reader's own folder instead."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import specdemo as sd

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "audio_samples"
SETS = ("digits", "sentences")
VOICES = {"awb", "kal16", "rms", "slt"}


def test_four_voices_say_each_digit_at_three_pitches():
    words = sd.takes("digits")
    assert sorted((w.text, w.voice, w.take) for w in words) == sorted(
        (str(digit), voice, str(take))
        for digit in range(10)
        for voice in VOICES
        for take in range(3)
    )


def test_every_voice_says_four_sentences_of_its_own():
    assert sorted(w.voice for w in sd.takes("sentences")) == sorted(4 * [*VOICES])


def test_size_and_checksums():
    files = [path for name in SETS for path in (FOLDER / name).glob("*.flac")]
    assert sum(path.stat().st_size for path in files) < 1.1e6
    for name in SETS:
        lines = (FOLDER / name / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        listed = {file: digest for digest, file in (line.split("  ") for line in lines)}
        found = (FOLDER / name).glob("*.flac")
        assert listed == {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found
        }


def test_rate_and_level():
    pytest.importorskip("soundfile")
    for name in SETS:
        for take in sd.takes(name):
            x, sr = sd.load(take.path)
            assert sr == 16000, take.path.name
            assert 20 * np.log10(np.abs(x).max()) == pytest.approx(-3, abs=0.1), take.path.name


def test_the_readme_tells_of_voices_and_licence():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for word in (*VOICES, "Flite 2.2", "make_digits.py", "digits/", "sentences/"):
        assert word in readme, word


def test_a_folder_of_ones_own(tmp_path):
    for name in ("3_anna_0.wav", "4_anna_1.WAV", "a walk.flac", "notes.txt", "x_y.ogg"):
        (tmp_path / name).touch()
    found = [take[:3] for take in sd.takes(tmp_path)]
    assert found == [("3", "anna", "0"), ("4", "anna", "1"), ("a walk", "", ""), ("x_y", "", "")]


def test_what_is_no_recording_is_passed_over(tmp_path):
    """Folders, links to nothing, and what macOS leaves beside each file on another disk."""
    sd.save(tmp_path / "3_anna_0.wave", np.zeros(10), 8000)
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "._3_anna_0.wav").write_bytes(b"\0\5\x16\7")
    if os.name == "posix":
        (tmp_path / "dead.wav").symlink_to(tmp_path / "nowhere.wav")
    assert [take.text for take in sd.takes(tmp_path)] == ["3"]


def test_an_empty_folder_is_an_error(tmp_path):
    for folder in (tmp_path, tmp_path / "missing", "digit"):
        with pytest.raises(FileNotFoundError, match="folder must be one of digits, sentences"):
            sd.takes(folder)


def test_a_missing_synthesiser_is_named(tmp_path):
    pytest.importorskip("soundfile")
    command = [sys.executable, str(ROOT / "tools" / "make_digits.py"), "--output", str(tmp_path)]
    env = {**os.environ, "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode != 0
    assert "'flite' is not on the PATH" in done.stderr and "apt-get install flite" in done.stderr
    assert "Traceback" not in done.stderr
