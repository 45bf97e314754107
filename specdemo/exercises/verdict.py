"""What the self-checks have in common: the verdict, and how answers of any kind are read."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from specdemo import _checks
from specdemo._types import Array

P = ParamSpec("P")


class NothingYet(Exception):
    """There is no answer to judge."""


class NotYet(Exception):
    """The answer is not right; the message says what to look at."""


def exercise(number: str) -> Callable[[Callable[P, str]], Callable[P, None]]:
    """Make a check of a function that judges answers.

    Parameters
    ----------
    number : str
        Number of the exercise, as in "1.1".

    Returns
    -------
    callable
        Decorator of a function that raises `NothingYet` or `NotYet`, or returns a sentence to go
        with a right answer. What it makes prints the verdict, and returns and raises nothing.
    """

    def decorate(judge: Callable[P, str]) -> Callable[P, None]:
        @functools.wraps(judge)
        def check(*answers: P.args, **given: P.kwargs) -> None:
            print(f"Exercise {number}: {_verdict(judge, answers, given)}")

        return check

    return decorate


def _verdict(judge: Callable[..., str], answers: Any, given: Any) -> str:
    try:
        return f"right. {judge(*answers, **given)}"
    except NothingYet as missing:
        return f"nothing here yet. {missing}"
    except NotYet as hint:
        sentence = str(hint)
        # Of a sentence that begins with a name in code, the first letter stays.
        begins = sentence.startswith(("the ", "what "))
        return f"not yet. {sentence[:1].upper() + sentence[1:] if begins else sentence}"


def expect(condition: Any, hint: str) -> None:
    """Raise `NotYet` with the hint unless the condition holds."""
    if not condition:
        raise NotYet(hint)


def filled(**answers: Any) -> None:
    """Raise `NothingYet` when an answer, or an entry of one that is a dict, is still a gap."""
    for name, answer in answers.items():
        entries = list(answer.values()) if isinstance(answer, dict) else [answer]
        parts = [part for entry in entries for part in _parts(entry)]
        if not entries or any(part is None or part is Ellipsis for part in parts):
            raise NothingYet(
                f"Fill in {name} in the cell of the exercise, run it, then run this one."
            )


def _parts(entry: Any) -> list[Any]:
    """The parts of a pair, or what is no pair as the only one."""
    return list(entry) if isinstance(entry, (tuple, list)) and len(entry) == 2 else [entry]


def number(name: str, answer: Any, *, infinite: bool = False) -> float:
    """Return an answer that should be a single real number as a float; infinity where it may be."""
    value: Any = _numbers(name, answer)
    expect(value.size == 1, f"{name} should be one number; it has the shape {value.shape}.")
    expect(not np.iscomplexobj(value), f"{name} should be a real number; it is complex.")
    value = float(value.reshape(()))
    expect(
        np.isfinite(value) or (infinite and value == np.inf),
        f"{name} should be finite; it is {value}.",
    )
    return value


def pair(name: str, answer: Any) -> tuple[float, ...]:
    """Return an answer that should be two real numbers, as floats."""
    value = _numbers(name, answer)
    expect(value.size == 2, f"{name} should be two numbers; it has the shape {value.shape}.")
    return tuple(number(name, entry) for entry in value.ravel())


def entries(name: str, answer: Any, keys: Iterable[Any]) -> dict[Any, Any]:
    """Return an answer that should be a dict with these keys."""
    *most, last = (f'"{key}"' if isinstance(key, str) else str(key) for key in keys)
    expect(
        isinstance(answer, dict) and set(answer) == set(keys),
        f"{name} should be a dict with the keys {', '.join(most)} and {last}.",
    )
    return answer


def numbers(name: str, answer: Any, n: int) -> NDArray[np.intp]:
    """Return an answer that should be some of 0 ... n - 1, or a mark for each, as sorted indices."""
    listed: Any = list(answer) if isinstance(answer, (set, frozenset, range)) else answer
    if isinstance(listed, (list, tuple)) and {type(mark) for mark in listed} <= {bool, np.bool_}:
        listed = np.array(listed, bool if listed else int)
    if getattr(listed, "dtype", None) == np.dtype(bool):
        expect(listed.size == n, f"{name} should have {n} marks; it has {listed.size}.")
        return np.flatnonzero(listed)
    value = _numbers(name, listed)
    # Of a matrix, np.where and np.argwhere tell rows and columns, of which the latter are all 0.
    expect(
        value.ndim < 2 or value.size == max(value.shape),
        f"{name} should be one list of numbers; it has the shape {value.shape}. "
        "Are these rows and columns of a matrix?",
    )
    value = value.ravel()
    expect(
        not np.iscomplexobj(value) and np.all(np.isin(value, np.arange(n))),
        f"{name} should hold whole numbers from 0 to {n - 1}.",
    )
    return np.unique(value.astype(int))


def array(name: str, answer: Any, shape: tuple[Any, ...], kind: str = "real") -> Array:
    """Return an answer that should be a finite array of this shape; kind "complex" takes both.

    In the shape, None stands for any number.
    """
    value = _numbers(name, answer)
    wanted = tuple(None if n is None else int(n) for n in shape)  # NumPy's print their types
    expect(
        value.ndim == len(wanted)
        and all(n in (None, found) for n, found in zip(wanted, value.shape, strict=True)),
        f"{name} should have the shape {str(wanted).replace('None', 'n')}; it has {value.shape}.",
    )
    expect(
        kind == "complex" or not np.iscomplexobj(value),
        f"{name} should be real; it is complex. Was an absolute value or an inverse left out?",
    )
    bad = np.count_nonzero(~np.isfinite(value))
    expect(
        not bad,
        f"{name} has {bad} values that are NaN or infinite. Is something divided by zero, or is a "
        "root or a logarithm taken of what is below zero?",
    )
    return value


def names(name: str, answer: Any) -> list[str]:
    """Return an answer that should be a list of names; one name is a list of one."""
    hint = f"{name} should return a list of names."
    expect(np.iterable(answer), hint)
    given = [answer] if isinstance(answer, str) else list(answer)
    expect(all(isinstance(one, str) for one in given), hint)
    return given


def _numbers(name: str, answer: Any) -> Array:
    try:
        # An int of more digits than NumPy's have is a number all the same.
        value = _checks.ndarray(name, float(answer) if type(answer) is int else answer)
    except (TypeError, ValueError, OverflowError):  # rows of different lengths, a tensor, 10**400
        value = np.array(None)
    expect(value.dtype.kind in "iufc", f"{name} should hold numbers; {_what_it_is(answer, value)}.")
    return value


def _what_it_is(answer: Any, value: Array) -> str:
    if value.dtype.kind == "b":
        return "it holds True and False"
    if type(answer) is int:
        return "it is too large for one"
    parts = answer if isinstance(answer, (list, tuple)) else []
    if not value.shape and any(hasattr(part, "__len__") for part in parts):
        return f"it is a {type(answer).__name__} of parts that do not make one array"
    return f"it is of the type {type(answer).__name__}"


def sound(name: str, answer: Any, like: Array) -> Array:
    """Return an answer that should be a sound with as many samples as another."""
    value = _numbers(name, answer)
    short = like.size - value.size
    expect(
        value.ndim == 1 and short == 0,
        f"{name} should be a sound of {like.size} samples; it has the shape {value.shape}."
        + (" Pass the length on to the inverse." if value.ndim == 1 and short > 0 else ""),
    )
    return array(name, answer, like.shape)


def result(function: Any, *arguments: Any) -> Any:
    """Return what a function of the reader's returns; its errors become hints.

    It is given copies of arrays, also of those in lists, and must leave them as they are.
    """
    if function is None:
        raise NothingYet(
            "Write the function in the cell of the exercise, run it, then run this one."
        )
    name = getattr(function, "__name__", "the answer")
    expect(callable(function), f"{name} should be a function; it is {type(function).__name__}.")
    given = [_copied(argument) for argument in arguments]
    try:
        returned = function(*given)
        if isinstance(returned, Iterator):  # a generator runs, and can fail, only when it is read
            returned = list(returned)
    except NotImplementedError:
        raise NothingYet(
            f"Write {name} in the cell of the exercise, run it, then run this one."
        ) from None
    except Exception as error:  # whatever the reader's code can raise
        raise NotYet(f"{name} stops with {type(error).__name__}: {error}.") from None
    for place, (before, after) in enumerate(zip(arguments, given, strict=True)):
        expect(
            _is_left(before, after),
            f"{name} changes {_argument(function, place)}. Let it return a new one, and run the cells "
            "again whose results it has changed.",
        )
    expect(returned is not None, f"{name} returns nothing. Does it end with a return?")
    return returned


def _copied(argument: Any) -> Any:
    if isinstance(argument, list):
        return [_copied(part) for part in argument]
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def _is_left(before: Any, after: Any) -> bool:
    """Whether arrays are what they were."""
    if isinstance(before, list):
        return all(_is_left(*pair) for pair in zip(before, after, strict=False))
    if not isinstance(before, np.ndarray) or not isinstance(after, np.ndarray):
        return True
    return np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")


def _argument(function: Any, place: int) -> str:
    """What a function calls the argument in this place."""
    try:
        called = list(inspect.signature(function).parameters)[place]
    except (TypeError, ValueError, IndexError):
        called = "array"
    return f"the {called} that it was given"


def close(found: Array, wanted: Array, tolerance: float = 1e-3) -> bool:
    """Whether arrays agree within a part of the largest value of the second."""
    return bool(np.max(np.abs(found - wanted)) <= tolerance * np.max(np.abs(wanted)))
