"""One script for the whole site.

The theme, the extensions and the book bring a dozen scripts. A page is ready (DOMContentLoaded) when
the last of them has come and has run; asking for each by itself takes longer than all else that a
page does until then. They are joined in their order. What one page alone needs stays apart, such as the
search. The options of Sphinx, for which the inline scripts of a page cannot wait, become one of those.
"""

import hashlib
import re
from graphlib import TopologicalSorter
from itertools import pairwise

from finish.styles import is_newest
from finish.theme import FIRST_SCRIPT, OF_ONE_PAGE, mended_script

FILE = "site.js"

TAG = re.compile(
    r'<script\b[^>]*\bsrc="((?:\.\./)*_static/)([^"?]+\.js)[^"]*"[^>]*></script>\s*', re.DOTALL
)
WAITS = re.compile(r"<script\b[^>]*\bdefer\b")
MARK = "<!-- script -->"
JOINED = re.compile(r'<script\b[^>]*_static/site\.js[^>]*\bdata-from="([^"]+)"[^>]*>')
# As Sphinx links it, and as it stands here in a page that was finished in an earlier build.
OPTIONS = re.compile(
    rf'<script (?:src="[^"]*{re.escape(FIRST_SCRIPT)}[^"]*"|data-from="{re.escape(FIRST_SCRIPT)}")>'
    r".*?</script>",
    re.DOTALL,
)


def write_script(static, pages):
    """Write the script of a site.

    Parameters
    ----------
    static : Path
        The site's `_static` folder.
    pages : list of str
        Text of every page.

    Returns
    -------
    Script
    """
    names = in_order(map(parts, pages))
    text = joined((static / name).read_text(encoding="utf-8") for name in names)
    (static / FILE).write_text(text, encoding="utf-8", newline="\n")
    options = (static / FIRST_SCRIPT).read_text(encoding="utf-8").strip()
    return Script(names, hashlib.sha256(text.encode()).hexdigest()[:8], options)


class Script:
    """The script of a site: the names of its parts, its version, and the options of Sphinx."""

    def __init__(self, names, version, options):
        self.names, self.version, self.options = names, version, options

    def linked(self, page):
        """Return a page that loads this script in place of its parts."""
        inline = f'<script data-from="{FIRST_SCRIPT}">{self.options}</script>'
        page = OPTIONS.sub(lambda _: inline, page)
        first = next((tag for tag in TAG.finditer(page) if is_part(tag) or is_joined(tag)), None)
        if not first:
            return page
        tag = (
            f'<script defer src="{first.group(1)}{FILE}?v={self.version}" '
            f'data-from="{" ".join(self.names)}"></script>\n'
        )
        page = page[: first.start()] + MARK + page[first.end() :]
        return TAG.sub(lambda tag: "" if is_part(tag) else tag.group(), page).replace(MARK, tag)


def is_current(static):
    """Whether the site's script is there, and no other is newer."""
    return is_newest(static / FILE)


def parts(page):
    """Return the names of the scripts of a page that are joined, in their order.

    A page that was finished in an earlier build loads the joined one, which tells its parts.
    """
    earlier = JOINED.search(page)
    if earlier:
        return earlier.group(1).split()
    return [tag.group(2) for tag in TAG.finditer(page) if is_part(tag)]


def is_part(tag):
    """Whether the script of a tag is joined with others: it waits for the page, as they do."""
    name = tag.group(2)
    return bool(WAITS.match(tag.group())) and name != FILE and name not in OF_ONE_PAGE


def is_joined(tag):
    """Whether a tag loads the joined script."""
    return tag.group(2) == FILE


def in_order(lists):
    """Return all names of some lists, each behind those that it stands behind in any list."""
    order = TopologicalSorter()
    for names in lists:
        for name in names:
            order.add(name)
        for before, after in pairwise(names):
            order.add(after, before)
    return list(order.static_order())


def joined(texts):
    """Return one script that does what several do, without the fault of the theme's.

    The first semicolon keeps a "use strict" of the first from becoming one of all; the others end
    what a script leaves open at its end.
    """
    return mended_script(";\n" + "\n;\n".join(text.strip() for text in texts) + "\n")
