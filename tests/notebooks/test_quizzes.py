"""The quizzes: their form, and what their answers claim, computed."""

import re
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from docutils.core import publish_doctree
from docutils.nodes import section
from myst_parser.docutils_ import Parser

import specdemo as sd
from pages import quiz

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTERS = range(1, 11)
# What is no claim: the name of an exercise, a task, a chapter or a section.
NAMES = re.compile(r"Exercise \d+\.\d|task \d|chapter \d+|13, 20 or 40")
# docutils alone knows no other page.
OTHER_PAGE = re.compile(r"\[([^]]*)\]\(\w+\.ipynb[^)]*\)")
SPEECH_SR = 22050


def cells(chapter):
    """Return the cells of a chapter."""
    (path,) = FOLDER.glob(f"{chapter:02}_*.ipynb")
    return nbformat.read(path, as_version=4).cells


@cache
def questions(chapter):
    """Return the questions of a chapter, as the build of the book reads them."""
    texts = [cell.source for cell in cells(chapter) if cell.cell_type == "markdown"]
    headings = re.findall(r"^##.*(?<!Quiz)$", "\n".join(texts), re.MULTILINE)
    (source,) = (text for text in texts if text.startswith("## Quiz"))
    source = OTHER_PAGE.sub(r"[\1](#quiz)", "\n\n".join([*headings, source]))
    settings = {
        "doctitle_xform": False,
        "myst_heading_anchors": 3,
        "halt_level": 3,
        "myst_enable_extensions": ["dollarmath"],
    }
    document = publish_doctree(source, parser=Parser(), settings_overrides=settings)
    (found,) = (s for s in document.findall(section) if s[0].astext() == "Quiz")
    return quiz.put_questions(found)


def choices(question):
    """Return the choices of a question."""
    return list(question.findall(quiz.Choice))


def claims(question):
    """Return what a question says in its own voice: verdicts, and the choice that is right."""
    return "\n".join(
        choice.astext() + choice["summary"] * choice["right"] for choice in choices(question)
    )


def whole(question):
    """Return all texts of a question."""
    return "\n".join([question.astext(), *(choice["summary"] for choice in choices(question))])


every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@every_chapter
def test_a_chapter_has_a_quiz_before_its_exercises(chapter):
    ids = [cell.id for cell in cells(chapter)]
    assert ids[ids.index("quiz") + 1] == "exercises"
    assert 4 <= len(questions(chapter)) <= 6


@every_chapter
def test_the_right_choice_has_no_favourite_place(chapter):
    places = [next(c["letter"] for c in choices(q) if c["right"]) for q in questions(chapter)]
    assert len(set(places)) >= 3
    assert max(map(places.count, places)) <= 3


@every_chapter
def test_choices_of_a_question_differ(chapter):
    for question in questions(chapter):
        texts = [choice["summary"] for choice in choices(question)]
        assert len(set(texts)) == len(texts)


# --- what the answers claim --------------------------------------------------------------------

FACTS = {}


def fact(chapter, number):
    """Register what computes the numbers of a question: a function that returns its phrases."""

    def register(function):
        FACTS[chapter, number] = function
        return function

    return register


@cache
def loaded(name="speech", n_mels=80, duration=None):
    """Return a clip with the grid and the bank of the chapters."""
    x, sr = sd.load(name, duration=duration)
    stft = sd.STFT(sr, 1024, 256)
    return x.astype(float), stft, sd.MelBank(stft, n_mels, fmax=8000)


@fact(1, 1)
def _longer_frames():
    short, long = sd.STFT(SPEECH_SR, 1024, 256), sd.STFT(SPEECH_SR, 4096, 1024)
    assert short.frequencies[1] == 4 * long.frequencies[1]
    return ["four times closer", "four times as long"]


@fact(1, 2)
def _leakage_counted_in_bins():
    def level(n_fft, window):
        tone = np.sin(2 * np.pi * 40.5 * np.arange(n_fft) / n_fft) * window(n_fft)
        spectrum = np.abs(np.fft.rfft(tone))
        return 20 * np.log10(spectrum[60] / spectrum.max())

    short, long = (level(n_fft, np.ones) for n_fft in (1024, 4096))
    assert abs(short - long) < 0.1
    assert level(1024, lambda n: np.hanning(n + 1)[:-1]) < short - 40
    return [f"at {60 - 40} bins away it is still at {short:.0f} dB"]


@fact(1, 3)
def _decibels():
    return [
        f"{10 ** (26 / 20):.0f} times",
        f"{round(10 ** (26 / 10), -1):.0f} times",
        f"{20 * np.log10(10):.0f} dB are a factor of ten and {20 * np.log10(2):.0f} dB a factor "
        "of two",
        f"each {20 * np.log10(10):.0f} dB",
        "The 20 in the formula",
    ]


@fact(1, 4)
def _hop_of_a_frame():
    for n_fft in (1024, 4096):
        assert not sd.STFT(SPEECH_SR, n_fft, n_fft, window="hann").is_invertible
    assert sd.STFT(SPEECH_SR, 1024, 1024, window="boxcar").is_invertible
    return []


@fact(1, 5)
def _share_of_cells():
    x, stft, _ = loaded()
    S = stft.magnitude(x)
    kept = S >= S.max() / 100
    energy = np.sum(S[kept] ** 2) / np.sum(S**2)
    return [f"{100 * kept.mean():.1f} % of the cells", f"{100 * energy:.0f} % of the energy"]


@fact(2, 1)
def _random_phases():
    x, stft, _ = loaded()
    S = stft.magnitude(x)
    y = sd.invert_spectrogram(S, stft, start="random", n_iter=0, length=x.size, rng=0)
    assert 0.5 < 10 ** (sd.spectral_convergence(S, stft.magnitude(y)) / 20) < 0.75
    exact = stft.inverse(stft.forward(x), length=x.size)
    assert sd.spectral_convergence(S, stft.magnitude(exact)) < -200
    return ["a good half of the spectrogram"]


@fact(2, 3)
def _hops_on_a_finer_grid():
    x, stft, _ = loaded()
    fine = replace(stft, hop_length=64)
    own, between = {}, {}
    for part in (2, 8):
        grid = replace(stft, hop_length=1024 // part)
        S = grid.magnitude(x)
        y = sd.invert_spectrogram(
            S, grid, start="random", refine="fast_griffin_lim", n_iter=32, length=x.size, rng=0
        )
        own[part] = sd.spectral_convergence(S, grid.magnitude(y))
        between[part] = sd.spectral_convergence(fine.magnitude(x), fine.magnitude(y))
    assert abs(own[2] - own[8]) < 2
    return [f"{between[2]:.0f} dB and {between[8]:.0f} dB"]


@fact(2, 4)
def _upside_down():
    x, stft, _ = loaded()
    np.testing.assert_array_equal(stft.magnitude(-x), stft.magnitude(x))
    return []


@fact(3, 1)
def _bands_without_bins():
    stft = sd.STFT(SPEECH_SR, 256, 64)

    def empty(n_mels, fmin=0.0, norm="slaney", grid=stft):
        return sd.MelBank(grid, n_mels, fmin=fmin, fmax=8000, norm=norm).empty.size

    with pytest.warns(UserWarning, match="contain no bin"):
        assert empty(128) > 0 and empty(128, fmin=300) > 0 and empty(128, norm=None) > 0
    assert empty(40) == empty(128, grid=replace(stft, n_fft=1024)) == 0
    return []


@fact(3, 2)
def _white_noise():
    stft = sd.STFT(SPEECH_SR, 1024, 256)
    noise = stft.magnitude(np.random.default_rng(0).standard_normal(4 * SPEECH_SR))
    level = {}
    for norm in (None, "slaney"):
        bank = sd.MelBank(stft, 80, fmax=8000, norm=norm)
        level[norm] = 20 * np.log10(bank.forward(noise).mean(axis=1))
    tips = bank.center_frequencies
    above, below = level[None][tips > 1100], level[None][(tips > 100) & (tips < 900)]
    assert np.polyfit(np.arange(above.size), above, 1)[0] > 0.1
    assert np.ptp(below) < 2 and above[-1] > below.max() + 6
    assert np.ptp(level["slaney"][2:]) < 2
    return ["Above 1000 Hz"]


@fact(3, 3)
def _three_means():
    loud, soft = 1, 1e-4
    magnitude = 20 * np.log10((loud + soft) / 2)
    power = 10 * np.log10((loud**2 + soft**2) / 2)
    logs = (20 * np.log10(loud) + 20 * np.log10(soft)) / 2
    return [
        f"half of its magnitude is {magnitude:.0f} dB",
        f"the loud bin is {power:.0f} dB",
        f"the two levels is {logs:.0f} dB",
    ]


@fact(3, 4)
def _what_a_mel_spectrogram_can_tell():
    stft = sd.STFT(SPEECH_SR, 1024, 256)
    bank = sd.MelBank(stft, 20, fmax=8000)
    t = np.arange(SPEECH_SR) / SPEECH_SR

    def voice(pitch):
        return sum(np.sin(2 * np.pi * n * pitch * t) for n in range(1, 3000 // pitch))

    low, high = (bank.forward(stft.magnitude(voice(pitch))) for pitch in (150, 300))
    assert sd.spectral_convergence(low, high) > -10
    tips = bank.center_frequencies
    k = np.argmin(np.abs(tips - 2000))
    middle, gap = (tips[k] + tips[k + 1]) / 2, tips[k + 1] - tips[k]
    close, wide = (
        stft.magnitude(
            sum(np.sin(2 * np.pi * (middle + side * part * gap / 2) * t) for side in (-1, 1))
        )[:, 10:-10].mean(axis=1, keepdims=True)
        for part in (0.3, 0.6)
    )
    assert sd.spectral_convergence(close, wide) > 0
    assert sd.spectral_convergence(bank.forward(close), bank.forward(wide)) < -30
    return []


@fact(3, 5)
def _a_clap():
    group = sd.db_to_amplitude(np.array([[0.0, 0.0, 0.0, 0.0, 40.0]]))
    short = 20 * np.log10(sd.shorten(group, 5).item())
    return [f"At {short:.0f} dB", f"At about {20 * np.log10(group.mean()):.0f} dB", "At 40 dB"]


@fact(4, 1)
def _spikes():
    x, stft, bank = loaded()
    M = bank.forward(stft.magnitude(x)[:, 150:170])
    S_hat = bank.inverse(M, method="nnls")
    assert sd.spectral_convergence(M, bank.forward(S_hat)) < -100
    assert 70 <= np.median(np.sum(S_hat > 0, axis=0)) <= 80
    tone = stft.magnitude(np.sin(2 * np.pi * 1000.3 * np.arange(SPEECH_SR) / SPEECH_SR))[:, 40]
    assert np.sum(tone > 0.1 * tone.max()) in (3, 4)
    return ["three or four bins"]


@fact(4, 2)
def _wrong_scale():
    _, stft, bank = loaded()
    htk = replace(bank, scale="htk").center_frequencies
    found = np.interp(200, bank.center_frequencies, htk)
    drop = 12 * np.log2(bank.center_frequencies / htk)
    assert 8 < drop[0] < 12 and np.all(np.abs(drop[40:]) < 2)
    return [
        f"{bank.n_mels} bands up to {bank.fmax:.0f} Hz, a voice of 200 Hz becomes one of "
        f"{found:.0f} Hz"
    ]


@fact(4, 3)
def _em_goes_on():
    x, stft, bank = loaded()
    S = stft.magnitude(x)
    M = bank.forward(S)
    few, many = (bank.inverse(M, method="em", n_iter=n_iter) for n_iter in (20, 200))
    fits = [sd.spectral_convergence(M, bank.forward(S_hat)) for S_hat in (few, many)]
    truths = [sd.spectral_convergence(S, S_hat) for S_hat in (few, many)]
    assert fits[1] < fits[0] - 20
    assert abs(truths[1] - truths[0]) < 0.2
    return []


@fact(4, 4)
def _waveforms_differ():
    x, stft, bank = loaded()
    y = sd.invert_mel(bank.forward(stft.magnitude(x)), bank, n_iter=20, length=x.size, rng=0)
    assert sd.spectral_convergence(x, y) > 0
    assert sd.spectral_convergence(x, -x) == pytest.approx(20 * np.log10(2))
    return ["twice its size", "twice their size"]


@fact(4, 5)
def _together():
    x, stft, bank = loaded()
    S = stft.magnitude(x)
    M = bank.forward(S)
    apart = sd.invert_spectrogram(bank.inverse(M), stft, n_iter=100, length=x.size, rng=0)
    joint = sd.invert_mel(M, bank, n_iter=100, length=x.size, rng=0)
    apart, joint = stft.magnitude(apart), stft.magnitude(joint)
    assert (
        sd.log_spectral_distance(M, bank.forward(joint))
        < sd.log_spectral_distance(M, bank.forward(apart)) / 2
    )
    assert abs(sd.spectral_convergence(S, joint) - sd.spectral_convergence(S, apart)) < 2
    return []


@fact(5, 1)
def _peak_of_the_cepstrum():
    sr, peaks = 20000, {}
    for pitch in (100, 200):
        pulses = np.zeros(4000)
        pulses[:: sr // pitch] = 1
        S = np.abs(np.fft.rfft(pulses[:2000] * np.hanning(2000)))
        c = np.fft.irfft(np.log(np.maximum(S, 1e-4 * S.max())))
        shortest = sr // 500
        peaks[pitch] = 1000 * (shortest + np.argmax(c[shortest:300])) / sr
    assert peaks[100] == 10
    return [
        f"At {peaks[200]:.0f} ms",
        "200 Hz apart",
        "repeats every 200 Hz",
        "one over 200 Hz",
        f"at {peaks[100]:.0f} ms",
    ]


@fact(5, 2)
def _two_microphones():
    x, stft, bank = loaded()

    def coefficients(y):
        return sd.mfcc(sd.amplitude_to_db(bank.forward(stft.magnitude(y))), n_mfcc=40)

    def apart(A, B):
        return np.sqrt(np.mean((A - B) ** 2))

    one, other = coefficients(x), coefficients(np.append(x[:1], x[1:] - 0.9 * x[:-1]))
    centred = [C - C.mean(axis=1, keepdims=True) for C in (one[:13], other[:13])]
    first = [C - C[:, :1] for C in (one[:13], other[:13])]
    best = apart(*centred)
    assert best < apart(one[:13], other[:13]) / 2
    assert best < min(apart(one[1:13], other[1:13]), apart(*first), apart(one, other))
    return []


@fact(5, 3)
def _thirteen_waves():
    x, stft, bank = loaded()
    log_mel = sd.amplitude_to_db(bank.forward(stft.magnitude(x)))
    C = sd.mfcc(log_mel, n_mfcc=80)
    assert C.shape[0] == 80
    np.testing.assert_allclose(sd.inverse_mfcc(C, n_mels=80), log_mel, atol=1e-8)
    np.testing.assert_allclose(C[0], log_mel.mean(axis=0) * np.sqrt(80))
    return ["all 80 coefficients", "with all 80", "Coefficient 0", "13 slow waves"]


@fact(5, 4)
def _a_hill_of_factors():
    C = np.ones((80, 1))
    levels = sd.inverse_mfcc(C, n_mels=80)
    factors = (sd.mfcc(levels, n_mfcc=20, lifter=22) / C[:20])[:, 0]
    assert np.argmax(factors) == 10 and np.all(np.diff(factors[:11]) > 0)
    assert np.all(np.diff(factors[10:]) < 0)
    louder = sd.mfcc(levels + 6, n_mfcc=20) - C[:20]
    assert np.flatnonzero(np.abs(louder) > 1e-9).tolist() == [0]
    return [
        f"{factors[0]:.1f} for the first",
        f"{factors[10]:.0f} for the eleventh",
        "of 22",
        "coefficient 0 alone",
    ]


@fact(5, 5)
def _a_whistle():
    x, stft, bank = loaded()
    whistle = 0.1 * x.std() * np.sin(2 * np.pi * 1500 * np.arange(x.size) / SPEECH_SR)
    before, after = (sd.amplitude_to_db(bank.forward(stft.magnitude(y))) for y in (x, x + whistle))

    def moved(a, b):
        return np.sum(np.sqrt(np.mean((a - b) ** 2, axis=1)) > 1)

    coefficients = moved(sd.mfcc(before, n_mfcc=80), sd.mfcc(after, n_mfcc=80))
    return [f"{coefficients} of 80 coefficients have moved, and {moved(before, after)} of 80 bands"]


@fact(6, 1)
def _numbers_per_sample():
    _, stft, _ = loaded()
    magnitudes = stft.n_bins / stft.hop_length
    return [f"takes {2 * magnitudes:.0f} numbers a sample", f"it is {magnitudes:.0f}."]


@fact(6, 3)
def _threshold_of_the_staircase():
    assert sd.Staircase(*loaded()[1:]).top_db == 80
    return ["The threshold of 80 dB"]


def distance_after(name, part=4, duration=2, **settings):
    """Numbers, and the distance of the bands, of a sound that came back from the lowest step."""
    x, stft, bank = loaded(name, duration=duration)
    n_mels = settings.pop("n_mels", 80)
    grid = replace(stft, hop_length=1024 // part)
    stairs = sd.Staircase(grid, sd.MelBank(grid, n_mels, fmax=8000), **settings)
    step, value = list(stairs.down(x).items())[-1]
    y = stairs.up(step, value, n_iter=30, length=x.size, rng=0)
    M, M_hat = (bank.forward(stft.magnitude(sound)) for sound in (x, y))
    return value.size, sd.log_spectral_distance(M, M_hat)


@fact(6, 4)
def _half_of_the_columns():
    hop, averaged = distance_after("speech", part=2, shorten=1), distance_after("speech", shorten=2)
    assert hop[0] == pytest.approx(averaged[0], rel=0.02)
    assert averaged[1] < hop[1] - 0.3
    return ["shorten by 2"]


@fact(6, 5)
def _a_quarter_of_the_numbers():
    frames, bands, coefficients = (
        distance_after("drums", **settings)
        for settings in ({"shorten": 4}, {"shorten": 1, "n_mels": 20}, {"shorten": 1, "n_mfcc": 20})
    )
    assert max(way[0] for way in (frames, bands, coefficients)) < 1.02 * coefficients[0]
    assert coefficients[1] < min(frames[1], bands[1]) - 0.5
    tones = [
        distance_after("music", **settings)[1]
        for settings in ({"shorten": 4}, {"shorten": 1, "n_mfcc": 20})
    ]
    assert tones[0] < tones[1]
    return []


@fact(7, 1)
def _columns_and_ends():
    grid = sd.STFT(SPEECH_SR, 1024, 256)
    n_samples = 392 * 256 + 89
    centred, vocoders = grid.n_frames(n_samples), replace(grid, pad=384).n_frames(n_samples)
    assert (vocoders, centred) == (392, 393)
    assert replace(grid, pad=384, hop_length=275).n_frames(n_samples) < 370
    return []


def read_wrongly(**changes):
    """The sound of HiFi-GAN's array of the speech, read by a bank with other settings."""
    x, _, _ = loaded()
    fmt = sd.mel_format("hifigan-v1")
    scale = changes.pop("scale_of_numbers", fmt.scale)
    # Without what is added to its powers: with another norm that alone would refuse the array.
    reading = replace(fmt, bank=replace(fmt.bank, **changes), scale=scale, eps=0.0)
    y = reading.inverse(fmt.forward(x), n_iter=20, rng=0)
    M, M_hat = (np.exp(fmt.forward(sound)) for sound in (x[: len(y)], y))
    gain = np.sqrt(np.mean(y**2) / np.mean(x**2))
    return 20 * np.log10(gain), sd.log_spectral_distance(M, M_hat / gain)


@fact(7, 2)
def _norm_and_level():
    level, off = read_wrongly(norm=None)
    assert -35 < level < -28
    others = (
        {"power": 2.0},
        {"scale_of_numbers": sd.LogScale(base="10", floor=1e-12)},
        {"fmax": 11025},
    )
    for other in others:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a sound that is too loud
            level, off_more = read_wrongly(**other)
        assert level > -20 and off_more > off + 3
    return []


@fact(7, 3)
def _still_normalised():
    x, _, _ = loaded()
    matcha, fmt = sd.mel_format("matcha-ljspeech"), sd.mel_format("hifigan-v1")
    A = matcha.forward(x)
    assert (round(A.min(), 1), round(A.max(), 1)) == (-2.4, 3.3)
    assert fmt.misfit(A) is None
    for n_iter in (20, 100):
        with pytest.warns(UserWarning, match="the sound reaches"):
            y = fmt.inverse(A, n_iter=n_iter, rng=0)
        assert np.abs(y).max() > 10
    assert np.abs(matcha.inverse(A, n_iter=20, rng=0)).max() < 1
    return []


@fact(7, 4)
def _half_of_the_fft():
    grid = sd.STFT(16000, 1024, 200, win_length=800, pad_mode="reflect")
    impulse = np.zeros(4000)
    impulse[512] = 1  # the frame whose middle it is in has the middle of the window there
    m = 512 / 200
    assert grid.window_array[:112].max() == 0 < grid.window_array[113]
    assert grid.times(4)[0] == 0 and grid.n_frames(4000) == 1 + 4000 // 200
    assert np.argmax(grid.magnitude(impulse).sum(axis=0)) == round(m)
    return []


@fact(7, 5)
def _a_slam():
    x, _ = sd.load("speech", sr=16000)
    whisper, slam = sd.mel_format("whisper-80"), np.zeros_like(x)
    slam[:320] = 0.5 * np.random.default_rng(0).choice([-1.0, 1.0], 320)
    on_the_floor = [
        np.mean(W < W.max() - 2 + 1e-3) for W in map(whisper.forward, (0.01 * x, 0.01 * x + slam))
    ]
    assert on_the_floor[0] < 0.3 < 0.6 < on_the_floor[1]
    return []


@pytest.mark.parametrize(("chapter", "number"), sorted(FACTS))
def test_what_a_question_says_is_so(chapter, number):
    question = questions(chapter)[number - 1]
    text = whole(question)
    phrases = FACTS[chapter, number]()
    assert not [phrase for phrase in phrases if phrase not in text]
    left = NAMES.sub("", claims(question))
    for phrase in phrases:
        left = left.replace(phrase, "")
    assert not re.findall(r"[^.]*\d[^.]*", left)


@every_chapter
def test_every_number_of_an_answer_is_computed(chapter):
    for number, question in enumerate(questions(chapter), 1):
        if (chapter, number) not in FACTS:
            assert not re.search(r"\d", NAMES.sub("", claims(question))), number
