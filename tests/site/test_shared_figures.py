"""Figures to take hold of on the site: what they share is loaded once, and their sounds are files."""

import re

from bs4 import BeautifulSoup

import specdemo as sd
from specdemo.live import figure as figures


def test_programs_and_sounds_become_files_that_are_loaded_once(finish, tmp_path):
    twins = [sd.Figure(name).twin() for name in ("probe", "agreement", "probe")]
    page = finish("".join(twins))
    found = BeautifulSoup(page, "html.parser")
    addresses = [re.sub(r"\?v=[0-9a-f]{8}$", "", tag["src"]) for tag in found.find_all("script")]
    names = ("figures", "figure-probe", "figure-agreement")
    assert addresses == [f"../_static/{name}.js" for name in names]
    assert all(tag.has_attr("async") for tag in found.find_all("script"))
    static = tmp_path / "_static"
    assert (static / "figures.js").read_text(encoding="utf-8") == figures.library_script()
    assert (static / "figure-probe.js").read_text(encoding="utf-8") == figures.kind_script("probe")
    assert "data:audio" not in page and "<style" not in page
    sounds = {tag["data-samples"] for tag in found.select(".sd-figure")}
    assert len(sounds) == 1
    assert (tmp_path / sounds.pop().removeprefix("../")).is_file()
    assert len(found.select("svg.sd-still")) == 3
    assert finish(page) == page
