"""What is changed, gone, damaged or mended between two calls is noticed, and nothing else is."""

import os
import shutil

import numpy as np
import pytest

import specdemo as sd
from corpora import FMT, contents, make
from specdemo.corpus import Features, describe, storage
from specdemo.corpus.make import Options, run

RENEWING = Options(renew=True)


@pytest.fixture
def folder(tmp_path):
    """Three recordings of a length, each in a shard of its own."""
    folder = tmp_path / "in"
    folder.mkdir()
    x, sr = sd.load("speech", duration=3)
    for i in range(3):
        sd.save(folder / f"{i}.wav", x[i * sr :][: sr // 2], sr)
    return folder


@pytest.fixture
def out(folder, tmp_path):
    """Their features."""
    make(folder, tmp_path / "out")
    return tmp_path / "out"


def overwrite(path, data, later_ns=10**9):
    """Write as many other bytes in place, some time later."""
    time = path.stat().st_mtime_ns + later_ns
    path.write_bytes(data)
    os.utime(path, ns=(time, time))


# --- recordings ------------------------------------------------------------------------------


def test_renewing_of_another_folder_or_none_is_refused_and_destroys_nothing(folder, out, tmp_path):
    before = contents(out)
    other = tmp_path / "other"
    other.mkdir()
    for names in ([], ["other.wav"]):
        for name in names:
            shutil.copy(folder / "0.wav", other / name)
        for renew in (False, True):
            with pytest.raises(ValueError, match="same recordings; .* has none of them"):
                make(other, out, renew=renew)
    assert contents(out) == before


def test_what_has_to_be_converted_is_counted_and_no_recording(folder, out):
    for name in ("a.m4a", "b.M4A", "film.webm", "notes.txt", ".hidden.m4a"):
        (folder / name).write_bytes(b"x")
    said = r"passed over: 3 files to be converted first: \.m4a \(2\), \.webm \(1\)"
    with pytest.warns(UserWarning, match=said):
        features = make(folder, out)
    assert len(features) == 3
    found = describe(folder)
    assert (found.n_recordings, found.passed_over) == (3, {".m4a": 2, ".webm": 1})
    assert "converted first: .m4a (2), .webm (1)" in str(found)


def test_what_is_dropped_is_counted(folder, out):
    (folder / "1.wav").unlink()
    with pytest.warns(UserWarning, match=r"1 recording dropped, since gone, such as 1\.wav"):
        features = make(folder, out, renew=True)
    assert [row["path"] for row in features.rows] == ["0.wav", "2.wav"]
    _, report = run(folder, out, FMT, options=RENEWING)
    assert (report.n_made, report.dropped) == (0, [])


def test_other_bytes_of_the_same_number_are_noticed(folder, out):
    """Such as a gain that is taken out in place."""
    x, sr = sd.load(folder / "1.wav")
    louder = folder.parent / "louder.wav"
    sd.save(louder, 1.5 * x, sr)
    overwrite(folder / "1.wav", louder.read_bytes())
    _, report = run(folder, out, FMT)
    assert (report.changed, report.n_made) == (["1.wav"], 0)
    features, report = run(folder, out, FMT, options=RENEWING)
    assert (report.changed, report.n_made, features.verify()) == ([], 1, [])
    assert features.rows[1]["peak"] == pytest.approx(1.5 * np.abs(x).max(), rel=1e-3)


def test_a_copy_has_not_changed_and_is_read_through_once(folder, out, monkeypatch):
    for path in folder.iterdir():
        overwrite(path, path.read_bytes())
    features, report = run(folder, out, FMT)
    assert (report.changed, report.n_made, features.verify()) == ([], 0, [])
    monkeypatch.delattr(storage, "sha256")
    _, report = run(folder, out, FMT)
    assert (report.changed, report.n_made) == ([], 0)


def test_a_record_that_was_damaged_stays_so_when_its_recordings_are_copied(folder, out):
    """A new hash of its rows would hide it."""
    for path in folder.iterdir():
        overwrite(path, path.read_bytes())
    path = storage.record_path(out, "000000")
    record = storage.read_json(path)
    record["rows"][0]["peak"] = 0.125
    storage.write_json(path, record)
    features, _ = run(folder, out, FMT)
    (said,) = features.verify()
    assert said.startswith("000000.json is damaged: its rows are not those that were written")


def test_records_without_times_are_read(folder, out):
    """As they were written before times were kept."""
    for name in storage.planned(out):
        record = storage.read_json(storage.record_path(out, name))
        del record["rows"][0]["mtime_ns"]
        storage.write_json(storage.record_path(out, name), record)
    _, report = run(folder, out, FMT)
    assert (report.changed, report.n_made) == ([], 0)
    assert len(Features(out)) == 3


def test_what_could_not_be_opened_is_tried_again(folder, out, monkeypatch):
    """And is not said to have changed, which nobody knows."""
    link = folder / "link.wav"
    link.symlink_to(folder / "2.data")
    _, report = run(folder, out, FMT)
    assert (report.changed, report.n_made) == ([], 1)
    shutil.copy(folder / "2.wav", folder / "2.data")
    features, report = run(folder, out, FMT)
    assert (report.changed, report.n_made, features.problems, len(features)) == ([], 1, [], 4)


def test_what_cannot_be_read_is_tried_again_when_it_can(folder, tmp_path, monkeypatch):
    """Its size is seen all the time."""

    def locked(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("specdemo.corpus.recordings._features_of", locked)
        features, report = run(folder, tmp_path / "new", FMT)
    assert [row["error"] for row in features.problems] == 3 * ["cannot be read: Permission denied"]
    features, report = run(folder, tmp_path / "new", FMT)
    assert (report.changed, report.n_made, len(features)) == ([], 1, 3)


def test_folders_that_link_to_each_other_are_gone_through_once(folder):
    for i in range(4):
        inner = folder / f"d{i}"
        inner.mkdir()
        shutil.copy(folder / "0.wav", inner)
        for j in range(4):
            (inner / f"l{j}").symlink_to(folder / f"d{j}")
        (inner / "up").symlink_to(folder.parent)
    assert describe(folder).n_recordings == 3 + 4


def test_links_to_names_that_no_file_has_are_problems(folder):
    (folder / "long.wav").symlink_to("x" * 300 + ".wav")
    (folder / "loop.wav").symlink_to("loop.wav")
    found = describe(folder)
    assert found.n_recordings == 3
    assert set(found.problems) == {"long.wav", "loop.wav"}


def test_what_is_left_behind_where_nothing_can_be_written_harms_nobody(folder, out, monkeypatch):
    left = out / "shards" / ".000000.npy.1.unfinished"
    left.touch()

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(type(left), "unlink", refused)
        _, report = run(folder, out, FMT)
        assert report.n_made == 0
    run(folder, out, FMT)
    assert not left.exists()


# --- features --------------------------------------------------------------------------------


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("damage", [os.remove, cut])
def test_data_that_are_gone_or_cut_are_made_again_by_the_same_call(damage, folder, out):
    before = contents(out)
    for path in (storage.data_path(out, "000000"), storage.sums_path(out, "000001")):
        damage(path)
    features, report = run(folder, out, FMT)
    assert (report.n_made, features.verify(), contents(out)) == (2, [], before)


def test_a_flipped_bit_is_mended_by_renewing(folder, out):
    before = contents(out)
    path = storage.data_path(out, "000001")
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    (said,) = Features(out).verify()
    assert "renew=True makes it again" in said
    features, report = run(folder, out, FMT, options=RENEWING)
    assert (report.n_made, features.verify(), contents(out)) == (1, [], before)
