"""`make twice`: of two search indexes, what measured pages alone have is not compared."""

import json

import twice


def index(folder, **terms):
    """Write a site of two pages, the second with a measurement; return its folder."""
    folder.mkdir()
    for name, text in (("text", "<p>"), ("measured", '<p class="measured">')):
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    text = json.dumps({"docnames": ["text", "measured"], "terms": terms})
    (folder / twice.INDEX).write_text(f"Search.setIndex({text})", encoding="utf-8")
    return folder


def test_words_of_a_measurement_make_no_difference_and_all_others_do(tmp_path):
    one = twice.searched(index(tmp_path / "one", mel=[0, 1], frame=0, h189=1))
    two = twice.searched(index(tmp_path / "two", mel=[0, 1], frame=0, h811=[1]))
    other = twice.searched(index(tmp_path / "other", mel=[0, 1], bin=0, h189=1))
    assert one == two != other
    assert set(one["terms"]) == {"mel", "frame"}
