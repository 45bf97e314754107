"""Files that a reader may choose, written by others than the package."""

import io
import wave

import numpy as np
import scipy.io.wavfile


def wav(samples, sr=22050):
    """The bytes of a 16-bit WAV file, by the wave module; samples are (n,) or (n, channels)."""
    samples = np.atleast_2d(samples.T).T
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sr)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def float_wav(samples, sr=22050):
    """The bytes of a WAV file of floats, which can hold what is not a number."""
    buffer = io.BytesIO()
    scipy.io.wavfile.write(buffer, sr, samples.astype(np.float32))
    return buffer.getvalue()


def tone(sr=22050, seconds=1.0):
    """A sine of 440 Hz."""
    return 0.5 * np.sin(2 * np.pi * 440 / sr * np.arange(round(sr * seconds)))


def give(visit, name, data):
    """Choose a file of the reader's."""
    file = {"name": name, "mimeType": "audio/wav", "buffer": data}
    visit.page.set_input_files(".sd-source input", file)
