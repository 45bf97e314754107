"""Build the book as a static site.

    .venv/bin/python tools/build.py                      the book, in _build/html
    .venv/bin/python tools/build.py --clip path/to.wav   around a recording of yours

Notebooks are executed only when their code, the package, the clips or the pinned packages
changed; a change of prose renders the page again and nothing else.
"""

import argparse
import asyncio
import hashlib
import html
import json
import os
import re
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import nbformat
from jupyter_book.sphinx import build_sphinx
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from notebooks import client

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
SOURCES = ("_config.yml", "_toc.yml", "book", "notebooks", "audio_samples", "benchmarks")
# Everything that a notebook's outputs depend on, other than its own code.
INGREDIENTS = (
    "specdemo/**/*.py",
    "specdemo/**/*.json",
    "specdemo/**/*.mplstyle",
    # Figures are drawn while a notebook runs, as they are on paper.
    "specdemo/live/figures/*.js",
    "specdemo/live/js/**/*.js",
    "audio_samples/*.wav",
    "audio_samples/*/*.flac",
    "requirements.txt",
    "benchmarks/*.py",
    "benchmarks/results.json",
    "benchmarks/real_voice.json",
)
ASSIGNMENT = re.compile(r'^clip = "speech"', re.MULTILINE)


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clip", type=Path, help="build the book around this recording")
    options = parser.parse_args(arguments)
    if options.clip is None:
        return build(ROOT, BUILD / "html")
    return build_around(options.clip)


def build_around(clip):
    """Build a copy of the book whose chapters use the reader's recording."""
    # `make book CLIP=~/x.wav` hands the ~ over as it is.
    clip = Path(os.path.expanduser(clip))
    if not clip.is_file():
        print(f"Cannot build the book around {clip}: there is no such file.", file=sys.stderr)
        return 2
    try:
        description = describe(clip)
    except Exception as error:  # decoders raise errors of many kinds; each is a sentence here
        print(f"Cannot build the book around {clip}: {error}", file=sys.stderr)
        return 2
    folder = BUILD / "clips" / slug(clip.stem)
    stage(folder / "source")
    use_clip(folder / "source", clip)
    notice = html.escape(f"This copy of the book is built around {description}.")
    return build(folder / "source", folder / "html", notice, ingredients=[clip])


def describe(clip):
    """Say what a recording is; raise when it is none."""
    import specdemo

    x, sr = specdemo.load(clip)
    seconds = x.shape[-1] / sr
    rate = f"{sr:,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{clip.name} ({seconds:.1f} s, {rate} Hz)"


def slug(name):
    """Return a folder name that is valid everywhere."""
    return re.sub(r"[^\w-]+", "-", name).strip("-") or "clip"


def stage(source):
    """Copy the book's sources to a folder, and leave nothing of an earlier copy there."""
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, source / name)


def use_clip(source, clip):
    """Let every parameter cell of a copy of the sources name the recording beside it."""
    for page in [*source.glob("notebooks/*.ipynb"), *source.glob("book/*.md")]:
        set_clip(page, clip.name)
    for folder in ("notebooks", "book"):
        shutil.copyfile(clip, source / folder / clip.name)


def set_clip(page, name):
    """Replace the bundled clip of a page by the file `name`."""
    assignment = f"clip = {json.dumps(name)}"
    if page.suffix == ".md":
        text = page.read_text(encoding="utf-8")
        page.write_text(ASSIGNMENT.sub(lambda _: assignment, text), encoding="utf-8")
        return
    notebook = json.loads(page.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            cell["source"] = ASSIGNMENT.sub(lambda _: assignment, "".join(cell["source"]))
    page.write_text(json.dumps(notebook), encoding="utf-8")


def build(source, site, announcement="", ingredients=()):
    """Build the site of `source` in the folder `site`; return the exit status."""
    site.parent.mkdir(parents=True, exist_ok=True)
    forget_outdated_outputs(site.parent, fingerprint(ingredients))
    shutil.rmtree(site / "reports", ignore_errors=True)
    # Nothing of the reader's own IPython set-up may change the book.
    os.environ["IPYTHONDIR"] = str(BUILD / "ipython")
    print(
        "Building the book; notebooks that changed are executed, which takes a while.", flush=True
    )
    execute_side_by_side(source, site.parent / ".jupyter_cache")
    failed = build_sphinx(
        str(source),
        str(site),
        noconfig=True,
        path_config=str(source / "_config.yml"),
        confoverrides=overrides(source, announcement),
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    if failed:
        return report_failure(site)
    print(f"The book is built. Open {site / 'index.html'}")
    return 0


def execute_side_by_side(source, folder):
    """Execute the notebooks that the cache in `folder` does not hold, as many at a time as there are cores.

    Sphinx takes them from there; by itself it would execute one after the other. It executes again
    what failed here, and says why.
    """
    # The later chapters take longest.
    chapters = sorted(source.glob("notebooks/*.ipynb"), reverse=True)
    pages = [path for path in sorted(source.glob("book/*.md")) if is_notebook(path)]
    # In a thread of its own, since where a loop of events runs, as under a browser's driver, no other can.
    with opened_cache(folder) as cache, ThreadPoolExecutor(1) as own:
        waiting = [path for path in [*chapters, *pages] if not is_in(cache, path)]
        own.submit(asyncio.run, execute_into(cache, waiting)).result()


@contextmanager
def opened_cache(folder):
    """Open the cache of executed notebooks in a folder; its database is closed behind the block."""
    cache = get_cache(folder)
    try:
        yield cache
    finally:
        cache.db.dispose()


def is_notebook(page):
    """Whether a page of Markdown has cells to be executed."""
    return is_myst_markdown_notebook(page.read_text(encoding="utf-8"))


def read(path):
    """Read a notebook, from a page of Markdown as Sphinx does it."""
    if path.suffix == ".md":
        return myst_nb_reader_plugin(str(path))
    return nbformat.read(path, as_version=4)


def is_in(cache, path):
    """Whether a cache holds what a notebook gives."""
    try:
        cache.match_cache_notebook(read(path))
    except KeyError:
        return False
    return True


async def execute_into(cache, paths):
    """Execute notebooks, each in its folder, and put those that have an end into the cache."""
    cores = asyncio.Semaphore(os.cpu_count() or 1)

    async def execute(path):
        notebook = read(path)
        async with cores:
            begun = time.perf_counter()
            try:
                await client(notebook, path.parent).async_execute()
            except (CellExecutionError, CellTimeoutError, DeadKernelError):
                return
            data = {"execution_seconds": time.perf_counter() - begun}
        executed = CacheBundleIn(notebook, str(path), data=data)
        cache.cache_notebook_bundle(executed, check_validity=False, overwrite=True)

    await asyncio.gather(*map(execute, paths))


def overrides(source, announcement):
    """Return the settings that only the caller knows."""
    return {
        "external_toc_path": str(source / "_toc.yml"),
        "latex_individualpages": False,
        "html_theme_options": {"announcement": announcement},
    }


def forget_outdated_outputs(folder, current):
    """Drop the stored outputs and pages when anything that they depend on has changed."""
    record = folder / "fingerprint"
    if record.exists() and record.read_text(encoding="utf-8") == current:
        return
    for stale in (".jupyter_cache", ".doctrees", "jupyter_execute", "html"):
        shutil.rmtree(folder / stale, ignore_errors=True)
    record.write_text(current, encoding="utf-8")


def fingerprint(more=()):
    """Return a digest of the Python and of every ingredient of the notebooks' outputs."""
    digest = hashlib.sha256(sys.version.encode())
    for path in [*(path for pattern in INGREDIENTS for path in sorted(ROOT.glob(pattern))), *more]:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def report_failure(site):
    """Print why notebooks failed, and leave no half of a site; return the exit status."""
    for report in sorted((site / "reports").rglob("*.err.log")):
        name = report.relative_to(site / "reports").as_posix().removesuffix(".err.log")
        print(f"\n{name} failed:\n{report.read_text(encoding='utf-8')}", file=sys.stderr)
    # The next build reads all pages again, and so warns again; it would miss pictures of this one.
    for unfinished in (site.parent / ".doctrees", site):
        shutil.rmtree(unfinished, ignore_errors=True)
    print("The book was not built: see the warnings and errors above.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
