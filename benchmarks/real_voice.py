"""Measure what chapter 8 learns on recordings of real people, which the book cannot bring.

    python benchmarks/real_voice.py one.wav two.wav        write benchmarks/real_voice.json

Chapter 8 is run as far as its four autoencoders, without its pictures and its players. Then the first 8 s of
each recording are described at each price by cosines, by principal components and by the autoencoder: how
far off they are in dB, and at two prices STOI, how much of them can be understood. The record holds
numbers, and the names of the recordings; the chapter prints it.
"""

import argparse
import datetime
import sys
from pathlib import Path

import one_thread  # noqa: F401

# isort: split
import nbformat

import report
import specdemo as sd

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))
from make_speaker import run_until  # noqa: E402

CHAPTER = ROOT / "notebooks" / "08_autoencoder.ipynb"
RECORD = Path(__file__).with_name("real_voice.json")
LAST = "models"
DESCRIPTIONS = ("cosines", "components", "autoencoder")
N_UNDERSTOOD = (16, 32)  # numbers of a segment


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=RECORD)
    options = parser.parse_args(arguments)
    missing = [str(path) for path in options.recordings if not path.is_file()]
    if missing:
        print(f"There is no recording {' and no '.join(missing)}.", file=sys.stderr)
        return 2
    chapter = run_until(nbformat.read(CHAPTER, as_version=4).cells, LAST)
    voices = [measured(path, chapter) for path in options.recordings]
    record = {"date": datetime.date.today().isoformat(), "voices": voices}
    options.output.write_text(report.to_json(record), encoding="utf-8", newline="\n")
    for voice in voices:
        print(voice)
    return 0


def measured(path, chapter):
    """How far off each description is at each price, in dB, and how much of it can be understood."""
    from pystoi import stoi

    sr, off = chapter["sr"], chapter["off"]
    x = sd.resample(*sd.load(path, duration=8), sr)
    rows = chapter["segments"](chapter["levels"](x))
    row = {"voice": path.stem, "seconds": round(len(x) / sr, 1), "db": {}, "stoi": {}}
    for n, weights in chapter["models"].items():
        ways = (
            chapter["by_cosines"](rows, n),
            chapter["by_pca"](rows, n),
            chapter["rebuilt"](weights, rows),
        )
        price = str(round(n * sr / 256 / chapter["L"]))
        row["db"][price] = named(off(rows, way) for way in ways)
        if n in N_UNDERSTOOD:
            sounds = [chapter["sound"](chapter["joined"](way)) for way in ways]
            row["stoi"][price] = named(stoi(x[: len(y)], y, sr) for y in sounds)
    return row


def named(values):
    """Numbers of the three descriptions."""
    return {name: round(float(v), 2) for name, v in zip(DESCRIPTIONS, values, strict=True)}


if __name__ == "__main__":
    sys.exit(main())
