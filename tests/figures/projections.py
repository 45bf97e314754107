"""What the tests know of the figure `projections`."""

import numpy as np

import specdemo as sd

DRAGS = {"start": (-30, 10), "height": (0, 25), "momentum": (40, 0), "n_steps": (60, 0)}


def expected(value, figure):
    """The gap after the steps, and how many it takes to a thousandth."""
    settings = (value("start"), value("height"), value("momentum"))
    gaps = np.array(walk(*settings, 40)[0])
    needed = np.argmax(gaps < 0.001) if gaps.min() < 0.001 else 40
    steps = int(value("n_steps"))
    return {"steps": steps, "gap": (gaps[steps], 0.00006), "needed": needed}


def walk(degrees, height, momentum, n_steps):
    """Gaps, and places on the circle: the package's own steps on one cell, and a line for its waveform."""
    guess = np.round(np.exp(1j * np.radians([[degrees]])), 12)
    previous, gaps, places = None, [], []
    wanted = np.ones((1, 1))
    for iteration in sd.phase.REFINEMENTS["fast_griffin_lim"](n_steps + 1, momentum=momentum):
        consistent = guess.real + 1j * height
        gaps.append(float(np.abs(guess - consistent)[0, 0]))
        places.append([float(guess.real[0, 0]), float(guess.imag[0, 0])])
        change = 0 if previous is None else consistent - previous
        guess = iteration.next_guess(consistent + iteration.overshoot * change, wanted)
        previous = consistent
    return gaps, places


def add(golden):
    """Paths, near and far from where the sets cross."""
    for degrees, height, momentum in (
        (84, 0.9, 0),
        (84, 0.9, 0.9),
        (170, 0.3, 0.5),
        (30, 1.2, 0.99),
        (95, 1, 0),
    ):
        gaps, places = walk(degrees, height, momentum, 40)
        golden.add(
            "projections",
            {
                "degrees": degrees,
                "height": height,
                "momentum": momentum,
                "gaps": gaps,
                "places": places,
            },
        )
