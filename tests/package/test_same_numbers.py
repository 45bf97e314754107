"""The same numbers with one thread and two, in both precisions, and on the oldest releases."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import scipy.fft

import specdemo as sd

ROOT = Path(__file__).resolve().parents[2]

# One of each: FFTs, sparse and dense products, least squares, a spanning tree, an iteration.
PROGRAM = """
import hashlib
import numpy as np
import specdemo as sd

x, sr = sd.load("speech", duration=1.0)
stft = sd.STFT(sr)
bank = sd.MelBank(stft, 40)
S = stft.magnitude(x)
M = bank.forward(S)
results = [
    S, M, bank.inverse(M), bank.inverse(M, method="pinv"), bank.inverse(M[:, :5], method="nnls"),
    sd.bandpass(x, sr, 500, 2000), sd.resample(x, sr, 16000), sd.shorten(M, 3),
    sd.invert_spectrogram(S, stft, n_iter=10, rng=0), sd.invert_mel(M, bank, n_iter=10, rng=0),
]
print([f"{np.linalg.norm(np.float64(result)):.6e}" for result in results])
"""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def printed(n_threads):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | dict.fromkeys(THREADS, str(n_threads)),
    )
    return done.stdout


def test_one_thread_and_two_print_the_same():
    assert printed(1) == printed(2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_workers_of_the_fft_change_nothing(dtype, rng):
    x = rng.standard_normal(20_000).astype(dtype)
    stft = sd.STFT(22050)
    alone = stft.forward(x)
    with scipy.fft.set_workers(2):
        np.testing.assert_array_equal(stft.forward(x), alone)
        back = sd.invert_spectrogram(np.abs(alone), stft, n_iter=3, rng=0)
    np.testing.assert_array_equal(back, sd.invert_spectrogram(np.abs(alone), stft, n_iter=3, rng=0))


def test_single_precision_agrees_with_double(rng):
    """Every deterministic step, to the digits that single precision has."""
    x = rng.standard_normal(8000)
    stft = sd.STFT(8000, 256, 64)
    stairs = sd.Staircase(stft, sd.MelBank(stft, 20), shorten=3, n_mfcc=10)
    single = stairs.down(x.astype(np.float32))
    for level, value in stairs.down(x).items():
        assert single[level].dtype == np.float32
        scale = np.abs(value).max()
        np.testing.assert_allclose(single[level], value, atol=1e-4 * scale, err_msg=level)


def pins(path):
    """Name and version of every pin in a requirements file."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(
        line.removesuffix("\\").split(";")[0].strip().split("==") for line in lines if "==" in line
    )


def test_the_oldest_releases_are_those_of_the_package_metadata():
    """`make oldest` installs what pyproject.toml says is enough."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    floors = dict(
        requirement.split(">=")
        for requirement in [
            *project["dependencies"],
            *extras["plot"],
            *extras["explorer"],
            *extras["files"],
        ]
        if not requirement.startswith("specdemo")
    )
    wanted = pins(ROOT / "tests/oldest.in")
    assert set(wanted) == set(floors)
    for name, floor in floors.items():
        assert wanted[name] in (floor, f"{floor}.0")
