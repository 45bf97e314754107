"""The self-checks: right answers pass, each likely mistake gets its hint, no hint is an answer."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from specdemo import (
    STFT,
    LogScale,
    MelBank,
    MelFormat,
    Staircase,
    amplitude_to_db,
    clips,
    db_to_amplitude,
    exercises,
    inverse_mfcc,
    invert_mel,
    invert_spectrogram,
    lengthen,
    load,
    log_spectral_distance,
    mel_format,
    mel_formats,
    mfcc,
    resample,
    shorten,
    spectral_convergence,
    takes,
)
from specdemo.exercises import verdict

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
BANK = MelBank(GRID, n_mels=20)
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)


@pytest.fixture
def say(capsys):
    """Run a check and return the one line that it prints."""

    def said(check, *answers, **given):
        assert check(*answers, **given) is None
        (line,) = capsys.readouterr().out.splitlines()
        return line.split(": ", 1)[1]

    return said


@pytest.fixture(scope="module")
def x():
    """Half a second of gliding tone, with a soft start and end, and a little noise."""
    t = np.arange(4000) / 8000
    glide = np.sin(2 * np.pi * (500 * t + 900 * t**2)) * np.sin(np.pi * t / 0.5) ** 2
    return 0.5 * glide + 0.01 * np.random.default_rng(0).standard_normal(t.size)


@pytest.fixture(scope="module")
def S(x):
    return GRID.magnitude(x)


def unwritten(*_):
    raise NotImplementedError


def test_every_exported_check_is_named_in_its_verdict(capsys):
    """Called with gaps alone, or with a starter that raises, each check says that it waits."""
    assert len(exercises.__all__) == 55
    for name in exercises.__all__:
        assert getattr(exercises, name).__doc__
    exercises.check_1_1(None, None, None)
    assert capsys.readouterr().out.startswith("Exercise 1.1: nothing here yet. ")


@pytest.mark.parametrize(
    ("check", "answers", "given"),
    [
        ("check_1_2", (None, 3), {}),
        ("check_1_3", (unwritten, HANN), {}),
        ("check_1_4", (None, HANN), {}),
        ("check_1_5", (...,), {}),
        ("check_1_6", (None, HANN), {"kept": HANN}),
        ("check_2_1", (None, None, None, None, None), {}),
        ("check_2_2", (None, HANN, GRID), {}),
        ("check_2_3", ({2: -10.0, 4: None, 8: None}, HANN, GRID, GRID), {}),
        ("check_2_4", (unwritten,), {}),
        ("check_2_5", (unwritten, np.ones(4000), GRID), {}),
        ("check_2_6", (None, HANN), {}),
        ("check_3_1", (28, None, GRID, 4000), {}),
        ("check_3_2", (None, unwritten, BANK), {}),
        ("check_3_3", (unwritten, np.ones(4000), GRID, 4000), {}),
        ("check_3_4", (np.ones(3), None, HANN, GRID, 4000), {}),
        ("check_3_5", (None, HANN), {}),
        ("check_4_1", (None, None), {}),
        ("check_4_2", (None, HANN, HANN, BANK), {}),
        ("check_4_3", (None, HANN, BANK), {}),
        ("check_4_4", (None, HANN, HANN, GRID), {}),
        ("check_4_5", ({}, HANN, BANK), {}),
        ("check_5_1", ([0], None), {}),
        ("check_5_2", (None, None), {}),
        ("check_5_3", (unwritten, None, None, HANN, HANN), {}),
        ("check_5_3", (unwritten, 1.0, 1.0, HANN, HANN), {}),
        ("check_5_4", (unwritten, {5: None}, HANN), {}),
        ("check_5_5", (None, {"noise": None}, {}, HANN, BANK), {}),
        ("check_5_6", (unwritten,), {}),
        ("check_6_1", ({"mel": None, "mfcc": None}, {"mel": None, "mfcc": None}), {}),
        ("check_6_1", ({"mel": 8000, "mfcc": 325}, {"mel": None, "mfcc": None}), {}),
        ("check_6_2", ({80: None, 60: None}, HANN, None), {}),
        ("check_6_3", (None, None, None, HANN, BANK), {}),
        ("check_6_4", ({80: None}, None, unwritten, 1.0), {}),
        ("check_6_5", (None, None, {"one and two": None}, HANN, HANN, BANK), {}),
        ("check_6_6", ({"speech": None}, None), {}),
        ("check_7_1", ({"half": 3, "half less half a hop": None, "nothing": 3},), {}),
        ("check_7_2", (None,), {}),
        ("check_7_3", (None, HANN), {}),
        ("check_7_4", ({"soft": None, "soft, and a knock": 0.5}, HANN, HANN), {}),
        ("check_7_5", (unwritten,), {}),
        ("check_10_1", ({"float32": 2.4, "bytes": None},), {}),
        ("check_10_2", (unwritten,), {}),
        ("check_10_3", (unwritten,), {}),
        ("check_10_4", (None, None), {}),
        ("check_10_5", (unwritten,), {}),
    ],
)
def test_gaps_are_waited_for(say, check, answers, given):
    assert say(getattr(exercises, check), *answers, **given).startswith("nothing here yet. ")


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
        ],
    )
    def test_what_is_no_number(self, answer, hint):
        with pytest.raises(verdict.NotYet, match=hint):
            verdict.number("n", answer)

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
            (3, "should be a function"),
        ],
    )
    def test_functions_that_fail(self, function, hint):
        with pytest.raises(verdict.NotYet, match=hint):
            verdict.result(function)


def refused(line, hint, *answers):
    """Assert that a line refuses an answer with this hint, and tells none of the answers."""
    assert line.startswith("not yet. ")
    assert hint in line
    for answer in answers:
        assert str(answer) not in line


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
        assert say(exercises.check_2_2, -x, x, GRID).startswith("right. ")
        signs = np.where(np.arange(x.size) < 2000, 1, -1)
        for wrong, hint in (
            (x.copy(), "x itself"),
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

        attempts = (
            (lambda S, X: S * X / np.abs(X), "divided by zero"),
            (lambda S, X: S * X / np.maximum(np.abs(X), 1e-12), "Where X is zero"),
            (lambda S, X: S, "phases are not those"),
            (lambda S, X: S * X, "magnitudes are off"),
            (lambda S, X: np.where(np.abs(X) < 1e-9, S, self.impose(S, X)), "Soft cells"),
            (lambda S, X: self.impose(S + (S == 0), X), "Where S is zero"),
            (in_place, "changes the X"),
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

        assert say(exercises.check_3_2, total, add_up, height_one).startswith("right. ")
        for wrong, hint in (
            ((total[1:], add_up), "shape"),
            ((2 * total, add_up), "total is not"),
            ((total, lambda c: c.mean(axis=0)), "the mean"),
            ((total, lambda c: 2 * c.sum(axis=0)), "not the sum of the bands"),
            ((total, lambda c: c.sum()), "shape"),
        ):
            refused(say(exercises.check_3_2, *wrong, height_one), hint)

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
        assert say(exercises.check_4_2, right, hole, M, BANK).startswith("right. ")
        attempts = (
            ((self.em(M, start, 200), hole), "filled"),
            ((right, ~hole), "between 500 and 700"),
            ((right, np.flatnonzero(hole)), "between 500 and 700"),
            ((-right, hole), "negative"),
            ((np.where(hole[:, np.newaxis], 0, np.ones_like(start)), hole), "fit only"),
        )
        for wrong, hint in attempts:
            refused(say(exercises.check_4_2, *wrong, M, BANK), hint)

    def test_4_3(self, say, S):
        M = BANK.forward(S)
        noise = np.random.default_rng(0).exponential(size=(np.sum(self.BINS), M.shape[1]))
        rough = np.zeros_like(S)
        rough[self.BINS] = self.em(M, noise, 200)
        assert say(exercises.check_4_3, rough, M, BANK).startswith("right. ")
        everywhere = rough + (~self.BINS)[:, np.newaxis]
        raw = np.zeros_like(S)
        raw[self.BINS] = noise
        for wrong, hint in (
            (-rough, "negative"),
            (everywhere, "no band sees"),
            (raw, "fit only"),
            (BANK.inverse(M, n_iter=200), "from the envelope"),
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
        assert say(exercises.check_4_4, 40, *given).endswith("and the bands later.")
        for wrong, hint in (
            (20, "still nearer"),
            (60, "was so before"),
            (30, "one of 10"),
            (np.inf, "was so before"),
            ("ten", "one of 10"),
        ):
            refused(say(exercises.check_4_4, wrong, *given), hint, "overtakes = 40")
        assert say(exercises.check_4_4, np.inf, x, x, GRID).startswith(
            "right. With a method so slow"
        )

    @pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
    def test_4_5(self, say, x):
        grid = STFT(8000, 1024, 256)
        S, bank = grid.magnitude(x), MelBank(grid, 20)
        right, fits = {}, {}
        for n_mels in (20, 40, 80, 160):
            other = replace(bank, n_mels=n_mels)
            M = other.forward(S)
            right[n_mels] = spectral_convergence(S, other.inverse(M))
            fits[n_mels] = spectral_convergence(M, other.forward(other.inverse(M)))
        assert say(exercises.check_4_5, right, S, bank).startswith("right. ")
        refused(say(exercises.check_4_5, fits, S, bank), "compares the bands")
        same = dict.fromkeys(right, right[20])
        refused(say(exercises.check_4_5, same, S, bank), "distances[40] is off")
        refused(say(exercises.check_4_5, {20: 1.0}, S, bank), "the keys")


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
        wrong = (
            lambda C: C - C.mean(axis=0),
            lambda C: C - C.mean(),
            lambda C: C,
            lambda C: C.mean(axis=1),
            lambda C: C - C.mean(axis=1),
        )
        hints = ("every frame", "one number away", "each row", "the shape", "ValueError")
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
            (right[1:], "shape"),
            (np.ones_like(right), "13 coefficients"),
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


class TestChapter7:
    FRAMES = {"half": 188, "half less half a hop": 187, "nothing": 184}
    LISTING = MelFormat(
        MelBank(
            STFT(24000, 2048, 300, win_length=1200, pad=874, pad_mode="reflect"),
            80,
            scale="htk",
            norm=None,
            power=2.0,
        ),
        scale=LogScale(base="e", floor=1e-5, add=True),
    )

    def test_7_1(self, say):
        assert say(exercises.check_7_1, self.FRAMES).startswith("right. ")
        for wrong, hint in (
            ({"half": 187}, "counts the hops"),
            ({"half": 186}, "at one end only"),
            ({"nothing": 187.5}, "whole"),
            ({"nothing": 188}, "in steps of a hop"),
        ):
            (answer,) = (self.FRAMES[name] for name in wrong)
            refused(say(exercises.check_7_1, self.FRAMES | wrong), hint, answer)
        refused(say(exercises.check_7_1, {"half": 188}), "the keys")

    def changed(self, grid=(), bands=(), **rest):
        bank = self.LISTING.bank
        bank = replace(bank, stft=replace(bank.stft, **dict(grid)), **dict(bands))
        return replace(self.LISTING, bank=bank, **{"sr": None, **rest})

    def test_7_2(self, say):
        for right in (self.LISTING, self.changed(bands={"fmin": 0, "fmax": 12000})):
            assert say(exercises.check_7_2, right).startswith("right. ")

    def test_7_2_mistakes(self, say):
        changed = self.changed
        for wrong, hint in (
            (self.LISTING.bank, "an sd.MelFormat"),
            (changed(grid={"sr": 48000}), "rate"),
            (changed(grid={"hop_length": 256}), "between two frames"),
            (changed(grid={"n_fft": 1200, "win_length": None}), "the FFT"),
            (changed(bands={"n_mels": 64}), "How many bands"),
            (changed(bands={"fmin": 80}), "lower edge"),
            (changed(bands={"fmax": 8000}), "half the rate"),
            (changed(bands={"scale": "slaney"}), "htk=True"),
            (changed(bands={"norm": "slaney"}), "norm"),
            (changed(bands={"shape": "mel"}), "straight in Hz"),
            (changed(bands={"power": 1.0}), "sums magnitudes"),
            (changed(grid={"win_length": None}), "as long as the FFT"),
            (changed(grid={"window": ("hann", "symmetric")}), "periodic"),
            (changed(grid={"pad": None}), "center=False"),
            (changed(grid={"pad": 450}), "np.pad"),
            (changed(grid={"pad_mode": "constant"}), "made of"),
            (changed(scale=None), "no logarithm"),
            (changed(scale=LogScale(base="10", floor=1e-5, add=True)), "np.log"),
            (changed(scale=LogScale(floor=1e-5)), "is added"),
            (changed(frames_first=True), "layout"),
            (changed(eps=1e-5), "not to the bins"),
            (changed(preemphasis=0.97), "a setting too many"),
            (changed(scale=LogScale(floor=1e-7, add=True)), "a setting too many"),
        ):
            refused(say(exercises.check_7_2, wrong), hint)

    def test_7_3(self, say):
        fmt = mel_format("parallel-wavegan-ljspeech")
        x, _ = load("speech", sr=22050, duration=1)
        logs = fmt.forward(x)
        mean, std = logs.mean(axis=0), logs.std(axis=0) + 0.01
        normalised = (logs - mean) / std
        right = fmt.with_statistics(mean, std).inverse(normalised, n_iter=30, rng=0)
        assert say(exercises.check_7_3, right, logs).startswith("right. ")
        half = fmt.with_statistics(mean, np.ones(80)).inverse(normalised, n_iter=5, rng=0)
        for wrong, hint in (
            (half, "given back"),
            (x[::-1], "given back"),
            (right / 2, "the level is -6 dB off"),
            (right[:8000], "and whole"),
            (right[:100], "and whole"),
            (resample(right, 22050, 24000), "at 22050 Hz"),
            ("a sound", "numbers"),
        ):
            refused(say(exercises.check_7_3, wrong, logs), hint)

    def test_7_4(self, say):
        x, _ = load("speech", sr=16000, duration=1.5)
        soft, knock = 0.01 * x, np.zeros_like(x)
        knock[:320] = 0.5
        fmt, given = mel_format("whisper-80"), (soft, knock)
        W, V = fmt.forward(soft), fmt.forward(soft + knock)
        right = {
            "soft": np.mean(W < W.max() - 2 + 1e-3),
            "soft, and a knock": np.mean(V < V.max() - 2 + 1e-3),
        }
        assert right["soft, and a knock"] > 0.3
        assert say(exercises.check_7_4, right, *given).startswith("right. ")
        share = right["soft, and a knock"]
        for wrong, hint in (
            (100 * share, "per cent"),
            (1 - share, "above the floor"),
            (3, "from 0 to 1"),
            (np.mean(V < V.max() - 1), "2 below the largest"),
        ):
            answer = right | {"soft, and a knock": wrong}
            refused(say(exercises.check_7_4, answer, *given), hint, f"{share:.2f}")
        refused(say(exercises.check_7_4, {"soft": 0.5}, *given), "the keys")

    @staticmethod
    def find(array, x, sr, tolerance=0.005, candidates=mel_formats, convert=resample):
        def is_made(name):
            fmt = mel_format(name)
            made = fmt.forward(convert(x, sr, fmt.sr))
            return made.shape == array.shape and np.abs(made - array).mean() < tolerance

        return [name for name in candidates(array) if is_made(name)]

    def test_7_5(self, say):
        assert say(exercises.check_7_5, self.find).startswith("right. ")
        for wrong, hint in (
            (lambda *a: mel_formats(a[0]), "Compare the numbers"),
            (lambda *a: self.find(*a, tolerance=2), "Compare the numbers"),
            (lambda *a: self.find(*a)[:1], "a twin"),
            (lambda *a: self.find(*a)[0], "a twin"),
            (lambda *a: self.find(*a, convert=lambda x, sr, _: x), "brought to the rate"),
            (lambda *a: ["flute"], "no name of a format"),
            (lambda *a: [], "is not found"),
            (lambda *a: 3, "a list of names"),
            (lambda *a: None, "returns nothing"),
            (lambda *a: [[]], "a list of names"),
        ):
            refused(say(exercises.check_7_5, wrong), hint)


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

    def test_8_2(self, say):
        assert say(exercises.check_8_2, self.gradient).startswith("right. ")
        for wrong, hint in (
            (lambda w, x: self.gradient(w, x, slope=1), "back over the bend"),
            (lambda w, x: self.gradient(w, x, factor=1), "The square gives a 2"),
            (lambda w, x: self.gradient(w, x, factor=2 * x.size), "a mean, not a sum"),
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
            (lambda s, n, m: right(s, n + 1, m), "off for n = 1"),
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
            (lambda c, n: self.rounded(c, n, less=0), "more values"),
            (lambda c, n: self.rounded(c, n, axis=None), "extremes of each column"),
            (lambda c, n: self.rounded(c, n, rounding=np.floor), "half a step"),
            (lambda c, n: c, "more values"),
        ):
            refused(say(exercises.check_8_4, wrong), hint)

    def test_8_5(self, say):
        pytest.importorskip("soundfile", reason="soundfile is not installed: it reads FLAC")

        def levels(x):
            M = BANK.forward(GRID.magnitude(x))
            return np.clip(1 + amplitude_to_db(M, ref=np.max, top_db=None) / 60, 0, 1)

        def cut(take, step):
            V = levels(load(take.path)[0])
            return [V[:, s : s + 8].ravel() for s in range(0, V.shape[1] - 7, step)]

        def right(chosen, voice, split=True, step=8):
            theirs = [row for t in chosen if not split or t.voice != voice for row in cut(t, 1)]
            own = [row for t in chosen if t.voice == voice for row in cut(t, step)]
            return np.array(theirs), np.array(own)

        given = takes("sentences"), levels, 8
        assert say(exercises.check_8_5, right, *given).startswith("right. ")
        for wrong, hint in (
            (lambda *a: right(*a, split=False), "are among those"),
            (lambda *a: right(*a, step=1), "one behind the other"),
            (lambda *a: right(*a)[::-1], "one behind the other"),
            (lambda *a: (right(*a)[0][::9], right(*a)[1]), "at all speeds"),
            (lambda *a: right(*a)[0], "two arrays"),
        ):
            refused(say(exercises.check_8_5, wrong, *given), hint)


class TestChapter9:
    def test_9_1(self, say):
        assert say(exercises.check_9_1, {"mean": 0, "var": 1}, 2).startswith("right. ")
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
        assert say(exercises.check_9_2, right, bell, two).startswith("right. ")
        for wrong, hint in (
            ((lambda a, b: np.sqrt(right(a, b)), bell, two), "a root too many"),
            (
                (lambda a, b: (a.mean() - b.mean()) ** 2 + (a.var() - b.var()) ** 2, bell, two),
                "root",
            ),
            ((lambda a, b: 0, bell, two), "is off"),
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
        ):
            refused(say(exercises.check_9_5, wrong, *given), hint)

    @staticmethod
    def strangers(rows, digits, voices, split=True, scale=100):
        """By the mean word of each digit of the others."""
        shares = {}
        for name in np.unique(voices):
            others = voices != name if split else np.full(len(voices), True)
            means = np.stack([rows[others & (digits == d)].mean(axis=0) for d in range(10)])
            apart = np.sum((rows[voices == name][:, np.newaxis] - means) ** 2, axis=2)
            shares[str(name)] = scale * np.mean(apart.argmin(axis=1) == digits[voices == name])
        return shares

    def test_9_6(self, say):
        assert say(exercises.check_9_6, self.strangers).startswith("right. ")
        for wrong, hint in (
            (lambda *a: self.strangers(*a, scale=1), "per cent"),
            (lambda *a: self.strangers(*a, scale=1e4), "more than 100 %"),
            (lambda r, d, v: {name: 100.0 for name in np.unique(v).tolist()}, "learned from"),
            (lambda *a: {"ann": 1}, "the keys"),
        ):
            refused(say(exercises.check_9_6, wrong), hint)
