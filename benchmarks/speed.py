"""Time: every measure runs its methods in turn, round by round, and compares within the round.

Times are CPU times of this process, which has one thread: another program on the machine takes
little of them. Ratios within a round hold even where a machine changes its pace.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

import peers
import specdemo as sd
from measuring import fewest_iterations, interleaved, quartiles
from sounds import seconds_of_speech

GRIDS = {"1024/256": (22050, 1024, 256), "2048/128": (44100, 2048, 128)}
GOAL_DB = -30.0


@dataclass(frozen=True)
class Case:
    """One comparison: functions without arguments that do the same work, the first is ours."""

    measure: str
    setting: str
    methods: dict
    rounds: int = 9
    per: int = 1  # repetitions, or iterations, within a call, of which one is reported
    notes: dict | None = None  # more numbers of a method, such as its iterations


def run(quick):
    """Return a row for every method of every measure."""
    rows = []
    for measure in QUICK if quick else MEASURES:
        for case in measure(quick):
            print(f"  {case.measure}, {case.setting}", flush=True)
            rows += measured(case)
    return rows


def measured(case):
    """Time a case; return a row for each method, with quartiles of times and of ratios."""
    seconds = interleaved(case.methods, case.rounds)
    ours = seconds[next(iter(case.methods))]
    return [
        {
            "measure": case.measure,
            "setting": case.setting,
            "method": name,
            "rounds": case.rounds,
            "ms": quartiles(1e3 * taken / case.per),
            "ratio": quartiles(taken / ours),
            **(case.notes or {}).get(name, {}),
        }
        for name, taken in seconds.items()
    ]


def repeat(function, *arguments, times=5):
    """Return a function that calls another so often that a clock's steps do not matter."""

    def repeated():
        for _ in range(times):
            function(*arguments)

    return repeated


def grids(quick, seconds):
    """Yield setting, grid and speech on it in both precisions."""
    for name, (sr, n_fft, hop_length) in list(GRIDS.items())[: 1 if quick else None]:
        x = seconds_of_speech(seconds, sr)
        for dtype in (np.float32,) if quick else (np.float32, np.float64):
            yield f"{name}, {np.dtype(dtype).name}", sd.STFT(sr, n_fft, hop_length), x.astype(dtype)


def without_missing(methods):
    """Leave out the methods of packages that are not there."""
    return {name: method for name, method in methods.items() if peers.torch or name != "torch"}


def transforms(quick):
    """STFT and its inverse on 5 s of speech."""
    for setting, stft, x in grids(quick, seconds=5):
        forward = {
            "specdemo": repeat(stft.forward, x),
            "librosa": repeat(peers.librosa_stft, x, stft),
            "torch": peers.torch and repeat(peers.torch_stft, peers.torch.from_numpy(x), stft),
        }
        yield Case("STFT", setting, without_missing(forward), per=5)
        X, length = stft.forward(x), len(x)
        X_torch = peers.torch and peers.torch_stft(peers.torch.from_numpy(x), stft)
        back = {
            "specdemo": repeat(partial(stft.inverse, length=length), X),
            "librosa": repeat(peers.librosa_istft, peers.librosa_stft(x, stft), stft, length),
            "torch": repeat(peers.torch_istft, X_torch, stft, length),
        }
        yield Case("inverse STFT", setting, without_missing(back), per=5)


def griffin_lim(quick):
    """Fast Griffin-Lim from random phases on 5 s of speech, per iteration."""
    for setting, stft, x in grids(quick, seconds=5):
        main = setting == "1024/256, float32" and not quick
        n_iter = 100 if main else 20
        S = stft.magnitude(x)
        ours = partial(
            sd.invert_spectrogram,
            S,
            stft,
            start="random",
            refine="fast_griffin_lim",
            n_iter=n_iter,
            length=len(x),
            rng=0,
        )
        ffts = peers.bare_ffts(np.resize(x, (S.shape[1], stft.n_fft)))
        methods = {
            "specdemo": ours,
            "librosa": partial(peers.librosa_griffin_lim, S, stft, n_iter, len(x)),
            "torch": partial(peers.torch_griffin_lim, S, stft, n_iter, len(x)),
            "bare scipy FFTs": repeat(ffts, times=n_iter),
        }
        yield Case(
            "fast Griffin-Lim, an iteration",
            setting,
            without_missing(methods),
            rounds=5,
            per=n_iter,
        )


def time_to_goal(quick):
    """Everything that it takes to get below -30 dB on 10 s of speech, the start included."""
    setting, stft, x = next(grids(True, seconds=4 if quick else 10))
    S = stft.magnitude(x)

    def ours(n_iter):
        return sd.invert_spectrogram(S, stft, n_iter=n_iter, length=len(x), rng=0)

    def librosa(n_iter):
        return peers.librosa_griffin_lim(S, stft, n_iter, len(x))

    methods, notes = {}, {}
    for name, invert in {"specdemo": ours, "librosa": librosa}.items():
        n_iter = fewest_iterations(partial(error_after, S, stft, invert), GOAL_DB)
        if n_iter is None:
            return
        methods[name], notes[name] = partial(invert, n_iter), {"iterations": n_iter}
    yield Case(f"to {GOAL_DB:.0f} dB", setting, methods, rounds=5, notes=notes)


def error_after(S, stft, invert, n_iter):
    """Spectral convergence of a method after so many iterations, in dB."""
    return convergence(S, stft, invert(n_iter))


def convergence(S, stft, x):
    """Spectral convergence of a signal towards the magnitudes `S`, in dB."""
    return sd.spectral_convergence(S, stft.magnitude(x).astype(S.dtype))


def pghi(quick):
    """PGHI along a spanning tree against a heap in Python, on 10 s of speech."""
    setting, stft, x = next(grids(True, seconds=4 if quick else 10))
    S = stft.magnitude(x)
    methods = {
        "specdemo": sd.phase.STARTS["pghi"],
        "heap in Python": peers.pghi_with_a_heap,
        "heap in Python, down to 1e-6": partial(peers.pghi_with_a_heap, tolerance=1e-6),
    }
    notes, calls = {}, {}
    for name, method in methods.items():
        phase = method(S, stft, rng=np.random.default_rng(0))
        rebuilt = stft.inverse(S * np.exp(1j * phase), length=len(x))
        notes[name] = {"convergence_db": round(convergence(S, stft, rebuilt), 2)}
        calls[name] = partial(method, S, stft, rng=np.random.default_rng(0))
    yield Case("PGHI", setting, calls, rounds=5, notes=notes)


def mel_bank_and_bands():
    """The bank of most mel measures, its bands of the clip "speech", and the signal."""
    x, sr = sd.load("speech", sr=22050)
    bank = sd.MelBank(sd.STFT(sr, 1024, 256), n_mels=80, fmax=8000)
    return bank, bank.forward(bank.stft.magnitude(x)), x


def mel_inversion(quick):
    """Mel bands to magnitudes, on the clip "speech"."""
    bank, M, _ = mel_bank_and_bands()
    methods = {
        "specdemo, em": partial(bank.inverse, M),
        "specdemo, nnls": partial(bank.inverse, M, method="nnls"),
        "librosa, mel_to_stft": partial(peers.librosa_mel_to_stft, M, bank),
    }
    yield Case("mel to magnitudes", "80 bands, 1024/256", methods, rounds=3)


def mel_to_audio(quick):
    """Mel bands to sound, on the clip "speech"."""
    bank, M, x = mel_bank_and_bands()
    librosa = partial(peers.librosa_mel_to_audio, M, bank, length=len(x))
    methods = {
        "specdemo, 100": partial(sd.invert_mel, M, bank, n_iter=100, length=len(x), rng=0),
        "specdemo, 300": partial(sd.invert_mel, M, bank, n_iter=300, length=len(x), rng=0),
        "librosa, 32": partial(librosa, n_iter=32),
        "librosa, 100": partial(librosa, n_iter=100),
    }
    yield Case("mel to sound", "80 bands, 1024/256", methods, rounds=1 if quick else 3)


def mfcc_to_audio(quick):
    """Cepstra to sound, on the clip "speech"."""
    bank, M, x = mel_bank_and_bands()
    C = sd.mfcc(sd.amplitude_to_db(M), n_mfcc=40)
    C_librosa = peers.librosa_mfcc(x, bank, 40)

    def ours():
        bands = sd.db_to_amplitude(sd.inverse_mfcc(C, n_mels=bank.n_mels))
        return sd.invert_mel(bands, bank, n_iter=100, length=len(x), rng=0)

    theirs = partial(peers.librosa_mfcc_to_audio, C_librosa, bank, 32, len(x))
    methods = {"specdemo, 100": ours, "librosa, 32": theirs}
    yield Case("MFCC to sound", "40 of 80, 1024/256", methods, rounds=3)


MEASURES = (transforms, griffin_lim, time_to_goal, pghi, mel_inversion, mel_to_audio, mfcc_to_audio)
QUICK = (transforms, griffin_lim, time_to_goal, pghi, mel_to_audio)
