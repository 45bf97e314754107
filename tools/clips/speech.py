"""The clips of speech, which free synthesisers speak."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import firwin, resample_poly

from clips.blocks import SR
from clips.files import read_wav


@dataclass(frozen=True)
class Voice:
    """What is said, and who says it.

    Attributes
    ----------
    text : str
        The sentence.
    command : tuple of str
        The synthesiser and its arguments; "{txt}" stands for a file that holds the
        sentence, "{wav}" for the file to write.
    sr : int
        Sampling rate of the voice in Hz; another one means that another voice spoke.
    packages : str
        The Debian packages that hold the synthesiser and the voice.
    """

    text: str
    command: tuple[str, ...]
    sr: int
    packages: str


VOICES = {
    "speech": Voice(
        text="A spectrogram is a picture of sound. This book turns it back into speech.",
        command=("text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", "{wav}", "{txt}"),
        sr=32000,
        packages="festival festvox-us-slt-hts",
    ),
    "speech2": Voice(
        text="Keep only the picture, and the phase is gone. Now guess what made it.",
        command=("flite", "-voice", "rms", "-f", "{txt}", "-o", "{wav}"),
        sr=16000,
        packages="flite",
    ),
}


class SynthesiserError(RuntimeError):
    """The synthesiser of a voice is missing, or did not speak."""


def synthesise(voice):
    """Let the synthesiser say the sentence, at the sampling rate of the voice.

    Parameters
    ----------
    voice : Voice

    Returns
    -------
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1].

    Raises
    ------
    SynthesiserError
        If the program or its voice is not installed.
    """
    program = voice.command[0]
    advice = f"on Debian: apt-get install {voice.packages}"
    if shutil.which(program) is None:
        raise SynthesiserError(f"{program!r} is not on the PATH; {advice}")
    with tempfile.TemporaryDirectory() as folder:
        txt, wav = Path(folder) / "text.txt", Path(folder) / "voice.wav"
        txt.write_text(voice.text, encoding="ascii")
        command = [part.format(txt=txt, wav=wav) for part in voice.command]
        result = subprocess.run(command, check=False, capture_output=True)
        spoke = result.returncode == 0 and wav.exists()
        sr, samples = read_wav(wav) if spoke else (None, None)
    if sr != voice.sr:  # Flite speaks with another voice if it lacks the one asked for
        raise SynthesiserError(f"{program!r} has not got the voice it should use; {advice}")
    return samples / 32768.0


def trim(x, quiet=0.1, threshold_db=-45.0):
    """Cut the ends so that `quiet` seconds remain before and after the sound.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    quiet : float
        Silence to leave at either end, in s.
    threshold_db : float
        The sound begins and ends where it passes this level, in dB below its peak.

    Returns
    -------
    x : ndarray, shape (n_samples',)
    """
    margin = round(quiet * SR)
    loud = np.flatnonzero(np.abs(x) > np.max(np.abs(x)) * 10 ** (threshold_db / 20))
    return np.pad(x, margin)[loud[0] : loud[-1] + 1 + 2 * margin]


def resample(x, sr):
    """Take a sound from another sampling rate to that of the book.

    The filter is three times as long as `resample_poly` makes it, with 90 dB instead
    of 50 dB of attenuation: the hiss of an s must not be mirrored into the empty octave.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    sr : int
        Its sampling rate in Hz.

    Returns
    -------
    x : ndarray, shape (n_samples',)
    """
    divisor = np.gcd(SR, sr)
    up, down = SR // divisor, sr // divisor
    longest = max(up, down)
    h = firwin(2 * 32 * longest + 1, 1 / longest, window=("kaiser", 9.0))
    return resample_poly(x, up, down, window=h)


def speak(name):
    """The clip of one of `VOICES`, at the sampling rate of the book.

    Parameters
    ----------
    name : str

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    voice = VOICES[name]
    return trim(resample(synthesise(voice), voice.sr))
