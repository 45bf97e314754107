"""The joiner of modules, on modules of a few lines, run by Node, and on those of the figures."""

import subprocess

import pytest

from node import find_node
from specdemo.live import figure, twin
from specdemo.live.join import exports, joined, library, member, script
from specdemo.live.still import STILL


@pytest.fixture
def write(tmp_path):
    """Write modules by their addresses; return the first."""

    def write(**modules):
        for name, text in modules.items():
            path = tmp_path / f"{name.replace('__', '/')}.js"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / f"{next(iter(modules)).replace('__', '/')}.js"

    return write


def run(text):
    """Return what Node prints when it runs a text."""
    node, passed_over = find_node()
    if node is None:
        pytest.skip(" ".join(["there is no Node", *passed_over]))
    done = subprocess.run(
        [node, "-"], input=text, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_private_names_do_not_meet(write):
    entry = write(
        a='import { b } from "./b.js";\nimport { c } from "./c.js";\nconst own = 1;\n'
        "console.log(own, b(), c());\n",
        b="const own = 2;\nexport function b() {\n  return own;\n}\n",
        c="const own = 3;\nexport const c = () => own;\n",
    )
    assert run(script(entry)) == ["1", "2", "3"]


def test_addresses_lead_into_folders_and_out_of_them(write):
    """Also to files of the same name, and to one that two modules share, which runs once."""
    entry = write(
        figures__a='import { b } from "../parts/a.js";\nimport { n } from "../shared.js";\n'
        "console.log(b, n.length);\n",
        parts__a='import { n } from "../shared.js";\nimport { c } from "./deep/c.js";\n'
        "n.push(1);\nexport const b = c;\n",
        parts__deep__c="export const c = 5;\n",
        shared="export const n = [];\n",
    )
    assert run(script(entry)) == ["5", "1"]


def test_an_import_may_take_many_lines_and_other_names(write):
    entry = write(
        a='import {\n  one, two as second,\n  Three,\n} from "./b.js";\n'
        "console.log(one(), second, new Three().x);\n",
        b="export async function one() {}\nexport const two = 2;\n"
        "export class Three {\n  x = 3;\n}\nexport function* four() {}\n",
    )
    assert run(script(entry)) == ["Promise", "{", "undefined", "}", "2", "3"]


def test_exports_of_the_entry_are_exports_of_the_whole(write):
    entry = write(
        a='import { b } from "./b.js";\nexport const a = b;\nexport default { a };\n',
        b="export const b = 1;\n",
    )
    text = joined(entry)
    assert exports(text) == ["a"]
    assert text.count("\nexport default ") == 1 and "import" not in text


def test_modules_are_strict_also_as_a_script(write):
    entry = write(a="console.log((function () { return this; })());\n")
    assert run(script(entry)) == ["undefined"]


def test_data_stands_in_the_text(write, tmp_path):
    """As it is, also what would end a script or a text in JavaScript."""
    entry = write(
        a='import data from "./b/data.json" with { type: "json" };\nimport { c } from "./c.js";\n'
        "console.log(data.list.length, data.text === c);\n",
        c='export const c = "\\u2028 \\" </script>";\n',
    )
    (tmp_path / "b").mkdir()
    data = '{\n "list": [1, 2,\n 3], "text": "\\u2028 \\" </script>"}'
    (tmp_path / "b" / "data.json").write_text(data, encoding="utf-8")
    assert "import" not in joined(entry)
    assert run(joined(entry)) == run(script(entry)) == ["3", "true"]


def test_cycles_are_refused(write):
    entry = write(
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { c } from "./c.js";\nexport const b = 1;\n',
        c='import { b } from "./b.js";\nexport const c = 1;\n',
    )
    with pytest.raises(ValueError, match=r"import each other: b\.js -> c\.js -> b\.js"):
        joined(entry)


def test_what_is_not_exported_cannot_be_imported(write):
    entry = write(a='import { b, d } from "./b.js";\n', b="export const b = 1, c = 2;\n")
    with pytest.raises(ValueError, match=r"a\.js imports d, which \./b\.js does not export"):
        joined(entry)


def test_what_is_not_understood_is_refused(write):
    for line in [
        'import b from "./b.js";',
        'import * as b from "./b.js";',
        'import "./b.js";',
        'import { b } from "b";',
        "export { b };",
        'export * from "./b.js";',
        "export let b = 1;",
        "export const { b } = c;",
    ]:
        with pytest.raises(ValueError, match="is not understood"):
            joined(write(a=f"{line}\n", b="export const b = 1;\n"))


def test_a_default_is_for_the_entry_alone(write):
    modules = {
        "a": 'import { b } from "./b.js";\n',
        "b": "export const b = 1;\nexport default b;\n",
    }
    with pytest.raises(ValueError, match=r"b\.js: 'export default b;' is not understood"):
        joined(write(**modules))
    with pytest.raises(ValueError, match="a script has no default export"):
        script(write(b=modules["b"]))


def test_every_module_of_the_figures_is_in_a_text():
    """None is forgotten, and none is there twice."""
    modules = list(twin.FOLDER.rglob("*.js"))
    entries = (twin.VIEW, twin.WORKER, twin.LOADER, twin.PLAYERS, twin.HEAR, twin.HEAR_WORKER)
    texts = "".join(map(joined, entries))
    kinds = [path for path in figure.DRAWINGS.glob("*.js") if path != figure.MOUNT]
    texts += library(figure.MOUNT, figure.SHARED) + "".join(map(member, [*kinds, STILL]))
    entries = (*entries, figure.MOUNT, *kinds, STILL)
    for path in modules:
        if path not in entries:
            assert f"// {path.parent.name}/{path.name}\n" in texts, path
