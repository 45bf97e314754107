"""What the answers of the quizzes claim, computed: a module for each chapter that claims numbers.

A function is a `fact` of a question, by the numbers of its chapter and of its place in the quiz. It
returns the phrases of the question that it has computed the numbers of, and asserts what the answers
claim without numbers. `FACTS` has them all.
"""

from importlib import import_module
from pathlib import Path

from quiz_facts.common import FACTS

__all__ = ["FACTS"]

for _path in sorted(Path(__file__).parent.glob("chapter_*.py")):
    import_module(f"quiz_facts.{_path.stem}")
