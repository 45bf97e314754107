"""The faults of the notebook that this book follows, each kept out by a law.

`book/predecessor.md` reproduces them, in this order, and names the tests below.
"""

import ast
import re
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest

import specdemo as sd
from specdemo import phase

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "book" / "predecessor.md"
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TEXT_PAGES = [
    page
    for page in sorted((ROOT / "book").glob("*.md"))
    if "{code-cell}" in page.read_text("utf-8")
]

# Fewer words of prose for a line of code, and a chapter is a program with remarks.
WORDS_PER_LINE = 5

SR = 16000
GRID = sd.STFT(sr=SR, n_fft=512, hop_length=128)
BANK = sd.MelBank(GRID, n_mels=20)


@pytest.fixture
def x(rng):
    """A second of a tone that swells, in a little noise."""
    t = np.arange(SR) / SR
    return t * np.sin(2 * np.pi * 440 * t) + 1e-3 * rng.standard_normal(SR)


def whole_way(x):
    """Every step down and every way up: name, function, and the arguments that `x` leads to."""
    X = GRID.forward(x)
    S = GRID.magnitude(x)
    M = BANK.forward(S)
    D = sd.amplitude_to_db(M, ref=np.max)
    Ms = sd.shorten(M, 3)
    C = sd.mfcc(D, n_mfcc=10)
    n = len(x)

    def from_magnitudes(S):
        return sd.invert_spectrogram(S, GRID, n_iter=3, length=n, rng=0)

    def from_mel(M):
        return sd.invert_mel(M, BANK, n_iter=3, length=n, rng=0)

    return {
        "bandpass": (sd.bandpass, (x, SR, 100, 4000)),
        "forward": (GRID.forward, (x,)),
        "inverse": (partial(GRID.inverse, length=n), (X,)),
        "bands": (BANK.forward, (S,)),
        "bins": (BANK.inverse, (M,)),
        "decibels": (sd.amplitude_to_db, (M,)),
        "amplitude": (sd.db_to_amplitude, (D,)),
        "shorten": (sd.shorten, (M, 3)),
        "lengthen": (partial(sd.lengthen, n_frames=M.shape[1]), (Ms, 3)),
        "mfcc": (partial(sd.mfcc, n_mfcc=10), (D,)),
        "log-mel": (partial(sd.inverse_mfcc, n_mels=20), (C,)),
        "from magnitudes": (from_magnitudes, (S,)),
        "from mel": (from_mel, (M,)),
    }


# --- 1. x -= x.mean() ------------------------------------------------------------------------


def test_the_way_down_and_up_leaves_its_inputs_alone(x):
    for name, (function, arguments) in whole_way(x).items():
        arrays = [value for value in arguments if isinstance(value, np.ndarray)]
        copies = [array.copy() for array in arrays]
        for array in arrays:
            array.setflags(write=False)
        first, second = function(*arguments), function(*arguments)
        np.testing.assert_array_equal(first, second, err_msg=name)
        for array, copy in zip(arrays, copies, strict=True):
            np.testing.assert_array_equal(array, copy, err_msg=name)


# --- 2. samples of 16 bits -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "divisor"), [(np.int16, 2**15), (np.int32, 2**31), (np.uint8, 2**7)]
)
@pytest.mark.parametrize(
    "function", [GRID.forward, GRID.magnitude, lambda x: sd.bandpass(x, SR, 100, 4000)]
)
def test_integer_samples_are_refused_with_the_way_to_convert_them(function, dtype, divisor):
    with pytest.raises(TypeError, match=rf"x must be .*got {dtype.__name__}; .* / {divisor}$"):
        function(np.ones(SR, dtype))


# --- 3. the mirrored half --------------------------------------------------------------------


@pytest.mark.parametrize("n_fft", [2, 7, 8, 255, 256])
def test_the_missing_half_of_a_spectrum_is_its_mirrored_conjugate(n_fft, rng):
    """One frame of a rectangular window is the inverse DFT of the completed spectrum."""
    one_frame = sd.STFT(SR, n_fft, n_fft, window=np.ones(n_fft), center=False)
    half = rng.standard_normal(one_frame.n_bins) + 1j * rng.standard_normal(one_frame.n_bins)
    half[0] = half[0].real
    if n_fft % 2 == 0:
        half[-1] = half[-1].real
    full = np.zeros(n_fft, complex)
    full[: len(half)] = half
    for k in range(1, (n_fft - 1) // 2 + 1):
        full[n_fft - k] = half[k].conj()
    wanted = np.fft.ifft(full)
    assert np.abs(wanted.imag).max() < 1e-12
    np.testing.assert_allclose(one_frame.inverse(half[:, np.newaxis]), wanted.real, atol=1e-12)


# --- 4. half a frame, backwards --------------------------------------------------------------


@pytest.mark.parametrize("hop_length", [32, 100, 128])
def test_a_click_comes_back_where_it_was(hop_length):
    grid = sd.STFT(SR, 256, hop_length)
    clicks = np.eye(600)[::7]
    np.testing.assert_allclose(grid.inverse(grid.forward(clicks), length=600), clicks, atol=1e-12)


# --- 5. the sum of the windows ---------------------------------------------------------------


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman", ("kaiser", 8.0)])
@pytest.mark.parametrize("part", [2, 3, 4, 16])
def test_a_constant_level_stays_constant(window, part):
    grid = sd.STFT(SR, 256, 256 // part, window=window)
    level = grid.inverse(grid.forward(np.ones(4000)), length=4000)
    np.testing.assert_allclose(level, 1, atol=1e-9)


# --- 6. silence ------------------------------------------------------------------------------


def test_silence_stays_silence():
    for name, (function, arguments) in whole_way(np.zeros(4000)).items():
        values = function(*arguments)
        assert np.isfinite(values).all(), name
        if name not in ("decibels", "amplitude", "mfcc", "log-mel"):
            assert not values.any(), name


# --- 7. any number of frames -----------------------------------------------------------------


@pytest.mark.parametrize("hop_length", [64, 100, 128])
def test_every_number_of_frames_can_be_inverted(hop_length, rng):
    for center in (True, False):
        grid = sd.STFT(SR, 256, hop_length, window="hamming", center=center)
        for n_frames in range(1, 21):
            S = np.abs(rng.standard_normal((grid.n_bins, n_frames)))
            y = sd.invert_spectrogram(S, grid, n_iter=2, rng=0)
            assert grid.n_frames(len(y)) == n_frames


# --- 8. a search that does not get better ----------------------------------------------------


@pytest.mark.parametrize("refine", phase.REFINEMENTS)
def test_iterations_are_not_wasted(refine):
    clip, sr = sd.load("speech", duration=1.5)
    grid = sd.STFT(sr)
    S = grid.magnitude(clip)

    def error(n_iter):
        y = sd.invert_spectrogram(
            S, grid, start="random", refine=refine, n_iter=n_iter, length=len(clip), rng=0
        )
        return sd.spectral_convergence(S, grid.magnitude(y))

    few, some, many = error(3), error(30), error(150)
    assert few > some + 3
    assert some > many + 3
    assert many < -18


# --- 9. the filter on logarithms -------------------------------------------------------------


def test_the_bank_takes_magnitudes_and_not_levels(x, rng):
    """It sums, as sounds do: the bands of a sum are the sum of the bands. Levels it refuses."""
    S = GRID.magnitude(x)
    more = np.abs(rng.standard_normal(S.shape))
    np.testing.assert_allclose(BANK.forward(S + more), BANK.forward(S) + BANK.forward(more))
    for levels in (sd.amplitude_to_db(S, ref=np.max), np.log10(S / S.max())):
        with pytest.raises(ValueError, match="S must not go below 0"):
            BANK.forward(levels)


# --- 10. two numbers in the code -------------------------------------------------------------


@pytest.mark.parametrize("sr", [8000, 16000, 22050, 44100, 48000])
def test_the_sampling_rate_is_the_callers(sr):
    whistle = np.sin(2 * np.pi * 1000 / sr * np.arange(sr))
    grid = sd.STFT(sr, 1024, 256)
    S = grid.magnitude(whistle)[:, 10:-10].mean(axis=1)
    assert abs(grid.frequencies[S.argmax()] - 1000) <= sr / 1024
    bank = sd.MelBank(grid, n_mels=30)
    loudest = bank.forward(S[:, np.newaxis])[:, 0].argmax()
    assert bank.edges[loudest] < 1000 < bank.edges[loudest + 2]


@pytest.mark.parametrize("top_db", [20, 60, 80, 100, None])
@pytest.mark.parametrize("ref", [1.0, 0.01, 30.0])
def test_any_threshold_is_undone(top_db, ref, x):
    S = GRID.magnitude(x)
    back = sd.db_to_amplitude(sd.amplitude_to_db(S, ref=ref, amin=1e-12, top_db=top_db), ref=ref)
    kept = S > (0 if top_db is None else S.max() * 10 ** (-top_db / 20))
    np.testing.assert_allclose(back[kept], S[kept], rtol=1e-9)


# --- 11. frames that get lost ----------------------------------------------------------------


@pytest.mark.parametrize("n_frames", [1, 9, 10, 11, 259, 848])
@pytest.mark.parametrize("factor", [1, 2, 3, 7.5, 10])
def test_no_frame_is_lost(n_frames, factor, rng):
    M = np.abs(rng.standard_normal((5, n_frames)))
    assert sd.lengthen(sd.shorten(M, factor), factor, n_frames=n_frames).shape == M.shape


# --- 12. half precision ----------------------------------------------------------------------


def test_magnitudes_beyond_half_precision_stay_finite(x):
    loud = (x * 2**20).astype(np.float32)
    assert GRID.magnitude(loud).max() > np.finfo(np.float16).max
    for name, (function, arguments) in whole_way(loud).items():
        assert np.isfinite(function(*arguments)).all(), name


def test_half_precision_is_refused(x):
    with pytest.raises(TypeError, match="got float16"):
        GRID.forward(x.astype(np.float16))


# --- 13. what a page announces ---------------------------------------------------------------

# Lines for IPython and not for Python.
MAGIC = re.compile(r"^(\s*)[%!].*", re.MULTILINE)


def cells(page):
    """The code of a page, a string a cell, and its prose."""
    if page.suffix == ".ipynb":
        found = nbformat.read(page, as_version=4).cells
        prose = "\n".join(cell.source for cell in found if cell.cell_type == "markdown")
        return [cell.source for cell in found if cell.cell_type == "code"], prose
    fence = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    options = re.compile(r"\A(---\n.*?^---\n|(:\w+:[^\n]*\n)+)", re.DOTALL | re.MULTILINE)
    text = page.read_text("utf-8")
    return [options.sub("", code) for code in fence.findall(text)], fence.sub("", text)


each_page = pytest.mark.parametrize("page", CHAPTERS + TEXT_PAGES, ids=lambda page: page.stem)


@each_page
def test_what_a_page_imports_it_uses(page):
    imported, used = set(), set()
    for code in cells(page)[0]:
        for node in ast.walk(ast.parse(MAGIC.sub(r"\1pass", code))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported |= {(name.asname or name.name).split(".")[0] for name in node.names}
            elif isinstance(node, ast.Name):
                used.add(node.id)
    assert imported <= used


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_there_is_more_prose_than_code(page):
    code, prose = cells(page)
    lines = [line for cell in code for line in cell.splitlines() if line.strip()]
    assert len(prose.split()) >= WORDS_PER_LINE * len(lines)


# --- the page --------------------------------------------------------------------------------


def test_the_tests_that_the_page_names_exist():
    named = set(re.findall(r"\btest_\w+\b(?!\.py)", PAGE.read_text("utf-8")))
    here = {name for name in globals() if name.startswith("test_")}
    assert named
    assert named <= here
