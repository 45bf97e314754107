"""A folder of recordings to features: all there, each once, and every fault named."""

import copy
import json
import os
import shutil
import sys

import numpy as np
import pytest

import specdemo as sd
from corpora import FMT, contents, make
from specdemo.audio.wav import wav_bytes
from specdemo.corpus import Features, describe, make_features, storage
from specdemo.corpus.make import Options, run
from specdemo.corpus.resampling import converted

sf = pytest.importorskip("soundfile")


# --- what is there ---------------------------------------------------------------------------


def test_describe_reads_headers(folder):
    found = describe(folder)
    assert found.n_recordings == 12
    assert found.rates == {22050: 12}
    assert found.formats == {"FLAC": 6, "WAV": 6}
    assert found.speakers == {"19": 6, "26": 6}
    seconds = [(6000 + 500 * i) / 22050 for i in range(6)]
    assert found.hours == pytest.approx(2 * sum(seconds) / 3600)
    assert (found.shortest, found.longest) == (min(seconds), max(seconds))
    assert describe(folder / "19").speakers == {"19": 6}
    (folder / "empty.wav").touch()
    (folder / "text.flac").write_text("no sound")
    os.symlink("nowhere", folder / "link.ogg")
    found = describe(folder)
    assert set(found.problems) == {"empty.wav", "text.flac", "link.ogg"}
    assert "12 recordings" in str(found)
    assert "link.ogg: is no file" in str(found)


def test_a_length_that_a_header_does_not_know_is_not_counted(folder):
    """As of FLAC that came through a pipe."""
    hours = describe(folder).hours
    path = sorted(folder.rglob("*.flac"))[0]
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # the last 36 bits of what STREAMINFO says of the sound
    data[22:26] = bytes(4)
    (folder / "piped.flac").write_bytes(data)
    found = describe(folder)
    assert (found.n_recordings, found.hours, found.unknown) == (13, hours, ("piped.flac",))
    assert "13 recordings, 0.00 h, and 1 of unknown length" in str(found)


def test_describe_counts_what_load_reads(tmp_path, capfd):
    """A CAF file from a pipe, which soundfile refuses, and nothing is printed of it; and no other."""
    x, sr = sd.load("speech", duration=1)
    sf.write(tmp_path / "piped.caf", x, sr)
    data = bytearray((tmp_path / "piped.caf").read_bytes())
    size = data.index(b"data") + 4
    data[size : size + 8] = b"\xff" * 8  # the size that stands for "to the end"
    (tmp_path / "piped.caf").write_bytes(data)
    wav = bytearray(wav_bytes(x[np.newaxis], sr))
    wav[24:28] = b"\xff" * 4  # its rate
    (tmp_path / "rate.wav").write_bytes(wav)
    (tmp_path / "cut.caf").write_bytes(data[:size])
    found = describe(tmp_path)
    assert (found.unknown, found.formats, found.rates) == (("piped.caf",), {"CAF": 1}, {sr: 1})
    assert set(found.problems) == {"rate.wav", "cut.caf"}
    assert found.problems["rate.wav"] == "its rate must be at most 10000000 Hz; got 4294967295"
    assert capfd.readouterr().err == ""


def test_describe_reads_names_of_all_kinds_and_says_why_not(tmp_path):
    """Names that are not UTF-8 are no text; reasons hold neither the folder nor what moves a cursor."""
    x, sr = sd.load("speech", duration=1)
    names = [b"caf\xe9.flac", b"caf\xe9.ogg"] if sys.platform == "linux" else [b"e.flac", b"e.ogg"]
    for name in map(os.fsdecode, names):
        with (tmp_path / name).open("wb") as file:
            sf.write(file, x, sr, format=name.rpartition(".")[2].upper())
    for name in ("text.flac", "text\x1b.mp3", "text.wav"):
        (tmp_path / name).write_text("no sound at all\n" * 9)
    (tmp_path / "head.flac").write_bytes(b"fLaC" + bytes(60))
    found = describe(tmp_path)
    assert (found.n_recordings, len(found.problems)) == (2, 4)
    said = "\n".join(found.problems.values())
    assert str(tmp_path) not in said
    assert "Error opening" not in said
    assert "\x1b" not in str(found)


def test_features_are_the_formats_own(recordings, tmp_path):
    features = make(recordings, tmp_path / "out", "hifigan-v1")
    assert (len(features), features.problems, features.verify()) == (12, [], [])
    assert len(storage.planned(features.out)) > 3
    assert [row["path"] for row in features.rows] == sorted(row["path"] for row in features.rows)
    half_a_step = np.log(10) * 0.25 / 20
    for i, row in enumerate(features.rows):
        x, _ = sd.load(recordings / row["path"])
        A = FMT.forward(x)
        assert features[i].shape == A.shape
        assert features[i].dtype == np.float32
        np.testing.assert_allclose(features[i], A, atol=half_a_step * 1.001)
        assert row["peak"] == np.abs(x).max()
        np.testing.assert_array_equal(features.piece(i, 3, 5), features[i][:, 3:8])
    np.testing.assert_array_equal(features[-1], features[11])
    with pytest.raises(ValueError, match="start .* must be at most .* got 20 [+] 99"):
        features.piece(0, 20, 99)
    with pytest.raises(IndexError, match="i must be below 12"):
        features[12]


def test_layouts_dtypes_and_rates(recordings, tmp_path):
    """Frames first, half precision, numbers that are no logarithms, weights, another rate."""
    path = sorted(recordings.rglob("*.flac"))[0]
    for name, dtype, atol in [
        ("univnet-transformers", "float16", 4e-3),
        ("whisper-80", "uint8", 0.025 / 4 * 1.01),
        ("nemo-asr", "float16", 2e-3),
        ("gansynth-mel", "float16", 4e-3),
    ]:
        fmt = sd.mel_format(name)
        features = make(path.parent, tmp_path / name, name, dtype=dtype)
        i = [row["path"] for row in features.rows].index(path.name)
        x, sr = sd.load(path)
        new_sr = round(fmt.sr)
        if sr != new_sr:
            x = np.concatenate(list(converted([x], sr, new_sr, features.settings["resampler"])))
        A = fmt.forward(x)
        np.testing.assert_allclose(features[i], A, atol=atol, err_msg=name)
        assert features.stored(i).dtype == dtype
        assert features.stored(i).shape == (features.rows[i]["n_frames"], fmt.bank.n_mels)
        assert Features(features.out).fmt == fmt


def test_channels_are_mixed(tmp_path):
    left, sr = sd.load("speech", duration=1)
    right = np.flip(left)
    (tmp_path / "in").mkdir()
    sf.write(tmp_path / "in" / "stereo.wav", np.stack([left, right], axis=1), sr, subtype="FLOAT")
    features = make(tmp_path / "in", tmp_path / "out", dtype="float16")
    np.testing.assert_allclose(features[0], FMT.forward((left + right) / 2), atol=4e-3)


def test_a_shard_is_read_without_this_package(recordings, tmp_path):
    """As the docstring of `Features` has it."""
    features = make(recordings, tmp_path / "out")
    row = features.rows[7]
    stored = np.load(tmp_path / "out" / "shards" / f"{row['shard']}.npy", mmap_mode="r")
    assert isinstance(stored, np.memmap)
    settings = json.loads((tmp_path / "out" / "settings.json").read_text())
    values = np.array(settings["storage"]["values"])
    A = values[stored[row["start"] : row["start"] + row["n_frames"]]].T
    np.testing.assert_allclose(A, features[7], rtol=1e-6)


def test_recordings_are_heard_again(recordings, tmp_path):
    """Also where the format takes the level away from an utterance."""
    for name, dtype in [
        ("hifigan-v1", "uint8"),
        ("nemo-asr", "float16"),
        ("librosa-default-db", "uint8"),
    ]:
        features = make(recordings / "19", tmp_path / name, name, dtype=dtype)
        fmt, row = features.fmt, features.rows[2]
        x, _ = sd.load(recordings / "19" / row["path"], sr=round(fmt.sr))
        y = features.audio(2, n_iter=8, rng=0)
        assert y.shape == x.shape
        level_db = 20 * np.log10(np.std(y) / np.std(x))
        assert abs(level_db) < 3, name


def test_statistics_and_levels(recordings, tmp_path):
    features = make(recordings, tmp_path / "out")
    other = make_features(recordings, tmp_path / "other", FMT, shard_mb=0.1)
    A = np.concatenate([features[i] for i in range(12)], axis=1).astype(np.float64)
    mean, std = features.statistics()
    np.testing.assert_allclose(mean, A.mean(axis=1))
    np.testing.assert_allclose(std, A.std(axis=1))
    for one, two in zip(features.statistics(), other.statistics(), strict=True):
        np.testing.assert_array_equal(one, two)
    values, counts = features.levels()
    assert counts.sum(axis=1).tolist() == [A.shape[1]] * 80
    assert values[counts[3].argmax()] in np.unique(A[3].astype(np.float32))
    half = make(recordings, tmp_path / "half", dtype="float16")
    with pytest.raises(ValueError, match="levels are counted where the dtype is 'uint8'"):
        half.levels()


def test_of_no_features_there_are_no_statistics(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.wav").touch()
    with pytest.warns(UserWarning, match="could not be read"):
        features = make(tmp_path / "in", tmp_path / "out")
    assert (len(features), len(features.problems), features.verify()) == (0, 1, [])
    assert "0 recordings" in repr(features)
    with pytest.raises(ValueError, match="there are no features in"):
        features.statistics()


def test_features_go_to_other_processes_as_a_path(recordings, tmp_path):
    """Not as the arrays that are open here, which pickle would send along."""
    features = make(recordings, tmp_path / "out")
    opened = features[3]
    assert features.__reduce__() == (Features, (str(features.out),))
    np.testing.assert_array_equal(copy.deepcopy(features)[3], opened)


# --- bad recordings --------------------------------------------------------------------------


# In Hz, of WAV headers: two above the limit of 10 MHz, and one below it, at which 22,050 samples
# become 49 at the rate of the format.
IMPOSSIBLE_RATES = (2**32 - 1, 100_000_007, 9_999_991)


def write_bad_recordings(folder):
    """Write one of each kind that cannot be read, and some that are read with a remark."""
    good = (folder / "19" / "198" / "19-198-0004.flac").read_bytes()
    flipped = bytearray(good)
    flipped[len(flipped) // 2] ^= 255
    for name, data in [
        ("empty.flac", b""), ("header.flac", good[:60]), ("text.wav", b"no sound"),
        ("cut.flac", good[: len(good) * 3 // 4]), ("flipped.flac", flipped),
    ]:  # fmt: skip
        (folder / name).write_bytes(data)
    sf.write(folder / "none.wav", np.zeros(0), 22050)
    sf.write(folder / "nan.wav", np.full(9999, np.nan), 22050, subtype="FLOAT")
    sf.write(folder / "loud.wav", np.full(9999, 3.0), 22050, subtype="FLOAT")
    sf.write(folder / "slow.wav", np.zeros(9999), 100)
    sf.write(folder / "short.wav", np.zeros(9), 22050)
    sf.write(folder / "silent.wav", np.zeros(22050), 22050)
    pulse = np.pad(0.5 * np.hanning(99), 20000)
    sf.write(folder / "pulse.wav", pulse, 22050)
    sf.write(folder / "clipped.wav", pulse.clip(0, 0.25), 22050)
    sample = bytearray((folder / "silent.wav").read_bytes())
    for rate in IMPOSSIBLE_RATES:
        sample[24:28] = rate.to_bytes(4, "little")
        (folder / f"{rate}.wav").write_bytes(sample)
    os.symlink("nowhere", folder / "link.flac")
    (folder / "19.trans.txt").write_text("words")


def test_bad_recordings_are_named_and_do_not_stop_the_rest(folder, tmp_path):
    write_bad_recordings(folder)
    with pytest.warns(UserWarning, match="recordings? could not be read, such as"):
        features = make(folder, tmp_path / "out")
    said = {row["path"]: row["error"] for row in features.problems}
    for name, words in [
        ("empty.flac", "is empty"), ("header.flac", "header.flac"), ("text.wav", "is not a WAV"),
        ("none.wav", "holds no samples"), ("nan.wav", "NaN"), ("loud.wav", "they reach 3"),
        ("slow.wav", "rate must be at least 220.5 Hz; got 100"), ("link.flac", "is no file"),
        ("short.wav", "x must have at least"),
        (f"{IMPOSSIBLE_RATES[0]}.wav", f"its rate must be at most 10000000 Hz; got {IMPOSSIBLE_RATES[0]}"),
        (f"{IMPOSSIBLE_RATES[1]}.wav", "its rate must be at most"),
        (f"{IMPOSSIBLE_RATES[2]}.wav", "at least 256 samples in hifigan-v1; got 49"),
    ]:  # fmt: skip
        assert words in said.pop(name), name
    assert set(said) <= {"flipped.flac"}
    remarked = {row["path"]: row["remarks"] for row in features.rows}
    assert any("ends early" in remark for remark in remarked["cut.flac"])
    assert "This recording is silent." in remarked["silent.wav"]
    assert remarked["pulse.wav"] == []
    assert any("was clipped" in remark for remark in remarked["clipped.wav"])
    assert features.verify() == []
    assert str(folder) not in str(features.problems)


def test_names_of_all_kinds(folder, tmp_path):
    source = sorted(folder.rglob("*.wav"))[0]
    names = [
        "Zoë, später – «test».wav", "日本語.wav", "a b\tc.wav", "new\nline.wav", "same.wav",
        "19/same.wav", "same.WAV", "é.wav", "e\u0301.wav", "x" * 240 + ".wav",
        os.fsdecode(b"not-utf8-\xff.wav"),
    ]  # fmt: skip
    for name in names:
        try:
            shutil.copy(source, folder / name)
        except OSError:
            assert sys.platform != "linux", name  # other systems forbid some of them
    there = {path for path in os.listdir(folder) if path.lower().endswith(".wav")}
    features = make(folder, tmp_path / "out")
    assert (features.problems, features.verify()) == ([], [])
    assert there < {row["path"] for row in features.rows}
    if sys.platform == "linux":
        assert len(there) == len(names) - 1  # one is in another folder
        os.remove(folder / names[-1])
        with pytest.warns(UserWarning, match=r"1 recording gone .*not-utf8-\\xff\.wav"):
            make(folder, tmp_path / "out")


def test_links_are_followed_and_circles_are_not(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(sorted(folder.rglob("*.wav"))[0], tmp_path / "elsewhere" / "a.wav")
    os.symlink(tmp_path / "elsewhere", folder / "linked")
    os.symlink(folder, folder / "19" / "circle")
    features = make(folder, tmp_path / "out")
    assert len(features) == 13
    assert "linked/a.wav" in {row["path"] for row in features.rows}


# --- going on --------------------------------------------------------------------------------


def test_the_same_call_makes_only_what_is_missing(folder, tmp_path):
    out = tmp_path / "out"
    make(folder, out)
    before = contents(out)
    shards = storage.planned(out)
    _, report = run(folder, out, FMT)
    assert (report.n_made, contents(out)) == (0, before)
    for name in shards[::2]:
        storage.record_path(out, name).unlink()
    _, report = run(folder, out, FMT)
    assert (report.n_made, contents(out)) == (len(shards[::2]), before)
    shutil.copy(sorted(folder.rglob("*.wav"))[0], folder / "0new.wav")
    features, report = run(folder, out, FMT)
    assert (report.n_made, len(features), features.verify()) == (1, 13, [])


def test_other_settings_are_refused_and_nothing_is_touched(folder, tmp_path):
    out = tmp_path / "out"
    make(folder, out)
    before = contents(out)
    for fmt, dtype, words in [
        ("bigvgan-v2-22khz-80band-256x", "uint8", r"format.bank.fmax is 8000.* there, and 11025"),
        ("hifigan-v1", "float16", "storage.dtype is 'uint8' there, and 'float16' is asked for"),
    ]:
        with pytest.raises(ValueError, match=words):
            make(folder, out, fmt, dtype=dtype)
    with pytest.raises(ValueError, match="features of the same recordings; .* has none of them"):
        make(folder / "19", out)
    assert contents(out) == before


def test_changed_and_gone_recordings_are_said_and_made_again_when_asked(folder, tmp_path):
    out = tmp_path / "out"
    make(folder, out)
    first, second, *_ = sorted(path for path in folder.rglob("*") if path.is_file())
    first.unlink()
    sf.write(second, np.zeros(20000), 22050)
    (folder / "bad.wav").touch()
    _, report = run(folder, out, FMT)
    assert report.gone == [first.relative_to(folder).as_posix()]
    assert report.changed == [second.relative_to(folder).as_posix()]
    shutil.copy(second, folder / "bad.wav")
    features, report = run(folder, out, FMT, options=Options(renew=True))
    assert (report.gone, report.changed, features.problems, features.verify()) == ([], [], [], [])
    assert len(features) == 12
    assert features.rows[0]["n_samples"] == 20000


def test_arguments_that_cannot_be_are_refused(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="folder must be a folder of recordings"):
        make(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ValueError, match="folder must have recordings"):
        make(tmp_path / "nothing", tmp_path / "out")
    with pytest.raises(TypeError, match=r"client must have submit\(\)"):
        make(folder, tmp_path / "out", client=4)
    with pytest.raises(FileNotFoundError, match=r"settings\.json is missing"):
        Features(tmp_path)
    assert not (tmp_path / "out").exists()
    for name, call in (("out", lambda path: make(folder, path)), ("folder", describe)):
        with pytest.raises(ValueError, match=f"{name} must name a folder, and no name has"):
            call(str(tmp_path / "a\0b"))
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="out must be a folder; .* is a file"):
        make(folder, tmp_path / "file")
    with pytest.raises(FileNotFoundError, match="folder must be a folder .* is a file"):
        make(tmp_path / "file", tmp_path / "out")
    (tmp_path / "link").symlink_to(folder)
    for same in (folder, tmp_path / "link"):
        with pytest.raises(ValueError, match="out must be another folder than that of the rec"):
            make(folder, same)
    assert not (folder / "plan").exists()
