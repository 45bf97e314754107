"""What is said when a browser is missing."""

import pytest

import conftest
import engines
import untested


@pytest.mark.parametrize("thing", engines.NEEDS)
def test_a_skip_says_what_is_missing_and_how_to_add_it(monkeypatch, thing):
    monkeypatch.setattr(engines, "program", lambda name: None)
    called, programs = engines.NEEDS[thing]
    with pytest.raises(pytest.skip.Exception) as skip:
        conftest.need(thing)
    assert f"{called} is missing" in skip.value.msg and programs[-1] in skip.value.msg
    assert "apt install" in untested.how(skip.value.msg)
    assert not untested.is_allowed(skip.value.msg, "linux")


def test_nothing_is_missing_where_all_programs_are(monkeypatch):
    monkeypatch.setattr(engines, "program", lambda name: f"/usr/bin/{name}")
    assert not any(map(engines.missing, engines.NEEDS))
