"""Which handle of a figure a press takes hold of."""

import pytest

from figure_visit import PHONE, FigureVisit
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


# A handle that goes along with the sound, and the ground on which it is pressed.
WALKING = {"frames": "time", "steps": "tone"}
SOUNDS = "(figure) => figure.view.voice.node?.source.frequency?.value ?? null"


def wait_and_see(visit, handle):
    """The values of a handle in the next half of a second, in which a sound moves it on."""
    values = []
    for _ in range(5):
        visit.page.wait_for_timeout(100)
        values.append(visit.value(handle))
    return values


@pytest.mark.parametrize("name", WALKING)
@pytest.mark.parametrize("way", ["key", "dot", "ground", "drag"])
def test_what_walks_with_the_sound_stays_where_it_is_taken_hold_of(visit, name, way):
    visit.open(name)
    handle = WALKING[name]
    visit.figure.locator(".sd-play").click()
    visit.until("() => document.querySelector('.sd-figure').view.voice.node")
    assert len(set(wait_and_see(visit, handle))) > 1
    box = visit.figure.locator(f"[data-surface={handle}]").bounding_box()
    place = (box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    if way == "key":
        visit.press(handle, "End")
    elif way == "dot":
        # The dot may have gone on by the time.
        while taken(visit, *visit.middle(handle)) != handle:
            pass
    elif way == "ground":
        visit.page.mouse.click(*place)
    else:
        visit.page.mouse.move(box["x"] + 0.3 * box["width"], place[1])
        visit.page.mouse.down()
        visit.page.mouse.move(*place, steps=3)
        visit.page.mouse.up()
    visit.settle()
    values = wait_and_see(visit, handle)
    assert len(set(values)) == 1, "it has gone on"
    if way == "key":
        assert values[0] == float(visit.handle(handle).get_attribute("aria-valuemax"))
    assert visit.figure.locator(".sd-play").get_attribute("aria-pressed") == "true"
    if name == "steps":
        assert abs(visit.figure.evaluate(SOUNDS) - visit.number("tone")) < 2
    # Who plays again sees it go along again.
    visit.figure.locator(".sd-play").click()
    visit.figure.locator(".sd-play").click()
    visit.until("() => document.querySelector('.sd-figure').view.voice.node")
    assert len(set(wait_and_see(visit, handle))) > 1


@pytest.mark.parametrize(("name", "handle"), [("steps", "tone"), ("bank", "place")])
@pytest.mark.parametrize("way", ["key", "dot", "ground", "finger", "swipe"])
def test_what_the_caption_says_to_press_is_heard(browser, folder, name, handle, way):
    """Nothing has sounded before; a finger that moves the page plays nothing."""
    context = PHONE if way in ("finger", "swipe") else {}
    with visiting(browser, folder.as_uri(), FigureVisit, **context) as visit:
        visit.open(name)
        ground = visit.figure.locator(f"[data-surface={handle}]")
        ground.scroll_into_view_if_needed()
        box = ground.bounding_box()
        x, y = box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"]
        assert not visit.figure.evaluate("(figure) => figure.view.voice.node")
        if way == "key":
            visit.press(handle, "ArrowRight")
        elif way == "dot":
            assert taken(visit, *visit.middle(handle)) == handle
        elif way == "ground":
            visit.page.mouse.click(x, y)
        elif way == "finger":
            visit.page.touchscreen.tap(x, y)
        else:
            touch = visit.page.context.new_cdp_session(visit.page)
            for kind, up in (("touchStart", 0), ("touchMove", 20), ("touchMove", 60)):
                points = [{"x": x, "y": y - up}]
                touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            visit.page.wait_for_timeout(300)
            assert not visit.figure.evaluate("(figure) => figure.view.voice.node")
            return
        visit.until("() => document.querySelector('.sd-figure').view.voice.node")
        assert visit.figure.locator(".sd-play").get_attribute("aria-pressed") == "true"
        before = visit.value(handle)
        visit.page.wait_for_timeout(600)
        assert visit.value(handle) == before
