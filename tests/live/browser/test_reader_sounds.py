"""Files and recordings of the reader in the Explorer."""

import io
import re
import struct

import numpy as np
import pytest
import soundfile

from reader_files import float_wav, give, tone, wav
from visit import SIGNATURE


@pytest.mark.parametrize("where", ["visit", "visit_file"])
def test_a_file_is_loaded_and_analysed(request, where):
    visit = request.getfixturevalue(where).open("inversion.html")
    before = visit.evaluate(SIGNATURE)
    give(visit, "my tone.wav", wav(tone(44100, 1.5), 44100))
    visit.page.get_by_text("my tone.wav: 1.5 s, at 22050 Hz.").wait_for()
    visit.wait()
    assert visit.page.locator(".sd-source select").input_value() == "my tone.wav"
    assert visit.evaluate(SIGNATURE)[0] != before[0]
    label = visit.page.locator(".sd-original canvas").get_attribute("aria-label")
    assert re.search(r"loudest at [\d.]+ s and 43\d Hz", label)
    visit.page.select_option(".sd-source select", "speech")
    visit.page.get_by_text("speech: 1.5 s").wait_for()
    visit.wait()
    assert visit.evaluate(SIGNATURE) == before


def encoded(form, sr=44100):
    """A tone in a file of another kind."""
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(sr), sr, format=form)
    return buffer.getvalue()


def test_samples_of_a_wav_are_resampled_alike_in_every_browser(visit):
    """By the figure itself: a sine stays that sine, at every rate."""
    visit.open("own.html")
    for sr in (500, 3000, 8000, 44100, 96_000, 192_000, 1_000_000):
        f, n, name = 100, sr // 2, f"sine at {sr}.wav"
        give(visit, name, float_wav(0.5 * np.sin(2 * np.pi * f / sr * np.arange(n)), sr))
        visit.page.get_by_text(f"{name}: 0.5 s, at 22050 Hz.").wait_for()
        visit.wait()
        x = np.array(visit.evaluate("Array.from(view.sound.x)"))
        assert len(x) == np.ceil(n * 22050 / sr), sr
        inner = slice(len(x) // 4, -len(x) // 4)
        expected = 0.5 * np.sin(2 * np.pi * f / 22050 * np.arange(len(x)))
        tolerance = 5e-4 if sr > 500 else 5e-3
        np.testing.assert_allclose(x[inner], expected[inner], atol=tolerance, err_msg=f"{sr} Hz")
        assert "this browser" not in visit.status, sr


@pytest.mark.parametrize(("form", "told"), [("FLAC", False), ("OGG", True)])
def test_a_file_that_the_browser_resamples_says_so(visit, form, told):
    visit.open("own.html")
    give(visit, f"tone.{form.lower()}", encoded(form))
    visit.page.get_by_text(f"tone.{form.lower()}: 1 s, at 22050 Hz.").wait_for()
    visit.wait()
    assert ("Decoded by this browser" in visit.status) == told
    if not told:
        x = np.array(visit.evaluate("Array.from(view.sound.x)"))
        np.testing.assert_allclose(x[2000:-2000], tone()[2000:-2000], atol=1e-3)


def test_a_file_is_dropped(visit):
    visit.open("mel.html")
    data = list(wav(tone()))
    transfer = visit.page.evaluate_handle(
        "(bytes) => { const t = new DataTransfer(); "
        "t.items.add(new File([new Uint8Array(bytes)], 'dropped.wav')); return t; }",
        data,
    )
    visit.page.dispatch_event(".sd-app", "dragover", {"dataTransfer": transfer})
    assert visit.page.locator(".sd-over").count() == 1
    visit.page.dispatch_event(".sd-app", "drop", {"dataTransfer": transfer})
    visit.page.get_by_text("dropped.wav: 1 s").wait_for()
    assert visit.page.locator(".sd-over").count() == 0


def cut_header(data, n_samples):
    """A WAV file whose header promises as many samples as it has."""
    return (
        data[:4]
        + struct.pack("<I", 36 + 2 * n_samples)
        + data[8:40]
        + struct.pack("<I", 2 * n_samples)
        + data[44 : 44 + 2 * n_samples]
    )


def spoiled():
    x = tone()
    x[1000:1010] = np.nan
    return float_wav(x)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("notes.txt", b"no sound at all", "notes.txt holds no sound that this browser can read."),
        ("nothing.wav", b"", "nothing.wav holds no sound that this browser can read."),
        ("empty.wav", cut_header(wav(tone()), 0), "empty.wav (is empty|holds no sound)"),
        ("nan.wav", spoiled(), "nan.wav is damaged: some of its samples are not numbers."),
        ("huge.wav", None, "huge.wav is too large: it has 3600 MB, and 25 are taken."),
    ],
    ids=["text", "no bytes", "no samples", "not a number", "too large"],
)
def test_bad_files_are_told_and_break_nothing(visit, tmp_path, name, data, sentence):
    visit.open("inversion.html")
    before = visit.evaluate(SIGNATURE)
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(data or b"")
        if data is None:
            file.truncate(3600 * 2**20)  # a hole: it takes no room on the disk
    visit.page.set_input_files(".sd-source input", path)
    visit.page.locator(".sd-error").wait_for()
    assert re.search(sentence, visit.status)
    assert visit.evaluate(SIGNATURE) == before
    assert visit.page.locator(".sd-source select").input_value() == "speech"
    visit.press("n_iter", "ArrowLeft")
    assert visit.evaluate(SIGNATURE)[2] != before[2]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (wav(tone(192000), 192000), "sound.wav: 1 s, at 22050 Hz."),
        (wav(np.tile(tone()[:, np.newaxis], 8)), "sound.wav: 1 s, 8 channels mixed to one, at"),
        (wav(tone(8000, 65.0), 8000), "sound.wav: 65 s, at 22050 Hz. The first 60 s are kept."),
    ],
    ids=["192 kHz", "8 channels", "65 s"],
)
def test_unusual_files_are_taken(visit, data, sentence):
    visit.open("spectrogram.html")
    give(visit, "sound.wav", data)
    visit.page.get_by_text(sentence).wait_for()
    visit.wait()
    assert not visit.page.locator(".sd-error").count()
    assert visit.evaluate("view.sound.sr") == 22050
    assert visit.evaluate("view.stage.duration") <= 60
    assert visit.evaluate("view.sound.peak") == pytest.approx(0.5, abs=0.05)


def test_a_recording_is_analysed(visit):
    visit.open("inversion.html")
    visit.page.get_by_role("button", name="Record").click()
    visit.page.get_by_text("Stop (9 s left)").click()
    visit.page.get_by_text("recording: ").wait_for()
    visit.wait()
    assert visit.page.locator(".sd-source select").input_value() == "recording"
    assert 0.5 < visit.evaluate("view.stage.duration") < 4
    assert visit.page.get_by_role("button", name="Record").is_enabled()


def test_a_recording_ends_by_itself(visit):
    visit.page.clock.install()
    visit.open("spectrogram.html", ready=False)
    button = visit.page.locator(".sd-source button")
    button.click()
    visit.page.get_by_text("Stop (10 s left)").wait_for()
    for _ in range(10):
        visit.page.clock.run_for(1000)
    visit.page.get_by_role("button", name="Record").wait_for()
    assert visit.evaluate("view.sources.recording") is None


REFUSAL = """navigator.mediaDevices.getUserMedia = async () => {{
  throw new DOMException("", "{}");
}};"""


@pytest.mark.parametrize(
    ("microphone", "sentence"),
    [
        (REFUSAL.format("NotAllowedError"), "The microphone was refused."),
        (REFUSAL.format("NotFoundError"), "No microphone was found."),
        (
            "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })",
            "This page may not use a microphone",
        ),
    ],
    ids=["refused", "absent", "insecure page"],
)
def test_microphone_that_cannot_be_had_is_told(visit, microphone, sentence):
    visit.page.add_init_script(microphone)
    visit.open("inversion.html")
    before = visit.evaluate(SIGNATURE)
    visit.page.get_by_role("button", name="Record").click()
    visit.page.get_by_text(sentence).wait_for()
    assert visit.page.get_by_role("button", name="Record").is_enabled()
    assert visit.evaluate(SIGNATURE) == before
