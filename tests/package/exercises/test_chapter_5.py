"""The self-checks of chapter 5: right answers pass, each likely mistake gets its hint."""

import numpy as np
import pytest

from answers import refused
from specdemo import STFT, MelBank, amplitude_to_db, db_to_amplitude, exercises, inverse_mfcc, mfcc


class TestChapter5:
    BY = 20 * np.log10(4) * np.sqrt(80)

    @pytest.fixture
    def log_mel(self):
        """Levels that wander from band to band, which leaves the top far from the bottom."""
        return np.random.default_rng(3).normal(-0.5, 4, (80, 60)).cumsum(axis=0)

    @pytest.mark.parametrize("changed", [[0], 0, {0}, np.array([0]), np.arange(80) == 0])
    def test_5_1(self, say, changed):
        assert say(exercises.check_5_1, changed, self.BY).startswith("right. ")

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            ((range(80), 12.04), "flat curve"),
            (([], 12.04), "flat curve"),
            (([1], 12), "cancels"),
            (([0], 12.04), "sums over all"),
            (([0], 80 * 12.04), "formula multiply"),
            (([0], 6.02 * 80**0.5), "3 dB"),
            (([0], 4), "vector"),
            ((["all"], 1), "numbers"),
            (([80], 1), "from 0 to 79"),
            (([True, False], 1), "80 marks"),
        ],
    )
    def test_5_1_mistakes(self, say, answer, hint):
        refused(say(exercises.check_5_1, *answer), hint, "107")

    @pytest.mark.parametrize(
        "zero",
        [
            range(2, 80, 2),
            np.arange(2, 80, 2).tolist(),
            (np.arange(80) % 2 == 0) & (np.arange(80) > 0),
            [n % 2 == 0 and n > 0 for n in range(80)],
        ],
    )
    def test_5_2(self, say, zero):
        assert say(exercises.check_5_2, zero, 6).startswith("right. ")

    @pytest.mark.parametrize(
        ("answer", "hint"),
        [
            ((range(0, 80, 2), 6), "mean"),
            ((range(1, 80, 2), 6), "do not cancel"),
            ((range(2, 13, 2), 6), "every second"),
            ((np.nonzero(np.arange(80)[:, np.newaxis] % 2 == 0), 6), "rows and columns"),
            ((np.argwhere(np.arange(80)[:, np.newaxis] % 2 == 0), 6), "rows and columns"),
            ((range(2, 80, 2), 10), "zeros counted"),
            ((range(2, 80, 2), 5), "still 1."),
            ((range(2, 80, 2), 7), "Fewer"),
            ((range(2, 80, 2), 0), "whole number"),
            ((range(2, 80, 2), 5.5), "whole number"),
        ],
    )
    def test_5_2_mistakes(self, say, answer, hint):
        refused(say(exercises.check_5_2, *answer), hint, "needed = 6", "10")

    @staticmethod
    def without_mean(C):
        return C - C.mean(axis=1, keepdims=True)

    def apart(self, C, other, prepare=lambda C: C):
        return np.sqrt(np.mean((prepare(C) - prepare(other)) ** 2))

    def test_5_3(self, say, log_mel):
        C = mfcc(log_mel, n_mfcc=80)
        other = C + np.linspace(30, -30, 80)[:, np.newaxis] + np.sin(C)
        few = C[:13], other[:13]
        before, after = self.apart(*few), self.apart(*few, self.without_mean)
        check, given = exercises.check_5_3, (C, other)
        assert say(check, self.without_mean, before, after, *given).startswith("right. ")

        def in_place(C):
            C -= C.mean(axis=1, keepdims=True)
            return C

        wrong = (
            in_place,
            lambda C: C - C.mean(axis=0),
            lambda C: C - C.mean(),
            lambda C: C,
            lambda C: C.mean(axis=1),
            lambda C: C - C.mean(axis=1),
        )
        hints = ("Let it return a new one",)
        hints += ("every frame", "one number away", "each row", "the shape", "ValueError")
        for without_mean, hint in zip(wrong, hints, strict=True):
            refused(say(check, without_mean, before, after, *given), hint)
        for numbers, hint in (
            ((self.apart(C, other), after), "first 13"),
            ((before, before), "after is off"),
            ((after, after), "before is off"),
            ((before**2, after), "before is off"),
        ):
            refused(say(check, self.without_mean, *numbers, *given), hint, f"{after:.2f}")

    @staticmethod
    def by_fourier(log_mel, n, kept=lambda n: (n + 1) // 2, first=0):
        spectrum = np.fft.rfft(log_mel, axis=0)
        spectrum[kept(n) :] = 0
        spectrum[:first] = 0
        return np.fft.irfft(spectrum, n=len(log_mel), axis=0)

    def test_5_4(self, say, log_mel):
        def off(curves, wanted):
            return np.sqrt(np.mean((curves - wanted) ** 2))

        def errors_of(levels):
            C = mfcc(levels, n_mfcc=80)
            return {
                n: (
                    off(inverse_mfcc(C[:n], n_mels=80), levels),
                    off(self.by_fourier(levels, n), levels),
                )
                for n in (5, 9, 13, 21)
            }

        check, right = exercises.check_5_4, errors_of(log_mel)
        assert say(check, self.by_fourier, right, log_mel).startswith("right. Now look at the ends")
        turn = 10 * np.sin(2 * np.pi * np.arange(80) / 80)[:, np.newaxis] + np.zeros(9)
        told = say(check, self.by_fourier, errors_of(turn), turn)
        assert told.startswith("right. In this clip Fourier's waves do as well")
        for settings, hint in (
            ({"kept": lambda n: n}, "two real numbers"),
            ({"first": 1}, "mean is missing"),
            ({"kept": lambda n: n // 2}, "numbers only"),
            ({"kept": lambda n: 1}, "other coefficients"),
        ):

            def wrong(log_mel, n, settings=settings):
                return self.by_fourier(log_mel, n, **settings)

            refused(say(check, wrong, right, log_mel), hint)
        swapped = right | {9: right[9][::-1]}
        for errors, hint in (
            (swapped, "wrong way round"),
            (right | {5: 3.0}, "two numbers"),
            (right | {13: (right[13][0] + 1, right[13][1])}, "cosines is off"),
            (right | {13: (right[13][0], right[13][1] + 1)}, "Fourier is off"),
            ({5: right[5]}, "the keys"),
        ):
            refused(say(check, self.by_fourier, errors, log_mel), hint)

    def test_5_5(self, say, x):
        grid = STFT(8000, 1024, 256)
        S, bank = grid.magnitude(x), MelBank(grid, 40)
        log_mel = amplitude_to_db(bank.forward(S))
        smooth = db_to_amplitude(inverse_mfcc(mfcc(log_mel, n_mfcc=13), n_mels=40))
        pulses = np.zeros(x.size)
        pulses[::80] = 1
        sources = {"noise": np.random.default_rng(0).standard_normal(x.size), "pulses": pulses}

        def shaped(outlines):
            return {
                name: grid.inverse(grid.forward(y) * outlines, length=x.size)
                for name, y in sources.items()
            }

        check, given = exercises.check_5_5, (sources, log_mel, bank)
        for outlines in (bank.envelope(smooth), bank.inverse(smooth), 7 * bank.envelope(smooth)):
            assert say(check, outlines, shaped(outlines), *given).startswith("right. ")
        right = bank.envelope(smooth)
        full = bank.inverse(bank.forward(S))
        for wrong, hint in (
            (-right, "negative"),
            (full, "fine detail"),
            *(
                (bank.inverse(db_to_amplitude(inverse_mfcc(C[:n], n_mels=40))), "13")
                for C in [mfcc(log_mel, n_mfcc=16)]
                for n in (10, 12, 14, 16)
            ),
            (right[1:], "shape"),
            (np.ones_like(right), "describe. From"),
            (np.zeros_like(right), "describe. From"),
            (np.ones_like(right, int), "describe. From"),
            (right**2, "squares"),
            (bank.envelope(smooth**2), "squares"),
            (right / np.exp(np.log(smooth).mean(axis=0)), "Coefficient 0"),
        ):
            refused(say(check, wrong, shaped(right), *given), hint)
        others = shaped(right) | {"pulses": pulses}
        refused(say(check, right, others, *given), "spoken['pulses'] is something else")
        refused(say(check, right, {"noise": x}, *given), "the keys")

    @staticmethod
    def bits_lost(rows):
        C = np.cov(rows) + 0.01 * np.eye(len(rows))
        return (np.log2(np.diag(C)).sum() - np.linalg.slogdet(C)[1] / np.log(2)) / 2

    def test_5_6(self, say):
        assert say(exercises.check_5_6, self.bits_lost).startswith("right. ")

    def test_5_6_with_variances_of_either_kind(self, say):
        def bits_lost(rows):
            both = np.log2(rows.var(axis=1)).sum(), np.log2(np.linalg.det(np.cov(rows)))
            return (both[0] - both[1]) / 2

        assert say(exercises.check_5_6, bits_lost).startswith("right. ")

    def test_5_6_with_rows_of_any_mean_and_number(self, say):
        def uncentred(rows):
            K = rows @ rows.T
            return (np.log2(np.diag(K)).sum() - np.log2(np.linalg.det(K))) / 2

        def two(rows):
            return -0.5 * np.log2(1 - np.corrcoef(rows)[0, 1] ** 2)

        refused(say(exercises.check_5_6, uncentred), "differs from the mean")
        refused(say(exercises.check_5_6, two), "For three rows")

    @pytest.mark.parametrize(
        ("wrong", "hint"),
        [
            (lambda bits: -bits, "sign"),
            (lambda bits: 2 * bits, "half"),
            (lambda bits: bits * np.log(2), "base two"),
            (lambda bits: bits + 1, "correlation of"),
            (lambda bits: np.inf, "finite"),
            (lambda bits: None, "returns nothing"),
        ],
    )
    def test_5_6_mistakes(self, say, wrong, hint):
        refused(say(exercises.check_5_6, lambda rows: wrong(self.bits_lost(rows))), hint)
