"""The finishing of one page.

* Sounds and pictures become files in `_media/`, as light as they can be (`media`), so that a page
  loads at once and its media when they are wanted;
* live figures share one program and the bundled clips (`live`), and those to take hold of
  (`figures`) their parts;
* native players that a script of the page replaces stand in a `<noscript>`;
* what the page does not need of its theme goes (`theme`).

What concerns all pages together is left to `site`: one style sheet with the rules that they use
(`styles`), one script (`scripts`), and a policy that lets a page load from its own site only
(`policy`).
"""

import base64
import os
import re

from finish import figures, live
from finish.media import Media, PageSounds
from finish.theme import SOURCE, mended, without_needless
from specdemo.live.players import PLAYER_CSS

STATIC, MEDIA = "_static", "_media"

IMAGE, AUDIO = re.compile(r"<img\b[^>]*>"), re.compile(r"<audio\b[^>]*>")
# Players that a script of the page replaces, and the native player that each of them holds.
REPLACED = re.compile(r'<figure class="sd-(?:listen|explorer)".*?</figure>', re.DOTALL)
NATIVE = re.compile(r"<audio\b(?=[^>]* controls)[^>]*></audio>")
UNTIL_IT_IS_WANTED = re.compile(r' (?:controls|src="[^"]*")(?=[ >])')
FOR_SCRIPTS = re.compile(r' data-[\w-]+="[^"]*"')
DATA_URL = re.compile(r"data:(?:audio|image)/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)")
NOTEBOOK_IMAGE = re.compile(r"(?:\.\./)*(_images/[^/]+\.png)")


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
    page = figures.with_shared_files(page, outdir / STATIC, media.folder, relative)
    page = mended(without_needless(page))
    page = page.replace(f"<style>{PLAYER_CSS}</style>", "")
    page = IMAGE.sub(lambda match: finished_image(match.group(), outdir, media, relative), page)
    sounds = PageSounds()
    page = AUDIO.sub(lambda match: finished_audio(match.group(), sounds, media, relative), page)
    return REPLACED.sub(lambda match: with_quiet_players(match.group()), page)


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
    if "loading=" not in tag:
        tag = with_attribute(tag, 'loading="lazy"')
    # What a notebook drew can be opened by itself, and is moved along where the page is narrow.
    return (
        f'<a class="sd-picture" href="{relative(stored)}">{tag}</a>'
        if NOTEBOOK_IMAGE.fullmatch(address)
        else tag
    )


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
