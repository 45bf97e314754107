"""What the Explorer plays, and what it does without an output."""

import re

import numpy as np
import pytest
import scipy.io.wavfile

RATES = (1, 100, 1000, 3000, 8000, 11025, 96_000, 192_000, 384_000, 1_000_000)


def levels(visit):
    return visit.evaluate(
        "Object.fromEntries(Object.entries(view.player.nodes)"
        ".map(([side, { gain }]) => [side, gain.gain.value]))"
    )


def test_play_advances_switches_without_a_gap_and_stops(visit):
    visit.open("whole.html")
    page = visit.page
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    visit.until("view.stage.playhead > 0.3")
    assert page.get_by_role("button", name="Pause").is_visible()
    assert levels(visit)["original"] > 0.5 and levels(visit)["result"] == 0
    visit.evaluate("(window.before = view.player.nodes, 0)")
    first = visit.evaluate("view.player.position()")
    page.get_by_role("radio", name="result", exact=True).check()
    visit.until("view.player.nodes.original.gain.gain.value === 0")
    assert levels(visit)["result"] > 0.5
    assert visit.evaluate("view.player.nodes === window.before")
    assert visit.evaluate("view.player.position()") > first
    at = visit.evaluate("getComputedStyle(view.stage.element).getPropertyValue('--sd-at')")
    assert float(at) > 0
    page.get_by_role("button", name="Pause").click()
    assert not visit.evaluate("view.player.playing")
    stopped = visit.evaluate("view.stage.playhead")
    assert stopped > first
    page.keyboard.press("Space")
    visit.until(f"view.stage.playhead > {stopped}")


# The three seconds that an output gets to start: over when the test says so.
LATE = """
window.late = [];
const later = window.setTimeout;
window.setTimeout = (f, ms, ...a) => (ms === 3000 ? late.push(f) : later(f, ms, ...a));
"""
TIME_IS_UP = "window.late.splice(0).forEach((f) => f())"
NEVER = "AudioContext.prototype.resume = () => new Promise(() => {});"


@pytest.mark.parametrize(
    "output",
    [
        NEVER,
        "AudioContext.prototype.resume = async () => { throw new Error('x'); };",
        "delete window.AudioContext;",
    ],
    ids=["never starts", "refuses", "absent"],
)
def test_without_an_output_the_figure_says_so(visit, output):
    visit.page.add_init_script(LATE + output)
    visit.open("own.html")
    visit.page.get_by_role("button", name="Play").click()
    visit.page.evaluate(TIME_IS_UP)
    visit.page.locator(".sd-error").get_by_text("This browser has no sound output").wait_for()
    assert visit.page.get_by_role("button", name="Play").is_visible()
    assert visit.evaluate("view.stage.playhead") == 0


def test_play_that_is_pressed_again_while_it_waits_is_taken_back(visit):
    visit.page.add_init_script(
        f"{LATE} window.resume = AudioContext.prototype.resume; {NEVER}"
        "window.mend = () => { AudioContext.prototype.resume = window.resume; };"
    )
    visit.open("own.html")
    visit.page.get_by_role("button", name="Play").click()
    visit.page.get_by_role("button", name="Pause").click()
    visit.page.evaluate(TIME_IS_UP)
    assert not visit.page.locator(".sd-error").count()
    visit.page.get_by_role("button", name="Play").click()
    visit.page.evaluate(TIME_IS_UP)
    visit.page.locator(".sd-error").wait_for()
    visit.page.evaluate("mend()")
    visit.page.get_by_role("button", name="Play").click()
    visit.until("view.stage.playhead > 0.1")
    assert not visit.page.locator(".sd-error").count()


def test_an_output_that_is_taken_away_pauses(visit):
    """As by a telephone call; what was heard so far is kept."""
    visit.open("whole.html")
    visit.page.get_by_role("button", name="Play").click()
    visit.until("view.stage.playhead > 0.2")
    visit.evaluate("view.player.context.suspend()")
    visit.until("!view.player.playing")
    at = visit.evaluate("view.stage.playhead")
    visit.page.get_by_role("button", name="Play").click()
    visit.until(f"view.stage.playhead > {at} + 0.1")


def test_every_rate_is_played(visit):
    """Within what browsers take, for as long as the sound lasts, and the reader is told."""
    visit.open("rates.html")
    for sr in RATES:
        visit.page.select_option(".sd-source select", f"{sr} Hz")
        visit.until(f"view.stage.label === '{sr} Hz'")
        visit.wait()
        visit.page.get_by_role("button", name="Play").click()
        visit.until("view.player.playing || view.stage.playhead > 0")
        visit.evaluate("view.deck.pause()")
        rate, seconds, own, error = visit.evaluate(
            "(({ buffer }) => [buffer.sampleRate, buffer.duration, view.stage.duration,"
            " view.status.className])(view.player.tracks.original)"
        )
        assert 8000 <= rate <= 96_000, sr
        assert seconds == pytest.approx(own, abs=1 / min(sr, 8000)), sr
        assert "sd-error" not in error, sr
        assert ("Played at" in visit.status) == (rate != sr), visit.status


def test_play_ends_and_starts_again(visit):
    visit.open("own.html")
    page = visit.page
    page.get_by_role("button", name="Play").click()
    visit.until("view.stage.playhead === 1")
    page.get_by_role("button", name="Play").click()
    visit.until("view.stage.playhead < 0.9")


def test_loop_repeats_the_window(visit):
    visit.open("own.html")
    page = visit.page
    page.get_by_role("checkbox", name="loop").check()
    for _ in range(2):
        page.get_by_role("button", name="Zoom in").click()
    span = visit.evaluate("view.stage.span")
    page.get_by_role("button", name="Play").click()
    visit.until("view.player.playing && view.player.context.currentTime - view.player.when > 0.6")
    assert span["start"] <= visit.evaluate("view.player.position()") <= span["end"]


def test_click_moves_the_sound(visit):
    visit.open("own.html")
    box = visit.page.locator(".sd-original canvas").bounding_box()
    visit.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 20)
    assert visit.evaluate("view.stage.playhead") == pytest.approx(0.75, abs=0.01)


def test_result_is_replaced_during_play(visit):
    visit.open("whole.html")
    page = visit.page
    page.get_by_role("checkbox", name="loop").check()
    page.get_by_role("radio", name="result", exact=True).check()
    page.get_by_role("button", name="Play").click()
    visit.evaluate("(window.before = view.player.tracks.result.buffer, 0)")
    visit.press("n_iter", "ArrowLeft")
    assert visit.evaluate("view.player.playing && view.player.side === 'result'")
    assert visit.evaluate("view.player.tracks.result.buffer !== window.before")
    visit.until("view.player.nodes.result.gain.gain.value > 0.5")


def test_levels_are_matched(visit):
    """The result is played with the loudness of the original, and the page says by how much."""
    visit.open("spectrogram.html")
    visit.press("threshold_db", "End")
    ratio = visit.evaluate("""(() => {
      const rms = (x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
      const { original, result } = view.player.tracks;
      return rms(result.buffer.getChannelData(0)) * result.factor
        / (rms(original.buffer.getChannelData(0)) * original.factor);
    })()""")
    assert ratio == pytest.approx(1, abs=1e-3)
    level = visit.page.locator(".sd-numbers div", has_text="level").last.inner_text()
    assert re.search(r"\+\d+\.\d dB", level)


def test_download_is_what_came_back(visit):
    visit.open("whole.html")
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="Download WAV").click()
    assert waiting.value.suggested_filename == "speech-inversion.wav"
    sr, samples = scipy.io.wavfile.read(waiting.value.path())
    x_hat = np.array(visit.evaluate("Array.from(view.runs.result.x)"))
    assert sr == 22050 and samples.dtype == np.int16
    np.testing.assert_allclose(samples / 32767, x_hat, atol=1e-4)
