"""Quizzes: what is wrong in their source, and what becomes of it."""

import io

import pytest
import quiz
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser
from sphinx.application import Sphinx

INTRO = "# Page\n\n## Before\n\n## Quiz\n\nDecide first.\n"


def choice(letter, verdict):
    return f"<details><summary>{letter}. Is it <code>{letter}</code>?</summary>\n\n{verdict}\n\n</details>\n"


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
            "extensions = ['myst_parser', 'quiz']\nmyst_heading_anchors = 2\n")
        (tmp_path / "index.md").write_text(text)
        warnings = io.StringIO()
        app = Sphinx(tmp_path, tmp_path, tmp_path / "html", tmp_path / "trees", "html",
                     status=None, warning=warnings)
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
        "sd-wrong", "sd-right", "sd-wrong"]
    first = question.details
    assert first.summary.get_text() == "A. Is it A?"
    assert first.select_one("summary code").get_text() == "A"
    assert first.select_one(".sd-why a")["href"] == "#before"
    assert len(page.split("<details")) == len(page.split("</details>")) == 4


def test_a_fault_is_a_warning_which_stops_the_book(build):
    _, warnings = build(INTRO + GOOD.replace("**Right.**", "**Yes.**"))
    assert "WARNING: quiz: question 1, B begins neither with **Right.** nor with **No.**" in warnings


def test_a_link_to_nowhere_is_a_warning(build):
    _, warnings = build(INTRO + GOOD.replace("#before", "#behind"))
    assert "'behind'" in warnings


def test_other_sections_stay(build):
    page, warnings = build(INTRO.replace("Quiz", "Answers") + GOOD)
    assert not warnings
    assert "sd-question" not in page
    assert page.count("<details>") == 3
