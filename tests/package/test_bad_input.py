"""Every public function against every kind of bad value.

The functions are found from `specdemo.__all__`, their arguments from their signatures. Each
argument gets the same bad values, save those that `ROWS` says it accepts: the call must raise a
TypeError or ValueError that names the argument, and leave neither a file nor a changed array. A
function or an argument that `ROWS` does not know is a failure.
"""

import functools
import inspect
import math
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

import specdemo
from cases import for_every
from other_libraries import DLPack, Interface, Tensor, handed_over
from public_names import public_callables
from specdemo import STFT, LogScale, MelBank, MelFormat, Staircase, phase, plot
from specdemo._checks import OutOfRange

SR = 8000
GRID = STFT(sr=SR, n_fft=64, hop_length=16)
BANK = MelBank(GRID, 8)
X = np.sin(np.arange(400.0))
S = GRID.magnitude(X)
M = BANK.forward(S)
UNUSUAL = np.random.default_rng(0).random((8, 100))  # bands that no sound has
SHORT = specdemo.shorten(M, 2)
LEVELS = specdemo.amplitude_to_db(M)
STAIRS = Staircase(GRID, BANK, shorten=2, n_mfcc=4)
CEPSTRA = STAIRS.down(X)["mfcc"]
SCALE = LogScale()
FORMAT = MelFormat(BANK, SCALE, name="mine")
A = FORMAT.forward(0.3 * X)
PER_BAND = MelFormat(BANK, LogScale(per_band=True))
TO_MAX = MelFormat(BANK, LogScale(to_max=True))

# --- bad values ------------------------------------------------------------------------------


def nothing(*arguments):
    """A function that takes everything and returns nothing."""


# What every argument gets.
VALUES = {
    "None": None,
    "a word": "nonsense",
    "digits": "3",
    "no text": "",
    "bytes": b"speech",
    "a list": [],
    "a list of numbers": [1.0, 2.0],
    "a dict": {},
    "an object": object(),
    "a function": nothing,
    "True": True,
    "complex": 1j,
    "NaN": math.nan,
    "Inf": math.inf,
    "-Inf": -math.inf,
    "zero": 0,
    "0.0": 0.0,
    "one": 1,
    "negative": -1,
    "a negative float": -0.1,
    "a fraction": 2.5,
    "a whole float": 2.0,
    "a huge int": 10**30,
    "a huge float": 1e308,
    "beyond floats": 10**400,
    "tiny": 5e-324,
    "a 0-d array": np.array(2.0),
    "an array": np.ones(2),
    "a module": np.random,
    "an old generator": np.random.RandomState(0),
}


def arrays(good):
    """Variations of an array: what an argument gets in addition whose good value is one."""
    middle = good.size // 2
    found = {}
    for name, value in [("NaN", np.nan), ("Inf", np.inf), ("-Inf", -np.inf)]:
        found[f"{name} in it"] = good.copy()
        found[f"{name} in it"].flat[middle] = value
    for name in ("int8", "uint8", "int16", "int64", "bool", "float16", "str", "object"):
        found[name] = np.abs(good.real).clip(0, 100).astype(name)
    if np.dtype(np.longdouble).itemsize > 8:
        found["long doubles"] = good.real.astype(np.longdouble)
    found["the other kind"] = good.real.copy() if np.iscomplexobj(good) else good + 0j
    found["no samples"] = good[..., :0]
    found["no axis"] = np.array(good.flat[0])
    found["negated"] = -good - 1
    found["reversed"] = good[..., ::-1]
    found["largest"] = np.full_like(good, np.finfo(good.dtype).max)
    found["smallest"] = np.full_like(good, np.finfo(good.dtype).smallest_subnormal)
    if good.ndim > 1:
        found["frames first"] = good.T
        found["a row less"] = good[:-1]
        found["a row more"] = np.vstack([good, good[:1]])
        found["one axis"] = good[:, 0]
        found["no rows"] = good[:0]
    found["three axes"] = np.stack([np.atleast_2d(good)] * 2)
    found["one channel, samples first"] = good.reshape(-1, 1)
    found["two channels, samples first"] = np.stack([good.ravel()] * 2, axis=1)
    found["masked"] = np.ma.masked_equal(good, good.flat[middle])
    found["named fields"] = np.rec.fromarrays([good.real, good.real], names="left,right")
    found["times"] = good.real.astype("timedelta64[s]")
    found["a tensor with a gradient"] = Tensor(good, requires_grad=True)
    found["a tensor elsewhere"] = Tensor(good, device="cuda")
    found["a tensor of bfloat16"] = Tensor(good, dtype="bfloat16")
    found["rows of different lengths"] = [[1.0], [1.0, 2.0]]
    found["a pair with its rate"] = (good, SR)
    return found


# Names of what an argument accepts of these, by its kind.
FLOATS = {"one", "a fraction", "a whole float", "a 0-d array"}
KINDS = {
    "count": {"one"},
    "count or zero": {"one", "zero"},
    "optional count": {"one", "None"},
    "whole rate": {"one", "a whole float", "a 0-d array"},
    "count, huge or not": {"one", "a huge int", "beyond floats"},
    "above zero": FLOATS,
    "at least zero": FLOATS | {"zero", "0.0", "tiny"},
    "any number": FLOATS | {"zero", "0.0", "tiny", "negative", "a negative float"},
    "seed": {"None", "one", "zero", "a huge int", "beyond floats"},
    "flag": {"True"},
    "word": set(),
    "grid": set(),
    "callback": {"None", "a function"},
    "path": set(),
    "signal": {"negated", "reversed", "three axes", "an array", "a list of numbers"},
    "spectrogram": {"reversed"},
    "spectrograms": {"reversed", "three axes"},
    "levels": {"reversed", "three axes", "negated"},
}

# Either refused or turned into something finite, whichever the sizes allow.
EITHER = {"largest", "smallest"}


class Row:
    """A function, good arguments, and for each argument its kind or more.

    An argument's entry is a kind, or a tuple of a kind, further names that it accepts, and more bad
    values in a list, in any number and order.
    """

    def __init__(self, function, good, **entries):
        self.function, self.good = function, good
        self.entries = entries

    def accepted(self, argument):
        names = set()
        for part in self.parts(argument):
            if isinstance(part, str):
                names |= KINDS.get(part, {part})
        return names

    def values(self, argument):
        """Name and value of everything that the argument gets."""
        values = dict(VALUES)
        good = self.good.get(argument)
        if isinstance(good, np.ndarray):
            values |= arrays(good)
        more = [part for part in self.parts(argument) if isinstance(part, list)]
        for i, value in enumerate(value for part in more for value in part):
            values[f"bad {i}: {value!r:.40}"] = value
        return values

    def parts(self, argument):
        entry = self.entries[argument]
        return entry if isinstance(entry, tuple) else (entry,)


# --- the table -------------------------------------------------------------------------------


@functools.wraps(GRID.stream)
def streamed(**arguments):
    """The blocks of a stream: bad samples are found when their block is asked for."""
    return list(GRID.stream(**arguments))


@functools.wraps(specdemo.load_blocks)
def loaded_blocks(**arguments):
    blocks, sr = specdemo.load_blocks(**arguments)
    return list(blocks), sr


POINTS = ("at least zero", "a list of numbers", "an array", "a 0-d array")
REALS = (
    "0.0",
    "a fraction",
    "a whole float",
    "tiny",
    "a 0-d array",
    "an array",
    "a list of numbers",
)
# Where neither the other arguments nor the numbers tell which axis is time, or it does not matter.
ANY_AXES = (
    "frames first",
    "a row less",
    "a row more",
    "one channel, samples first",
    "two channels, samples first",
)
NO_LENGTH = [10**6]
PIECES = [
    [X, X.astype(np.float32)],
    [X, X.reshape(2, -1)],
    [None],
    [X, "text"],
    [0.5],
    3.0,
    *(
        [X, x]
        for name, x in arrays(X).items()
        if name not in KINDS["signal"] | EITHER | {"no samples"}
    ),
]
WINDOWS = [
    "kaiser",
    np.ones(5),
    np.full(1024, np.nan),
    [True] * 1024,
    np.ones(1024, complex),
    ("kaiser", "x"),
    ("gaussian", 0),
    np.zeros(1024),
    [1e300] * 1024,
]
REFS = [lambda S: "loud", lambda S: np.nan, lambda S: S, lambda S: -1.0, lambda S: None]


def to_decibels(function):
    return Row(
        function,
        {"S": S},
        S=("spectrograms", *ANY_AXES, "one axis", "no axis", "a huge float", *REALS),
        ref=("above zero", "tiny", "a 0-d array", "a huge float", "a huge int", REFS),
        amin=("above zero", "a huge float", "a huge int"),
        top_db=("at least zero", "None", "a huge int", "a huge float"),
    )


def from_decibels(function):
    return Row(
        function,
        {"D": -S},
        D=(
            "levels",
            *ANY_AXES,
            "one axis",
            "no axis",
            "a negative float",
            *REALS,
            [np.array([1e9])],
        ),
        ref=("above zero", "a huge float", "a huge int"),
    )


# Numbers for every band.
STATISTICS = ("an array", "a list of numbers")

STARTS = {
    f"phase.{function.__name__}": Row(
        function,
        {"S": S, "stft": GRID, "rng": 0},
        S="spectrogram",
        stft="grid",
        rng="seed",
    )
    for function in phase.STARTS.values()
}
STARTS["phase.rtisi_la"] = Row(
    phase.rtisi_la,
    {"S": S, "stft": GRID, "rng": 0, "n_inner": 1},
    S="spectrogram",
    stft="grid",
    rng="seed",
    look_ahead="count or zero",
    n_inner="count or zero",
    momentum=("zero", "0.0", "tiny", [1.0, 1.1]),
)
REFINEMENTS = {
    f"phase.{function.__name__}": Row(
        function,
        {"n_iter": 3, "momentum": 0.9},
        n_iter="count or zero",
        momentum=("zero", "0.0", "tiny", [1.0, 1.1]),
    )
    for function in phase.REFINEMENTS.values()
}

ROWS = (
    STARTS
    | REFINEMENTS
    | {
        "STFT": Row(
            STFT,
            {"sr": SR},
            sr=("above zero", [0.0]),
            n_fft=[2**25],
            hop_length="count",
            window=("word", WINDOWS),
            center="flag",
            win_length=("None", [1025]),
            pad=("count or zero", "None", [1025, (1, 1025), (1, 2, 3), (1, 0.5), (-1, 0)]),
            pad_mode="word",
        ),
        "STFT.forward": Row(GRID.forward, {"x": X}, x="signal"),
        "STFT.magnitude": Row(GRID.magnitude, {"x": X}, x="signal"),
        "STFT.stream": Row(
            streamed,
            {"x": X},
            x=(
                "negated",
                "reversed",
                "three axes",
                "an array",
                "rows of different lengths",
                PIECES,
            ),
            frames_per_block="count",
        ),
        "STFT.inverse": Row(
            GRID.inverse,
            {"X": S + 0j},
            X=("spectrograms", "negated"),
            length=("optional count", NO_LENGTH),
        ),
        "STFT.times": Row(GRID.times, {"n_frames": 3}, n_frames="count or zero"),
        "STFT.n_frames": Row(GRID.n_frames, {"n_samples": 3}, n_samples="count, huge or not"),
        "MelBank": Row(
            MelBank,
            {"stft": GRID, "n_mels": 8},
            stft=("grid", [BANK]),
            n_mels="count",
            fmin=("at least zero", [4000.0, 5000.0]),
            fmax=("above zero", "None", [4000.1]),
            scale="word",
            norm=("word", "None"),
            power=("above zero", [0.05, 20]),
            shape="word",
            weights=("None", [np.ones((8, 3)), np.full((8, 33), -1.0)]),
        ),
        "MelBank.forward": Row(BANK.forward, {"S": S}, S="spectrograms"),
        "MelBank.inverse": Row(
            BANK.inverse,
            {"M": M},
            M="spectrograms",
            method="word",
            n_iter=("count or zero", "None"),
        ),
        "MelBank.inverse, method nnls": Row(
            BANK.inverse,
            {"M": UNUSUAL, "method": "nnls"},
            M="spectrograms",
            n_iter=("None", [0, 1]),
        ),
        "MelBank.inverse, method pinv": Row(
            BANK.inverse,
            {"M": M, "method": "pinv"},
            M="spectrograms",
            n_iter=("None", [1, 50]),
        ),
        "MelBank.inverse, method transpose": Row(
            BANK.inverse,
            {"M": M, "method": "transpose"},
            M="spectrograms",
            n_iter=("None", [1, 50]),
        ),
        "MelBank.envelope": Row(BANK.envelope, {"M": M}, M="spectrograms"),
        "hz_to_mel": Row(
            specdemo.hz_to_mel, {"f": 440.0}, f=(*POINTS, "a huge float"), scale="word"
        ),
        "mel_to_hz": Row(
            specdemo.mel_to_hz,
            {"m": 15.0},
            m=POINTS,
            scale="word",
        ),
        "frame": Row(
            specdemo.frame,
            {"x": X, "frame_length": 64, "hop_length": 16},
            x=("reversed", "negated", "three axes", [X[:63]]),
            frame_length=("count", [401]),
            hop_length="count",
        ),
        "amplitude_to_db": to_decibels(specdemo.amplitude_to_db),
        "db_to_amplitude": from_decibels(specdemo.db_to_amplitude),
        "power_to_db": to_decibels(specdemo.power_to_db),
        "db_to_power": from_decibels(specdemo.db_to_power),
        "bandpass": Row(
            specdemo.bandpass,
            {"x": X, "sr": SR, "low": 100, "high": 1000},
            x="signal",
            sr=[2000.0],
            low=("above zero", [1000, 2000]),
            high=[100, 50, 4000, 5000],
            order="count",
        ),
        "resample": Row(
            specdemo.resample,
            {"x": X, "sr": SR, "new_sr": 100},
            x="signal",
            sr=("whole rate", [2**32]),
            new_sr=("whole rate", [2**32, SR * 10_001]),
        ),
        "remarks": Row(
            specdemo.remarks,
            {"x": X, "sr": SR},
            x=("reversed", "negated", "an array", "a list of numbers"),
            sr="above zero",
        ),
        "clips": Row(specdemo.clips, {}),
        "load": Row(
            specdemo.load,
            {"path": "speech"},
            path="path",
            sr=("whole rate", "None", [22050 * 101]),
            mono="flag",
            offset=("at least zero", [100.0, 1e9]),
            duration=(*FLOATS, "None", [1e-9]),
        ),
        "load_blocks": Row(
            loaded_blocks,
            {"path": "speech", "duration": 0.01},
            path="path",
            block_seconds=(*FLOATS, "tiny"),
            mono="flag",
            offset=("at least zero", [100.0, 1e9]),
            duration=(*FLOATS, "None", [1e-9]),
        ),
        "save": Row(
            specdemo.save,
            {"path": "saved.wav", "x": X, "sr": SR},
            path="path",
            x=("reversed", "an array", [1.1 * X, np.zeros((1000, 2))]),
            sr=("whole rate", [2**31, 2**32]),
        ),
        "shorten": Row(
            specdemo.shorten,
            {"M": M, "factor": 2},
            M=("spectrograms", *ANY_AXES),
            factor=("above zero", "a huge int", "a huge float", [0.99]),
        ),
        "lengthen": Row(
            specdemo.lengthen,
            {"Ms": SHORT, "factor": 2},
            Ms=("spectrograms", *ANY_AXES),
            factor=("above zero", [0.99]),
            n_frames=("None", [1, 10**6]),
        ),
        "mfcc": Row(
            specdemo.mfcc,
            {"log_mel": LEVELS, "n_mfcc": 7},
            log_mel=("levels", *ANY_AXES),
            n_mfcc=("count", [9]),
            lifter="count or zero",
            lifter_start=("one", "zero"),
        ),
        "inverse_mfcc": Row(
            specdemo.inverse_mfcc,
            {"C": LEVELS, "n_mels": 9},
            C=("levels", "a row less", "a row more", [np.vstack([LEVELS, LEVELS])]),
            n_mels=[7],
            lifter=("count or zero", [2]),
            lifter_start=("one", "zero", [2]),
        ),
        "spectral_convergence": Row(
            specdemo.spectral_convergence,
            {"S": S, "S_hat": S},
            S=("reversed", "negated"),
            S_hat=("reversed", "negated"),
        ),
        "log_spectral_distance": Row(
            specdemo.log_spectral_distance,
            {"S": S, "S_hat": S},
            S="reversed",
            S_hat="reversed",
            floor_db=("negative", "a negative float"),
        ),
        "invert_spectrogram": Row(
            specdemo.invert_spectrogram,
            {"S": S, "stft": GRID, "n_iter": 1},
            S="spectrograms",
            stft=("grid", [BANK]),
            start=("word", [S[:, :-1], S + 0j, S * np.nan, S.astype(int)]),
            refine=("word", "None"),
            n_iter="count or zero",
            momentum=("zero", "0.0", "tiny", [1.0, 1.1]),
            length=("optional count", NO_LENGTH),
            rng="seed",
            on_iteration="callback",
        ),
        "invert_mel": Row(
            specdemo.invert_mel,
            {"M": M, "bank": BANK, "n_iter": 1},
            M="spectrograms",
            bank=("grid", [GRID]),
            n_iter="count or zero",
            length=("optional count", NO_LENGTH),
            rng="seed",
            on_iteration="callback",
        ),
        "phase.phase_gradient": Row(
            phase.phase_gradient,
            {"S": S, "stft": GRID},
            S="spectrogram",
            stft="grid",
        ),
        "phase.window_shape": Row(phase.window_shape, {"stft": GRID}, stft="grid"),
        "Staircase": Row(
            Staircase,
            {"stft": GRID, "bank": BANK},
            stft="grid",
            bank=[GRID, MelBank(STFT(sr=SR, n_fft=64), 8)],
            shorten=("above zero", "a huge int", "a huge float", [0.99]),
            n_mfcc=("optional count", [9]),
            top_db=("above zero", "None", "tiny", "a huge int", "a huge float"),
        ),
        "Staircase.down": Row(STAIRS.down, {"x": X}, x="signal"),
        "Staircase.up": Row(
            STAIRS.up,
            {"step": "short", "value": SHORT, "n_iter": 1},
            step="word",
            value="spectrograms",
            n_iter=("count or zero", "None"),
            length=("None", [1, 10**6]),
            rng="seed",
            on_iteration="callback",
        ),
        "Staircase.up, from the wave": Row(
            STAIRS.up,
            {"step": "wave", "value": X},
            value="signal",
            length=("optional count", [401]),
        ),
        "Staircase.up, from magnitudes": Row(
            STAIRS.up,
            {"step": "magnitude", "value": S, "n_iter": 1},
            value="spectrograms",
        ),
        "Staircase.up, from bands": Row(
            STAIRS.up,
            {"step": "mel", "value": M, "n_iter": 1},
            value="spectrograms",
        ),
        "Staircase.up, from levels": Row(
            STAIRS.up,
            {"step": "db", "value": -S, "n_iter": 1},
            value=("levels", [S + 1e9]),
        ),
        "Staircase.up, from coefficients": Row(
            STAIRS.up,
            {"step": "mfcc", "value": CEPSTRA, "n_iter": 1},
            value=("levels", [CEPSTRA + 1e9]),
        ),
        "Staircase.budget": Row(
            STAIRS.budget,
            {"x": X, "n_iter": 1},
            x="signal",
            n_iter=("count or zero", "None"),
            rng="seed",
        ),
        "LogScale": Row(
            LogScale,
            {},
            base="word",
            factor="above zero",
            floor="above zero",
            add="flag",
            zeros_only="flag",
            below_max=("above zero", "None"),
            to_max="flag",
            mean=("any number", *STATISTICS),
            std=("above zero", *STATISTICS),
            per_band="flag",
            clip=("None", "a list of numbers", [(1, 0), (0, 1, 2), (0, math.nan), 3]),
        ),
        "LogScale.forward": Row(SCALE.forward, {"M": M}, M=("spectrograms", *ANY_AXES)),
        "LogScale.inverse": Row(SCALE.inverse, {"A": A}, A=("levels", *ANY_AXES)),
        "LogScale.with_statistics": Row(
            SCALE.with_statistics,
            {"mean": 0.0, "std": 1.0},
            mean=("any number", *STATISTICS),
            std=("above zero", *STATISTICS),
        ),
        "LogScale.with_peak": Row(SCALE.with_peak, {"peak": 0.0}, peak="any number"),
        "MelFormat": Row(
            MelFormat,
            {"bank": BANK},
            bank=("grid", [GRID]),
            scale=("None", [BANK]),
            eps="at least zero",
            preemphasis=("zero", "0.0", "tiny"),
            remove_mean="flag",
            gain="above zero",
            frames_first="flag",
            fill=("word", "None"),
            drop_last="flag",
            blank_last=("any number", "None"),
            sr=("above zero", "None", [0.0]),
            name=("a word", "digits", "no text"),
        ),
        "MelFormat.forward": Row(FORMAT.forward, {"x": X}, x="signal"),
        "MelFormat.inverse": Row(
            FORMAT.inverse,
            {"A": A, "n_iter": 1},
            A=("spectrograms", [A[:1], A + 1e3]),
            length=("optional count", NO_LENGTH),
            n_iter="count or zero",
            rng="seed",
            on_iteration="callback",
        ),
        "MelFormat.n_frames": Row(
            FORMAT.n_frames, {"n_samples": 3}, n_samples="count, huge or not"
        ),
        "MelFormat.misfit": Row(FORMAT.misfit, {"A": A}, A=("levels", "float16", *ANY_AXES)),
        "MelFormat.with_statistics": Row(
            PER_BAND.with_statistics,
            {"mean": 0.0, "std": 1.0},
            mean=("any number", *STATISTICS),
            std=("above zero", *STATISTICS),
        ),
        "MelFormat.with_peak": Row(TO_MAX.with_peak, {"peak": 0.0}, peak="any number"),
        "mel_format": Row(specdemo.mel_format, {"name": "vits"}, name="word"),
        "mel_formats": Row(
            specdemo.mel_formats,
            {"A": A, "x": X, "sr": SR},
            A=("levels", "None", "float16", *ANY_AXES),
            x=("negated", "reversed", "an array", "a list of numbers", "None"),
            sr="whole rate",
        ),
        "mel_formats, of an array alone": Row(
            specdemo.mel_formats, {"A": A}, A=("levels", "None", "float16", *ANY_AXES)
        ),
        "plot.use_style": Row(plot.use_style, {}),
        "plot.waveform": Row(
            plot.waveform,
            {"x": X, "sr": SR},
            x=("reversed", "negated", "an array", "a list of numbers", [X.reshape(2, -1)]),
            sr="above zero",
            start=("any number", "a huge int", "a huge float"),
        ),
        "plot.spectrogram": Row(
            plot.spectrogram,
            {"S": S, "stft": GRID},
            S=("spectrogram", [S[np.newaxis]]),
            stft="grid",
            axis="word",
            top_db="above zero",
            ref=("above zero", "a huge int", "a huge float", REFS),
        ),
        "plot.mel_spectrogram": Row(
            plot.mel_spectrogram,
            {"M": M, "bank": BANK},
            M=("spectrogram", [M[np.newaxis]]),
            bank=("grid", [GRID]),
            top_db="above zero",
            ref=("above zero", "a huge int", "a huge float", REFS),
            factor=("above zero", [0.9]),
        ),
        "plot.listen": Row(
            plot.listen,
            {"sounds": {"a": X}, "stft": GRID},
            sounds=[
                X,
                [X],
                {"a": X.reshape(2, -1)},
                {3: X},
                {"a": X, "b": None},
                *(
                    {"a": x}
                    for name, x in arrays(X).items()
                    if name not in KINDS["signal"] | {"smallest"}
                ),
            ],
            stft="grid",
            bank=("None", [GRID, MelBank(STFT(sr=SR / 2), 8)]),
            axis="word",
            top_db="above zero",
            match="flag",
        ),
    }
)

# Arguments that cannot be wrong: texts, flags of drawing, and axes to draw on.
FREE = {"ax", "title", "colorbar", "line", "caption"}

# Public, and not in the table.
EXCLUDED = {
    "Explorer": "its traits have tests of their own, in tests/live",
    "Figure": "as Explorer",
    "live": "as Explorer, which is all that it is for",
    "plot.Players": "made by `listen` alone, of what it has checked",
}


# --- what is public --------------------------------------------------------------------------


def test_every_public_callable_is_in_the_table():
    public = {name for name, _ in public_callables() if not name.startswith(tuple(EXCLUDED))}
    assert sorted(public - set(ROWS)) == []


def test_nothing_is_excluded_that_is_not_there():
    for name in EXCLUDED:
        found = specdemo
        for part in name.split("."):
            found = getattr(found, part)


def test_every_word_of_the_registries_is_in_the_table():
    for function in [*phase.STARTS.values(), *phase.REFINEMENTS.values()]:
        assert ROWS[f"phase.{function.__name__}"].function is function


@for_every(name=ROWS)
def test_every_argument_is_in_the_table(name):
    row = ROWS[name]
    if "," in name:  # once more with other arguments: only those that behave differently
        name = name.split(",")[0]
        assert set(row.entries) <= set(ROWS[name].entries)
        return
    arguments = set(inspect.signature(row.function).parameters)
    assert arguments - FREE == set(row.entries)


# --- the tests -------------------------------------------------------------------------------

# Paths are too different from one another for a table.
UNLIKE = {"path"}


@pytest.fixture(autouse=True)
def clean_desk(tmp_path, monkeypatch):
    """An empty folder to work in, and no figure left open."""
    monkeypatch.chdir(tmp_path)
    yield
    plt.close("all")


@pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_bad_values_are_refused_by_name(row, tmp_path):
    complaints = []
    for argument in set(row.entries) - UNLIKE:
        for name, value in row.values(argument).items():
            complaint = what_is_wrong(row, argument, name, value)
            if complaint:
                complaints.append(f"{argument}, {name}: {complaint}")
            if name not in row.accepted(argument) | EITHER and list(tmp_path.iterdir()):
                complaints.append(f"{argument}, {name}: left a file")
            for path in tmp_path.iterdir():
                path.unlink()
        plt.close("all")
    assert not complaints, "\n".join(complaints)


def what_is_wrong(row, argument, name, value):
    """Return a sentence about the behaviour of an argument with this value, or None."""
    before = value.copy() if isinstance(value, np.ndarray) else None
    accepted, either = name in row.accepted(argument), name in EITHER
    try:
        result = row.function(**{**row.good, argument: value})
    except (TypeError, ValueError) as error:
        if accepted:
            return f"refused: {error}"
        if type(error) not in (TypeError, ValueError, OutOfRange):
            return f"raised {type(error).__name__}: {error}"
        if not re.search(rf"\b{argument}\b", str(error)):
            return f"not named: {error}"
    except Exception as error:
        return f"raised {type(error).__name__}: {error}"
    else:
        if not accepted and not either:
            return f"returned {result!r:.60}"
        if not all_finite(result):
            return "returned something that is not finite"
    if before is not None and not np.array_equal(
        before, value, equal_nan=before.dtype.kind in "fc"
    ):
        return "changed"
    return None


def all_finite(result):
    """Whether all numbers in arrays, and in lists and dicts of them, are finite."""
    if isinstance(result, (np.ndarray, np.number, float, int)):
        return bool(np.isfinite(result).all()) if not isinstance(result, int) else True
    if isinstance(result, dict):
        return all_finite(list(result.values()))
    return all(map(all_finite, result)) if isinstance(result, (list, tuple)) else True


# --- the same values in other forms -----------------------------------------------------------

ARRAYS = [
    pytest.param(row, argument, id=f"{name}({argument})")
    for name, row in ROWS.items()
    for argument, good in row.good.items()
    if isinstance(good, np.ndarray)
]


@pytest.mark.parametrize(("row", "argument"), ARRAYS)
def test_arrays_of_every_form_give_what_a_plain_one_gives(row, argument, tmp_path):
    """The same numbers in the same dtype, in plain arrays of their own."""

    def call(value):
        """The result, and what was saved."""
        result = row.function(**{**settled(row), argument: value})
        return result, [(path.read_bytes(), path.unlink()) for path in tmp_path.iterdir()]

    for form, value in handed_over(row.good[argument]):
        plain, before = plain_copy(value), plain_copy(value)
        result, saved = call(value)
        expected, wanted = call(plain)
        assert saved == wanted, form
        assert_same(result, expected, form)
        np.testing.assert_array_equal(plain_copy(value), before, form)
        held = getattr(value, "values", value)
        if row.function is not specdemo.frame:  # a view, as it says
            assert not any(np.shares_memory(array, held) for array in arrays_in(result)), form


def settled(row):
    """Good arguments, with a seed where there is chance."""
    arguments = inspect.signature(row.function).parameters
    return row.good | ({"rng": 0} if "rng" in arguments else {})


def plain_copy(value):
    """An array of the same values in NumPy's own form, order and dtype."""
    value = value.values if isinstance(value, (Tensor, Interface, DLPack)) else np.asarray(value)
    return np.array(value, value.dtype.newbyteorder("="), order="C")


def arrays_in(result):
    """All arrays in a result: in lists, tuples and dicts of them, and in the rows of a budget."""
    if isinstance(result, dict):
        return arrays_in(list(result.values()))
    if isinstance(result, (list, tuple)):
        return [array for part in result for array in arrays_in(part)]
    result = getattr(result, "audio", result)
    return [result] if isinstance(result, np.ndarray) else []


def assert_same(result, expected, form):
    found, wanted = arrays_in(result), arrays_in(expected)
    assert len(found) == len(wanted), form
    for one, other in zip(found, wanted, strict=True):
        assert type(one) is np.ndarray, form
        assert one.dtype == other.dtype, form
        assert one.dtype.isnative, form
        # In another layout sums are rounded otherwise, which turns the phases of quiet bins.
        tolerance = 1e4 * np.finfo(other.dtype).eps * np.abs(other).max() if other.size else 0
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance, err_msg=form)
    if not found and not hasattr(result, "plot"):
        assert repr(result) == repr(expected) or result == pytest.approx(expected), form


def test_sounds_of_every_form_are_shown_alike():
    for form, value in handed_over(X):
        shown = plot.listen({"a": value}, GRID)._repr_html_()
        assert shown == plot.listen({"a": plain_copy(value)}, GRID)._repr_html_(), form


def test_pieces_of_a_stream_may_have_any_form():
    for (form, first), (_, second) in zip(handed_over(X[:150]), handed_over(X[150:]), strict=True):
        found = np.concatenate(list(GRID.stream([first, second])), axis=-1)
        joined = np.concatenate([plain_copy(first), plain_copy(second)])
        np.testing.assert_allclose(found, GRID.forward(joined), atol=1e-5, err_msg=form)
        assert found.dtype == GRID.forward(joined).dtype, form


@for_every(name=ROWS)
def test_numbers_of_every_form_give_what_plain_ones_give(name, tmp_path):
    """Arrays and tensors without axes, in the place of all numbers and truth values at once."""
    row = ROWS[name]
    parameters = inspect.signature(row.function).parameters.values()
    arguments = {p.name: p.default for p in parameters if p.default is not p.empty} | settled(row)
    numbers = {
        argument: value
        for argument, value in arguments.items()
        if isinstance(value, (int, float)) and argument not in FREE
    }
    expected = row.function(**settled(row))
    for wrap in (np.array, Tensor):
        for path in tmp_path.iterdir():
            path.unlink()
        wrapped = {argument: wrap(value) for argument, value in numbers.items()}
        assert_same(row.function(**settled(row) | wrapped), expected, wrap.__name__)
    plt.close("all")


@for_every(
    name=["load", "load_blocks"], value=[v for k, v in VALUES.items() if not isinstance(v, str)]
)
def test_what_is_no_path_is_refused_by_name(name, value):
    if isinstance(value, bytes):  # a recording in memory, which is read
        with pytest.raises(ValueError, match="the recording in memory is no audio file"):
            ROWS[name].function(path=value)
    else:
        with pytest.raises(TypeError, match=r"\bpath\b"):
            ROWS[name].function(path=value)
    with pytest.raises(TypeError, match=r"\bpath\b"):
        specdemo.save(value, X, SR)


@for_every(name=["load", "load_blocks"], value=["nonsense", "3", "", ".", "a\0b", "x" * 5000])
def test_paths_to_nowhere(name, value):
    with pytest.raises(FileNotFoundError, match="neither a file nor a bundled clip"):
        ROWS[name].function(path=value)


@for_every(name=ROWS)
def test_the_good_arguments_of_the_table_are_good(name):
    row = ROWS[name]
    held = {key: value.copy() for key, value in row.good.items() if isinstance(value, np.ndarray)}
    for value in held.values():
        value.setflags(write=False)
    assert all_finite(row.function(**{**row.good, **held}))
    for key, value in held.items():
        np.testing.assert_array_equal(value, row.good[key])
    plt.close("all")


def test_the_table_is_long():
    """Nothing has fallen out of it: some hundred arguments, with tens of bad values each."""
    tried = [
        len(row.values(argument)) - len(row.accepted(argument))
        for row in ROWS.values()
        for argument in set(row.entries) - UNLIKE
    ]
    assert len(tried) > 120
    assert sum(tried) > 4000
