"""What the page where arrays become sound makes of an array: formats, sounds, and what was lost."""

import io
import zipfile

import numpy as np
import pytest
import soundfile

import specdemo as sd
from hear_visit import array_of, npy, saved, tensors
from untested import some


def level_apart(x, y):
    """How many dB two sounds are apart in level."""
    return 20 * np.log10(np.sqrt(np.mean(x**2)) / np.sqrt(np.mean(y**2)))


# ------------------------------------------------------------------------------ Arrays and formats


@pytest.mark.parametrize(
    "name",
    some(["hifigan-v1", "whisper-80", "kaldi-fbank-80", "vocos-24k"], "whisper-80", "vocos-24k"),
)
def test_an_array_becomes_sound_in_its_format(visit, name):
    A, x = array_of(name)
    visit.open().give("mel.npy", npy(A.astype(np.float16)))
    fmt, found = sd.mel_format(name), sd.mel_format(visit.chosen)
    # One that no array tells from it does as well: it differs in its ends.
    assert found.bank.matrix.shape == fmt.bank.matrix.shape and found.scale == fmt.scale
    np.testing.assert_array_equal(found.bank.matrix, fmt.bank.matrix)
    y, sr = visit.choose(name).sound
    assert sr == fmt.sr and abs(len(y) - len(x)) <= fmt.bank.stft.hop_length
    assert abs(level_apart(y, x)) < 1
    n = min(len(y), len(x))
    S, S_hat = (fmt.bank.forward(fmt.bank.stft.magnitude(z[:n])) for z in (x, y.astype("f4")))
    assert sd.spectral_convergence(S, S_hat) < -20
    assert not visit.alert


def test_archives_and_tensors_ask_which(visit):
    A, _ = array_of("hifigan-v1", 0.3)
    stack = np.stack([A, A[:, ::-1]])
    for name, data in {
        "stored.npz": saved(np.savez, mel=A, batch=stack, sr=22050),
        "packed.npz": saved(np.savez_compressed, mel=A, batch=stack, sr=22050),
        "mel.safetensors": tensors(mel=A, batch=stack),
    }.items():
        visit.open().give(name, data)
        assert visit.evaluate("view.table.shape") == list(A.shape)
        arrays, item = visit.page.locator(".sd-pick select").all()
        assert len(arrays.locator("option").all()) == 2 and not item.is_visible()
        arrays.select_option(index=1)
        visit.until("!view.intake.item.element.hidden")
        item.select_option(index=1)
        visit.until(f"Math.abs(view.table.values[0] - {A[0, -1]}) < 1e-3")
        visit.wait()
        assert visit.evaluate("view.listening.sounds.size") == 1


def test_a_batch_of_one_and_a_transposed_array_are_taken(visit):
    A, _ = array_of("vocos-24k", 0.5)
    visit.open().give("mel.npy", npy(A.T[np.newaxis]))
    assert visit.chosen in ("vocos-24k", "f5-tts")
    assert "turned over" in visit.page.locator(".sd-verdict").inner_text()
    assert visit.evaluate("view.sheet.table.n_mels") == A.shape[0]


def test_why_an_array_is_in_no_format_is_said(visit):
    visit.open().give("mel.npy", npy(np.eye(77, 50)))
    assert "fits none of the" in visit.page.locator(".sd-verdict").inner_text()
    reasons = visit.page.locator(".sd-choices li").all_inner_texts()
    assert len(reasons) == len(sd.mel_formats())
    assert "hifigan-v1 has 80 bands." in reasons
    assert not visit.page.get_by_role("button", name="Play").is_enabled()
    visit.give("linear.npy", npy(np.random.default_rng(0).uniform(size=(513, 90))))
    verdict = visit.page.locator(".sd-verdict").inner_text()
    assert "an FFT of 1024 has 513 bins" in verdict and "specdemo.invert_spectrogram" in verdict
    assert callable(sd.invert_spectrogram)


def test_what_is_no_array_gets_a_sentence(visit):
    visit.open()
    sound = io.BytesIO()
    soundfile.write(sound, np.zeros(10), 8000, format="WAV")
    torch = io.BytesIO()
    with zipfile.ZipFile(torch, "w") as archive:
        archive.writestr("mel/data.pkl", b"\x80\x02}.")
    for name, data, words in (
        ("a.wav", sound.getvalue(), "is a sound"),
        ("mel.pt", torch.getvalue(), "A.detach().cpu().numpy()"),
        ("mel.png", b"\x89PNG\r\n\x1a\n", "is a picture"),
        ("mel.csv", b"1,2\n3,4\n", 'np.loadtxt(path, delimiter=",")'),
        ("x.npy", npy(np.zeros(500)), "one axis"),
        ("mono.npy", npy(np.zeros((1, 5000))), "as a sound of one channel"),
        ("stereo.npy", npy(np.zeros((5000, 2))), "as a sound of two channels"),
        ("ids.npy", npy(np.zeros((80, 9), int)), "whole numbers"),
        ("nan.npy", npy(np.full((80, 9), np.nan)), "720 of the 720 values"),
    ):
        visit.give(name, data)
        assert words in visit.alert, name
    A, _ = array_of("hifigan-v1", 0.3)
    visit.give("mel.npy", npy(A))
    assert not visit.alert and visit.chosen


def test_what_a_network_predicts_beside_a_sound_is_told_and_left_out(visit):
    """Padding of a batch, and a value that no sound has."""
    A, x = array_of("hifigan-v1", 0.5)
    A[3, 5] = -40
    padded = np.concatenate([A, np.zeros((80, 50))], axis=1)
    visit.open("#format=HIFIGAN-V1").give("mel.npy", npy(padded))
    y, _ = visit.choose("hifigan-v1").sound
    assert abs(len(y) - len(x)) <= 256
    said = visit.page.locator(".sd-heard .sd-status").inner_text()
    assert "last 50 frames are all of one value" in said and "One value lies" in said
    assert not visit.alert


def test_noise_is_said_to_be_the_array_of_no_sound(visit):
    noise = np.random.default_rng(0).standard_normal((80, 60))
    visit.open("#format=rtvc-tacotron").give("mel.npy", npy(noise))
    assert "No sound has such bands" in visit.alert


def test_a_sound_far_beyond_full_scale_is_warned_of(visit):
    """Matcha's array, still normalised, as one of HiFi-GAN."""
    A, _ = array_of("matcha-ljspeech", 0.5)
    visit.open("#format=hifigan-v1").give("mel.npy", npy(A))
    assert visit.chosen == "hifigan-v1"
    assert "still normalised" in visit.alert and "another base" in visit.alert
    visit.choose("matcha-ljspeech")
    assert not visit.alert


# ------------------------------------------------------------------------------ Listening


def test_formats_are_compared_at_the_same_level_and_frame(visit):
    A, _ = array_of("styletts2", 0.5)
    visit.open().give("mel.npy", npy(A))
    first = visit.chosen
    visit.page.get_by_role("button", name="Play").click()
    visit.until("view.listening.player.playing")
    other = next(
        name
        for name in visit.page.locator(".sd-format input").evaluate_all(
            "e => e.map((i) => i.value)"
        )
        if name != first and sd.mel_format(name).scale.std != 1
    )
    visit.choose(other)
    powers = visit.evaluate(
        "[...view.listening.sounds.values()].map(({ x, gain }) => "
        "gain * Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length))"
    )
    assert len(powers) == 2
    assert powers[0] == pytest.approx(powers[1], rel=1e-3)
    peaks = visit.evaluate(
        "[...view.listening.sounds.values()].map(({ peak, gain }) => gain * peak)"
    )
    assert max(peaks) <= 1 + 1e-6
    assert visit.evaluate("view.listening.player.side") == other


def test_the_frame_that_is_heard_stays_when_the_format_changes(visit):
    A, _ = array_of("hifigan-v1", 0.5)
    visit.open().give("mel.npy", npy(A))
    visit.choose("hifigan-v1")
    visit.evaluate("view.deck.seek(0.25)")
    visit.choose("cosyvoice2")
    step = {name: sd.mel_format(name).bank.stft.hop_length / sd.mel_format(name).sr
            for name in ("hifigan-v1", "cosyvoice2")}  # fmt: skip
    found = visit.evaluate("view.listening.now()")
    assert found == pytest.approx(0.25 * step["cosyvoice2"] / step["hifigan-v1"], abs=0.02)
    visit.choose("hifigan-v1")
    assert visit.evaluate("view.listening.now()") == pytest.approx(0.25, abs=1e-3)


def test_the_sound_can_be_kept(visit):
    A, x = array_of("hifigan-v1", 0.5)
    visit.open().give("my mel.npy", npy(A))
    with visit.page.expect_download() as started:
        visit.page.get_by_role("button", name="Download WAV").click()
    assert started.value.suggested_filename == f"my mel-{visit.chosen}.wav"
    kept, sr = soundfile.read(started.value.path())
    assert sr == 22050 and abs(level_apart(kept, x)) < 1
    visit.give("batch.npy", npy(np.stack([A, A])))
    visit.page.get_by_label("Item of the batch").select_option(index=1)
    visit.until("view.item === 1")
    visit.wait()
    with visit.page.expect_download() as started:
        visit.page.get_by_role("button", name="Download WAV").click()
    assert started.value.suggested_filename == f"batch-1-{visit.chosen}.wav"


def test_a_run_can_be_cancelled_and_another_goes_on(visit):
    A, _ = array_of("bigvgan-v2-44khz-128band-256x", 4)
    visit.open()
    file = {"name": "m.npy", "mimeType": "", "buffer": npy(np.tile(A, 3))}
    visit.page.set_input_files(".sd-source input[type=file]", file)
    visit.until("view.listening.sounds.size && !view.work.hidden")
    visit.page.get_by_role("button", name="Cancel").click()
    visit.wait()
    assert visit.evaluate("view.listening.current.i") < 100
    assert visit.page.get_by_role("button", name="Play").is_enabled()
    A, _ = array_of("hifigan-v1", 0.3)
    visit.give("mel.npy", npy(A))
    assert visit.evaluate("view.listening.current.i") == 100


def test_what_is_cancelled_before_its_sound_can_be_pressed_again(visit):
    A, _ = array_of("hifigan-v1", 0.5)
    visit.open()
    visit.evaluate("(view.invert = () => { view.root.dataset.state = 'busy'; }, 0)")
    visit.page.set_input_files(
        ".sd-source input[type=file]", {"name": "m.npy", "mimeType": "", "buffer": npy(A)}
    )
    visit.until("view.chosen")
    visit.evaluate("(delete view.invert, view.cancel(), 0)")
    visit.wait()
    assert "Cancelled" in visit.page.locator(".sd-heard").inner_text()
    assert not visit.page.locator(".sd-formats input:checked").count()
    visit.choose("hifigan-v1")
    assert visit.evaluate("view.listening.current.i") == 100


def test_what_was_pressed_counts_for_one_array_and_a_link_for_all(visit):
    hifigan, whisper = (npy(array_of(name, 0.3)[0]) for name in ("hifigan-v1", "whisper-80"))
    visit.open().give("one.npy", hifigan)
    other = visit.page.locator("input[type=radio]:not(:checked)").first.get_attribute("value")
    visit.choose(other)
    assert visit.evaluate("location.hash") == f"#format={other}"
    visit.give("one.npy", hifigan)  # another item of it, or the file, saved once more
    assert visit.chosen == other
    visit.give("two.npy", whisper)
    first = visit.page.locator("input[type=radio]").first.get_attribute("value")
    assert visit.chosen == first and visit.evaluate("location.hash") == ""
    visit.open("#format=whisper-80").give("one.npy", hifigan)
    assert "whisper-80" in visit.alert and visit.evaluate("location.hash") == ""
    visit.give("two.npy", whisper)
    assert visit.chosen == "whisper-80"


# ------------------------------------------------------------------------------ What was lost


def test_statistics_stand_in_until_they_are_given_back(visit):
    A, x = array_of("nemo-asr", 0.5)
    plain = sd.mel_format("nemo-asr")
    visit.open().give("mel.npy", npy(A))
    assert visit.chosen == "nemo-asr"
    assert "stand in" in visit.page.locator(".sd-heard").inner_text()
    assert "Level and colour are lost" in visit.page.locator(".sd-losses").inner_text()
    stood_in, _ = visit.sound
    raw = plain.__class__(
        plain.bank, sd.LogScale(floor=plain.scale.floor, add=True), preemphasis=0.97
    )
    levels = raw.forward(x)
    pair = np.stack([levels.mean(axis=-1), levels.std(axis=-1, ddof=1)])
    for name, data in (
        ("statistics.npy", npy(pair)),
        ("statistics.npz", saved(np.savez, mean=pair[0], std=pair[1])),
    ):
        visit.give(name, data, ".sd-given input[type=file]")
        visit.until("!view.given.get(view.chosen).isStandIn && view.listening.current?.i === 100")
        visit.wait()
        given_back, _ = visit.sound
        assert abs(level_apart(given_back, x)) < 1
        assert "stand in" not in visit.page.locator(".sd-heard").inner_text()
        # What was opened is shown, and pressed again it is the same.
        shown = visit.page.get_by_label("Means of the bands").input_value().split()
        np.testing.assert_allclose([float(v) for v in shown], pair[0], rtol=1e-4)
    visit.page.get_by_label("Deviations of the bands").press("Enter")
    visit.wait()
    assert abs(level_apart(visit.sound[0], x)) < 1
    visit.page.get_by_label("Means of the bands").fill("1 2 3")
    visit.page.get_by_role("button", name="Use these").click()
    assert "one number, or 80 of them; there are 3" in visit.alert
    visit.give("wrong.npy", npy(np.arange(10.0).reshape(2, 5)), ".sd-given input[type=file]")
    assert "80 means" in visit.alert


SLOW = """([name, text]) => {
    const { view } = document.querySelector(".sd-hear"), whole = new File([text], name);
    const slow = new File([], name), goes = new Promise((go) => { window.go = go; });
    slow.slice = (...ends) => ({ arrayBuffer: () => goes.then(() => whole.slice(...ends).arrayBuffer()) });
    window.done = view.given_back.open(slow);
}"""


def test_statistics_that_come_late_are_for_no_other_format(visit):
    A, _ = array_of("nemo-asr", 0.3)
    visit.open().give("mel.npy", npy(A))
    other = visit.page.locator("input[type=radio]:not(:checked)").first.get_attribute("value")
    for leave in (lambda: visit.choose(other), lambda: visit.give("other.npy", npy(A))):
        visit.choose("nemo-asr")
        visit.page.evaluate(SLOW, ["late.txt", "not an array"])
        visit.until("view.given_back.element.ariaBusy === 'true'")
        leave()
        visit.page.evaluate("() => { window.go(); return window.done; }")
        visit.wait()
        assert "late.txt" not in visit.alert


def test_a_lost_level_is_told_and_can_be_given_back(visit):
    fmt = sd.mel_format("librosa-default-db")
    A, x = array_of("librosa-default-db", 0.5)
    visit.open("#format=librosa-default-db").give("mel.npy", npy(A))
    assert visit.chosen == "librosa-default-db"
    assert "level is lost" in visit.page.locator(".sd-heard").inner_text()
    peak = 10 * np.log10(fmt.bank.forward(fmt.bank.stft.magnitude(x)).max())
    visit.page.get_by_label("Largest value before").fill(f"{peak:.3f}")
    visit.page.get_by_role("button", name="Use these").click()
    visit.until("view.listening.current?.isLevelLost === false && view.listening.current.i === 100")
    y, _ = visit.wait().sound
    assert abs(level_apart(y, x)) < 1
