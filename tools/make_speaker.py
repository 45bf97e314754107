"""Make the decoder that the figure `speak` has when it is given no other.

    python tools/make_speaker.py

Chapter 9 is run as far as the decoder whose code is two numbers, without its pictures and its players; then
the weights are written, in 8 bits, to specdemo/live/figures/speak.json. Its last digits depend on the
machine, so nothing compares the file with what is made anew.
"""

from pathlib import Path

import nbformat

from specdemo.live.figures import speak

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = ROOT / "notebooks" / "09_inventing_sound.ipynb"
LAST = "on_a_map"


def main():
    """Run the chapter and write the file."""
    made = run_until(nbformat.read(CHAPTER, as_version=4).cells, LAST)
    text = speak.packed(made["on_a_map"][4:], made["words"], made["held_out"])
    speak.OURS.write_text(text + "\n", encoding="utf-8")
    print(f"{speak.OURS.relative_to(ROOT)}: {len(text)} bytes")


def run_until(cells, name):
    """Run code cells, except those that only show something, until one has made `name`."""
    made = {}
    for cell in cells:
        if cell.cell_type == "code" and "hide-input" not in cell.metadata.get("tags", ()):
            exec(cell.source, made)  # noqa: S102  the project's own chapter
        if name in made:
            return made
    raise ValueError(f"no cell makes {name}")


if __name__ == "__main__":
    main()
