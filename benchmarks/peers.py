"""The others: librosa, torch, bare FFTs and a heap in Python, called on the grids of specdemo."""

import heapq
import os
from importlib.util import find_spec

import librosa
import numpy as np
import scipy.fft
import soundfile

import specdemo as sd

MOMENTUM = 0.99
CEPSTRA_TOP_DB = 100.0  # the range of the levels that cepstra are made from, ours and librosa's
BLOCK = 64

try:
    if os.environ.get("BENCH_TORCH") == "0":
        raise ImportError
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

try:
    from pesq import pesq
except ImportError:
    pesq = None

try:
    import kaldi_native_fbank as kaldi
except ImportError:
    kaldi = None

SENTENCES = {
    "torch": (torch, "torch is not installed, or BENCH_TORCH=0 asked to leave it out."),
    "pesq": (pesq, "PESQ is left out: the package pesq could not be built here."),
    "kaldi": (kaldi, "kaldi-native-fbank is not installed."),
    "Dask": (find_spec("distributed"), "Dask is not installed."),
}


def missing(*names):
    """Say which of these were left out of this run, and why."""
    return [text for module, text in map(SENTENCES.get, names) if module is None]


def grid(stft):
    """Return the settings of a grid as librosa takes them."""
    return {"n_fft": stft.n_fft, "hop_length": stft.hop_length, "pad_mode": "constant"}


def librosa_stft(x, stft):
    """Transform with librosa."""
    return librosa.stft(x, **grid(stft))


def librosa_istft(X, stft, length):
    """Invert a transform with librosa."""
    return librosa.istft(X, n_fft=stft.n_fft, hop_length=stft.hop_length, length=length)


def librosa_griffin_lim(S, stft, n_iter, length, rng=0):
    """Fast Griffin-Lim of librosa from a random phase, its default."""
    return librosa.griffinlim(
        S, n_iter=n_iter, momentum=MOMENTUM, length=length, random_state=rng, **grid(stft)
    )


def librosa_bank(bank):
    """Return the settings of a mel bank as librosa takes them."""
    return {"fmin": bank.fmin, "fmax": bank.fmax}


def librosa_mel_to_stft(M, bank):
    """Non-negative least squares of librosa, for mel bands of magnitudes."""
    return librosa.feature.inverse.mel_to_stft(
        M, sr=bank.stft.sr, n_fft=bank.stft.n_fft, power=1.0, **librosa_bank(bank)
    )


def librosa_mel_to_audio(M, bank, n_iter, length):
    """Mel bands of magnitudes to sound with librosa."""
    np.random.seed(0)  # mel_to_audio takes no seed of its own
    return librosa.feature.inverse.mel_to_audio(
        M,
        sr=bank.stft.sr,
        power=1.0,
        n_iter=n_iter,
        length=length,
        **grid(bank.stft),
        **librosa_bank(bank),
    )


def librosa_mfcc(x, bank, n_mfcc):
    """Cepstra of power mel bands, as librosa has them."""
    S = librosa.feature.melspectrogram(
        y=x, sr=bank.stft.sr, n_mels=bank.n_mels, **grid(bank.stft), **librosa_bank(bank)
    )
    return librosa.feature.mfcc(S=librosa.power_to_db(S, top_db=CEPSTRA_TOP_DB), n_mfcc=n_mfcc)


def librosa_mfcc_to_audio(C, bank, n_iter, length):
    """Cepstra of `librosa_mfcc` to sound with librosa."""
    np.random.seed(0)
    return librosa.feature.inverse.mfcc_to_audio(
        C,
        n_mels=bank.n_mels,
        sr=bank.stft.sr,
        n_iter=n_iter,
        length=length,
        **grid(bank.stft),
        **librosa_bank(bank),
    )


def torch_grid(stft, dtype):
    """Return the settings of a grid as torch takes them."""
    window = torch.hann_window(stft.n_fft, dtype=dtype)
    return {"n_fft": stft.n_fft, "hop_length": stft.hop_length, "window": window}


def torch_stft(x, stft):
    """Transform with torch."""
    settings = torch_grid(stft, x.dtype)
    return torch.stft(x, pad_mode="constant", return_complex=True, **settings)


def torch_istft(X, stft, length):
    """Invert a transform with torch."""
    return torch.istft(X, length=length, **torch_grid(stft, X.real.dtype))


def torch_griffin_lim(S, stft, n_iter, length):
    """Fast Griffin-Lim in torch, step by step as torchaudio.functional.griffinlim has it."""
    S = torch.from_numpy(S)
    angles = torch.polar(torch.ones_like(S), 2 * torch.pi * torch.rand_like(S))
    previous = torch.zeros_like(angles)
    for _ in range(n_iter):
        rebuilt = torch_stft(torch_istft(S * angles, stft, length), stft)
        angles = rebuilt - previous * (MOMENTUM / (1 + MOMENTUM))
        angles = angles / (angles.abs() + 1e-16)
        previous = rebuilt
    return torch_istft(S * angles, stft, length).numpy()


def bare_ffts(frames):
    """Return a function that does the FFTs of one iteration, block by block, and nothing else."""
    blocks = [np.ascontiguousarray(frames[i : i + BLOCK]) for i in range(0, len(frames), BLOCK)]

    def there_and_back():
        for block in blocks:
            scipy.fft.irfft(scipy.fft.rfft(block), block.shape[-1])

    return there_and_back


def pghi_with_a_heap(S, stft, rng, tolerance=3e-3):
    """PGHI as its paper has it, and chapter 2: the loudest bin of the frontier spreads next."""
    along_time, along_frequency = sd.phase.phase_gradient(S, stft)
    phase = rng.uniform(-np.pi, np.pi, S.shape)
    waiting = S > tolerance * S.max()
    for seed in np.argsort(-S, axis=None)[: np.count_nonzero(waiting)]:
        k, m = divmod(int(seed), S.shape[1])
        if not waiting[k, m]:
            continue
        waiting[k, m], phase[k, m], heap = False, 0.0, [(-S[k, m], k, m)]
        while heap:
            _, k, m = heapq.heappop(heap)
            for dk, dm in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                j, n = k + dk, m + dm
                if 0 <= j < S.shape[0] and 0 <= n < S.shape[1] and waiting[j, n]:
                    step = dm * (along_time[k, m] + along_time[j, n]) / 2
                    step += dk * (along_frequency[k, m] + along_frequency[j, n]) / 2
                    waiting[j, n], phase[j, n] = False, phase[k, m] + step
                    heapq.heappush(heap, (-S[j, n], j, n))
    return phase.astype(S.dtype)


def librosa_whisper(path, weights):
    """Whisper's mel spectrogram of a recording with librosa; the weights of its bank are made once."""
    x, _ = librosa.load(path, sr=None)
    X = librosa.stft(x, n_fft=400, hop_length=160, pad_mode="reflect")[:, :-1]
    A = np.log10(np.maximum(weights @ np.abs(X) ** 2, 1e-10))
    return (np.maximum(A, A.max() - 8) + 4) / 4


def torch_whisper(path, weights):
    """The same with torch, step by step as the package of Whisper has it."""
    x = torch.from_numpy(soundfile.read(path, dtype="float32")[0])
    X = torch.stft(x, 400, 160, window=torch.hann_window(400), return_complex=True)[:, :-1]
    A = torch.clamp(weights @ X.abs() ** 2, min=1e-10).log10()
    return ((torch.maximum(A, A.max() - 8) + 4) / 4).numpy()


def kaldi_bands(path, n_mels):
    """Kaldi's own features of a recording, as many bands: another format."""
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = n_mels
    x, sr = soundfile.read(path, dtype="float32")
    extractor = kaldi.OnlineFbank(options)
    extractor.accept_waveform(sr, (32768 * x).tolist())  # takes a list sooner than an array
    extractor.input_finished()
    return np.stack([extractor.get_frame(i) for i in range(extractor.num_frames_ready)])
