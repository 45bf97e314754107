"""The self-checks of chapter 8: right answers pass, each likely mistake gets its hint."""

from functools import partial

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import value_and_grad as differentiated

from answers import BANK, GRID, refused
from specdemo import amplitude_to_db, exercises, load, takes


class TestChapter8:
    def test_8_1(self, say):
        right = {"autoencoder": 203664, "linear": 16896}
        assert say(exercises.check_8_1, right).startswith("right. ")
        for wrong, hint in (
            ({"autoencoder": 202752}, "a row of offsets, too"),
            ({"autoencoder": 101584}, "the encoder alone"),
            ({"autoencoder": 2}, "input times output"),
            ({"linear": 16384}, "the mean"),
            ({"linear": 8192}, "down, one up"),
        ):
            (answer,) = (right[name] for name in wrong)
            refused(say(exercises.check_8_1, right | wrong), hint, answer)

    @staticmethod
    def gradient(weights, x, slope=0.1, factor=2.0, sign=1):
        W1, b1, W2, b2 = weights
        before = x @ W1 + b1
        h = np.maximum(before, 0.1 * before)
        dy = sign * factor * (h @ W2 + b2 - x) / x.size
        dbefore = (dy @ W2.T) * np.where(before > 0, 1, slope)
        return [x.T @ dbefore, dbefore.sum(axis=0), h.T @ dy, dy.sum(axis=0)]

    def with_offsets(self, weights, x, changed):
        W1, b1, W2, b2 = self.gradient(weights, x)
        return [W1, changed(b1), W2, b2]

    @staticmethod
    def by_autograd(weights, x):
        def error(weights, x):
            W1, b1, W2, b2 = weights
            before = anp.dot(x, W1) + b1
            h = anp.maximum(before, 0.1 * before)
            return anp.mean((anp.dot(h, W2) + b2 - x) ** 2)

        return differentiated(error)(weights, x)[1]

    @staticmethod
    def by_differences(weights, x, h):
        def loss():
            W1, b1, W2, b2 = weights
            before = x @ W1 + b1
            return np.mean((np.maximum(before, 0.1 * before) @ W2 + b2 - x) ** 2)

        def slope(w, place):
            kept, values = w[place], []
            for value in (kept + h, kept - h):
                w[place] = value
                values.append(loss())
            w[place] = kept
            return (values[0] - values[1]) / (2 * h)

        return [
            np.array([slope(w, place) for place in np.ndindex(w.shape)]).reshape(w.shape)
            for w in weights
        ]

    def in_single_precision(self, weights, x):
        return self.gradient([w.astype(np.float32) for w in weights], x.astype(np.float32))

    def test_8_2(self, say):
        assert say(exercises.check_8_2, self.gradient).startswith("right. ")
        assert say(exercises.check_8_2, self.in_single_precision).startswith("right. ")
        for wrong, hint in (
            (lambda w, x: self.gradient(w, x, slope=1), "back over the bend"),
            (lambda w, x: self.gradient(w, x, factor=1), "The square gives a 2"),
            (lambda w, x: self.gradient(w, x, factor=2 * x.size), "a mean, not a sum"),
            (lambda w, x: self.gradient(w, x, factor=x.size), "a constant factor"),
            (lambda w, x: self.gradient(w, x, factor=2 * len(x)), "a constant factor"),
            (lambda w, x: self.gradient(w, x, factor=2 * x.shape[1]), "a constant factor"),
            (lambda w, x: self.gradient(w, x, factor=0), "The gradient of W1 is off"),
            (
                lambda w, x: self.with_offsets(w, x, lambda b1: b1 / len(x)),
                "b1 is a mean over the rows",
            ),
            (lambda w, x: self.with_offsets(w, x, np.flip), "Is it summed over the rows?"),
            (self.by_autograd, "to autograd"),
            *((partial(self.by_differences, h=h), "too coarse") for h in (1e-7, 1e-6, 1e-5)),
            (lambda w, x: self.gradient(w, x, sign=-1), "turned around"),
            (lambda w, x: self.gradient(w, x)[:2], "four arrays"),
            (lambda w, x: self.gradient(w, x)[::-1], "the shape"),
        ):
            refused(say(exercises.check_8_2, wrong), hint)

    def test_8_3(self, say):
        def right(spread, n, n_rows):
            return 60 * np.sqrt(np.sum(spread[n:] ** 2) / (n_rows * 512))

        assert say(exercises.check_8_3, right).startswith("right. ")
        for wrong, hint in (
            (lambda s, n, m: 60 * np.sqrt(np.sum(s[:n] ** 2) / (m * 512)), "left over"),
            (lambda s, n, m: right(s, n, m) * np.sqrt(512), "of which a row has 512"),
            (lambda s, n, m: right(s, n, m) / 60, "60 dB"),
            (lambda s, n, m: 60 * np.sum(s[n:]) / (m * 512), "squares"),
            (lambda s, n, m: right(s, n, len(s)), "n_rows tells"),
            (lambda s, n, m: right(s, n + 1, m), "are those before"),
        ):
            refused(say(exercises.check_8_3, wrong), hint)

    @staticmethod
    def rounded(codes, n_bits, axis=0, less=1, rounding=np.round):
        low, high = codes.min(axis=axis), codes.max(axis=axis)
        step = (high - low) / (2**n_bits - less)
        return low + rounding((codes - low) / step) * step

    def test_8_4(self, say):
        assert say(exercises.check_8_4, self.rounded).startswith("right. ")
        for wrong, hint in (
            (lambda c, n: self.rounded(c, n, less=0), "more than 2 values"),
            (lambda c, n: self.rounded(c, n, axis=None), "extremes of each column"),
            (lambda c, n: self.rounded(c, n, rounding=np.floor), "half a step"),
            (lambda c, n: c, "more than 2 values"),
        ):
            refused(say(exercises.check_8_4, wrong), hint)

    @staticmethod
    def levels(x):
        M = BANK.forward(GRID.magnitude(x))
        return np.clip(1 + amplitude_to_db(M, ref=np.max, top_db=None) / 60, 0, 1)

    def cut(self, take, step):
        V = self.levels(load(take.path)[0])
        return [V[:, s : s + 8].ravel() for s in range(0, V.shape[1] - 7, step)]

    def voices(self, chosen, voice, split=True, step=8):
        theirs = [row for t in chosen if not split or t.voice != voice for row in self.cut(t, 1)]
        own = [row for t in chosen if t.voice == voice for row in self.cut(t, step)]
        return np.array(theirs), np.array(own)

    def without_slt(self, chosen, voice):
        theirs, own = self.voices([t for t in chosen if t.voice != "slt"], voice)
        return np.concatenate([theirs, theirs]), own

    def test_8_5(self, say):
        pytest.importorskip("soundfile", reason="soundfile is not installed: it reads FLAC")
        right = self.voices
        given = takes("sentences"), self.levels, 8
        off_by = {"never heard": 5.0, "half heard": 4.0}
        assert say(exercises.check_8_5, right, *given, off_by).startswith("right. ")
        for gap in (None, {"never heard": 5.0, "half heard": None}):
            assert say(exercises.check_8_5, right, *given, gap).startswith("nothing here yet. ")
        for answer, hint in (
            ({"never heard": 4.0, "half heard": 5.0}, "should help"),
            ({"never heard": 0.08, "half heard": 0.07}, "in dB"),
            ({"never heard": 4.0}, "a dict with the keys"),
        ):
            refused(say(exercises.check_8_5, right, *given, answer), hint)
        for wrong, hint in (
            (lambda *a: right(*a, split=False), "are among those"),
            (lambda *a: right(*a, step=1), "one behind the other"),
            (lambda *a: right(*a)[::-1], "come second"),
            (lambda chosen, voice: right(chosen, "rms"), '"awb" to be left out'),
            (self.without_slt, "missing"),
            (lambda *a: (np.random.default_rng(0).random((4000, 160)), right(*a)[1]), "missing"),
            (lambda *a: (right(*a)[0], right(*a)[1][:9]), "one behind the other"),
            (lambda *a: (np.nan * right(*a)[0], right(*a)[1]), "NaN"),
            (lambda *a: ([right(*a)[0], right(*a)[0][1:]], right(*a)[1]), "do not make one array"),
            (lambda *a: (right(*a)[0][:, 1:], right(*a)[1]), "the shape"),
            (lambda chosen, voice: (chosen[:1], chosen[1:]), "numbers"),
            (lambda *a: ("a", "b"), "numbers"),
            (lambda *a: (None, None), "numbers"),
            (lambda chosen, voice: (chosen.clear(), 3), "numbers"),
            (lambda *a: (right(*a)[0][::9], right(*a)[1]), "at all speeds"),
            (lambda *a: right(*a)[0], "two arrays"),
        ):
            refused(say(exercises.check_8_5, wrong, *given), hint)

    @staticmethod
    def from_torch(state, key=int, turn=True, offsets_last=True):
        layers = sorted({name.split(".")[0] for name in state}, key=key)
        found = []
        for layer in layers:
            matrix = state[f"{layer}.weight"]
            parts = [matrix.T if turn else matrix, state[f"{layer}.bias"]]
            found += parts if offsets_last else parts[::-1]
        return found

    def test_8_6(self, say):
        assert say(exercises.check_8_6, self.from_torch).startswith("right. ")
        for wrong, hint in (
            (lambda state: self.from_torch(state, key=str), '"10" comes before "2"'),
            (lambda state: self.from_torch(state, key=str, turn=False), '"10" comes before "2"'),
            (lambda state: self.from_torch(state, turn=False), "(output, input)"),
            (lambda state: self.from_torch(state, offsets_last=False), "the matrix comes first"),
            (lambda state: self.from_torch(state)[::-1], "which layer"),
            (lambda state: self.from_torch(state)[:4], "should return a list"),
            (lambda state: [None] * 12, "which layer"),
        ):
            refused(say(exercises.check_8_6, wrong), hint)
