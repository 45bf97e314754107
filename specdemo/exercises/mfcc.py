"""Self-checks of chapter 5."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.exercises.verdict import (
    NotYet,
    array,
    close,
    entries,
    exercise,
    expect,
    filled,
    number,
    numbers,
    pair,
    result,
    sound,
)
from specdemo.level import db_to_amplitude
from specdemo.mel import MelBank
from specdemo.metrics import log_spectral_distance
from specdemo.mfcc import inverse_mfcc, mfcc


@exercise("5.1")
def check_5_1(changed: Any, by: Any) -> str:
    """Check what becomes of 80 coefficients when a sound is four times as loud.

    Parameters
    ----------
    changed : int or list of int
        The coefficients that change, counted from 0.
    by : float
        By how much they do.
    """
    filled(changed=changed, by=by)
    flat = np.full((80, 1), 20 * np.log10(4))
    change = mfcc(flat, n_mfcc=80)[:, 0]
    wanted = np.flatnonzero(np.abs(change) > 1e-9)
    found = numbers("changed", changed, 80)
    expect(
        found.size == 1,
        "Every band gains as many dB, so the change is a flat curve. "
        "Which of the cosines does a flat curve hold?",
    )
    expect(
        np.array_equal(found, wanted),
        "That cosine goes up and down; what it collects from a flat curve cancels.",
    )
    by = number("by", by)
    expect(
        not np.isclose(by, flat[0, 0], rtol=0.01),
        "So much is added to every band. The coefficient sums over all of them.",
    )
    expect(
        not np.isclose(by, 80 * flat[0, 0], rtol=0.01),
        "That is the sum over the bands. By what does the formula multiply it?",
    )
    expect(
        not np.isclose(by, change[0] / 2, rtol=0.01),
        "Is a factor of two in amplitude 3 dB, or 6 dB?",
    )
    expect(
        np.isclose(by, change[0], rtol=0.01),
        "by is off. How many dB does each band gain, and how long is the flat cosine's vector?",
    )
    return "Loudness is in one coefficient alone, which is why many recognisers leave it out."


@exercise("5.2")
def check_5_2(zero: Any, needed: Any) -> str:
    """Check which coefficients of a straight line are zero, and how many of the others it takes.

    Parameters
    ----------
    zero : list of int or ndarray of bool, shape (80,)
        The coefficients that are zero, counted from 0, or a mark for each.
    needed : int
        How many of the others, from the first on, come within 1 dB of the line everywhere.
    """
    filled(zero=zero, needed=needed)
    line = np.linspace(0, -60, 80)[:, np.newaxis]
    C = mfcc(line, n_mfcc=80)
    wanted = np.abs(C[:, 0]) < 1e-9
    found = np.zeros(80, bool)
    found[numbers("zero", zero, 80)] = True
    expect(not found[0], "Coefficient 0 stands for the mean. Is the mean of this line zero?")
    expect(
        not np.any(found[1::2]),
        "Turn the line about its middle, and the odd cosines: "
        "both change sign, so their products do not cancel.",
    )
    expect(
        np.array_equal(found, wanted),
        "Some are missing. What holds for the first of them "
        "holds for every second one, up to the last.",
    )
    needed = number("needed", needed)
    kept = np.flatnonzero(~wanted)

    def off(count: Any) -> float:
        last = kept[count - 1]
        return np.abs(inverse_mfcc(C[: last + 1], n_mels=80) - line).max()

    expect(
        1 <= needed <= kept.size and needed == int(needed),
        f"needed should be a whole number up to {kept.size}, the coefficients that are not zero.",
    )
    needed = int(needed)
    expect(off(needed) < 1, f"With {needed} of them the curve is still {off(needed):.1f} dB off.")
    expect(
        needed == 1 or off(needed - 1) >= 1,
        "Fewer will do. Are the zeros counted, which cost nothing?",
    )
    return "About its middle the line is odd, so the even cosines find nothing, save the mean."


@exercise("5.3")
def check_5_3(without_mean: Any, before: Any, after: Any, C: Any, C_filtered: Any) -> str:
    """Check how far coefficients are apart before and after their means are taken away.

    Parameters
    ----------
    without_mean : callable
        Takes coefficients, shape (n_mfcc, n_frames); returns them less the mean of each row.
    before, after : float
        Root mean square difference of the first 13 rows of `C` and of `C_filtered`.
    C, C_filtered : ndarray, shape (80, n_frames)
        The coefficients of the clip, and of the clip through the filter.
    """
    filled(before=before, after=after)
    rows = np.random.default_rng(0).standard_normal((3, 5)) + [[1], [2], [4]]
    found = array("What without_mean returns", result(without_mean, rows), rows.shape)
    expect(
        not close(found, rows - rows.mean(axis=0)),
        "This takes away the mean of every frame. What a microphone adds stays over time.",
    )
    expect(
        not close(found, rows - rows.mean()),
        "This takes one number away from everything. Each coefficient has a mean of its own.",
    )
    expect(
        close(found, rows - rows.mean(axis=1, keepdims=True)),
        "without_mean should take from each row the mean of that row, and nothing else.",
    )
    wanted = [
        _apart(C[:13], C_filtered[:13]),
        _apart(*(rows - rows.mean(axis=1, keepdims=True) for rows in (C[:13], C_filtered[:13]))),
    ]
    answers = [number("before", before), number("after", after)]
    for name, answer, value in zip(("before", "after"), answers, wanted, strict=True):
        fine = np.isclose(answer, value, rtol=0.02, atol=1e-6)
        expect(
            fine or not np.isclose(answer, _apart(C, C_filtered), rtol=0.01),
            f"{name} compares all coefficients as they are. Compare the first 13.",
        )
        expect(
            fine,
            f"{name} is off. Take the root of the mean of the squared differences, over 13 rows.",
        )
    return "What stays the same is gone with the mean, the microphone's and the speaker's alike."


def _apart(A: Any, B: Any) -> float:
    return np.sqrt(np.mean((A - B) ** 2))


@exercise("5.4")
def check_5_4(by_fourier: Any, errors: Any, log_mel: Any) -> str:
    """Check columns described by Fourier's waves, and what they and cosines miss.

    Parameters
    ----------
    by_fourier : callable
        Takes log-mel columns and n; returns them from n real numbers each: the mean, and the
        first (n - 1) / 2 complex coefficients of `np.fft.rfft`.
    errors : dict of int to (float, float)
        For 5, 9, 13 and 21 numbers, the root mean square error in dB by cosines and by Fourier.
    log_mel : ndarray, shape (n_mels, n_frames)
        The levels.
    """
    _check_by_fourier(by_fourier)
    filled(errors=errors)
    for n, answer in entries("errors", errors, (5, 9, 13, 21)).items():
        cosines, fourier = pair(f"errors[{n}]", answer)
        wanted = [
            _apart(inverse_mfcc(mfcc(log_mel, n_mfcc=n), n_mels=len(log_mel)), log_mel),
            _apart(_first_waves(log_mel, n // 2), log_mel),
        ]
        right = np.isclose([cosines, fourier], wanted, rtol=0.01, atol=0.06)
        swapped = np.isclose([fourier, cosines], wanted, rtol=0.01, atol=0.06)
        expect(
            right.all() or not swapped.all(), f"errors[{n}] is the wrong way round: cosines first."
        )
        for name, fine in zip(("cosines", "Fourier"), right, strict=True):
            expect(
                fine,
                f"errors[{n}]: the number for {name} is off. "
                "Take the root mean square over all bands and frames.",
            )
    if errors[5][0] >= errors[5][1]:
        return "In this clip Fourier's waves do as well: columns that are level need no jump."
    return "Now look at the ends of the columns, where Fourier's waves have to jump."


def _check_by_fourier(by_fourier: Any) -> None:
    """Check that columns become the mean and the first waves, and all of these."""
    columns = np.random.default_rng(0).standard_normal((80, 3))
    for n in (5, 9):
        name = f"What by_fourier(log_mel, {n}) returns"
        found = array(name, result(by_fourier, columns.copy(), n), columns.shape)
        waves = n // 2
        expect(
            not close(found, _first_waves(columns, n - 1)),
            f"This keeps {n} complex coefficients. Each but the mean is two real numbers.",
        )
        expect(
            not close(found, _first_waves(columns, waves - 1)),
            f"This describes a column by {n - 2} numbers only. "
            "The mean is one number, each further coefficient is two.",
        )
        expect(
            not close(found, _first_waves(columns, waves) - columns.mean(axis=0)),
            "The mean is missing.",
        )
        expect(
            close(found, _first_waves(columns, waves)),
            f"{name} is not the curve of the mean and the first {waves} waves. "
            "Set the other coefficients to zero and go back with np.fft.irfft.",
        )


def _first_waves(columns: Any, n_waves: Any) -> Array:
    spectrum = np.fft.rfft(columns, axis=0)
    spectrum[n_waves + 1 :] = 0
    return np.fft.irfft(spectrum, n=len(columns), axis=0)


@exercise("5.5")
def check_5_5(outlines: Any, spoken: Any, sources: Any, log_mel: Any, bank: MelBank) -> str:
    """Check sources that were given the outline of the clip.

    Parameters
    ----------
    outlines : ndarray, shape (n_bins, n_frames)
        Amplitudes that the first 13 coefficients describe, up to a constant factor.
    spoken, sources : dict of str to ndarray, shape (n_samples,)
        The sounds, and what they were made of, under the same names.
    log_mel : ndarray, shape (n_mels, n_frames)
        The levels of the clip.
    bank : MelBank
        The bank.
    """
    filled(outlines=outlines, spoken=spoken)
    stft = bank.stft
    # Whole numbers and half precision are numbers as well, though no bank takes them.
    outlines = array("outlines", outlines, (stft.n_bins, log_mel.shape[1])).astype(float)
    _check_outlines(outlines, log_mel, bank)
    entries("spoken", spoken, sources)
    for name, source in sources.items():
        y = sound(f"spoken[{name!r}]", spoken[name], source)
        wanted = stft.inverse(stft.forward(source) * outlines, length=source.size)
        expect(
            close(y, wanted, 0.01),
            f"spoken[{name!r}] is something else than the {name} times outlines: the STFT of the "
            "source, phases and all, multiplied cell by cell, and inverted.",
        )
    return "The outline says what is spoken, and the source with which voice."


# The coefficients that are asked for, and others that may be taken for them.
NEAR_13 = (13, 10, 11, 12, 14, 15, 16)


def _check_outlines(outlines: Array, log_mel: Any, bank: MelBank) -> None:
    expect(
        outlines.min() >= 0,
        "outlines has negative values: are they levels in dB? Multiply by amplitudes.",
    )
    n_mels = len(log_mel)
    near = [n for n in NEAR_13 if n <= n_mels]
    bands = bank.forward(outlines)
    off = {
        n: _off(inverse_mfcc(mfcc(log_mel, n_mfcc=n), n_mels=n_mels), bands)
        for n in (*near, min(20, n_mels), min(40, n_mels), n_mels)
    }
    nearest = min(near, key=off.__getitem__)
    best, *_ = (off.pop(n) for n in near)
    if best < 3:
        expect(
            nearest == 13,
            f"outlines is nearer to what {nearest} coefficients describe than to that of the first 13.",
        )
        return
    C = mfcc(log_mel, n_mfcc=13)
    smooth = inverse_mfcc(C, n_mels=n_mels)
    expect(
        min(off.values(), default=np.inf) >= 3,
        "outlines has the fine detail of the clip. Make it from the first 13 coefficients alone.",
    )
    expect(
        _off(smooth, bank.forward(np.sqrt(outlines))) >= 3,
        "outlines has the squares of the amplitudes. How many dB are a factor of ten in amplitude?",
    )
    expect(
        _off(smooth - smooth.mean(axis=0), bands) >= 3,
        "outlines is equally loud in all frames. Coefficient 0 belongs to the first 13.",
    )
    raise NotYet(
        f"The bands of outlines are {best:.0f} dB off what 13 coefficients "
        "describe. From coefficients to levels, to amplitudes, to bins?"
    )


def _off(levels: Any, bands: Any) -> float:
    """Distance in dB of bands to levels, at the best matching gain."""
    wanted = db_to_amplitude(levels)
    gain = np.vdot(bands, wanted) / max(np.vdot(bands, bands), np.finfo(float).tiny)
    return log_spectral_distance(wanted, gain * bands.astype(wanted.dtype))


@exercise("5.6")
def check_5_6(bits_lost: Any) -> str:
    """Check what ignoring the covariance costs a Gaussian model, in bits per frame.

    Parameters
    ----------
    bits_lost : callable
        Takes rows, shape (n_rows, n_frames); returns a number.
    """
    for n_rows, part in ((2, 0.6), (2, 0.95), (3, 0.6)):
        rows = 30 * _correlated(part)[:n_rows]
        rows += [[-50], [20], [80]][:n_rows]
        bits = number("What bits_lost returns", result(bits_lost, rows.copy()))
        # Of two rows with that correlation; of the three, each with the one before.
        wanted = -np.log2(1 - part**2) / 2 * (n_rows - 1)
        second = rows @ rows.T
        uncentred = np.log2(np.prod(np.diag(second)) / np.linalg.det(second)) / 2
        expect(
            not np.isclose(bits, -wanted, rtol=0.01),
            "The sign is turned: knowing how rows go together can only help.",
        )
        expect(not np.isclose(bits, 2 * wanted, rtol=0.01), "Take half of the difference.")
        expect(
            not np.isclose(bits, wanted * np.log(2), rtol=0.01),
            "That is in natural units. In bits, logarithms have the base two.",
        )
        expect(
            not np.isclose(bits, uncentred, rtol=0.01),
            "Rows need not have a mean of zero. A variance is that of what differs from the mean.",
        )
        expect(
            np.isclose(bits, wanted, rtol=0.01),
            f"For {'two' if n_rows == 2 else 'three'} rows with a correlation of {part} it says "
            f"{bits:.2f} bits. Sum the logarithms of the variances, take away that of the "
            "determinant, and halve.",
        )
    bits = number("What bits_lost returns", result(bits_lost, 30 * _correlated(0)))
    expect(abs(bits) < 0.01, f"For rows that do not go together it says {bits:.2f} bits.")
    return "Now compare bands and coefficients, on every clip of the book."


def _correlated(part: Any) -> Array:
    """Three rows of which each has exactly this correlation with the one before; variance 1."""
    n = 4000  # enough that it does not matter whether variances are divided by n or by n - 1
    t = 2 * np.pi * np.arange(n) / n
    rows, rest = [np.sqrt(2) * np.cos(t)], np.sqrt(1 - part**2)
    for new in (np.sin(t), np.cos(2 * t)):
        rows.append(part * rows[-1] + rest * np.sqrt(2) * new)
    return np.array(rows)
