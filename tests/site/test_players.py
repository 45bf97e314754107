"""The light players of the built book: pictures with a cursor, and sounds that change over."""

import pytest

from untested import some, ways
from visit import Visit, visiting

CHAPTERS = [
    "01_spectrogram",
    "02_inversion",
    "03_mel_compression",
    "04_mel_inversion",
    "05_mfcc",
    "06_staircase",
    "07_your_models_mel",
    "08_autoencoder",
    "09_inventing_sound",
    "10_a_thousand_hours",
]

# Takes down what the page asks of Web Audio: sources that start, and gains with what is heard.
LISTENING = """
window.heard = { started: 0, ended: 0, gains: [] };
const Source = window.AudioBufferSourceNode, Gain = window.GainNode;
window.AudioBufferSourceNode = class extends Source {
  start(...when) { heard.started += 1; super.start(...when); }
  stop(...when) { heard.ended += 1; super.stop(...when); }
};
window.GainNode = class extends Gain {
  constructor(...a) { super(...a); heard.gains.push(this); }
};
"""


@pytest.fixture(params=ways())
def visit(request, browser, bases):
    """A visit to a chapter whose figures have two sounds or more, with an ear on its sound."""
    with visiting(browser, bases[request.param], Visit) as visit:
        visit.page.add_init_script(LISTENING)
        yield visit.goto("notebooks/02_inversion.html")


class Figure:
    """A player: the first of the page that has several sounds, or another one of them."""

    def __init__(self, visit, index=0):
        self.visit = visit
        several = visit.page.locator("figure.sd-listen", has=visit.page.locator("button.sd-name"))
        self.element = several.nth(index)
        self.element.scroll_into_view_if_needed()
        self.go = self.element.locator(".sd-go")
        self.slider = self.element.locator(".sd-seek")
        self.names = self.element.locator("button.sd-name")

    @property
    def time(self):
        """Where the sounds are, in s."""
        return float(self.slider.input_value())

    @property
    def playing(self):
        return self.element.get_attribute("data-playing") is not None

    def wait_beyond(self, seconds):
        """Wait until a time has been played."""
        self.visit.until("([e, t]) => Number(e.value) > t", [self.slider.element_handle(), seconds])

    def pressed(self):
        """Which sounds are marked as the audible one."""
        return self.names.evaluate_all("all => all.map(e => e.getAttribute('aria-pressed'))")

    def cursors(self):
        """The times, in s, at which the cursors stand in their pictures."""
        return self.element.locator(".sd-sound").evaluate_all(
            """all => all.map((e) => {
              const start = Number(e.dataset.start), end = Number(e.dataset.end);
              const frame = e.querySelector('.sd-frame');
              return start + (end - start) * frame.style.getPropertyValue('--sd-at');
            })"""
        )


def heard(visit):
    """The levels of all sounds that were ever made, now."""
    return visit.page.evaluate("heard.gains.map(({ gain }) => gain.value)")


@pytest.mark.parametrize("chapter", some(CHAPTERS, CHAPTERS[1], CHAPTERS[8]))
@pytest.mark.parametrize("way", ways())
def test_every_figure_with_sound_is_a_player(browser, bases, chapter, way):
    with visiting(browser, bases[way]) as visit:
        page = visit.goto(f"notebooks/{chapter}.html").page
        figures = page.locator("figure.sd-listen")
        assert figures.count() >= 1
        assert page.locator("figure.sd-listen.sd-live .sd-deck").count() == figures.count()
        assert page.locator(".sd-listen audio:visible").count() == 0


def test_play_moves_every_cursor_and_pause_holds_them(visit):
    figure = Figure(visit)
    assert figure.cursors() == pytest.approx([0] * figure.names.count(), abs=1e-6)
    figure.go.click()
    figure.wait_beyond(0.2)
    assert figure.playing and figure.go.get_attribute("aria-label") == "Pause"
    figure.go.click()
    assert not figure.playing and figure.go.get_attribute("aria-label") == "Play"
    at = figure.time
    assert at > 0.2
    assert figure.cursors() == pytest.approx([at] * figure.names.count(), abs=1e-3)
    visit.page.wait_for_timeout(200)
    assert figure.time == at


def test_changing_over_has_no_gap(visit):
    """All sounds run in step from the start: only their levels change."""
    figure = Figure(visit)
    figure.go.click()
    figure.wait_beyond(0.2)
    n_sounds = figure.names.count()
    assert [level > 0 for level in heard(visit)] == [True] + [False] * (n_sounds - 1)
    before = figure.time
    figure.names.nth(1).click()
    visit.until("() => heard.gains[0].gain.value === 0 && heard.gains[1].gain.value > 0")
    assert figure.pressed() == ["false", "true"] + ["false"] * (n_sounds - 2)
    assert visit.page.evaluate("[heard.started, heard.ended]") == [n_sounds, 0]
    assert figure.playing and figure.time >= before


def test_a_name_is_heard_when_it_is_chosen(visit):
    figure = Figure(visit)
    figure.names.nth(1).click()
    figure.wait_beyond(0.1)
    levels = heard(visit)
    assert levels[1] > 0 and levels[0] == 0


def test_one_figure_plays_at_a_time(visit):
    first, second = Figure(visit), Figure(visit, 1)
    first.go.click()
    first.wait_beyond(0.1)
    second.go.click()
    second.wait_beyond(0.1)
    assert second.playing and not first.playing


def test_it_is_played_by_keyboard(visit):
    figure = Figure(visit)
    figure.slider.focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("ArrowRight")
    assert figure.time == pytest.approx(0.5)
    assert figure.slider.get_attribute("aria-valuetext").startswith("0.5 of ")
    visit.page.keyboard.press("Space")
    figure.wait_beyond(0.6)
    visit.page.keyboard.press("Space")
    assert not figure.playing
    visit.page.keyboard.press("Shift+Tab")
    assert figure.go.evaluate("e => e === document.activeElement")


def test_a_click_on_a_picture_moves_and_chooses(visit):
    figure = Figure(visit)
    frame = figure.element.locator(".sd-frame").nth(1)
    box = frame.bounding_box()
    sound = figure.element.locator(".sd-sound").nth(1)
    start, end = (float(sound.get_attribute(f"data-{edge}")) for edge in ("start", "end"))
    frame.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    assert figure.time == pytest.approx((start + end) / 2, abs=0.02)
    assert figure.pressed()[:2] == ["false", "true"]
    assert not figure.playing


def test_it_ends_at_the_end(visit):
    figure = Figure(visit)
    length = float(figure.slider.get_attribute("max"))
    figure.slider.evaluate(
        "(e, t) => { e.value = t; e.dispatchEvent(new Event('input')); }", length - 0.2
    )
    figure.go.click()
    visit.until("() => heard.started > 0")
    visit.until("e => !e.hasAttribute('data-playing')", figure.element.element_handle())
    assert figure.time == 0


def test_a_sound_that_cannot_be_had_leaves_the_browsers_player(browser, bases):
    with visiting(browser, bases["file"]) as visit:
        visit.page.route("**/_media/**/*.js", lambda route: route.abort())
        figure = Figure(visit.goto("notebooks/02_inversion.html"))
        n_sounds = figure.names.count()
        told = visit.page.get_by_role("alert").filter(has_text="could not be loaded")
        figure.go.focus()
        visit.page.keyboard.press("Enter")
        told.wait_for()
        players = visit.page.locator(
            "figure.sd-listen:not(.sd-live) .sd-sound > audio[controls]:visible"
        )
        assert players.count() == n_sounds
        assert players.first.evaluate("e => e === document.activeElement && e.src.endsWith('.mp3')")
        assert visit.page.locator("figure.sd-listen:not(.sd-live) button:visible").count() == 0
        # The refused request is what this test is about.
        visit.problems = [fault for fault in visit.problems if "ERR_FAILED" not in fault]


# The three seconds that an output gets to start: over when the test says so.
LATE = """
window.late = [];
const later = window.setTimeout;
window.setTimeout = (f, ms, ...a) => (ms === 3000 ? late.push(f) : later(f, ms, ...a));
"""
TIME_IS_UP = "window.late.splice(0).forEach((f) => f())"

# What browsers do that have no sound device, or an output that is taken away.
OUTPUTS = {
    "never starts": "AudioContext.prototype.resume = () => new Promise(() => {});",
    "refuses to start": "AudioContext.prototype.resume = async () => { throw new Error('x'); };",
    "is absent": "delete window.AudioContext;",
    "is not to be made": "window.AudioContext = class { constructor() { throw new Error('x'); } };",
    "does not decode": "AudioContext.prototype.decodeAudioData = async () => { throw new Error('x'); };",
}


@pytest.mark.parametrize("output", some(OUTPUTS, "never starts", "does not decode"))
def test_without_an_output_it_says_so_and_gives_the_browsers_players(browser, bases, output):
    with visiting(browser, bases["http"]) as visit:
        visit.page.add_init_script(LATE + OUTPUTS[output])
        figure = Figure(visit.goto("notebooks/02_inversion.html"))
        n_sounds = figure.names.count()
        figure.go.click()
        visit.page.evaluate(TIME_IS_UP)
        told = visit.page.locator("figure.sd-listen:not(.sd-live) [role=alert]")
        told.wait_for()
        said = "could not be decoded" if "decode" in output else "This browser has no sound output"
        assert said in told.inner_text()
        players = visit.page.locator(
            "figure.sd-listen:not(.sd-live) .sd-sound > audio[controls]:visible"
        )
        assert players.count() == n_sounds


def test_a_press_that_was_taken_back_tells_nothing(browser, bases):
    """Whoever pauses while the output is awaited may press again."""
    with visiting(browser, bases["http"]) as visit:
        visit.page.add_init_script(
            LATE + "const resume = AudioContext.prototype.resume;"
            "AudioContext.prototype.resume = () => new Promise(() => {});"
            "window.mend = () => { AudioContext.prototype.resume = resume; };"
        )
        figure = Figure(visit.goto("notebooks/02_inversion.html"))
        figure.go.click()
        assert figure.go.get_attribute("aria-label") == "Pause"
        figure.go.click()
        visit.page.evaluate(TIME_IS_UP)
        assert figure.go.get_attribute("aria-label") == "Play"
        assert not visit.page.locator("figure.sd-listen:not(.sd-live)").count()
        visit.page.evaluate("mend()")
        figure.go.click()
        figure.wait_beyond(0.1)


def test_an_output_that_is_taken_away_pauses(visit):
    """As by a telephone call; what was heard so far is kept."""
    visit.page.add_init_script(
        "const Context = AudioContext;"
        "window.AudioContext = class extends Context {"
        "  constructor(...a) { super(...a); window.made = this; } };"
    )
    figure = Figure(visit.goto("notebooks/02_inversion.html"))
    figure.go.click()
    figure.wait_beyond(0.2)
    visit.page.evaluate("made.suspend()")
    visit.until("e => !e.hasAttribute('data-playing')", figure.element.element_handle())
    assert figure.go.get_attribute("aria-label") == "Play"
    at = figure.time
    assert at > 0.2
    figure.go.click()
    figure.wait_beyond(at + 0.1)


def test_without_scripts_there_are_the_browsers_players(browser, bases):
    with visiting(browser, bases["http"], java_script_enabled=False) as visit:
        page = visit.goto("notebooks/02_inversion.html").page
        n_sounds = page.locator(".sd-listen .sd-sound:visible").count()
        assert n_sounds > 5
        assert page.locator(".sd-listen .sd-sound audio[controls]:visible").count() == n_sounds
        assert page.locator(".sd-explorer audio[controls]:visible").count() == 1
