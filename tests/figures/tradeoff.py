"""What the tests know of the figure `tradeoff`."""

import numpy as np

import specdemo as sd

DRAGS = {"clicks": (20, 0), "tones": (0, -15), "long": (30, 0), "wide": (0, 12)}
SR = 4000


def expected(value, figure):
    """Both dips, and the product of the distances."""
    n_fft, clicks, tones = round(value("long") * SR / 1000), value("clicks"), value("tones")
    return {
        "frame": (1000 * n_fft / SR, 0.051),
        "clicks": click_dip(n_fft, round(clicks / 1000 * SR)),
        "tones": tone_dip(n_fft, tones),
        "product": (clicks * tones / 1000, 0.0051),
    }


def click_dip(n_fft, apart):
    """From the columns at a click and half way between two, of the package's spectrogram."""
    first, middle = n_fft, n_fft + apart // 2
    x = np.zeros(3 * n_fft + apart)
    x[[first, first + apart]] = 1
    S = sd.STFT(SR, n_fft, 1).magnitude(x)
    # All bins of the DFT, those that mirror the ones below too.
    power = 2 * np.sum(S**2, axis=0) - S[0] ** 2 - S[-1] ** 2
    return in_db(power[first], power[middle])


def tone_dip(n_fft, apart_hz):
    """From the transform of the package's window."""
    window, n = sd.STFT(SR, n_fft, 1).window_array, np.arange(n_fft)

    def power(f):
        both = [
            np.sum(window * np.exp(-2j * np.pi * (f - s * apart_hz / 2) * n / SR)) for s in (1, -1)
        ]
        return np.sum(np.abs(both) ** 2)

    return in_db(power(apart_hz / 2), power(0))


def in_db(there, between):
    """A dip in dB as the figure says it: from 0 to 60."""
    return np.clip(10 * np.log10(there / max(between, 1e-9 * there)), 0, 60)


def add(golden):
    """Dips, and the spectrogram of a sound of both pairs."""
    for n_fft, apart, apart_hz in ((32, 8, 400), (182, 60, 40), (182, 92, 44), (1024, 400, 7)):
        golden.add(
            "tradeoff",
            {
                "n_fft": n_fft,
                "apart": apart,
                "apart_hz": apart_hz,
                "clicks": click_dip(n_fft, apart),
                "tones": tone_dip(n_fft, apart_hz),
            },
        )
    stft = sd.STFT(SR, 1024, 16, win_length=182, pad=0)
    golden.add("tradeoff_picture", {}, D=picture(stft))


def picture(stft):
    """Levels between 700 and 1300 Hz of clicks 15 ms and tones 40 Hz apart, a frame a row."""
    t = np.arange(1280 + 1024)
    x = sum(np.sin(2 * np.pi * f * t / SR) for f in (980, 1020)) / 46
    x[[1152 - 30, 1152 + 30]] += 1
    S = stft.magnitude(x)
    levels = 20 * np.log10(S / S.max())
    return levels[round(700 * 1024 / SR) : round(1300 * 1024 / SR)]
