"""Live figures of the pages: their source and their sounds in files that all pages share.

In a notebook a live figure carries everything with it: its program, and its sound as a data: URL.
On the site the program is one script, and every sound a script that is loaded when it is chosen; a
page that was opened from a disk could fetch no other kind of file. The sounds are FLAC: half as
heavy as their samples, and without loss.
"""

import base64
import html
import io
import json
import re
from functools import cache
from pathlib import Path
from threading import Lock

import soundfile

import specdemo
from finish.media import FLAC, digest, encoded
from specdemo.audio.wav import wav_bytes
from specdemo.live import twin
from specdemo.live.players import HIGHEST_PLAYED, LOWEST_PLAYED

FILE, PLAYERS, HEAR = "specdemo.js", "players.js", "hear.js"
CLIPS = "clips"
# Several pages are finished at a time, and none may read what another has written by half.
WRITING = Lock()

PROGRAM = re.compile(r"<script data-specdemo>.*?</script>\s*", re.DOTALL)
SOUNDS = re.compile(r"data-sounds='([^']*)'")
WAV = re.compile(r"data:audio/(?:x-)?wav;base64,([A-Za-z0-9+/=\s]+)")


def write_scripts(app):
    """Write the scripts that pages name, before Sphinx looks at them."""
    if app.builder.format == "html":
        write(Path(app.outdir, "_static", PLAYERS), twin.players_script())
        write(Path(app.outdir, "_static", HEAR), twin.hear_script())


def with_shared_files(page, static, media, relative):
    """Return a page whose live figures load their program and their sounds.

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
    if PROGRAM.search(page):
        # Behind the first figure, which is there when the program comes; it looks for later ones.
        tag = loading(static / FILE, twin.script(), relative)
        page = PROGRAM.sub("", PROGRAM.sub(lambda _: tag, page, count=1))
    return SOUNDS.sub(lambda match: shared_sounds(match.group(1), media, relative), page)


def loading(path, text, relative):
    """Write a script that pages share; return the tag that loads it."""
    write(path, text)
    return f'<script async src="{relative(path)}?v={digest(text.encode())[:8]}"></script>\n'


def shared_sounds(attribute, media, relative):
    """Return the attribute that names the sounds of a figure, with all bundled clips on offer."""
    sounds = json.loads(html.unescape(attribute))
    for name, address in sounds.items():
        embedded = WAV.fullmatch(address)
        if embedded:
            sounds[name] = relative(write_sound(media, name, base64.b64decode(embedded.group(1))))
    for name in specdemo.clips():
        if name not in sounds:
            sounds[name] = relative(write_sound(media, name, bundled(name)))
    text = html.escape(json.dumps(sounds, ensure_ascii=False), quote=False)
    return "data-sounds='" + text.replace("'", "&#x27;") + "'"


@cache
def bundled(name):
    """Return a bundled clip as WAV of 16 bits."""
    x, sr = specdemo.load(name)
    return wav_bytes(x[None], sr)


def write_sound(media, name, wav):
    """Write the script of a sound, under its name when it is a bundled clip; return its path."""
    own = name in specdemo.clips() and wav == bundled(name)
    return write(media / CLIPS / f"{name if own else digest(wav)}.js", sound_script(wav))


@cache
def sound_script(wav):
    """Return the script that hands a sound to the live figures of a page, once it is decoded."""
    sr = int.from_bytes(wav[24:28], "little")
    if not LOWEST_PLAYED <= sr <= HIGHEST_PLAYED:
        x, _ = soundfile.read(io.BytesIO(wav), dtype="float32")
        return twin.sound_script("sound", x, sr)
    flac = base64.b64encode(encoded(wav, FLAC)).decode()
    return SOUND_SCRIPT.format(sr=sr, flac=flac)


# `specdemo.load` promises what lies under the address of the script, and this may be a promise. The
# context has the sound's own rate, so that decoding gives back its samples; some browsers divide the
# positive ones by 32767, which rounding undoes. A rate that no context has to take comes as samples.
SOUND_SCRIPT = """\
specdemo.sounds[document.currentScript.src] = new OfflineAudioContext(1, 1, {sr})
  .decodeAudioData(Uint8Array.from(atob("{flac}"), (c) => c.charCodeAt(0)).buffer)
  .then((sound) => sound.getChannelData(0).map((v) => Math.round(v * 32767.5) / 32768))
  .then((x) => ({{ sr: {sr}, x }}), () => {{ throw new Error("The sound could not be decoded."); }});
"""


def write(path, text):
    """Write a file, unless it is there with the same content; return its path."""
    with WRITING:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    return path
