"""Every public function against every kind of bad value.

The functions are found from `specdemo.__all__`, their arguments from their signatures. Each
argument gets the same bad values, save those that `ROWS` says it accepts: the call must raise a
TypeError or ValueError that names the argument, and leave neither a file nor a changed array. A
function or an argument that `ROWS` does not know is a failure.
"""

import inspect
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

import specdemo
from bad_values import EITHER, SR, VALUES
from cases import for_every
from other_libraries import DLPack, Interface, Tensor, handed_over
from public_names import public_callables
from rows import EXCLUDED, FREE, GRID, ROWS, X
from specdemo import phase, plot
from specdemo._checks import OutOfRange

# --- what is public --------------------------------------------------------------------------


def test_every_public_callable_is_in_the_table():
    public = {name for name, _ in public_callables() if not name.startswith(tuple(EXCLUDED))}
    assert sorted(public - set(ROWS)) == []


def test_nothing_is_excluded_that_is_not_there():
    for name in EXCLUDED:
        found = specdemo
        for part in name.split("."):
            found = getattr(found, part)


def test_every_word_of_the_registries_is_in_the_table():
    for function in [*phase.STARTS.values(), *phase.REFINEMENTS.values()]:
        assert ROWS[f"phase.{function.__name__}"].function is function


@for_every(name=ROWS)
def test_every_argument_is_in_the_table(name):
    row = ROWS[name]
    if "," in name:  # once more with other arguments: only those that behave differently
        name = name.split(",")[0]
        assert set(row.entries) <= set(ROWS[name].entries)
        return
    arguments = set(inspect.signature(row.function).parameters)
    assert arguments - FREE == set(row.entries)


# --- the tests -------------------------------------------------------------------------------

# Paths are too different from one another for a table.
UNLIKE = {"path", "folder"}


@pytest.fixture(autouse=True)
def clean_desk(tmp_path, monkeypatch):
    """An empty folder to work in, and no figure left open."""
    monkeypatch.chdir(tmp_path)
    yield
    plt.close("all")


@pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_bad_values_are_refused_by_name(row, tmp_path):
    complaints = []
    for argument in set(row.entries) - UNLIKE:
        for name, value in row.values(argument).items():
            complaint = what_is_wrong(row, argument, name, value)
            if complaint:
                complaints.append(f"{argument}, {name}: {complaint}")
            if name not in row.accepted(argument) | EITHER and list(tmp_path.iterdir()):
                complaints.append(f"{argument}, {name}: left a file")
            for path in tmp_path.iterdir():
                path.unlink()
        plt.close("all")
    assert not complaints, "\n".join(complaints)


def what_is_wrong(row, argument, name, value):
    """Return a sentence about the behaviour of an argument with this value, or None."""
    before = value.copy() if isinstance(value, np.ndarray) else None
    accepted, either = name in row.accepted(argument), name in EITHER
    try:
        result = row.function(**{**row.good, argument: value})
    except (TypeError, ValueError) as error:
        if accepted:
            return f"refused: {error}"
        if type(error) not in (TypeError, ValueError, OutOfRange):
            return f"raised {type(error).__name__}: {error}"
        if not re.search(rf"\b{argument}\b", str(error)):
            return f"not named: {error}"
    except Exception as error:
        return f"raised {type(error).__name__}: {error}"
    else:
        if not accepted and not either:
            return f"returned {result!r:.60}"
        if not all_finite(result):
            return "returned something that is not finite"
    if before is not None and not np.array_equal(
        before, value, equal_nan=before.dtype.kind in "fc"
    ):
        return "changed"
    return None


def all_finite(result):
    """Whether all numbers in arrays, and in lists and dicts of them, are finite."""
    if isinstance(result, (np.ndarray, np.number, float, int)):
        return bool(np.isfinite(result).all()) if not isinstance(result, int) else True
    if isinstance(result, dict):
        return all_finite(list(result.values()))
    return all(map(all_finite, result)) if isinstance(result, (list, tuple)) else True


# --- the same values in other forms -----------------------------------------------------------

ARRAYS = [
    pytest.param(row, argument, id=f"{name}({argument})")
    for name, row in ROWS.items()
    for argument, good in row.good.items()
    if isinstance(good, np.ndarray)
]


@pytest.mark.parametrize(("row", "argument"), ARRAYS)
def test_arrays_of_every_form_give_what_a_plain_one_gives(row, argument, tmp_path):
    """The same numbers in the same dtype, in plain arrays of their own."""

    def call(value):
        """The result, and what was saved."""
        result = row.function(**{**settled(row), argument: value})
        return result, [(path.read_bytes(), path.unlink()) for path in tmp_path.iterdir()]

    for form, value in handed_over(row.good[argument]):
        plain, before = plain_copy(value), plain_copy(value)
        result, saved = call(value)
        expected, wanted = call(plain)
        assert saved == wanted, form
        assert_same(result, expected, form)
        np.testing.assert_array_equal(plain_copy(value), before, form)
        held = getattr(value, "values", value)
        if row.function is not specdemo.frame:  # a view, as it says
            assert not any(np.shares_memory(array, held) for array in arrays_in(result)), form


def settled(row):
    """Good arguments, with a seed where there is chance."""
    arguments = inspect.signature(row.function).parameters
    return row.good | ({"rng": 0} if "rng" in arguments else {})


def plain_copy(value):
    """An array of the same values in NumPy's own form, order and dtype."""
    value = value.values if isinstance(value, (Tensor, Interface, DLPack)) else np.asarray(value)
    return np.array(value, value.dtype.newbyteorder("="), order="C")


def arrays_in(result):
    """All arrays in a result: in lists, tuples and dicts of them, and in the rows of a budget."""
    if isinstance(result, dict):
        return arrays_in(list(result.values()))
    if isinstance(result, (list, tuple)):
        return [array for part in result for array in arrays_in(part)]
    result = getattr(result, "audio", result)
    return [result] if isinstance(result, np.ndarray) else []


def assert_same(result, expected, form):
    found, wanted = arrays_in(result), arrays_in(expected)
    assert len(found) == len(wanted), form
    for one, other in zip(found, wanted, strict=True):
        assert type(one) is np.ndarray, form
        assert one.dtype == other.dtype, form
        assert one.dtype.isnative, form
        # In another layout sums are rounded otherwise, which turns the phases of quiet bins.
        tolerance = 1e4 * np.finfo(other.dtype).eps * np.abs(other).max() if other.size else 0
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance, err_msg=form)
    if not found and not hasattr(result, "plot"):
        assert repr(result) == repr(expected) or result == pytest.approx(expected), form


def test_sounds_of_every_form_are_shown_alike():
    for form, value in handed_over(X):
        shown = plot.listen({"a": value}, GRID)._repr_html_()
        assert shown == plot.listen({"a": plain_copy(value)}, GRID)._repr_html_(), form


def test_pieces_of_a_stream_may_have_any_form():
    for (form, first), (_, second) in zip(handed_over(X[:150]), handed_over(X[150:]), strict=True):
        found = np.concatenate(list(GRID.stream([first, second])), axis=-1)
        joined = np.concatenate([plain_copy(first), plain_copy(second)])
        np.testing.assert_allclose(found, GRID.forward(joined), atol=1e-5, err_msg=form)
        assert found.dtype == GRID.forward(joined).dtype, form


@for_every(name=ROWS)
def test_numbers_of_every_form_give_what_plain_ones_give(name, tmp_path):
    """Arrays and tensors without axes, in the place of all numbers and truth values at once."""
    row = ROWS[name]
    parameters = inspect.signature(row.function).parameters.values()
    arguments = {p.name: p.default for p in parameters if p.default is not p.empty} | settled(row)
    numbers = {
        argument: value
        for argument, value in arguments.items()
        if isinstance(value, (int, float)) and argument not in FREE
    }
    expected = row.function(**settled(row))
    for wrap in (np.array, Tensor):
        for path in tmp_path.iterdir():
            path.unlink()
        wrapped = {argument: wrap(value) for argument, value in numbers.items()}
        assert_same(row.function(**settled(row) | wrapped), expected, wrap.__name__)
    plt.close("all")


@for_every(
    name=["load", "load_blocks"], value=[v for k, v in VALUES.items() if not isinstance(v, str)]
)
def test_what_is_no_path_is_refused_by_name(name, value):
    if isinstance(value, bytes):  # a recording in memory, which is read
        with pytest.raises(ValueError, match="the recording in memory is not an audio file"):
            ROWS[name].function(path=value)
    else:
        with pytest.raises(TypeError, match=r"\bpath\b"):
            ROWS[name].function(path=value)
    with pytest.raises(TypeError, match=r"\bpath\b"):
        specdemo.save(value, X, SR)


@for_every(name=["load", "load_blocks"], value=["nonsense", "3", "", ".", "a\0b", "x" * 5000])
def test_paths_to_nowhere(name, value):
    with pytest.raises(FileNotFoundError, match="neither a file nor a bundled clip"):
        ROWS[name].function(path=value)


@for_every(name=ROWS)
def test_the_good_arguments_of_the_table_are_good(name):
    row = ROWS[name]
    held = {key: value.copy() for key, value in row.good.items() if isinstance(value, np.ndarray)}
    for value in held.values():
        value.setflags(write=False)
    assert all_finite(row.function(**{**row.good, **held}))
    for key, value in held.items():
        np.testing.assert_array_equal(value, row.good[key])
    plt.close("all")


def test_the_table_is_long():
    """Nothing has fallen out of it: some hundred arguments, with tens of bad values each."""
    tried = [
        len(row.values(argument)) - len(row.accepted(argument))
        for row in ROWS.values()
        for argument in set(row.entries) - UNLIKE
    ]
    assert len(tried) > 120
    assert sum(tried) > 4000
