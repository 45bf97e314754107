"""What a long search prints may differ from the stored in its last digits, a plugin of pytest.

Training a network, and a hundred iterations of a search, amplify rounding errors, which differ from
processor to processor, up to the digits that are printed. nbval compares the outputs of a cell with
the tag `last-digit` by `agree`; all others must be as they are stored.
"""

import re
from decimal import Decimal

from nbval.plugin import IPyNbCell

TAG = "last-digit"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def agree(text, stored):
    """Whether two texts have the same words, and numbers that differ by one in the last digit at most.

    The zero that an integer ends with is no digit: 70 agrees with 60 and 80.

    >>> agree("off by  9.9 dB, 100 %", "off by 10.0 dB,  90 %"), agree("off by 9.8 dB", "off by 10.0 dB")
    (True, False)
    """
    words, stored_words = (NUMBER.sub(" # ", one).split() for one in (text, stored))
    pairs = zip(NUMBER.findall(text), NUMBER.findall(stored), strict=False)
    return words == stored_words and all(abs(Decimal(a) - Decimal(b)) <= unit(b) for a, b in pairs)


def unit(number):
    """What the last digit of a number counts: 0.1 in 7.0, 1 in 71, 10 in 70 and in 100."""
    decimals = len(number.partition(".")[2])
    ends_with_zero = number.endswith("0") and not decimals and number.strip("-0")
    return Decimal(10) ** (1 if ends_with_zero else -decimals)


def pytest_configure():
    """Let nbval compare by `agree` where a cell says so."""
    exact = IPyNbCell.compare_outputs

    def compare(item, outputs, stored, skip_compare=None):
        if TAG in item.cell.metadata.get("tags", []) and len(outputs) == len(stored):
            outputs = [settled(*pair) for pair in zip(outputs, stored, strict=True)]
        return exact(item, outputs, stored, skip_compare)

    IPyNbCell.compare_outputs = compare


def settled(output, stored):
    """Return the stored output instead of one that agrees with it, otherwise that."""
    text, stored_text = plain(output), plain(stored)
    is_settled = text and stored_text and output.get("name") == stored.get("name")
    return stored if is_settled and agree(text, stored_text) else output


def plain(output):
    """Return the text that an output of a notebook shows."""
    return output.get("text") or output.get("data", {}).get("text/plain")
