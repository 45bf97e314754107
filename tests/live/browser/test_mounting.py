"""The Explorer mounts in a headless browser, on small pages made of nothing but its twins."""

import subprocess
import sys

import pytest

from specdemo.live import widget
from untested import some, ways
from visit import SIGNATURE


@pytest.mark.parametrize("step", some(widget.STEPS, "spectrogram", "mfcc"))
@pytest.mark.parametrize("where", ways())
def test_every_step_mounts(request, where, step):
    visit = request.getfixturevalue({"http": "visit", "file": "visit_file"}[where])
    visit.open(f"{step}.html")
    page = visit.page
    assert page.locator("figure img, figure audio").count() == 0
    assert page.locator("figcaption").inner_text() == "Hear it."
    assert visit.evaluate("view.runs.engine.worker instanceof Worker && view.runs.engine.answered")
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
    assert visit.evaluate("view.runs.engine.worker instanceof Worker && Boolean(view.runs.result)")


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
    assert visit.evaluate("view.runs.engine.worker === undefined && Boolean(view.runs.result)")
    visit.press("n_iter", "ArrowRight")


def test_forbidden_worker_is_replaced(visit):
    """A policy without blob: workers is known by an error of the worker, not of its making."""
    visit.page.add_init_script(
        "window.Worker = class { constructor() { setTimeout(() => this.onerror()); } "
        "postMessage() {} terminate() {} }"
    )
    visit.open("inversion.html")
    assert visit.evaluate("Boolean(view.runs.result)")


def test_without_javascript_there_is_a_picture_and_a_player(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/mel.html")
    assert page.locator("figure.sd-explorer img").is_visible()
    assert page.locator("figure.sd-explorer audio").is_visible()
    context.close()


def test_a_notebook_that_is_exported_is_alive(browser, tmp_path):
    """By nbconvert itself, which finds the setting that was installed with the package."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    data, _ = widget.Explorer(n_iter=1)._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    cell = nbformat.v4.new_code_cell("explorer", execution_count=1, outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "mine.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "mine.ipynb"],
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
    assert visit.evaluate("view.runs.result.x.every(Number.isFinite)")
