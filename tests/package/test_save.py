"""Saving: whole or not at all, with the permissions of what was there."""

import codecs
import errno
import gzip
import io
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from specdemo import load, load_blocks, save

RAMP = np.arange(-4, 4) / 4


# --- save ------------------------------------------------------------------------------------


def test_save_replaces_a_file_and_leaves_nothing_else(tmp_path):
    """As soundfile and scipy do."""
    for name in ("x.wav", "x.WAVE", "x", "x" * 251 + ".wav"):
        for value in (0.0, 0.5):
            save(tmp_path / name, np.full(4, value), 8000)
            np.testing.assert_array_equal(load(tmp_path / name)[0], value)
    assert len(os.listdir(tmp_path)) == 4


def test_the_nine_lines_of_readme_run_twice(tmp_path, monkeypatch, capsys):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = readme.split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        exec(lines, {})
    assert len(load("from_mel.wav")[0]) == len(load("speech")[0])
    first, second = capsys.readouterr().out.splitlines()
    assert first == second


def refuse(*arguments):
    raise OSError(errno.ENOSPC, "no space left")


@pytest.mark.parametrize("step", ["replace", "fdopen"])
def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "x.wav"
    save(path, np.zeros(4), 8000)
    monkeypatch.setattr(os, step, refuse)
    with pytest.raises(OSError, match="no space left"):
        save(path, np.ones(4) / 2, 8000)
    monkeypatch.undo()
    np.testing.assert_array_equal(load(path)[0], 0)
    assert os.listdir(tmp_path) == ["x.wav"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_permissions_are_those_of_a_new_file_or_of_the_one_replaced(tmp_path):
    path = tmp_path / "x.wav"
    mask = os.umask(0o027)
    try:
        save(path, np.zeros(4), 8000)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        save(path, np.zeros(4), 8000)
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(mask)


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path):
    (tmp_path / "there").mkdir()
    target, link, pipe = tmp_path / "there" / "x.wav", tmp_path / "link.wav", tmp_path / "pipe.wav"
    link.symlink_to(target)
    for value in (0.0, 0.5):
        save(link, np.full(4, value), 8000)
        assert link.is_symlink()
        np.testing.assert_array_equal(load(target)[0], value)
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    save(pipe, np.full(4, 0.5), 8000)
    assert os.read(reader, 100) == target.read_bytes()
    os.close(reader)
    assert pipe.is_fifo()
    reader, writer = os.pipe()  # which has no name but this
    save(f"/dev/fd/{writer}", np.full(4, 0.5), 8000)
    assert os.read(reader, 100) == target.read_bytes()
    os.close(reader)
    os.close(writer)


def test_save_into_an_open_file(tmp_path):
    save(tmp_path / "x.wav", RAMP, 8000)
    expected = (tmp_path / "x.wav").read_bytes()
    file = io.BytesIO()
    file.write(b"in front")
    save(file, RAMP, 8000)
    assert file.getvalue() == b"in front" + expected
    with (tmp_path / "y.wav").open("wb") as file:
        save(file, RAMP, 8000)
        assert not file.closed
    assert (tmp_path / "y.wav").read_bytes() == expected


class Sipping(io.RawIOBase):
    """A file that takes at most ten bytes at a time, and in all no more than it has room for."""

    def __init__(self, room):
        self.data, self.room = bytearray(), room

    def writable(self):
        return True

    def write(self, data):
        taken = bytes(data)[: min(10, self.room - len(self.data))]
        self.data += taken
        return len(taken) or None


def test_a_file_that_takes_little_at_a_time_gets_all_or_an_error(tmp_path):
    save(tmp_path / "x.wav", RAMP, 8000)
    expected = (tmp_path / "x.wav").read_bytes()
    file = Sipping(1000)
    save(file, RAMP, 8000)
    assert file.data == expected
    with pytest.raises(BlockingIOError, match=f"it has 25 of {len(expected)} bytes"):
        save(Sipping(25), RAMP, 8000)


def test_where_save_does_not_write(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    closed = io.BytesIO()
    closed.close()
    for path, kind, words in [
        (tmp_path / "no" / "x.wav", FileNotFoundError, "the folder .*no is missing"),
        (folder, IsADirectoryError, "there is a folder"),
        (f"{tmp_path / 'new'}{os.sep}", IsADirectoryError, "new is a folder"),
        ("", IsADirectoryError, "'' stands for this folder"),
        (tmp_path / "x.mp3", ValueError, r"must end in .wav.*x\.mp3.*ffmpeg -i x\.wav x\.mp3"),
        (tmp_path / "x.npy", ValueError, "must end in .wav.* got x.npy: save x.npy.wav$"),
        (tmp_path / "take 1.5", ValueError, "must end in .wav.* got take 1.5: save take 1.5.wav$"),
        (tmp_path / "my x.ogg", ValueError, r"\(`ffmpeg -i 'my x\.wav' 'my x\.ogg'`\)"),
        (tmp_path / "x\0.wav", ValueError, r"without null bytes; got '.*x\\x00\.wav'"),
        (closed, ValueError, "must be an open file; got one that is closed"),
        (
            gzip.GzipFile(fileobj=io.BytesIO(), mode="rb"),
            TypeError,
            r"is writable, open\(name, 'wb'\)",
        ),
        (codecs.getwriter("utf-8")(io.BytesIO()), TypeError, r"open\(name, 'wb'\)"),
        (io.StringIO(), TypeError, r"open\(name, 'wb'\)"),
        (b"x.wav", TypeError, "path must be"),
        (3, TypeError, "path must be"),
    ]:
        with pytest.raises(kind, match=words):
            save(path, RAMP, 8000)
    assert os.listdir(tmp_path) == ["there"]


def test_a_file_named_as_a_folder_is_said_to_be_a_file(tmp_path):
    save(tmp_path / "x.wav", RAMP, 8000)
    with pytest.raises(IsADirectoryError, match=r"must not end as a folder.*x\.wav is a file"):
        save(f"{tmp_path / 'x.wav'}{os.sep}", RAMP, 8000)


@pytest.mark.skipif(os.name != "posix", reason="the sentence is that of POSIX")
def test_a_name_that_is_too_long_is_an_argument(tmp_path):
    with pytest.raises(ValueError, match="^path must be a name that a file can have; .*too long"):
        save(tmp_path / f"{'n' * 300}.wav", RAMP, 8000)


@pytest.mark.parametrize("peak", [1.0001, -1.0001, 30000.0])
def test_save_refuses_to_clip(tmp_path, peak):
    with pytest.raises(ValueError, match=r"x must stay in \[-1, 1\]; its peak is"):
        save(tmp_path / "x.wav", np.array([0, peak]), 8000)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("peak", [1 + 3e-5, 1 + 2e-7, 1.1, 3e4])
def test_the_peak_that_is_refused_is_shown_to_be_above_1(peak):
    with pytest.raises(ValueError, match="its peak is") as refused:
        save(io.BytesIO(), np.array([0, -peak]), 8000)
    shown = float(str(refused.value).split("peak is ")[1].split(":")[0])
    assert shown > 1
    assert shown == pytest.approx(peak, rel=1e-3)


def test_a_folder_that_may_only_be_read_is_named(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise PermissionError(errno.EACCES, "Permission denied", arguments[0])

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(PermissionError) as refused:
        save(tmp_path / "new.wav", RAMP, 8000)
    said = str(refused.value)
    assert said == f"path must be in a folder that may be written to; {tmp_path} may only be read"


def test_a_file_that_is_called_like_a_clip(tmp_path, monkeypatch):
    """The clip is read, as everywhere else; that there is a file, too, is said."""
    clip, _ = load("speech")
    monkeypatch.chdir(tmp_path)
    save("speech", RAMP, 8000)
    for function in (load, load_blocks):
        with pytest.warns(
            UserWarning, match="'speech' is a bundled clip.* './speech' is the file"
        ) as said:
            got, _ = function("speech")
        assert said[0].filename == __file__
        got = got if function is load else np.concatenate(list(got))
        np.testing.assert_array_equal(got, clip)
    np.testing.assert_array_equal(load("./speech")[0], RAMP)


def test_save_refuses_samples_first(tmp_path):
    with pytest.raises(ValueError, match=r"x must have shape .*\(1000, 2\)"):
        save(tmp_path / "x.wav", np.zeros((1000, 2)), 8000)
