"""The live figure of each step in each browser, over http, and that of a chapter from a disk."""

import pytest
from explorer_tab import STEPS, Explorer

from visit import SIGNATURE

thorough = pytest.mark.thorough
QUICK = [("http", "mel_inversion"), ("file", "inversion")]
PLACES = [
    pytest.param((way, step), id=f"{way}-{step}", marks=() if (way, step) in QUICK else thorough)
    for way, step in [*(("http", step) for step in STEPS), ("file", "inversion")]
]
# The colours, at most three of them, of each canvas that has a size.
COLOURS = """[...view.root.querySelectorAll("canvas")].filter((e) => e.width && e.height).map((e) => {
  const { data } = e.getContext("2d").getImageData(0, 0, e.width, e.height);
  const found = new Set();
  for (const word of new Uint32Array(data.buffer)) if (found.add(word).size === 3) break;
  return found.size;
})"""


class Printed(dict):
    """What Chromium prints for each step; it is asked when nobody has seen it yet."""

    def __init__(self, chromium, base):
        super().__init__()
        self.chromium, self.base = chromium, base

    def __missing__(self, step):
        with self.chromium() as tab:
            self[step] = Explorer(tab, step).open(self.base).numbers
        return self[step]


@pytest.fixture(scope="session")
def printed(chromium, bases):
    """What Chromium prints for each step."""
    return Printed(chromium, bases["http"])


@pytest.fixture(scope="module", params=PLACES)
def explorer(request, browser, bases, printed):
    """An Explorer that has done its work. All tests share it, and leave it as they found it."""
    way, step = request.param
    with browser() as tab:
        explorer = Explorer(tab, step).open(bases[way])
        if (tab.engine, way) == ("chromium", "http"):
            printed[step] = explorer.numbers
        yield explorer
        tab.check()


def test_it_is_there_and_painted_by_a_worker(explorer):
    assert explorer.evaluate(
        "view.runs.engine.worker instanceof Worker && view.runs.engine.answered"
    )
    colours = explorer.evaluate(COLOURS)
    assert len(colours) >= 2 and min(colours) >= 2
    assert not explorer.evaluate("view.root.querySelectorAll('.sd-error, audio').length")


def test_it_finishes_with_the_numbers_of_chromium(explorer, printed):
    numbers = explorer.numbers
    assert all(any(c.isdigit() for c in number) for number in numbers)
    assert numbers == printed[explorer.step]


def test_a_key_changes_the_pictures_and_reset_gives_them_back(explorer):
    before = explorer.evaluate(SIGNATURE)
    explorer.tab.press(
        ".sd-app .sd-control:not(.sd-idle) input[type=range]:not(:disabled)", "ArrowRight"
    )
    explorer.wait()
    changed = explorer.evaluate(SIGNATURE)
    assert changed[0] != before[0] or changed[1] != before[1]
    explorer.tab.click(".sd-app .sd-actions button", "Reset")
    explorer.wait()
    assert explorer.evaluate(SIGNATURE) == before


def test_it_plays_switches_and_pauses(explorer):
    explorer.tab.click(".sd-app .sd-play")
    explorer.until("view.stage.playhead > 0.3")
    for side, other in (("result", "original"), ("original", "result")):
        explorer.tab.click(".sd-app .sd-switch label", side)
        explorer.until(
            f"view.player.nodes.{other}.gain.gain.value === 0"
            f" && view.player.nodes.{side}.gain.gain.value > 0"
        )
    explorer.tab.click(".sd-app .sd-play", "Pause")
    assert not explorer.evaluate("view.player.playing")
    assert explorer.evaluate("view.stage.playhead") > 0.3


def test_what_came_back_is_downloaded(visit, bases):
    """A WAV file of 16 bits a sample, and the page is not left for it."""
    explorer = Explorer(visit, "inversion").open(bases["http"])
    name, data = visit.download(".sd-app .sd-actions button", "Download WAV")
    assert name == "speech-inversion.wav"
    n_samples = explorer.evaluate("view.runs.result.x.length")
    assert data[:4] == b"RIFF" and len(data) == 44 + 2 * n_samples
    assert explorer.evaluate("view.root.dataset.state") == "ready"
