"""What "Frequently asked" says of other libraries holds, and its lines run.

The functions are those of the page itself: they are taken from its cells.
"""

import ast
import re
import types
from pathlib import Path

import librosa
import numpy as np
import pytest

import specdemo as sd

PAGE = Path(__file__).resolve().parents[2] / "book" / "faq.md"
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n)?(.*?)^```$", re.DOTALL | re.MULTILINE
)


def functions_of(page):
    """The functions that a page defines, with the imports that they need."""
    nodes = []
    for code in CELL.findall(page.read_text(encoding="utf-8")):
        code = re.sub(r"\A(:\w+:[^\n]*\n)+", "", code)
        wanted = (ast.Import, ast.ImportFrom, ast.FunctionDef)
        nodes += [node for node in ast.parse(code).body if isinstance(node, wanted)]
    namespace = {}
    exec(compile(ast.Module(nodes, type_ignores=[]), page.name, "exec"), namespace)
    return types.SimpleNamespace(**namespace)


faq = functions_of(PAGE)


# --- cepstral coefficients of other libraries ------------------------------------------------
#
# Written out as in their sources: python_speech_features.base, feat/feature-mfcc.cc of Kaldi
# and HSigP.c of HTK. Their own versions were asked once, with the same result.


def log_bands(n_mels=26, n_frames=9):
    return np.random.default_rng(0).normal(-5, 3, (n_mels, n_frames))


def cosines(n_mels, n_mfcc, first):
    """A coefficient a row, from n = 0, which has the factor `first`, others sqrt(2 / n_mels)."""
    n, j = np.arange(n_mfcc)[:, None], np.arange(n_mels)
    rows = np.sqrt(2 / n_mels) * np.cos(np.pi * n / n_mels * (j + 0.5))
    rows[0] = first
    return rows


def lifter_from_0(n_mfcc, lifter):
    n = np.arange(n_mfcc)[:, None]
    return 1 + lifter / 2 * np.sin(np.pi * n / lifter)


@pytest.mark.parametrize("lifter", [12, 22, 50])
def test_the_coefficients_of_python_speech_features_and_kaldi(lifter):
    L, energy = log_bands(), np.arange(1.0, 10)
    wanted = (lifter_from_0(13, lifter) * (cosines(26, 13, np.sqrt(1 / 26)) @ L)).T
    np.testing.assert_allclose(faq.psf_mfcc(L, None, 13, lifter), wanted, atol=1e-10)
    wanted[:, 0] = np.log(energy)
    np.testing.assert_allclose(faq.psf_mfcc(L, energy, 13, lifter), wanted, atol=1e-10)


@pytest.mark.parametrize("lifter", [12, 22, 50])
def test_the_coefficients_of_htk(lifter):
    """c1 to c12, and behind them c0, which has the factor of the others."""
    L = log_bands(20)
    C = lifter_from_0(13, lifter) * (cosines(20, 13, np.sqrt(2 / 20)) @ L)
    wanted = np.vstack([C[1:], C[:1]]).T
    np.testing.assert_allclose(faq.htk_mfcc(L, 12, lifter), wanted, atol=1e-10)


def test_the_coefficients_of_librosa():
    for lifter in (0, 22):
        wanted = librosa.feature.mfcc(S=log_bands(128), n_mfcc=20, lifter=lifter)
        np.testing.assert_allclose(faq.librosa_mfcc(log_bands(128), 20, lifter), wanted, atol=1e-10)


def test_all_of_them_come_back():
    """As the outline that they hold; with the energy for c0, if it is the sum of that outline."""
    L = log_bands()
    outline = sd.inverse_mfcc(sd.mfcc(L, n_mfcc=13), n_mels=26)
    energy = np.exp(outline).sum(axis=0)
    for name, back in {
        "librosa": faq.log_mel_of_librosa(faq.librosa_mfcc(L, 13, 22), 26, 22),
        "psf": faq.log_mel_of_psf(faq.psf_mfcc(L, None), energy=False),
        "psf, energy": faq.log_mel_of_psf(faq.psf_mfcc(L, energy)),
        "HTK": faq.log_mel_of_htk(faq.htk_mfcc(L), 26),
    }.items():
        np.testing.assert_allclose(back, outline, atol=1e-10, err_msg=name)


# --- a model's mel spectrogram ----------------------------------------------------------------


def lines_of(heading):
    """The code of the first cell under a heading."""
    page = PAGE.read_text(encoding="utf-8")
    return CELL.findall(page[page.index(heading) :])[0]


def test_from_a_models_array_to_sound(capsys):
    x, sr = sd.load("speech", sr=22050, duration=1)
    exec(lines_of("## How do I get from my model"), {"sd": sd, "np": np, "x": x})
    said = re.fullmatch(
        r"\(80, 86\) -> (\d+) samples at 22050 Hz; its bands are (.*) dB off\n",
        capsys.readouterr().out,
    )
    assert int(said[1]) == len(x)
    assert float(said[2]) < 1


def test_the_format_that_is_written_down_is_one_that_is_known():
    """Parallel WaveGAN's, at the rate of LibriTTS: what the page types equals the registry."""
    namespace = {"sd": sd}
    exec(lines_of("### My system is not among them"), namespace)
    x, _ = sd.load("speech", sr=24000, duration=1)
    known = sd.mel_format("parallel-wavegan-libritts").forward(x)
    np.testing.assert_array_equal(namespace["mine"].forward(x), known)


# --- the page --------------------------------------------------------------------------------


def test_every_question_has_a_check():
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(sections) >= 16
    for section in sections:
        title = section.splitlines()[0]
        assert title.endswith("?"), title
        assert "print(" in section, title
