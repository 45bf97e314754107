"""What a page does without of its theme, and the faults of the theme that are mended.

Scripts and links that a page has no use for, and any that would ask another host, are removed; the
other scripts wait until the page is there.
"""

import re

SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>\s*", re.DOTALL)
UNWANTED_SCRIPT = re.compile(
    r'src="(https?:)?//|thebe|kernelName|application/vnd\.jupyter\.widget|fontawesome\.js',
    re.IGNORECASE,
)
UNWANTED_LINK = re.compile(
    r'<link\b(?=[^>]*(?:href="(?:https?:)?//|sphinx-thebe|rel="preload"))[^>]*>\s*', re.IGNORECASE
)
OF_SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")
# What one page alone needs: it is not joined with the script of the site.
OF_ONE_PAGE = (*OF_SEARCH, "hear.js")
# Scripts of the theme, and what a page must hold to need them.
NEEDED_BY = {
    **dict.fromkeys(OF_SEARCH, 'id="search-results"'),
    "design-tabs.js": "sd-tab-set",
    "clipboard.min.js": 'class="highlight',
    "copybutton.js": 'class="highlight',
    "players.js": "sd-listen",
    "quiz.js": "sd-quiz",
    "hear.js": "sd-hear-place",
}
# The one script that inline scripts of the theme cannot wait for.
FIRST_SCRIPT = "documentation_options.js"
WAITING = re.compile(r"\b(?:defer|async)\b")

# Faults of the theme: what it writes, and what is written instead.
MENDED = (
    # Colours are chosen before the page is painted, not after, so that it does not flash.
    (
        'document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";',
        "{\n      const { mode } = document.documentElement.dataset;\n"
        '      const dark = matchMedia("(prefers-color-scheme: dark)").matches;\n'
        "      document.documentElement.dataset.theme = "
        'mode === "auto" ? (dark ? "dark" : "light") : mode;\n    }',
    ),
    # A label would hide the words of the cell, which say more, and those of the button.
    (' aria-label="Toggle hidden content"', ""),
    (
        'search-button-field search-button__button pst-js-only" title="Search" aria-label="Search"',
        'search-button-field search-button__button pst-js-only"',
    ),
    # The references are items of a list.
    ('role="doc-biblioentry"', 'role="listitem"'),
    # The arrow that unfolds a part of the contents, and the sidebar, have names.
    (
        '<summary><span class="toctree-toggle"',
        '<summary aria-label="Pages under this one"><span class="toctree-toggle"',
    ),
    (
        '<div id="pst-primary-sidebar" class=',
        '<div id="pst-primary-sidebar" role="region" aria-label="Sidebar" class=',
    ),
)

# A loop of its script gives a place in the order of the keyboard to each piece of code that can be
# scrolled. It measures every piece when the page is loaded, which is laid out for that to its end,
# and writes before it measures the next. Instead, pieces are measured together when they come near.
MEASURED = re.compile(r"\((\w+)=>\{\1\.tabIndex=([^{};]+)\?0:-1\}\)")
WHEN_NEAR = (
    r"(\1=>{const near=window.sdNear??=new IntersectionObserver(pieces=>{"
    r"pieces.filter(piece=>piece.isIntersecting).map(({target:\1})=>[\1,\2])"
    r".forEach(([\1,goesOn])=>{\1.tabIndex=goesOn?0:-1})},{rootMargin:'100%'});"
    r"near.unobserve(\1);near.observe(\1)})"
)

# Outside of the chapters figures are counted through all pages together: the number says nothing.
STRAY_NUMBER = re.compile(r'<span class="caption-number">Figure \d+ </span>')
# The name of a program in a heading, which on a phone may be wider than the page, may wrap in it.
HEADING = re.compile(r"<h\d>.*?</h\d>", re.DOTALL)
UNDERSCORE = re.compile(r"_(?=\w)(?![^<]*>)")
# The theme writes it three times; this matches all but the last.
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\s*(?=.*<meta name="viewport")', re.DOTALL)
SOURCE = re.compile(r'(?<![\w-])src="([^"]+)"')


def without_needless(page):
    """Return a page without the scripts and links of the theme that it has no use for."""
    page = SCRIPT.sub(lambda match: wanted_script(match, page), page)
    return VIEWPORT.sub("", UNWANTED_LINK.sub("", page))


def wanted_script(match, page):
    """Return a script, to be run when the page is there; nothing when the page needs it not."""
    script, attributes, _ = match.group(0, 1, 2)
    if UNWANTED_SCRIPT.search(script):
        return ""
    address = SOURCE.search(attributes)
    if not address:
        return script
    name = address.group(1).partition("?")[0].rpartition("/")[2]
    if NEEDED_BY.get(name, "") not in page:
        return ""
    if name == FIRST_SCRIPT or WAITING.search(attributes):
        return script
    return script.replace("<script", "<script defer", 1)


def mended(page):
    """Return a page without the faults of the theme."""
    for found, instead in MENDED:
        page = page.replace(found, instead)
    page = HEADING.sub(lambda found: UNDERSCORE.sub("_<wbr>", found.group()), page)
    return STRAY_NUMBER.sub("", page)


def mended_script(text):
    """Return the script of a site without the fault of the theme's own."""
    return MEASURED.sub(WHEN_NEAR, text)
