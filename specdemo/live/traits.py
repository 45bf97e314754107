"""What the widgets of the live figures have in common: traits that are checked, and an HTML twin."""

from __future__ import annotations

from collections.abc import Callable, Collection
from os import PathLike
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from specdemo import _checks


class Twinned(anywidget.AnyWidget):
    """A widget whose output holds its HTML twin, too, for pages without a kernel."""

    def twin(self) -> str:
        """Return the HTML."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle
        return {**data, "text/html": self.twin()}, metadata


class Setting(traitlets.TraitType):
    """A synced trait whose `check(name, value)` returns the value or says what is accepted."""

    def __init__(self, default: Any, check: Callable[[Any, Any], Any], help: str) -> None:
        super().__init__(default, help=help)
        self.check = check
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the value that is taken, or raise."""
        return self.check(self.name, value)


def integer(default: Any, minimum: int, maximum: int, help: str) -> Setting:
    """Return a trait for whole numbers within limits."""

    def check(name: Any, value: Any) -> Any:
        value = _checks.integer(name, value, minimum)
        if value > maximum:
            raise ValueError(f"{name} must be at most {maximum}; got {value}")
        return value

    return Setting(default, check, help)


def number(default: Any, help: str, **limits: Any) -> Setting:
    """Return a trait for numbers within the limits of `_checks.number`."""
    return Setting(default, lambda name, value: _checks.number(name, value, **limits), help)


def choice(default: Any, known: Collection[str], help: str) -> Setting:
    """Return a trait for one of the known words."""
    return Setting(default, lambda name, value: _checks.choice(name, value, known), help)


def name_of(clip: Any) -> str:
    """What a recording is offered under."""
    name = clip if isinstance(clip, (str, PathLike)) else getattr(clip, "name", None)
    return Path(name).stem if isinstance(name, (str, PathLike)) and name else "recording"
