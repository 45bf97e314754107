"""How to measure: in turns, with quartiles, and the fewest iterations that do."""

import time

import numpy as np


def interleaved(methods, rounds):
    """CPU seconds of every method in every round; a first round, for the caches, is dropped."""
    taken = {name: [] for name in methods}
    for _ in range(rounds + 1):
        for name, method in methods.items():
            start = time.process_time()
            method()
            taken[name].append(time.process_time() - start)
    return {name: np.array(times[1:]) for name, times in taken.items()}


def quartiles(values):
    """Median and quartiles, for JSON."""
    low, median, high = (round(float(value), 4) for value in np.percentile(values, [25, 50, 75]))
    return {"median": median, "low": low, "high": high}


def fewest_iterations(error_db, goal_db, most=400):
    """Fewest iterations whose error is below the goal, by bisection; None if `most` are too few."""
    low, high = -1, 4
    while error_db(high) > goal_db:
        if high >= most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if error_db(middle) <= goal_db else (middle, high)
    return high
