"""The pictures that figures start with, in outline: which shapes and words there are, and where.

    .venv/bin/python tests/figures/starts.py

writes `starts.json` anew, when a picture has changed on purpose; look at it before.
"""

import base64
import json
import re
import sys
from pathlib import Path

import numpy as np
from bs4 import BeautifulSoup

import specdemo as sd
from specdemo.live.still import still

STARTS = Path(__file__).with_suffix(".json")
# Bytes of a BMP with a palette before its cells.
HEADER = 14 + 40 + 4 * 256
STEP = re.compile(r"([MLHVh])([-\d. ]*)")


def outline(name):
    """What a start picture shows: its size, its words, its handles, its shapes by their class, its cells."""
    figure = sd.Figure(name)
    values = {trait: getattr(figure, trait) for trait in figure.names()}
    picture = still(name, figure.x, figure.sr, values, figure.model)
    (svg,) = BeautifulSoup(picture, "html.parser")("svg")
    shapes = {}
    for one in svg(["path", "rect", "circle"]):
        # A curve that is not there yet, such as a trail, has no points.
        if one.get("d") != "":
            kind = " ".join([one.name, *one.get("class", [])])
            shapes.setdefault(kind, []).append(box(one))
    return {
        "size": [float(v) for v in svg["viewbox"].split()],
        "words": [[one.text, float(one["x"]), float(one["y"])] for one in svg("text")],
        "shapes": {kind: [len(boxes), *around(boxes)] for kind, boxes in shapes.items()},
        "cells": [cells(one["href"]) for one in svg("image")],
    }


def box(shape):
    """The left, upper, right and lower end of a shape."""
    if shape.name == "path":
        return around([(x, y, x, y) for x, y in points(shape["d"])])
    if shape.name == "circle":
        x, y, r = (float(shape[key]) for key in ("cx", "cy", "r"))
        return x - r, y - r, x + r, y + r
    x, y, width, height = (float(shape[key]) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def points(d):
    """The points of a path."""
    x = y = 0.0
    for step, text in STEP.findall(d):
        numbers = [float(v) for v in text.split()]
        if step == "H":
            (x,) = numbers
        elif step == "h":
            x += numbers[0]
        elif step == "V":
            (y,) = numbers
        else:
            x, y = numbers
        yield x, y


def around(boxes):
    """The box around all boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return [round(v, 1) for v in (min(left), min(top), max(right), max(bottom))]


def cells(address):
    """The mean of the cells of a spectrogram."""
    data = np.frombuffer(base64.b64decode(address.split(",")[1]), np.uint8)
    return round(float(data[HEADER:].mean()), 1)


def main():
    """Write all outlines, a line for each figure."""
    from specdemo.live.figures import KINDS

    lines = [f"{json.dumps(made.kind)}: {json.dumps(outline(made.kind))}" for made in KINDS]
    STARTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
