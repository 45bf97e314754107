"""Which handle of a figure a press takes hold of."""

import numpy as np
import pytest

import specdemo as sd
from figure_visit import FAULTS, PHONE, FigureVisit
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


# Takes down, at the end of each press, which handle is held.
WATCH = """(figure) => {
  const held = [];
  addEventListener("pointerup", () => held.push(document.activeElement.dataset.handle), true);
  figure.taken = () => held.splice(0);
}"""


def wrong_presses(visit):
    """The presses on a dot that take hold of another handle, though the dot is the nearest."""
    dots = visit.ask(DOTS)
    pressed = []
    for name, x, y in dots:
        for right, down in BESIDE:
            place = (x + right, y + down)
            far = {n: (a - place[0]) ** 2 + (b - place[1]) ** 2 for n, a, b in dots}
            own = far.pop(name) ** 0.5
            # As near to another, which lies on it, it is anybody's.
            if all(other**0.5 > own + 1 for other in far.values()):
                visit.page.mouse.click(*place)
                pressed.append((name, (right, down)))
    found = zip(pressed, visit.ask("(figure) => figure.taken()"), strict=True)
    return [(*press, got) for press, got in found if got != press[0]]


@pytest.mark.parametrize("name", some(NAMES, *CROWDED))
def test_a_press_on_a_dot_takes_its_handle(visit, name):
    """At the start, and with handles at their ends, one by one and all together."""
    visit.open(name).ask(WATCH)
    handles = list(ABOUT[name].DRAGS)
    states = [[], *([(handle, key) for handle in handles] for key in ("Home", "End"))]
    if len(handles) <= FEW:
        states += [[(handle, key)] for handle in handles for key in ("Home", "End")]
    faults = {}
    for state in states:
        visit.reset()
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
    visit.ask(TOGETHER)
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


def wait_for_a_move(visit, handle):
    """Wait until a sound moves a handle on, which takes as long as it takes."""
    now = f"document.querySelector('[data-handle={handle}]').getAttribute('aria-valuenow')"
    visit.until(f"(before) => {now} !== before", visit.page.evaluate(now))


def wait_and_see(visit, handle):
    """The values of a handle in the next half of a second, in which a sound would move it on."""
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
    wait_for_a_move(visit, handle)
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
        assert abs(visit.ask(SOUNDS) - visit.number("tone")) < 2
    # Who plays again sees it go along again.
    visit.figure.locator(".sd-play").click()
    visit.figure.locator(".sd-play").click()
    visit.until("() => document.querySelector('.sd-figure').view.voice.node")
    wait_for_a_move(visit, handle)


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
        assert not visit.ask("(figure) => figure.view.voice.node")
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
            assert not visit.ask("(figure) => figure.view.voice.node")
            return
        visit.until("() => document.querySelector('.sd-figure').view.voice.node")
        assert visit.figure.locator(".sd-play").get_attribute("aria-pressed") == "true"
        before = visit.value(handle)
        visit.page.wait_for_timeout(600)
        assert visit.value(handle) == before


def ground_of(visit, name):
    """Where a part of a ground is on the screen, by shares of its width and height."""
    box = visit.figure.locator(f"[data-surface={name}]").bounding_box()
    return lambda right, down: (box["x"] + right * box["width"], box["y"] + down * box["height"])


def test_a_new_piece_is_drawn_beside_the_old_one(visit):
    """And a press there, which draws nothing, changes nothing."""
    visit.open("excerpt")
    place, before, mouse = ground_of(visit, "around"), visit.said()[0], visit.page.mouse
    mouse.click(*place(0.5, 0.2))
    assert visit.said()[0] == before
    for first, last in (((0.2, 0.6), (0.5, 0.1)), ((0.9, 0.05), (0.6, 0.3))):
        mouse.move(*place(*first))
        mouse.down()
        mouse.move(*place(*last), steps=4)
        mouse.up()
        said = visit.said()[0]
        times, heights = sorted([first[0], last[0]]), sorted([1 - first[1], 1 - last[1]])
        wanted = {"start": 4 * times[0], "end": 4 * times[1]}
        wanted |= {"low": 8000 * heights[0], "high": 8000 * heights[1]}
        # Half a step, and a pixel.
        assert said == {
            name: pytest.approx(v, abs=40 if v > 4 else 0.02) for name, v in wanted.items()
        }


def test_a_press_in_the_spectrum_asks_a_bin_for_that_level(visit):
    visit.open("many")
    mouse = visit.page.mouse
    for right, down in ((0.7, 0.3), (0.3, 0.5)):
        x, y = ground_of(visit, "spectrum")(right, down)
        mouse.click(x, y)
        visit.settle()
        dot = visit.middle("pull")
        assert visit.value("frequency") == pytest.approx(4000 * right, abs=12)
        # To a step of the level, or as far as it can be pulled.
        assert abs(dot[0] - x) < 3
        assert abs(dot[1] - y) < 3 or abs(visit.value("pull")) == 30


def test_the_dot_of_a_bin_that_is_pulled_down_stays_off_the_labels(visit):
    visit.open("many")
    for frequency in ("Home", "End"):
        visit.press("frequency", frequency)
        visit.press("pull", "Home")
        visit.settle()
        assert visit.value("pull") == -30
        assert visit.ask(FAULTS) == []
        assert visit.middle("frequency")[1] - visit.middle("pull")[1] > 16


def test_a_press_on_a_triangle_chooses_its_band(visit):
    visit.open("bank")
    place = ground_of(visit, "bins")
    for hertz in (600, 2500, 5000, 8700):
        visit.page.mouse.click(*place(hertz / 8800, 0.5))
        visit.settle()
        mels = np.linspace(*sd.hz_to_mel(np.array([0, 8000])), 14)
        centres = sd.mel_to_hz(mels)[1:-1]
        band = abs(centres - hertz).argmin()
        assert visit.number("centre") == pytest.approx(centres[band], abs=1)


def test_a_press_on_the_curve_brings_the_end_of_the_groups_there(visit):
    visit.open("merge")
    for right in (0.2, 0.6):
        x, y = ground_of(visit, "factor")(right, 0.5)
        visit.page.mouse.click(x, y)
        visit.settle()
        # Four groups end at whole frames.
        assert abs(visit.middle("factor")[0] - x) < 20
