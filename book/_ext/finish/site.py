"""The finishing of a site that Sphinx has written: its pages, its style sheet and script, its root."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from finish import code, scripts, styles
from finish.media import Media
from finish.page import MEDIA, STATIC, finish_page
from finish.policy import handlers, with_policy
from finish.theme import FIRST_SCRIPT
from pages import formulas
from specdemo.live import figure
from specdemo.live.players import PLAYER_CSS

CODE_SHEET = "pygments.css"
UNUSED_FILES = ("scripts/*.map", "scripts/fontawesome.js", "styles/*.map")


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
    text = text.replace(
        "SHOW_SEARCH_SUMMARY: true", 'SHOW_SEARCH_SUMMARY: location.protocol !== "file:"'
    )
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
    static = outdir / STATIC
    marks = code.unseen((static / CODE_SHEET).read_text(encoding="utf-8"))

    def finish(path):
        page = code.with_prose_marked(finish_page(written[path], path, outdir))
        return code.with_lines_marked(code.without_marks(page, marks))

    # Nearly all of the work is the encoding of pictures and sounds, during which other threads go on.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        finished = dict(zip(paths, threads.map(finish, paths), strict=True))
    if finished == written and styles.is_current(static) and scripts.is_current(static):
        return
    texts = list(finished.values())
    formulas.write_font(texts, static / "math.woff")
    script = scripts.write_script(static, texts)
    sheet = styles.write_sheet(static, texts, PLAYER_CSS + figure.style())
    allowed = handlers(texts)
    for path, page in finished.items():
        page = with_policy(sheet.linked(script.linked(page)), allowed)
        if page != written[path]:
            path.write_text(page, encoding="utf-8", newline="\n")
    remove_unused(outdir, texts)


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
