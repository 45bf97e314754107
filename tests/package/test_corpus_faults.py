"""Damage to a folder of features is found, and neither a full disk nor a death loses anything."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corpora import FMT, contents, make
from specdemo.corpus import Features, make_features, storage

pytest.importorskip("soundfile")


def test_every_fault_is_found_by_verify(folder, tmp_path):
    out = tmp_path / "out"
    make(folder, out)
    one, two, three, four, *_ = storage.planned(out)
    data = bytearray(storage.data_path(out, one).read_bytes())
    data[-5] ^= 1
    storage.data_path(out, one).write_bytes(data)
    storage.sums_path(out, two).unlink()
    storage.record_path(out, three).write_text("{")
    record = storage.read_json(storage.record_path(out, four))
    record["rows"][0]["start"] = 1
    storage.write_json(storage.record_path(out, four), record)
    said = Features(out).verify()
    assert [sentence.split(":")[0] for sentence in said] == [
        f"{one}.npy is damaged",
        f"{two}.sums.npy is missing",
        f"Shard {three}, of {len(storage.read_json(storage.plan_path(out, three))['paths'])} "
        "recordings, is missing",
        f"{four}.json is damaged",
        f"The frames of {record['rows'][0]['path']} do not add up.",
    ]


def test_records_of_something_else_are_found_by_verify(recordings, tmp_path):
    out = tmp_path / "out"
    make(recordings, out)
    one, two, three, *_ = storage.planned(out)
    for name, change in (
        (one, lambda record: record["settings"].update(dtype="float16")),
        (two, lambda record: record["rows"][0].update(path="other.flac")),
        (three, lambda record: record.update(shape=[1, 80])),
    ):
        record = storage.read_json(storage.record_path(out, name))
        change(record)
        storage.write_json(storage.record_path(out, name), record)
    assert Features(out).verify() == [
        f"Shard {one} was made in other settings.",
        f"Shard {two} has other recordings than were planned.",
        f"{two}.json is damaged: its rows are not those that were written; make_features with "
        "renew=True makes it again.",
        f"The frames of shard {three} do not add up.",
    ]


def test_a_plan_that_is_gone_is_found_by_verify(recordings, tmp_path):
    out = tmp_path / "out"
    make(recordings, tmp_path / "whole")
    make(recordings, out)
    one, *_, last = storage.planned(out)
    for name in (one, last):
        storage.plan_path(out, name).unlink()
    assert Features(out).verify() == [
        f"The plan of shard {one} is missing.",
        f"The plan of shard {last} is missing.",
    ]
    whole = contents(tmp_path / "whole")
    assert make(recordings, out).verify() == []
    assert contents(out) == whole


def test_a_disk_that_is_full_or_fails_stops_the_work_and_loses_nothing(folder, tmp_path):
    make(folder, tmp_path / "whole")
    n_planned = len(storage.planned(tmp_path / "whole"))
    for code in (errno.ENOSPC, errno.EIO):
        out, fsync, count = tmp_path / str(code), os.fsync, 0

        def failing(handle, code=code, fsync=fsync):
            nonlocal count
            count += 1
            if count > n_planned + 7:  # settings and plan, a shard, and half of the next
                raise OSError(code, os.strerror(code))
            fsync(handle)

        said = rf"could not be made .*{os.strerror(code)}.*call make_features"
        with pytest.MonkeyPatch.context() as patch, pytest.warns(UserWarning, match=said):
            patch.setattr(os, "fsync", failing)
            features = make(folder, out)
        assert features.verify(), code
        assert make(folder, out).verify() == [], code
        assert contents(out) == contents(tmp_path / "whole"), code


def test_a_file_that_cannot_be_written_is_named(folder, tmp_path, monkeypatch):
    """Whichever is the first that a full disk has no room for."""
    opened = Path.open

    class Full:
        def __init__(self, file):
            self._file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self._file.close()

        def write(self, data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def opening(path, mode="r", *given, **more):
        file = opened(path, mode, *given, **more)
        return Full(file) if mode == "xb" else file

    monkeypatch.setattr(Path, "open", opening)
    with pytest.raises(OSError, match=r"No space left on device.*settings\.json"):
        make(folder, tmp_path / "out")


def test_a_lack_of_memory_names_the_recording_and_stops_the_work(folder, tmp_path, monkeypatch):
    def lacking(*_):
        raise MemoryError("std::bad_alloc")

    monkeypatch.setattr("specdemo.corpus.shards.features_of", lacking)
    said = r"MemoryError: there is not enough for 19/198/19-198-0000\.flac: std::bad_alloc"
    with pytest.warns(UserWarning, match=said):
        assert len(make(folder, tmp_path / "out")) == 0


DYING = """
import os, sys
from specdemo.corpus import make_features

source, out = sys.argv[1:]
count = 0

def dying(real):
    def call(*args):
        global count
        count += 1
        if count == die_at:
            os._exit(9)
        return real(*args)
    return call

for name in ("fsync", "replace", "link"):
    setattr(os, name, dying(getattr(os, name)))
die_at = 0
make_features(source, out, "hifigan-v1")
for die_at in range(1, count + 1):
    child = os.fork()
    if child == 0:
        count = 0
        make_features(source, f"{out}{die_at}", "hifigan-v1")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
print(die_at)
"""


def test_death_at_any_write_loses_nothing(recordings, tmp_path):
    """A process ends at the n-th call that makes something durable; the next one goes on."""
    folder = tmp_path / "in"
    folder.mkdir()
    for path in sorted(recordings.rglob("*.wav"))[:2]:
        shutil.copy(path, folder)
    command = [sys.executable, "-c", DYING, str(folder), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    n_deaths = int(done.stdout)
    assert n_deaths == 2 + 2 + 7  # settings, plan, shard
    for n in range(1, n_deaths + 1):
        out = tmp_path / f"out{n}"
        features = make_features(folder, out, FMT)
        assert features.verify() == [], n
        assert contents(out) == contents(tmp_path / "out"), n


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/fd")
def test_more_shards_are_read_than_files_may_be_open(recordings, tmp_path):
    """A corpus of a thousand hours has more shards than a system lets a process open."""
    make(recordings, tmp_path / "out")
    code = f"""

from pathlib import Path
from specdemo.corpus import Features, features

features.MOST_OPEN = 3
read = Features({str(tmp_path / "out")!r})
n_before = len(list(Path("/dev/fd").iterdir()))
for _ in range(2):
    kept = [read[i] for i in range(len(read))]
assert len({{row["shard"] for row in read.rows}}) > 4
print(len(list(Path("/dev/fd").iterdir())) - n_before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 3
