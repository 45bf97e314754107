"""What a long search prints may differ from the stored in the last digit, and nothing else may."""

from decimal import Decimal

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import IPyNbFile

from last_digits import TAG, agree, unit


@pytest.mark.parametrize(
    ("number", "counts"),
    [("7.0", "0.1"), ("-0.71", "0.01"), ("71", 1), ("0", 1), ("70", 10), ("100", 10), ("-40", 10)],
)
def test_the_last_digit_counts(number, counts):
    assert unit(number) == Decimal(counts)


@pytest.mark.parametrize("text", ["6.9 dB   70 %", "6.8 dB 60 %", "7.0 dB 80 %", " 6.9 dB 70 %\n"])
def test_one_in_the_last_digit_agrees(text):
    assert agree(text, "6.9 dB  70 %")


@pytest.mark.parametrize(
    "text",
    ["6.7 dB 70 %", "6.9 dB 50 %", "6.9 B 70 %", "6.9 dB 70 % 1", "6.9 dB", "-6.9 dB 70 %", ""],
)
def test_anything_else_does_not(text):
    assert not agree(text, "6.9 dB 70 %")


@pytest.fixture
def passes(request, tmp_path):
    """Return a function that tells whether nbval lets pass what a cell prints, for what is stored."""

    def passed(printed, stored, *tags, kind="stream"):
        def output(text):
            if kind == "stream":
                return new_output(kind, text=text)
            return new_output(kind, {"text/plain": text}, execution_count=1)

        outputs = [output(stored)]
        cell = new_code_cell("", outputs=outputs, execution_count=1, metadata={"tags": [*tags]})
        nbformat.write(new_notebook(cells=[cell]), tmp_path / "some.ipynb")
        (item,) = IPyNbFile.from_parent(request.session, path=tmp_path / "some.ipynb").collect()
        return item.compare_outputs([*map(output, printed)], outputs)

    return passed


def test_nbval_goes_by_the_tag(passes):
    assert passes(["4.5 dB\n"], "4.5 dB\n") and passes(["4.5 dB\n"], "4.5 dB\n", TAG)
    assert not passes(["4.4 dB\n"], "4.5 dB\n")
    assert passes(["4.4 dB\n"], "4.5 dB\n", TAG)
    assert not passes(["4.3 dB\n"], "4.5 dB\n", TAG)
    assert not passes([], "4.5 dB\n", TAG)
    assert not passes(["4.5 dB\n", "4.5 dB\n"], "4.5 dB\n", TAG)


def test_so_it_does_for_the_last_line_of_a_cell(passes):
    assert passes(["4.4 dB"], "4.5 dB", TAG, kind="execute_result")
    assert not passes(["4.4 dB"], "4.5 dB", kind="execute_result")
    assert not passes(["4.3 dB"], "4.5 dB", TAG, kind="execute_result")
