"""Small networks and how they learn, in the open: what chapters 8 and 9 train.

A network is a list of its weights, a matrix and a row of offsets for each layer. autograd works out the
gradient of any loss that is written in `autograd.numpy`; Adam follows it. It needs autograd and
threadpoolctl, the extra `nets`, and is imported when first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from specdemo import _checks
from specdemo._types import Array, Floats, Seed

try:
    import autograd.numpy as anp
    from autograd import value_and_grad
    from threadpoolctl import threadpool_limits
except ImportError as missing:
    raise ImportError(
        f"specdemo.nets needs {missing.name}: pip install autograd threadpoolctl (the extra 'nets')"
    ) from missing

__all__ = ["Adam", "batches", "mlp", "run", "train"]

Weights = list[Floats]

# The largest factor, and the longest step: beyond, single precision overflows sooner or later.
MOST = 1e6


def mlp(sizes: Sequence[int], *, rng: Seed, last: float = 1.0) -> Weights:
    """Weights of a multilayer perceptron, before it has learned anything.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of the input, of each hidden layer, and of the output.
    rng : int or numpy.random.Generator
        Source of the random numbers.
    last : float
        Factor of the last layer: a small one makes an output that hardly depends on the input yet.

    Returns
    -------
    list of ndarray of float32
        For each layer a matrix of the shape (input, output) and a row of offsets, which are zero. The
        spread of a matrix is the root of 2 / input, which keeps levels through the layers (He et al. 2015).

    Examples
    --------
    >>> [w.shape for w in mlp([8, 4, 2], rng=0)]
    [(8, 4), (4,), (4, 2), (2,)]
    """
    given, sizes = sizes, list(sizes) if np.iterable(sizes) else []
    if len(sizes) < 2:
        raise ValueError(
            f"sizes must name an input and an output, as in [512, 192, 16]; got {given!r:.80}"
        )
    sizes = [_checks.integer("sizes", size) for size in sizes]
    last = _checks.number("last", last, minimum=-MOST, maximum=MOST)
    rng = _checks.generator("rng", rng)
    weights: Weights = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        matrix = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)
        weights += [matrix.astype(np.float32), np.zeros(n_out, np.float32)]
    weights[-2] *= np.float32(last)
    return weights


def run(weights: Weights, x: Array) -> Array:
    """The output of a network for each row of `x`.

    Parameters
    ----------
    weights : list of ndarray
        From `mlp`.
    x : ndarray, shape (n_rows, n_inputs)

    Returns
    -------
    ndarray, shape (n_rows, n_outputs)
        Between two layers there is a bend: what is negative is multiplied by 0.1 (leaky ReLU).

    Examples
    --------
    >>> one = [np.ones((1, 1)), np.zeros(1)]
    >>> run(one + one, np.array([[3.0], [-3.0]])).tolist()
    [[3.0], [-0.30000000000000004]]
    """
    if len(weights) % 2:
        raise ValueError(
            f"weights must be a matrix and a row of offsets for each layer; got {len(weights)} arrays"
        )
    for layer in range(0, len(weights), 2):
        if layer:
            x = anp.maximum(x, 0.1 * x)
        x = x @ weights[layer] + weights[layer + 1]
    return x


class Adam:
    """Steps against a gradient, each number of the weights at a pace of its own (Kingma & Ba 2015).

    Parameters
    ----------
    weights : list of ndarray
        Changed in place by every step.
    momentum : float
        How much of the mean gradient so far is kept.
    """

    def __init__(self, weights: Weights, *, momentum: float = 0.9) -> None:
        self.weights, self.n_steps = _changeable(weights), 0
        self.momentum = _checks.number("momentum", momentum, minimum=0, below=1)
        # The squares of small numbers are none in half precision.
        kinds = [np.result_type(w, np.float32) for w in weights]
        self._means = [np.zeros(w.shape, kind) for w, kind in zip(weights, kinds)]
        self._squares = [np.zeros(w.shape, kind) for w, kind in zip(weights, kinds)]

    def step(self, gradient: Weights, rate: float) -> None:
        """Take one step.

        Parameters
        ----------
        gradient : list of ndarray
            Of the loss, with respect to every array of the weights.
        rate : float
            The length of a step, roughly, in the units of the weights.
        """
        rate = _checks.number("rate", rate, minimum=0, maximum=MOST)
        shapes = [np.shape(g) for g in gradient]
        if shapes != [w.shape for w in self.weights]:
            raise ValueError(
                "gradient must have an array for each of the weights, of its shape; "
                f"got the shapes {shapes} for {[w.shape for w in self.weights]}"
            )
        self.n_steps += 1
        bias = np.sqrt(1 - 0.999**self.n_steps) / (1 - self.momentum**self.n_steps)
        for w, g, m, s in zip(self.weights, gradient, self._means, self._squares):
            m += (1 - self.momentum) * (g - m)
            s += 0.001 * (g * g - s)
            w -= rate * float(bias) * m / (np.sqrt(s) + 1e-8)


def _changeable(weights: Weights) -> Weights:
    """Weights, if they can be changed in place by parts of a step."""
    for w in weights:
        kind = w.dtype if isinstance(w, np.ndarray) else type(w).__name__
        if not isinstance(w, np.ndarray) or w.dtype.kind != "f" or not w.flags.writeable:
            raise TypeError(
                f"weights must be arrays of floats that may be changed, as from mlp; got one of {kind}"
            )
    return weights


def batches(n_rows: int, size: int, n_epochs: int, *, rng: Seed) -> Iterator[tuple[Array, float]]:
    """Rows for each step, in a new order in every epoch, and how fast to go.

    Parameters
    ----------
    n_rows : int
        Of the data.
    size : int
        Rows of a batch. Those that do not fill a batch wait for the next epoch.
    n_epochs : int
        How often all rows are seen.
    rng : int or numpy.random.Generator
        Source of the order.

    Yields
    ------
    rows : ndarray of int, shape (size,)
    pace : float
        From near 1 down to near 0 along half a cosine, for the rate of `Adam.step`. It is read in
        the middle of each step, so that no step is without effect.

    Examples
    --------
    >>> [round(float(pace), 2) for rows, pace in batches(4, 2, 2, rng=0)]
    [0.96, 0.69, 0.31, 0.04]
    """
    size = _checks.integer("size", size)
    n_rows = _checks.integer("n_rows", n_rows, minimum=size)
    n_epochs = _checks.integer("n_epochs", n_epochs)
    rng = _checks.generator("rng", rng)
    n_steps, done = n_epochs * (n_rows // size), 0.5
    for _ in range(n_epochs):
        order = rng.permutation(n_rows)
        for start in range(0, n_rows - size + 1, size):
            yield order[start : start + size], 0.5 + 0.5 * np.cos(np.pi * done / n_steps)
            done += 1


def train(
    loss: Callable[[Weights, Array], Any],
    weights: Weights,
    steps: Iterator[tuple[Array, float]],
    *,
    rate: float = 2e-3,
) -> Floats:
    """Change weights, in place, until the loss is small.

    One thread does the linear algebra: with arrays as small as these, more only wait for each other.

    Parameters
    ----------
    loss : callable
        `loss(weights, rows)` is one number, made with `autograd.numpy`.
    weights : list of ndarray
    steps : iterable of (rows, pace)
        From `batches`.
    rate : float
        Of the first steps.

    Returns
    -------
    ndarray
        The loss at each step.
    """
    rate = _checks.number("rate", rate, minimum=0, maximum=MOST)
    step, adam = value_and_grad(loss), Adam(weights)
    losses = []
    with threadpool_limits(1):
        for rows, pace in steps:
            value, gradient = step(weights, rows)
            adam.step(gradient, rate * pace)
            losses.append(value)
    return np.array(losses, dtype=float)
