"""Golden vectors of the formats of other systems, and files as NumPy writes them."""

import json
import struct

import numpy as np

import specdemo as sd
from specdemo.formats import fit

# A format of each kind: reflected ends, powers, a bank over mel with means taken off, unequal padding,
# a bank from a formula, zeros in front.
INVERTED = (
    "hifigan-v1",
    "whisper-80",
    "kaldi-fbank-80",
    "ddsp-logmel",
    "python-speech-features",
    "gansynth-mel",
    "nemo-asr-raw",
)

# Of a second of the book's voice, real arrays of these systems have several formats to be taken for.
RECOGNISED = (
    "bigvgan-v2-22khz-80band-256x",
    "bigvgan-v2-44khz-128band-256x",
    "keithito-tacotron",
    "librosa-default",
    "nsf-hifigan-44k",
    "parallel-wavegan-ljspeech",
    "styletts2",
    "tacotron2",
    "univnet-c32",
    "vits",
    "vocos-24k",
    "whisper-80",
)


def add(golden):
    """Add the cases of every format, of what arrays can be, and of files."""
    arrays = {name: format_case(golden, sd.mel_format(name)) for name in sd.mel_formats()}
    for name, A in arrays.items():
        candidates(golden, sd.mel_format(name), A)
    for name in INVERTED:
        inversion(golden, sd.mel_format(name))
    for name in RECOGNISED:
        recognised(golden, sd.mel_format(name))
    files(golden)


def sound(n_samples, sr):
    """A tone that swells, over noise, which leaves no band empty; then silence, which leaves all."""
    t = np.arange(n_samples) / n_samples
    tone = 0.5 * t * np.sin(2 * np.pi * 440 / sr * np.arange(n_samples))
    x = tone + 0.01 * np.random.default_rng(7).standard_normal(n_samples)
    x[: n_samples // 5] = 0
    return x


def frames_last(fmt, A):
    """An array as (n_mels, n_frames), which `Golden` writes a frame a row."""
    return A.T if fmt.frames_first else A


def finite(value):
    """A number that JSON has, or None for one without end."""
    return float(value) if np.isfinite(value) else None


def format_case(golden, fmt):
    """Sound to array, and the parts of that way, each alone."""
    stft, bank = fmt.bank.stft, fmt.bank
    rng = np.random.default_rng(8)
    x = sound(stft.n_fft + 5 * stft.hop_length + 37, fmt.sr)
    A = fmt.forward(x)
    S = np.exp(rng.standard_normal((stft.n_bins, 2)))
    M = np.exp(4 * rng.standard_normal((bank.n_mels, 5)))
    scaled = {} if fmt.scale is None else {"scaled": fmt.scale.forward(M)}
    if scaled and not fmt.scale.per_band:
        scaled["unscaled"] = fmt.scale.inverse(scaled["scaled"])
    lengths = [len(x), stft.n_fft, stft.n_fft + 1, 3 * stft.n_fft + 7]
    golden.add(
        "format",
        {
            "name": fmt.name,
            "lowest": finite(fmt.lowest),
            "highest": finite(fmt.highest),
            "n_frames": [[n, fmt.n_frames(n)] for n in lengths],
            "lengths": [[m, *fmt._lengths(None, m)] for m in (2, 5, 16)],
        },
        x=x,
        A=frames_last(fmt, A),
        S=S,
        bands=bank.forward(S),
        centers=bank.center_frequencies,
        M=M,
        **scaled,
    )
    return A


def candidates(golden, fmt, A):
    """What the array of a format can be."""
    formats = [sd.mel_format(name) for name in sd.mel_formats()]
    fitting = [other for other in formats if other.misfit(A) is None]
    golden.add(
        "candidates",
        {
            "name": fmt.name,
            "doubts": {other.name: finite(fit.doubt(other, A)) for other in fitting},
            "proposals": [other.name for other in fit.proposals(A, formats)],
        },
        A=frames_last(fmt, A),
    )


def recognised(golden, fmt):
    """The array of a real voice, as the system makes it of a whole second."""
    x, sr = sd.load("speech", duration=1.0)
    A = fmt.forward(sd.resample(x, sr, fmt.sr))
    golden.add("recognised", {"name": fmt.name}, A=frames_last(fmt, A))


def inversion(golden, fmt):
    """How near Python comes to an array of a voice, and how loud its sound is."""
    x, sr = sd.load("speech", duration=1.5)
    A = fmt.forward(sd.resample(x, sr, fmt.sr))
    found = []
    y = fmt.inverse(A, n_iter=24, rng=0, on_iteration=lambda i, db: found.append(db))
    golden.add(
        "format_inversion",
        {
            "name": fmt.name,
            "n_iter": 24,
            "convergence_db": found[-1],
            "length": len(y),
            "rms": float(np.sqrt(np.mean(y**2))),
        },
        A=frames_last(fmt, A),
    )


# ----------------------------------------------------------------------------------------- Files


def files(golden):
    """Files of every kind that is taken, with the values that they hold."""
    rng = np.random.default_rng(9)
    A = rng.standard_normal((3, 4)).astype(np.float16).astype(np.float64)
    for dtype in ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8"):
        for order in "CF":
            file(
                golden, f"{order}{dtype[1:]}.npy", npy(np.asarray(A.astype(dtype), order=order)), A
            )
    batch = rng.standard_normal((2, 3, 4))
    file(golden, "batch.npy", npy(batch), batch)
    file(golden, "fortran batch.npy", npy(np.asfortranarray(batch)), batch)
    for version in ((1, 0), (2, 0), (3, 0)):
        file(golden, f"version {version[0]}.npy", npy(A, version), A)
    for name, write in (("stored", np.savez), ("deflated", np.savez_compressed)):
        path = golden.folder / f"{name}.npz"
        write(path, x=np.zeros(5), sr=16000, mel=A, other=batch)
        file(golden, path.name, path.read_bytes(), A, "mel")
    for dtype in ("F16", "BF16", "F32", "F64"):
        file(golden, f"{dtype}.safetensors", safetensors(A, dtype), rounded(A, dtype), "mel")


def file(golden, name, data, values, key=None):
    """Add a file that holds an array; the last axis of `values` is the quickest."""
    (golden.folder / name).write_bytes(data)
    shape = list(values.shape)
    # `Golden` turns arrays round, once more than is wanted here.
    golden.add("file", {"name": name, "key": key or name, "shape": shape}, values=values.ravel())


def npy(A, version=None):
    """An array as a file of `numpy.save`."""
    import io

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, A, version=version)
    return buffer.getvalue()


def rounded(A, dtype):
    """Values as a kind of number keeps them."""
    return (bfloat16(A).astype("<u4") << 16).view("<f4").astype(float) if dtype == "BF16" else A


def bfloat16(A):
    """The upper halves of numbers of single precision."""
    return (np.ascontiguousarray(A, "<f4").view("<u4") >> 16).astype("<u2")


def safetensors(A, dtype):
    """A file of safetensors with two tensors, by its specification."""
    kinds = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
    data = bfloat16(A).tobytes() if dtype == "BF16" else A.astype(kinds[dtype]).tobytes()
    ids = np.arange(4, dtype="<i8").tobytes()
    header = {
        "__metadata__": {"format": "pt"},
        "ids": {"dtype": "I64", "shape": [4], "data_offsets": [0, len(ids)]},
        "mel": {
            "dtype": dtype,
            "shape": list(A.shape),
            "data_offsets": [len(ids), len(ids) + len(data)],
        },
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + ids + data
