"""`make book`: staging of the reader's recording, and when notebooks are executed again."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import build
from notebooks import TIMEOUT_S

PAGE_WITH_A_CELL = """\
---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
---

# A page

```{code-cell}
print(7 * 8)
```
"""


@pytest.mark.parametrize(
    ("name", "folder"),
    [("english", "english"), ("my voice (2)", "my-voice-2"), ("../x", "x"), ("***", "clip")],
)
def test_folder_names_are_valid_everywhere(name, folder):
    assert build.slug(name) == folder


@pytest.mark.parametrize("name", ["english.wav", 'it\'s "mine" \\ & <b>.wav'])
def test_only_the_parameter_cell_names_the_recording(tmp_path, name):
    page = tmp_path / "01.ipynb"
    cells = [
        new_code_cell('clip = "speech"\nn = 1', metadata={"tags": ["parameters"]}),
        new_code_cell('clip = "speech"'),
    ]
    nbformat.write(new_notebook(cells=cells), page)
    build.set_clip(page, name)
    first, second = nbformat.read(page, as_version=4).cells
    namespace = {}
    exec(first.source, namespace)
    assert namespace["clip"] == name
    assert namespace["n"] == 1
    assert second.source == 'clip = "speech"'


def test_text_notebooks_name_the_recording_too(tmp_path):
    page = tmp_path / "index.md"
    page.write_text('# A\n\n```{code-cell}\nclip = "speech"\n```\n', encoding="utf-8")
    build.set_clip(page, "a.wav")
    assert 'clip = "a.wav"' in page.read_text(encoding="utf-8")


def test_a_missing_recording_is_said_in_one_sentence(tmp_path, capsys):
    assert build.main(["--clip", str(tmp_path / "none.wav")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_home_directory_of_a_recording(tmp_path, capsys, monkeypatch):
    """Some shells hand `make book CLIP=~/x.wav` over as it is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert build.main(["--clip", "~/none.wav"]) == 2
    assert str(tmp_path / "none.wav") in capsys.readouterr().err


def test_a_file_that_is_no_sound_is_said_in_one_sentence(tmp_path, capsys):
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    assert build.main(["--clip", str(text)]) == 2
    assert capsys.readouterr().err.startswith(f"Cannot build the book around {text}: ")


def test_outputs_survive_until_an_ingredient_changes(tmp_path):
    cache = tmp_path / ".jupyter_cache"
    build.forget_outdated_outputs(tmp_path, "one")
    cache.mkdir()
    build.forget_outdated_outputs(tmp_path, "one")
    assert cache.exists()
    build.forget_outdated_outputs(tmp_path, "two")
    assert not cache.exists()


def test_notebooks_are_executed_into_the_cache_and_what_fails_is_left_to_sphinx(tmp_path):
    for folder in ("notebooks", "book"):
        (tmp_path / folder).mkdir()
    paths = {name: tmp_path / "notebooks" / f"{name}.ipynb" for name in ("good", "bad")}
    for name, source in (("good", "print(6 * 7)"), ("bad", "1 / 0")):
        cells = [new_code_cell(source)]
        nbformat.write(new_notebook(cells=cells), paths[name])
    paths["page"] = tmp_path / "book" / "page.md"
    paths["page"].write_text(PAGE_WITH_A_CELL, encoding="utf-8")
    (tmp_path / "book" / "text.md").write_text("# A text\n", encoding="utf-8")
    build.execute_side_by_side(tmp_path, tmp_path / "cache")
    with build.opened_cache(tmp_path / "cache") as cache:
        assert {name for name in paths if build.is_in(cache, paths[name])} == {"good", "page"}
        assert len(cache.list_cache_records()) == 2
        for name, printed in (("good", "42\n"), ("page", "56\n")):
            record = cache.match_cache_notebook(build.read(paths[name]))
            cell = cache.get_cache_bundle(record.pk).nb.cells[-1]
            assert cell.outputs[0].text == printed


def test_a_cell_has_as_long_as_sphinx_gives_it():
    config = (build.ROOT / "_config.yml").read_text(encoding="utf-8")
    assert f"\n  timeout: {TIMEOUT_S}\n" in config


def test_a_build_that_failed_says_why_and_leaves_no_half_of_a_site(tmp_path, capsys, monkeypatch):
    site = tmp_path / "html"

    def fail(*_, **__):
        (tmp_path / ".doctrees").mkdir()
        (site / "reports" / "notebooks").mkdir(parents=True)
        (site / "reports" / "notebooks" / "01.err.log").write_text("NameError: gone")
        return 1

    monkeypatch.setattr(build, "build_sphinx", fail)
    assert build.build(tmp_path / "source", site) == 1
    said = capsys.readouterr().err
    assert "notebooks/01 failed:\nNameError: gone" in said and "was not built" in said
    assert not site.exists() and not (tmp_path / ".doctrees").exists()
    assert (tmp_path / "fingerprint").is_file()


def test_fingerprint_follows_the_content_of_the_recording(tmp_path):
    clip = tmp_path / "clip.wav"
    clip.write_bytes(b"one")
    before = build.fingerprint([clip])
    clip.write_bytes(b"two")
    assert build.fingerprint([clip]) != before
    assert build.fingerprint() == build.fingerprint()


def test_parameter_cell_of_every_page_is_found():
    """A clip build must reach each page that plays a clip."""
    pages = [*build.ROOT.glob("notebooks/*.ipynb"), build.ROOT / "book" / "index.md"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        assert build.ASSIGNMENT.search(text), page.name
