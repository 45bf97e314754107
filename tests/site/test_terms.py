"""Words of the glossary are linked where a page first uses them; chapters say how long they take."""

import re

import pytest
from bs4 import NavigableString
from docutils import nodes
from docutils.core import publish_doctree
from sphinx import addnodes

import build
from built import soup
from pages import reading, terms

WORDS = ["bin", "frame", "Hann window", "window", "DFT", "log mel", "mel", "pseudo-inverse"]


def linked(text, words=WORDS):
    """Return the words that are linked in a text, as pairs of what is read and where it leads."""
    doctree = publish_doctree(text, settings_overrides={"report_level": 5})
    terms.link_words(doctree, words)
    found = doctree.findall(addnodes.pending_xref)
    return doctree.astext(), [(node.astext(), node["reftarget"]) for node in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A frame, and a frame.", [("frame", "frame")]),
        ("Frames are cut.", [("Frames", "frame")]),
        ("The Hann window; a window.", [("Hann window", "Hann window"), ("window", "window")]),
        ("A log-mel column of mel bands.", [("log-mel", "log mel"), ("mel", "mel")]),
        ("A DFT, no dft.", [("DFT", "DFT")]),
        (
            "The pseudo-inverse *window*.",
            [("pseudo-inverse", "pseudo-inverse"), ("window", "window")],
        ),
        ("Combine, framework, mel-like: none.", []),
        ("In code ``frame`` is none, but a frame is.", [("frame", "frame")]),
        (
            "`a frame <https://example.org>`_ leads elsewhere; this frame does not.",
            [("frame", "frame")],
        ),
    ],
)
def test_the_first_use_of_a_word_is_linked(text, found):
    after, links = linked(text)
    assert links == found
    assert after == publish_doctree(text).astext()


def test_a_title_is_not_linked():
    assert linked("Frames\n======\n\nA frame.")[1] == [("frame", "frame")]


def test_a_link_by_hand_counts_when_it_comes_first():
    doctree = publish_doctree("x\n\nA frame.")
    by_hand = addnodes.pending_xref(
        "", nodes.inline("", "frames"), reftype="term", reftarget="frame"
    )
    doctree[0].insert(0, by_hand)
    terms.link_words(doctree, WORDS)
    assert list(doctree.findall(addnodes.pending_xref)) == [by_hand]


def test_entries_are_the_words_of_the_glossary():
    assert terms.entries("# G\n\n```{glossary}\na bin\n  Of a frame.\n\nframe\n  x\n```\n") == [
        "a bin",
        "frame",
    ]
    text = (build.ROOT / terms.GLOSSARY).read_text(encoding="utf-8")
    assert len(terms.entries(text)) == text.count("\n  ") > 40


@pytest.mark.parametrize(
    ("n_words", "minutes"), [(0, 5), (400, 5), (1000, 5), (3000, 15), (5100, 25)]
)
def test_minutes_follow_from_the_words(n_words, minutes):
    assert reading.minutes(n_words) == minutes


def test_code_and_headings_are_no_words_to_read():
    doctree = publish_doctree(
        "Title\n=====\n\nOne ``two`` :math:`a + b + c` four.\n\n::\n\n  code here\n"
    )
    assert reading.count_words(doctree) == 4


# --- the built chapters ----------------------------------------------------------------------

CHAPTERS = [f"notebooks/{path.stem}.html" for path in sorted(build.ROOT.glob("notebooks/*.ipynb"))]
NO_PROSE = {
    "code",
    "pre",
    "math",
    "h1",
    "h2",
    "h3",
    "h4",
    "figcaption",
    "svg",
    "figure",
    "summary",
    "script",
    "style",
    "button",
    "audio",
}


def prose(article):
    """Yield the texts of a chapter that a link to the glossary may stand in."""
    for text in article.find_all(string=True):
        above = {tag.name for tag in text.parents}
        if type(text) is NavigableString and not above & NO_PROSE:
            if not any("cell" in (tag.get("class") or []) for tag in text.parents):
                yield str(text)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_links_the_first_use_of_each_word(chapter, site):
    words = terms.entries((build.ROOT / terms.GLOSSARY).read_text(encoding="utf-8"))
    article = soup(chapter).article
    links = [a["href"] for a in article.select("a[href*='glossary.html#term-']")]
    assert len(links) > 5
    words.sort(key=len, reverse=True)
    used = {words[m.lastindex - 1] for m in terms.pattern(words).finditer(" ".join(prose(article)))}
    for word in used:
        target = "#term-" + re.sub(r"[^\w]+", "-", word)
        assert any(link.lower().endswith(target.lower()) for link in links), word


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_says_how_long_it_takes_and_leads_to_its_handout(chapter, site):
    (line,) = soup(chapter).select("h1 + p.sd-reading")
    assert 10 <= int(re.search(r"About (\d+) minutes", line.get_text()).group(1)) <= 60
    assert line.a["href"].endswith(f"book/handouts/{chapter[10:12]}.html")
