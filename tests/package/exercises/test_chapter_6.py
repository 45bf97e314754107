"""The self-checks of chapter 6: right answers pass, each likely mistake gets its hint."""

from dataclasses import replace

import numpy as np
import pytest

from answers import BANK, GRID, refused
from specdemo import (
    STFT,
    MelBank,
    Staircase,
    clips,
    exercises,
    invert_mel,
    load,
    log_spectral_distance,
    shorten,
    spectral_convergence,
)


class TestChapter6:
    STAIRS = Staircase(GRID, BANK, shorten=5, n_mfcc=10)
    PAPER, MEASURED = {"mel": 8000, "mfcc": 325}, {"mel": 8008.0, "mfcc": 326.3}

    def test_6_1(self, say):
        assert say(exercises.check_6_1, self.PAPER, self.MEASURED).startswith("right. ")

    @pytest.mark.parametrize(
        ("on_paper", "measured", "hint"),
        [
            ({"mel": 2500.0}, {}, "every hop"),
            ({"mel": 100}, {}, "How many frames a second"),
            ({"mfcc": 1300}, {}, "all frames"),
            ({"mfcc": 2000}, {}, "all bands"),
            ({"mfcc": 13}, {}, "How many columns"),
            ({}, {"mel": 8000}, "what the paper says"),
            ({}, {"mfcc": 3263}, "all ten seconds"),
            ({}, {"mfcc": 327}, "the size of the step"),
        ],
    )
    def test_6_1_mistakes(self, say, on_paper, measured, hint):
        line = say(exercises.check_6_1, self.PAPER | on_paper, self.MEASURED | measured)
        refused(line, hint, 325, 326.3, 8008)

    def test_6_2(self, say, x, S):
        def distances(top_db, down=None):
            strict = replace(self.STAIRS, top_db=top_db)
            D = (down or strict).down(x)["db"]
            S_hat = GRID.magnitude((down or strict).up("db", D, length=x.size, rng=0))
            return (
                log_spectral_distance(S, S_hat),
                log_spectral_distance(BANK.forward(S), BANK.forward(S_hat)),
            )

        right = {top_db: distances(top_db) for top_db in (80, 60, 40, 20)}
        given = (x, self.STAIRS)
        assert say(exercises.check_6_2, right, *given).startswith("right. ")
        bins, bands = right[20]
        assert abs(bins - bands) > 0.6
        for wrong, hint in (
            (right | {20: (bands, bins)}, "wrong way round"),
            (dict.fromkeys(right, right[80]), "what 80 dB cost"),
            (right | {20: (bins, bands + 2)}, "of the bands is off"),
            (right | {20: (bins + 2, bands)}, "of the bins is off"),
            ({80: right[80]}, "the keys"),
            (right | {60: 1.0}, "two numbers"),
        ):
            refused(say(exercises.check_6_2, wrong, *given), hint)

    def test_6_3(self, say, S):
        bands, frames = shorten(BANK.forward(S), 5), BANK.forward(shorten(S, 5))
        assert bands.sum() > frames.sum()
        check, given = exercises.check_6_3, (S, BANK)
        assert say(check, bands, frames, "bands", *given).startswith("right. ")
        for wrong, hint in (
            ((frames, bands, "bands"), "the other order"),
            ((bands, bands, "bands"), "frames_first is made in the other order"),
            ((bands, frames, "frames"), "pulled down"),
            ((bands, frames, bands), '"bands" or "frames"'),
            ((2 * bands, frames, "bands"), "bands_first is off"),
            ((shorten(BANK.forward(S), 4), frames, "bands"), "the shape"),
        ):
            refused(say(check, *wrong, *given), hint)

    def test_6_4(self, say):
        def trial(shorten, n_mfcc):
            return 1000, {None: 6.9, 40: 4.4, 20: 6.2, 13: 7.1}[n_mfcc], 0.0

        rate = 22050 / 256
        right = {rows: max(1, rows * rate / 1000) for rows in (80, 40, 20, 13)}
        check, given = exercises.check_6_4, (trial, rate)
        assert say(check, right, 40, *given).startswith("right. ")
        for wrong, hint in (
            (({80: right[80]}, 40), "the keys"),
            ((right, 20), "smaller distance"),
            ((right, 30), "one of 80"),
            ((right | {40: 1 / right[40]}, 40), "below 1"),
            ((right | {20: 4}, 40), "makes 431 numbers"),
            ((right, "forty"), "numbers"),
        ):
            refused(say(check, *wrong, *given), hint, "best = 40")

    def test_6_5(self, say, x, S):
        M = BANK.forward(S)
        one, two = (invert_mel(M, BANK, length=x.size, rng=seed) for seed in (0, 1))
        right = {
            "one and two": spectral_convergence(one, two),
            "x and one": spectral_convergence(x, one),
        }
        check, given = exercises.check_6_5, (x, M, BANK)
        assert say(check, one, two, right, *given).startswith("right. ")
        assert say(check, one.tolist(), two.tolist(), right, *given).startswith("right. ")
        by_magnitude = {
            "one and two": spectral_convergence(*map(GRID.magnitude, (one, two))),
            "x and one": spectral_convergence(S, GRID.magnitude(one)),
        }
        noise = np.random.default_rng(0).standard_normal(x.size)
        for wrong, hint in (
            ((one, one, right), "its own seed"),
            ((x, two, right), "the original"),
            ((one, noise, right), "bands of two fit only"),
            ((one, two, by_magnitude), "compares magnitudes"),
            ((one, two, dict.fromkeys(right, 9)), "is off"),
            ((one, two, {"x and one": 1}), "the keys"),
            ((one[:-1], two, right), "Pass the length"),
        ):
            refused(say(check, *wrong, *given), hint)

    def test_6_6(self, say):
        y, rate = load("drums", duration=2)
        grid = STFT(rate, 1024, 256)
        steps = Staircase(grid, MelBank(grid, 80, fmax=8000), shorten=5, n_mfcc=20)
        off = [row.log_mel_distance for row in steps.budget(y.astype(float), n_iter=50, rng=0)[3:]]
        drums = tuple(np.diff(off))
        right = {name: (3.0 + i, 4.0) for i, name in enumerate(clips())} | {"drums": drums}
        lost = [name for name, (frames, coefficients) in right.items() if coefficients > frames]
        check = exercises.check_6_6
        assert drums[0] > drums[1] + 1
        assert say(check, right, lost).startswith("right. ")
        for wrong, hint in (
            ((right | {"drums": off[1:]}, lost), "the distances themselves"),
            ((right | {"drums": drums[::-1]}, lost), "wrong way round"),
            ((right | {"drums": (0, 0)}, lost), "is off"),
            ((dict.fromkeys(right, drums), []), "the same numbers"),
            ((right, ["drums"]), "does not agree"),
            ((right, ["flute"]), "names of"),
            ((right, 3), "names of"),
            (({"drums": drums}, []), "a key for every"),
        ):
            refused(say(check, *wrong), hint)
