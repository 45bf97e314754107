"""Chapters 8 and 9 with recordings of the reader's own, of any rate, instead of those of the book."""

import numpy as np
import pytest

import specdemo as sd
from chapter_code import run
from specdemo import nets
from untested import some

pytest.importorskip("soundfile", reason="soundfile is not installed: it reads FLAC")


def folder_of(place, sr, voices):
    """A folder with the digits of some voices of the book, at another rate; `voices` renames them."""
    place.mkdir()
    for take in sd.takes("digits"):
        if take.voice in voices:
            x = sd.resample(*sd.load(take.path), sr)
            name = f"{take.text}_{voices[take.voice]}_{take.take}.wav"
            sd.save(place / name, x, sr)
    return place


@pytest.mark.parametrize("sr", [8000, 44100])
def test_words_have_the_same_pitch_and_length_at_any_rate(sr, tmp_path, monkeypatch):
    place, takes = folder_of(tmp_path / "words", sr, {"awb": "awb", "rms": "rms"}), sd.takes
    rows = []
    for folder in ("digits", place):
        found = [t for t in takes(folder) if t.voice in ("awb", "rms")]
        monkeypatch.setattr(sd, "takes", lambda name, found=found: found)
        rows.append(run("09", monkeypatch, until="words", RATES=(16000,))["rows"])
    original, again = rows
    middle, _, duration = np.abs(again - original)[:, -3:].T / 3  # octaves
    assert len(original) == 60
    assert np.median(middle) < 0.01 and np.mean(middle < 0.1) > 0.9
    # Where the loudest cell lies above 4 kHz, a word at 8 kHz may end elsewhere.
    assert np.median(duration) < 0.02 and np.mean(duration < 0.2) > (0.9 if sr > 16000 else 0.6)


@pytest.fixture
def in_a_hurry(monkeypatch):
    """All rows are learned from once."""
    batches = nets.batches
    monkeypatch.setattr(
        nets, "batches", lambda n, size, n_epochs, rng: batches(n, size, 1, rng=rng)
    )


VOICES = {"awb": "anna", "slt": "berthe-marie", "kal16": "cem"}
SOME_RATES = (14400, 16000)


@pytest.mark.parametrize("n_voices", some([2, 3], 2))
def test_chapter_9_runs_on_words_of_ones_own(n_voices, tmp_path, monkeypatch, in_a_hurry, capsys):
    folder = folder_of(tmp_path / "words", 8000, dict(list(VOICES.items())[:n_voices]))
    for path in folder.glob("*_anna_2.wav"):  # two takes by one, three by the others
        path.unlink()
    sd.save(folder / "a note.wav", np.ones(100), 8000)
    names = run("09", monkeypatch, folder=str(folder), RATES=SOME_RATES)
    assert names["held_out"] == max(list(VOICES.values())[:n_voices])
    assert len(names["X_new"]) == 30 and len(names["X"]) == 2 * 10 * (3 * n_voices - 4)
    assert names["late"].sum() == 2 * 10 * (n_voices - 1)
    assert ("no way from voice to voice" in capsys.readouterr().out) == (n_voices == 2)


def test_chapter_9_says_what_a_folder_lacks(tmp_path, monkeypatch):
    def error(**settings):
        with pytest.raises(ValueError, match=r".") as caught:
            run("09", monkeypatch, until="enough-words", folder=str(tmp_path / "both"), **settings)
        return str(caught.value)

    folder = folder_of(tmp_path / "both", 8000, {"awb": "anna", "kal16": "cem"})
    assert "it is 'rms', and there are words by anna and cem" in error(held_out="rms")
    for name in ("8_cem_0", "8_cem_1", "9_cem_0", "9_cem_1", "9_cem_2"):
        (folder / f"{name}.wav").unlink()
    assert "'cem' does not say 8 or 9 as often" in error()
    for path in folder.glob("*_cem_*"):
        path.unlink()
    assert "held_out must be one of two voices or more; it is 'anna'" in error()


def test_chapter_9_says_so_where_no_name_tells_a_digit(tmp_path, monkeypatch):
    sd.save(tmp_path / "a walk.wav", np.ones(100), 8000)
    with pytest.raises(ValueError, match=r"there are words by nobody, named like 3_anna_0\.wav"):
        run("09", monkeypatch, until="enough-words", folder=str(tmp_path))


@pytest.mark.parametrize(
    ("n_voices", "named"), some([(1, False), (2, True), (3, True)], (1, False), (2, True))
)
def test_chapter_8_runs_on_recordings_of_ones_own(
    n_voices, named, tmp_path, monkeypatch, in_a_hurry, capsys
):
    folder = folder_of(tmp_path / "words", 44100, dict(list(VOICES.items())[:n_voices]))
    for k, path in enumerate(sorted(folder.iterdir())):
        if not named:
            path.rename(folder / f"walk {k:02d}.wav")
    names = run("08", monkeypatch, until="nobody-else", folder=str(folder), RATES=SOME_RATES)
    voices = sorted(list(VOICES.values())[:n_voices]) if named else [""]
    assert names["aside"] == voices[-1]
    assert len(names["takes"]) == 30 * n_voices - 1
    assert len(names["her_rows"]) > 50
    told = capsys.readouterr().out
    assert f"{30 * n_voices - 1} recordings of yours" in told
    assert ("there is nobody else to learn from" in told) == (n_voices == 1)
    assert len(names["met"]) == min(n_voices, 2)


def test_chapter_8_says_so_where_one_voice_is_not_known_and_where_there_is_nothing(
    tmp_path, monkeypatch, in_a_hurry, capsys
):
    folder = folder_of(tmp_path / "words", 16000, {"awb": "anna"})
    (folder / "9_anna_2.wav").rename(folder / "9_zoe_0.wav")
    run("08", monkeypatch, until="only-speech", folder=str(folder), RATES=SOME_RATES)
    assert "9_zoe_0.wav, is the only one by its voice" in capsys.readouterr().out
    for path in sorted(folder.iterdir())[1:]:
        path.unlink()
    with pytest.raises(ValueError, match="one to learn from, and one to keep aside"):
        run("08", monkeypatch, until="training-set", folder=str(folder))
