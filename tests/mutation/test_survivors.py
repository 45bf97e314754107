"""The list of mutants that may live: reasons, and functions that are still there."""

import importlib
import tomllib
from pathlib import Path

from cases import for_every

LISTED = Path(__file__).with_name("survivors.toml")
REASONS = tomllib.loads(LISTED.read_text(encoding="utf-8"))["reason"]


def test_every_reason_is_a_sentence_and_no_mutant_has_two():
    assert all(reason["why"].endswith(".") for reason in REASONS)
    mutants = [mutant for reason in REASONS for mutant in reason["mutants"]]
    assert len(mutants) == len(set(mutants))


@for_every(function=sorted({m.split(":")[0] for r in REASONS for m in r["mutants"]}))
def test_the_function_is_there(function):
    names = function.split(".")
    length = 2 if names[0] in ("mel", "phase") else 1
    found = importlib.import_module(".".join(["specdemo", *names[:length]]))
    for name in names[length:]:
        found = getattr(found, name)
