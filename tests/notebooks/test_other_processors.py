"""Every notebook prints the same where each FFT is rounded in another way, as on another processor.

A thorough run tries all of them; otherwise the shortest.
"""

import nbformat
import pytest
from nbval.plugin import IPyNbFile

import notebooks as stored_notebooks
import records
from untested import some

# Chapter 10 holds what workers compute to what it computes itself, and they would round as ever.
CHAPTERS = [
    path.stem
    for path in sorted(stored_notebooks.NOTEBOOKS.glob("*.ipynb"))
    if not path.stem.startswith("10")
]

# A number becomes one of its neighbours, by what its bits say: the same number always the same one.
ROUNDING = """
import numpy
import scipy.fft


def rounded(transform):
    def transformed(*arguments, **options):
        y = numpy.ascontiguousarray(transform(*arguments, **options))
        numbers = y.view(y.real.dtype)
        bits = numbers.view(f"u{numbers.itemsize}")
        lot = (bits * bits.dtype.type(2654435761)) >> bits.dtype.type(8 * bits.itemsize - 2)
        step = numpy.finfo(numbers.dtype).eps * (lot.astype(numbers.dtype) - 1.5) / 1.5
        return (numbers + step * numbers).astype(numbers.dtype).view(y.dtype).reshape(y.shape)

    return transformed


for name in ("fft", "ifft", "rfft", "irfft", "dct", "idct"):
    setattr(scipy.fft, name, rounded(getattr(scipy.fft, name)))
"""


@pytest.mark.parametrize("chapter", some(CHAPTERS, "03_mel_compression"))
def test_what_is_printed_does_not_depend_on_rounding(chapter, request, monkeypatch):
    path = stored_notebooks.NOTEBOOKS / f"{chapter}.ipynb"
    notebook = stored_notebooks.clean(nbformat.read(path, as_version=4))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(ROUNDING))
    stored_notebooks.client(notebook, path.parent).execute()
    file = IPyNbFile.from_parent(request.session, path=path)
    request.config.hook.pytest_collectstart(collector=file)
    monkeypatch.setattr(records, "executed", lambda _: notebook)
    cells = list(file.collect())
    records.set_up(file)
    for cell in cells:
        cell.runtest()
    file.teardown()
