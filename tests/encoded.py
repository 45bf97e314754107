"""Recordings as soundfile writes them: each codec, in each quality."""

import inspect
import io
import warnings

import numpy as np
import pytest

from specdemo import load

soundfile = pytest.importorskip("soundfile")

# Qualities need soundfile 0.13.
QUALITIES = "compression_level" in inspect.signature(soundfile.write).parameters

MP3 = [
    {"bitrate_mode": mode, "compression_level": level}
    for mode in ("CONSTANT", "AVERAGE", "VARIABLE")
    for level in (0.0, 0.3, 0.6, 0.95)
]
LEVELS = [{"compression_level": level} for level in (0.0, 0.5, 1.0)]

# Format, codec, sampling rate, channels, and qualities.
CODECS = [
    ("MP3", "MPEG_LAYER_III", 44100, 1, MP3),
    ("MP3", "MPEG_LAYER_III", 22050, 2, MP3[1::4]),
    ("MP3", "MPEG_LAYER_III", 8000, 1, [{}]),
    ("OGG", "VORBIS", 44100, 2, LEVELS),
    ("OGG", "VORBIS", 22050, 1, [{}]),
    ("OGG", "OPUS", 48000, 2, LEVELS),
    ("OGG", "OPUS", 16000, 1, [{}]),
    ("OGG", "OPUS", 48000, 6, [{}]),
    ("FLAC", "PCM_16", 44100, 2, LEVELS),
    ("FLAC", "PCM_24", 22050, 1, [{}]),
    ("CAF", "ALAC_16", 22050, 1, [{}]),
    ("CAF", "ALAC_20", 22050, 2, [{}]),
    ("CAF", "ALAC_24", 44100, 2, [{}]),
    ("AIFF", "PCM_24", 22050, 2, [{}]),
    ("AIFF", "IMA_ADPCM", 22050, 1, [{}]),
    ("AIFF", "GSM610", 8000, 1, [{}]),
    ("AU", "PCM_16", 22050, 2, [{}]),
    ("AU", "ULAW", 8000, 1, [{}]),
    ("AU", "G721_32", 8000, 1, [{}]),
    ("AU", "G723_24", 8000, 1, [{}]),
    ("W64", "PCM_16", 22050, 2, [{}]),
    ("W64", "MS_ADPCM", 22050, 1, [{}]),
    ("WAV", "ALAW", 8000, 2, [{}]),
    ("WAV", "ULAW", 8000, 1, [{}]),
    ("WAV", "IMA_ADPCM", 22050, 2, [{}]),
    ("WAV", "MS_ADPCM", 22050, 2, [{}]),
    ("WAV", "GSM610", 8000, 1, [{}]),
    ("WAV", "G721_32", 8000, 1, [{}]),
    ("WAV", "NMS_ADPCM_32", 8000, 1, [{}]),
    ("RF64", "PCM_24", 22050, 2, [{}]),
    ("NIST", "PCM_16", 16000, 1, [{}]),
    ("NIST", "ULAW", 8000, 1, [{}]),
    ("VOC", "PCM_16", 22050, 1, [{}]),
    ("SDS", "PCM_16", 22050, 1, [{}]),
    ("XI", "DPCM_16", 44100, 1, [{}]),
    ("PAF", "PCM_24", 22050, 2, [{}]),
    ("CAF", "FLOAT", 22050, 2, [{}]),
]

# How much longer a recording is than the pieces that are asked of a decoder: more than twice. An even
# number of blocks of GSM: behind an odd one, libsndfile alone decodes a block of noise.
N_SAMPLES = 150_100


def sound(channels=1):
    """Speech and music, one behind the other, and each channel a little later than the last."""
    x = np.concatenate([load(name)[0] for name in ("speech", "music")])[:N_SAMPLES]
    x = 0.9 * x / np.abs(x).max()
    return np.stack(
        [np.roll(x, 4001 * channel) / (1 + channel) for channel in range(channels)], axis=1
    )


def encoded(form, subtype, sr=22050, channels=1, **quality):
    file = io.BytesIO()
    soundfile.write(file, sound(channels), sr, format=form, subtype=subtype, **quality)
    return file.getvalue()


def flac(n_samples):
    """A FLAC file with this number of samples in its header, 36 bits, and what it holds."""
    content = bytearray(encoded("FLAC", "PCM_16"))
    content[21] = content[21] & 0xF0 | n_samples >> 32
    content[22:26] = (n_samples & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(content)


def at_once(content):
    """All samples in a single call of the decoder, shape (channels, n_samples)."""
    x = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)[0].T
    # Six channels in Ogg come as left, centre, right, back left, back right, bass.
    return x[[0, 2, 1, 5, 3, 4]] if content[:4] == b"OggS" and len(x) == 6 else x


def recordings():
    """Name, content and sampling rate of a recording in each codec and quality."""
    for form, subtype, sr, channels, qualities in CODECS:
        for quality in qualities if QUALITIES else [{}]:
            words = [form, subtype, sr, f"{channels} channels", *quality.values()]
            yield " ".join(map(str, words)), encoded(form, subtype, sr, channels, **quality), sr


def error(got, expected):
    return float(np.abs(got - expected).max()) if got.shape == expected.shape else np.inf


def heard(content, *words):
    """Samples of a recording; each of its warnings holds one of the words, in their order."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x, _ = load(io.BytesIO(content), mono=False)
    said = [str(warning.message) for warning in caught]
    assert len(said) == len(words), said
    for sentence, word in zip(said, words, strict=True):
        assert word in sentence
    assert all(warning.filename == __file__ for warning in caught)
    return x
