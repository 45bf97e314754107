"""What the tests know of the figure `agreement`."""

import numpy as np

import specdemo as sd

DRAGS = {"phase1": (5, 0), "phase2": (5, 0), "phase3": (5, 0), "n_steps": (90, 0)}
# The steps go on from phases that are not printed.
NOT_COMPARED = ("n_steps",)

# Periods of a tone that goes round, and those in the middle, which no end reaches in the steps.
N_PERIODS, MIDDLE, N_FFT, CYCLES = 100, 50, 256, 8
STEPS = (0, 1, 5, 20, 40)


def expected(value, figure):
    """How much the frames disagree."""
    return {"error": disagreement([value(f"phase{m}") for m in (1, 2, 3)])}


def disagreement(degrees):
    """The package's spectral convergence of three frames over and over, far from the ends."""
    stft, n_samples = sd.STFT(8000, 256, 128), 60 * 128
    X = stft.forward(np.cos(2 * np.pi * 8 * np.arange(n_samples) / 256))
    Y = X * np.exp(1j * np.resize(np.radians(degrees), X.shape[1]))
    C = stft.forward(stft.inverse(Y, length=n_samples))
    return max(-80.0, sd.spectral_convergence(Y[:, 30:33], C[:, 30:33]))


def add(golden):
    """Where steps of Griffin and Lim's algorithm lead."""
    for degrees in ((-60, 90, -15), (0, 180, 0), (10, 130, -110)):
        errors, phases = steps_from(degrees)
        golden.add("agreement", {"degrees": degrees, "errors": errors, "phases": phases})


def steps_from(degrees):
    """Of three frames over and over: errors in dB, and phases in degrees, after so many STEPS."""
    hop_length = N_FFT // 2
    stft = sd.STFT(8000, N_FFT, hop_length)
    n_samples = 3 * N_PERIODS * hop_length
    X = stft.forward(np.cos(2 * np.pi * CYCLES * np.arange(n_samples) / N_FFT))
    # Frames are centred: that of the centre half a frame in is the first of the figure.
    turned = np.roll(np.resize(np.radians(degrees), X.shape[1]), 1)
    middle = slice(3 * MIDDLE + 1, 3 * MIDDLE + 4)
    Y, errors, phases = X * np.exp(1j * turned), [], []
    for step in range(max(STEPS) + 1):
        consistent = stft.forward(stft.inverse(Y, length=n_samples))
        if step in STEPS:
            errors.append(sd.spectral_convergence(Y[:, middle], consistent[:, middle]))
            phases.append(np.degrees(np.angle(Y[CYCLES, middle] / X[CYCLES, middle])).tolist())
        Y = np.abs(X) * np.exp(1j * np.angle(consistent))
    return errors, phases
