"""The README: its lines run, its numbers are those of the record, its pictures are there and light."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from PIL import Image

import specdemo

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILM = ROOT / "book" / "images" / "explorer.webp"
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
PICTURE = re.compile(r"!\[([^\]]+)\]\(([^)]+)\)")


def test_the_lines_of_the_package_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = CODE.findall(README)
    exec(compile(code, "README.md", "exec"), {})
    found = re.fullmatch(r"error of the bands: (-\d+) dB\n", capsys.readouterr().out)
    assert int(found[1]) <= -38, "the aim of the benchmarks"
    x, _ = specdemo.load(tmp_path / "from_mel.wav")
    assert x.shape == specdemo.load("speech")[0].shape


def test_its_numbers_are_those_of_the_record(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    report = importlib.import_module("report")
    comparisons = importlib.import_module("comparisons")
    table = comparisons.six(report.load())._repr_markdown_()
    assert table in README, f"put this into README.md:\n{table}"


def test_it_says_how_many_formats_are_known():
    assert f"; {len(specdemo.mel_formats())} systems' formats are known by name." in README


def test_every_link_and_picture_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).is_file(), target
    for text, target in PICTURE.findall(README):
        assert len(text) > 40, f"{target} needs a text alternative"


def test_the_film_is_light_and_runs_for_ever():
    assert FILM.stat().st_size <= 1_500_000
    with Image.open(FILM) as film:
        assert film.width >= 800
        assert film.info["loop"] == 0, "runs for ever"
        milliseconds = 0
        for i in range(film.n_frames):
            film.seek(i)
            film.load()
            milliseconds += film.info["duration"]
    assert 10_000 <= milliseconds <= 12_000


def test_the_version_is_said_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "specdemo/__init__.py"
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == specdemo.__version__


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/**/*.yml")), ids=lambda path: path.stem)
def test_what_servers_read_is_well_formed(path):
    """A form needs a name, a description and fields with labels; a workflow needs jobs."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.parent.name == "workflows":
        assert found["jobs"] and found["permissions"]["contents"] == "read"
    elif path.name != "config.yml":
        assert found["name"] and found["description"]
        names = [field["id"] for field in found["body"]]
        assert len(names) == len(set(names))
        assert all(field["attributes"]["label"] for field in found["body"])
