"""What the tests know of the figure `phasors`."""

import numpy as np

import specdemo as sd

DRAGS = {"partial": (0, -20), "astray": (40, 0), "frame": (60, 0)}

# The sound goes round; here it is repeated, and looked at in the middle.
N_FFT, HOP, N_FRAMES = 256, 64, 80
STFT = sd.STFT(8000, N_FFT, HOP)
# Frames are centred: that of the centre half a frame in is the first of the figure.
FIRST = N_FFT // 2 // HOP + N_FRAMES


def expected(value, figure):
    """The turn from frame to frame, and the error of the magnitudes."""
    partial, frame = value("partial"), int(value("frame"))
    X = transform(partial)
    Y, error = with_phases(X, value("astray"))
    bin_near = min(9, max(7, int(partial + 0.5)))
    turn = np.angle(Y[bin_near, FIRST + frame + 1] / Y[bin_near, FIRST + frame], deg=True)
    shown = {"partial": (partial, 0.0051), "error": max(-120, error)}
    # Half a turn forwards is half a turn backwards.
    return shown if abs(abs(turn) - 180) < 0.1 else shown | {"turn": turn}


def transform(partial):
    """The package's transform of a cosine, three times round."""
    t = np.arange(3 * N_FRAMES * HOP)
    return STFT.forward(np.cos(2 * np.pi * partial * t / N_FFT))


def with_phases(X, astray):
    """The transform with other phases, and what its sound's magnitudes are off, in dB."""
    if astray < 0:
        angle = np.angle((1 + astray) * X - astray * np.abs(X))
    else:
        angle = np.angle(X) + astray * random_angles(X.shape)
    Y = np.abs(X) * np.exp(1j * angle)
    C = STFT.forward(STFT.inverse(Y, length=3 * N_FRAMES * HOP))
    once = slice(FIRST, FIRST + N_FRAMES)
    return Y, sd.spectral_convergence(np.abs(X[:, once]), np.abs(C[:, once]))


def random_angles(shape):
    """The figure's random numbers, frame after frame, over and over."""
    state, angles = 1, []
    for _ in range(N_FRAMES * shape[0]):
        state = (1664525 * state + 1013904223) % 2**32
        angles.append(2 * np.pi * (state / 2**32 - 0.5))
    once = np.reshape(angles, (N_FRAMES, shape[0])).T
    return once[:, (np.arange(shape[1]) - FIRST) % N_FRAMES]


def add(golden):
    """Frames of partials, and errors with each kind of phases."""
    once = slice(FIRST, FIRST + N_FRAMES)
    for partial in (6.5, 8, 8.35):
        X = transform(partial)
        for astray in (-1, -0.36, 0, 0.2, 1):
            Y, error = with_phases(X, astray)
            golden.add(
                "phasors", {"partial": partial, "astray": astray, "error": error}, Y=Y[:, once]
            )
