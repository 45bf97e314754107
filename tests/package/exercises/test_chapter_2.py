"""The self-checks of chapter 2: right answers pass, each likely mistake gets its hint."""

from dataclasses import replace

import numpy as np

from answers import GRID, refused
from specdemo import exercises, invert_spectrogram, spectral_convergence


class TestChapter2:
    @staticmethod
    def fast(S, phase, n_iter, momentum=0.99):
        return invert_spectrogram(
            S, GRID, start=phase, refine="fast_griffin_lim", n_iter=n_iter, momentum=momentum
        )

    @staticmethod
    def plain(S, phase, n_iter):
        return invert_spectrogram(S, GRID, start=phase, refine="griffin_lim", n_iter=n_iter)

    def test_2_1(self, say, S):
        phase = np.random.default_rng(0).uniform(-3, 3, S.shape)
        functions = (self.fast, self.plain, S, phase)
        assert say(exercises.check_2_1, 0, *functions).startswith("right. ")
        refused(say(exercises.check_2_1, 0.9, *functions), "differ by")

    def test_2_2(self, say, x):
        for right in (-x, -x.astype(np.float32), GRID.inverse(-GRID.forward(x), length=x.size)):
            assert say(exercises.check_2_2, right, x, GRID).startswith("right. ")
        signs = np.where(np.arange(x.size) < 2000, 1, -1)
        for wrong, hint in (
            (x.copy(), "x itself"),
            (1.0005 * x, "x itself"),
            (x + 1e-6, "x itself"),
            (-1.0005 * x, "as loud"),
            (x[::-1], "backwards"),
            (0.5 * x, "as loud"),
            (signs * x, "magnitudes differ"),
            (x[:-1], "samples"),
        ):
            refused(say(exercises.check_2_2, wrong, x, GRID), hint)

    def test_2_3(self, say, x):
        fine = replace(GRID, hop_length=16)
        right, own = {}, {}
        for part in (2, 4, 8):
            grid = replace(GRID, hop_length=256 // part)
            y = invert_spectrogram(
                grid.magnitude(x), grid, refine="fast_griffin_lim", n_iter=32, length=x.size, rng=0
            )
            right[part] = spectral_convergence(fine.magnitude(x), fine.magnitude(y))
            own[part] = spectral_convergence(grid.magnitude(x), grid.magnitude(y))
        assert say(exercises.check_2_3, right, x, GRID, fine).startswith("right. ")
        refused(say(exercises.check_2_3, own, x, GRID, fine), "grid that was inverted")
        off = {part: error + 5 for part, error in right.items()}
        refused(say(exercises.check_2_3, off, x, GRID, fine), "errors[2] is off")
        refused(say(exercises.check_2_3, [1, 2, 3], x, GRID, fine), "the keys")

    @staticmethod
    def impose(S, X):
        size = np.abs(X)
        return S * np.divide(X, size, out=np.ones_like(X), where=size > 0)

    def test_2_4(self, say):
        assert say(exercises.check_2_4, self.impose).startswith("right. ")
        assert say(exercises.check_2_4, lambda S, X: S * np.exp(1j * np.angle(X))).startswith(
            "right"
        )

    def test_2_4_mistakes(self, say):
        def in_place(S, X):
            X *= S
            return X

        def scaled_in_place(S, X):
            S /= S.max()
            return self.impose(S, X)

        attempts = (
            (lambda S, X: S * X / np.abs(X), "divided by zero"),
            (lambda S, X: S * X / np.maximum(np.abs(X), 1e-12), "Where X is zero"),
            (lambda S, X: S, "phases are not those"),
            (lambda S, X: S * X, "magnitudes are off"),
            (lambda S, X: np.where(np.abs(X) < 1e-9, S, self.impose(S, X)), "Soft cells"),
            (lambda S, X: self.impose(S + (S == 0), X), "Where S is zero"),
            (in_place, "changes the X"),
            (scaled_in_place, "changes the S"),
            (lambda S, X: S[0], "shape"),
        )
        for wrong, hint in attempts:
            refused(say(exercises.check_2_4, wrong), hint)

    @staticmethod
    def shifted(x, S, joints, constants, bins=1.0):
        phase = np.angle(GRID.forward(x))
        shift = np.asarray(constants)[np.searchsorted(joints, np.arange(S.shape[1]))]
        return GRID.inverse(S * np.exp(1j * (phase + bins * shift)), length=x.size)

    def test_2_5(self, say, x, S):
        def right(joints):
            return self.shifted(x, S, joints, [1.0, -2.0])

        assert say(exercises.check_2_5, right, x, GRID).startswith("right. ")

    def test_2_5_with_several_joints(self, say):
        t = np.arange(16000) / 8000
        x = np.sin(2 * np.pi * (500 * t + 600 * t**2))
        constants = np.random.default_rng(0).uniform(-3, 3, 100)
        S = GRID.magnitude(x)

        def by(chosen):
            return lambda joints: self.shifted(x, S, chosen(joints), constants)

        assert say(exercises.check_2_5, by(lambda joints: joints), x, GRID).startswith("right. ")
        for wrong in (
            by(lambda joints: joints[:1]),
            by(lambda joints: joints[-1:]),
            lambda joints: self.shifted(x, S, joints, [1.0] + 100 * [2.0]),
        ):
            refused(say(exercises.check_2_5, wrong, x, GRID), "Does each joint begin another one?")

    def test_2_5_mistakes(self, say, x, S):
        per_bin = np.random.default_rng(0).uniform(-3, 3, (S.shape[0], 1))
        attempts = (
            (lambda joints: self.shifted(x, S, joints, [1.0, 1.0]), "another constant"),
            (lambda joints: self.shifted(x, S, joints, [1.0, -2.0], per_bin), "Without any joint"),
            (lambda joints: self.shifted(x, S, joints, [len(joints), 2.0]), "nothing before"),
            (
                lambda joints: self.shifted(x, S, [0], [0, 1.0], per_bin if joints else 1.0),
                "nothing before",
            ),
            (lambda joints: x[:-7], "samples"),
        )
        for wrong, hint in attempts:
            refused(say(exercises.check_2_5, wrong, x, GRID), hint)

    def test_2_5_constants_of_one_call(self, say, x, S):
        rng = np.random.default_rng(0)

        def wrong(joints):
            return self.shifted(x, S, joints, rng.uniform(-3, 3, 2))

        refused(say(exercises.check_2_5, wrong, x, GRID), "other constants at every call")

    def test_2_5_no_joint(self, say, x, S):
        def wrong(joints):
            return self.shifted(x, S, [joints[0]], [1.0, -2.0])

        refused(say(exercises.check_2_5, wrong, x, GRID), "can also be empty")

    def test_2_5_other_constants_for_every_bin(self, say, x, S):
        per_bin = np.random.default_rng(0).uniform(-3, 3, (S.shape[0], 1))

        def wrong(joints):
            behind = np.arange(S.shape[1]) > (joints[0] if joints else S.shape[1])
            phase = np.angle(GRID.forward(x)) + per_bin * behind
            return GRID.inverse(S * np.exp(1j * phase), length=x.size)

        refused(say(exercises.check_2_5, wrong, x, GRID), "all frames and bins alike")

    def test_2_6(self, say):
        rng = np.random.default_rng(0)
        slopes = rng.uniform(-1, 1, (9, 12))
        first = rng.uniform(-3, 3, (9, 1))

        def add_up(steps):
            return np.hstack([first, first + np.cumsum(steps, axis=1)])

        means = (slopes[:, 1:] + slopes[:, :-1]) / 2
        assert say(exercises.check_2_6, add_up(means), slopes).startswith("right. ")
        wrapped = np.angle(np.exp(1j * add_up(means)))
        assert say(exercises.check_2_6, wrapped, slopes).startswith("right. ")
        for wrong, hint in (
            (slopes[:, 1:], "mean of both ends"),
            (slopes[:, :-1], "mean of both"),
            (-means, "backwards"),
            (2 * means, "off by"),
        ):
            refused(say(exercises.check_2_6, add_up(wrong), slopes), hint)
        refused(say(exercises.check_2_6, add_up(means)[:, 1:], slopes), "shape")
        for start in (0, 1.5):
            line = say(exercises.check_2_6, add_up(means) - first + start, slopes)
            refused(line, "start with the same phase")
