"""The page of the package: everything public is on it."""

import operator
import re
from pathlib import Path

import specdemo
from public_names import public_callables

PAGE = (Path(__file__).resolve().parents[2] / "book" / "api.md").read_text(encoding="utf-8")
# A function or a class of the page; and what is indented under it: options, and methods one by one.
DESCRIBED = re.compile(
    r"^\.\. auto(?:function|class):: specdemo\.([\w.]+).*\n((?:\n* +.*\n)*)", re.MULTILINE
)


def itself(name):
    return operator.attrgetter(name)(specdemo)


def test_everything_public_is_on_the_page():
    under = {id(itself(name)): text for name, text in DESCRIBED.findall(PAGE)}
    missing = []
    for name, value in public_callables():
        owner, _, method = name.rpartition(".")
        text = under.get(id(itself(owner)), ":no-members:") if owner else ":no-members:"
        with_its_class = ":no-members:" not in text or f".. automethod:: {method}\n" in text
        if id(value) not in under and not with_its_class:
            missing.append(name)
    assert missing == []
