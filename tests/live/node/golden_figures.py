"""Golden vectors of the figures to take hold of: what the package says of a state of theirs."""

import numpy as np

import specdemo as sd

# Periods of a tone that goes round, and those in the middle, which no end reaches in the steps.
N_PERIODS, MIDDLE, N_FFT, CYCLES = 100, 50, 256, 8
STEPS = (0, 1, 5, 20, 40)


def add(golden):
    """Add the cases of all figures."""
    x = np.random.default_rng(3).standard_normal(3000)
    for n_fft, hop_length in ((256, 64), (500, 500), (64, 640), (3000, 16)):
        S = sd.STFT(8000, n_fft, hop_length).magnitude(x)
        golden.add("lens", {"n_fft": n_fft, "hop_length": hop_length}, x=x, S=S)
    frame = np.random.default_rng(4).standard_normal(600)
    golden.add("probe", {"sr": 8000}, x=frame, X=np.fft.rfft(frame))
    for degrees in ((-60, 90, -15), (0, 180, 0), (10, 130, -110)):
        errors, phases = disagreement(degrees)
        golden.add("agreement", {"degrees": degrees, "errors": errors, "phases": phases})


def disagreement(degrees):
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
