"""The bundled clips are what their README says, and can be made again."""

import hashlib
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "audio_samples"
SCRIPT = FOLDER.parent / "tools" / "make_clips.py"
CLIPS = sorted(FOLDER.glob("*.wav"))
COMPUTED = ["birdsong", "drums", "music"]

each_clip = pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)


def read_samples(path):
    """Samples of a 16-bit mono WAV, in [-1, 1)."""
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def read_checksums(folder):
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def run_script(*arguments, check=False, env=None):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=check, env=env)


def test_there_are_at_least_five_clips_of_speech_and_other_sound():
    assert {"speech", "speech2", *COMPUTED} <= {path.stem for path in CLIPS}


def test_checksums_match():
    expected = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in CLIPS}
    assert read_checksums(FOLDER) == expected


@each_clip
def test_format(path):
    assert path.stat().st_size < 450_000
    with wave.open(str(path), "rb") as file:
        assert file.getnchannels() == 1
        assert file.getsampwidth() == 2
        assert file.getframerate() in (22050, 44100)
        assert 3 <= file.getnframes() / file.getframerate() <= 5


@each_clip
def test_level(path):
    x = read_samples(path)
    assert 20 * np.log10(np.max(np.abs(x))) == pytest.approx(-3, abs=0.1)
    assert abs(np.mean(x)) < 1e-4


@each_clip
def test_ends_are_quiet(path):
    """No click: silence at the first and last sample, to within the dither."""
    x = read_samples(path)
    assert abs(x[0]) <= 2 / 32768
    assert abs(x[-1]) <= 2 / 32768


@each_clip
def test_readme_lists_the_clip(path):
    assert f"| `{path.name}` |" in (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    run_script(*COMPUTED, "--output", folder, check=True)
    return folder


@pytest.mark.parametrize("name", COMPUTED)
def test_computed_clips_can_be_made_again(name, remade):
    """To within one step of 16 bits, which on the machine that made them is zero.

    The sine of another processor or numpy may differ in its last digit, and a value
    halfway between two steps is then rounded the other way.
    """
    with wave.open(str(remade / f"{name}.wav"), "rb") as file:
        assert file.getframerate() == 22050
    x, y = read_samples(FOLDER / f"{name}.wav"), read_samples(remade / f"{name}.wav")
    assert len(x) == len(y)
    assert np.max(np.abs(x - y)) <= 1 / 32768


def test_the_same_machine_makes_the_same_bytes(remade, tmp_path):
    run_script("drums", "--output", tmp_path, check=True)
    assert read_checksums(tmp_path)["drums.wav"] == read_checksums(remade)["drums.wav"]


def test_only_the_named_clips_are_made(remade):
    made = sorted(path.name for path in remade.iterdir())
    assert made == ["SHA256SUMS", *(f"{name}.wav" for name in COMPUTED)]


def test_an_unknown_name_is_refused(tmp_path):
    result = run_script("whale", "--output", tmp_path)
    assert result.returncode != 0
    assert "'whale'" in result.stderr
    assert "birdsong" in result.stderr


def test_a_missing_synthesiser_is_named(tmp_path):
    result = run_script("speech2", "--output", tmp_path, env={"PATH": ""})
    assert result.returncode != 0
    assert "'flite' is not on the PATH" in result.stderr
    assert "apt-get install flite" in result.stderr
    assert "Traceback" not in result.stderr
