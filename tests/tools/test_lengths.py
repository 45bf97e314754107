"""No file is too long to be read at a sitting, and no function too long to be seen at once."""

import ast
import re
from pathlib import Path

from cases import for_every

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("benchmarks", "book", "specdemo", "tests", "tools")
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".js", ".mjs", ".css")
)
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 40
# Tables, which nobody reads from top to bottom: a file, and a function.
TABLES = {
    "tests/rows.py",
    "tests/package/test_corpus.py test_bad_recordings_are_named_and_do_not_stop_the_rest",
}
# The first line of a function or of a method in JavaScript, which ends where a line begins below it.
OPENING = re.compile(r"^( *)(?!(?:if|for|while|switch|catch|else|do|return)\b)[^ }].*\(.*\{$")


def functions_in(node):
    """Yield the functions of a module, of its classes, and of other functions."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement
        if hasattr(statement, "body"):
            yield from functions_in(statement)


def lines_of_python(text):
    """Names of functions, and how long they are without their docstrings."""
    for function in functions_in(ast.parse(text)):
        first = function.body[0]
        n_said = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) else 0
        yield function.name, function.end_lineno - function.lineno + 1 - n_said


def lines_of_javascript(text):
    """First lines of functions, and how long they are."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if found := OPENING.match(line):
            closing = re.compile(found[1] + r"[}\])]")
            end = next(j for j in range(i + 1, len(lines)) if closing.match(lines[j]))
            yield line.strip(), end - i + 1


FUNCTIONS = {".py": lines_of_python, ".js": lines_of_javascript, ".mjs": lines_of_javascript}


@for_every(path=SOURCES)
def test_files_and_functions_are_short(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert path in TABLES or len(text.splitlines()) <= MOST_LINES
    if path.endswith(".css"):
        return
    for name, n_lines in FUNCTIONS[Path(path).suffix](text):
        assert f"{path} {name}" in TABLES or n_lines <= MOST_LINES_OF_A_FUNCTION, name
