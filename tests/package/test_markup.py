"""Names are text: whatever a label, a caption or a file is called, it adds no markup."""

import html.parser

import numpy as np
import pytest

from specdemo import STFT, Explorer, MelBank, plot

# A name that would be markup, an attribute, a script or a reference if it were not taken as text.
NAME = """<img src=x onerror="alert(1)"> '"`&amp;</script><script>alert(2)</script>"""

GRID = STFT(8000, 64, 16)
X = np.sin(np.arange(400.0))


class Elements(html.parser.HTMLParser):
    """The elements and the attributes of a piece of HTML, and the text outside of scripts."""

    def __init__(self, source):
        super().__init__()
        self.names, self.attributes, self.text = [], [], ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def assert_is_text(source, harmless):
    """The name adds nothing to the elements and attributes that a harmless one has."""
    found, expected = Elements(source), Elements(harmless)
    assert found.names == expected.names
    assert [name for name, _ in found.attributes] == [name for name, _ in expected.attributes]
    assert not any(name.startswith("on") for name, _ in found.attributes)
    shown = found.text + "".join(value or "" for _, value in found.attributes)
    assert NAME in shown


@pytest.mark.parametrize("bank", [None, MelBank(GRID, 8)])
def test_labels_and_captions_of_players_are_text(bank):
    def show(label, caption):
        return plot.listen({label: X, "b": X / 2}, GRID, bank=bank, caption=caption)._repr_html_()

    assert_is_text(show(NAME, "c"), show("a", "c"))
    assert_is_text(show("a", NAME), show("a", "c"))


def test_labels_and_captions_of_live_figures_are_text():
    def show(label, caption):
        return Explorer(label, sounds={label: (X, 8000)}, caption=caption).twin()

    assert_is_text(show(NAME, "c"), show("a", "c"))
    assert_is_text(show("a", NAME), show("a", "c"))


def test_names_of_files_are_text(tmp_path):
    from specdemo import save

    name = NAME.replace("/", "")
    try:
        save(tmp_path / f"{name}.wav", X, 8000)
    except OSError:
        pytest.skip("this file system allows no such name")
    save(tmp_path / "harmless.wav", X, 8000)
    shown = Elements(Explorer(tmp_path / f"{name}.wav").twin())
    expected = Elements(Explorer(tmp_path / "harmless.wav").twin())
    assert shown.names == expected.names
    assert [key for key, _ in shown.attributes] == [key for key, _ in expected.attributes]
