"""One test for a statement that holds in many cases, instead of one test for each case."""

import functools
import inspect
import itertools


def for_every(**choices):
    """Run a test with every combination of some arguments; a failure names the case.

    For cases that say the same a hundred times. Those that differ in what they say are tests of
    their own: `pytest.mark.parametrize`, with which this mixes.
    """

    def decorate(test):
        @functools.wraps(test)
        def looped(**others):
            for values in itertools.product(*choices.values()):
                case = dict(zip(choices, values, strict=True))
                try:
                    test(**case, **others)
                except BaseException as error:
                    error.add_note("with " + ", ".join(f"{k} = {v!r}" for k, v in case.items()))
                    raise

        signature = inspect.signature(test)
        left = [p for name, p in signature.parameters.items() if name not in choices]
        looped.__signature__ = signature.replace(parameters=left)
        return looped

    return decorate
