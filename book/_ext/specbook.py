"""Sphinx extension of the book: pages that need no third party and stay light.

Formulas are MathML from the start (`formulas`), quizzes are choices to unfold (`quiz`), the handouts
have drawings (`diagrams`), words of the glossary are linked where they come first (`terms`), and under
the title of a chapter stands how long it takes to read (`reading`). After Sphinx has written the site,
every page is finished once more:

* sounds and pictures become files in `_media/`, as light as they can be (`media`), so that a page
  loads at once and its media when they are wanted;
* live figures share one program and the bundled clips (`live`);
* native players that a script of the page replaces stand in a `<noscript>`;
* scripts that the page has no use for, and any that would ask another host, are removed; the
  others wait until the page is there;
* the style sheets become one, with the rules that the pages use (`styles`);
* a policy allows the page to load from its own site only (`policy`).
"""

import base64
import os
import re
import shutil
import zlib
from functools import partial
from pathlib import Path

import jupyter_cache.executors.utils
import nbclient

from pages import diagrams
from pages import formulas
import launch
from finish import live
from pages import quiz
from pages import reading
from finish import styles
from pages import terms
from finish.media import Media, PageSounds
from finish.policy import handlers, with_policy
from specdemo.plot import PLAYER_CSS

STATIC, MEDIA = "_static", "_media"

SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>\s*", re.DOTALL)
UNWANTED_SCRIPT = re.compile(
    r'src="(https?:)?//|thebe|kernelName|application/vnd\.jupyter\.widget|fontawesome\.js',
    re.IGNORECASE,
)
UNWANTED_LINK = re.compile(
    r'<link\b(?=[^>]*(?:href="(?:https?:)?//|sphinx-thebe|rel="preload"))[^>]*>\s*', re.IGNORECASE
)
# Scripts of the theme, and what a page must hold to need them.
NEEDED_BY = {
    "searchtools.js": 'id="search-results"',
    "language_data.js": 'id="search-results"',
    "searchindex.js": 'id="search-results"',
    "design-tabs.js": "sd-tab-set",
    "clipboard.min.js": 'class="highlight',
    "copybutton.js": 'class="highlight',
    "players.js": "sd-listen",
    "quiz.js": "sd-quiz",
}
# The one script that inline scripts of the theme cannot wait for.
FIRST_SCRIPT = "documentation_options.js"
WAITING = re.compile(r"\b(?:defer|async)\b")
UNUSED_FILES = ("scripts/*.map", "scripts/fontawesome.js", "styles/*.map")

# Faults of the theme: colours that are known only when the page is there already, so that it moves
# and flashes; and what screen readers stumble over: a name that hides the words which say more,
# entries of a list that are no items, a nameless sidebar, an arrow that unfolds it does not say what.
MENDED = (
    ('document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";',
     '{\n      const { mode } = document.documentElement.dataset;\n'
     '      const dark = matchMedia("(prefers-color-scheme: dark)").matches;\n'
     '      document.documentElement.dataset.theme = '
     'mode === "auto" ? (dark ? "dark" : "light") : mode;\n    }'),
    (' aria-label="Toggle hidden content"', ""),
    ('role="doc-biblioentry"', 'role="listitem"'),
    ('<summary><span class="toctree-toggle"',
     '<summary aria-label="Pages under this one"><span class="toctree-toggle"'),
    ('<div id="pst-primary-sidebar" class=',
     '<div id="pst-primary-sidebar" role="region" aria-label="Sidebar" class='),
)

# The theme says it three times: all but the last.
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\s*(?=.*<meta name="viewport")', re.DOTALL)
IMAGE, AUDIO = re.compile(r"<img\b[^>]*>"), re.compile(r"<audio\b[^>]*>")
SOURCE = re.compile(r'(?<![\w-])src="([^"]+)"')
# Players that a script of the page replaces, and the native player that each of them holds.
REPLACED = re.compile(r'<figure class="sd-(?:listen|explorer)".*?</figure>', re.DOTALL)
NATIVE = re.compile(r"<audio\b(?=[^>]* controls)[^>]*></audio>")
UNTIL_IT_IS_WANTED = re.compile(r' (?:controls|src="[^"]*")(?=[ >])')
FOR_SCRIPTS = re.compile(r' data-[\w-]+="[^"]*"')
DATA_URL = re.compile(r"data:(?:audio|image)/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)")
NOTEBOOK_IMAGE = re.compile(r"(?:\.\./)*(_images/[^/]+\.png)")


def setup(app):
    """Connect the extension to Sphinx."""
    for part in (formulas, quiz, diagrams, terms, reading, launch):
        part.setup(app)
    join_what_is_printed()
    # After the theme, which writes the colours of code anew when the build is finished.
    app.connect("build-finished", finish_site, priority=900)
    return {"env_version": source_version(), "parallel_read_safe": True,
            "parallel_write_safe": True}


def join_what_is_printed():
    """Let the text of a cell be stored in one piece, however the kernel has cut it.

    Otherwise myst-nb would end each piece with a line break, and two builds would differ.
    """
    jupyter_cache.executors.utils.executenb = partial(nbclient.execute, coalesce_streams=True)


def source_version():
    """Return a number that changes with these modules: the pages are then written anew."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    return zlib.crc32(b"".join(path.read_bytes() for path in sources))


def finish_site(app, exception):
    """Lead the site's root to its first page, and finish every page."""
    if exception or app.builder.format != "html":
        return
    outdir = Path(app.outdir)
    copy_own_files(app)
    search_without_summaries_from_disk(outdir / STATIC / FIRST_SCRIPT)
    redirect(outdir, app.config.root_doc, app.config.html_title)
    finish_pages(outdir)


def copy_own_files(app):
    """Copy the book's own scripts and styles, which Sphinx does only when a page has changed."""
    own = [folder for folder in app.config.html_static_path if not Path(folder).is_absolute()]
    for folder in own:
        shutil.copytree(Path(app.confdir, folder), Path(app.outdir, STATIC), dirs_exist_ok=True)


def search_without_summaries_from_disk(options):
    """Let the search fetch no pages where it may not: when the site was opened from a disk."""
    text = options.read_text(encoding="utf-8")
    text = text.replace("SHOW_SEARCH_SUMMARY: true", 'SHOW_SEARCH_SUMMARY: location.protocol !== "file:"')
    options.write_text(text, encoding="utf-8", newline="\n")


def redirect(outdir, first_page, title):
    """Write the index.html at the root, where Sphinx has none when the first page lies deeper."""
    index = outdir / "index.html"
    if first_page == "index":
        return
    index.write_text(
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta http-equiv="refresh" content="0; url={first_page}.html">\n'
        f'<a href="{first_page}.html">{title}</a>\n</html>\n',
        encoding="utf-8",
        newline="\n",
    )


def finish_pages(outdir):
    """Finish the pages of a site in place; those that are finished already stay as they are."""
    paths = [path for path in sorted(outdir.rglob("*.html")) if STATIC not in path.parts]
    written = {path: path.read_text(encoding="utf-8") for path in paths}
    finished = {path: finish_page(page, path, outdir) for path, page in written.items()}
    if finished == written and styles.is_current(outdir / STATIC):
        return
    texts = list(finished.values())
    formulas.write_font(texts, outdir / STATIC / "math.woff")
    sheet = styles.write_sheet(outdir / STATIC, texts, PLAYER_CSS)
    allowed = handlers(texts)
    for path, page in finished.items():
        page = with_policy(sheet.linked(page), allowed)
        if page != written[path]:
            path.write_text(page, encoding="utf-8", newline="\n")
    remove_unused(outdir, texts)


def finish_page(page, path, outdir):
    """Return a page with its media in files and without what it has no use for.

    Parameters
    ----------
    page : str
    path, outdir : Path
        Where the page lies, which its addresses are relative to, and where the site does.

    Returns
    -------
    str
    """
    media = Media(outdir / MEDIA)

    def relative(target):
        return os.path.relpath(target, path.parent).replace(os.sep, "/")

    page = live.with_shared_files(page, outdir / STATIC, media.folder, relative)
    page = SCRIPT.sub(lambda match: wanted_script(match, page), page)
    page = UNWANTED_LINK.sub("", page)
    page = VIEWPORT.sub("", page)
    page = page.replace(f"<style>{PLAYER_CSS}</style>", "")
    for found, mended in MENDED:
        page = page.replace(found, mended)
    page = IMAGE.sub(lambda match: finished_image(match.group(), outdir, media, relative), page)
    sounds = PageSounds()
    page = AUDIO.sub(lambda match: finished_audio(match.group(), sounds, media, relative), page)
    return REPLACED.sub(lambda match: with_quiet_players(match.group()), page)


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


def finished_image(tag, outdir, media, relative):
    """Return an <img> whose picture is a light file of known size, loaded when it is wanted."""
    address = SOURCE.search(tag).group(1)
    png = embedded_picture(address, outdir)
    if png is None:
        return tag
    stored, width, height = media.picture(png)
    tag = tag.replace(address, relative(stored))
    if "width=" not in tag:
        tag = with_attribute(tag, f'width="{width}" height="{height}"')
    return tag if "loading=" in tag else with_attribute(tag, 'loading="lazy"')


def embedded_picture(address, outdir):
    """Return the bytes of a picture that a notebook drew; None for any other."""
    data = DATA_URL.fullmatch(address)
    if data:
        return base64.b64decode(data.group(1))
    drawn = NOTEBOOK_IMAGE.fullmatch(address)
    return (outdir / drawn.group(1)).read_bytes() if drawn else None


def finished_audio(tag, sounds, media, relative):
    """Return an <audio> whose sound is a light file, loaded when it is played."""
    address = SOURCE.search(tag)
    data = address and DATA_URL.fullmatch(address.group(1))
    if data:
        wav = base64.b64decode(data.group(1))
        tag = tag.replace(address.group(1), relative(media.sound(wav)))
        reference, gain = sounds.reference(wav)
        script = relative(media.script(reference))
        tag = with_attribute(tag, f'data-script="{script}" data-gain="{gain:.6g}"')
    return tag if "preload=" in tag else with_attribute(tag, 'preload="none"')


def with_quiet_players(figure):
    """Return a figure whose native players are built where no script replaces them.

    A browser builds the panel of every `<audio controls>`, also of one that is never seen: with
    thirty of them that is half of the time in which a page loads. So the player stands in a
    `<noscript>`; before it, an <audio> that is none yet tells the script where the sound lies.
    """
    if "<noscript>" in figure:
        return figure
    return NATIVE.sub(lambda match: quiet_player(match.group()), figure)


def quiet_player(native):
    """Return a player that costs nothing until it is wanted, and the native one without scripts."""
    address = SOURCE.search(native).group(1)
    quiet = UNTIL_IT_IS_WANTED.sub("", native)
    native = FOR_SCRIPTS.sub("", native)
    quiet = with_attribute(quiet, f'data-src="{address}"')
    return f"{quiet}<noscript>{native}</noscript>"


def with_attribute(tag, attribute):
    """Return the opening tag of an element with one attribute more."""
    return re.sub(r"^<\w+", lambda match: f"{match.group()} {attribute}", tag)


def remove_unused(outdir, pages):
    """Remove files that no page refers to any more."""
    text = " ".join(pages)
    Media(outdir / MEDIA).prune(text)
    for pattern in UNUSED_FILES:
        for path in (outdir / STATIC).glob(pattern):
            path.unlink()
    for path in (outdir / "_images").glob("*.png"):
        if path.name not in text:
            path.unlink()
