"""The self-checks of chapter 4: right answers pass, each likely mistake gets its hint."""

from dataclasses import replace

import numpy as np
import pytest

from answers import BANK, GRID, refused
from specdemo import STFT, MelBank, exercises, invert_spectrogram, spectral_convergence


class TestChapter4:
    BINS = BANK.covered

    def em(self, M, S_hat, n_iter):
        B = BANK.matrix[:, self.BINS]
        back = B.T / B.sum(axis=0)[:, np.newaxis]
        for _ in range(n_iter):
            S_hat = S_hat * (back @ (M / np.maximum(B @ S_hat, 1e-10 * M.max())))
        return S_hat

    def test_4_1(self, say):
        assert say(exercises.check_4_1, 511, 411).startswith("right. ")
        for wrong, hint in (
            ((1024, 411), "mirror"),
            ((513, 413), "outer edges"),
            ((500, 400), "some row"),
            ((511, 431), "80 bands"),
            ((511, 511), "independent band"),
        ):
            refused(say(exercises.check_4_1, *wrong), hint, 411)

    def test_4_2(self, say, S):
        M = BANK.forward(S)
        f = GRID.frequencies[self.BINS]
        hole = (f > 500) & (f < 700)
        start = BANK.envelope(M)[self.BINS]
        with_hole = np.where(hole[:, np.newaxis], 0, start)
        right = self.em(M, with_hole, 200)
        for form in (hole, hole.tolist(), np.flatnonzero(hole)):
            assert say(exercises.check_4_2, right, form, M, BANK).startswith("right. ")
        attempts = (
            ((self.em(M, start, 200), hole), "filled"),
            ((right, ~hole), "between 500 and 700"),
            ((right, [[1], [1, 2]]), "hold numbers"),
            ((-right, hole), "negative"),
            ((np.where(hole[:, np.newaxis], 0, np.ones_like(start)), hole), "fit only"),
            ((np.where(hole[:, np.newaxis], 0, self.em(M, start, 200)), hole), "come after it"),
        )
        for wrong, hint in attempts:
            refused(say(exercises.check_4_2, *wrong, M, BANK), hint)

    def test_4_3(self, say, S):
        M = BANK.forward(S)
        noise = np.random.default_rng(0).exponential(size=(np.sum(self.BINS), M.shape[1]))
        rough = np.zeros_like(S)
        rough[self.BINS] = self.em(M, noise, 200)
        assert say(exercises.check_4_3, rough, M, BANK).startswith("right. ")
        rng, gentle = np.random.default_rng(0), np.zeros_like(S)
        for start in (rng.uniform(0.5, 1.5, noise.shape), 1 + rng.random(noise.shape)):
            gentle[self.BINS] = self.em(M, start, 200)
            assert say(exercises.check_4_3, gentle, M, BANK).startswith("right. ")
        flat = np.zeros_like(S)
        flat[self.BINS] = self.em(M, np.ones_like(noise), 200)
        everywhere = rough + (~self.BINS)[:, np.newaxis]
        raw = np.zeros_like(S)
        raw[self.BINS] = noise
        for wrong, hint in (
            (-rough, "negative"),
            (everywhere, "no band sees"),
            (raw, "fit only"),
            (BANK.inverse(M, n_iter=200), "from the envelope"),
            (flat, "one for every bin"),
            (rough[1:], "shape"),
        ):
            refused(say(exercises.check_4_3, wrong, M, BANK), hint)

    def test_4_4(self, say, x, S):
        def distance(n_iter):
            y = invert_spectrogram(
                S, GRID, start="random", refine="griffin_lim", n_iter=n_iter, length=x.size, rng=0
            )
            return spectral_convergence(S, GRID.magnitude(y)), y

        # A hybrid that is as good as 30 iterations lies between the answers 20 and 40.
        _, hybrid = distance(30)
        given = (hybrid, x, GRID)
        assert distance(20)[0] > distance(30)[0] > distance(40)[0]
        for right in (40, np.array([40]), 40.0):
            assert say(exercises.check_4_4, right, *given).endswith("and the bands later.")
        for wrong, hint in (
            (20, "still nearer"),
            (60, "was so before"),
            (30, "one of 10"),
            (np.inf, "was so before"),
            ("ten", "hold numbers"),
            ([[1], [1, 2]], "hold numbers"),
            (np.array([40, 60, 80]), "one number"),
            ([], "one number"),
            (-np.inf, "finite"),
        ):
            refused(say(exercises.check_4_4, wrong, *given), hint, "overtakes = 40")
        assert say(exercises.check_4_4, np.inf, x, x, GRID).startswith(
            "right. With a method so slow"
        )

    @pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
    def test_4_5(self, say, x):
        grid = STFT(8000, 1024, 256)
        S, bank = grid.magnitude(x), MelBank(grid, 20, fmax=2000)
        right, fits, on_seen, wide = {}, {}, {}, {}
        for n_mels in (20, 40, 80, 160):
            other = replace(bank, n_mels=n_mels)
            M = other.forward(S)
            right[n_mels] = spectral_convergence(S, other.inverse(M))
            rows = other.covered
            on_seen[n_mels] = spectral_convergence(S[rows], other.inverse(M)[rows])
            whole = MelBank(grid, n_mels)
            wide[n_mels] = spectral_convergence(S, whole.inverse(whole.forward(S)))
            fits[n_mels] = spectral_convergence(M, other.forward(other.inverse(M)))
        assert say(exercises.check_4_5, right, S, bank).startswith("right. ")
        refused(say(exercises.check_4_5, fits, S, bank), "compares the bands")
        refused(say(exercises.check_4_5, on_seen, S, bank), "Compare all bins")
        refused(say(exercises.check_4_5, wide, S, bank), "without fmax")
        same = dict.fromkeys(right, right[20])
        refused(say(exercises.check_4_5, same, S, bank), "distances[40] is off")
        refused(say(exercises.check_4_5, {20: 1.0}, S, bank), "the keys")
