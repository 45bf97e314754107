"""Self-check of the last exercise of chapter 8: weights that PyTorch has learned."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.exercises.verdict import exercise, expect, result


@exercise("8.6")
def check_8_6(from_torch: Any) -> str:
    """Check that weights come back from PyTorch.

    Parameters
    ----------
    from_torch : callable
        `from_torch(state)` returns matrices and rows of offsets, in the order of the layers.
    """
    wanted, state = _learned()
    answer = result(from_torch, dict(state))
    expect(
        isinstance(answer, (list, tuple)) and len(answer) == len(wanted),
        "from_torch should return a list: a matrix and a row of offsets for each layer.",
    )
    found = [np.asarray(part) for part in answer]

    def same(others: list[Array]) -> bool:
        return all(a.shape == b.shape and np.allclose(a, b) for a, b in zip(found, others))

    def lying(layers: list[int], turned: bool = False) -> list[Array]:
        matrices = [wanted[2 * k].T if turned else wanted[2 * k] for k in layers]
        return [part for k, m in zip(layers, matrices) for part in (m, wanted[2 * k + 1])]

    in_order = list(range(len(wanted) // 2))
    as_text = sorted(in_order, key=lambda k: str(2 * k))
    for turned in (False, True):
        expect(
            not same(lying(as_text, turned)),
            'The layers are in the order of their names as text, where "10" comes before "2".',
        )
    expect(
        not same(lying(in_order, turned=True)),
        "A Linear of PyTorch keeps its matrix as (output, input); run multiplies by (input, output).",
    )
    offsets_first = [part for k in in_order for part in (wanted[2 * k + 1], wanted[2 * k])]
    expect(not same(offsets_first), "Of each layer the matrix comes first, and then the offsets.")
    expect(same(wanted), "from_torch is off. Which array belongs to which layer?")
    return "Whatever trained a model, it is a list of arrays, and can be listened to here."


def _learned() -> tuple[list[Array], dict[str, Array]]:
    """Weights as the chapter has them, and as the state of a model in PyTorch, in no order."""
    rng = np.random.default_rng(0)
    # Some matrices are square, so that a shape does not tell which way they lie.
    sizes = (3, 3, 4, 2, 2, 5, 3)
    wanted: list[Array] = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        wanted += [rng.standard_normal((n_in, n_out)), rng.standard_normal(n_out)]
    # With a bend behind each, the last layer is number 10.
    state: dict[str, Array] = {}
    for layer in rng.permutation(len(wanted) // 2).tolist():
        state[f"{2 * layer}.bias"] = wanted[2 * layer + 1].copy()
        state[f"{2 * layer}.weight"] = wanted[2 * layer].T.copy()
    return wanted, state
