"""Every public function refuses bad arguments with a sentence that names the argument.

One table: for each callable its good arguments, and for each argument the bad values.
"""

import functools
import inspect
import re
import types

import matplotlib.pyplot as plt
import numpy as np
import pytest

import specdemo
from specdemo import STFT, MelBank, Staircase, plot

SR = 8000
GRID = STFT(sr=SR, n_fft=64, hop_length=16)
BANK = MelBank(GRID, 8)
X = np.sin(np.arange(400.0))
S = GRID.magnitude(X)
M = BANK.forward(S)
SHORT = specdemo.shorten(M, 2)
LEVELS = specdemo.amplitude_to_db(M)
STAIRS = Staircase(GRID, BANK, shorten=2, n_mfcc=4)
CEPSTRA = STAIRS.down(X)["mfcc"]

NOT_NUMBERS = [None, "3", 1j, [], np.ones(2), True]
NOT_FREQUENCIES = [None, "3", 1j, [], True]
NOT_FINITE = [np.nan, np.inf, -np.inf]
NOT_INTEGERS = [2.0, 2.5, *NOT_NUMBERS]
NOT_FLAGS = [None, "yes", 1, 0.0]


def bad_array(good, sign=None, ndim=1):
    """Variations of an array, each of which is wrong in one way."""
    broken = [good.astype(float) for _ in range(3)]
    for array, value in zip(broken, (np.nan, np.inf, -np.inf), strict=True):
        array.flat[array.size // 2] = value
    others = [good.astype(np.int16), good.astype(complex), good > 0, good[..., :0],
              good.astype(str), good.astype(object), good.astype(np.float16), None, "text", {}]
    others += [-good - 1] if sign == "positive" else []
    return broken + others + ([good.sum()] if ndim else [])


def but(values, *accepted):
    """The values without those that the argument accepts."""
    return [v for v in values if not any(v is a for a in accepted)]


@functools.wraps(GRID.stream)
def streamed(**arguments):
    """The blocks of a stream: bad samples are found when their block is asked for."""
    return list(GRID.stream(**arguments))


SIGNAL = bad_array(X)
MAGNITUDE = [*bad_array(S, "positive"), S[:-1], S[:, 0]]
MEL = [*bad_array(M, "positive"), M[:-1], M[:, 0]]
COMPLEX = [S, S.astype(int), S + np.nan * 1j, S * np.inf, (S + 0j)[:, :0], (S + 0j)[:-1],
           (S + 0j)[:, 0], (S + 0j)[0, 0], None, "text"]
RATE = [0, -1, *NOT_FINITE, *NOT_NUMBERS]
WHOLE_RATE = [0, -1, *NOT_FINITE, *NOT_INTEGERS]
POSITIVE = WHOLE_RATE
COUNT = but(WHOLE_RATE, 0)
WORD = ["nonsense", "", 3, b"em", ["em"]]
OPTIONAL_WORD = [*WORD, None]
NOT_A_GRID = [None, 1024, "hann", BANK]
FLAT_DB = [0, *NOT_FINITE, *NOT_NUMBERS]

TABLE = {
    "STFT": (
        STFT, {},
        {
            "sr": RATE, "n_fft": [1, *POSITIVE], "hop_length": POSITIVE,
            "window": ["nonsense", "", "kaiser", None, 3, np.ones(5), np.full(1024, np.nan),
                       [True] * 1024, np.ones(1024, complex), [], ("kaiser", "x"), ("gaussian", 0)],
            "center": NOT_FLAGS,
        },
    ),
    "STFT.forward": (GRID.forward, {"x": X}, {"x": SIGNAL}),
    "STFT.magnitude": (GRID.magnitude, {"x": X}, {"x": SIGNAL}),
    "STFT.stream": (
        streamed, {"x": X},
        {
            "x": [X.astype(np.float16), [X, X.astype(np.float32)], [X, X.reshape(2, -1)], [None],
                  [X, "text"], [0.5], [], 3.0, *SIGNAL, *([X, x] for x in SIGNAL[:6])],
            "frames_per_block": POSITIVE,
        },
    ),
    "STFT.inverse": (
        GRID.inverse, {"X": S + 0j}, {"X": COMPLEX, "length": [10**6, *but(POSITIVE, None)]},
    ),
    "STFT.times": (GRID.times, {"n_frames": 3}, {"n_frames": COUNT}),
    "STFT.n_frames": (GRID.n_frames, {"n_samples": 3}, {"n_samples": POSITIVE}),
    "MelBank": (
        MelBank, {"stft": GRID, "n_mels": 8},
        {
            "stft": NOT_A_GRID, "n_mels": POSITIVE,
            "fmin": [-1.0, 4000.0, 5000.0, *NOT_FINITE, *NOT_NUMBERS],
            "fmax": [0.0, -1.0, 4000.1, *NOT_FINITE, *but(NOT_NUMBERS, None)],
            "scale": OPTIONAL_WORD, "norm": [*WORD, 1],
            "power": [0, -1, *NOT_FINITE, *NOT_NUMBERS],
        },
    ),
    "MelBank.forward": (BANK.forward, {"S": S}, {"S": MAGNITUDE}),
    "MelBank.inverse": (
        BANK.inverse, {"M": M},
        {"M": MEL, "method": OPTIONAL_WORD, "n_iter": [-1, *but(NOT_INTEGERS, None)]},
    ),
    "MelBank.inverse, method pinv": (
        BANK.inverse, {"M": M, "method": "pinv"}, {"n_iter": [0, 1, 50]},
    ),
    "hz_to_mel": (
        specdemo.hz_to_mel, {"f": 440.0},
        {"f": [-1.0, *NOT_FINITE, *NOT_FREQUENCIES], "scale": OPTIONAL_WORD},
    ),
    "mel_to_hz": (
        specdemo.mel_to_hz, {"m": 15.0},
        {"m": [-1.0, *NOT_FINITE, *NOT_FREQUENCIES], "scale": OPTIONAL_WORD},
    ),
    "frame": (
        specdemo.frame, {"x": X, "frame_length": 64, "hop_length": 16},
        {"x": [X[:63], *SIGNAL], "frame_length": POSITIVE, "hop_length": POSITIVE},
    ),
    "amplitude_to_db": (
        specdemo.amplitude_to_db, {"S": S},
        {
            "S": bad_array(S, "positive", ndim=0),
            "ref": [0, -1, *NOT_FINITE, *NOT_NUMBERS, lambda S: "loud", lambda S: np.nan,
                    lambda S: S],
            "amin": RATE, "top_db": [-1, *NOT_FINITE, *but(NOT_NUMBERS, None)],
        },
    ),
    "db_to_amplitude": (
        specdemo.db_to_amplitude, {"D": -S},
        {"D": [np.array([1e9]), *bad_array(S, ndim=0)], "ref": RATE},
    ),
    "bandpass": (
        specdemo.bandpass, {"x": X, "sr": SR, "low": 100, "high": 1000},
        {
            "x": SIGNAL, "sr": RATE, "order": POSITIVE,
            "low": [0, -1, 1000, 2000, *NOT_FINITE, *NOT_NUMBERS],
            "high": [0, -1, 100, 50, 4000, 5000, *NOT_FINITE, *NOT_NUMBERS],
        },
    ),
    "resample": (
        specdemo.resample, {"x": X, "sr": SR, "new_sr": 4000},
        {"x": SIGNAL, "sr": WHOLE_RATE, "new_sr": WHOLE_RATE},
    ),
    "clips": (specdemo.clips, {}, {}),
    "load": (
        specdemo.load, {"path": "speech"},
        {
            "path": [None, 3, b"speech", ["speech"], True], "sr": but(WHOLE_RATE, None),
            "mono": NOT_FLAGS, "offset": [-0.1, 1e9, 1e308, *NOT_FINITE, *NOT_NUMBERS],
            "duration": [0, -1, 1e-9, 1e308, *NOT_FINITE, *but(NOT_NUMBERS, None)],
        },
    ),
    "load_blocks": (
        specdemo.load_blocks, {"path": "speech"},
        {
            "path": [None, 3, b"speech", ["speech"], True],
            "block_seconds": [0, -1, 1e308, *NOT_FINITE, *NOT_NUMBERS], "mono": NOT_FLAGS,
            "offset": [-0.1, 1e9, 1e308, *NOT_FINITE, *NOT_NUMBERS],
            "duration": [0, -1, 1e-9, 1e308, *NOT_FINITE, *but(NOT_NUMBERS, None)],
        },
    ),
    "save": (
        specdemo.save, {"path": "never.wav", "x": X, "sr": SR},
        {
            "path": [None, 3, b"x.wav"], "sr": [2**32, *WHOLE_RATE], "overwrite": NOT_FLAGS,
            "x": [1.1 * np.ones(3), np.zeros((2, 2, 2)), np.zeros((1000, 2)), *SIGNAL],
        },
    ),
    "shorten": (
        specdemo.shorten, {"M": M, "factor": 2},
        {"M": [M[0], *bad_array(M, "positive")],
         "factor": [0, -1, 0.99, *NOT_FINITE, *NOT_NUMBERS]},
    ),
    "lengthen": (
        specdemo.lengthen, {"Ms": SHORT, "factor": 2},
        {
            "Ms": [M[0], *bad_array(SHORT, "positive")],
            "factor": [0, -1, 0.99, *NOT_FINITE, *NOT_NUMBERS],
            "n_frames": [1, 10**6, *but(POSITIVE, None)],
        },
    ),
    "mfcc": (
        specdemo.mfcc, {"log_mel": LEVELS, "n_mfcc": 8},
        {"log_mel": [LEVELS[0], *bad_array(LEVELS)], "n_mfcc": [9, *POSITIVE], "lifter": COUNT},
    ),
    "inverse_mfcc": (
        specdemo.inverse_mfcc, {"C": LEVELS, "n_mels": 8},
        {"C": [LEVELS[0], np.vstack([LEVELS, LEVELS]), *bad_array(LEVELS)],
         "n_mels": [7, *POSITIVE], "lifter": [2, *COUNT]},
    ),
    "spectral_convergence": (
        specdemo.spectral_convergence, {"S": S, "S_hat": S},
        {"S": [v for v in bad_array(S, ndim=0) if not np.iscomplexobj(v)],  # both may be complex
         "S_hat": [S[:-1], *bad_array(S)]},
    ),
    "log_spectral_distance": (
        specdemo.log_spectral_distance, {"S": S, "S_hat": S},
        {"S": bad_array(S, "positive", ndim=0), "S_hat": [S[:-1], *bad_array(S, "positive")],
         "floor_db": [0, 1, *NOT_FINITE, *NOT_NUMBERS]},
    ),
    "invert_spectrogram": (
        specdemo.invert_spectrogram, {"S": S, "stft": GRID, "n_iter": 1},
        {
            "S": MAGNITUDE, "stft": NOT_A_GRID,
            "start": ["nonsense", "", None, 3, S[:, :-1], S + 0j, S * np.nan, S.astype(int)],
            "refine": [*WORD, True], "n_iter": COUNT,
            "momentum": [-0.1, 1, 1.1, *NOT_FINITE, *NOT_NUMBERS],
            "length": [10**6, *but(POSITIVE, None)],
            "rng": [-1, 1.5, "seed", np.random, np.random.RandomState(0), True],
            "on_iteration": [3, "print", True],
        },
    ),
    "invert_mel": (
        specdemo.invert_mel, {"M": M, "bank": BANK, "n_iter": 1},
        {
            "M": MEL, "bank": [GRID, None, 8, "mel"], "n_iter": COUNT,
            "length": [10**6, *but(POSITIVE, None)],
            "rng": [-1, 1.5, "seed", np.random, np.random.RandomState(0), True],
            "on_iteration": [3, "print", True],
        },
    ),
    "Staircase": (
        Staircase, {"stft": GRID, "bank": BANK},
        {
            "stft": NOT_A_GRID, "bank": [None, GRID, 8, MelBank(STFT(sr=SR, n_fft=64), 8)],
            "shorten": [0, -1, 0.99, *NOT_FINITE, *NOT_NUMBERS],
            "n_mfcc": [9, *but(POSITIVE, None)],
            "top_db": [0, -1, *NOT_FINITE, *but(NOT_NUMBERS, None)],
        },
    ),
    "Staircase.down": (STAIRS.down, {"x": X}, {"x": SIGNAL}),
    "Staircase.up": (
        STAIRS.up, {"level": "short", "value": SHORT, "n_iter": 1},
        {
            "level": OPTIONAL_WORD,
            "value": [*bad_array(SHORT, "positive"), SHORT[:-1], SHORT[:, 0]],
            "n_iter": [-1, *but(NOT_INTEGERS, None)],
            "length": [10**6, 1, *but(POSITIVE, None)],
            "rng": [-1, 1.5, "seed", np.random, np.random.RandomState(0), True],
            "on_iteration": [3, "print", True],
        },
    ),
    "Staircase.up, from the wave": (
        STAIRS.up, {"level": "wave", "value": X},
        {"value": SIGNAL, "length": [401, *but(POSITIVE, None)]},
    ),
    "Staircase.up, from magnitudes": (
        STAIRS.up, {"level": "magnitude", "value": S, "n_iter": 1}, {"value": MAGNITUDE},
    ),
    "Staircase.up, from levels": (
        STAIRS.up, {"level": "db", "value": -S, "n_iter": 1},
        {"value": [*bad_array(S), S[:-1], S[:, 0], S + 1e9]},
    ),
    "Staircase.up, from coefficients": (
        STAIRS.up, {"level": "mfcc", "value": CEPSTRA, "n_iter": 1},
        {"value": [*bad_array(CEPSTRA), CEPSTRA[:-1], CEPSTRA[:, 0], CEPSTRA + 1e9]},
    ),
    "Staircase.budget": (
        STAIRS.budget, {"x": X, "n_iter": 1},
        {
            "x": SIGNAL, "n_iter": [-1, *but(NOT_INTEGERS, None)],
            "rng": [-1, 1.5, "seed", np.random, np.random.RandomState(0), True],
        },
    ),
    "plot.use_style": (plot.use_style, {}, {}),
    "plot.waveform": (
        plot.waveform, {"x": X, "sr": SR},
        {"x": [X.reshape(2, -1), *SIGNAL], "sr": RATE, "start": [*NOT_FINITE, *NOT_NUMBERS]},
    ),
    "plot.spectrogram": (
        plot.spectrogram, {"S": S, "stft": GRID},
        {"S": [S[np.newaxis], *MAGNITUDE], "stft": NOT_A_GRID, "axis": OPTIONAL_WORD,
         "top_db": [-1, *FLAT_DB], "ref": RATE},
    ),
    "plot.mel_spectrogram": (
        plot.mel_spectrogram, {"M": M, "bank": BANK},
        {"M": [M[np.newaxis], *MEL], "bank": [None, GRID, 8], "top_db": [-1, *FLAT_DB],
         "ref": RATE, "factor": [0, 0.9, *NOT_FINITE, *NOT_NUMBERS]},
    ),
    "plot.listen": (
        plot.listen, {"sounds": {"a": X}, "stft": GRID},
        {"sounds": [{}, None, X, [X], "a", {"a": X.reshape(2, -1)}, *({"a": x} for x in SIGNAL)],
         "stft": NOT_A_GRID, "bank": [GRID, 8, "mel"], "axis": OPTIONAL_WORD,
         "top_db": [-1, *FLAT_DB], "match": NOT_FLAGS},
    ),
}

CASES = [
    pytest.param(function, good, argument, value, id=f"{name}-{argument}-{i}")
    for name, (function, good, bad) in TABLE.items()
    for argument, values in bad.items()
    for i, value in enumerate(values)
]


@pytest.fixture(autouse=True)
def clean_desk(tmp_path, monkeypatch):
    """An empty folder to work in, and no figure left open."""
    monkeypatch.chdir(tmp_path)
    yield
    plt.close("all")


@pytest.mark.parametrize(("function", "good", "argument", "value"), CASES)
def test_bad_values_are_refused_by_name(function, good, argument, value, tmp_path):
    before = value.copy() if isinstance(value, np.ndarray) else None
    with pytest.raises((TypeError, ValueError)) as caught:
        function(**{**good, argument: value})
    assert re.search(rf"\b{argument}\b", str(caught.value)), str(caught.value)
    assert type(caught.value) in (TypeError, ValueError)
    if before is not None:
        np.testing.assert_array_equal(value, before)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", TABLE)
def test_the_good_arguments_of_the_table_are_good(name):
    function, good, _ = TABLE[name]
    arrays = {key: value.copy() for key, value in good.items() if isinstance(value, np.ndarray)}
    for value in arrays.values():
        value.setflags(write=False)
    function(**{**good, **arrays})
    for key, value in arrays.items():
        np.testing.assert_array_equal(value, good[key])


def public_callables():
    for name in specdemo.__all__:
        value = getattr(specdemo, name)
        if not isinstance(value, types.ModuleType):
            yield name
    for name, value in vars(plot).items():
        is_function = isinstance(value, types.FunctionType) and value.__module__ == plot.__name__
        if is_function and not name.startswith("_"):
            yield f"plot.{name}"
    for kind in (STFT, MelBank):
        for name in ("forward", "inverse"):
            yield f"{kind.__name__}.{name}"
    yield "STFT.stream"
    for name in ("down", "up", "budget"):
        yield f"Staircase.{name}"


def test_every_public_callable_is_in_the_table():
    """Save the Explorer, whose traits have tests of their own."""
    assert set(public_callables()) - {"Explorer"} <= set(TABLE)


@pytest.mark.parametrize("name", [n for n in TABLE if n not in ("clips", "plot.use_style")])
def test_every_argument_is_in_the_table(name):
    """Save those that cannot be wrong: texts, flags of drawing, and axes to draw on."""
    free = {"ax", "title", "colorbar", "line", "caption"}
    if "," not in name:
        arguments = set(inspect.signature(TABLE[name][0]).parameters)
        assert arguments - free == set(TABLE[name][2])
