"""The self-checks of chapter 1: right answers pass, each likely mistake gets its hint."""

import numpy as np
import pytest

from answers import HANN, refused
from specdemo import exercises


class TestChapter1:
    def test_1_1(self, say):
        assert say(exercises.check_1_1, 512, 128, 31.25).startswith("right. ")

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            ((32, 8, 500), "lasts 2 ms"),
            ((512, 384, 31.25), "what two frames share"),
            ((512, 256, 31.25), "share 50 %"),
            ((512, 128, 15.625), "half the sampling rate"),
            ((512, 128, 31), "arrive at the sampling rate"),
            ((-512, 128, 31), "positive"),
        ],
    )
    def test_1_1_mistakes(self, say, answer, hint):
        wanted = {0: (512, 128, 31.25), 1: (128, 31.25), 2: (31.25,)}
        first_wrong = [a == b for a, b in zip(answer, (512, 128, 31.25))].index(False)
        refused(say(exercises.check_1_1, *answer), hint, *wanted[first_wrong])

    def test_1_2(self, say):
        assert say(exercises.check_1_2, 34, 200).startswith("right. ")
        assert say(exercises.check_1_2, 20 * np.log10(50), 10**2.3).startswith("right. ")

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            ((17, 200), "ratio of powers"),
            ((-34, 200), "positive"),
            ((40, 200), "by 100"),
            ((10**5, 200), "far too large"),
            ((34, 39811), "that of the powers"),
            ((34, 0.005), "larger amplitude"),
            ((34, 100), "makes 40.0 dB"),
        ],
    )
    def test_1_2_mistakes(self, say, answer, hint):
        refused(say(exercises.check_1_2, *answer), hint, "33.9", "199.5")

    @staticmethod
    def energy(half, n_fft, first=1, last=1, rest=2, divide=True):
        weights = np.full(half.size, float(rest))
        weights[0], weights[-1] = first, last
        return np.sum(weights * np.abs(half) ** 2) / (n_fft if divide else 1)

    def test_1_3(self, say):
        frame = np.random.default_rng(0).standard_normal(256)
        assert say(exercises.check_1_3, self.energy, frame).startswith("right. ")

    @pytest.mark.parametrize(
        ("settings", "hint"),
        [
            ({"divide": False}, "n_fft times too large"),
            ({"rest": 1}, "mirror image"),
            ({"first": 2}, "Has every bin"),
            ({"last": 2}, "Has every bin"),
            ({"rest": 0}, "missing"),
            ({"rest": 2.1}, "off by"),
        ],
    )
    def test_1_3_mistakes(self, say, settings, hint):
        frame = np.random.default_rng(0).standard_normal(256)
        line = say(exercises.check_1_3, lambda *a: self.energy(*a, **settings), frame)
        refused(line, hint)

    @pytest.mark.parametrize(
        ("wrong", "hint"),
        [
            (lambda half, n: np.sum([1, *[2] * 127, 1] * np.abs(half)) / n, "Which power"),
            (lambda half, n: TestChapter1.energy(half, n) / n, "divided by"),
            (lambda half, n: TestChapter1.energy(half, half.size), "divided by"),
            (lambda half, n: TestChapter1.energy(half, n / 2), "divided by"),
            (lambda half, n: 0, "divided by"),
        ],
    )
    def test_1_3_a_factor_for_all_frames(self, say, wrong, hint):
        frame = np.random.default_rng(0).standard_normal(256)
        refused(say(exercises.check_1_3, wrong, frame), hint)

    def test_1_3_without_an_absolute_value(self, say):
        refused(say(exercises.check_1_3, lambda half, n: np.sum(half**2) / n, HANN + 0.1), "real")

    def test_1_4(self, say):
        assert say(exercises.check_1_4, 64, HANN).startswith("right. ")

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            (128, "their squares do not"),
            (256, "varies by"),
            (32, "a larger hop"),
            (60, "divide the frame"),
            (0.25, "divide the frame"),
        ],
    )
    def test_1_4_mistakes(self, say, answer, hint):
        refused(say(exercises.check_1_4, answer, HANN), hint, 64)

    def test_1_5(self, say):
        assert say(exercises.check_1_5, 2048).startswith("right. ")

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            (512, "0.7 bins"),
            (1024, "1.4 bins"),
            (4096, "a shorter frame"),
            (2000, "power of two"),
            (2**20, "power of two"),
        ],
    )
    def test_1_5_mistakes(self, say, answer, hint):
        refused(say(exercises.check_1_5, answer), hint, 2048)

    def test_1_6(self, say, x):
        kept = np.sign(x) * np.maximum(np.abs(x) - 0.1, 0)
        assert say(exercises.check_1_6, x - kept, x, kept=kept).startswith("right. ")
        refused(say(exercises.check_1_6, kept, x, kept=kept), "has kept")
        refused(say(exercises.check_1_6, kept - x, x, kept=kept), "upside down")
        refused(say(exercises.check_1_6, 0.1 * x, x, kept=kept), "add up")
        refused(say(exercises.check_1_6, x[:-5], x, kept=kept), "Pass the length on")
