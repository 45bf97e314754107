"""Golden vectors: what the Python package says, written at test time, so that they cannot go stale.

`golden.json` is a list of cases. A case has a `kind`, the `settings` that both sides share, and
`arrays`, each in a file of its own: raw little-endian numbers, spectrograms a frame a row.
"""

import json
import runpy
import warnings
from itertools import product
from pathlib import Path

import numpy as np

import figures
import specdemo as sd
from specdemo.mel import SCALES
from specdemo.phase import STARTS

SIZES = [
    (1024, 256),
    (512, 128),
    (2048, 128),
    (441, 110),
    (375, 128),
    (400, 150),
    (509, 100),
    (1018, 200),
    (64, 16),
    (6, 2),
    (3, 1),
    (2, 1),
]
WINDOWS = ("hann", "hamming", "blackman", "boxcar")
DTYPES = (np.float32, np.float64)
BANKS = [
    {"n_fft": 1024, "hop_length": 256, "sr": 22050, "n_mels": 80, "fmin": 0, "fmax": 8000},
    {"n_fft": 512, "hop_length": 128, "sr": 16000, "n_mels": 40, "fmin": 300, "fmax": 7000},
    {"n_fft": 441, "hop_length": 110, "sr": 22050, "n_mels": 128, "fmin": 20, "fmax": 11000},
    {"n_fft": 2048, "hop_length": 512, "sr": 44100, "n_mels": 1, "fmin": 100, "fmax": 20000},
    {"n_fft": 64, "hop_length": 16, "sr": 8000, "n_mels": 30, "fmin": 0, "fmax": 4000},
    {"n_fft": 64, "hop_length": 16, "sr": 8000, "n_mels": 2, "fmin": 1, "fmax": 2},
]


class Golden:
    """Writes cases into a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.cases = []
        self.n_files = 0

    def add(self, kind, settings, **arrays):
        """Add a case; arrays with two axes are (n_rows, n_frames) and are turned a frame a row."""
        files = {name: self._write(np.asarray(values)) for name, values in arrays.items()}
        self.cases.append({"kind": kind, "settings": settings, "arrays": files})

    def _write(self, values):
        if values.dtype.kind == "c":
            return {"re": self._write(values.real), "im": self._write(values.imag)}
        self.n_files += 1
        file = f"{self.n_files}.raw"
        values.T.astype(values.dtype.newbyteorder("<")).tofile(self.folder / file)
        return {"file": file, "dtype": values.dtype.name}

    def close(self):
        """Write the list of the cases."""
        (self.folder / "golden.json").write_text(json.dumps(self.cases))


def write(folder):
    """Write all cases into an empty folder."""
    golden = Golden(folder)
    for add in (
        transforms,
        invertibility,
        levels,
        banks,
        time_scales,
        cepstra,
        metrics,
        griffin_lim,
        mel_inversion,
        pghi,
        clips,
        runpy.run_path(str(Path(__file__).with_name("golden_formats.py")))["add"],
        *(about.add for about in figures.ABOUT.values() if hasattr(about, "add")),
    ):
        add(golden)
    golden.close()


def signal(n_samples, sr=22050, seed=0):
    """A rising tone, two steady ones and noise."""
    t = np.arange(n_samples) / sr
    tones = np.sin(2 * np.pi * (300 + 2000 * t) * t) + 0.5 * np.sin(2 * np.pi * 1234 * t)
    return tones + 0.1 * np.random.default_rng(seed).standard_normal(n_samples)


def grid_settings(stft):
    """The settings of a grid, as `makeGrid` takes them."""
    return {
        "sr": stft.sr,
        "n_fft": stft.n_fft,
        "hop_length": stft.hop_length,
        "window": stft.window,
    }


def transforms(golden):
    """Transform, its inverse, and the least-squares inverse of what no signal has."""
    rng = np.random.default_rng(1)
    for n_fft, hop_length in SIZES:
        for window in WINDOWS if n_fft in (1024, 441) else WINDOWS[:1]:
            stft = sd.STFT(22050, n_fft, hop_length, window=window)
            for n_samples, dtype in [(1, np.float64), (7, np.float64), *product([3001], DTYPES)]:
                x = signal(n_samples).astype(dtype)
                X = stft.forward(x)
                Y = rng.standard_normal(X.shape) + 1j * rng.standard_normal(X.shape)
                Y = Y.astype(X.dtype)
                length = min(n_samples, stft._longest(X.shape[-1]))
                golden.add(
                    "stft",
                    grid_settings(stft) | {"length": length},
                    x=x,
                    X=X,
                    S=np.abs(X),
                    Y=Y,
                    y=stft.inverse(Y),
                    y_long=stft.inverse(Y, length=length),
                )


def invertibility(golden):
    """Whether grids can be inverted, on both sides of where they no longer can."""
    for window in WINDOWS:
        for n_fft, hop_length in [(8, 2), (8, 4), (8, 7), (8, 8), (8, 9), (9, 9), (9, 8), (2, 2)]:
            stft = sd.STFT(8000, n_fft, hop_length, window=window)
            golden.add("invertible", grid_settings(stft) | {"expected": stft.is_invertible})


def levels(golden):
    """Amplitude to dB and back."""
    for dtype in DTYPES:
        S = np.abs(np.random.default_rng(2).standard_normal((20, 9))).astype(dtype) ** 4
        for ref, amin, top_db in [(1.0, 1e-5, 80.0), (0.3, 1e-3, None), (2.0, 1e-9, 40.0)]:
            D = sd.amplitude_to_db(S, ref=ref, amin=amin, top_db=top_db)
            golden.add(
                "level",
                {"ref": ref, "amin": amin, "top_db": top_db},
                S=S,
                D=D,
                back=sd.db_to_amplitude(D, ref=ref),
            )


def banks(golden):
    """The matrix, the bands of a spectrogram, and the spectrogram that EM makes of them."""
    for settings in BANKS:
        stft = sd.STFT(settings["sr"], settings["n_fft"], settings["hop_length"])
        for scale in SCALES:
            for norm in ("slaney", None):
                bank = make_bank(stft, settings, scale, norm)
                for dtype in DTYPES:
                    S = stft.magnitude(signal(3000).astype(dtype))
                    S[:, 3] *= 1e-8
                    S[: len(S) // 2, 5] = 0
                    M = bank.forward(S)
                    golden.add(
                        "bank",
                        settings | {"mel_scale": scale, "norm": norm, "empty": bank.empty.tolist()},
                        matrix=bank.matrix,
                        centers=bank.center_frequencies,
                        S=S,
                        M=M,
                        start=bank.inverse(M, n_iter=0),
                        em=bank.inverse(M),
                    )


def make_bank(stft, settings, scale, norm):
    """A bank, with no word about bands that contain no bin: they are wanted here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return sd.MelBank(
            stft,
            settings["n_mels"],
            fmin=settings["fmin"],
            fmax=settings["fmax"],
            scale=scale,
            norm=norm,
        )


def time_scales(golden):
    """Fewer frames, and back."""
    rng = np.random.default_rng(3)
    # 21 / 1.4 is 15.000000000000002.
    for n_frames, factor in [(21, 1.4), *product((1, 2, 3, 4, 5, 7, 50), (1, 1.5, 2, 2.7, 10, 60))]:
        for dtype in DTYPES:
            M = np.abs(rng.standard_normal((6, n_frames))).astype(dtype) ** 3
            M[0] = 0
            Ms = sd.shorten(M, factor)
            golden.add(
                "timescale",
                {"factor": factor, "n_rows": 6, "n_frames": n_frames},
                M=M,
                Ms=Ms,
                back=sd.lengthen(Ms, factor, n_frames=n_frames),
            )


def cepstra(golden):
    """Cepstral coefficients, and the outline that they draw."""
    for n_mels, n_mfcc, lifter in [(80, 20, 0), (40, 40, 22), (13, 1, 0), (1, 1, 0)]:
        for dtype in DTYPES:
            log_mel = 20 * np.random.default_rng(4).standard_normal((n_mels, 6)).astype(dtype)
            C = sd.mfcc(log_mel, n_mfcc=n_mfcc, lifter=lifter)
            golden.add(
                "mfcc",
                {"n_mels": n_mels, "n_mfcc": n_mfcc, "lifter": lifter},
                log_mel=log_mel,
                C=C,
                back=sd.inverse_mfcc(C, n_mels=n_mels, lifter=lifter),
            )


def metrics(golden):
    """Both distances, of near and far, of very small and of silent spectrograms."""
    rng = np.random.default_rng(5)
    S = np.abs(rng.standard_normal((30, 8))) ** 5
    others = [S, 1.001 * S, np.abs(rng.standard_normal(S.shape)), np.zeros_like(S)]
    pairs = [(S, other) for other in others] + [(0 * S, S), (0 * S, 0 * S)]
    for dtype in DTYPES:
        for scale in (1, 1e-30):
            for one, other in pairs:
                one, other = (scale * one).astype(dtype), (scale * other).astype(dtype)
                golden.add(
                    "metrics",
                    {
                        "spectral_convergence": sd.spectral_convergence(one, other),
                        "log_spectral_distance": sd.log_spectral_distance(one, other),
                        "log_spectral_distance_40": sd.log_spectral_distance(
                            one, other, floor_db=-40.0
                        ),
                    },
                    S=one,
                    S_hat=other,
                )


def griffin_lim(golden):
    """The same start on both sides, after few and after many iterations."""
    for n_fft, hop_length in [(1024, 256), (512, 128), (441, 110), (400, 150)]:
        stft = sd.STFT(22050, n_fft, hop_length)
        for dtype in DTYPES:
            S = stft.magnitude(signal(9000).astype(dtype))
            phase = STARTS["random"](S, stft, rng=np.random.default_rng(6))
            for momentum in (0, 0.99):
                for n_iter, length in [(0, 9000), (3, None), (3, 9000), (32, 9000)]:
                    found = []
                    x = sd.invert_spectrogram(
                        S,
                        stft,
                        start=phase,
                        refine="fast_griffin_lim",
                        n_iter=n_iter,
                        momentum=momentum,
                        length=length,
                        on_iteration=lambda i, db, found=found: found.append(db),
                    )
                    golden.add(
                        "griffin_lim",
                        grid_settings(stft)
                        | {
                            "momentum": momentum,
                            "n_iter": n_iter,
                            "length": length,
                            "convergence_db": found,
                        },
                        S=S,
                        phase=phase,
                        x=x,
                    )


def pghi(golden):
    """Phases of audible bins, along the same trees; in segments, too, and without neighbours."""
    for n_fft, hop_length, n_samples, window in [
        (256, 64, 6000, "hann"),
        (255, 60, 6000, "hamming"),
        (64, 8, 40000, "blackman"),
        (64, 16, 1, "hann"),
        (2, 1, 50, "boxcar"),
    ]:
        stft = sd.STFT(8000, n_fft, hop_length, window=window)
        for dtype in DTYPES:
            S = stft.magnitude(signal(n_samples, 8000).astype(dtype))
            golden.add(
                "pghi",
                grid_settings(stft),
                S=S,
                phase=STARTS["pghi"](S, stft, rng=np.random.default_rng(0)),
            )


def mel_inversion(golden):
    """Magnitude and phase from bands: how near Python comes."""
    stft = sd.STFT(22050)
    x = clip("speech")[:44100]
    S = stft.magnitude(x)
    for n_mels, scale, n_iter in [(80, "slaney", 32), (40, "htk", 32), (80, "slaney", 0)]:
        bank = sd.MelBank(stft, n_mels, fmax=8000, scale=scale)
        M = bank.forward(S)
        x_hat = sd.invert_mel(M, bank, n_iter=n_iter, length=len(x), rng=0)
        M_hat = bank.forward(stft.magnitude(x_hat))
        golden.add(
            "mel_inversion",
            grid_settings(stft)
            | {
                "n_mels": n_mels,
                "fmin": 0,
                "fmax": 8000,
                "mel_scale": scale,
                "norm": "slaney",
                "n_iter": n_iter,
                "length": len(x),
                "convergence_db": sd.spectral_convergence(M, M_hat),
                "log_mel_distance_db": sd.log_spectral_distance(M, M_hat),
            },
            M=M,
        )


def clips(golden):
    """Every bundled clip, and how near PGHI alone and 32 iterations behind it come in Python."""
    stft = sd.STFT(22050)
    for name in sd.clips():
        x = clip(name)
        S = stft.magnitude(x)
        convergence_db = {}
        for n_iter in (0, 32):
            x_hat = sd.invert_spectrogram(
                S,
                stft,
                start="pghi",
                refine="fast_griffin_lim",
                n_iter=n_iter,
                length=len(x),
                rng=0,
            )
            convergence_db[n_iter] = sd.spectral_convergence(S, stft.magnitude(x_hat))
        golden.add(
            "clip", grid_settings(stft) | {"name": name, "convergence_db": convergence_db}, x=x
        )


def clip(name):
    """A bundled clip."""
    return sd.load(sd.clips()[name])[0]
