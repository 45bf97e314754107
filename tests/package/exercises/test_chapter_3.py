"""The self-checks of chapter 3: right answers pass, each likely mistake gets its hint."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from answers import BANK, GRID, refused
from specdemo import STFT, MelBank, exercises, lengthen, shorten


class TestChapter3:
    FMAX = 4000

    def test_3_1(self, say):
        grid = STFT(22050, 1024, 256)
        assert say(exercises.check_3_1, 28, 26, grid, 8000).startswith("right. ")
        for wrong, hint in (
            ((26, 28), "wrong way round"),
            ((28, 27), "good estimate"),
            ((40, 26), "far off"),
        ):
            refused(say(exercises.check_3_1, *wrong, grid, 8000), hint)

    def test_3_2(self, say):
        height_one = replace(BANK, norm=None)
        first, last = height_one.center_frequencies[[0, -1]]
        between = (GRID.frequencies >= first) & (GRID.frequencies <= last)
        total = height_one.matrix[:, between].sum(axis=0)

        def add_up(columns):
            return columns.sum(axis=0)

        def doubled(columns):
            columns *= 2
            return columns.sum(axis=0)

        assert say(exercises.check_3_2, total, add_up, height_one).startswith("right. ")
        for wrong, hint in (
            ((total[1:], add_up), "shape"),
            ((2 * total, add_up), "total is not"),
            ((total, lambda c: c.mean(axis=0)), "the mean"),
            ((total, doubled), "changes the columns"),
            ((total, lambda c: 2 * c.sum(axis=0)), "not the sum of the bands"),
            ((total, lambda c: c.sum()), "shape"),
            ((total, lambda c: height_one.forward(c).sum(axis=0)), "do without"),
            ((total, lambda c: (height_one.matrix @ c).sum(axis=0)), "do without"),
        ):
            line = say(exercises.check_3_2, *wrong, height_one)
            refused(line, hint)
            assert "np." not in line
        assert say(
            exercises.check_3_2, total, lambda c: c[between].sum(axis=0), height_one
        ).startswith("right. ")

    def describe(self, x, n_mels, factor, before=False, step=1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of empty bands: the grid of the tests is coarse
            bank = MelBank(GRID, n_mels, fmax=self.FMAX)
        X = GRID.forward(x)
        M = bank.forward(np.abs(X))
        short = shorten(M, factor * step)
        S_hat = bank.inverse(
            lengthen(short, factor * step, n_frames=M.shape[1]), method="transpose"
        )
        counted = M if before else short
        return counted.size * GRID.sr / x.size, GRID.inverse(
            S_hat * np.exp(1j * np.angle(X)), length=x.size
        )

    @pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
    def test_3_3(self, say, x):
        given = (x, GRID, self.FMAX)

        def right(n_mels, factor):
            return self.describe(x, n_mels, factor)

        assert say(exercises.check_3_3, right, *given).startswith("right. ")
        assert say(exercises.check_3_3, lambda n, f: list(right(n, f)), *given).startswith("right")
        attempts = (
            (lambda n, f: self.describe(x, n, f, before=True), "before shortening"),
            (lambda n, f: (right(n, f)[0], x), "dB off"),
            (lambda n, f: (right(n, f)[0] * 3, x), "numbers per second"),
            (lambda n, f: right(n, f)[1], "two things"),
            (lambda n, f: (right(n, f)[0], right(n, f)[1][:-9]), "Pass the length on"),
            (lambda n, f: (right(n, f)[0], self.describe(x, n, f, step=3)[1]), "dB off"),
        )
        for wrong, hint in attempts:
            refused(say(exercises.check_3_3, wrong, *given), hint)

    @staticmethod
    def triangles(corners, frequencies):
        return np.array(
            [np.interp(frequencies, corners[i : i + 3], (0, 1, 0)) for i in range(len(corners) - 2)]
        )

    @staticmethod
    def spread(matrix, bands):
        flat = matrix.T @ matrix.sum(axis=1, keepdims=True)
        return matrix.T @ bands / np.where(flat > 0, flat, 1)

    def test_3_4(self, say, x):
        grid = STFT(8000, 512, 128)
        S = grid.magnitude(x)
        given = (S, grid, 4000)
        even = self.triangles(np.linspace(0, 4000, 42), grid.frequencies)
        smooth = self.spread(even, even @ S)
        assert say(exercises.check_3_4, even, smooth, *given).startswith("right. ")
        mel = replace(MelBank(grid, 40), norm=None).matrix
        attempts = (
            ((mel, smooth), "the mel bands"),
            ((even[::-1], smooth), "not where"),
            ((2 * even, smooth), "rise to about 1"),
            (((even > 0).astype(float), smooth), "not triangles"),
            ((even**2, smooth), "not triangles"),
            ((even, even.T @ even @ S), "also divides"),
            ((even, S), "Which matrix"),
            ((even[1:], smooth), "shape"),
        )
        for wrong, hint in attempts:
            refused(say(exercises.check_3_4, *wrong, *given), hint)

    def test_3_5(self, say, x):
        X = GRID.forward(x)
        u = np.random.default_rng(0).random(X.shape)
        assert say(exercises.check_3_5, np.exp(2j * np.pi * u), X).startswith("right. ")
        attempts = (
            (np.exp(1j * u), "one direction"),
            (2 * np.pi * u, "complex"),
            (2 * np.exp(2j * np.pi * u), "size 1"),
            (np.exp(1j * np.angle(X)), "true ones"),
            (np.exp(2j * np.pi * u[:, :1]) * np.ones(X.shape), "same phase"),
            (np.exp(2j * np.pi * u[0]), "shape"),
        )
        for wrong, hint in attempts:
            refused(say(exercises.check_3_5, wrong, X), hint)
