"""The start state of a figure as a picture, drawn by the figure's own JavaScript in Node."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from specdemo._types import Array
from specdemo.live.join import member

FOLDER = Path(__file__).parent
STILL = FOLDER / "js" / "parts" / "still.js"

# Far beyond what a drawing takes, in s.
PATIENCE = 120


def still(name: str, x: Array, sr: int, values: dict[str, Any], model: str = "") -> str:
    """Return the picture of a figure as SVG.

    Parameters
    ----------
    name : str
        A kind of figure.
    x : ndarray of float32, shape (n_samples,)
    sr : int
    values : dict of str to float
        The values of its handles.
    model : str
        What the figure brings beside its sound.

    Returns
    -------
    str
        Empty where there is no Node, neither on the path nor that of Playwright.

    Raises
    ------
    RuntimeError
        When the drawing fails; with what Node says of it.
    """
    node = find_node()
    if node is None:
        return ""
    samples = base64.b64encode(x.astype("<f4").tobytes()).decode()
    program = (
        f"const {{ still }} = ({member(STILL)})({{}});\n"
        f"const kinds = ({member(FOLDER / 'figures' / f'{name}.js')})({{}});\n"
        f'const bytes = Uint8Array.from(atob("{samples}"), (c) => c.charCodeAt(0));\n'
        f"const sound = {{ x: new Float32Array(bytes.buffer), sr: {sr}, model: {json.dumps(model)} }};\n"
        f"console.log(still(kinds.{name}, sound, {json.dumps(values)}));\n"
    )
    run = subprocess.run(
        [node, "-"],
        input=program,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"The figure {name} could not be drawn:\n{run.stderr}")
    return run.stdout.strip()


@cache
def find_node() -> str | None:
    """Return the path of a Node: the system's, or else the one that comes with Playwright."""
    system = shutil.which("node")
    package = importlib.util.find_spec("playwright")
    if system or package is None or package.origin is None:
        return system
    name = "node.exe" if os.name == "nt" else "node"
    own = Path(package.origin).parent / "driver" / name
    return str(own) if own.exists() else None
