"""Join ES modules into one text, for hosts that take no more: anywidget, a worker, a page from a disk.

The modules are the source: Node, the tests and `tsc` read them as they are. Here each becomes a
function that returns what it exports, so that names private to one cannot meet those of another. A
module may say

* `import { a, b as c } from "./x.js";` at the start of a line, over as many lines as it likes,
* `import a from "./x.json" with { type: "json" };` on a line of its own,
* `export` before a function, a class, or a `const` of one name,
* `export default`, in the module that imports all the others.

Whatever else begins a line with `import` or `export` is refused, and so are modules that import
each other: a function cannot return before it has begun.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[\w./-]+)";\n', re.MULTILINE)
DATA = re.compile(
    r'^import (\w+) from "(\.[\w./-]+\.json)" with \{ type: "json" \};\n', re.MULTILINE
)
EXPORT = re.compile(r"^export (?=(?:(?:async )?function\*?|class|const) (\w+))", re.MULTILINE)
DEFAULT = re.compile(r"^export default ", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


def joined(entry: str | Path) -> str:
    """Return one ES module that imports nothing.

    Parameters
    ----------
    entry : path-like
        A module. What it imports is found beside it, by its relative addresses.

    Returns
    -------
    str
        It exports what `entry` exports.

    Raises
    ------
    ValueError
        When modules import each other, when one imports what the other does not export, and when
        one says `import` or `export` in a way that is not understood.
    """
    *others, (path, text) = _in_order(Path(entry).resolve())
    numbers = {other: f"{i}" for i, (other, _) in enumerate(others)}
    parts = [_as_function(other, source, numbers) for other, source in others]
    return '"use strict";\n' + "\n".join([*parts, _bound(path, text, numbers)])


def script(entry: str | Path) -> str:
    """Return the same as a classic script, whose names no other script of a page sees.

    Parameters
    ----------
    entry : path-like
        As for `joined`.

    Returns
    -------
    str
    """
    text = joined(entry)
    if DEFAULT.search(text):
        raise ValueError(f"{Path(entry).name}: a script has no default export")
    return f"(() => {{\n{EXPORT.sub('', text)}}})();\n"


def exports(text: str) -> list[str]:
    """Return the names that a module exports, its default left out.

    Parameters
    ----------
    text : str
        The source of the module.

    Returns
    -------
    list of str
    """
    return EXPORT.findall(text)


def _in_order(entry: Path) -> list[tuple[Path, str]]:
    """Paths and texts of a module and of all that it imports, each behind those that it needs."""
    done: dict[Path, str] = {}

    def visit(path: Path, above: list[Path]) -> None:
        if path in above:
            names = " -> ".join(other.name for other in [*above[above.index(path) :], path])
            raise ValueError(f"modules import each other: {names}")
        if path in done:
            return
        text = _with_data(path, path.read_text(encoding="utf-8"))
        for _, address in IMPORT.findall(text):
            visit((path.parent / address).resolve(), [*above, path])
        done[path] = _checked(path, text, done, path == entry)

    visit(entry, [])
    return list(done.items())


def _checked(path: Path, text: str, done: dict[Path, str], is_entry: bool) -> str:
    """Return the text of a module, all of whose imports and exports are understood."""
    for names, address in IMPORT.findall(text):
        offered = exports(done[(path.parent / address).resolve()])
        for name in _names(names):
            if name.split(" as ")[0] not in offered:
                raise ValueError(f"{path.name} imports {name}, which {address} does not export")
    rest = EXPORT.sub("", IMPORT.sub("", text))
    unknown = OTHER.search(DEFAULT.sub("", rest) if is_entry else rest)
    if unknown:
        raise ValueError(
            f"{path.name}: {unknown.group()!r} is not understood; see specdemo.live.join"
        )
    return text


def _with_data(path: Path, text: str) -> str:
    """The text of a module with the JSON that it imports, written as short as it can be."""

    def constant(match: re.Match[str]) -> str:
        data = json.loads((path.parent / match[2]).read_text(encoding="utf-8"))
        written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return f"const {match[1]} = {written};\n"

    return DATA.sub(constant, text)


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := " ".join(part.split()))]


def _bound(path: Path, text: str, numbers: dict[Path, str]) -> str:
    """The text of a module whose imports are taken from the functions above it."""

    def binding(match: re.Match[str]) -> str:
        names = ", ".join(_names(match[1])).replace(" as ", ": ")
        return f"const {{ {names} }} = ${numbers[(path.parent / match[2]).resolve()]};\n"

    return IMPORT.sub(binding, text)


def _as_function(path: Path, text: str, numbers: dict[Path, str]) -> str:
    body = EXPORT.sub("", _bound(path, text, numbers))
    returned = f"return {{ {', '.join(exports(text))} }};"
    return (
        f"// {path.parent.name}/{path.name}\n"
        f"const ${numbers[path]} = (() => {{\n{body}\n{returned}\n}})();\n"
    )


def library(entry: str | Path, modules: Iterable[str | Path]) -> str:
    """Return a classic script that runs a module and shares others with scripts made by `member`.

    Parameters
    ----------
    entry : path-like
        Runs with the shared modules under the name `$shared`.
    modules : iterable of path-like
        What is shared, with all that it imports.

    Returns
    -------
    str
    """
    *needed, (path, text) = _in_order(Path(entry).resolve())
    found = dict(needed)
    for module in modules:
        found |= dict(_in_order(Path(module).resolve()))
    numbers = {other: f"{i}" for i, other in enumerate(found)}
    parts = [_as_function(other, source, numbers) for other, source in found.items()]
    shared = ", ".join(f"{_key(other)}: ${number}" for other, number in numbers.items())
    own = f"const $shared = {{ {shared} }};\n{_bound(path, text, numbers)}"
    return '(() => {\n"use strict";\n' + "\n".join([*parts, own]) + "})();\n"


def member(entry: str | Path, modules: Iterable[str | Path] = ()) -> str:
    """Return a function, as text, of `$shared` that returns what a module exports.

    Parameters
    ----------
    entry : path-like
    modules : iterable of path-like
        As for `library`: what comes with `$shared` and not with this text.

    Returns
    -------
    str
    """
    shared = {path for module in modules for path, _ in _in_order(Path(module).resolve())}
    found = _in_order(Path(entry).resolve())
    numbers = {
        path: f"shared.{_key(path)}" if path in shared else f"{i}"
        for i, (path, _) in enumerate(found)
    }
    *parts, (path, text) = [one for one in found if one[0] not in shared]
    own = [_as_function(other, source, numbers) for other, source in parts]
    body = EXPORT.sub("", _bound(path, text, numbers))
    returned = f"return {{ {', '.join(exports(text))} }};"
    return '($shared) => {\n"use strict";\n' + "\n".join([*own, body, returned]) + "\n}"


def _key(path: Path) -> str:
    return f"{path.parent.name}_{path.stem}"
