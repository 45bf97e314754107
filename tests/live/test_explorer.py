"""The Python side of the Explorer: its traits and its messages."""

import json
import subprocess
import sys

import numpy as np
import pytest
import traitlets

import specdemo as sd
from specdemo import live
from specdemo.live import Explorer, twin, widget

FOLDER = twin.FOLDER
SETTINGS = widget._settings()


def tone(sr=8000, seconds=0.5):
    return np.sin(2 * np.pi * 440 / sr * np.arange(int(sr * seconds))).astype(np.float32) / 2


@pytest.fixture
def figure():
    """An Explorer, and what it sends to its view."""
    made = Explorer(sounds={"tone": (tone(), 8000)})
    sent = []
    made.send = lambda content, buffers=None: sent.append((content, buffers))
    return made, sent


# --- construction ----------------------------------------------------------------------------


def test_explorer_is_public_and_lazy():
    code = (
        "import sys, specdemo as sd; before = 'anywidget' in sys.modules; sd.Explorer; "
        "print(before, 'anywidget' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=FOLDER.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]
    assert sd.Explorer is Explorer
    assert sd.live is live


@pytest.mark.parametrize("step", widget.STEPS)
def test_every_step_has_a_preset(step):
    made = Explorer(step=step)
    for name, value in widget.PRESETS[step].items():
        assert getattr(made, name) == value
    assert made._preset == {name: getattr(made, name) for name in ("clip", *SETTINGS)}


def test_settings_override_the_preset():
    made = Explorer("drums", step="mel", n_mels=40, axis="mel")
    assert (made.clip, made.n_mels, made.fmax, made.axis) == ("drums", 40, 8000.0, "mel")


def test_repr_is_short_and_stable():
    made = Explorer(step="inversion", n_fft=512)
    assert repr(made) == "Explorer(step='inversion', clip='speech')"


def test_a_file_is_offered_under_its_stem(tmp_path):
    sd.save(tmp_path / "my voice.wav", tone(), 8000)
    made = Explorer(tmp_path / "my voice.wav")
    assert made.clip == "my voice"
    assert made.clips == ["my voice", *sd.clips()]
    assert made.sound("my voice")[1] == 8000


def test_an_open_file_and_bytes_are_recordings(tmp_path):
    sd.save(tmp_path / "my voice.wav", tone(), 8000)
    with (tmp_path / "my voice.wav").open("rb") as file:
        opened = Explorer(file)
    held = Explorer((tmp_path / "my voice.wav").read_bytes())
    assert (opened.clip, held.clip) == ("my voice", "recording")
    np.testing.assert_array_equal(opened.sound("my voice")[0], held.sound("recording")[0])


def test_of_a_long_file_a_minute_is_taken(tmp_path):
    sd.save(tmp_path / "long.wav", np.zeros(61 * 2000, np.float32), 2000)
    assert len(Explorer(tmp_path / "long.wav").sound("long")[0]) == 60 * 2000


def test_own_sounds_come_first_and_may_be_the_clip():
    made = Explorer("tone", sounds={"tone": (tone().astype(np.float64), 8000)})
    assert (made.clip, made.clips[0]) == ("tone", "tone")
    x, sr = made.sound("tone")
    assert x.dtype == np.float32 and sr == 8000


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("n_fft", 1, ValueError),
        ("n_fft", 512.0, TypeError),
        ("hop_length", 0, ValueError),
        ("window", "kaiser", ValueError),
        ("threshold_db", 1, ValueError),
        ("threshold_db", -121, ValueError),
        ("n_mels", 257, ValueError),
        ("fmin", -1, ValueError),
        ("fmax", float("nan"), ValueError),
        ("mel_scale", "bark", ValueError),
        ("shorten", 0.5, ValueError),
        ("n_mfcc", -1, ValueError),
        ("start", "spsi", ValueError),
        ("start", 3, TypeError),
        ("refine", None, TypeError),
        ("n_iter", 301, ValueError),
        ("momentum", 1, ValueError),
        ("axis", "bark", ValueError),
        ("colormap", "jet", ValueError),
        ("range_db", 5, ValueError),
        ("step", "phase", ValueError),
    ],
)
def test_bad_settings_are_refused_by_name(name, value, error):
    with pytest.raises(error, match=rf"^{name} must be"):
        Explorer(**{name: value})
    made = Explorer()
    before = getattr(made, name)
    with pytest.raises(error, match=rf"^{name} must be"):
        setattr(made, name, value)
    assert getattr(made, name) == before


@pytest.mark.parametrize("name", ["n_ftt", "sr", "x_hat", "clips", "_dsp"])
def test_what_is_no_setting_is_refused(name):
    with pytest.raises(
        TypeError, match=f"^{name} is not a setting of an Explorer; known are n_fft"
    ):
        Explorer(**{name: 1})


def test_unknown_clips_are_refused():
    with pytest.raises(FileNotFoundError, match="neither a file nor a bundled clip"):
        Explorer("nonsense")
    with pytest.raises(TypeError, match=r"clip must be a name, .* sounds=\{'mine': \(x, sr\)\}"):
        Explorer(tone())
    with pytest.raises(ValueError, match="clip must be one of 'speech'"):
        Explorer().clip = "nonsense"


@pytest.mark.parametrize(
    ("sounds", "error", "message"),
    [
        (tone(), TypeError, "sounds must be of the type dict"),
        ({1: (tone(), 8000)}, TypeError, "labels that are text; got 1"),
        ({"a": tone()}, TypeError, r"sounds\['a'\] must be a pair"),
        ({"a": (tone()[None], 8000)}, ValueError, r"sounds\['a'\] must have shape \(n_samples,\)"),
        ({"a": (2 * tone(), 8000.0)}, TypeError, r"sr of sounds\['a'\] must be an int"),
        ({"a": (3 * tone(), 8000)}, ValueError, r"sounds\['a'\] must stay in \[-1, 1\]"),
        ({"a": (np.zeros(61), 1)}, ValueError, r"sounds\['a'\] must be at most 60 s long"),
        ({"a": (tone(), 2**31)}, ValueError, r"sr of sounds\['a'\] must be at most"),
        ({"a": (np.full(9, np.nan), 8000)}, ValueError, r"sounds\['a'\] must be finite"),
        ({"a": (np.zeros(9, np.int16), 8000)}, TypeError, r"sounds\['a'\] must be an array"),
    ],
)
def test_bad_sounds_are_refused(sounds, error, message):
    with pytest.raises(error, match=message):
        Explorer(sounds=sounds)


# --- traits ----------------------------------------------------------------------------------


def test_settings_are_plain_synced_traits():
    """What ipywidgets.jslink needs: each is sent to the view as the value that it is."""
    state = Explorer(step="mfcc").get_state()
    for name in ("clip", "step", *SETTINGS):
        assert isinstance(state[name], (str, int, float))
    assert json.loads(json.dumps({name: state[name] for name in SETTINGS}))


def test_all_public_traits_are_documented():
    own = set(vars(Explorer)) - set(vars(traitlets.HasTraits))
    names = {
        name
        for name in own
        if isinstance(vars(Explorer)[name], traitlets.TraitType) and name[0] != "_"
    }
    assert {"n_fft", "x_hat", "spectrogram", "clips"} <= names
    for name in names:
        assert name in Explorer.__doc__
        assert vars(Explorer)[name].help


def test_settings_change_as_the_view_changes_them():
    made, seen = Explorer(), []
    made.observe(lambda change: seen.append((change["name"], change["new"])), ["n_fft", "axis"])
    made.set_state({"n_fft": 512, "axis": "mel"})
    assert sorted(seen) == [("axis", "mel"), ("n_fft", 512)]


def test_x_hat_comes_back_as_float32():
    made, x = Explorer(), tone()
    made.set_state({"x_hat": memoryview(x.tobytes()), "sr": 8000})
    assert made.x_hat.dtype == np.float32
    np.testing.assert_array_equal(made.x_hat, x)
    assert made.sr == 8000
    assert bytes(made.get_state("x_hat")["x_hat"]) == x.tobytes()


def test_x_hat_may_be_replaced_by_another_of_the_same_or_another_length():
    made = Explorer()
    for x in (tone(), tone(), tone()[:1], tone()[:9], None):
        made.x_hat = x
        assert made.x_hat is None if x is None else np.array_equal(made.x_hat, x)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_nobody_else_changes_its_sounds(dtype):
    x = tone().astype(dtype)
    made, kept = Explorer("a", sounds={"a": (x, 8000)}), x.copy()
    made.x_hat = x
    S = made.spectrogram
    x[:] = 7
    made.sound("a")[0][:] = 7
    np.testing.assert_allclose(made.sound("a")[0], kept, rtol=1e-6)
    np.testing.assert_allclose(made.x_hat, kept, rtol=1e-6)
    assert made.spectrogram is S


def test_x_hat_is_a_signal():
    with pytest.raises(ValueError, match="x_hat must stay within what float32 holds"):
        Explorer().x_hat = np.full(9, 1e300)
    with pytest.raises(ValueError, match="x_hat must have shape"):
        Explorer().x_hat = np.zeros((2, 3))
    with pytest.raises(TypeError, match="x_hat must be an array"):
        Explorer().x_hat = np.zeros(3, np.int16)


def test_spectrogram_is_that_of_x_hat():
    made, seen = Explorer(n_fft=256, hop_length=64), []
    assert made.spectrogram is None
    made.observe(lambda change: seen.append(change["new"].shape), "spectrogram")
    made.set_state({"x_hat": memoryview(tone().tobytes()), "sr": 8000})
    expected = sd.STFT(8000, 256, 64).magnitude(tone())
    np.testing.assert_allclose(made.spectrogram, expected, rtol=1e-6)
    made.n_fft = 128
    assert made.spectrogram.shape[0] == 65
    assert seen[0] == expected.shape
    with pytest.raises(traitlets.TraitError, match="spectrogram"):
        made.spectrogram = expected


# --- messages --------------------------------------------------------------------------------


def test_sounds_are_sent_when_they_are_asked_for(figure):
    made, sent = figure
    made._handle_custom_msg({"kind": "sound", "clip": "tone"}, [])
    [(content, [buffer])] = sent
    assert content == {"kind": "sound", "clip": "tone", "sr": 8000}
    np.testing.assert_array_equal(np.frombuffer(buffer, np.float32), tone())


def test_bundled_clips_are_sent(figure):
    made, sent = figure
    made._handle_custom_msg({"kind": "sound", "clip": "drums"}, [])
    [(content, [buffer])] = sent
    x, sr = sd.load("drums")
    assert content["sr"] == sr
    np.testing.assert_array_equal(np.frombuffer(buffer, np.float32), x)


@pytest.mark.parametrize("clip", ["../secret", "", None, 3, ["speech"]])
def test_unknown_sounds_are_answered_with_a_sentence(figure, clip):
    made, sent = figure
    made._handle_custom_msg({"kind": "sound", "clip": clip}, [])
    [(content, _)] = sent
    assert content["clip"] == clip
    assert "one of 'tone', 'speech'" in content["error"]


@pytest.mark.parametrize("content", [None, "sound", {}, {"kind": "other"}])
def test_other_messages_are_left_alone(figure, content):
    made, sent = figure
    made._handle_custom_msg(content, [])
    assert sent == []
