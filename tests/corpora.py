"""Corpora in tests: what is in a folder of features, and work that kills whoever does it."""

import importlib
import sys
from contextlib import contextmanager


def contents(out):
    """Every file of a folder of features, with its bytes."""
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


@contextmanager
def importable(name, text, folder):
    """A module of this text, which workers can import as well."""
    (folder / f"{name}.py").write_text(text)
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
