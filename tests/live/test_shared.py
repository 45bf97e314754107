"""What Python and JavaScript both know: read from the JavaScript by Node, and compared."""

import json
import subprocess
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from node import find_node
from specdemo import _frames, mel, metrics, phase, timescale
from specdemo.formats import bounds
from specdemo.live import Explorer, players, widget
from specdemo.mel import inverse

SCRIPT = Path(__file__).parent / "node" / "shared.mjs"
TRAITS = Explorer.class_traits()
# Settings of what is seen: the mathematics do not know them.
DISPLAY = {"axis", "colormap", "range_db"}


@pytest.fixture(scope="module")
def known():
    """What the JavaScript says."""
    node, passed_over = find_node()
    if node is None:
        pytest.skip(" ".join(["there is no Node", *passed_over]))
    run = subprocess.run([node, str(SCRIPT)], capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_every_setting_has_a_control_and_every_step_a_face(known):
    assert tuple(known["settings"]) == widget._settings()
    assert tuple(known["steps"]) == widget.STEPS
    for step, names in known["faces"].items():
        assert set(names) <= set(known["settings"]), step


def test_what_a_step_presets_is_among_its_controls_or_those_of_all_steps(known):
    for step, preset in widget.PRESETS.items():
        assert set(preset) <= {*known["faces"][step], *known["faces"]["staircase"]}, step


def test_choices_are_the_same(known):
    expected = {
        "window": widget.WINDOWS,
        "mel_scale": widget.SCALES,
        "start": widget.STARTS,
        "refine": widget.REFINEMENTS,
        "axis": widget.AXES,
        "colormap": widget.COLORMAPS,
    }
    assert {name: tuple(words) for name, words in known["options"].items()} == expected
    assert {name: tuple(words) for name, words in known["choices"].items()} == {
        name: words for name, words in expected.items() if name not in DISPLAY
    }
    assert tuple(known["windows"]) == widget.WINDOWS


def test_choices_are_words_of_the_package():
    assert set(widget.SCALES) == set(mel.SCALES)
    assert set(widget.STARTS) - {"original"} <= set(phase.STARTS)
    assert set(widget.REFINEMENTS) <= set(phase.REFINEMENTS)


def test_a_link_may_set_nothing_that_python_refuses(known):
    figure = Explorer()
    for name, ends in known["limits"].items():
        for value in ends:
            setattr(figure, name, value)


def test_least_whole_numbers_are_the_same(known):
    for name, least in known["least_whole"].items():
        figure = Explorer(**{name: least})
        with pytest.raises(ValueError, match=name):
            setattr(figure, name, least - 1)


def test_defaults_are_those_of_the_mathematics(known):
    assert known["defaults"] == {name: TRAITS[name].default_value for name in known["defaults"]}
    assert set(known["defaults"]) == set(known["settings"]) - DISPLAY


def test_numbers_are_the_same(known):
    assert known["numbers"] == {
        "LOWEST_DB": TRAITS["threshold_db"].default_value,
        "BEST_DB": metrics.BEST_DB,
        "NOLA_TOLERANCE": _frames.NOLA_TOLERANCE,
        "ESTIMATE_FLOOR": _frames.ESTIMATE_FLOOR,
        "EM_FLOOR": inverse.EM_FLOOR,
        "CORRECTION_FLOOR": inverse.CORRECTION_FLOOR,
        "LOG_FLOOR": timescale.LOG_FLOOR,
        "SLACK": bounds.SLACK,
        "ONE_STRAY_IN": bounds.ONE_STRAY_IN,
        "LOWEST_PLAYED": players.LOWEST_PLAYED,
        "HIGHEST_PLAYED": players.HIGHEST_PLAYED,
        "FILE_SECONDS": widget.LONGEST,
    }


def test_colours_are_matplotlibs(known):
    for name in widget.COLORMAPS:
        expected = matplotlib.colormaps[name](np.arange(256))[:, :3] * 255
        apart = np.abs(np.array(known["colours"][name]) - expected).max()
        assert apart <= 2.5, name  # 2 of 255 between the anchors, and half a one by rounding
