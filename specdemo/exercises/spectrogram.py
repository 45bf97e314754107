"""Self-checks of chapter 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo.exercises.verdict import (
    close,
    exercise,
    expect,
    filled,
    number,
    result,
    sound,
)
from specdemo.stft import STFT


@exercise("1.1")
def check_1_1(n_fft_16k: Any, hop_16k: Any, apart_hz: Any) -> str:
    """Check frame, hop and distance of the bins for frames of 32 ms at 16 kHz.

    Parameters
    ----------
    n_fft_16k, hop_16k : int
        Samples in a frame, and from one frame to the next.
    apart_hz : float
        Distance of neighbouring bins in Hz.
    """
    filled(n_fft_16k=n_fft_16k, hop_16k=hop_16k, apart_hz=apart_hz)
    frame, hop = number("n_fft_16k", n_fft_16k), number("hop_16k", hop_16k)
    expect(frame > 0 and hop > 0, "Frame and hop should be positive numbers of samples.")
    expect(
        np.isclose(frame, 0.032 * 16000),
        f"A frame of {frame:g} samples lasts {frame / 16:g} ms at 16 kHz.",
    )
    expect(
        not np.isclose(hop, 0.75 * frame),
        "hop_16k is what two frames share; the hop is from the start of one to the next.",
    )
    expect(
        np.isclose(hop, 0.25 * frame),
        f"With a hop of {hop:g}, neighbours share {100 * (1 - hop / frame):.0f} % of a frame.",
    )
    apart = number("apart_hz", apart_hz)
    expect(
        not np.isclose(apart, 8000 / frame),
        "apart_hz spreads half the sampling rate over all n_fft; the bins up to it are half "
        "as many.",
    )
    expect(
        np.isclose(apart, 16000 / frame),
        f"Bins {apart:g} Hz apart, counted up to n_fft, should arrive at the sampling rate.",
    )
    return "The three hang together: a longer frame has its bins closer together."


@exercise("1.2")
def check_1_2(below_db: Any, ratio: Any) -> str:
    """Check the translation of an amplitude ratio to dB, and of dB to an amplitude ratio.

    Parameters
    ----------
    below_db : float
        How far a fiftieth of the amplitude lies below the whole, in dB.
    ratio : float
        Ratio of two amplitudes that lie 46 dB apart, the larger one over the smaller one.
    """
    filled(below_db=below_db, ratio=ratio)
    below, ratio = number("below_db", below_db), number("ratio", ratio)
    expect(below > 0, "below_db says how far below, so it should be positive.")
    expect(
        not np.isclose(below, 10 * np.log10(50), rtol=0.01),
        "below_db is right for a ratio of powers. Cells hold amplitudes.",
    )
    expect(
        below < 1000,  # beyond, the ratio in the next hint would be too large for a float
        "below_db is far too large: a hundredth of the amplitude lies 40 dB below the whole.",
    )
    expect(
        np.isclose(below, 20 * np.log10(50), rtol=0.01),
        f"Going down by {below:g} dB divides the amplitude by {10 ** (below / 20):.3g}.",
    )
    expect(ratio >= 1, "ratio should be the larger amplitude over the smaller one.")
    expect(
        not np.isclose(ratio, 10**4.6, rtol=0.03),
        "ratio is that of the powers, the square of what is asked for.",
    )
    expect(
        np.isclose(ratio, 10**2.3, rtol=0.03),
        f"An amplitude ratio of {ratio:g} makes {20 * np.log10(ratio):.1f} dB.",
    )
    return "In your head: each factor of ten is 20 dB, and each doubling is 6 dB."


@exercise("1.3")
def check_1_3(energy_from_bins: Any, one_frame: Any) -> str:
    """Check Parseval's theorem for the half of the bins that `np.fft.rfft` returns.

    Parameters
    ----------
    energy_from_bins : callable
        Takes these bins, complex of shape (n_fft // 2 + 1,), and `n_fft`; returns the energy.
    one_frame : ndarray, shape (n_fft,)
        The frame of the chapter.
    """
    n = np.arange(one_frame.size)
    frames = {
        "a frame whose samples are all 1": np.ones(n.size),
        "a frame that goes +1, -1, +1, ...": (-1.0) ** n,
        "the frame of the chapter": one_frame.astype(float),
    }

    def part_of(frame: Any, gain: float = 1) -> float:
        half = np.fft.rfft(gain * frame)
        energy = number("The energy", result(energy_from_bins, half, n.size))
        return energy / np.sum(frame**2)

    parts = {name: part_of(frame) for name, frame in frames.items()}
    last = list(frames)[-1]
    expect(
        parts[last] == 0 or not np.isclose(part_of(frames[last], 2) / parts[last], 2, rtol=1e-3),
        "Bins twice as large make the energy only twice as large. Which power of them is it?",
    )
    for name, part in parts.items():
        expect(
            not np.isclose(part, n.size, rtol=0.6),
            f"For {name}, the energy comes out about n_fft times too large.",
        )
    # The same factor for frames that live in different bins cannot come from a single bin.
    part = parts[last]
    expect(
        np.isclose(part, 1, rtol=1e-3) or not np.allclose(list(parts.values()), part, rtol=1e-3),
        f"For all frames, the energy is {part:.3g} times what it should be. "
        "What is the sum divided by?",
    )
    for name, part in parts.items():
        expect(part > 0.75, f"For {name}, energy is missing. Which bins have a mirror image?")
        expect(part < 1.25, f"For {name}, there is too much. Has every bin a mirror image?")
        expect(
            np.isclose(part, 1, rtol=1e-3),
            f"For {name}, the energy is off by {100 * abs(part - 1):.2g} %. "
            "How often does each bin count?",
        )
    return "Also for the frames that live in the lowest and in the highest bin alone."


@exercise("1.4")
def check_1_4(largest_hop: Any, hann: Any) -> str:
    """Check the largest divisor of the frame at which squared windows sum to a constant.

    Parameters
    ----------
    largest_hop : int
        In samples.
    hann : ndarray, shape (n_fft,)
        The window.
    """
    filled(largest_hop=largest_hop)
    hop, n_fft = number("largest_hop", largest_hop), hann.size
    expect(
        hop == int(hop) and hop > 0 and n_fft % int(hop) == 0,
        f"largest_hop should divide the frame of {n_fft} samples.",
    )
    expect(
        _ripple(hann**2, int(hop)) < 1e-9 or _ripple(hann, int(hop)) > 1e-9,
        "At this hop the windows sum to a constant, but their squares do not.",
    )
    expect(
        _ripple(hann**2, int(hop)) < 1e-9,
        f"At this hop the sum of the squared windows varies by "
        f"{100 * _ripple(hann**2, int(hop)):.0f} % of its mean.",
    )
    larger = [d for d in range(int(hop) + 1, n_fft + 1) if n_fft % d == 0]
    expect(
        all(_ripple(hann**2, d) > 1e-9 for d in larger),
        "The sum is constant, but a larger hop has that property too.",
    )
    return "The squared window holds one and two cycles a frame; three or more frames cancel both."


def _ripple(window: Any, hop: Any) -> float:
    """By how much the sum of windows at this hop varies, relative to its mean."""
    total = window.reshape(-1, hop).sum(axis=0)
    return np.ptp(total) / total.mean()


@exercise("1.5")
def check_1_5(shortest: Any) -> str:
    """Check the shortest frame that shows tones of 1000 and 1030 Hz apart, at 22050 Hz.

    Parameters
    ----------
    shortest : int
        Samples, a power of two.
    """
    filled(shortest=shortest)
    n_fft = number("shortest", shortest)
    expect(
        n_fft >= 64 and n_fft <= 2**15 and np.log2(n_fft).is_integer(),
        "shortest should be a power of two between 64 and 32768.",
    )
    apart = 30 * n_fft / 22050
    expect(
        _dip_db(int(n_fft)) >= 3,
        f"In frames of {n_fft:g} samples the tones are {apart:.1f} bins apart, and a peak under "
        "a Hann window is four bins wide, from zero to zero.",
    )
    expect(_dip_db(int(n_fft) // 2) < 3, "There are two peaks, but a shorter frame shows them too.")
    return "Rather more than two bins, half the width of a peak, must lie between the tones."


def _dip_db(n_fft: Any) -> float:
    """How far the mean spectrum of the two tones falls between them."""
    stft = STFT(22050, n_fft, n_fft // 4)
    t = np.arange(2 * stft.sr) / stft.sr
    whistles = np.sin(2 * np.pi * 1000 * t) + np.sin(2 * np.pi * 1030 * t)
    inside = slice(4, -4)  # frames that the silence outside does not reach
    spectrum = stft.magnitude(np.pad(whistles, n_fft))[:, inside].mean(axis=1)
    between = np.interp(1015, stft.frequencies, spectrum)
    tones = np.interp((1000, 1030), stft.frequencies, spectrum)
    return 20 * np.log10(tones.min() / between)


@exercise("1.6")
def check_1_6(rest: Any, x: Any, kept: Any) -> str:
    """Check that what a threshold took away is the complement of what it kept.

    Parameters
    ----------
    rest : ndarray, shape (n_samples,)
        What was taken away, as sound.
    x, kept : ndarray, shape (n_samples,)
        The sound, and what the threshold kept of it.
    """
    filled(rest=rest)
    rest = sound("rest", rest, x)
    expect(not close(rest, kept), "rest is what the threshold has kept.")
    expect(not close(rest, kept - x), "rest is upside down. What was subtracted from what?")
    expect(
        close(rest + kept, x),
        "What was kept and what was taken away should add up to the original.",
    )
    return "The transform is linear, so the two parts of the cells are two parts of the sound."
