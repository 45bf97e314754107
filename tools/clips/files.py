"""The files of the clips: their level, their 16 bits and their checksums."""

import hashlib
import wave

import numpy as np
from scipy.signal import butter, sosfiltfilt

from clips.blocks import PEAK, SR, attack

FADE = 0.005  # s; shorter would click, longer would soften an attack


def finish(x, rng):
    """Take a sound to its final level, and to 16 bits.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    rng : numpy.random.Generator
        For the dither: two uniform variables of one step each (TPDF), which make the
        rounding error a constant, faint hiss that does not depend on the signal.

    Returns
    -------
    samples : ndarray of int16, shape (n_samples,)
    """
    # Below 25 Hz there is nothing to hear, only offset; forwards and backwards, so
    # that no attack is smeared to one side.
    sos = butter(2, 25, "highpass", fs=SR, output="sos")
    x = sosfiltfilt(sos, x)
    t = np.arange(len(x)) / SR
    x = x * attack(t, FADE) * attack(t[::-1], FADE)
    x = x * (PEAK / np.max(np.abs(x)))
    dither = rng.uniform(-0.5, 0.5, (2, len(x))).sum(axis=0)
    return np.rint(32768 * x + dither).astype(np.int16)


def read_wav(path):
    """Read mono 16-bit samples.

    The standard library's reader, because scipy's refuses the header that Flite writes
    for its fallback voice.

    Parameters
    ----------
    path : Path

    Returns
    -------
    sr : int
        Sampling rate in Hz.
    samples : ndarray of int16, shape (n_samples,)
    """
    with wave.open(str(path), "rb") as file:
        return file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")


def write_wav(path, samples):
    """Write mono 16-bit samples.

    Parameters
    ----------
    path : Path
    samples : ndarray of int16, shape (n_samples,)
    """
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SR)
        file.writeframes(samples.astype("<i2").tobytes())


def write_checksums(folder, pattern="*.wav"):
    """List the SHA-256 of the files of `folder` in SHA256SUMS, for `sha256sum -c`.

    Parameters
    ----------
    folder : Path
    pattern : str
        Which of them.
    """
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob(pattern))
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")
