"""Print the built book as one PDF, with Chromium.

    .venv/bin/python tools/pdf.py                  write _build/book.pdf
    .venv/bin/python tools/pdf.py --solutions      with the solutions, unfolded

Build the book first (make pdf does). The pages are joined into one, in the order of the contents,
and printed with the book's own rules for paper (book/_static/print.css). Without Chromium there is
no PDF, and each page can still be printed from any browser.
"""

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import yaml
from bs4 import BeautifulSoup, SoupStrainer

import chromium

ROOT = Path(__file__).resolve().parent.parent
SITE, TARGET = ROOT / "_build" / "html", ROOT / "_build" / "book.pdf"
JOINED = "book-to-print.html"
ADDRESSES = (("a", "href"), ("img", "src"))
PAPER = {
    "format": "A4",
    "print_background": True,
    "prefer_css_page_size": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": '<div style="width:100%;text-align:center;font:8pt sans-serif;color:#555">'
    '<span class="pageNumber"></span></div>',
    "tagged": True,
    "outline": True,
}
NOT_PRINTED = "script, audio, button, .headerlink, .copybtn, template"


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--solutions", action="store_true", help="print what is folded, too")
    options = parser.parse_args(arguments)
    if not (SITE / "index.html").exists():
        print("There is no site to print: run 'make book' first.", file=sys.stderr)
        return 2
    try:
        from playwright import sync_api
    except ImportError:
        return without_chromium()
    (SITE / JOINED).write_text(joined(SITE, pages(), options.solutions), encoding="utf-8")
    try:
        n_pages = printed(sync_api, SITE / JOINED, TARGET)
    except sync_api.Error as error:
        if "xecutable" in str(error):
            return without_chromium()
        raise
    finally:
        (SITE / JOINED).unlink()
    print(f"The book is in {TARGET}: {n_pages} pages, {TARGET.stat().st_size / 1e6:.0f} MB.")
    return 0


def without_chromium():
    """Say what to do on a machine that has no Chromium; that is no failure."""
    print(
        "There is no Chromium on this machine, so no PDF was made. Any browser prints the pages "
        "one by one; on Debian and Ubuntu, 'apt install chromium' adds it."
    )
    return 0


def pages():
    """Return the pages of the book in the order of its contents."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(entry["file"] for part in toc["parts"] for entry in below(part))]


def below(entry):
    """Return the entries of the contents below one, at any depth."""
    for child in entry.get("chapters", entry.get("sections", [])):
        yield child
        yield from below(child)


def joined(site, names, unfold=False):
    """Return one page that holds the text of all others.

    Parameters
    ----------
    site : Path
    names : list of str
        The pages, without ".html".
    unfold : bool
        Whether solutions and other folded parts are opened.

    Returns
    -------
    str
    """
    first = BeautifulSoup((site / f"{names[0]}.html").read_text(encoding="utf-8"), "html.parser")
    sheet = first.select_one("link[rel=stylesheet][href*='site.css']")["href"]
    articles = "\n".join(article(site, name, names, unfold) for name in names)
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-theme="light">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{first.title.get_text(strip=True)}</title>\n"
        f'<link rel="stylesheet" href="{urljoin(names[0], sheet)}">\n'
        "<style>@media print { .bd-article + .bd-article { break-before: page; } }</style>\n"
        f"</head>\n<body>\n{articles}\n</body>\n</html>\n"
    )


def article(site, name, names, unfold):
    """Return the text of a page; its names and addresses hold in the joined page."""
    page = (site / f"{name}.html").read_text(encoding="utf-8")
    text = BeautifulSoup(page, "html.parser", parse_only=SoupStrainer("article")).article
    for tag in text.select(NOT_PRINTED):
        tag.decompose()
    for tag in text.find_all(id=True):
        tag["id"] = anchor(name, tag["id"])
    for kind, attribute in ADDRESSES:
        for tag in text.find_all(kind, attrs={attribute: True}):
            tag[attribute] = moved(tag[attribute], name, names)
    for tag in text.find_all("img"):
        tag["loading"] = "eager"
    for tag in text.find_all("details") if unfold else []:
        tag["open"] = ""
    for tag in [] if unfold else text.select("details:not(.sd-choice), .dropdown"):
        tag.decompose()
    classes = " ".join(["bd-article", *text.get("class", [])])
    return f'<article class="{classes}" id="{anchor(name)}">{text.decode_contents()}</article>'


def anchor(name, within=""):
    """Return the name in the joined page of a page, or of a place within it."""
    return "--".join(filter(None, (re.sub(r"\W", "-", name), within)))


def moved(address, name, names):
    """Return where an address of a page leads from the joined page."""
    if re.match(r"[a-z]+:", address):
        return address
    target, within = urldefrag(urljoin(f"{name}.html", address))
    page = target.removesuffix(".html")
    within = "" if "=" in within else within  # the setting of a figure, and no place
    return f"#{anchor(page, within)}" if page in names and target.endswith(".html") else target


def printed(sync_api, source, target):
    """Print a page as PDF; return how many sheets it takes."""
    with sync_api.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=chromium.installed(), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(source.as_uri())
        page.evaluate("Promise.all([...document.images].map((i) => i.decode().catch(() => {})))")
        page.pdf(path=str(target), **PAPER)
        browser.close()
    return n_sheets(target.read_bytes())


def n_sheets(pdf):
    """Return the number of pages of a PDF as Chromium writes it."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


if __name__ == "__main__":
    sys.exit(main())
