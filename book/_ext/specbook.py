"""Sphinx extension of the book: pages that need no third party and stay light.

After Sphinx has written the site, every page is finished once more:

* sound and pictures embedded in HTML outputs (`data:` URLs) become files in `_media/`, named by
  their content, so that a page loads at once and its media when they are wanted;
* the loader of thebe (run code on a remote server), and any other script or link that would
  ask another host, is removed;
* the state of ipywidgets is removed: without a kernel their controls would be dead.

MathJax comes from the package sphinx-mathjax-offline, of which only what TeX input with HTML
output can ask for is copied.
"""

import base64
import hashlib
import importlib.util
import os
import re
import shutil
import struct
from pathlib import Path

MEDIA = "_media"
MATHJAX_PARTS = ("tex-chtml.js", "a11y", "input/tex", "output/chtml", "sre", "ui")

DATA_URL = re.compile(r'src="data:(audio/wav|audio/x-wav|image/png);base64,([A-Za-z0-9+/=\s]+)"')
SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>\s*", re.DOTALL)
UNWANTED_SCRIPT = re.compile(
    r'src="(https?:)?//|thebe|kernelName|application/vnd\.jupyter\.widget', re.IGNORECASE
)
UNWANTED_LINK = re.compile(
    r'<link\b(?=[^>]*(?:href="(?:https?:)?//|sphinx-thebe))[^>]*>\s*', re.IGNORECASE
)
AUDIO = re.compile(r"<audio\b(?![^>]*\bpreload=)")
IMAGE = re.compile(r"<img\b(?![^>]*\bloading=)")


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", copy_mathjax)
    app.connect("build-finished", finish_site)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def copy_mathjax(app):
    """Copy the parts of MathJax that a page of this book can ask for."""
    if app.builder.format != "html":
        return
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        copy_once(package / "static" / "mathjax" / part, target / part)


def copy_once(source, target):
    """Copy a file or a folder that does not change, unless it is there."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)


def finish_site(app, exception):
    """Finish every page and lead the site's root to the first one."""
    if exception or app.builder.format != "html":
        return
    outdir = Path(app.outdir)
    for path in sorted(outdir.rglob("*.html")):
        finish_page(path, outdir)
    redirect(outdir, app.config.root_doc, app.config.html_title)


def finish_page(path, outdir):
    """Finish one page in place; a page that is finished already stays as it is."""
    page = path.read_text(encoding="utf-8")
    finished = SCRIPT.sub(wanted_script, page)
    finished = UNWANTED_LINK.sub("", finished)
    finished = DATA_URL.sub(lambda match: stored_media(match, path, outdir), finished)
    finished = AUDIO.sub('<audio preload="none"', finished)
    finished = IMAGE.sub('<img loading="lazy"', finished)
    if finished != page:
        path.write_text(finished, encoding="utf-8", newline="\n")


def wanted_script(match):
    """Return a script as it is, or nothing when it asks another host or feeds dead controls."""
    return "" if UNWANTED_SCRIPT.search(match.group()) else match.group()


def stored_media(match, page, outdir):
    """Write an embedded sound or picture to a file; return the attributes that point to it."""
    kind, text = match.groups()
    data = base64.b64decode(text)
    suffix = ".png" if kind == "image/png" else ".wav"
    target = outdir / MEDIA / (hashlib.sha256(data).hexdigest()[:16] + suffix)
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
    url = os.path.relpath(target, page.parent).replace(os.sep, "/")
    return f'src="{url}"' + (size_attributes(data) if suffix == ".png" else "")


def size_attributes(png):
    """Return width and height of a PNG, with which a page does not jump when it loads."""
    width, height = struct.unpack(">II", png[16:24])
    return f' width="{width}" height="{height}"'


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
