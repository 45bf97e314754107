"""Sounds and pictures of the pages: files of their own, named by their content, as light as they
can be without being seen or heard to be.

* Pictures are stored without loss in at most 128 colours (WebP), or, where that is larger, as
  AVIF of high quality: so it is for spectrograms, whose pixels are noise.
* Sounds are stored three times. The browser's own players get MP3, of which six seconds weigh less
  than one of WAV; the players of the page get a script that holds the same bytes, because a page
  that was opened from a disk may not fetch a file; and a FLAC without loss is there to be
  downloaded. A sound that occurs on a page at several levels is loaded once, and turned up or down.
"""

import base64
import hashlib
import io

import numpy as np
import soundfile
from PIL import Image

import specdemo
from specdemo.audio.wav import wav_bytes

N_COLORS = 128
AVIF = {"quality": 44, "subsampling": "4:4:4", "speed": 7, "max_threads": 1}
WEBP = {"lossless": True, "quality": 90, "method": 3}
# The rates in Hz that MP3 knows.
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
MP3 = {"format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.2}
FLAC = {"format": "FLAC", "subtype": "PCM_16", "compression_level": 1.0}
ENCODING = repr((N_COLORS, AVIF, WEBP, MP3, FLAC)).encode()


class Media:
    """The folder of a site's sounds and pictures.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder):
        self.folder = folder

    def picture(self, data):
        """Store a PNG; return its new path, width and height in pixels."""
        stem = digest(data)
        stored = next(self.folder.glob(f"{stem}.*"), None)
        if stored is None:
            suffix, smaller = lighter(data)
            stored = self.write(stem + suffix, smaller)
        with Image.open(io.BytesIO(data)) as picture:
            return stored, *picture.size

    def sound(self, data):
        """Store a WAV of 16 bits; return the path of the MP3, beside which lies the FLAC."""
        stored = self.folder / f"{digest(data)}.mp3"
        if not stored.exists():
            self.write(stored.name, as_mp3(data))
            self.write(stored.stem + ".flac", encoded(data, FLAC))
        return stored

    def script(self, data):
        """Store the script that brings a WAV as MP3; return its path."""
        stored = self.folder / f"{digest(data)}.js"
        if not stored.exists():
            text = base64.b64encode(as_mp3(data)).decode()
            self.write(stored.name, f'sdEncoded("{text}");\n'.encode())
        return stored

    def write(self, name, data):
        """Write a file and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def prune(self, pages):
        """Remove the files of earlier builds: those that the text of the pages does not name.

        An MP3 stands for the FLAC beside it.
        """
        for path in self.folder.rglob("*.*"):
            name = path.with_suffix(".mp3").name if path.suffix == ".flac" else path.name
            if name not in pages:
                path.unlink()


def digest(data):
    """Name data by its content, and by how it is going to be stored."""
    return hashlib.sha256(ENCODING + data).hexdigest()[:16]


def lighter(png):
    """Return the suffix and the bytes of the smallest good form of a picture."""
    with Image.open(io.BytesIO(png)) as picture:
        full = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    # Only this method knows of transparency.
    method = Image.Quantize.FASTOCTREE if full.mode == "RGBA" else Image.Quantize.MEDIANCUT
    few = full.quantize(N_COLORS, method, dither=Image.Dither.NONE).convert(full.mode)
    forms = [
        (".webp", saved(few, "WEBP", **WEBP)),
        (".avif", saved(full, "AVIF", **AVIF)),
    ]
    return min(forms, key=lambda form: len(form[1]))


def saved(picture, form, **settings):
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **settings)
    return buffer.getvalue()


def samples(wav):
    """Return the samples of a WAV of 16 bits and its sampling rate."""
    return soundfile.read(io.BytesIO(wav), dtype="int16")


def encoded(wav, settings):
    """Return a WAV in another format."""
    buffer = io.BytesIO()
    soundfile.write(buffer, *samples(wav), **settings)
    return buffer.getvalue()


def as_mp3(wav):
    """Return a WAV as MP3, at its own rate or the next higher one that MP3 knows."""
    sr = samples(wav)[1]
    mp3_sr = min((rate for rate in MP3_RATES if rate >= sr), default=MP3_RATES[-1])
    return encoded(wav if sr == mp3_sr else resampled(wav, mp3_sr), MP3)


def resampled(wav, new_sr):
    """Return a WAV of 16 bits at another rate."""
    x, sr = soundfile.read(io.BytesIO(wav), dtype="float32")
    return wav_bytes(specdemo.resample(x, sr, new_sr)[None], new_sr)


class PageSounds:
    """The sounds of one page, each known once whatever its level."""

    def __init__(self):
        self.known = []

    def reference(self, wav):
        """Return the WAV on the page that is the same sound, and the factor to its level."""
        x = samples(wav)[0].astype(float)
        for other, y in self.known:
            gain = same_but_for_level(x, y)
            if gain is not None:
                return other, gain
        self.known.append((wav, x))
        return wav, 1.0


def same_but_for_level(x, y):
    """Return the factor from y to x if they differ by no more than rounding; otherwise None."""
    energy = y @ y if x.shape == y.shape else 0.0
    if energy == 0:
        return None
    gain = float(x @ y / energy)
    rounding = 0.5 * (1 + gain) + 1e-6
    return gain if gain > 0 and np.abs(x - gain * y).max() <= rounding else None
