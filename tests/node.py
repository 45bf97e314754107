"""The Node that runs the tests of the JavaScript: the system's or else Playwright's own."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

NEEDED = "20.19, 22.7 or a newer one"


def find_node():
    """Look for a Node that is new enough.

    Returns
    -------
    node : str or None
        Its path.
    passed_over : list of str
        A sentence on each that was found before it and is of no use.
    """
    passed_over = []
    for node in filter(None, [shutil.which("node"), playwright_node()]):
        found = version(node)
        if is_new_enough(found):
            return node, passed_over
        told = f"is Node {found[0]}.{found[1]}" if found else "does not start"
        passed_over.append(
            f"{node} {told}, and is passed over: the tests of the JavaScript need {NEEDED}."
        )
    return None, passed_over


def playwright_node():
    """Path of the Node that comes with Playwright, or None."""
    package = importlib.util.find_spec("playwright")
    if package is None:
        return None
    name = "node.exe" if os.name == "nt" else "node"
    node = Path(package.origin).parent / "driver" / name
    return str(node) if node.exists() else None


def version(node):
    """Return major and minor version of a Node; None when it does not start."""
    try:
        run = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    numbers = re.match(r"v(\d+)\.(\d+)", run.stdout)
    return numbers and tuple(map(int, numbers.groups()))


def is_new_enough(found):
    """Whether this Node sees by itself that a file `.js` is a module."""
    return found is not None and ((20, 19) <= found < (21, 0) or found >= (22, 7))
