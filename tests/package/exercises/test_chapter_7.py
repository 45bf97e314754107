"""The self-checks of chapter 7: right answers pass, each likely mistake gets its hint."""

from dataclasses import replace

import numpy as np

from answers import refused
from specdemo import (
    STFT,
    LogScale,
    MelBank,
    MelFormat,
    exercises,
    load,
    mel_format,
    mel_formats,
    resample,
)


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
            (changed(sr=22050), "mine.sr"),
            (changed(fill="zeros"), "a setting too many"),
            (changed(fill="silence"), "a setting too many"),
            (changed(fill="front"), "a setting too many"),
            (changed(drop_last=True), "makes 39 frames"),
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
            ((right, 22050), "numbers"),
            (x, "the original itself"),
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
        assert say(exercises.check_7_5, lambda *a: iter(self.find(*a))).startswith("right. ")
        for wrong, hint in (
            (lambda *a: mel_formats(a[0]), "Compare the numbers"),
            (lambda *a: self.find(*a, tolerance=2), "Compare the numbers"),
            (lambda *a: self.find(*a, tolerance=0.05), "Compare the numbers"),
            (lambda *a: self.find(*a)[:1], "a twin"),
            (lambda *a: self.find(*a)[0], "a twin"),
            (lambda *a: self.find(*a, convert=lambda x, sr, _: x), "brought to the rate"),
            (lambda *a: ["flute"], "not the name of a format"),
            (lambda *a: [], "is not found"),
            (lambda *a: (1 / 0 for _ in "a"), "stops with ZeroDivisionError"),
            (lambda *a: 3, "a list of names"),
            (lambda *a: None, "returns nothing"),
            (lambda *a: [[]], "a list of names"),
        ):
            refused(say(exercises.check_7_5, wrong), hint)
