"""What the command `specdemo` accepts, and what it says when something is wrong."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import specdemo
from specdemo._command import features, formats, invert, mel
from specdemo._command.typed import TypedWrongly

DESCRIPTION = """\
A mel spectrogram says nothing of how it was made: rate, window, padding, bands, logarithm and
normalising are the system's own, and one wrong number makes speech unintelligible. So every
command takes the name of a format, and refuses an array that cannot be in it."""

EXAMPLES = """\
examples:
  specdemo formats                                  all formats and what is in them
  specdemo formats mel.npy                          which of them an array can be in
  specdemo formats mel.npy --sound speech.wav       which made this array of this sound
  specdemo invert mel.npy --format hifigan-v1       mel.wav, the sound of a model's output
  specdemo mel speech.wav --format whisper-80       speech.npy, what a model would be given
  specdemo features LibriSpeech out --format whisper-80   those of a folder of recordings

exit codes: 0 all done; 1 a file could not be read, is not what it is said to be, or has changed
since its features were made; 2 the command was typed wrongly."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, by default those it was called with.

    Returns
    -------
    int
        The exit code.
    """
    parser = build_parser()
    given = parser.parse_args(arguments)
    if not hasattr(given, "run"):
        parser.print_help()
        return 2
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _say_warning
        try:
            with _outputs_for_all_texts():
                return given.run(given)
        except BrokenPipeError:  # whoever read the output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except (ValueError, TypeError, OSError, ImportError) as error:
            _say(f"specdemo: {error}")
            return 2 if isinstance(error, TypedWrongly) else 1
        except KeyboardInterrupt:
            _say("specdemo: interrupted; nothing was written of what was not finished")
            return 130


@contextmanager
def _outputs_for_all_texts() -> Iterator[None]:
    """Have an output that takes all names of files, and errors that go nowhere where none is.

    Without an error output, Python would print errors among the results.
    """
    out, errors = sys.stdout, sys.stderr
    handler = out.errors if isinstance(out, io.TextIOWrapper) else None
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="backslashreplace")
        if errors is None:
            sys.stderr = nowhere
        try:
            yield
        finally:
            sys.stderr = errors
            if isinstance(out, io.TextIOWrapper):
                out.reconfigure(errors=handler)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="specdemo",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"specdemo {specdemo.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in (invert, mel, formats, features):
        command = commands.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.DESCRIPTION,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _say_warning(message: Warning | str, *_: object, **__: object) -> None:
    _say(f"specdemo: warning: {message}")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
