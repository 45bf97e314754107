"""What the tests know of the figure `integration`."""

import heapq

import numpy as np

import specdemo as sd

DRAGS = {"start": (40, 30), "found": (80, 0)}


def expected(value, figure):
    """Energy, typical error and convergence of what has been found."""
    n_fft = 2 ** round(np.log2(0.046 * figure.sr))
    stft = sd.STFT(figure.sr, n_fft, n_fft // 4)
    X = stft.forward(figure.x.astype(float))
    n_rows = min(n_fft // 2, int(3000 * n_fft / figure.sr)) + 1
    S = np.abs(X)
    order, phase = integrated(S, stft, n_rows, int(value("start")))
    n_found = int(len(order) * value("found") / 100 + 0.5)
    rows, frames = np.transpose(order).reshape(2, -1)
    off = phase[: len(X)] - np.angle(X)
    off = np.angle(np.exp(1j * (off - off[rows[0], frames[0]])))
    Y = np.zeros_like(X)
    first = (rows[:n_found], frames[:n_found])
    Y[first] = S[first] * np.exp(1j * phase[first])
    made = stft.magnitude(stft.inverse(Y, length=len(figure.x)))
    power = S[first] ** 2
    wrong = np.degrees(np.sqrt(np.sum(power * off[first] ** 2) / max(np.sum(power), 1e-30)))
    return {
        "found": value("found"),
        "energy": 100 * np.sum(power) / np.sum(S[:n_rows] ** 2),
        # A cell of an angle near half a circle may be off to either side.
        "wrong": (wrong, 0.51),
        "error": sd.spectral_convergence(S[:n_rows], made[:n_rows]),
    }


def integrated(S, stft, n_rows, start):
    """As chapter 2 integrates with a heap, from a cell of one's own."""
    along_time, along_frequency = sd.phase.phase_gradient(S, stft)
    phase, order = np.zeros(S.shape), []
    waiting = np.zeros(S.shape, bool)
    waiting[:n_rows] = S[:n_rows] > 3e-3 * S.max()
    seeds = [(k, m) for k, m in zip(*np.nonzero(waiting), strict=True)]
    seeds.sort(key=lambda cell: -S[cell])
    first = (start % n_rows, start // n_rows)
    waiting[first] = True
    for seed in [first, *seeds]:
        if not waiting[seed]:
            continue
        heap = [(-S[seed], *seed)]
        waiting[seed] = False
        order.append(seed)
        while heap:
            _, k, m = heapq.heappop(heap)
            for dk, dm in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                j, n = k + dk, m + dm
                if not (0 <= j < n_rows and 0 <= n < S.shape[1] and waiting[j, n]):
                    continue
                step = dm * (along_time[k, m] + along_time[j, n]) / 2
                step += dk * (along_frequency[k, m] + along_frequency[j, n]) / 2
                waiting[j, n], phase[j, n] = False, phase[k, m] + step
                order.append((j, n))
                heapq.heappush(heap, (-S[j, n], j, n))
    return order, phase


def add(golden):
    """Orders and phases, from the loudest cell, from a soft one, and over two islands."""
    stft = sd.STFT(8000, 256, 64)
    t = np.arange(4000) / 8000
    x = np.sin(2 * np.pi * (400 + 300 * t) * t) * (t < 0.2) + np.sin(2 * np.pi * 900 * t) * (
        t > 0.3
    )
    S = stft.magnitude(x + 1e-4 * np.random.default_rng(7).standard_normal(len(x)))
    for n_rows, start in ((129, int(np.argmax(S.T))), (100, 3205), (100, 0)):
        order, phase = integrated(S, stft, n_rows, start)
        golden.add(
            "integration",
            {
                "n_rows": n_rows,
                "start": start,
                "order": [int(m) * n_rows + int(k) for k, m in order],
            },
            S=S,
            phase=phase[:n_rows],
        )
