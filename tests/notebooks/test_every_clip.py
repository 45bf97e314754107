"""Every notebook runs from its parameter cell on other recordings than the one it was written with.

`make test-all` tries all of them; otherwise, of each recording, one chapter that is quick with it.
"""

import os

import nbformat
import numpy as np
import pytest
import scipy.io.wavfile

import build
import notebooks as stored_notebooks
import specdemo as sd

CHAPTERS = [path.stem for path in sorted(stored_notebooks.NOTEBOOKS.glob("*.ipynb"))]
OTHERS = [name for name in sd.clips() if name != "speech"]


def tones(sr, seconds, level=0.5):
    """A melody of short tones with two overtones, and some noise in front of each."""
    rng = np.random.default_rng(7)
    t = np.arange(round(sr * seconds)) / sr
    f = 220 * 2 ** (np.floor(4 * t) % 12 / 12)
    x = sum(np.sin(2 * np.pi * k * f * t) / k for k in (1, 2, 3)) * np.exp(-3 * (4 * t % 1))
    x += rng.standard_normal(len(t)) * np.exp(-60 * (4 * t % 1)) / 4
    return level * x / np.abs(x).max()


# Rate in Hz and samples of each.
RECORDINGS = {
    "8_kHz": lambda: (8000, tones(8000, 3)),
    "48_kHz": lambda: (48000, tones(48000, 3)),
    "stereo": lambda: (44100, np.column_stack([tones(44100, 3), -tones(44100, 3) / 3])),
    "short": lambda: (22050, tones(22050, 0.3)),
    "a_minute": lambda: (22050, tones(22050, 60)),
    "near_silent": lambda: (22050, tones(22050, 3, level=3e-4)),
    "clipped": lambda: (22050, np.clip(tones(22050, 3, level=8), -1, 32767 / 32768)),
}

# What the parameter cell says of them, in every chapter; of the others it says nothing.
SAID = {
    "short": ["lasts 0.30 s", "begins in the middle", "ends in the middle"],
    "near_silent": ["is faint", "begins in the middle"],
    "clipped": ["was clipped", "begins in the middle", "ends in the middle"],
    **dict.fromkeys(["8_kHz", "48_kHz", "stereo", "a_minute"], ["begins in the middle"]),
}

EVERYTHING = [(chapter, name) for chapter in CHAPTERS for name in [*OTHERS, *RECORDINGS]]
QUICK = [("03_mel_compression", "8_kHz"), ("01_spectrogram", "short")]
PAIRS = EVERYTHING if "EVERY_CLIP" in os.environ else QUICK


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Write the recordings with 16 bits; return what the parameter cell is to name."""
    folder = tmp_path_factory.mktemp("recordings")
    for name, make in RECORDINGS.items():
        sr, x = make()
        scipy.io.wavfile.write(folder / f"{name}.wav", sr, np.round(32768 * x).astype(np.int16))
    return {name: str(folder / f"{name}.wav") for name in RECORDINGS} | {c: c for c in OTHERS}


@pytest.mark.parametrize(("chapter", "name"), PAIRS)
def test_a_chapter_runs_on_other_recordings(chapter, name, recordings, tmp_path):
    notebook = nbformat.read(stored_notebooks.NOTEBOOKS / f"{chapter}.ipynb", as_version=4)
    nbformat.write(stored_notebooks.clean(notebook), tmp_path / "chapter.ipynb")
    build.set_clip(tmp_path / "chapter.ipynb", recordings[name])
    notebook = nbformat.read(tmp_path / "chapter.ipynb", as_version=4)
    stored_notebooks.client(notebook, tmp_path).execute()
    assert list(stored_notebooks.stderr(notebook)) == []
    first = next(
        output.text
        for cell in notebook.cells
        if "sd.remarks" in cell.source
        for output in cell.outputs
        if output.output_type == "stream"
    )
    remarks = first.splitlines()[1:]
    assert len(remarks) == len(SAID.get(name, []))
    for remark, words in zip(remarks, SAID.get(name, []), strict=True):
        assert remark.startswith(f"This recording {words}")
