"""Formulas: TeX to MathML, and a font that has every character they are shown in."""

import io

import pytest
from docutils import nodes
from fontTools.ttLib import TTFont

from finish import fonts
from pages import formulas


def convert(tex, displaystyle=False):
    return formulas.to_mathml(tex, nodes.math(), displaystyle)


@pytest.mark.parametrize(
    ("tex", "mathml"),
    [
        ("x_n", "<msub><mi>x</mi><mi>n</mi></msub>"),
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"\sqrt{x}", "<msqrt><mi>x</mi></msqrt>"),
        ("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
    ],
)
def test_tex_becomes_mathml(tex, mathml):
    assert convert(tex) == f"<math>{mathml}</math>"
    assert convert(tex, displaystyle=True).startswith('<math display="block">')


@pytest.mark.parametrize("tex", [r"\nosuchcommand x", r"\frac{a}", "{", r"\begin{matrix} a"])
def test_what_is_no_tex_is_a_warning_and_shown_as_typed(tex, monkeypatch):
    warnings = []
    monkeypatch.setattr(formulas.logger, "warning", lambda *args, **_: warnings.append(args[1]))
    assert convert(tex) == f"<code>{tex}</code>"
    assert warnings == [tex]


@pytest.mark.parametrize(
    ("tex", "aligned"),
    [
        (r"a &= b \\ c &= d", True),
        (r"\begin{cases} a \\ b \end{cases}", False),
        ("a = b", False),
    ],
)
def test_lines_are_aligned_where_nothing_says_how(tex, aligned):
    assert (r"\begin{aligned}" in formulas.in_lines(tex)) == aligned
    assert "<mtable" in convert(formulas.in_lines(tex)) or r"\\" not in tex


def characters(path):
    with TTFont(path) as font:
        assert "MATH" in font
        return {chr(code) for code in font.getBestCmap()}


def test_font_has_the_characters_of_the_formulas_and_their_italics(tmp_path):
    path = tmp_path / "math.woff"
    tex = r"h = \alpha + \phi \le \sum_{k=0}^{N-1} \hat{x}_k \cos(\theta) \partial"
    formulas.write_font([f"<p>text</p>{convert(tex)}"], path)
    found = characters(path)
    assert set("=+≤∑0−1()cosˆ") <= found
    # Lone letters are shown by the italic characters of Unicode; the italic h is an older one.
    assert set("ℎ𝛼𝜙𝑁𝑘𝑥𝜃𝜕") <= found
    assert "√" not in found and "t" not in found


def test_font_has_the_radical_which_no_text_names(tmp_path):
    path = tmp_path / "math.woff"
    formulas.write_font([convert(r"\sqrt{2}")], path)
    assert "√" in characters(path)


def test_without_formulas_there_is_no_font(tmp_path):
    formulas.write_font(["<p>text</p>"], tmp_path / "math.woff")
    assert not list(tmp_path.iterdir())


def test_fonts_are_the_same_bytes_every_time():
    one, two = (fonts.subset_font(formulas.math_font(), "abc") for _ in range(2))
    assert one == two


def test_tall_brackets_can_be_built():
    """Sizes and pieces of a bracket have no characters: they come with the bracket."""
    with TTFont(io.BytesIO(fonts.subset_font(formulas.math_font(), "("))) as font:
        assert len(font.getGlyphOrder()) > 10 * len(font.getBestCmap())
