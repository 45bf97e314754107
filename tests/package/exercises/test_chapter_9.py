"""The self-checks of chapter 9: right answers pass, each likely mistake gets its hint."""

import numpy as np

from answers import refused
from specdemo import exercises


class TestChapter9:
    def test_9_1(self, say):
        for found in ({"mean": 0, "var": 1}, {"mean": 1e-9, "var": 0.9999999}):
            assert say(exercises.check_9_1, found, 2 + 1e-12).startswith("right. ")
        for wrong, hint in (
            (({"mean": 1, "var": 1}, 2), "adds its square"),
            (({"mean": 0, "var": 0}, 2), "above zero"),
            (({"mean": 0, "var": 2}, 2), "lowest place"),
            (({"mean": 0, "var": 1}, 4), "halved"),
            (({"mean": 0, "var": 1}, 1), "cancel"),
        ):
            refused(say(exercises.check_9_1, *wrong), hint)

    def test_9_2(self, say):
        def right(a, b):
            return (np.mean(a) - np.mean(b)) ** 2 + (np.std(a) - np.std(b)) ** 2

        bell = np.random.default_rng(0).standard_normal(1000)
        two = bell.mean() + bell.std() * np.repeat([-1, 1], 500)
        three = np.sqrt(3) * np.repeat([-1, 0, 1], [167, 666, 167])
        three = bell.mean() + bell.std() * three / three.std()
        for no_bell in (two, three):
            assert say(exercises.check_9_2, right, bell, no_bell).startswith("right. ")
        for wrong, hint in (
            ((lambda a, b: np.sqrt(right(a, b)), bell, two), "a root too many"),
            (
                (lambda a, b: (a.mean() - b.mean()) ** 2 + (a.var() - b.var()) ** 2, bell, two),
                "root",
            ),
            ((lambda a, b: 0, bell, two), "is off"),
            (
                (lambda a, b: right(a, b) + np.median(a) ** 2 - np.mean(a) ** 2, bell, two),
                "is off",
            ),
            ((lambda a, b: right(bell, b), bell, two), "is off"),
            ((right, bell, two + 1), "another mean"),
            ((right, bell, bell[::-1]), "is a bell"),
            ((right, bell, two[:10]), "the shape"),
        ):
            refused(say(exercises.check_9_2, *wrong), hint)

    def test_9_3(self, say):
        right = np.sqrt(675 / 2)
        assert say(exercises.check_9_3, right, 0.05).startswith("right. ")
        for wrong, hint in (
            ((675 / 2, 0.1), "the square"),
            ((np.sqrt(675), 0.1), "forgets the 2"),
            ((1, 0.1), "of which it is the mean"),
            ((right, 0.9), "too large"),
            ((right, -1), "negative"),
        ):
            refused(say(exercises.check_9_3, *wrong), hint)

    @staticmethod
    def gru(weights, x, s, keep=False, swap=False, gate=True, squash=np.tanh):
        W, b, U, d = weights
        gates = 1 / (1 + np.exp(-(np.concatenate([x, s], axis=1) @ W + b)))
        n = s.shape[1]
        z, r = gates[:, :n], gates[:, n:]
        z, r = (r, z) if swap else (z, r)
        seen = r * s if gate else s
        c = squash(np.concatenate([x, seen], axis=1) @ U + d)
        return s + ((1 - z) if keep else z) * (c - s)

    def test_9_4(self, say):
        assert say(exercises.check_9_4, self.gru).startswith("right. ")
        for wrong, hint in (
            (lambda *a: self.gru(*a, keep=True), "z renews"),
            (lambda *a: self.gru(*a, swap=True), "exchanged"),
            (lambda *a: self.gru(*a, gate=False), "r is not used"),
            (lambda *a: self.gru(*a, squash=lambda v: v), "tanh"),
            (lambda w, x, s: s, "order of x and s"),
            (lambda w, x, s: x, "the shape"),
        ):
            refused(say(exercises.check_9_4, wrong), hint)

    def test_roots_of_what_is_below_zero(self, say, rng):
        rows = rng.standard_normal((700, 26))
        line = say(exercises.check_9_5, lambda some, others: np.full(len(some), np.nan), rows, 5, 4)
        refused(line, "a root or a logarithm")

    def test_9_5(self, say, rng):
        rows = rng.standard_normal((700, 5 * 4 + 6))

        def right(some, others, n=20, pick=np.min, bands=40):
            squares = np.sum((some[:, np.newaxis, :n] - others[:, :n]) ** 2, axis=2)
            return 60 * np.sqrt(pick(squares, axis=1) / (bands * 4))

        given = rows, 5, 4
        assert say(exercises.check_9_5, right, *given).startswith("right. ")
        for wrong, hint in (
            (lambda *a: right(*a) / 60, "60 dB"),
            (lambda *a: right(*a, bands=5), "all 40 bands"),
            (lambda *a: right(*a, pick=np.mean), "mean distance"),
            (lambda *a: right(*a, n=26), "outlines alone"),
            (lambda *a: right(*a, n=19), "outlines alone"),
            (
                lambda rows, others: right(np.multiply(rows, 0.5, out=rows), others),
                "changes the rows",
            ),
        ):
            refused(say(exercises.check_9_5, wrong, *given), hint)

    @staticmethod
    def strangers(rows, digits, voices, scale=100, learned_from=np.not_equal):
        """By the mean word of each digit of the others, far away where there is none."""
        shares = {}
        for name in np.unique(voices):
            chosen = learned_from(voices, name)
            means = np.full((10, rows.shape[1]), 100.0)
            for d in np.unique(digits[chosen]):
                means[d] = rows[chosen & (digits == d)].mean(axis=0)
            apart = np.sum((rows[voices == name][:, np.newaxis] - means) ** 2, axis=2)
            shares[str(name)] = scale * np.mean(apart.argmin(axis=1) == digits[voices == name])
        return shares

    def test_9_6(self, say):
        def everyone(voices, name):
            return np.full(len(voices), True)

        def one_other(voices, name):
            return voices == next(other for other in np.unique(voices) if other != name)

        def all_but_the_last(voices, name):
            others = [other for other in np.unique(voices) if other != name]
            return np.isin(voices, others[: max(2, len(others) - 1)])

        assert say(exercises.check_9_6, self.strangers).startswith("right. ")
        for wrong, hint in (
            (lambda *a: self.strangers(*a, learned_from=everyone), "learned from"),
            (lambda *a: self.strangers(*a, learned_from=all_but_the_last), "as the others do"),
            (lambda *a: self.strangers(*a, learned_from=one_other), "as the others do"),
            (lambda *a: {"ann": 99, "ben": 99, "cor": 0, "dan": 99}, "the keys"),
            (lambda *a: self.strangers(*a, scale=1), "per cent"),
            (lambda *a: self.strangers(*a, scale=1e4), "more than 100 %"),
            (lambda r, d, v: {name: 100.0 for name in np.unique(v).tolist()}, "learned from"),
            (lambda *a: {"ann": 1}, "the keys"),
            (lambda r, d, v: {name: 10.0 for name in np.unique(v).tolist()}, "as the others do"),
        ):
            refused(say(exercises.check_9_6, wrong), hint)
