"""Sounds and pictures in lighter forms: how near they are to what they stand for."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile
from PIL import Image

import specdemo as sd
from finish import media
from specdemo import plot


@pytest.fixture
def folder(tmp_path):
    return media.Media(tmp_path / "_media")


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), float)


def test_a_drawing_in_few_colours_is_stored_without_loss(folder, png):
    drawing = np.full((300, 500, 3), 255)
    drawing[::20] = (0, 90, 160)
    drawing[:, ::30] = (40, 40, 40)
    path, width, height = folder.picture(png(drawing))
    assert (path.suffix, width, height) == (".webp", 500, 300)
    np.testing.assert_array_equal(pixels(path), drawing)


def test_a_spectrogram_is_stored_lightly(folder):
    """A third of its bytes; fine grain is lost, and nothing that is 8 pixels wide."""
    x, sr = sd.load("speech")
    page = plot.listen({"speech": x, "again": x}, sd.STFT(sr))._repr_html_()
    data = base64.b64decode(re.search(r"image/png;base64,([^\"]+)", page).group(1))
    path, *_ = folder.picture(data)
    assert path.suffix == ".avif"
    assert path.stat().st_size < len(data) / 3
    error = pixels(path) - pixels(io.BytesIO(data))
    assert np.sqrt(np.mean(error**2)) < 12
    blocks = error.reshape(27, 8, 50, 8, 3).mean(axis=(1, 3))
    assert np.sqrt(np.mean(blocks**2)) < 3


def test_a_transparent_ground_stays_transparent(folder):
    """Also in a drawing of few colours, whose lines stay as they are."""
    drawing = np.zeros((300, 500, 4), np.uint8)
    drawing[::20] = (0, 114, 178, 255)
    drawing[:, ::30] = (117, 117, 117, 255)
    buffer = io.BytesIO()
    Image.fromarray(drawing).save(buffer, "PNG")
    path, *_ = folder.picture(buffer.getvalue())
    with Image.open(path) as picture:
        stored = np.asarray(picture.convert("RGBA"), float)
    np.testing.assert_array_equal(stored[..., 3], drawing[..., 3])
    inked = drawing[..., 3] == 255
    assert np.abs(stored[inked] - drawing[inked]).max() <= 4


def test_the_same_picture_is_stored_once(folder, png):
    data = png(np.zeros((9, 9, 3)))
    assert folder.picture(data) == folder.picture(data)
    assert len(list(folder.folder.iterdir())) == 1


def test_the_download_has_every_sample(folder, wav):
    x, sr = sd.load("speech", duration=1.0)
    flac = folder.sound(wav(x, sr)).with_suffix(".flac")
    samples, rate = soundfile.read(flac, dtype="float32")
    assert rate == sr
    np.testing.assert_array_equal(samples, x)


@pytest.mark.parametrize("clip", ["speech", "music", "birdsong", "drums"])
def test_what_is_played_is_near_what_was_computed(folder, wav, clip):
    """The same length, in step, and nearer in log-mel than any pair that the book compares."""
    x, sr = sd.load(clip, duration=3.0)
    y, rate = soundfile.read(folder.sound(wav(x, sr)), dtype="float32")
    assert (rate, y.shape) == (sr, x.shape)
    error = np.sum((y - x) ** 2) / np.sum(x**2)
    assert 10 * np.log10(error) < -20
    stft = sd.STFT(sr)
    bank = sd.MelBank(stft, 80, fmax=8000)
    S, S_hat = (bank.forward(stft.magnitude(signal)) for signal in (x, y))
    assert sd.log_spectral_distance(S, S_hat) < 2


@pytest.mark.parametrize("sr", [1000, 8000, 10000, 11025, 44100, 64000, 96000, 192000])
def test_sounds_of_all_rates_are_played(folder, wav, sr):
    """MP3 knows nine rates; the download has its own."""
    t = np.arange(2 * sr) / sr
    path = folder.sound(wav(0.5 * np.sin(2 * np.pi * 200 * t), sr))
    y, mp3_sr = soundfile.read(path)
    assert mp3_sr in media.MP3_RATES and mp3_sr >= min(sr, 48000)
    assert len(y) / mp3_sr == pytest.approx(2, abs=1e-3)
    middle = y[mp3_sr // 2 : -mp3_sr // 2]
    assert np.argmax(np.abs(np.fft.rfft(middle))) / (len(middle) / mp3_sr) == pytest.approx(
        200, abs=2
    )
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.05)
    assert soundfile.info(path.with_suffix(".flac")).samplerate == sr


def test_the_script_holds_the_sound(folder, wav):
    data = wav(0.1 * np.random.default_rng(0).standard_normal(4000))
    text = folder.script(data).read_text()
    held = re.fullmatch(r'sdEncoded\("([A-Za-z0-9+/=]+)"\);\n', text).group(1)
    assert base64.b64decode(held) == folder.sound(data).read_bytes()


def test_files_are_named_by_content_and_encoding(monkeypatch):
    assert media.digest(b"a") != media.digest(b"b")
    before = media.digest(b"a")
    monkeypatch.setattr(media, "ENCODING", b"another")
    assert media.digest(b"a") != before


@pytest.mark.parametrize("gain", [1.0, 0.5, 0.913, 1.9])
def test_a_sound_is_known_at_any_level(wav, gain):
    x = 0.3 * np.random.default_rng(0).uniform(-1, 1, 4000)
    sounds = media.PageSounds()
    first, second = wav(x), wav(gain * x)
    assert sounds.reference(first) == (first, 1.0)
    reference, found = sounds.reference(second)
    assert reference == first
    assert found == pytest.approx(gain, rel=1e-3)


@pytest.mark.parametrize(
    "other",
    [
        lambda x: -x,
        lambda x: x[:-1],
        lambda x: np.roll(x, 1),
        lambda x: np.where(np.arange(len(x)) == 7, x + 2 / 2**15, x),
        lambda x: np.zeros(len(x)),
    ],
    ids=["inverted", "shorter", "later", "one sample", "silence"],
)
def test_other_sounds_are_their_own_reference(wav, other):
    x = 0.3 * np.random.default_rng(0).uniform(-1, 1, 4000)
    sounds = media.PageSounds()
    sounds.reference(wav(x))
    assert sounds.reference(wav(other(x))) == (wav(other(x)), 1.0)
