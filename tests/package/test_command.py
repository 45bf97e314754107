"""The command `specdemo`: what it writes, what it says, what it returns."""

import errno
import io
import re
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest

import specdemo as sd
from specdemo._command import features as command
from specdemo._command import main
from specdemo.corpus import make, processes


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def mel(folder):
    """The name of a file with an array in HiFi-GAN's format, of a short piece of speech."""
    x, sr = sd.load("speech", offset=0.5, duration=0.4)
    A = sd.mel_format("hifigan-v1").forward(sd.resample(x, sr, 22050))
    np.save("mel.npy", A)
    return "mel.npy"


def test_there_and_back(mel, capsys):
    """As in the README: the sound has the length, the rate and the bands of the array."""
    assert main(["invert", mel, "--format", "hifigan-v1", "-o", "out.wav"]) == 0
    assert "out.wav: 0.39 s at 22050 Hz, peak 0." in capsys.readouterr().out
    y, sr = sd.load("out.wav")
    A = np.load(mel)
    assert (sr, len(y)) == (22050, 256 * A.shape[1])
    assert main(["mel", "out.wav", "-f", "hifigan-v1", "-o", "again.npy"]) == 0
    assert "float32, (n_mels, n_frames) = (80, " in capsys.readouterr().out
    loud = A > A.max() - np.log(100)
    assert np.abs(np.load("again.npy") - A)[loud].mean() < 0.1


def test_several_files_go_to_a_folder_and_a_bad_one_does_not_stop_the_rest(mel, capsys):
    np.savez("two.npz", mel=np.load(mel)[np.newaxis].astype(np.float16))
    np.save("bad.npy", np.zeros((3, 3)))
    Path("sounds").mkdir()
    given = ["invert", "bad.npy", mel, "two.npz", "-f", "hifigan-v1", "-o", "sounds"]
    assert main([*given, "--iterations", "2", "--quiet"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "bad.npy: A cannot be an array of hifigan-v1: it must have shape" in err
    assert sorted(p.name for p in Path("sounds").iterdir()) == ["mel.wav", "two.wav"]


def test_without_a_format_those_that_fit_are_said(mel, capsys):
    assert main(["invert", mel]) == 2
    assert "say its format, by --format; it can be" in capsys.readouterr().err
    assert not Path("mel.wav").exists()


def test_the_likely_mistake_is_said_when_the_sound_is_far_too_loud(folder, capsys):
    x, sr = sd.load("speech", offset=0.5, duration=0.3)
    np.save("m.npy", sd.mel_format("matcha-ljspeech").forward(sd.resample(x, sr, 22050)))
    assert main(["invert", "m.npy", "-f", "hifigan-v1", "--iterations", "3"]) == 0
    out, err = capsys.readouterr()
    assert "warning: the sound reaches" in err
    assert "It was divided by" in out
    assert np.abs(sd.load("m.wav")[0]).max() == pytest.approx(1, abs=1e-3)


def test_what_was_taken_away_can_be_given_back(folder, capsys):
    assert main(["mel", "speech", "-f", "nemo-asr", "-o", "n.npy"]) == 0
    assert main(["invert", "n.npy", "-f", "nemo-asr"]) == 1
    assert "give them back, by --statistics FILE" in capsys.readouterr().err
    np.save("s.npy", np.stack([np.full(80, -8.0), np.full(80, 3.0)]))
    given = ["invert", "n.npy", "-f", "nemo-asr", "--statistics", "s.npy", "--iterations", "2"]
    assert main(given) == 0
    assert main(["mel", "speech", "-f", "librosa-default-db", "-o", "l.npy"]) == 0
    levels = []
    for peak in ("0", "20"):
        given = ["invert", "l.npy", "-f", "librosa-default-db", "--peak", peak, "-o", f"{peak}.wav"]
        assert main([*given, "--iterations", "2"]) == 0
        levels.append(np.abs(sd.load(f"{peak}.wav")[0]).max())
    assert levels[1] / levels[0] == pytest.approx(10, rel=1e-2)


def test_a_picture_is_drawn_on_request(mel):
    given = ["invert", mel, "-f", "hifigan-v1", "--iterations", "2", "--picture", "p.png"]
    assert main(given) == 0
    assert Path("p.png").read_bytes().startswith(b"\x89PNG")


def test_formats_are_listed_proposed_and_refused(mel, capsys):
    assert main(["formats"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == ["name", *sd.mel_formats()]
    assert main(["formats", mel, "--all"]) == 0
    said = capsys.readouterr().out
    assert "float32, shape (80, 34), values from" in said
    assert "\nhifigan-v1 " in said
    assert "not vocos-24k: it must have shape (n_mels, n_frames) with 100 bands" in said
    np.save("turned.npy", np.load(mel).T[:, :79])
    assert main(["formats", "turned.npy"]) == 1
    assert "It fits no format that is known here." in capsys.readouterr().out


def test_a_sound_decides(folder, capsys):
    assert main(["mel", "speech2", "-f", "vits", "--half"]) == 0
    assert Path("speech2.npy").exists()
    assert main(["formats", "speech2.npy", "--sound", "speech2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("vits ")
    assert main(["formats", "speech2.npy", "--sound", "drums"]) == 1


# --- features of a folder --------------------------------------------------------------------


@pytest.fixture
def recordings(folder):
    """Three short recordings in a folder."""
    Path("in").mkdir()
    for i in range(3):
        sd.save(f"in/{i}.wav", np.sin(np.arange(4000.0 + 1000 * i) / 9), 16000)
    return Path("in")


def test_features_of_a_folder(recordings, capsys):
    given = ["features", "in", "out", "--format", "whisper-80"]
    assert main(given) == 0
    out, err = capsys.readouterr()
    assert "out: 3 recordings, 0.00 h, in whisper-80: 1 shard of uint8" in out
    assert "with remarks: 3 recordings" in out
    assert err == ""
    features = sd.corpus.Features("out")
    A = sd.mel_format("whisper-80").forward(sd.load("in/1.wav")[0])
    np.testing.assert_allclose(features[1], A, atol=0.0064)
    assert main([*given, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main([*given, "--half"]) == 1
    assert "storage.dtype is 'uint8' there, and 'float16' is asked" in capsys.readouterr().err


def test_what_failed_is_said_with_what_to_do(recordings, capsys):
    given = ["features", "in", "out", "-f", "whisper-80"]
    Path("in/bad.wav").write_text("no sound")
    assert main([*given, "--workers", "1"]) == 1
    err = capsys.readouterr().err.splitlines()
    assert err[0].startswith("specdemo: bad.wav: is not a WAV file")
    assert "could not be read: 1 recording;" in err[1]
    assert "--renew" in err[1]
    Path("in/bad.wav").unlink()
    assert main([*given, "--renew"]) == 0
    assert len(sd.corpus.Features("out")) == 3


def test_shards_that_failed_are_said_with_what_to_do(recordings, capsys, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("specdemo.corpus.storage.write_array", full)
    assert main(["features", "in", "out", "-f", "whisper-80"]) == 1
    err = capsys.readouterr().err
    (line,) = [line for line in err.splitlines() if "000000" in line]
    assert "plan" in line and "could not be made: OSError: [Errno 28] No space left" in line
    assert "mend the cause, then call the same to go on" in err


def test_features_that_are_out_of_date_are_no_success(recordings, capsys):
    given = ["features", "in", "out", "-f", "whisper-80"]
    assert main(given) == 0
    sd.save("in/1.wav", np.zeros(9000), 16000)
    Path("in/2.wav").unlink()
    assert main(given) == 1
    err = capsys.readouterr().err
    assert "1.wav: changed since\n" in err
    assert "changed since: 1 recording; call the same with --renew" in err
    assert "2.wav: gone since\n" in err
    assert "gone since: 1 recording; call the same with --renew" in err
    assert main([*given, "--renew"]) == 0


def test_many_problems_are_counted(folder, capsys):
    Path("in").mkdir()
    for i in range(12):
        Path(f"in/{i:02}.wav").touch()
    assert main(["features", "in", "out", "-f", "whisper-80", "-q"]) == 1
    err = capsys.readouterr().err
    assert "09.wav: is empty" in err
    assert "10.wav" not in err
    assert "... and 2 more, which features.problems lists" in err


def test_names_do_nothing_to_a_terminal(folder, capsys):
    """Whatever line they come in."""
    Path("in").mkdir()
    name = "red\x1b[31m\n.wav"
    sd.save(f"in/{name}", np.full(4000, 0.5), 16000)
    Path(f"in/no{name}").write_bytes(Path(f"in/{name}").read_bytes()[:44])
    sd.save("in/cut.wav", np.full(4000, 0.5), 16000)
    Path(f"in/cut{name}").write_bytes(Path("in/cut.wav").read_bytes()[:-999])
    assert main(["features", "in", "out", "-f", "whisper-80"]) == 1
    out, err = capsys.readouterr()
    assert r"nored\x1b[31m\n.wav" in err
    assert "with remarks: 3 recordings" in out
    assert "\x1b" not in out + err
    assert len((out + err).splitlines()) == 4


def test_names_that_the_output_lacks_are_spelt(folder, monkeypatch):
    Path("in").mkdir()
    sd.save("in/é.wav", np.full(4000, 0.5), 16000)
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", output)
    assert main(["features", "in", "out-é", "-f", "whisper-80"]) == 0
    output.flush()
    assert rb"out-\xe9: 1 recording" in output.buffer.getvalue()
    assert output.errors == "strict"


def test_without_an_error_output_nothing_is_told_in_its_place(recordings, capsys, monkeypatch):
    Path("in/bad.wav").touch()
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["features", "in", "out", "-f", "whisper-80"]) == 1
    assert "bad.wav" not in capsys.readouterr().out
    assert len(sd.corpus.Features("out")) == 3


def test_renewing_of_nothing_is_refused_and_what_is_dropped_is_said(recordings, capsys):
    given = ["features", "in", "out", "-f", "whisper-80"]
    assert main(given) == 0
    Path("empty").mkdir()
    assert main(["features", "empty", *given[2:], "--renew"]) == 1
    assert "has none of them" in capsys.readouterr().err
    Path("in/1.wav").unlink()
    assert main([*given, "--renew"]) == 0
    err = capsys.readouterr().err
    assert "1.wav: dropped, since gone\n" in err
    assert "dropped, since gone: 1 recording\n" in err
    assert len(sd.corpus.Features("out")) == 2


def test_another_that_plans_is_told_in_a_sentence(recordings, capsys, monkeypatch):
    monkeypatch.setattr("specdemo.corpus.storage.planned", lambda out: [])
    monkeypatch.setattr("specdemo.corpus.storage.unplanned", lambda out: [])
    for expected in (0, 1):
        assert main(["features", "in", "out", "-f", "whisper-80"]) == expected
    assert "another process is planning" in capsys.readouterr().err


def test_an_end_from_outside_is_said_with_how_to_go_on(
    recordings, capsys, monkeypatch, hears_interrupts
):
    """By Ctrl-C, or by SIGTERM, after which the engine is closed in the same way."""
    before = signal.getsignal(signal.SIGTERM)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):

        def ended(*_, number=number):
            signal.raise_signal(number)

        monkeypatch.setattr("specdemo.corpus.make._make", ended)
        assert main(["features", "in", "out", "-f", "whisper-80"]) == code
        assert "what is made is kept, and the same command goes on" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before


# --- what is wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["invert", "no.npy", "-f", "vits"], "there is no file no.npy"),
        (["invert", ".", "-f", "vits"], r"there is no file \."),
        (["mel", "no.wav", "-f", "vits"], "no.wav is neither a file nor a bundled clip"),
        (["mel", "speech", "-f", "vits", "-o", "no/x.npy"], "the folder no is missing"),
        (["features", "no", "out", "-f", "vits"], "folder must be a folder of recordings"),
        (["features", "", "out", "-f", "vits"], "folder must name a folder, .* got ''"),
        (["features", ".", "", "-f", "vits"], "out must name a folder, .* got ''"),
        (
            ["features", ".", "~nobody-here/out", "-f", "vits"],
            "out must .*~ is followed by no user",
        ),
    ],
)
def test_errors_are_sentences_and_the_exit_code_is_1(folder, capsys, given, message):
    assert main(given) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("specdemo: ")
    assert re.search(message, err), err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["invert", "no.npy", "-f", "vit"], "--format must be .*did you mean 'vits'"),
        (["features", "no", "out", "-f", "vit"], "--format must be .*did you mean 'vits'"),
        (["features", "no", "out", "-f", "nemo-asr"], "nemo-asr needs --half: its numbers have no"),
        (
            ["features", "no", "out", "-f", "librosa-default", "--half"],
            ".* does not go with --half",
        ),
        (["mel", "speech", "-f", "vits", "-o", "x.wav"], "-o must end in .npy"),
        (
            ["invert", "a", "b", "-f", "vits", "-o", "c.wav"],
            "-o must be a folder that is there for 2 files",
        ),
        (
            ["invert", "a", "-f", "vits", "-o", "new/"],
            "-o must be a folder that is there; got new/",
        ),
        (["invert", "a", "b", "-f", "vits", "--picture", "c.png"], "--picture must be a folder"),
        (["invert", "a/x.npy", "b/x.npz", "-f", "vits", "-o", "."], "a/x.npy and b/x.npz would"),
        (["mel", "x.wav", "x.flac", "-f", "vits"], "x.wav and x.flac would both .* to x.npy"),
        (["formats", "--sound", "speech"], "--sound needs an array beside it"),
        (
            ["features", "in", "out", "-f", "whisper-80", "--scheduler", ""],
            "--scheduler must be an address",
        ),
    ],
)
def test_what_cannot_be_done_as_it_was_typed_is_exit_code_2(folder, capsys, given, message):
    assert main(given) == 2
    assert re.search(f"^specdemo: {message}", capsys.readouterr().err)
    assert list(folder.iterdir()) == []


def test_the_command_takes_what_the_corpus_takes():
    assert command.MOST_WORKERS == processes.MOST_WORKERS
    assert command.MOST_SECONDS == make.MOST_PATIENCE_S


def test_nothing_is_replaced_that_nobody_named(mel, capsys):
    """A recording, its array, and the sound of the array again: all by their first names."""
    x, sr = sd.load("speech", duration=0.5)
    sd.save("song.wav", x, sr)
    before = Path("song.wav").read_bytes()
    assert main(["mel", "song.wav", "-f", "hifigan-v1"]) == 0
    invert = ["invert", "song.npy", mel, "-f", "hifigan-v1", "--iterations", "1"]
    assert main(invert) == 1
    assert "song.npy: song.wav is there already: to have it replaced" in capsys.readouterr().err
    assert Path("song.wav").read_bytes() == before
    assert Path("mel.wav").exists()
    assert main(["mel", "song.wav", "-f", "whisper-80"]) == 1
    assert main([*invert, "-o", "."]) == 1  # a folder says nothing of what is in it
    assert main([*invert[:2], *invert[3:], "-o", "new.wav", "--picture", "."]) == 0
    assert main([*invert[:2], *invert[3:], "-o", "new.wav", "--picture", "."]) == 1
    assert Path("song.wav").read_bytes() == before
    assert main([*invert[:2], *invert[3:], "-o", "song.wav"]) == 0
    assert Path("song.wav").read_bytes() != before
    Path("song.wav").write_bytes(before)
    assert main([*invert, "-o", ".", "--replace"]) == 0
    assert Path("song.wav").read_bytes() != before


def test_a_sound_can_be_written_to_the_output(mel):
    command = [sys.executable, "-m", "specdemo", "invert", mel, "-f", "hifigan-v1"]
    done = subprocess.run(
        [*command, "--iterations", "1", "-o", "/dev/stdout"], capture_output=True, check=True
    )
    y, sr = sd.load(io.BytesIO(done.stdout))
    assert (sr, len(y)) == (22050, 256 * np.load(mel).shape[1])


def test_wrong_typing_is_exit_code_2(capsys):
    features = ["features", "in", "out", "-f", "vits"]
    invert = ["invert", "mel.npy", "-f", "vits"]
    for given in (
        *(["invert"], ["mel", "speech"], ["nonsense"]),
        *([*invert, option, "-1"] for option in ("--iterations", "--seed", "--length")),
        *([*features, "--workers", n] for n in ("0", "-1", "two", "1.5", "4097")),
        *([*features, "--patience", s] for s in ("0", "-1", "nan", "long", "2e6")),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(given)
        assert stopped.value.code == 2
    assert main([]) == 2
    assert "exit codes: 0 all done" in capsys.readouterr().out


def test_the_command_is_installed():
    (found,) = entry_points(group="console_scripts", name="specdemo")
    assert found.load() is main
    said = subprocess.run(
        [sys.executable, "-m", "specdemo", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"specdemo {sd.__version__}\n"
