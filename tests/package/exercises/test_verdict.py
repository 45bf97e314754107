"""How the checks read an answer, whatever it is."""

import numpy as np
import pytest

from specdemo.exercises import verdict


class TestReadingOfAnswers:
    """Answers of any kind are read, and what cannot be read becomes a sentence."""

    @pytest.mark.parametrize("answer", [3, 3.0, np.float32(3), np.array(3), np.array([3]), [3]])
    def test_numbers(self, answer):
        assert verdict.number("n", answer) == 3.0

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            ("three", "numbers"),
            ([1, 2], "one number"),
            (1j, "real"),
            (np.nan, "finite"),
            ([[1], [1, 2]], "numbers"),
            (print, "numbers"),
            (True, "numbers"),
            (np.ones(2, bool), "True and False"),
            (10**400, "too large"),
            ([np.ones(1), np.ones(2)], "do not make one array"),
        ],
    )
    def test_what_is_no_number(self, answer, hint):
        with pytest.raises(verdict.NotYet, match=hint):
            verdict.number("n", answer)

    def test_an_int_of_many_digits(self):
        assert verdict.number("n", 10**46) == 1e46

    def test_shapes_are_plain_numbers_or_any(self):
        assert verdict.array("a", np.ones((2, 3)), (None, 3)).shape == (2, 3)
        with pytest.raises(verdict.NotYet, match=r"the shape \(n, 3\); it has \(2, 4\)"):
            verdict.array("a", np.ones((2, 4)), (None, np.int64(3)))

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            (np.ones(3), r"the shape \(4,\)"),
            (np.ones(4) * 1j, "complex"),
            (np.full(4, np.nan), "4 values"),
        ],
    )
    def test_what_is_no_array(self, answer, hint):
        with pytest.raises(verdict.NotYet, match=hint):
            verdict.array("a", answer, (4,))

    @pytest.mark.parametrize(
        "answer", [(1, 2), [1.0, 2.0], np.array([1, 2]), np.float32([[1], [2]])]
    )
    def test_pairs(self, answer):
        assert verdict.pair("p", answer) == (1.0, 2.0)

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            (1, "two numbers"),
            ((1, 2, 3), "two numbers"),
            ((1, np.nan), "finite"),
            ("ab", "numbers"),
        ],
    )
    def test_what_is_no_pair(self, answer, hint):
        with pytest.raises(verdict.NotYet, match=hint):
            verdict.pair("p", answer)

    @pytest.mark.parametrize(
        "answer",
        [
            [3, 1],
            (1, 3),
            {1, 3},
            range(1, 4, 2),
            np.array([1.0, 3.0]),
            [1, 3, 3],
            np.array([False, True, False, True]),
            [False, True, False, True],
            np.nonzero([0, 1, 0, 1]),
        ],
    )
    def test_some_of_the_first_numbers(self, answer):
        np.testing.assert_array_equal(verdict.numbers("n", answer, 4), [1, 3])

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            ([4], "from 0 to 3"),
            ([-1], "from 0 to 3"),
            ([0.5], "whole"),
            ([1j], "whole"),
            (["a"], "numbers"),
            ({None, 1}, "numbers"),
            ([[1], [1, 2]], "numbers"),
            (np.ones(3, bool), "4 marks"),
            (np.nonzero([[1], [0], [1]]), "rows and columns"),
        ],
    )
    def test_what_are_not_some_of_the_first_numbers(self, answer, hint):
        with pytest.raises(verdict.NotYet, match=hint):
            verdict.numbers("n", answer, 4)

    def test_a_short_sound_is_told_about_its_length(self):
        with pytest.raises(verdict.NotYet, match="Pass the length on"):
            verdict.sound("y", np.ones(3), np.ones(4))

    @pytest.mark.parametrize(
        ("function", "hint"),
        [
            (lambda: 1 / 0, "stops with ZeroDivisionError"),
            (lambda: None, "returns nothing"),
            (lambda: (1 / 0 for _ in "a"), "stops with ZeroDivisionError"),
            (3, "should be a function"),
        ],
    )
    def test_functions_that_fail(self, function, hint):
        with pytest.raises(verdict.NotYet, match=hint):
            verdict.result(function)


class TestArguments:
    """A function of the reader's must leave what it is given as it is; it gets copies, to be sure."""

    @pytest.mark.parametrize("form", [np.copy, lambda x: [x.copy(), x.copy()]])
    def test_what_is_changed_is_named(self, form):
        def spoilt(rows, weights):
            weights[-1][...] = 7.0
            return rows

        kept, mine = np.ones((2, 3)), form(np.arange(6.0).reshape(2, 3))
        with pytest.raises(verdict.NotYet, match="spoilt changes the weights that it was given"):
            verdict.result(spoilt, kept, mine)
        np.testing.assert_array_equal(mine, form(np.arange(6.0).reshape(2, 3)))
        assert verdict.result(lambda x: x, np.full(2, np.nan)).shape == (2,)
