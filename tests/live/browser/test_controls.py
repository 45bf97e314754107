"""The controls of the Explorer, and what they change."""

import re

import pytest

from specdemo.live import widget
from untested import some
from visit import SIGNATURE


@pytest.mark.parametrize("step", some(widget.STEPS, "staircase"))
def test_every_control_moves_by_keyboard(visit, step):
    visit.open(f"{step}.html")
    names = visit.page.locator(".sd-control:not(.sd-idle)").evaluate_all(
        "all => all.map(e => e.dataset.name)"
    )
    before = visit.evaluate(SIGNATURE)
    for name in names:
        control = visit.control(name)
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
    assert label.startswith("What comes back, speech: spectrogram of 513 rows; 0 to 1.5 s")


def test_numbers_are_those_of_the_step(visit):
    visit.open("mel.html")
    values = visit.page.locator(".sd-value").all_inner_texts()
    frames_per_second = (33075 // 256 + 1) / 1.5
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
    assert visit.evaluate("view.runs.job.state.n_iter") == 0
    many = visit.evaluate(SIGNATURE)
    visit.page.reload()
    visit.wait()
    visit.press("n_iter", "Home")
    assert visit.evaluate(SIGNATURE) == many
