"""Code of the pages, marked where a mark is seen, and what it prints, marked where it is prose.

A long line of code has a mark of its own: where it must wrap, it goes on to the right of where it began,
so that it is not taken for the next line.

Pygments marks every name, bracket and space: two of three elements of a chapter, and the half of them
in the colour that code has anyway. A page without those looks the same and is laid out sooner.
"""

import html
import re

RULE = re.compile(
    r'^html\[data-theme="(?P<theme>\w+)"\] \.highlight(?: \.(?P<name>\w+))? \{(?P<body>[^}]*)\}',
    re.MULTILINE,
)
COLOUR = re.compile(r"(?:^|;)\s*color:\s*(#\w+)")
ONLY_COLOUR = re.compile(r"\s*color:\s*(#\w+);?\s*")
PRINTED = re.compile(
    r'<div class="(output (?:stream|text_plain)[^"]*)"><div class="highlight"><pre>(.*?)</pre>',
    re.DOTALL,
)
# Words that stand above each other.
COLUMNS = re.compile(r"\S {2,}\S")
PROSE = " sd-prose"
CODE = re.compile(r'<div class="highlight"><pre>.*?</pre>', re.DOTALL)
WRAPPED = re.compile(
    r'(<div class="(?:doctest )?highlight-(?:ipython3|python|default|bash|sh) [^"]*">'
    r'<div class="highlight"><pre>)(.*?)(?=</pre>)',
    re.DOTALL,
)
LINE = '<span class="sd-line" style="--indent: '
MARK = re.compile(r"<[^>]*>")
# Characters that fit on a line of the narrowest telephone, of 320 pixels.
NARROW = 28
# A line that holds a word of 20 characters or more may wrap after its brackets.
LONG = re.compile(r"\S{20}")
BRACKET = re.compile(r"[(\[]")
# Between its indent and its first word a line must not be parted.
BEGINNING = re.compile(r"^ +[^ <&]")


def unseen(css):
    """Return the classes of code that have the colour of all code, under every theme.

    Parameters
    ----------
    css : str
        The style sheet of the code, as the theme writes it.

    Returns
    -------
    frozenset of str
        Classes that the sheet does not name are left out: they may mean something to others.
    """
    themes = {}
    for theme, name, body in RULE.findall(css):
        themes.setdefault(theme, {})[name] = body
    return frozenset.intersection(*map(like_all, themes.values())) if themes else frozenset()


def like_all(rules):
    """Return the classes whose rule says the colour of all code, and nothing else."""
    base = COLOUR.search(rules.pop("", ""))
    only = {name: ONLY_COLOUR.fullmatch(body) for name, body in rules.items()}
    return frozenset(
        name for name, found in only.items() if base and found and found.group(1) == base.group(1)
    )


def without_marks(page, names):
    """Return a page whose code has no marks of these classes, and none that are empty."""
    if not names:
        return page
    mark = re.compile(rf'<span class="(?:{"|".join(sorted(names))})">([^<]*)</span>|<span></span>')
    return CODE.sub(lambda code: mark.sub(lambda m: m.group(1) or "", code.group()), page)


def with_prose_marked(page):
    """Return a page where what was printed is marked if it may wrap, since it has no columns."""

    def marked(printed):
        kind, text = printed.groups()
        if PROSE in kind or COLUMNS.search(text):
            return printed.group()
        return printed.group().replace(kind, kind + PROSE, 1)

    return PRINTED.sub(marked, page)


def with_lines_marked(page):
    """Return a page where long lines of code have a mark that says how far they are indented.

    The line's end stays inside, so that the text of the code, which is what is copied, is the same.
    """

    def marked(found):
        start, code = found.groups()
        if LINE in code:
            return found.group()
        return start + "".join(map(line_marked, code.splitlines(keepends=True)))

    return WRAPPED.sub(marked, page)


def line_marked(line):
    """Return a line of code with its mark, if it is long."""
    text = html.unescape(MARK.sub("", line)).rstrip("\n")
    if len(text) <= NARROW:
        return line
    if LONG.search(text):
        line = BRACKET.sub(r"\g<0><wbr>", line)
        line = BEGINNING.sub(r'<span class="sd-whole">\g<0></span>', line)
    return f'{LINE}{len(text) - len(text.lstrip(" "))}">{line}</span>'
