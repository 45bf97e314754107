"""Small networks: their gradients, their steps, and that they learn the same every time."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

autograd = pytest.importorskip("autograd", reason="autograd is not installed (the extra 'nets')")
anp = autograd.numpy

from specdemo import nets  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def line(rng, n_rows=64):
    """Rows of five numbers that lie on a line."""
    return (rng.standard_normal((n_rows, 1)) * np.arange(1, 6)).astype(np.float32)


def squared_error(X):
    return lambda weights, rows: anp.mean((nets.run(weights, X[rows]) - X[rows]) ** 2)


def test_shapes_and_precision(rng):
    weights = nets.mlp([5, 7, 3], rng=rng)
    assert [w.shape for w in weights] == [(5, 7), (7,), (7, 3), (3,)]
    out = nets.run(weights, line(rng))
    assert out.shape == (64, 3)
    assert {w.dtype for w in weights} | {out.dtype} == {np.dtype(np.float32)}


def test_without_a_hidden_layer_it_is_a_matrix(rng):
    weights = nets.mlp([5, 3], rng=rng)
    x = line(rng)
    np.testing.assert_allclose(nets.run(weights, x), x @ weights[0], rtol=1e-6)


def test_levels_are_kept_through_the_layers(rng):
    """The spread of what comes out is near that of what goes in, for wide layers."""
    x = rng.standard_normal((200, 300))
    out = nets.run(nets.mlp([300] * 6, rng=rng), x)
    assert 0.5 < out.std() / (np.sqrt(2) * x.std()) < 2
    small = nets.run(nets.mlp([300, 300], rng=1, last=0.1), x)
    np.testing.assert_allclose(small, 0.1 * nets.run(nets.mlp([300, 300], rng=1), x), atol=1e-5)


def test_gradients_are_those_of_differences(rng):
    """Of every weight, in float64, where a difference quotient has six digits."""
    X = line(rng).astype(float)
    weights = [w.astype(float) for w in nets.mlp([5, 4, 2, 4, 5], rng=rng)]
    loss, rows = squared_error(X), np.arange(64)
    gradient = autograd.grad(loss)(weights, rows)
    h = 1e-6
    for w, g in zip(weights, gradient):
        for place in np.ndindex(w.shape):
            kept = w[place]
            w[place] = kept + h
            above = loss(weights, rows)
            w[place] = kept - h
            below = loss(weights, rows)
            w[place] = kept
            assert (above - below) / (2 * h) == pytest.approx(g[place], rel=1e-4, abs=1e-7)


def test_a_first_step_of_adam_is_as_long_as_the_rate():
    """Whatever the gradient is: its mean over the root of its mean square is its sign."""
    weights = [np.zeros(3), np.zeros((2, 2))]
    gradient = [np.array([0.1, -1.0, 50.0]), np.full((2, 2), -4.0)]
    nets.Adam(weights).step(gradient, 0.01)
    for w, g in zip(weights, gradient):
        np.testing.assert_allclose(w, -0.01 * np.sign(g), rtol=1e-4)


def test_adam_follows_its_recursion(rng):
    """Equations of Algorithm 1 of Kingma & Ba, written out for one weight."""
    gradients = rng.standard_normal(7)
    weights = [np.zeros(1)]
    adam = nets.Adam(weights, momentum=0.5)
    w = m = v = 0.0
    for t, g in enumerate(gradients, 1):
        adam.step([np.array([g])], 0.1)
        m, v = 0.5 * m + 0.5 * g, 0.999 * v + 0.001 * g * g
        w -= 0.1 * (m / (1 - 0.5**t)) / np.sqrt(v / (1 - 0.999**t))
    assert weights[0][0] == pytest.approx(w, rel=1e-3)  # 1e-8 beside the root is not in it


def test_every_row_is_seen_once_an_epoch():
    steps = list(nets.batches(12, 4, 3, rng=0))
    paces = [pace for _, pace in steps]
    assert len(steps) == 9
    for epoch in range(3):
        rows = np.concatenate([rows for rows, _ in steps[3 * epoch : 3 * epoch + 3]])
        np.testing.assert_array_equal(np.sort(rows), np.arange(12))
    assert np.all(np.diff(paces) < 0) and 0 < paces[-1] < 0.1 and 0.9 < paces[0] < 1


def test_a_single_step_goes_half_as_fast():
    assert [pace for _, pace in nets.batches(4, 4, 1, rng=0)] == pytest.approx([0.5])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_weight_without_gradient_stays_where_it_is(dtype):
    weights = [np.ones(2, dtype)]
    nets.Adam(weights).step([np.array([0, 1], dtype)], 0.125)
    assert weights[0].dtype == dtype
    np.testing.assert_allclose(weights[0], [1, 0.875], rtol=1e-3)


def test_a_linear_bottleneck_finds_the_line(rng):
    """The rows lie on a line, so one number describes them: the loss of PCA is zero."""
    X = line(rng)
    weights = nets.mlp([5, 1], rng=rng) + nets.mlp([1, 5], rng=rng)  # no bend between the two

    def loss(weights, rows):
        return anp.mean((nets.run(weights[2:], nets.run(weights[:2], X[rows])) - X[rows]) ** 2)

    losses = nets.train(loss, weights, nets.batches(64, 16, 200, rng=rng), rate=0.02)
    assert losses[-1] < 1e-3 * losses[0]


def test_the_same_seed_learns_the_same(rng):
    X = line(rng)

    def learned(seed):
        weights = nets.mlp([5, 8, 1, 8, 5], rng=seed)
        nets.train(squared_error(X), weights, nets.batches(64, 16, 5, rng=seed))
        return np.concatenate([w.ravel() for w in weights])

    np.testing.assert_array_equal(learned(0), learned(0))
    assert np.abs(learned(0) - learned(1)).max() > 0.1


def test_what_cannot_be_learned_with_is_refused_before_a_step(rng):
    weights = nets.mlp([3, 2], rng=0)
    before = [w.copy() for w in weights]
    steps = [(np.arange(2), 1.0)]
    fixed = [w.copy() for w in weights]
    fixed[0].flags.writeable = False
    for given, rate, error, words in (
        (weights, np.nan, ValueError, "rate must be finite"),
        (weights, -1, ValueError, "rate must be finite and at least 0"),
        ([w.astype(int) for w in weights], 0.1, TypeError, "weights .* got one of int64"),
        ([w.tolist() for w in weights], 0.1, TypeError, "weights .* got one of list"),
        (fixed, 0.1, TypeError, "weights must be arrays of floats that may be changed"),
    ):
        with pytest.raises(error, match=words):
            nets.train(lambda w, _: anp.sum(w[0] ** 2), given, steps, rate=rate)
    with pytest.raises(ValueError, match="gradient must have an array for each of the weights"):
        nets.Adam(weights).step(weights[:1], 0.1)
    with pytest.raises(ValueError, match="momentum must be finite and below 1"):
        nets.Adam(weights, momentum=1.0)
    with pytest.raises(ValueError, match="for each layer; got 1 arrays"):
        nets.run(weights[:1], np.ones((1, 3)))
    with pytest.raises(ValueError, match="last must be finite and at most"):
        nets.mlp([3, 2], rng=0, last=1e300)
    for w, kept in zip(weights, before, strict=True):
        np.testing.assert_array_equal(w, kept)


def test_sizes_may_be_an_array():
    assert [w.shape for w in nets.mlp(np.array([8, 4]), rng=0)] == [(8, 4), (4,)]


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="sizes must name an input and an output.*got 5"):
        nets.mlp(5, rng=0)
    with pytest.raises(ValueError, match="sizes must name an input and an output"):
        nets.mlp([5], rng=0)
    with pytest.raises(TypeError, match="sizes must be an int; got 2.5"):
        nets.mlp([5, 2.5], rng=0)
    with pytest.raises(ValueError, match="n_rows must be at least 8; got 7"):
        list(nets.batches(7, 8, 1, rng=0))


@pytest.mark.parametrize("missing", ["autograd", "threadpoolctl"])
def test_the_rest_works_without(missing):
    code = f"""
import sys
sys.modules[{missing!r}] = None
sys.modules[{missing!r} + ".numpy"] = None
import specdemo
try:
    specdemo.nets
except ImportError as error:
    print(error)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"specdemo.nets needs {missing}" in done.stdout
    assert "pip install autograd threadpoolctl" in done.stdout


def test_it_is_imported_at_first_use():
    loaded = "print('autograd' in sys.modules)"
    code = f"import sys, specdemo; {loaded}; specdemo.nets.mlp; {loaded}"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
