"""What "Frequently asked" says of other libraries holds, and its recipe works.

The functions are those of the page itself: they are taken from its cells. torchaudio and Whisper
are not installed; their documented settings are given to librosa, which can be asked for all of
them. https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.MelSpectrogram.html
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


@pytest.fixture(scope="module")
def speech():
    """Two seconds of speech at the rate of many models; a length that no hop divides."""
    x, _ = sd.load("speech", sr=22050, duration=2)
    return x[:44001].astype(np.float64)


@pytest.fixture(scope="module")
def speech16():
    """The same at 16 kHz."""
    x, _ = sd.load("speech", sr=16000, duration=2)
    return x[:31999].astype(np.float64)


def reflected(x, **settings):
    """librosa's mel spectrogram with the ends of a sound reflected."""
    return librosa.feature.melspectrogram(y=x, pad_mode="reflect", dtype=np.float64, **settings)


# --- the way down ----------------------------------------------------------------------------


def test_librosas_convention_is_librosa(speech):
    M = librosa.feature.melspectrogram(y=speech, sr=22050, dtype=np.float64)
    wanted = librosa.power_to_db(M, ref=np.max)
    np.testing.assert_allclose(faq.librosa_mel(speech, 22050), wanted, atol=1e-4)


@pytest.mark.parametrize(
    ("n_fft", "hop_length", "n_mels"), [(1024, 256, 80), (400, 200, 40), (512, 160, 23)]
)
def test_torchaudios_convention_is_librosa_with_its_settings(n_fft, hop_length, n_mels, speech16):
    settings = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
    M = reflected(speech16, sr=16000, htk=True, norm=None, **settings)
    wanted = 10 * np.log10(np.maximum(M, 1e-10))
    found = faq.torchaudio_mel(speech16, 16000, **settings)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_torchaudios_defaults_have_empty_filters():
    with pytest.warns(UserWarning, match="4 of 128 mel bands contain no bin"):
        faq.torchaudio_bank(16000, 400, 200, 128)


def test_the_vocoders_convention_is_librosa_with_its_settings(speech):
    """With the 1e-9 that HiFi-GAN adds under the root, which is far below its floor."""
    padded = np.pad(speech, 384, mode="reflect")
    X = librosa.stft(padded, n_fft=1024, hop_length=256, center=False, dtype=np.complex128)
    weights = librosa.filters.mel(sr=22050, n_fft=1024, n_mels=80, fmin=0, fmax=8000)
    wanted = np.log(np.maximum(weights @ np.sqrt(np.abs(X) ** 2 + 1e-9), 1e-5))
    found = faq.vocoder_mel(speech, 22050)
    assert found.shape == wanted.shape == (80, len(speech) // 256)
    loud = wanted > wanted.max() - 60 / (20 / np.log(10))
    np.testing.assert_allclose(found[loud], wanted[loud], atol=1e-2)
    np.testing.assert_allclose(np.exp(found), np.exp(wanted), atol=2e-6)


def test_whispers_convention_is_librosa_with_its_settings(speech16):
    M = reflected(speech16, sr=16000, n_fft=400, hop_length=160, n_mels=80)[:, :-1]
    L = np.log10(np.maximum(M, 1e-10))
    wanted = (np.maximum(L, L.max() - 8) + 4) / 4
    np.testing.assert_allclose(faq.whisper_mel(speech16, 16000), wanted, atol=1e-4)


# --- and back --------------------------------------------------------------------------------


def test_there_and_back_by_librosas_convention(speech):
    bank = faq.librosa_bank(22050)
    ref = bank.forward(bank.stft.magnitude(speech)).max()
    M = ref * 10 ** (faq.librosa_mel(speech, 22050) / 10)
    y = sd.invert_mel(M, bank, length=len(speech), rng=0)
    assert len(y) == len(speech)
    assert faq.mel_distance(M, y, bank, 0) < 1


@pytest.mark.parametrize(
    ("name", "pad", "undo"),
    [
        ("torchaudio", 512, lambda D: 10 ** (D / 10)),
        ("vocoder", 384, np.exp),
    ],
)
def test_there_and_back_with_reflected_ends(name, pad, undo, speech):
    bank = getattr(faq, f"{name}_bank")(22050)
    M = undo(getattr(faq, f"{name}_mel")(speech, 22050))
    y = faq.sound_of_padded(M, bank, pad, len(speech))
    assert len(y) == len(speech)
    assert faq.mel_distance(M, y, bank, pad) < 1


def test_there_and_back_by_whispers_convention(speech16):
    """Without its last frame a sound may lose up to 119 samples."""
    bank = faq.whisper_bank(16000)
    M = 10 ** (4 * faq.whisper_mel(speech16, 16000) - 4)
    y = faq.sound_of_padded(M, bank, 200, len(speech16))
    assert len(speech16) - 119 <= len(y) <= len(speech16)
    assert faq.mel_distance(M, y, bank, 200) < 1


def test_a_sound_comes_back_in_its_place(speech):
    """With the true phase, what was padded is cut off to the sample."""
    grid = faq.vocoder_bank(22050).stft
    X = grid.forward(np.pad(speech, 384, mode="reflect"))
    back = grid.inverse(X)[384:][: len(speech)]
    np.testing.assert_allclose(back, speech, atol=1e-10)


# --- cepstral coefficients of other libraries ------------------------------------------------
#
# Written out as their sources have it: python_speech_features.base, feat/feature-mfcc.cc of Kaldi
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


# --- the page --------------------------------------------------------------------------------


def test_every_question_has_a_check():
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(sections) >= 16
    for section in sections:
        title = section.splitlines()[0]
        assert title.endswith("?"), title
        assert "print(" in section, title
