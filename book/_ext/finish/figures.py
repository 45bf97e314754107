"""Figures to take hold of: on the site, their programs and their sounds are files that pages share."""

import base64
import re

from finish.live import WAV, loading, write_sound
from specdemo.live import figure as figures

FILE = "figures.js"

LIBRARY = re.compile(r"<script data-figures>.*?</script>\s*", re.DOTALL)
KIND = re.compile(r'<script data-kind="([\w-]+)">.*?</script>\s*', re.DOTALL)
STYLE = re.compile(r"<style data-figures>.*?</style>", re.DOTALL)
SAMPLES = re.compile(r'data-samples="([^"]*)"')


def with_shared_files(page, static, media, relative):
    """Return a page whose figures load what they share, their own programs, and their sounds.

    Parameters
    ----------
    page : str
    static, media : Path
        Folders of the site's scripts and of its media.
    relative : callable
        Gives the address, as the page names it, of a path.

    Returns
    -------
    str
    """
    loaded = set()

    def first(name, text):
        """The tag that loads a script, where it comes first; each looks for the others by itself."""
        if name in loaded:
            return ""
        loaded.add(name)
        return loading(static / name, text, relative)

    page = LIBRARY.sub(lambda _: first(FILE, figures.library_script()), page)
    page = KIND.sub(lambda m: first(f"figure-{m[1]}.js", figures.kind_script(m[1])), page)
    page = STYLE.sub("", page)
    return SAMPLES.sub(lambda match: shared_samples(match[1], media, relative), page)


def shared_samples(address, media, relative):
    """Return the attribute that names the script with the sound of a figure."""
    embedded = WAV.fullmatch(address)
    if embedded:
        address = relative(write_sound(media, "figure", base64.b64decode(embedded[1])))
    return f'data-samples="{address}"'
