"""One style sheet for the whole site, holding only rules that a page can use.

The theme and the extensions bring ten style sheets of half a megabyte, most of it Bootstrap and
icons. They are joined in their order, without the rules for classes that occur in no page and in
no script; the icon font keeps the icons that are left.
"""

import hashlib
import posixpath
import re

import tinycss2

from finish.fonts import subset_font

SHEET = "site.css"
ICON_FONT, ICON_FONT_FILE = "vendor/fontawesome/webfonts/fa-solid-900.ttf", "icons.woff"
# Scripts put these names together from parts.
COMPOSED = ("bs-tooltip-",)

LINK = re.compile(r'<link\b[^>]*\bhref="((?:\.\./)*_static/)([^"?]+\.css)[^"]*"[^>]*>\s*')
MARK = "<!-- style sheet -->"
JOINED = re.compile(r'<link\b[^>]*_static/site\.css[^>]*\bdata-from="([^"]+)"[^>]*>')
IMPORT = re.compile(r"""@import\s+(?:url\()?["']?([^"')]+)["']?\)?\s*;""")
CHARSET = re.compile(r'@charset\s+"[^"]*";')
URL = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')?#]+)[^)]*\)""")
WORD = re.compile(r"[\w-]+")
# What WebKit knows by its own name only: that text may not be selected, and a line under text together
# with its style.
WEBKITS = re.compile(r"(?<![\w-])(?:user-select\s*:[^;]+|text-decoration\s*:\s*[\w-]+\s+\w[^;]*)")
ICON = re.compile("[\ue000-\uf8ff]")
ESCAPED_ICON = re.compile(r"\\([ef][0-9a-fA-F]{3})\b")


def write_sheet(static, pages, more=""):
    """Write the style sheet of a site.

    Parameters
    ----------
    static : Path
        The site's `_static` folder.
    pages : list of str
        Text of every page.
    more : str
        Rules that come before all others.

    Returns
    -------
    Sheet
    """
    names = sheets(pages)
    text = "\n".join(pages)
    scripts = [path for path in static.rglob("*.js") if path.name in text]
    words = set(WORD.findall(text))
    words.update(*(WORD.findall(path.read_text(encoding="utf-8")) for path in scripts))
    rules = parse("\n".join([more, *(joined(static, name) for name in names)]))
    css = with_icons('@charset "UTF-8";\n' + serialize(rules, words), static)
    (static / SHEET).write_text(css, encoding="utf-8", newline="\n")
    return Sheet(names, hashlib.sha256(css.encode()).hexdigest()[:8])


class Sheet:
    """The style sheet of a site: the names of its parts, and its version."""

    def __init__(self, names, version):
        self.names, self.version = names, version

    def linked(self, page):
        """Return a page that links this sheet in place of its parts."""
        first = LINK.search(page)
        if not first:
            return page
        tag = (
            f'<link rel="stylesheet" href="{first.group(1)}{SHEET}?v={self.version}" '
            f'data-from="{" ".join(self.names)}">\n'
        )
        return LINK.sub("", page[: first.start()] + MARK + page[first.end() :]).replace(MARK, tag)


def is_current(static):
    """Whether the site's style sheet is there, and no other is newer."""
    return is_newest(static / SHEET)


def is_newest(path):
    """Whether a file is there, and none of its kind in its folder and below is newer."""
    return path.exists() and all(
        other.stat().st_mtime <= path.stat().st_mtime
        for other in path.parent.rglob(f"*{path.suffix}")
    )


def sheets(pages):
    """Return the names of the style sheets that pages link, in their order.

    A page that was finished in an earlier build links the joined one, which tells its parts.
    """
    names = {}
    for page in pages:
        earlier = JOINED.search(page)
        found = earlier.group(1).split() if earlier else [name for _, name in LINK.findall(page)]
        names |= dict.fromkeys(name for name in found if name != SHEET)
    return list(names)


def joined(static, name):
    """Return a style sheet with what it imports, its addresses relative to `static`."""
    text = CHARSET.sub("", (static / name).read_text(encoding="utf-8"))
    folder = posixpath.dirname(name)

    def moved(path):
        return posixpath.normpath(posixpath.join(folder, path))

    text = URL.sub(lambda match: f'url("{moved(match.group(1))}")', text)
    return IMPORT.sub(lambda match: joined(static, moved(match.group(1))), text)


def parse(css):
    """Parse the rules of a style sheet or of a block."""
    return tinycss2.parse_rule_list(css, skip_comments=True, skip_whitespace=True)


def serialize(rules, words):
    """Write the rules that can apply to a page made of `words`."""
    return "".join(written(rule, words) for rule in rules)


def written(rule, words):
    """Write one rule, or nothing when no page can use it."""
    if rule.type == "error":
        raise ValueError(f"line {rule.source_line} of the style sheets: {rule.message}")
    if rule.type == "at-rule":
        return written_at_rule(rule, words)
    selectors = [
        tinycss2.serialize(selector).strip()
        for selector in split(rule.prelude)
        if is_usable(selector, words)
    ]
    body = tinycss2.serialize(declarations(rule.content)).strip()
    body = WEBKITS.sub(lambda match: f"-webkit-{match.group()};{match.group()}", body)
    return f"{','.join(selectors)}{{{body}}}\n" if selectors and body else ""


def written_at_rule(rule, words):
    """Write an at-rule: conditions around rules are looked into, others are kept."""
    if rule.lower_at_keyword == "font-face" and "fontawesome" in rule.serialize():
        return ""
    if rule.lower_at_keyword not in ("media", "supports", "container", "layer"):
        return rule.serialize() + "\n"
    if rule.content is None:
        return rule.serialize() + "\n"
    inner = serialize(parse(rule.content), words)
    return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}\n" if inner else ""


def declarations(tokens):
    """Return the content of a rule without its comments."""
    return [token for token in tokens if token.type != "comment"]


def split(prelude):
    """Split a list of selectors at its commas."""
    selectors = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        elif token.type != "comment":
            selectors[-1].append(token)
    return selectors


def is_usable(selector, words):
    """Whether every class and id of a selector occurs; what stands in brackets is not asked."""
    return all(
        name.startswith(COMPOSED) or all(word in words for word in WORD.findall(name))
        for name in required_names(selector)
    )


def required_names(selector):
    """Return the classes and ids of a selector."""
    before = [None, *selector]
    for previous, token in zip(before, selector, strict=False):
        if token.type == "hash" or (token.type == "ident" and previous == "."):
            yield token.value


def with_icons(css, static):
    """Cut the icon font down to the icons of a style sheet, and declare it."""
    icons = {*ICON.findall(css), *(chr(int(code, 16)) for code in ESCAPED_ICON.findall(css))}
    if not icons:
        return css
    font = subset_font(static / ICON_FONT, icons)
    (static / ICON_FONT_FILE).write_bytes(font)
    return css + (
        '@font-face{font-family:"Font Awesome 6 Free";font-style:normal;font-weight:900;'
        f'font-display:block;src:url("{ICON_FONT_FILE}") format("woff")}}\n'
    )
