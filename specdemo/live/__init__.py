"""Live figures: a sound, one step of the staircase, its controls, and what comes back.

`Explorer` is one widget with two lives. With a kernel (JupyterLab, Notebook 7, VS Code) its
settings and its result are traits of the Python object (`widget`). On a static page the same
JavaScript is mounted by its HTML twin (`twin`), and nothing but a browser is needed. `players` are
lighter: pictures and sounds, with nothing to set.

The JavaScript is native modules, and nothing is built; `join` makes one text of them for hosts that
take no more:

* `js/dsp/` : the mathematics, in a worker, held to this package by golden vectors;
* `js/parts/` : what figures are made of, such as controls, axes, pictures and sounds;
* `figures/` : a folder or a file for each figure;
* `loader.js` : mounts the twins of a page.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# The widget needs anywidget, the players matplotlib and Pillow: none of them all three.
MODULES = {"Explorer": "widget", "Figure": "figure", "listen": "players"}

__all__ = ["Explorer", "Figure", "listen"]


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return getattr(import_module(f"specdemo.live.{MODULES[name]}"), name)
    raise AttributeError(f"module 'specdemo.live' has no attribute {name!r}")
