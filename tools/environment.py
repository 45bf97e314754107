"""Print the path of this Python, of which make makes its environments; or say why it is not fit.

It parses on Python 2, too, so that one that is too old can be told so in a sentence.
"""

import os
import sys

OLDEST = (3, 11)


def fault():
    """Return a sentence on what keeps this Python from making an environment, or None."""
    if sys.version_info < OLDEST:
        return (
            "This book needs Python {}.{} or newer, but {} is Python {}.{}. "
            "Name a newer one, for example: make book PYTHON=python3.12".format(
                *(OLDEST + (sys.executable,) + tuple(sys.version_info[:2]))
            )
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return (
            "This Python ({}) lacks the venv module. On Debian and Ubuntu, "
            "'apt install python3-venv' adds it.".format(sys.executable)
        )


def print_path():
    """Print the path of the Python itself, also from within an environment."""
    print(os.path.realpath(sys.executable))


if __name__ == "__main__":
    sys.exit(fault() or print_path())
