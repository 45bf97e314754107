"""What is public: the functions, classes and methods that `specdemo.__all__` leads to."""

import inspect
import types

import specdemo


def public_callables():
    """Yield the name of each, and itself."""
    for name in specdemo.__all__:
        yield from _callables(name, getattr(specdemo, name))


def _callables(name, value):
    if isinstance(value, types.ModuleType):
        for inner in getattr(value, "__all__", vars(value)):
            found = getattr(value, inner)
            here = getattr(found, "__module__", "").startswith(value.__name__)
            if callable(found) and here and not inner.startswith("_"):
                yield from _callables(f"{name}.{inner}", found)
        return
    yield name, value
    if inspect.isclass(value):
        for inner, method in vars(value).items():
            if inspect.isfunction(method) and not inner.startswith("_"):
                yield f"{name}.{inner}", method
