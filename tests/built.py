"""The pages of the built site as the tests read them, each parsed once in a worker."""

from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"


@cache
def soup(page):
    """Return a parsed page, which many tests share: nobody changes it."""
    return BeautifulSoup((SITE / page).read_text(encoding="utf-8"), "html.parser")
