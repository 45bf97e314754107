"""Quizzes: what is wrong in their source, what becomes of it, and how they are answered."""

import functools
import http.server
import io
import threading

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser
from sphinx.application import Sphinx

from built import soup
from pages import quiz
from untested import ways

INTRO = "# Page\n\n## Before\n\n## Quiz\n\nDecide first.\n"


def choice(letter, verdict):
    summary = f"<summary>{letter}. Is it <code>{letter}</code>?</summary>"
    return f"<details>{summary}\n\n{verdict}\n\n</details>\n\n"


RIGHT, WRONG = "**Right.** So it is.", "**No.** See [before](#before)."
ASK = "\n**Question 1.** Which is it?\n\n"
GOOD = ASK + choice("A", WRONG) + choice("B", RIGHT) + choice("C", WRONG)


def read(source, title="Quiz"):
    """Return the questions of the section "Quiz" of a page."""
    settings = {"report_level": 5, "doctitle_xform": False}
    document = publish_doctree(INTRO + source, parser=Parser(), settings_overrides=settings)
    found = (s for s in document.findall(nodes.section) if s[0].astext() == title)
    return quiz.put_questions(next(found))


def test_questions_and_choices_are_read():
    second = GOOD.replace("Question 1.", "Question 2.") + choice("D", WRONG)
    one, two = read(GOOD + second)
    assert one[0].astext() == "Question 1. Which is it?"
    assert one[0]["ids"] == [one["label"]] == ["quiz-question-1"]
    assert [(c["letter"], c["right"]) for c in one[1:]] == [("A", False), ("B", True), ("C", False)]
    assert one[2]["summary"] == "Is it <code>B</code>?"
    assert one[2].astext() == "Right. So it is."
    assert len(two) == 5


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("", "there is no question"),
        ("Which is it?\n", "there is no question"),
        (GOOD.replace("Question 1.", "Question 2."), "question 2 should be number 1"),
        (GOOD + GOOD, "question 1 should be number 2"),
        (ASK + choice("A", WRONG) + choice("B", RIGHT), "has the choices AB"),
        (ASK, "has the choices none"),
        (GOOD.replace("C. Is", "D. Is"), "has the choices ABD"),
        (GOOD.replace("B. Is", "Is"), "other HTML"),
        (GOOD.replace("**Right.**", "**Yes.**"), "B begins neither with"),
        (GOOD.replace(RIGHT, ""), "B begins neither with"),
        (GOOD.replace(RIGHT, WRONG), "has 0 right choices"),
        (GOOD.replace(WRONG, RIGHT), "has 3 right choices"),
        (GOOD.replace("See [before](#before)", "Think"), "A is wrong and links to nowhere"),
        (GOOD + "\nAnd more.\n", "goes on behind its choices: 'And more.'"),
        (GOOD.replace("</details>", "", 1), "is not closed, or closed twice"),
        (GOOD.rstrip().removesuffix("</details>"), "is not closed, or closed twice"),
        (GOOD + "</details>\n", "is not closed, or closed twice"),
        (GOOD + "<div>\n", "other HTML"),
        (GOOD.replace("</details>\n\n", "</details>\n"), "between blank lines"),
    ],
)
def test_what_is_malformed_is_told(source, fault):
    with pytest.raises(quiz.Malformed, match=f"(?s).*{fault}"):
        read(source)


@pytest.fixture
def build(tmp_path):
    """Return a function that builds a page with Sphinx, and returns its HTML and its warnings."""

    def built(text):
        (tmp_path / "conf.py").write_text(
            "extensions = ['myst_parser', 'pages.quiz']\nmyst_heading_anchors = 2\n"
        )
        (tmp_path / "index.md").write_text(text)
        warnings = io.StringIO()
        app = Sphinx(
            tmp_path,
            tmp_path,
            tmp_path / "html",
            tmp_path / "trees",
            "html",
            status=None,
            warning=warnings,
        )
        app.build()
        # That another test of this process has registered the same nodes is no matter.
        told = [w for w in warnings.getvalue().splitlines() if "already registered" not in w]
        return (tmp_path / "html" / "index.html").read_text(), "\n".join(told)

    return built


def test_a_quiz_becomes_groups_of_choices(build):
    page, warnings = build(INTRO + GOOD)
    assert not warnings
    (question,) = BeautifulSoup(page, "html.parser").select(".sd-quiz > .sd-question[role=group]")
    assert question.find(id=question["aria-labelledby"]).get_text() == "Question 1. Which is it?"
    assert [c["class"][1] for c in question.select("details.sd-choice")] == [
        "sd-wrong",
        "sd-right",
        "sd-wrong",
    ]
    first = question.details
    assert first.summary.get_text() == "A. Is it A?"
    assert first.select_one("summary code").get_text() == "A"
    assert first.select_one(".sd-why a")["href"] == "#before"
    assert len(page.split("<details")) == len(page.split("</details>")) == 4


def test_a_fault_is_a_warning_which_stops_the_book(build):
    _, warnings = build(INTRO + GOOD.replace("**Right.**", "**Yes.**"))
    assert (
        "WARNING: quiz: question 1, B begins neither with **Right.** nor with **No.**" in warnings
    )


def test_a_link_to_nowhere_is_a_warning(build):
    _, warnings = build(INTRO + GOOD.replace("#before", "#behind"))
    assert "'behind'" in warnings


def test_other_sections_stay(build):
    page, warnings = build(INTRO.replace("Quiz", "Answers") + GOOD)
    assert not warnings
    assert "sd-question" not in page
    assert page.count("<details>") == 3


# --- on the pages ------------------------------------------------------------------------------

CHAPTER = "notebooks/05_mfcc.html"


@pytest.fixture(scope="module")
def server(site):
    """Address of the built site, served on this machine."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(params=ways())
def address(request, site):
    """Address of a chapter, from a server and from a disk."""
    if request.param == "file":
        return (site / CHAPTER).as_uri()
    return f"{request.getfixturevalue('server')}/{CHAPTER}"


@pytest.fixture
def visit(browser):
    """Return a function that opens a page; no error may show on its console."""
    contexts, faults = [], []

    def opened(address, **settings):
        context = browser.new_context(viewport={"width": 1000, "height": 800}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def test_a_quiz_is_answered_by_keyboard(visit, address):
    page = visit(address)
    questions = page.locator(".sd-question")
    score = page.get_by_role("status").filter(has_text="first choice")
    assert not page.locator(".sd-why").first.is_visible()

    def answer(number, kind, key):
        chosen = questions.nth(number).locator(f".sd-{kind}").first
        chosen.locator("summary").focus()
        page.keyboard.press(key)
        chosen.locator(".sd-why").wait_for()
        return chosen.locator(".sd-why").inner_text()

    assert answer(0, "wrong", "Enter").startswith("No. ")
    count = questions.count()
    page.get_by_text(f"Right at the first choice: 0 of 1, {count - 1} to go.").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.sd-why') !== null"), "the link is next"
    assert answer(0, "right", "Space").startswith("Right. ")
    for number in range(1, count):
        answer(number, "right", "Enter")
    page.get_by_text(f"Right at the first choice: {count - 1} of {count}.").wait_for()
    assert score.count() == 1
    page.keyboard.press("Enter")
    last = questions.last.locator(".sd-right .sd-why")
    last.wait_for(state="hidden")


def test_choices_are_told_to_a_screen_reader(visit, server):
    page = visit(f"{server}/{CHAPTER}")
    group = page.get_by_role("group", name="Question 1.")
    assert group.count() == 1
    tree = group.aria_snapshot()
    assert "A. At 20 ms." in tree and "✗" not in tree


def test_a_quiz_works_without_javascript(visit, server):
    page = visit(f"{server}/{CHAPTER}", java_script_enabled=False)
    choice = page.locator(".sd-question").first.locator(".sd-wrong").first
    choice.locator("summary").click()
    choice.locator(".sd-why").wait_for()
    assert page.locator(".sd-score").count() == 0


def test_paper_shows_the_choices_and_keeps_the_answers_folded(visit, server):
    page = visit(f"{server}/{CHAPTER}")
    page.emulate_media(media="print")
    question = page.locator(".sd-question").first
    assert all(summary.is_visible() for summary in question.locator("summary").all())
    assert not question.locator(".sd-why").first.is_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1000, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(visit, server, width, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = visit(f"{server}/{CHAPTER}", color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.locator(".sd-choice").evaluate_all("all => all.forEach((e) => { e.open = true; })")
    page.locator(".sd-score").wait_for()
    found = axe.Axe().run(page, context=".sd-quiz").response["violations"]
    assert [
        (v["id"], [n["html"] for n in v["nodes"]])
        for v in found
        if v["impact"] in ("serious", "critical")
    ] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_chapter_has_a_quiz_and_its_script(site):
    for path in sorted(site.glob("notebooks/*.html")):
        page = soup(f"notebooks/{path.name}")
        assert len(page.select(".sd-quiz .sd-question")) >= 4, path.name
        assert page.select("script[data-from~='quiz.js'][defer]"), path.name
        for question in page.select(".sd-question"):
            assert len(question.select("details.sd-right")) == 1
            assert all(c.select(".sd-why a[href]") for c in question.select(".sd-wrong"))
