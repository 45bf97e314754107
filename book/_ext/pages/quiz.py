"""Quizzes: the multiple-choice questions of a chapter.

The source is plain Markdown in a section with the title "Quiz", so that it reads well, and works,
wherever the notebook is opened: every choice of a question is a `<details>` that unfolds to what
there is to say about it.

    **Question 1.** What becomes of the distance between the bins when the frame gets longer?

    <details><summary>A. It grows.</summary>

    **No.** A bin is one cycle per frame: see [the spectrum](#the-spectrum-of-one-frame).

    </details>

    <details><summary>B. It shrinks.</summary>

    **Right.** Twice the frame, half the distance.

    </details>

While the book is built this is checked, since a quiz with a fault misleads: questions are counted
from 1 and choices from A, one choice of each question is right, and every other one links to where
to read. Each question then becomes a group, and each choice is marked as right or wrong. No script
is needed to answer; `quiz.js` adds the score.
"""

import re
from string import ascii_uppercase

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

TITLE = "Quiz"
HEAD = re.compile(r"Question (\d+)\.")
RIGHT, WRONG = "Right.", "No."
FEWEST = 3
OPENS = r"<details><summary>([A-Z])\. ((?:(?!</?summary).)+)</summary>"
TAG = re.compile(rf"\s*(?:{OPENS}|(</details>))\s*", re.DOTALL)

logger = logging.getLogger(__name__)


class Malformed(Exception):
    """A quiz that does not follow the rules; the message says where and how."""


class Question(nodes.General, nodes.Element):
    """A question: its paragraphs, then its choices."""


class Choice(nodes.General, nodes.Element):
    """A choice: what there is to say about it. Attributes: letter, summary (HTML), right."""


def setup(app):
    """Make questions of what is in sections called "Quiz"."""
    app.add_transform(QuizTransform)
    app.add_node(Question, html=(visit_question, depart_question))
    app.add_node(Choice, html=(visit_choice, depart_choice))


class QuizTransform(SphinxTransform):
    """Put questions in place of their source; what is malformed is a warning."""

    default_priority = 400

    def apply(self):
        """Look through the sections of a page."""
        for section in list(self.document.findall(nodes.section)):
            if section[0].astext() == TITLE:
                try:
                    put_questions(section)
                except Malformed as fault:
                    logger.warning("quiz: %s", fault, location=section)


def put_questions(section):
    """Replace the source of a quiz by its questions, in place; return these.

    Parameters
    ----------
    section : docutils.nodes.section
        A title, what introduces the quiz, and the source of its questions.

    Returns
    -------
    list of Question

    Raises
    ------
    Malformed
        When the source does not follow the rules.
    """
    first = next((i for i, node in enumerate(section) if number_of(node)), len(section))
    questions = []
    for node in section[first:]:
        if number_of(node):
            questions.append([])
        questions[-1].append(node)
    if not questions:
        raise Malformed("there is no question; each begins with **Question 1.** and so on")
    built = [question(expected, part) for expected, part in enumerate(questions, 1)]
    section["classes"].append("sd-quiz")
    section[first:] = built
    return built


def number_of(node):
    """Return the number of the question that a paragraph begins, else None."""
    found = isinstance(node, nodes.paragraph) and HEAD.fullmatch(opening(node))
    return int(found.group(1)) if found else None


def opening(paragraph):
    """Return the bold text that a paragraph begins with, or an empty one."""
    first = next((node for node in paragraph if node.astext()), None)
    return first.astext() if isinstance(first, nodes.strong) else ""


def question(expected, source):
    """Make a question of its source, a list of nodes."""
    number = number_of(source[0])
    if number != expected:
        raise Malformed(f"question {number} should be number {expected}")
    asked, choices = sorted_out(source, f"question {number}")
    check(choices, f"question {number}")
    label = f"quiz-question-{number}"
    asked[0]["ids"].append(label)
    return Question("", *asked, *choices, label=label)


def sorted_out(source, name):
    """Return the paragraphs of a question, and its choices with what lies between their tags."""
    asked, choices, inside = [], [], False
    for node in source:
        if not isinstance(node, nodes.raw):
            if choices and not inside:
                raise Malformed(f"{name} goes on behind its choices: {node.astext()[:40]!r}")
            (choices[-1] if inside else asked).append(node)
            continue
        letter, summary, closes = tag(node.astext(), name)
        if inside != bool(closes):
            raise Malformed(f"{name}: a <details> is not closed, or closed twice")
        inside = not closes
        if letter:
            choices.append(Choice("", letter=letter, summary=summary))
    if inside:
        raise Malformed(f"{name}: a <details> is not closed, or closed twice")
    return asked, choices


def tag(html, name):
    """Return what a piece of HTML is: letter and summary of a choice, or its end.

    Each stands between blank lines, without which JupyterLab shows all choices unfolded.
    """
    found = TAG.fullmatch(html)
    if not found:
        raise Malformed(
            f"{name} holds other HTML than <details><summary>A. ...</summary> or "
            f"</details>, each between blank lines: {html[:60]!r}"
        )
    return found.groups()


def check(choices, name):
    """Mark the choices of a question as right or wrong; raise `Malformed` unless they are sound."""
    letters = "".join(choice["letter"] for choice in choices)
    if len(choices) < FEWEST or letters != ascii_uppercase[: len(letters)]:
        raise Malformed(
            f"{name} has the choices {letters or 'none'}; it needs A, B, C and so on, "
            f"{FEWEST} at least"
        )
    for choice in choices:
        verdict = opening(choice[0]) if len(choice) else ""
        if verdict not in (RIGHT, WRONG):
            raise Malformed(
                f"{name}, {choice['letter']} begins neither with **{RIGHT}** nor with **{WRONG}**"
            )
        choice["right"] = verdict == RIGHT
        if not choice["right"] and not any(choice.findall(is_link)):
            raise Malformed(f"{name}, {choice['letter']} is wrong and links to nowhere")
    count = sum(choice["right"] for choice in choices)
    if count != 1:
        raise Malformed(f"{name} has {count} right choices, and needs one")


def is_link(node):
    """Whether a node is a link, resolved or not."""
    return isinstance(node, nodes.reference) or type(node).__name__ == "pending_xref"


def visit_question(translator, node):
    """Open the group of a question."""
    translator.body.append(
        f'<div class="sd-question" role="group" aria-labelledby="{node["label"]}">\n'
    )


def depart_question(translator, _node):
    """Close the group of a question."""
    translator.body.append("</div>\n")


def visit_choice(translator, node):
    """Open a choice."""
    verdict = "sd-right" if node["right"] else "sd-wrong"
    translator.body.append(
        f'<details class="sd-choice {verdict}"><summary><span class="sd-letter">{node["letter"]}.'
        f'</span> <span>{node["summary"]}</span></summary>\n<div class="sd-why">\n'
    )


def depart_choice(translator, _node):
    """Close a choice."""
    translator.body.append("</div></details>\n")
