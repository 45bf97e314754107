"""Figures to take hold of in a headless browser: every handle, by keyboard, pointer and touch."""

import re
from itertools import product

import numpy as np
import pytest

from figure_visit import FAULTS, PHONE, FigureVisit, drag, write_page
from figures import ABOUT, NAMES
from untested import is_thorough, some
from visit import visiting

# Wide, and as on a telephone that is touched; all tests try the second in a thorough run.
LOOKS = ["page", "phone"]
# With the mouse every figure, with a finger one of each way to move: along, across, around, over a plane.
TOUCHED = ("probe", "agreement", "bank", "speak")
# Their first handle goes along with the sound.
WALKING = ("frames", "steps")
# Each goes through the drawing and the address; a thousand find slower leaks, too.
N_MOVES = 1000 if is_thorough() else 300


@pytest.fixture(params=LOOKS if is_thorough() else LOOKS[:1])
def visit(request, browser, folder):
    """A page from the disk, wide or on a phone that is touched; it must end without problems."""
    is_phone = request.param == "phone"
    with visiting(browser, folder.as_uri(), FigureVisit, **(PHONE if is_phone else {})) as visit:
        visit.is_touched = is_phone
        yield visit


def check(name, said, figure):
    """The numbers that are shown are the package's, as far as they are printed."""
    values, numbers = said
    for number, wanted in ABOUT[name].expected(values.get, figure).items():
        value, most = wanted if isinstance(wanted, tuple) else (wanted, 0.051)
        assert abs(numbers[number] - value) <= most, (number, numbers[number], value)


def is_compared(name, handle):
    """Whether the numbers are the package's also after this handle was moved."""
    return handle not in getattr(ABOUT[name], "NOT_COMPARED", ())


# Every key on the first handle; what each does on all the others, the tests in Node say.
KEYS = ("ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "ArrowLeft", "PageDown")


@pytest.mark.parametrize("name", NAMES)
def test_keys_and_pointer_move_every_handle_and_the_numbers_are_the_packages(visit, figures, name):
    """On one page, whose loading takes as long as the handles; last, its button is pressed twice."""
    visit.open(name)
    move_by_keys(visit, figures, name)
    move_by_pointer(visit, figures, name)
    press_play_twice(visit, name)


@pytest.mark.parametrize("visit", LOOKS[1:], indirect=True)
@pytest.mark.parametrize("name", some(NAMES, *TOUCHED))
def test_a_finger_moves_every_handle(visit, figures, name):
    visit.open(name)
    move_by_pointer(visit, figures, name)


def move_by_keys(visit, figures, name):
    """Every handle goes where the keys say, to both of its ends."""
    check(name, visit.said(), figures[name])
    state = visit.ask("(figure) => Object.keys(figure.view.state)")
    assert set(state) <= set(figures[name].names())
    for i, handle in enumerate(ABOUT[name].DRAGS):
        visit.reset()
        said = visit.said()
        for key in KEYS if i == 0 or is_thorough() else KEYS[:1]:
            before = said[0][handle]
            visit.press(handle, key)
            said = visit.said()
            assert said[0][handle] != before, (handle, key)
            if is_compared(name, handle):
                check(name, said, figures[name])
        for key, limit in (("End", "aria-valuemax"), ("Home", "aria-valuemin")):
            visit.press(handle, key)
            # A frame is turned on to where it agrees with what it was; the ends are the same angle.
            apart = visit.value(handle) - float(visit.handle(handle).get_attribute(limit))
            assert abs(apart) % 360 < 1e-3, (handle, key)
        assert visit.handle(handle).get_attribute("aria-valuetext")
        assert visit.handle(handle).get_attribute("aria-label")


def move_by_pointer(visit, figures, name):
    """Every handle follows the mouse, or a finger where the page is touched."""
    count = "window.n_lost = 0; addEventListener('pointercancel', () => window.n_lost++, true)"
    visit.page.evaluate(f"() => {{ {count} }}")
    for handle in ABOUT[name].DRAGS:
        visit.reset()
        before, place = visit.value(handle), visit.middle(handle)
        drag(visit, handle, *ABOUT[name].DRAGS[handle])
        said = visit.said()
        assert said[0][handle] != before, handle
        assert visit.middle(handle) != place, handle
        if is_compared(name, handle):
            check(name, said, figures[name])
        assert visit.figure.locator(".sd-held").count() == 0
        assert visit.page.evaluate("window.n_lost") == 0, f"{handle} lost the finger on its way"


def press_play_twice(visit, name):
    """The second press in the same place stops the sound, whatever is written there, and resets nothing."""
    play = visit.figure.locator(".sd-play")
    if not play.count():
        return
    # Some handles play what they are moved to.
    visit.ask("(figure) => figure.view.voice.node && figure.view.voice.stop()")
    visit.reset()
    handle = next(iter(ABOUT[name].DRAGS))
    visit.press(handle, "End")
    before, box = visit.value(handle), play.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.page.mouse.click(*middle)
    visit.until("() => document.querySelector('.sd-figure').view.voice.node")
    visit.page.mouse.click(*middle)
    assert play.get_attribute("aria-pressed") == "false"
    if name not in WALKING:
        assert visit.value(handle) == before, handle


def test_the_ground_of_a_drawing_can_be_taken_hold_of(visit):
    """What is pressed: a wave is stretched, the lens and the start come, a guess is chosen."""
    visit.open("probe")
    box = visit.figure.locator("[data-surface=frequency]").bounding_box()
    y = box["y"] + 20
    visit.page.mouse.move(box["x"] + 60, y)
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + 120, y, steps=3)
    visit.page.mouse.up()
    assert abs(visit.value("frequency") - 220) <= 40
    visit.open("frames")
    box = visit.figure.locator("[data-surface=time]").bounding_box()
    visit.page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.8 * box["height"])
    assert abs(visit.value("time") - 0.72) < 0.02
    assert visit.ask("(figure) => figure.view.canvas.width") >= 60
    visit.open("integration")
    box = visit.figure.locator("[data-surface=start]").bounding_box()
    place = (box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"])
    visit.page.mouse.click(*place)
    visit.settle()
    # To the middle of a cell.
    assert np.allclose(visit.middle("start"), place, rtol=0, atol=5)
    visit.open("em")
    for i, way in enumerate((2, 3, 4)):
        # Back to EM, whose own dot goes out of the way.
        visit.press("n_iter", "Home" if way == 4 else "End")
        visit.settle()
        visit.figure.locator("circle.sd-tone").nth(i).click(force=True)
        assert visit.value("way") == way


def test_the_piece_is_moved_as_a_whole_and_keeps_its_size(visit):
    visit.open("excerpt")
    before, box = visit.said()[0], visit.figure.locator("[data-surface=inside]").bounding_box()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    for right, up in ((20, 40), (5000, 5000), (-5000, -5000)):
        visit.page.mouse.move(x, y)
        visit.page.mouse.down()
        visit.page.mouse.move(x + right, y - up, steps=3)
        visit.page.mouse.up()
        said = visit.said()[0]
        for low, high in (("start", "end"), ("low", "high")):
            size = before[high] - before[low]
            assert said[low] != before[low]
            assert said[high] - said[low] == pytest.approx(size, rel=0.02)
        visit.reset()


@pytest.mark.parametrize("visit", LOOKS[1:], indirect=True)
def test_a_tap_on_the_ground_moves_the_handles_and_a_swipe_up_does_not(visit):
    visit.open("speak")
    box = visit.figure.locator("[data-surface=first]").bounding_box()
    x, y = box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"]
    touch = visit.page.context.new_cdp_session(visit.page)

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [*points]})

    visit.page.touchscreen.tap(x, y)
    values = visit.said()[0]
    assert abs(values["first"] - 3) < 0.3 and abs(values["second"] + 2) < 0.3
    send("touchStart", {"x": x - 60, "y": y})
    for up in range(20, 161, 20):
        send("touchMove", {"x": x - 60, "y": y - up})
    send("touchEnd")
    assert visit.said()[0] == values


def test_a_step_makes_the_frames_agree_more_and_half_a_turn_stays(visit):
    visit.open("agreement")
    step = visit.page.get_by_role("button", name="One step")
    errors = [visit.number("error")]
    for _ in range(5):
        step.click()
        errors.append(visit.number("error"))
    assert all(after < before for before, after in zip(errors, errors[1:], strict=False))
    assert "step 5" in visit.figure.locator("[role=status]").inner_text()
    assert step.get_attribute("aria-disabled") == "false"
    for handle, key in (("phase1", "Home"), ("phase2", "Home"), ("phase3", "Home")):
        visit.press(handle, key)
    visit.press("phase2", *["PageUp"] * 4)
    visit.press("n_steps", "End")
    assert visit.number("error") > -11
    # There is no step more, and who comes by keyboard is not sent away.
    assert step.get_attribute("aria-disabled") == "true"
    step.press("Enter")
    assert visit.value("n_steps") == 40 and step.evaluate("(e) => e === document.activeElement")


@pytest.mark.parametrize("name", ["projections", "cepstrum"])
def test_an_action_that_has_nothing_more_to_do_is_grey(visit, name):
    visit.open(name)
    action = visit.figure.locator("[aria-disabled]")
    assert action.get_attribute("aria-disabled") == "false"
    while action.get_attribute("aria-disabled") == "false":
        before = visit.said()[0]
        action.press("Enter")
        assert visit.said()[0] != before
    before = visit.said()[0]
    action.press("Enter")
    assert visit.said()[0] == before
    visit.page.get_by_role("button", name="Reset").click()
    visit.settle()
    assert action.get_attribute("aria-disabled") == "false"


def test_a_link_brings_the_state_back_and_reset_takes_it_away(visit):
    visit.open("probe")
    visit.press("frequency", "PageUp", "ArrowRight")
    visit.press("phase", "PageUp")
    query = visit.page.evaluate("location.hash")
    assert query.startswith("#figure-probe?")
    visit.page.goto("about:blank")
    visit.open("probe", query)
    assert (visit.value("frequency"), visit.value("phase")) == (491, 45)
    visit.page.get_by_role("button", name="Reset").click()
    assert (visit.value("frequency"), visit.value("phase")) == (440, 0)
    # What nobody could have set is brought to the nearest that can be, or left out.
    visit.page.goto("about:blank")
    visit.open("probe", "#figure-probe?frequency=1e9&phase=x&other=1")
    assert (visit.value("frequency"), visit.value("phase")) == (2000, 0)


def test_nothing_is_drawn_out_of_sight(visit):
    visit.goto("several.html")
    figures = visit.page.locator(".sd-figure")
    found = [figures.nth(i).get_attribute("id") for i in range(figures.count())]
    assert found == ["figure-frames", "figure-probe", "figure-agreement", "figure-probe-2"]
    last = figures.last
    assert last.get_attribute("data-mounted") == "no" and last.locator("svg.sd-still").count() == 1
    last.scroll_into_view_if_needed()
    last.locator(".sd-grip").first.wait_for()
    first = figures.first
    assert not first.evaluate("(figure) => figure.view.visible")
    before = first.evaluate("(figure) => figure.view.n_draws")
    first.evaluate("(figure) => figure.view.adopt({ time: 0.5 })")
    visit.settle()
    assert first.evaluate("(figure) => figure.view.n_draws") == before
    first.scroll_into_view_if_needed()
    visit.until(f"() => document.querySelector('.sd-figure').view.n_draws > {before}")


def test_one_figure_sounds_at_a_time_and_a_tone_follows_the_hand(visit):
    visit.goto("several.html")
    # On one screen, so that none falls silent for being out of sight.
    visit.page.add_style_tag(content="main > div { display: none } .sd-stage { max-width: 9rem }")
    figures = visit.page.locator(".sd-figure")
    probe, frames = figures.nth(1), figures.first
    probe.locator(".sd-play").click()
    visit.until("() => document.querySelectorAll('.sd-figure')[1].view.voice.node")
    assert probe.locator(".sd-play").get_attribute("aria-pressed") == "true"
    probe.locator("[data-handle=frequency]").focus()
    visit.page.keyboard.press("PageUp")
    visit.until(
        "() => Math.abs(document.querySelectorAll('.sd-figure')[1]"
        ".view.voice.node.source.frequency.value - 490) < 1"
    )
    frames.locator(".sd-play").click()
    visit.until("() => document.querySelector('.sd-figure').view.voice.node")
    assert probe.locator(".sd-play").get_attribute("aria-pressed") == "false"
    # The lens walks along with the sound.
    before = frames.locator("[data-handle=time]").get_attribute("aria-valuenow")
    visit.until(
        "(before) => document.querySelector('[data-handle=time]')"
        ".getAttribute('aria-valuenow') !== before",
        before,
    )
    frames.locator(".sd-play").click()
    assert frames.locator(".sd-play").get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("name", some(NAMES, *TOUCHED))
def test_axe_finds_nothing(visit, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visit.open(name)
    options = {"preload": False, "resultTypes": ["violations"]}
    violations = axe.run(visit.page, options=options).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == []


@pytest.mark.parametrize("visit", LOOKS[1:], indirect=True)
@pytest.mark.parametrize("name", some(NAMES, "merge", "leakage", "tradeoff"))
def test_every_label_can_be_read_on_a_phone(visit, name):
    """At the start, and with each handle at its ends."""
    visit.open(name)
    faults = {"start": visit.ask(FAULTS)}
    for handle, key in product(ABOUT[name].DRAGS, ("Home", "End")):
        visit.reset()
        visit.press(handle, key)
        faults[f"{handle} {key}"] = visit.ask(FAULTS)
    assert {state: found for state, found in faults.items() if found} == {}


@pytest.mark.parametrize("name", some(NAMES, "frames"))
def test_many_moves_leave_nothing_behind(visit, name):
    visit.open(name)
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Performance.enable")

    def held():
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        found = {metric["name"]: metric["value"] for metric in metrics}
        return found["Nodes"], found["JSEventListeners"], found["JSHeapUsedSize"]

    handle = next(iter(ABOUT[name].DRAGS))
    moves = """([handle, n_moves]) => new Promise((done) => {
      const grip = document.querySelector(`[data-handle=${handle}]`);
      let n = 0;
      const move = () => {
        for (let i = 0; i < 10; i++, n++) {
          const key = n % 100 < 50 ? "ArrowRight" : "ArrowLeft";
          grip.dispatchEvent(new KeyboardEvent("keydown", { key }));
        }
        if (n < n_moves) requestAnimationFrame(move); else done();
      };
      move();
    })"""
    visit.page.evaluate(moves, [handle, N_MOVES])
    before = held()
    visit.page.evaluate(moves, [handle, N_MOVES])
    # What is still being drawn is let go of later; what leaks is held for ever.
    for _ in range(5):
        visit.settle()
        after = held()
        more = [now - then for now, then in zip(after, before, strict=True)]
        if more[0] <= 50 and more[1] <= 0 and more[2] <= 1_000_000:
            return
    pytest.fail(f"{more} more nodes, listeners and bytes are held")


def test_without_a_script_the_picture_stands_there(browser, folder):
    with visiting(browser, folder.as_uri(), FigureVisit, java_script_enabled=False) as visit:
        for name in NAMES:
            visit.goto(f"{name}.html")
            picture = visit.page.locator("figure svg.sd-still")
            assert picture.is_visible() and picture.get_attribute("aria-label")
            assert visit.page.locator("figcaption").is_visible()


def test_a_sound_that_does_not_come_leaves_the_picture(browser, folder):
    text = write_page(folder, "probe").read_text(encoding="utf-8")
    gone = re.sub(r'data-samples="[^"]*"', 'data-samples="gone.js"', text)
    (folder / "gone.html").write_text(gone, encoding="utf-8")
    with visiting(browser, folder.as_uri(), FigureVisit) as visit:
        visit.goto("gone.html")
        visit.page.locator(".sd-figure[data-mounted=failed]").wait_for()
        assert visit.page.locator("svg.sd-still").is_visible()
        assert any("stays still" in problem for problem in visit.problems)
        visit.problems.clear()
