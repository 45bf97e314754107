"""What the tests know of the figure `speak`."""

import base64
import json

import numpy as np
from scipy.fft import idct

import specdemo as sd
from specdemo import nets, voice
from specdemo.live.figures.speak import OURS

# It takes nothing of a clip.
N_SAMPLES = 1
DRAGS = {"first": (30, 0), "second": (0, 30), "digit": (-40, 0)}
N, N_MELS, SR, HOP = 20, 40, 16000, 160


def weights(model):
    """The weights of a decoder, out of its text."""

    def values(text, dtype):
        return np.frombuffer(base64.b64decode(text), dtype)

    found = []
    for layer in model["layers"]:
        matrix = values(layer["matrix"], np.int8).reshape(layer["n_in"], -1)
        found += [matrix * values(layer["scale"], "<f4"), values(layer["offset"], "<f4")]
    return found


def label(digit):
    """That of a digit, or what lies between those of two."""
    return np.maximum(0, 1 - np.abs(np.arange(10) - digit))


def row_of(model, first, second, digit):
    """What a decoder answers."""
    return nets.run(weights(model), np.concatenate([[first, second], label(digit)])[np.newaxis])[0]


def parts(row):
    """Outline, voicing and three numbers of a word, as chapter 9 unpacks them."""
    T = (len(row) - 3) // (N + 1)
    C = np.pad(row[: N * T].reshape(N, T), ((0, N_MELS - N), (0, 0)))
    return idct(C, axis=0, norm="ortho"), np.clip(2 * row[N * T : -3], 0, 1), row[-3:] / 3


def stretched(row):
    """Outline, voicing and pitch of each frame of a word, at its length."""
    V, voicing, (middle, slope, duration) = parts(row)
    T = len(voicing)
    at = np.linspace(0, T - 1, round(T * 2 ** np.clip(duration, -2, 2)))
    V = np.stack([np.interp(at, np.arange(T), band) for band in V])
    f0 = 2 ** (7 + middle + slope * np.linspace(-1, 1, len(at)))
    return V, np.interp(at, np.arange(T), voicing), f0


def expected(value, figure):
    """Pitch, length, and how far the nearest word is that was learned."""
    model = json.loads(figure.model)
    code, digit = (value("first"), value("second")), value("digit")
    row = row_of(model, *code, digit)
    known = [
        word["code"]
        for word in model["words"]
        if word["digit"] == int(digit + 0.5) and word["voice"] != model["unheard"]
    ]
    return {
        "pitch": (2 ** (7 + row[-3] / 3), 0.51),
        "lasts": (10 * len(stretched(row)[2]), 0.1),
        "far": (min(np.hypot(*np.subtract(code, one)) for one in known), 0.0051),
    }


def add(golden):
    """What the decoder answers, the parts of its words, and what is heard of them."""
    model = json.loads(OURS.read_text(encoding="utf-8"))
    stft = sd.STFT(SR, 512, HOP)
    bank = sd.MelBank(stft, N_MELS, fmax=SR / 2)
    for first, second, digit in ((0, 0, 5), (-3.2, 1.1, 7), (2.5, -4, 3.4), (5, 5, 0)):
        row = row_of(model, first, second, digit)
        V, voicing, f0 = stretched(row)
        share = np.clip((voicing - 0.3) / 0.5, 0, 1)
        # What the seed 0 gives.
        noise = np.random.default_rng(0).standard_normal((len(f0) - 1) * HOP)
        source = voice.buzz_and_hiss(f0, share, stft, rng=0)
        y = voice.put_outline(source, 60 * (np.clip(V, 0, 1.05) - 1), bank, n_mfcc=N)
        golden.add(
            "speak",
            {"first": first, "second": second, "digit": digit},
            row=row,
            V=V,
            voicing=voicing,
            f0=f0,
            noise=noise,
            source=source,
            y=y,
        )
