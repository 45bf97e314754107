"""The page where arrays become sound: links, keyboard, files that are dropped, and how it looks."""

from itertools import product

import pytest

import specdemo as sd
from hear_visit import HearVisit, array_of, npy
from untested import some
from visit import visiting

AXE = "axe_playwright_python.sync_playwright"


@pytest.mark.parametrize("example", some(["hifigan-v1", "whisper-80"], "whisper-80"))
def test_there_is_an_example_for_those_who_have_no_array(visit, example):
    visit.open()
    visit.page.get_by_role("button", name=f"Example: {example}").click()
    visit.until("view.listening.current?.i === 100")
    visit.wait()
    fmt, found = sd.mel_format(example), sd.mel_format(visit.chosen)
    assert found.scale == fmt.scale and found.sr == fmt.sr


def test_a_link_opens_a_format(visit):
    visit.open("#format=waveglow")
    assert "Waiting for an array in the format tacotron2" in visit.page.inner_text(".sd-told")
    assert visit.page.get_by_role("button", name="Example: tacotron2").is_visible()
    A, _ = array_of("hifigan-v1", 0.5)
    visit.give("mel.npy", npy(A))
    assert visit.chosen == "tacotron2"
    visit.choose("speechbrain-hifigan")
    assert visit.page.url.endswith("#format=speechbrain-hifigan")
    visit.page.evaluate("location.hash = '#format=hifigan-v1'")
    visit.until("view.chosen === 'hifigan-v1'")
    visit.wait()
    visit.give("mel.npy", npy(array_of("kaldi-fbank-80", 0.5)[0]))
    assert visit.chosen == "kaldi-fbank-80"
    assert "cannot be in the format hifigan-v1" in visit.alert
    visit.page.evaluate("location.hash = '#format=unheard-of'")
    visit.until("view.alert.textContent.includes('unheard-of')")


def test_everything_works_by_keyboard(visit):
    A, _ = array_of("hifigan-v1", 0.5)
    visit.open().give("mel.npy", npy(A))
    first = visit.chosen
    visit.page.locator(f"input[type=radio][value='{first}']").focus()
    visit.page.keyboard.press("ArrowDown")
    visit.until(f"view.chosen !== '{first}'")
    visit.wait()
    visit.page.get_by_role("button", name="Play").focus()
    visit.page.keyboard.press("Enter")
    visit.until("view.listening.player.playing")
    visit.page.keyboard.press("Enter")
    visit.until("!view.listening.active")
    position = visit.page.get_by_role("slider", name="Position")
    position.focus()
    visit.page.keyboard.press("ArrowRight")
    assert visit.evaluate("view.listening.now()") > 0
    visit.page.keyboard.press(" ")
    visit.until("view.listening.active")
    for name in ("frames and bands", "s and Hz"):
        visit.page.get_by_role("radio", name=name).focus()
        visit.page.keyboard.press(" ")
    assert visit.page.locator(".sd-axis-unit").inner_text() == "Hz"
    summary = visit.page.get_by_text("Why not another?")
    summary.focus()
    visit.page.keyboard.press("Enter")
    assert visit.page.locator(".sd-choices li").first.is_visible()


def test_dropped_files_are_taken_wherever_they_fall(visit):
    """Several at once: those that hold no array are left out."""
    A, _ = array_of("hifigan-v1", 0.3)
    visit.open()
    transfer = visit.page.evaluate_handle(
        """(files) => {
          const transfer = new DataTransfer();
          for (const [name, bytes] of files)
            transfer.items.add(new File([Uint8Array.from(bytes)], name));
          return transfer;
        }""",
        [["notes.txt", [65, 66]], ["a.npy", list(npy(A))], ["b.npy", list(npy(A[:, 3:]))]],
    )
    visit.page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    visit.until("view.table && view.listening.current?.i === 100")
    visit.wait()
    assert visit.chosen
    offered = visit.page.get_by_label("Array", exact=True).locator("option").all_inner_texts()
    assert [text.split(" ")[0] for text in offered] == ["a.npy", "b.npy"]


@pytest.mark.parametrize(
    ("page", "width"),
    some(
        list(product(["hear.html", "dark.html"], [1280, 390])),
        ("hear.html", 1280),
        ("dark.html", 390),
    ),
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(browser, folder, page, width):
    axe = pytest.importorskip(AXE, reason="axe-playwright-python is not installed").Axe()
    size = {"width": width, "height": 844}
    with visiting(browser, folder.as_uri(), HearVisit, viewport=size) as visit:
        visit.goto(page)
        visit.wait()
        for data in (None, npy(array_of("nemo-asr", 0.5)[0]), b"\x89PNG\r\n\x1a\n"):
            if data:
                visit.give("mel.npy", data)
            visit.page.evaluate(
                "document.querySelectorAll('details').forEach((d) => d.open = true)"
            )
            options = {"preload": False, "resultTypes": ["violations"]}
            found = axe.run(visit.page, options=options).response["violations"]
            assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found]
            widths = visit.page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert widths[0] <= widths[1]


def test_without_workers_the_page_does_the_work(visit):
    visit.page.add_init_script("delete window.Worker")
    A, _ = array_of("hifigan-v1", 0.3)
    visit.open().give("mel.npy", npy(A))
    assert visit.evaluate("view.engine.worker === undefined && view.listening.current.i === 100")
