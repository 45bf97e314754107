"""The content security policy of a page."""

import pytest
from bs4 import BeautifulSoup

from finish import policy

HEAD = '<html>\n<head>\n<meta charset="utf-8" />\n'


def directives(page):
    """Return the policy of a page: the sources of each directive."""
    (tag,) = BeautifulSoup(page, "html.parser").select("meta[http-equiv=Content-Security-Policy]")
    rules = (rule.split() for rule in tag["content"].split(";"))
    return {name: sources for name, *sources in rules}


def test_hash_is_that_of_the_standard():
    """An example of Content Security Policy Level 3, in its section on 'unsafe-hashes'."""
    assert policy.hashed("doSubmit()") == "'sha256-jzgBGA4UWFFmpOBq0JpdsySukE1FrEN5bUpoK8Z29fY='"


def test_policy_stands_before_all_that_it_applies_to():
    page = policy.with_policy(HEAD + "<script>a()</script>")
    assert page.index("Content-Security-Policy") < page.index("<script>")


def test_exactly_the_inline_scripts_of_the_page_are_allowed():
    page = policy.with_policy(HEAD + '<script>a()</script><script src="b.js"></script>')
    hashes = [source for source in directives(page)["script-src"] if source.startswith("'sha")]
    assert hashes == [policy.hashed("a()")]


def test_event_handlers_of_all_pages_are_allowed():
    handlers = policy.handlers(['<button class="x" onclick="a(&quot;b&quot;)">', "<p>onclick</p>"])
    assert handlers == {'a("b")'}
    sources = directives(policy.with_policy(HEAD, handlers))["script-src"]
    assert policy.hashed('a("b")') in sources and "'unsafe-hashes'" in sources


def test_the_next_page_may_be_loaded_in_advance():
    """Firefox does so for rel=next, and asks the directive for what has none of its own."""
    assert "'self'" in directives(policy.with_policy(HEAD))["default-src"]


def test_a_policy_is_stated_once():
    once = policy.with_policy(HEAD + "<script>a()</script>")
    assert policy.with_policy(once) == once


@pytest.mark.parametrize("directive", policy.DIRECTIVES)
def test_no_directive_allows_another_host(directive):
    allowed = {"'none'", "'self'", "'unsafe-inline'", "'unsafe-hashes'", "file:", "blob:", "data:"}
    sources = directives(policy.with_policy(HEAD))[directive]
    assert set(sources) <= allowed
    # What a page has no use for stays forbidden.
    assert directive not in ("object-src", "frame-src", "manifest-src") or sources == ["'none'"]
    if directive == "script-src":
        assert not {"'unsafe-inline'", "'unsafe-eval'", "data:"} & set(sources)
