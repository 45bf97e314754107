"""The Explorer in a headless browser, on small pages made of nothing but its twins."""

import io
import json
import re
import struct
import subprocess
import sys
import wave

import numpy as np
import pytest
import scipy.io.wavfile
import soundfile

from specdemo.live import twin, widget
from visit import SIGNATURE

RATES = (1, 100, 1000, 3000, 8000, 11025, 96_000, 192_000, 384_000, 1_000_000)


def wav(samples, sr=22050):
    """The bytes of a 16-bit WAV file, by the wave module; samples are (n,) or (n, channels)."""
    samples = np.atleast_2d(samples.T).T
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sr)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def float_wav(samples, sr=22050):
    """The bytes of a WAV file of floats, which can hold what is not a number."""
    buffer = io.BytesIO()
    scipy.io.wavfile.write(buffer, sr, samples.astype(np.float32))
    return buffer.getvalue()


def tone(sr=22050, seconds=1.0):
    return 0.5 * np.sin(2 * np.pi * 440 / sr * np.arange(round(sr * seconds)))


def give(visit, name, data):
    """Choose a file of the reader's."""
    file = {"name": name, "mimeType": "audio/wav", "buffer": data}
    visit.page.set_input_files(".sd-source input", file)


# --- mounting --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", widget.STEPS)
@pytest.mark.parametrize("where", ["visit", "visit_file"])
def test_every_step_mounts(request, where, step):
    visit = request.getfixturevalue(where).open(f"{step}.html")
    page = visit.page
    assert page.locator("figure img, figure audio").count() == 0
    assert page.locator("figcaption").inner_text() == "Hear it."
    assert visit.evaluate("view.engine.worker instanceof Worker && view.engine.answered")
    assert len(set(visit.evaluate(SIGNATURE))) >= 2
    shown = page.locator(".sd-control").evaluate_all("all => all.map(e => e.dataset.name)")
    assert shown[-3:] == ["axis", "colormap", "range_db"]
    assert len(shown) == len(set(shown))


def test_book_page_has_script_and_sounds_in_files(visit_file):
    visit_file.open("book.html")
    assert visit_file.page.locator(".sd-source option").all_inner_texts() == [
        "speech",
        "drums",
        "gone",
    ]
    visit_file.page.select_option(".sd-source select", "drums")
    visit_file.until("view.stage.label === 'drums'")
    visit_file.wait()
    assert visit_file.status.startswith("drums: 4.6 s")


def test_missing_sound_is_told(visit):
    visit.open("book.html")
    visit.page.select_option(".sd-source select", "gone")
    visit.page.get_by_text("could not be loaded").wait_for()
    assert "clips/gone.js" in visit.status
    # The missing file itself is reported by the browser, and is the only problem.
    assert all("gone.js" in problem or "404" in problem for problem in visit.problems)
    visit.problems.clear()


def test_strict_policy_is_enough(visit):
    visit.open("policy.html")
    assert visit.evaluate("view.engine.worker instanceof Worker && Boolean(view.result)")


def test_a_figure_that_cannot_be_shown_keeps_its_picture_and_its_player(visit):
    visit.page.add_init_script("delete window.ResizeObserver")
    visit.open("mel.html", ready=False)
    figure = visit.page.locator("figure.sd-explorer[data-mounted=failed]")
    figure.wait_for()
    assert figure.locator("img").is_visible() and figure.locator("audio[controls]").is_visible()
    # What it says in the console is what this test is about.
    assert len(visit.problems) == 1 and "stays still" in visit.problems[0]
    visit.problems.clear()


def test_without_workers_the_page_does_the_work(visit):
    visit.page.add_init_script("delete window.Worker")
    visit.open("inversion.html")
    assert visit.evaluate("view.engine.worker === undefined && Boolean(view.result)")
    visit.press("n_iter", "ArrowRight")


def test_forbidden_worker_is_replaced(visit):
    """A policy without blob: workers is known by an error of the worker, not of its making."""
    visit.page.add_init_script(
        "window.Worker = class { constructor() { setTimeout(() => this.onerror()); } "
        "postMessage() {} terminate() {} }"
    )
    visit.open("inversion.html")
    assert visit.evaluate("Boolean(view.result)")


def test_without_javascript_there_is_a_picture_and_a_player(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/mel.html")
    assert page.locator("figure.sd-explorer img").is_visible()
    assert page.locator("figure.sd-explorer audio").is_visible()
    context.close()


def test_a_notebook_that_is_exported_as_we_say_is_alive(browser, tmp_path):
    """By nbconvert itself, with the option of the Makefile, which the pages quote."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    makefile = (twin.FOLDER.parents[1] / "Makefile").read_text(encoding="utf-8")
    (priority,) = re.findall(r"^PREFER_HTML = --\S+='(.*)'$", makefile, re.MULTILINE)
    data, _ = widget.Explorer(n_iter=1)._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    cell = nbformat.v4.new_code_cell("explorer", execution_count=1, outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "mine.ipynb")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "nbconvert",
            "--to",
            "html",
            "mine.ipynb",
            f"--NbConvertBase.display_data_priority={priority}",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    context = browser.new_context()
    page = context.new_page()
    page.goto((tmp_path / "mine.html").as_uri(), wait_until="commit")
    page.locator(".sd-app[data-state=ready]").wait_for()
    assert page.locator(".sd-status").inner_text() == "speech: 4.6 s, at 22050 Hz."
    context.close()


def test_figures_far_below_wait(visit):
    visit.open("two.html")
    figures = visit.page.locator("figure.sd-explorer")
    assert figures.evaluate_all("all => all.map(e => e.id)") == [
        "explorer-spectrogram",
        "explorer-spectrogram-2",
    ]
    assert figures.nth(1).locator("img").count() == 1
    figures.nth(1).scroll_into_view_if_needed()
    figures.nth(1).locator(".sd-app[data-state=ready]").wait_for()


def test_labels_are_text(visit):
    visit.open("own.html")
    assert visit.page.locator(".sd-source option").all_inner_texts()[0] == "<b>tone</b>"
    assert visit.page.locator("figure b, figure i").count() == 0
    assert visit.status.startswith("<b>tone</b>: 1 s")


@pytest.mark.parametrize("clip", ["silence", "click"])
def test_sounds_with_nothing_in_them(visit, clip):
    visit.open("own.html")
    visit.page.select_option(".sd-source select", clip)
    visit.until(f"view.stage.label === '{clip}'")
    visit.wait()
    assert not visit.page.locator(".sd-error").count()
    assert visit.evaluate("view.result.x.every(Number.isFinite)")


# --- controls --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", widget.STEPS)
def test_every_control_moves_by_keyboard(visit, step):
    visit.open(f"{step}.html")
    names = visit.page.locator(".sd-control:not(.sd-idle)").evaluate_all(
        "all => all.map(e => e.dataset.name)"
    )
    for name in names:
        before, control = visit.evaluate(SIGNATURE), visit.control(name)
        at_end = control.evaluate(
            "e => e.options ? e.selectedIndex === e.options.length - 1 : e.value === e.max"
        )
        keys = ("ArrowLeft", "ArrowRight") if at_end else ("ArrowRight", "ArrowLeft")
        visit.press(name, keys[0])
        assert visit.evaluate(SIGNATURE) != before, name
        visit.press(name, keys[1])
        assert visit.evaluate(SIGNATURE) == before, name


def test_controls_of_the_phase_matter_without_a_mel_step(visit):
    visit.open("staircase.html")
    assert visit.control("start").is_disabled() and visit.control("refine").is_disabled()
    visit.press("n_mels", "Home")
    assert visit.control("n_mfcc").is_disabled() and visit.control("fmax").is_disabled()
    for name, value in (("start", "random"), ("refine", "griffin_lim"), ("start", "zero")):
        before = visit.evaluate(SIGNATURE)
        visit.control(name).select_option(value)
        visit.wait()
        assert visit.evaluate(SIGNATURE) != before, value
    assert visit.control("momentum").is_disabled()
    visit.control("refine").select_option("fast_griffin_lim")
    visit.wait()
    before = visit.evaluate(SIGNATURE)
    visit.press("momentum", "ArrowLeft")
    assert visit.evaluate(SIGNATURE) != before
    visit.control("start").select_option("original")
    visit.wait()
    assert visit.control("n_iter").is_disabled()


def test_values_have_units(visit):
    visit.open("staircase.html")
    texts = visit.page.locator(".sd-control output").all_inner_texts()
    assert {"1024 samples · 46 ms", "keeps all", "8000 Hz", "80 dB"} <= set(texts)
    assert visit.control("n_fft").get_attribute("aria-valuetext") == "1024 samples · 46 ms"
    visit.press("threshold_db", "ArrowRight")
    assert visit.control("threshold_db").get_attribute("aria-valuetext") == "−119 dB"


def test_lower_picture_is_what_is_kept_or_what_comes_back(visit):
    visit.open("mel.html")
    before = visit.evaluate(SIGNATURE)
    visit.page.get_by_role("radio", name="what comes back").check()
    after = visit.evaluate(SIGNATURE)
    assert after[0] == before[0] and after[1] != before[1]
    label = visit.page.locator(".sd-lower canvas").get_attribute("aria-label")
    assert label.startswith("What comes back, speech: spectrogram of 513 rows; 0 to 4.56 s")


def test_numbers_are_those_of_the_step(visit):
    visit.open("mel.html")
    values = visit.page.locator(".sd-value").all_inner_texts()
    frames_per_second = (100441 // 256 + 1) / (100441 / 22050)
    assert int(re.sub(r"\D", "", values[0])) == round(80 * frames_per_second)
    assert re.fullmatch(r"−\d+\.\d dB", values[1])
    assert re.fullmatch(r"\d\.\d\d dB", values[2])
    assert re.fullmatch(r"[+−]?\d\.\d dB", values[3])
    assert visit.page.locator(".sd-numbers small").first.inner_text() == "31 % of the wave’s"


def test_empty_bands_are_told(visit):
    visit.open("mel.html")
    visit.press("n_mels", "End")
    visit.press("n_fft", "ArrowLeft")
    assert re.search(r"\d+ of 256 mel bands hold no bin", visit.status)


def test_contradictions_are_told_and_can_be_mended(visit):
    visit.open("spectrogram.html")
    visit.press("n_fft", "Home")
    visit.press("hop_length", "End")
    visit.page.locator(".sd-error").wait_for()
    assert "hop_length = 1024 is too large for n_fft = 128" in visit.status
    assert visit.page.get_by_role("radio", name="result").is_disabled()
    visit.press("hop_length", "Home")
    assert not visit.page.locator(".sd-error").count()
    assert visit.page.get_by_role("radio", name="result").is_enabled()


def test_reset_takes_everything_back(visit):
    visit.open("inversion.html")
    before = visit.evaluate(SIGNATURE)
    visit.press("n_fft", "ArrowRight")
    visit.press("axis", "ArrowDown")
    visit.page.get_by_role("button", name="Zoom in").click()
    visit.page.get_by_role("button", name="Reset").click()
    visit.wait()
    assert visit.evaluate(SIGNATURE) == before


def test_iterations_are_shown_and_can_be_cancelled(visit):
    visit.open("inversion.html")
    visit.control("n_iter").focus()
    visit.page.keyboard.press("End")
    visit.page.get_by_text("of 300").wait_for()
    assert visit.page.get_by_role("progressbar", name="Iterations").is_visible()
    visit.page.get_by_role("button", name="Cancel").click()
    visit.wait()
    assert "Cancelled" in visit.status
    assert not visit.page.locator(".sd-work").is_visible()


def test_newest_settings_win(visit):
    visit.open("inversion.html")
    visit.control("n_iter").focus()
    for key in ("End", "ArrowLeft", "ArrowLeft", "Home"):
        visit.page.keyboard.press(key)
    visit.wait()
    assert visit.evaluate("view.job.state.n_iter") == 0
    many = visit.evaluate(SIGNATURE)
    visit.page.reload()
    visit.wait()
    visit.press("n_iter", "Home")
    assert visit.evaluate(SIGNATURE) == many


# --- time ------------------------------------------------------------------------------------


def test_zoom_and_pan_by_buttons_keys_wheel_and_drag(visit):
    visit.open("spectrogram.html")
    page, plots = visit.page, visit.page.locator(".sd-plots")

    def span():
        return visit.evaluate("[view.stage.span.start, view.stage.span.end]")

    whole = span()
    page.get_by_role("button", name="Zoom in").click()
    half = span()
    assert half[1] - half[0] == pytest.approx(whole[1] / 2)
    page.get_by_role("button", name="Later").click()
    assert span()[0] > half[0]
    page.get_by_role("button", name="Show all").click()
    assert span() == whole
    plots.focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    quarter = span()
    assert quarter[1] - quarter[0] == pytest.approx(whole[1] / 4)
    page.keyboard.press("Shift+ArrowRight")
    assert span()[0] > quarter[0]
    page.keyboard.press("-")
    page.keyboard.press("0")
    assert span() == whole
    box = page.locator(".sd-original canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    visit.until("view.stage.span.start > 0")
    zoomed = span()
    assert (zoomed[0] + zoomed[1]) / 2 == pytest.approx(whole[1] / 2, abs=0.02)
    page.mouse.down()
    page.mouse.move(middle[0] - 100, middle[1], steps=4)
    page.mouse.up()
    moved = (zoomed[1] - zoomed[0]) * 100 / box["width"]
    assert span()[0] == pytest.approx(zoomed[0] + moved, abs=0.02)
    assert not visit.evaluate("view.player.playing")


def test_wheel_alone_scrolls_the_page(visit):
    visit.open("two.html")
    visit.page.locator(".sd-original canvas").first.hover()
    visit.page.mouse.wheel(0, 200)
    visit.page.wait_for_function("window.scrollY > 0")
    assert visit.evaluate("view.stage.span.start") == 0


def test_probe_reads_time_frequency_and_both_levels(visit):
    visit.open("own.html")
    page = visit.page
    box = page.locator(".sd-original canvas").bounding_box()
    # A quarter into the tone of 440 Hz, of 11025 Hz in all.
    y = box["y"] + box["height"] * (1 - 440 / 11025)
    page.mouse.move(box["x"] + box["width"] / 4, y)
    reading = page.locator(".sd-readout").inner_text()
    t, f, level, lower = re.fullmatch(
        r"([\d.]+) s · ([\d\u202f]+) Hz · (.+) dB, kept (.+) dB", reading
    ).groups()
    assert float(t) == pytest.approx(0.25, abs=0.01)
    assert int(f.replace("\u202f", "")) == pytest.approx(440, abs=80)
    assert float(level.replace("−", "-")) > -6 and lower == level
    page.mouse.move(0, 0)
    assert page.locator(".sd-readout").inner_text() == "0.00 of 1.00 s"


def test_probe_moves_by_keys_and_sets_the_position(visit):
    visit.open("own.html")
    page = visit.page
    page.locator(".sd-plots").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    assert page.locator(".sd-readout").inner_text().startswith("0.990 s · 1")
    page.keyboard.press("Enter")
    assert visit.evaluate("view.stage.playhead") == pytest.approx(0.99)


# --- sound -----------------------------------------------------------------------------------


def levels(visit):
    return visit.evaluate(
        "Object.fromEntries(Object.entries(view.player.nodes)"
        ".map(([side, { gain }]) => [side, gain.gain.value]))"
    )


def test_play_advances_switches_without_a_gap_and_stops(visit):
    visit.open("inversion.html")
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
    visit.open("inversion.html")
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
        visit.evaluate("view.pause()")
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
    visit.open("inversion.html")
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
    visit.open("inversion.html")
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="Download WAV").click()
    assert waiting.value.suggested_filename == "speech-inversion.wav"
    sr, samples = scipy.io.wavfile.read(waiting.value.path())
    x_hat = np.array(visit.evaluate("Array.from(view.result.x)"))
    assert sr == 22050 and samples.dtype == np.int16
    np.testing.assert_allclose(samples / 32767, x_hat, atol=1e-4)


# --- the reader's sounds ---------------------------------------------------------------------


@pytest.mark.parametrize("where", ["visit", "visit_file"])
def test_a_file_is_loaded_and_analysed(request, where):
    visit = request.getfixturevalue(where).open("inversion.html")
    before = visit.evaluate(SIGNATURE)
    give(visit, "my tone.wav", wav(tone(44100, 1.5), 44100))
    visit.page.get_by_text("my tone.wav: 1.5 s, at 22050 Hz.").wait_for()
    visit.wait()
    assert visit.page.locator(".sd-source select").input_value() == "my tone.wav"
    assert visit.evaluate(SIGNATURE)[0] != before[0]
    label = visit.page.locator(".sd-original canvas").get_attribute("aria-label")
    assert re.search(r"loudest at [\d.]+ s and 43\d Hz", label)
    visit.page.select_option(".sd-source select", "speech")
    visit.page.get_by_text("speech: 4.6 s").wait_for()
    visit.wait()
    assert visit.evaluate(SIGNATURE) == before


def encoded(form, sr=44100):
    """A tone in a file of another kind."""
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(sr), sr, format=form)
    return buffer.getvalue()


@pytest.mark.parametrize("sr", [500, 3000, 8000, 44100, 96_000, 192_000, 1_000_000])
def test_samples_of_a_wav_are_resampled_alike_in_every_browser(visit, sr):
    """By the figure itself: a sine stays that sine, at every rate."""
    f, n = 100, sr // 2
    visit.open("own.html")
    give(visit, "sine.wav", float_wav(0.5 * np.sin(2 * np.pi * f / sr * np.arange(n)), sr))
    visit.page.get_by_text("sine.wav: 0.5 s, at 22050 Hz.").wait_for()
    visit.wait()
    x = np.array(visit.evaluate("Array.from(view.sound.x)"))
    assert len(x) == np.ceil(n * 22050 / sr)
    inner = slice(len(x) // 4, -len(x) // 4)
    expected = 0.5 * np.sin(2 * np.pi * f / 22050 * np.arange(len(x)))
    np.testing.assert_allclose(x[inner], expected[inner], atol=5e-4 if sr > 500 else 5e-3)
    assert "this browser" not in visit.status


@pytest.mark.parametrize(("form", "told"), [("FLAC", False), ("OGG", True)])
def test_a_file_that_the_browser_resamples_says_so(visit, form, told):
    visit.open("own.html")
    give(visit, f"tone.{form.lower()}", encoded(form))
    visit.page.get_by_text(f"tone.{form.lower()}: 1 s, at 22050 Hz.").wait_for()
    visit.wait()
    assert ("Decoded by this browser" in visit.status) == told
    if not told:
        x = np.array(visit.evaluate("Array.from(view.sound.x)"))
        np.testing.assert_allclose(x[2000:-2000], tone()[2000:-2000], atol=1e-3)


def test_a_file_is_dropped(visit):
    visit.open("mel.html")
    data = list(wav(tone()))
    transfer = visit.page.evaluate_handle(
        "(bytes) => { const t = new DataTransfer(); "
        "t.items.add(new File([new Uint8Array(bytes)], 'dropped.wav')); return t; }",
        data,
    )
    visit.page.dispatch_event(".sd-app", "dragover", {"dataTransfer": transfer})
    assert visit.page.locator(".sd-over").count() == 1
    visit.page.dispatch_event(".sd-app", "drop", {"dataTransfer": transfer})
    visit.page.get_by_text("dropped.wav: 1 s").wait_for()
    assert visit.page.locator(".sd-over").count() == 0


def cut_header(data, n_samples):
    """A WAV file whose header promises as many samples as it has."""
    return (
        data[:4]
        + struct.pack("<I", 36 + 2 * n_samples)
        + data[8:40]
        + struct.pack("<I", 2 * n_samples)
        + data[44 : 44 + 2 * n_samples]
    )


def spoiled():
    x = tone()
    x[1000:1010] = np.nan
    return float_wav(x)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("notes.txt", b"no sound at all", "notes.txt holds no sound that this browser can read."),
        ("nothing.wav", b"", "nothing.wav holds no sound that this browser can read."),
        ("empty.wav", cut_header(wav(tone()), 0), "empty.wav (is empty|holds no sound)"),
        ("nan.wav", spoiled(), "nan.wav is damaged: some of its samples are not numbers."),
        ("huge.wav", None, "huge.wav is too large: it has 3600 MB, and 25 are taken."),
    ],
    ids=["text", "no bytes", "no samples", "not a number", "too large"],
)
def test_bad_files_are_told_and_break_nothing(visit, tmp_path, name, data, sentence):
    visit.open("inversion.html")
    before = visit.evaluate(SIGNATURE)
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(data or b"")
        if data is None:
            file.truncate(3600 * 2**20)  # a hole: it takes no room on the disk
    visit.page.set_input_files(".sd-source input", path)
    visit.page.locator(".sd-error").wait_for()
    assert re.search(sentence, visit.status)
    assert visit.evaluate(SIGNATURE) == before
    assert visit.page.locator(".sd-source select").input_value() == "speech"
    visit.press("n_iter", "ArrowLeft")
    assert visit.evaluate(SIGNATURE)[2] != before[2]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (wav(tone(192000), 192000), "sound.wav: 1 s, at 22050 Hz."),
        (wav(np.tile(tone()[:, np.newaxis], 8)), "sound.wav: 1 s, 8 channels mixed to one, at"),
        (wav(tone(8000, 65.0), 8000), "sound.wav: 65 s, at 22050 Hz. The first 60 s are kept."),
    ],
    ids=["192 kHz", "8 channels", "65 s"],
)
def test_unusual_files_are_taken(visit, data, sentence):
    visit.open("spectrogram.html")
    give(visit, "sound.wav", data)
    visit.page.get_by_text(sentence).wait_for()
    visit.wait()
    assert not visit.page.locator(".sd-error").count()
    assert visit.evaluate("view.sound.sr") == 22050
    assert visit.evaluate("view.stage.duration") <= 60
    assert visit.evaluate("view.sound.peak") == pytest.approx(0.5, abs=0.05)


def test_a_recording_is_analysed(visit):
    visit.open("inversion.html")
    visit.page.get_by_role("button", name="Record").click()
    visit.page.get_by_text("Stop (9 s left)").click()
    visit.page.get_by_text("recording: ").wait_for()
    visit.wait()
    assert visit.page.locator(".sd-source select").input_value() == "recording"
    assert 0.5 < visit.evaluate("view.stage.duration") < 4
    assert visit.page.get_by_role("button", name="Record").is_enabled()


def test_a_recording_ends_by_itself(visit):
    visit.page.clock.install()
    visit.open("spectrogram.html", ready=False)
    button = visit.page.locator(".sd-source button")
    button.click()
    visit.page.get_by_text("Stop (10 s left)").wait_for()
    for _ in range(10):
        visit.page.clock.run_for(1000)
    visit.page.get_by_role("button", name="Record").wait_for()
    assert visit.evaluate("view.sources.recording") is None


REFUSAL = """navigator.mediaDevices.getUserMedia = async () => {{
  throw new DOMException("", "{}");
}};"""


@pytest.mark.parametrize(
    ("microphone", "sentence"),
    [
        (REFUSAL.format("NotAllowedError"), "The microphone was refused."),
        (REFUSAL.format("NotFoundError"), "No microphone was found."),
        (
            "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })",
            "This page may not use a microphone",
        ),
    ],
    ids=["refused", "absent", "insecure page"],
)
def test_microphone_that_cannot_be_had_is_told(visit, microphone, sentence):
    visit.page.add_init_script(microphone)
    visit.open("inversion.html")
    before = visit.evaluate(SIGNATURE)
    visit.page.get_by_role("button", name="Record").click()
    visit.page.get_by_text(sentence).wait_for()
    assert visit.page.get_by_role("button", name="Record").is_enabled()
    assert visit.evaluate(SIGNATURE) == before


# --- links -----------------------------------------------------------------------------------


def test_a_link_restores_the_settings(visit):
    visit.open("inversion.html#explorer-inversion?n_fft=512&axis=mel&n_iter=3")
    assert visit.control("axis").input_value() == "mel"
    assert visit.evaluate("[view.state.n_fft, view.state.n_iter]") == [512, 3]


def test_a_link_is_checked(visit):
    visit.open(
        "inversion.html#explorer-inversion?n_fft=1e9&start=<b>&n_iter=2.5&x=1&clip=no"
        "&momentum=&hop_length=128&step=mel"
    )
    assert visit.evaluate("view.state.hop_length") == 128
    assert visit.evaluate("[view.state.n_fft, view.state.start, view.state.n_iter]") == [
        1024,
        "random",
        8,
    ]
    assert (
        "Left out of the link: n_fft = 1e9, start = <b>, n_iter = 2.5, x = 1, clip = no, "
        "momentum = , step = mel."
    ) in visit.status


def test_a_changed_address_changes_the_figure_that_it_names(visit):
    visit.open("inversion.html")
    visit.press("n_iter", "ArrowRight")
    visit.page.evaluate("location.hash = '#explorer-inversion?range_db=60'")
    visit.until("view.state.range_db === 60")
    assert visit.evaluate("view.state.n_iter") == 8  # what a link leaves out is preset
    visit.page.evaluate("location.hash = '#explorer-mel?range_db=90'")
    visit.page.evaluate("location.hash = '#another-heading'")
    assert visit.evaluate("view.state.range_db") == 60


def test_copied_link_leads_back(visit):
    visit.open("inversion.html")
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.press("n_fft", "ArrowRight")
    visit.press("colormap", "ArrowDown")
    visit.page.get_by_role("button", name="Copy link").click()
    visit.page.get_by_text("The link is copied.").wait_for()
    link = visit.page.evaluate("navigator.clipboard.readText()")
    assert link == visit.page.url
    assert link.endswith("#explorer-inversion?n_fft=2048&colormap=viridis")
    visit.page.get_by_role("button", name="Reset").click()
    assert "#" not in visit.page.url
    visit.wait()
    visit.page.goto("about:blank")
    visit.page.goto(link)
    visit.wait()
    assert visit.evaluate("[view.state.n_fft, view.state.colormap]") == [2048, "viridis"]


def test_without_a_clipboard_the_link_is_in_the_address(visit_file):
    visit_file.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
    )
    visit_file.open("inversion.html")
    visit_file.press("axis", "ArrowDown")
    visit_file.page.get_by_role("button", name="Copy link").click()
    visit_file.page.get_by_text("The link is in the address bar.").wait_for()
    assert visit_file.page.url.endswith("#explorer-inversion?axis=log")


def test_figures_of_a_page_keep_to_their_own_links(visit):
    visit.open("two.html#explorer-spectrogram-2?n_fft=512", ready=False)
    second = visit.page.locator("#explorer-spectrogram-2 .sd-app[data-state=ready]")
    second.wait_for()
    assert second.evaluate("e => e.view.state.n_fft") == 512
    assert (
        visit.page.locator("#explorer-spectrogram-2").evaluate(
            "e => Math.abs(e.getBoundingClientRect().top)"
        )
        < 50
    )
    visit.page.evaluate("scrollTo(0, 0)")
    visit.page.locator("#explorer-spectrogram .sd-app[data-state=ready]").wait_for()
    assert visit.evaluate("view.state.n_fft") == 1024


# --- sentences -------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["control", "clip", "file", "reset"])
def test_a_copied_link_is_told_until_something_changes(visit, change):
    visit.open("book.html")
    visit.page.get_by_role("button", name="Copy link").click()
    visit.page.get_by_text("The link is").wait_for()
    if change == "control":
        visit.press("n_mels", "ArrowLeft")
    elif change == "clip":
        visit.page.select_option(".sd-source select", "drums")
    elif change == "file":
        give(visit, "tone.wav", wav(tone()))
        visit.page.get_by_text("tone.wav: 1 s").wait_for()
    else:
        visit.page.get_by_role("button", name="Reset").click()
    visit.wait()
    assert "link" not in visit.status


def test_while_a_sound_is_awaited_the_figure_is_busy_and_other_news_are_gone(visit):
    visit.open("book.html")
    give(visit, "check.py", b"no sound at all")
    visit.page.locator(".sd-error").wait_for()
    held = []
    visit.page.route("**/clips/drums.js", lambda route: held.append(route))
    visit.page.select_option(".sd-source select", "drums")
    visit.page.get_by_text("Waiting for drums.").wait_for()
    assert visit.status == "Waiting for drums."
    assert visit.evaluate("view.root.dataset.state") == "busy"
    held[0].continue_()
    visit.wait()
    assert visit.status == "drums: 4.6 s, at 22050 Hz."


def test_a_file_with_a_fault_does_not_end_the_wait_for_another_sound(visit):
    held = []
    visit.page.route("**/clips/speech.js", lambda route: held.append(route))
    visit.open("book.html", ready=False)
    visit.page.get_by_text("Waiting for speech.").wait_for()
    give(visit, "check.py", b"no sound at all")
    visit.page.locator(".sd-error").wait_for()
    assert "Waiting for speech." in visit.status
    assert visit.evaluate("view.root.dataset.state") == "busy"
    held[0].continue_()
    visit.wait()
    assert visit.evaluate("view.stage.label") == "speech"


# --- looks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "width"), [("spectrogram", 390), ("staircase", 1000), ("dark", 390), ("two", 1000)]
)
def test_axe_finds_nothing_serious(visit, name, width):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.open(f"{name}.html")
    visit.page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    found = axe.Axe().run(visit.page).response["violations"]
    told = [(v["id"], v["impact"], [node["html"] for node in v["nodes"]]) for v in found]
    assert [v for v in told if v[1] in ("serious", "critical")] == []
    print(f"axe on {name} at {width} px:", json.dumps([v[:2] for v in told]))


@pytest.mark.parametrize("step", widget.STEPS)
def test_nothing_sticks_out(visit, step):
    visit.open(f"{step}.html")
    for width in (320, 390, 700, 1000):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        parts = visit.page.locator(".sd-app :is(button, select, fieldset, output, canvas):visible")
        edges = parts.evaluate_all("all => all.map((e) => e.getBoundingClientRect().right)")
        edge = visit.page.locator(".sd-app").evaluate("e => e.getBoundingClientRect().right")
        assert max(edges) <= edge


@pytest.mark.parametrize("width", [390, 378, 330])
def test_sources_stand_in_one_row_on_a_phone(visit, width):
    """Also where a scroll bar takes 12 px; the name of the list is read out all the same."""
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.open("book.html")
    places = visit.page.locator(".sd-source :is(select, .sd-button, button)").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect().top)"
    )
    assert len(places) == 3 and max(places) - min(places) < 2
    assert visit.page.get_by_role("combobox", name="Sound", exact=True).is_visible()


def test_groups_are_closed_on_a_phone(visit):
    visit.page.set_viewport_size({"width": 390, "height": 900})
    visit.open("staircase.html")
    assert visit.page.locator("details").evaluate_all("all => all.map(e => e.open)") == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_page(visit, scheme):
    """The attribute of the theme comes before what the system prefers."""
    visit.page.emulate_media(color_scheme=scheme)

    def ink():
        color = visit.page.locator(".sd-app").evaluate("e => getComputedStyle(e).color")
        return sum(map(int, re.findall(r"\d+", color)[:3])) / 3

    visit.open("mel.html")
    assert (ink() < 100) == (scheme == "light")
    visit.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert ink() > 200
    visit.page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert ink() < 100
    visit.page.evaluate("delete document.documentElement.dataset.theme")
    visit.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert ink() > 200


def test_reduced_motion_is_respected(visit):
    visit.page.emulate_media(reduced_motion="reduce")
    visit.open("mel.html")
    assert (
        visit.page.locator(".sd-lower canvas").evaluate(
            "e => getComputedStyle(e).transitionDuration"
        )
        == "0s"
    )


def test_timings(visit):
    """Prints how long things take here; a clock is no reason to fail."""
    visit.open("staircase.html")
    moves = {
        "threshold_db": "ArrowRight",
        "colormap": "ArrowDown",
        "axis": "ArrowDown",
        "n_fft": "ArrowRight",
        "hop_length": "ArrowRight",
        "n_mels": "ArrowRight",
    }
    start, ms = visit.page.evaluate(
        "(([first]) => [first.startTime, first.duration])"
        "(performance.getEntriesByName('specdemo:analysis'))"
    )
    print(f"first picture {start + ms:.0f} ms after navigation")
    for name, key in moves.items():
        visit.page.evaluate("performance.clearMeasures()")
        visit.press(name, key)
        took = visit.page.evaluate(
            "performance.getEntriesByType('measure').map((e) => [e.name, e.duration])"
        )
        assert took and all(label.startswith("specdemo:") for label, _ in took)
        print(name, ", ".join(f"{label[9:]} {ms:.0f} ms" for label, ms in took))
