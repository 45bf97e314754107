"""The modules of the benchmarks, and what their records and tables have."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


def benchmark_module(name):
    """Import a module of the benchmarks, which are no package and not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module(name)


def spread(median):
    return {"median": median, "low": 0.9 * median, "high": 1.1 * median}


def cells(table, first):
    """The row of a table that starts so."""
    return next(row for row in table.rows if row[0] == first)
