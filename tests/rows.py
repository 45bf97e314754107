"""The table of all public functions: good arguments, and which of the bad values each accepts."""

import functools
import math

import numpy as np

import specdemo
from bad_values import EITHER, FLOATS, KINDS, SR, Row, arrays
from specdemo import STFT, LogScale, MelBank, MelFormat, Staircase, phase, plot

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
    [0.5, X],
    [X, 0.5],
    [1, 2],
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
                "a list of numbers",
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
        "takes": Row(specdemo.takes, {"folder": "digits"}, folder="path"),
        "voice.pitch": Row(
            specdemo.voice.pitch,
            {"x": X, "stft": STFT(SR, 512, 128)},
            x=("negated", "reversed", "an array", "a list of numbers"),
            stft=("grid", [GRID, BANK]),
            fmin=[30.0, 401.0],
            fmax=[59.0, SR + 1.0],
        ),
        "voice.buzz_and_hiss": Row(
            specdemo.voice.buzz_and_hiss,
            {"f0": np.full(20, 100.0), "voicing": np.ones(20), "stft": GRID},
            f0=("reversed", [np.zeros(20), np.full(20, 2.0 * SR), np.ones(19)]),
            voicing=("reversed", [np.full(20, 1.1), np.ones(19)]),
            stft=("grid", [BANK]),
            rng="seed",
        ),
        "voice.outline": Row(
            specdemo.voice.outline,
            {"M": M, "n_mfcc": 3},
            M=("spectrograms", *ANY_AXES),
            n_mfcc=("count", [M.shape[0] + 1]),
        ),
        "voice.put_outline": Row(
            specdemo.voice.put_outline,
            {"x": X, "wanted": LEVELS, "bank": BANK, "n_mfcc": 3},
            x=("negated", "reversed", "an array", "a list of numbers"),
            wanted=("reversed", "negated", [np.full_like(LEVELS, 701)]),
            bank="grid",
            n_mfcc=("count", [BANK.n_mels + 1]),
            n_iter="count",
        ),
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
    "corpus": "folders, engines and files, which have a table in test_corpus_bad_values.py",
    "nets": "shown in full by chapter 8, and as short as that: no checks stand in its way",
    "plot.corpus": "takes `corpus.Features` alone: test_corpus_bad_values.py",
    "plot.Players": "made by `listen` alone, of what it has checked",
}
