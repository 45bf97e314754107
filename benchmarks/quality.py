"""Quality: how near the way back comes, for every start and refinement, and from mel and MFCC."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from pystoi import stoi

import peers
import specdemo as sd
from sounds import is_speech
from specdemo.mel import METHODS

ITERATIONS = (0, 10, 32, 100, 300)
QUICK_STARTS = ("random", "pghi")
PESQ_RATE = 16000

# Where many iterations end depends on the random phases: on polyphony some dB from seed to seed.
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Setting:
    """A grid and the mel bands on it."""

    name: str
    sr: int
    n_fft: int
    hop_length: int
    n_mels: int
    fmin: float
    fmax: float

    def bank(self):
        """Return the mel bank."""
        grid = sd.STFT(self.sr, self.n_fft, self.hop_length)
        return sd.MelBank(grid, n_mels=self.n_mels, fmin=self.fmin, fmax=self.fmax)


BOOK = Setting("80 bands, 0 to 8 kHz, 1024/256 at 22.05 kHz", 22050, 1024, 256, 80, 0, 8000)
VOCODER = Setting("100 bands, 0 to 12 kHz, 1024/256 at 24 kHz", 24000, 1024, 256, 100, 0, 12000)
FINE = Setting("64 bands, 0.3 to 8 kHz, 2048/128 at 44.1 kHz", 44100, 2048, 128, 64, 300, 8000)


def convergence(sounds, quick):
    """Spectral convergence of starts and refinements on every clip, at 22.05 kHz and 1024/256."""
    rows = []
    for clip in ["speech"] if quick else sounds:
        print(f"  convergence, {clip}", flush=True)
        x, sr = sd.load(sounds[clip], sr=22050)
        starts = QUICK_STARTS if quick else sd.phase.STARTS
        rows += convergence_of_clip(x, sd.STFT(sr, 1024, 256), clip, starts, quick)
    return rows


def convergence_of_clip(x, stft, clip, starts, quick):
    """Rows of one clip: every start with every refinement, the defaults, and librosa."""
    iterations = ITERATIONS[:-1] if quick else ITERATIONS
    S, row = stft.magnitude(x), {"clip": clip, "setting": "1024/256 at 22.05 kHz"}
    invert = partial(sd.invert_spectrogram, S, stft, length=len(x))

    def curve(function, seeds=SEEDS[:1], **labels):
        errors = {str(n): error_db(S, stft, function, n, seeds) for n in iterations}
        return {**row, **labels, "db": errors}

    rows = [curve(invert, SEEDS, start="default", refine="default")]
    for start in starts:
        # Found once, and handed to every refinement.
        phase = sd.phase.STARTS[start](S / S.max(), stft, rng=np.random.default_rng(0))
        for refine in sd.phase.REFINEMENTS:
            by_name = partial(invert, start=phase, refine=refine)
            rows.append(curve(by_name, start=start, refine=refine))
    theirs = partial(peers.librosa_griffin_lim, S, stft, length=len(x))
    rows.append(curve(theirs, SEEDS, start="random", refine="librosa.griffinlim"))
    return rows


def convergence_fine(sounds, quick):
    """The defaults and librosa on the grid of the predecessor, 2048/128 at 44.1 kHz."""
    rows = []
    for clip in sounds:
        if quick or not is_speech(clip):
            continue
        print(f"  convergence on a fine grid, {clip}", flush=True)
        x, sr = sd.load(sounds[clip], sr=44100)
        stft = sd.STFT(sr, 2048, 128)
        S = stft.magnitude(x)
        ours = partial(sd.invert_spectrogram, S, stft, length=len(x))
        theirs = partial(peers.librosa_griffin_lim, S, stft, length=len(x))
        for function, start, refine in (
            (ours, "default", "default"),
            (theirs, "random", "librosa.griffinlim"),
        ):
            errors = {str(n): error_db(S, stft, function, n, SEEDS) for n in (10, 100)}
            rows.append(
                {
                    "clip": clip,
                    "setting": "2048/128 at 44.1 kHz",
                    "start": start,
                    "refine": refine,
                    "db": errors,
                }
            )
    return rows


def error_db(S, stft, function, n_iter, seeds):
    """Spectral convergence towards `S`, the median over the seeds, rounded for the record."""
    signals = (function(n_iter=n_iter, rng=seed) for seed in seeds)
    errors = [sd.spectral_convergence(S, stft.magnitude(x).astype(S.dtype)) for x in signals]
    return round(float(np.median(errors)), 2)


def mel_to_audio(sounds, quick):
    """All ways from 80 mel bands to sound, on every clip."""
    methods = {}
    for method in METHODS:
        methods[f"{method}, PGHI, 100 fast Griffin-Lim"] = partial(two_steps, method=method)
    for n_iter in (100, 300):
        methods[f"invert_mel, {n_iter}"] = partial(together, n_iter=n_iter)
    for n_iter in (32, 100):
        methods[f"librosa mel_to_audio, {n_iter}"] = partial(librosa_mel, n_iter=n_iter)
    if quick:
        names = ("em, PGHI, 100 fast Griffin-Lim", "invert_mel, 100", "librosa mel_to_audio, 32")
        methods, sounds = {name: methods[name] for name in names}, first_voice(sounds)
    return scored(sounds, BOOK, methods)


def vocoder(sounds, quick):
    """The setting of the neural vocoders, on voices."""
    voices = {} if quick else {clip: path for clip, path in sounds.items() if is_speech(clip)}
    methods = {
        "invert_mel, 300": partial(together, n_iter=300),
        "librosa mel_to_audio, 100": partial(librosa_mel, n_iter=100),
    }
    return scored(voices, VOCODER, methods)


def shortened(sounds, quick):
    """Bands of 2.9 ms, averaged over 5 and 10 frames, to sound; against straight lines."""
    voices = {} if quick else {clip: path for clip, path in sounds.items() if is_speech(clip)}
    methods = {"factor 1, invert_mel, 100": partial(together, n_iter=100)}
    for factor in (5, 10):
        methods[f"factor {factor}, shorten and lengthen"] = partial(by_levels, factor=factor)
        methods[f"factor {factor}, mean amplitudes, straight lines"] = partial(
            by_amplitudes, factor=factor
        )
    return scored(voices, FINE, methods)


def mfcc(sounds, quick):
    """Cepstra to sound, on voices."""
    voices = first_voice(sounds) if quick else sounds
    voices = {clip: path for clip, path in voices.items() if is_speech(clip)}
    methods = {}
    for n_mfcc in (40,) if quick else (20, 40, 80):
        methods[f"{n_mfcc} of 80, specdemo"] = partial(by_cepstra, n_mfcc=n_mfcc)
        methods[f"{n_mfcc} of 80, librosa"] = partial(librosa_cepstra, n_mfcc=n_mfcc)
        methods[f"{n_mfcc} of 80, librosa from magnitude bands"] = partial(
            librosa_from_cepstra_of_magnitudes, n_mfcc=n_mfcc
        )
    return scored(voices, BOOK, methods)


def first_voice(sounds):
    """The clip that a quick run is content with."""
    return {"speech": sounds["speech"]}


def scored(sounds, setting, methods):
    """Rows of scores for every clip and method; a method is called with bands, bank and signal."""
    rows, bank = [], setting.bank()
    for clip, path in sounds.items():
        print(f"  {setting.name}, {clip}", flush=True)
        x, _ = sd.load(path, sr=setting.sr)
        M = bank.forward(bank.stft.magnitude(x))
        for name, method in methods.items():
            found = scores(M, bank, x, method(M, bank, x), voice=is_speech(clip))
            rows.append({"clip": clip, "setting": setting.name, "method": name, **found})
    return rows


def scores(M, bank, x, x_hat, voice):
    """What is lost: in the bands of the new sound and, for a voice, to a listener's model."""
    M_hat = bank.forward(bank.stft.magnitude(x_hat.astype(x.dtype)))
    return {
        "log_mel_db": round(sd.log_spectral_distance(M, M_hat), 3),
        "mel_sc_db": round(sd.spectral_convergence(M, M_hat), 2),
        "pesq": wideband_pesq(x, x_hat, bank.stft.sr) if voice else None,
        "stoi": round(float(stoi(x, x_hat, bank.stft.sr)), 4) if voice else None,
    }


def wideband_pesq(x, x_hat, sr):
    """PESQ (ITU-T P.862.2), 1 to 4.64; None without the package or without an utterance."""
    if peers.pesq is None:
        return None
    reference, degraded = (sd.resample(y.astype(np.float64), sr, PESQ_RATE) for y in (x, x_hat))
    value = peers.pesq(PESQ_RATE, reference, degraded, "wb", on_error=1)
    return round(float(value), 3) if value > 0 else None


def together(M, bank, x, n_iter):
    """Magnitude and phase together."""
    return sd.invert_mel(M, bank, n_iter=n_iter, length=len(x), rng=0)


def two_steps(M, bank, x, method):
    """First the magnitudes, then their phase."""
    S = bank.inverse(M, method=method)
    return sd.invert_spectrogram(
        S, bank.stft, start="pghi", refine="fast_griffin_lim", n_iter=100, length=len(x), rng=0
    )


def librosa_mel(M, bank, x, n_iter):
    """librosa, both steps."""
    return peers.librosa_mel_to_audio(M, bank, n_iter, len(x))


def by_levels(M, bank, x, factor):
    """Mean of logarithms and back along a cubic, then both together."""
    Ms = sd.shorten(M, factor)
    return together(sd.lengthen(Ms, factor, n_frames=M.shape[-1]), bank, x, 100)


def by_amplitudes(M, bank, x, factor):
    """Mean of amplitudes and back along straight lines, then both together."""
    starts = np.arange(0, M.shape[1], factor)
    counts = np.diff(np.append(starts, M.shape[1]))
    means = np.add.reduceat(M, starts, axis=1) / counts
    centers, frames = starts + (counts - 1) / 2, np.arange(M.shape[1])
    lines = np.array([np.interp(frames, centers, row) for row in means])
    return together(lines.astype(M.dtype), bank, x, 100)


def cepstra_and_back(M, n_mfcc):
    """Bands after a stay in the cepstrum that has no place for fine detail."""
    C = sd.mfcc(sd.amplitude_to_db(M, top_db=peers.CEPSTRA_TOP_DB), n_mfcc=n_mfcc)
    return sd.db_to_amplitude(sd.inverse_mfcc(C, n_mels=len(M)))


def by_cepstra(M, bank, x, n_mfcc):
    """specdemo's way from cepstra to sound."""
    return together(cepstra_and_back(M, n_mfcc), bank, x, 100)


def librosa_cepstra(M, bank, x, n_mfcc):
    """librosa's way, from its own cepstra: those of powers."""
    C = peers.librosa_mfcc(x, bank, n_mfcc)
    return peers.librosa_mfcc_to_audio(C, bank, 100, len(x))


def librosa_from_cepstra_of_magnitudes(M, bank, x, n_mfcc):
    """librosa's way from the bands that specdemo has, to which its inverse does better."""
    return librosa_mel(cepstra_and_back(M, n_mfcc), bank, x, 100)
