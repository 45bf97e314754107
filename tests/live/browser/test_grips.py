"""Which handle of a figure a press takes hold of."""

import pytest

from figure_visit import FigureVisit
from figures import ABOUT, NAMES
from untested import some
from visit import visiting

# Pixels beside the middle of a dot, within what is drawn of it.
BESIDE = ((-6, 0), (6, 0), (0, -6), (0, 6), (-4, 4), (4, -4))
# With more handles than these, not each is brought to its ends alone.
FEW = 6
# In these, the reach of one lies over the dot of another.
CROWDED = ("excerpt", "frames", "tradeoff", "many", "cepstrum")

# Dots as [name, x, y] on the screen.
DOTS = """(figure) => [...figure.querySelectorAll(".sd-grip")].map((grip) => {
  const { left, right, top, bottom } = grip.lastElementChild.getBoundingClientRect();
  return [grip.dataset.handle, (left + right) / 2, (top + bottom) / 2];
})"""
# Two handles in one place: an edge that goes across, and one that goes up.
TOGETHER = """(figure) => {
  const { view } = figure, { draw } = view.kind;
  view.kind = { ...view.kind, draw(...given) {
    const drawing = draw(...given), { x, y } = drawing.grips.start;
    Object.assign(drawing.grips.low, { x, y });
    return drawing;
  } };
  view.draw();
}"""


@pytest.fixture
def visit(browser, folder):
    """A page from the disk, as high as a figure; it must end without problems."""
    with visiting(browser, folder.as_uri(), FigureVisit) as visit:
        yield visit


def taken(visit, x, y):
    """The handle that a press takes hold of."""
    mouse = visit.page.mouse
    mouse.move(x, y)
    mouse.down()
    name = visit.page.evaluate("document.activeElement.dataset.handle")
    mouse.up()
    return name


def wrong_presses(visit):
    """The presses on a dot that take hold of another handle, though the dot is the nearest."""
    dots = visit.figure.evaluate(DOTS)
    found = []
    for name, x, y in dots:
        for right, down in BESIDE:
            place = (x + right, y + down)
            far = {n: (a - place[0]) ** 2 + (b - place[1]) ** 2 for n, a, b in dots}
            own = far.pop(name) ** 0.5
            # As near to another, which lies on it, it is anybody's.
            if all(other**0.5 > own + 1 for other in far.values()):
                got = taken(visit, *place)
                if got != name:
                    found.append((name, (right, down), got))
    return found


@pytest.mark.parametrize("name", some(NAMES, *CROWDED))
def test_a_press_on_a_dot_takes_its_handle(visit, name):
    """At the start, and with handles at their ends, one by one and all together."""
    visit.open(name)
    handles = list(ABOUT[name].DRAGS)
    states = [[], *([(handle, key) for handle in handles] for key in ("Home", "End"))]
    if len(handles) <= FEW:
        states += [[(handle, key)] for handle in handles for key in ("Home", "End")]
    faults = {}
    for state in states:
        visit.figure.get_by_role("button", name="Reset").click()
        for handle, key in state:
            visit.press(handle, key)
        visit.settle()
        before = visit.said()
        faults[str(state)] = wrong_presses(visit)
        # What is pressed and not moved stays where it is.
        assert visit.said() == before, state
    assert {state: found for state, found in faults.items() if found} == {}


def test_of_handles_in_one_place_the_one_that_can_go_there_is_taken(visit):
    visit.open("excerpt")
    visit.figure.evaluate(TOGETHER)
    for right, up, handle in ((40, 0, "start"), (0, 8, "low")):
        before, (x, y) = visit.said()[0], visit.middle("start")
        visit.page.mouse.move(x, y)
        visit.page.mouse.down()
        visit.page.mouse.move(x + right, y - up, steps=4)
        visit.page.mouse.up()
        after = visit.said()[0]
        assert [name for name in after if after[name] != before[name]] == [handle]
        assert visit.page.evaluate("document.activeElement.dataset.handle") == handle
