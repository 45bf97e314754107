"""The quizzes: their form, and what their answers claim, computed."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from docutils.core import publish_doctree
from docutils.nodes import section
from myst_parser.docutils_ import Parser

from pages import quiz
from quiz_facts import FACTS

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTERS = range(1, 11)
# What is no claim: the name of an exercise, a task, a chapter or a section.
NAMES = re.compile(r"Exercise \d+\.\d|task \d|chapter \d+|13, 20 or 40")
# docutils alone knows no other page.
OTHER_PAGE = re.compile(r"\[([^]]*)\]\(\w+\.ipynb[^)]*\)")


def cells(chapter):
    """Return the cells of a chapter."""
    (path,) = FOLDER.glob(f"{chapter:02}_*.ipynb")
    return nbformat.read(path, as_version=4).cells


@cache
def questions(chapter):
    """Return the questions of a chapter, as the build of the book reads them."""
    texts = [cell.source for cell in cells(chapter) if cell.cell_type == "markdown"]
    headings = re.findall(r"^##.*(?<!Quiz)$", "\n".join(texts), re.MULTILINE)
    (source,) = (text for text in texts if text.startswith("## Quiz"))
    source = OTHER_PAGE.sub(r"[\1](#quiz)", "\n\n".join([*headings, source]))
    settings = {
        "doctitle_xform": False,
        "myst_heading_anchors": 3,
        "halt_level": 3,
        "myst_enable_extensions": ["dollarmath"],
    }
    document = publish_doctree(source, parser=Parser(), settings_overrides=settings)
    (found,) = (s for s in document.findall(section) if s[0].astext() == "Quiz")
    return quiz.put_questions(found)


def choices(question):
    """Return the choices of a question."""
    return list(question.findall(quiz.Choice))


def claims(question):
    """Return what a question says in its own voice: verdicts, and the choice that is right."""
    return "\n".join(
        choice.astext() + choice["summary"] * choice["right"] for choice in choices(question)
    )


def whole(question):
    """Return all texts of a question."""
    return "\n".join([question.astext(), *(choice["summary"] for choice in choices(question))])


every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@every_chapter
def test_a_chapter_has_a_quiz_before_its_exercises(chapter):
    ids = [cell.id for cell in cells(chapter)]
    assert ids[ids.index("quiz") + 1] == "exercises"
    assert 4 <= len(questions(chapter)) <= 6


@every_chapter
def test_choices_of_a_question_differ(chapter):
    for question in questions(chapter):
        texts = [choice["summary"] for choice in choices(question)]
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("chapter", "number"), sorted(FACTS))
def test_what_a_question_says_is_so(chapter, number):
    question = questions(chapter)[number - 1]
    text = whole(question)
    phrases = FACTS[chapter, number]()
    assert not [phrase for phrase in phrases if phrase not in text]
    left = NAMES.sub("", claims(question))
    for phrase in phrases:
        left = left.replace(phrase, "")
    assert not re.findall(r"[^.]*\d[^.]*", left)


@every_chapter
def test_every_number_of_an_answer_is_computed(chapter):
    for number, question in enumerate(questions(chapter), 1):
        if (chapter, number) not in FACTS:
            assert not re.search(r"\d", NAMES.sub("", claims(question))), number
