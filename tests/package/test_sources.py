"""A recording is the same wherever it comes from: a path, bytes, an open file, an archive."""

import codecs
import gzip
import io
import tarfile
import tempfile
import zipfile

import numpy as np
import pytest

from encoded import at_once, encoded
from specdemo import load, load_blocks, save

pytest.importorskip("soundfile")


class Forwards(io.RawIOBase):
    """A file that can only be read forwards, such as a pipe or the answer of a server."""

    def __init__(self, content):
        self.file = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.file.readinto(buffer)


class Meagre(io.RawIOBase):
    """A file that gives no more than a thousand bytes at a time, as raw files may."""

    def __init__(self, content):
        self.file = io.BytesIO(content)

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        return self.file.seek(offset, whence)

    def tell(self):
        return self.file.tell()

    def readinto(self, buffer):
        return self.file.readinto(memoryview(buffer)[:1000])


def everywhere(content, folder):
    """The recording in everything that `load` reads, by name."""
    (folder / "sound").write_bytes(content)
    with zipfile.ZipFile(folder / "sounds.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sound", content)
    (folder / "sound.gz").write_bytes(gzip.compress(content))
    archive = zipfile.ZipFile(folder / "sounds.zip")
    behind = io.BytesIO(b"in front of it" + content)
    behind.seek(14)
    return archive, {
        "path": folder / "sound",
        "str": str(folder / "sound"),
        "open file": (folder / "sound").open("rb"),
        "unbuffered": (folder / "sound").open("rb", buffering=0),
        "BytesIO": io.BytesIO(content),
        "present position": behind,
        "ZIP member": archive.open("sound"),
        "gzip": gzip.open(folder / "sound.gz"),
        "bytes": content,
        "bytearray": bytearray(content),
        "memoryview": memoryview(content),
        "forwards": Forwards(content),
        "meagre": Meagre(content),
        "spooled": spooled(content),
    }


def spooled(content):
    file = tempfile.SpooledTemporaryFile()
    file.write(content)
    file.seek(0)
    return file


def test_a_recording_is_the_same_wherever_it_comes_from(tmp_path):
    for form, subtype in [
        ("WAV", "PCM_16"),
        ("WAV", "ULAW"),
        ("FLAC", "PCM_16"),
        ("MP3", None),
        ("OGG", None),
    ]:
        content = encoded(form, subtype)
        expected = at_once(content)[0]
        archive, sources = everywhere(content, tmp_path)
        for name, source in sources.items():
            case = f"{form} from {name}"
            place = source.tell() if hasattr(source, "seek") and name != "forwards" else None
            got, _ = load(source)
            np.testing.assert_allclose(got, expected, atol=1e-5, err_msg=case)
            if name == "forwards":
                continue
            if place is not None:
                assert source.tell() == place, case
            blocks, _ = load_blocks(source, block_seconds=0.7)
            first = next(blocks)
            if place is not None:
                source.seek(3)  # which the caller may do in between
            got = np.concatenate([first, *blocks])
            np.testing.assert_allclose(got, expected, atol=1e-5, err_msg=case)
        for source in sources.values():
            if hasattr(source, "close"):
                assert not source.closed
                source.close()
        archive.close()


def test_blocks_of_a_file_that_can_only_be_read_forwards():
    content = encoded("FLAC", "PCM_16")
    blocks, _ = load_blocks(Forwards(content), block_seconds=0.5)
    np.testing.assert_array_equal(np.concatenate(list(blocks)), at_once(content)[0])


def test_a_wav_file_that_becomes_shorter_while_it_is_read_says_so(tmp_path):
    path = tmp_path / "sound.wav"
    save(path, np.full((2, 5000), 0.5), 8000)
    with path.open("r+b") as file:
        blocks, _ = load_blocks(file, block_seconds=0.25, mono=False)
        next(blocks)
        file.truncate(44 + 4 * 3000 + 1)
        with pytest.warns(UserWarning, match="sound.wav ends early: it became shorter"):
            rest = list(blocks)
    assert [x.shape for x in rest] == [(2, 1000)]


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
@pytest.mark.parametrize("mode", ["r:", "r|"])
def test_a_member_of_a_tar_archive(form, mode):
    """One that is streamed is read once, from its beginning to its end."""
    content, archive = encoded(form, "PCM_16"), io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("sound")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    archive.seek(0)
    with tarfile.open(fileobj=archive, mode=mode) as tar:
        x, _ = load(tar.extractfile(tar.next()))
    np.testing.assert_array_equal(x, at_once(content)[0])


@pytest.mark.parametrize("form", ["WAV", "FLAC", "MP3", "OGG"])
def test_a_file_that_is_closed_between_two_blocks_is_an_error(form):
    """Not the end of the recording: a decoder asks for bytes from C, where errors are forgotten."""
    file = io.BytesIO(encoded(form, None))
    blocks, _ = load_blocks(file, block_seconds=1.0)
    next(blocks)
    file.close()
    with pytest.raises(ValueError, match="closed file"):
        list(blocks)


@pytest.mark.parametrize("form", ["WAV", "FLAC", "MP3", "OGG", "AIFF"])
def test_a_file_is_where_it_was_whenever_it_is_the_callers(form):
    """Between two blocks, too: who asks for blocks only to learn the rate can still load the file."""
    file = io.BytesIO(b"before" + encoded(form, None))
    file.seek(6)
    blocks, _ = load_blocks(file, block_seconds=0.01)
    assert file.tell() == 6
    whole, _ = load(file)
    for n, _ in zip(range(3), blocks, strict=False):
        assert file.tell() == 6, n
        file.seek(1)
    file.seek(6)
    np.testing.assert_array_equal(load(file)[0], whole)


def test_bytes_of_all_kinds():
    content = encoded("WAV", "PCM_16")
    apart = memoryview(np.repeat(np.frombuffer(content, np.uint8), 2).tobytes())[::2]
    for given in (bytearray(content), memoryview(content), apart):
        np.testing.assert_array_equal(load(given)[0], load(content)[0])


def test_a_file_that_gives_other_than_bytes_is_refused(tmp_path):
    """As an opened `soundfile.SoundFile`, whose read() gives an array."""

    class Arrays(io.BytesIO):
        def read(self, n=-1):
            return np.frombuffer(super().read(n), np.uint8)

    save(tmp_path / "x.wav", np.zeros(100), 8000)
    with pytest.raises(TypeError, match=r"read\(\) gives bytes; got one that gives ndarray"):
        load(Arrays((tmp_path / "x.wav").read_bytes()))


def test_a_file_that_gives_nothing_for_now_is_refused():
    class Waiting(io.BytesIO):
        def read(self, n=-1):
            return None

    with pytest.raises(ValueError, match="path must be a file that waits for its bytes"):
        load(Waiting(b"RIFF"))


def test_what_is_no_recording_to_be_opened(tmp_path):
    path = tmp_path / "sound.wav"
    save(path, np.zeros(10), 8000)
    closed = path.open("rb")
    closed.close()
    with (
        path.open(encoding="latin-1") as text,
        path.open("rb") as at_end,
        (tmp_path / "new").open("wb") as written,
    ):
        at_end.seek(0, 2)
        for value, kind, words in [
            (text, TypeError, r"open\(name, 'rb'\)"),
            (io.StringIO("text"), TypeError, r"open\(name, 'rb'\)"),
            (codecs.getreader("latin-1")(io.BytesIO(b"RIFF")), TypeError, r"open\(name, 'rb'\)"),
            (written, TypeError, r"is readable, open\(name, 'rb'\)"),
            ("a\0b", FileNotFoundError, r"^'a\\x00b' is .* no name holds a null byte"),
            (closed, ValueError, "closed"),
            (at_end, ValueError, "sound.wav is empty: .* present position"),
            (b"", ValueError, "recording in memory is empty"),
            (io.BytesIO(), ValueError, "open file is empty"),
            ("https://example.org/a.wav", ValueError, "is an address: download it first"),
            (7, TypeError, "path must be"),
            (tmp_path, FileNotFoundError, "it is a folder"),
            (tmp_path / "no" / "a.wav", FileNotFoundError, "the folder .*no is missing"),
            (
                tmp_path / "a.wav",
                FileNotFoundError,
                r"neither a file nor a bundled clip \(speech.*\)$",
            ),
        ]:
            for function in (load, load_blocks):
                with pytest.raises(kind, match=words):
                    function(value)


def test_the_home_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    save("~/mine.wav", np.ones(9) / 2, 8000)
    np.testing.assert_array_equal(load(tmp_path / "mine.wav")[0], 0.5)
    np.testing.assert_array_equal(load("~/mine.wav")[0], 0.5)
    with pytest.raises(FileNotFoundError, match="~nobody-of-that-name"):
        load("~nobody-of-that-name/x.wav")
