"""Links to settings of the Explorer, and the sentences under it."""

import pytest

from reader_files import give, tone, wav
from untested import some

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


@pytest.mark.parametrize("change", some(["control", "clip", "file", "reset"], "control", "file"))
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


SLOW = """(bytes) => {
  const decoded = new Promise((go) => { window.go = go; }), data = Uint8Array.from(bytes).buffer;
  const file = { name: "late.wav", size: bytes.length, arrayBuffer: () => decoded.then(() => data) };
  window.done = document.querySelector(".sd-app").view.sources.open(file);
}"""


@pytest.mark.parametrize("newer", ["drums", "new.wav"])
def test_a_file_that_comes_late_takes_the_place_of_no_newer_choice(visit, newer):
    visit.open("book.html")
    visit.page.evaluate(SLOW, list(wav(tone())))
    visit.page.get_by_text("Waiting for late.wav.").wait_for()
    if newer == "new.wav":
        give(visit, newer, wav(tone()))
    else:
        visit.page.select_option(".sd-source select", newer)
    visit.until(f"view.stage.label === '{newer}'")
    visit.page.evaluate("() => { window.go(); return window.done; }")
    visit.wait()
    assert visit.evaluate("view.stage.label") == newer
    assert visit.status.startswith(f"{newer}: ")


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
