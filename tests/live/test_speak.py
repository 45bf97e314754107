"""The decoder that the figure `speak` is given: in 8 bits, and refused where it makes no word."""

import json

import numpy as np
import pytest
from bs4 import BeautifulSoup

import specdemo as sd
from figures.speak import weights
from specdemo import nets
from specdemo.live.figures.speak import LETTER, OURS, PIXEL, packed

# A page holds it once, as text.
MOST_BYTES = 90_000


def decoder(n_in=12, n_out=21 * 8 + 3):
    """One that has learned nothing."""
    return nets.mlp([n_in, 5, n_out], rng=0)


def test_a_weight_is_off_by_half_a_step_of_its_column_at_most():
    given = decoder()
    given[0][:, 2] = 0
    taken = weights(json.loads(packed(given, [], "")))
    for matrix, found in zip(given[::2], taken[::2], strict=True):
        steps = np.abs(matrix).max(axis=0) / 127
        assert np.all(np.abs(found - matrix) <= 0.5001 * steps)
    for offset, found in zip(given[1::2], taken[1::2], strict=True):
        np.testing.assert_array_equal(found, offset)


def test_the_figure_has_the_decoder_and_the_words_that_it_is_given():
    words = [(np.array([1.234, -2]), np.int64(3), np.str_("ann")), ((0, 0), 4, "bob")]
    figure = sd.Figure("speak", decoder=decoder(), words=words, unheard="bob", first=1)
    model = json.loads(figure.model)
    assert figure._given["model"] == figure.model
    assert model["words"] == [
        {"code": [1.23, -2.0], "digit": 3, "voice": "ann"},
        {"code": [0.0, 0.0], "digit": 4, "voice": "bob"},
    ]
    assert [(name["voice"], name["digit"]) for name in model["names"]] == [("ann", 3), ("bob", 4)]
    assert model["unheard"] == "bob"
    (picture,) = BeautifulSoup(figure.twin(), "html.parser").select("svg.sd-still")
    assert "NaN" not in str(picture) and "Infinity" not in str(picture)


@pytest.mark.parametrize(
    "given", [decoder(n_in=18), decoder(n_out=700), decoder(n_out=24)], ids=["in", "out", "short"]
)
def test_a_decoder_that_makes_no_word_is_refused(given):
    with pytest.raises(ValueError, match=r"decoder must take a code of 2 numbers .* it takes \d+"):
        sd.Figure("speak", decoder=given)


def test_layers_that_do_not_fit_each_other_are_refused():
    matrix, row, last, end = decoder()
    for given, words in (
        ([], r"got the shapes \[\]"),
        ([matrix, row, last], "a matrix .* and a row of offsets for each layer"),
        ([matrix, row, last[:-1], end], "takes what the one before it gives"),
        ([matrix, row[:-1], last, end], "a row of offsets for each layer"),
        ([matrix, row, last, end[:, np.newaxis]], "a row of offsets for each layer"),
        ([matrix * np.nan, row, last, end], "decoder must be finite"),
        ([3.0, row, last, end], "a matrix"),
    ):
        with pytest.raises(ValueError, match=words):
            sd.Figure("speak", decoder=given)
    with pytest.raises(TypeError, match="decoder must be a list of weights"):
        sd.Figure("speak", decoder=matrix)


@pytest.mark.parametrize(
    "word",
    [
        *(
            ((1, 2, 3), 4, "ann"),
            ((np.nan, 0), 4, "ann"),
            (("1", "2"), 4, "ann"),
            ((0, 0), 1.5, "ann"),
        ),
        *(((0, 0), "4", "ann"), ((0, 0), 10, "ann"), ((0, 0), 4, None), ((0, 0), 4), 5),
        sd.takes("digits")[0],
    ],
    ids=str,
)
def test_a_word_is_a_code_of_two_numbers_a_digit_and_a_voice(word):
    with pytest.raises(ValueError, match=r"words .* \(code, digit, voice\)"):
        sd.Figure("speak", decoder=decoder(), words=[word])


def test_words_are_of_a_decoder_and_the_unheard_voice_is_of_a_word():
    words = [((0, 0), np.int64(4), "bob")]
    with pytest.raises(ValueError, match="words and unheard are of a decoder"):
        sd.Figure("speak", words=words)
    with pytest.raises(ValueError, match="unheard must be the voice of one of words; got 'ann'"):
        sd.Figure("speak", decoder=decoder(), words=words, unheard="ann")


def test_ours_is_small_and_knows_all_digits():
    text = OURS.read_text(encoding="utf-8")
    model = json.loads(text)
    assert len(text) <= MOST_BYTES
    assert {word["digit"] for word in model["words"]} == set(range(10))
    assert model["unheard"] in {word["voice"] for word in model["words"]}


def test_a_name_is_beside_its_words_and_hides_none():
    model = json.loads(OURS.read_text(encoding="utf-8"))
    for name in model["names"]:
        words = [word for word in model["words"] if word["digit"] == name["digit"]]
        others = [one for one in model["names"] if one["digit"] == name["digit"] and one != name]
        for one in words + others:
            x, y = np.abs(np.subtract(one["code"], name["code"])) / PIXEL
            assert x > LETTER * len(name["voice"]) or y > 9, (name, one)
