"""The code of a chapter, run as plain Python: what tests ask of its names needs no kernel."""

import json
import re
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
EXERCISES = {"starter", "solution", "check"}


def run(stem, monkeypatch, *, until=None, **settings):
    """Run the code of a chapter without its exercises, to its end or to a cell; return its names.

    `settings` are lines `name = value` of the chapter that get another value.
    """
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(NOTEBOOKS)
    (path,) = NOTEBOOKS.glob(f"{stem}_*.ipynb")
    names = {"__name__": "__main__"}
    left = set(settings)
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code" or EXERCISES & set(cell["metadata"].get("tags", [])):
            continue
        source = "".join(cell["source"])
        for name, value in settings.items():
            line = f"{name} = {value!r}"
            source, n_lines = re.subn(rf"^{name} = .*$", lambda _: line, source, flags=re.M)  # noqa: B023
            left -= {name} if n_lines else set()
        exec(compile(source, cell["id"], "exec"), names)
        if cell["id"] == until:
            break
    assert not left, f"the chapter sets none of {left}"
    return names
