"""Draw the picture of the README: a spectrogram, its mel bands, and what comes back from them.

    .venv/bin/python tools/make_picture.py

The same packages give the same picture on every run. It and the film of the live figure
(tools/make_animation.py) are the only pictures that are stored: the page of a repository cannot
make its own.
"""

import io
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

import specdemo as sd
from specdemo import plot

PICTURE = Path(__file__).resolve().parent.parent / "book" / "images" / "spectrogram.png"


def main():
    """Draw the three spectrograms side by side and store them."""
    x, sr = sd.load("speech", duration=3)
    stft = sd.STFT(sr, n_fft=1024, hop_length=256)
    bank = sd.MelBank(stft, n_mels=80, fmax=8000)
    S = stft.magnitude(x)
    M = bank.forward(S)
    x_hat = sd.invert_mel(M, bank, length=len(x), rng=0)
    with plt.style.context(plot.STYLE):
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10, 2.9))
        plot.spectrogram(S, stft, ax=left, title=f"{stft.n_bins} bins", colorbar=False)
        plot.mel_spectrogram(M, bank, ax=middle, title=f"{bank.n_mels} mel bands", colorbar=False)
        plot.spectrogram(
            stft.magnitude(x_hat),
            stft,
            ax=right,
            title="sound rebuilt from the bands",
            colorbar=False,
        )
        for ax in (left, right):
            ax.set_ylim(0, bank.fmax)
        for ax in (middle, right):
            ax.set_ylabel("")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    # 64 colours look the same and take a third of the bytes.
    Image.open(buffer).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
        PICTURE, optimize=True
    )


if __name__ == "__main__":
    main()
