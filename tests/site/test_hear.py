"""The page where arrays become sound, on the built site: under its policy, in both ways to open it."""

import re

import pytest

from untested import ways
from visit import Visit, visiting

VIEW = "() => { const { view } = document.querySelector('.sd-hear'); return %s; }"


@pytest.mark.parametrize("way", ways())
def test_an_example_becomes_sound(browser, bases, way):
    with visiting(browser, bases[way], Visit) as visit:
        visit.goto("book/hear.html#format=glow-tts")
        visit.page.get_by_role("button", name="Example: tacotron2").click()
        visit.until(VIEW % "view.listening.current?.i === 100")
        assert visit.page.evaluate(VIEW % "view.chosen") == "tacotron2"
        assert visit.page.evaluate(VIEW % "view.engine.worker instanceof Worker")
        assert not visit.page.locator(".sd-alert").inner_text()
        visit.page.get_by_role("button", name="Play").click()
        visit.until(VIEW % "view.listening.now() > 0.1")


def test_only_this_page_loads_the_script(site):
    pages = [
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if re.search(r"<script[^>]*hear\.js", path.read_text(encoding="utf-8"))
    ]
    assert pages == ["book/hear.html"]


def test_without_javascript_the_page_leads_to_python(browser, bases):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{bases['http']}/book/hear.html")
    assert "specdemo invert" in page.locator(".sd-hear-place").inner_text()
    context.close()
