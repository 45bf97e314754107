"""What is read of a recording is what one decoding of all of it gives, however it is read."""

import gzip
import inspect
import io
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from specdemo import load, load_blocks, save
from specdemo.audio import _mpeg

soundfile = pytest.importorskip("soundfile")

FFMPEG, SPH = shutil.which("ffmpeg"), b"NIST_1A\n   1024\n"
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="FFmpeg is not installed")

# Qualities need soundfile 0.13.
QUALITIES = "compression_level" in inspect.signature(soundfile.write).parameters

MP3 = [
    {"bitrate_mode": mode, "compression_level": level}
    for mode in ("CONSTANT", "AVERAGE", "VARIABLE")
    for level in (0.0, 0.3, 0.6, 0.95)
]
LEVELS = [{"compression_level": level} for level in (0.0, 0.5, 1.0)]

# Format, codec, sampling rate, channels, and qualities.
CODECS = [
    ("MP3", "MPEG_LAYER_III", 44100, 1, MP3),
    ("MP3", "MPEG_LAYER_III", 22050, 2, MP3[1::4]),
    ("MP3", "MPEG_LAYER_III", 8000, 1, [{}]),
    ("OGG", "VORBIS", 44100, 2, LEVELS),
    ("OGG", "VORBIS", 22050, 1, [{}]),
    ("OGG", "OPUS", 48000, 2, LEVELS),
    ("OGG", "OPUS", 16000, 1, [{}]),
    ("OGG", "OPUS", 48000, 6, [{}]),
    ("FLAC", "PCM_16", 44100, 2, LEVELS),
    ("FLAC", "PCM_24", 22050, 1, [{}]),
    ("CAF", "ALAC_16", 22050, 1, [{}]),
    ("CAF", "ALAC_20", 22050, 2, [{}]),
    ("CAF", "ALAC_24", 44100, 2, [{}]),
    ("AIFF", "PCM_24", 22050, 2, [{}]),
    ("AIFF", "IMA_ADPCM", 22050, 1, [{}]),
    ("AIFF", "GSM610", 8000, 1, [{}]),
    ("AU", "PCM_16", 22050, 2, [{}]),
    ("AU", "ULAW", 8000, 1, [{}]),
    ("AU", "G721_32", 8000, 1, [{}]),
    ("AU", "G723_24", 8000, 1, [{}]),
    ("W64", "PCM_16", 22050, 2, [{}]),
    ("W64", "MS_ADPCM", 22050, 1, [{}]),
    ("WAV", "ALAW", 8000, 2, [{}]),
    ("WAV", "ULAW", 8000, 1, [{}]),
    ("WAV", "IMA_ADPCM", 22050, 2, [{}]),
    ("WAV", "MS_ADPCM", 22050, 2, [{}]),
    ("WAV", "GSM610", 8000, 1, [{}]),
    ("WAV", "G721_32", 8000, 1, [{}]),
    ("WAV", "NMS_ADPCM_32", 8000, 1, [{}]),
    ("RF64", "PCM_24", 22050, 2, [{}]),
    ("NIST", "PCM_16", 16000, 1, [{}]),
    ("NIST", "ULAW", 8000, 1, [{}]),
    ("VOC", "PCM_16", 22050, 1, [{}]),
    ("SDS", "PCM_16", 22050, 1, [{}]),
    ("XI", "DPCM_16", 44100, 1, [{}]),
    ("PAF", "PCM_24", 22050, 2, [{}]),
    ("CAF", "FLOAT", 22050, 2, [{}]),
]

# How much longer a recording is than the pieces that are asked of a decoder: more than twice.
N_SAMPLES = 150_000

# Ways to read a recording at sr Hz: a length of blocks in samples, or None for `load`, and a part
# in samples, of which none falls on the blocks of a codec.
WAYS = {
    "whole": (None, {}),
    "offset": (None, {"offset": 70_001}),
    "duration": (None, {"duration": 66_666}),
    "offset and duration": (None, {"offset": 33_333, "duration": 70_007}),
    "second sample": (None, {"offset": 1}),
    "beyond the end": (None, {"offset": 140_001, "duration": 10**6}),
    "blocks of 2047": (2047, {}),
    "blocks of a part": (30_011, {"offset": 20_011, "duration": 100_003}),
}


def sound(channels=1):
    """Speech and music, one behind the other, and each channel a little later than the last."""
    x = np.concatenate([load(name)[0] for name in ("speech", "music")])[:N_SAMPLES]
    x = 0.9 * x / np.abs(x).max()
    return np.stack(
        [np.roll(x, 4001 * channel) / (1 + channel) for channel in range(channels)], axis=1
    )


def encoded(form, subtype, sr=22050, channels=1, **quality):
    file = io.BytesIO()
    soundfile.write(file, sound(channels), sr, format=form, subtype=subtype, **quality)
    return file.getvalue()


def at_once(content):
    """All samples in a single call of the decoder, shape (channels, n_samples)."""
    return soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)[0].T


def recordings():
    """Name, content and sampling rate of a recording in each codec and quality."""
    for form, subtype, sr, channels, qualities in CODECS:
        for quality in qualities if QUALITIES else [{}]:
            words = [form, subtype, sr, f"{channels} channels", *quality.values()]
            yield " ".join(map(str, words)), encoded(form, subtype, sr, channels, **quality), sr


def read(path, sr, block, part):
    """A part of a recording in one, or in blocks of `block` samples; shape (channels, n_samples)."""
    seconds = {key: n / sr for key, n in part.items()}
    if block is None:
        return np.atleast_2d(load(path, mono=False, **seconds)[0])
    blocks, _ = load_blocks(path, block_seconds=block / sr, mono=False, **seconds)
    return np.concatenate([np.atleast_2d(x) for x in blocks], axis=-1)


def error(got, expected):
    return float(np.abs(got - expected).max()) if got.shape == expected.shape else np.inf


def test_every_way_of_reading_equals_one_decoding(tmp_path):
    """A codec with memory loses its state in a seek, and soundfile seeks behind every read."""
    path, errors = tmp_path / "sound", {}
    for name, content, sr in recordings():
        path.write_bytes(content)
        truth = at_once(content)
        for way, (block, part) in WAYS.items():
            start = part.get("offset", 0)
            expected = truth[:, start : start + part.get("duration", truth.shape[1])]
            errors[name, way] = error(read(path, sr, block, part), expected)
    assert len(errors) > 300 or not QUALITIES
    assert {cell: found for cell, found in errors.items() if found > 1e-5} == {}


# --- MPEG --------------------------------------------------------------------------------------

# Samples by which the first frame and a decoder delay the sound, cut off when a header tells it.
DELAY = 529 + 576

TAG = b"TAG" + b"title".ljust(125, b"\0")
APE = b"APETAGEX" + b"\xd0\x07\0\0" + bytes(20) + b"k" * 3000 + b"APETAGEX" + bytes(24)
COVER = b"ID3\x03\0\0\0\0\x1f\x74" + b"\xff\xd8\xff\xe0" + bytes(range(255)) * 15 + bytes(255)


def loud_then_soft():
    """Noise of 8 s whose first second takes most of the bits."""
    x = np.random.default_rng(0).standard_normal(8 * 44100)
    return x * np.where(np.arange(len(x)) < 44100, 0.3, 1e-4)


@pytest.fixture(scope="module")
def variable():
    """An MP3 file of variable bit rate with the frame that tells its length."""
    quality = {"bitrate_mode": "VARIABLE", "compression_level": 0.2} if QUALITIES else {}
    file = io.BytesIO()
    soundfile.write(file, loud_then_soft(), 44100, format="MP3", **quality)
    return file.getvalue()


def without_length(content):
    """The file without its first frame, in which nothing is but the length."""
    return content[_mpeg.parse(int.from_bytes(content[:4], "big"))[0] :]


def heard(content, *words):
    """Samples of a recording; each of its warnings holds one of the words, in their order."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x, _ = load(io.BytesIO(content), mono=False)
    said = [str(warning.message) for warning in caught]
    assert len(said) == len(words), said
    for sentence, word in zip(said, words, strict=True):
        assert word in sentence
    assert all(warning.filename == __file__ for warning in caught)
    return x


def test_mp3_that_does_not_tell_its_length_is_read_to_its_end(variable):
    """A decoder that guesses the length from the first frames stops at 3.1 of 8 s."""
    x, y = heard(variable), heard(without_length(variable))
    assert len(x) == 8 * 44100
    assert len(y) % 1152 == 0
    np.testing.assert_allclose(y[DELAY : DELAY + len(x)], x, atol=1e-5)


def test_what_stands_around_the_frames_of_mp3_is_not_sound(variable):
    """Tags, pictures and padding, whether the length is told or not, add and cost nothing."""
    for content in (variable, without_length(variable)):
        x = heard(content)
        for name, around in {
            "title behind": content + TAG,
            "APE tag behind": content + APE,
            "both": content + APE + TAG,
            "picture before": COVER + content,
            "two tags before": COVER + COVER + content,
            "zeros behind": content + bytes(20_000),
            "junk behind": content + b"\x55" * 5000,
            "a tag longer than it says": COVER + bytes(1) + content,
        }.items():
            np.testing.assert_array_equal(heard(around), x, err_msg=name)


def test_mp3_files_one_behind_the_other_are_all_read(variable):
    """`cat a.mp3 b.mp3`; the header of the first tells only its own length."""
    x, bare = heard(variable), without_length(variable)
    np.testing.assert_allclose(heard(variable + variable), np.concatenate([x, x]), atol=1e-6)
    np.testing.assert_allclose(
        heard(variable + TAG + COVER + variable), np.concatenate([x, x]), atol=1e-6
    )
    assert len(heard(bare + bare)) == 2 * len(heard(bare))


def test_mp3_that_is_cut_or_damaged_says_so(variable):
    bare = without_length(variable)
    x = heard(variable)
    y = heard(variable[: len(variable) // 2], "ends early: its header promises 352800 samples")
    np.testing.assert_allclose(y, x[: len(y)], atol=1e-6)
    y = heard(bare[: len(bare) // 2], "it ends in the middle of a frame")
    np.testing.assert_allclose(y, heard(bare)[: len(y)], atol=1e-6)
    for junk in (500, 3000, 200_000):
        y = heard(
            bare[:30_000] + b"\x22" * junk + bare[30_000:], "in the middle of it are not sound"
        )
        assert len(heard(bare)) - 2 * 1152 <= len(y) <= len(heard(bare)), junk


def test_frames_are_those_of_the_standard():
    """144 bitrate / sr + padding bytes for layer 3 of MPEG-1, half in MPEG-2; layer 1 in slots of 4."""
    for header, size, kind in [
        (0xFFFB9000, 144 * 128_000 // 44100, (3, 3, 44100)),
        (0xFFFB9200, 144 * 128_000 // 44100 + 1, (3, 3, 44100)),
        (0xFFFBE400, 144 * 320_000 // 48000, (3, 3, 48000)),
        (0xFFF38000, 72 * 64_000 // 22050, (2, 3, 22050)),
        (0xFFE38800, 72 * 64_000 // 8000, (0, 3, 8000)),
        (0xFFFD8400, 144 * 128_000 // 48000, (3, 2, 48000)),
        (0xFFFF4400, 4 * (12 * 128_000 // 48000), (3, 1, 48000)),
    ]:
        assert _mpeg.parse(header) == (size, kind), hex(header)
    for header in (0xFFF19000, 0xFFEB9000, 0xFFFBF000, 0xFFFB0000, 0xFFFB9C00, 0x7FFB9000):
        assert _mpeg.parse(header) is None, hex(header)


# --- other containers --------------------------------------------------------------------------


def test_a_file_that_was_cut_gives_what_is_there_and_a_warning():
    """In every format whose header tells the length; 60 % of the bytes hold half of the sound."""
    for form, subtype, least in [
        ("AIFF", "PCM_16", 0.55),
        ("AIFF", "IMA_ADPCM", 0.55),
        ("AU", "PCM_16", 0.55),
        ("CAF", "PCM_16", 0.55),
        ("W64", "PCM_16", 0.55),
        ("NIST", "PCM_16", 0.55),
        ("WAV", "ULAW", 0.55),
        ("WAV", "MS_ADPCM", 0.55),
        ("RF64", "PCM_16", 0.55),
        ("FLAC", "PCM_16", 0.4),
        ("OGG", "VORBIS", 0.3),
        ("OGG", "OPUS", 0.3),
        ("MP3", "MPEG_LAYER_III", 0.4),
    ]:
        name = f"{form} {subtype}"
        content = encoded(form, subtype, 48000)
        whole = heard(content)
        for part in (0.6, 0.99):
            x = heard(content[: int(len(content) * part)], "the open file")
            assert least / 0.6 * part * len(whole) < len(x) < len(whole), name
            np.testing.assert_allclose(x[:-4096], whole[: len(x) - 4096], atol=1e-5, err_msg=name)
        half = io.BytesIO(content[: int(len(content) * 0.6)])
        # Nothing is missing of a part that is there.
        np.testing.assert_allclose(
            load(half, duration=0.2)[0], whole[:9600], atol=1e-5, err_msg=name
        )


def flac(n_samples):
    """A FLAC file with this number of samples in its header, 36 bits, and what it holds."""
    content = bytearray(encoded("FLAC", "PCM_16"))
    content[21] = content[21] & 0xF0 | n_samples >> 32
    content[22:26] = (n_samples & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(content)


def test_the_length_in_a_flac_header_does_not_decide():
    x = heard(encoded("FLAC", "PCM_16"))
    for n_samples in (0, 1, 20_000, N_SAMPLES):
        np.testing.assert_array_equal(heard(flac(n_samples)), x, err_msg=str(n_samples))
    for n_samples in (N_SAMPLES + 1, 2**36 - 1):
        y = heard(flac(n_samples), f"promises {n_samples} samples, {N_SAMPLES} are there")
        np.testing.assert_array_equal(y, x, err_msg=str(n_samples))
    for n_samples in (0, 20_000, 2**36 - 1):
        y, _ = load(io.BytesIO(flac(n_samples)), offset=100_000 / 22050, duration=1)
        np.testing.assert_array_equal(y, x[100_000:122_050], err_msg=str(n_samples))


def test_ogg_files_one_behind_the_other_are_all_read():
    for subtype in ("VORBIS", "OPUS"):
        content = encoded("OGG", subtype, 48000)
        x = heard(content)
        np.testing.assert_array_equal(
            heard(content * 3), np.concatenate([x, x, x]), err_msg=subtype
        )
        np.testing.assert_array_equal(heard(content + b"junk" * 999), x, err_msg=subtype)
        other = encoded("OGG", subtype, 48000, 2)
        np.testing.assert_array_equal(heard(content + other, "2 channels"), x, err_msg=subtype)


def test_memory_of_blocks_is_constant():
    """Four times as long a recording takes no more memory; its decoded samples would be megabytes."""
    for form, subtype in [("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS")]:
        peaks = []
        for times in (1, 4):
            file = io.BytesIO()
            soundfile.write(
                file, np.tile(sound()[:, 0], times), 44100, format=form, subtype=subtype
            )
            for _ in range(2):  # a second time, when all is imported
                file.seek(0)
                tracemalloc.start()
                blocks, _ = load_blocks(file, block_seconds=0.1)
                n_samples = sum(len(x) for x in blocks)
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
            assert n_samples >= times * N_SAMPLES
            peaks.append(peak)
        assert peaks[1] < peaks[0] + 100_000, form
        assert peaks[1] < 500_000, form


# --- where recordings come from ----------------------------------------------------------------


class Forwards(io.RawIOBase):
    """A file that can only be read forwards, such as a pipe or the answer of a server."""

    def __init__(self, content):
        self.file = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.file.readinto(buffer)


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


@pytest.mark.parametrize("form", ["WAV", "FLAC", "MP3", "OGG"])
def test_a_file_that_is_closed_between_two_blocks_is_an_error(form):
    """Not the end of the recording: a decoder asks for bytes from C, where errors are forgotten."""
    file = io.BytesIO(encoded(form, None))
    blocks, _ = load_blocks(file, block_seconds=1.0)
    next(blocks)
    file.close()
    with pytest.raises(ValueError, match="closed file"):
        list(blocks)


def test_what_is_no_recording_to_be_opened(tmp_path):
    path = tmp_path / "sound.wav"
    save(path, np.zeros(10), 8000)
    closed = path.open("rb")
    closed.close()
    with path.open(encoding="latin-1") as text, path.open("rb") as at_end:
        at_end.seek(0, 2)
        for value, kind, words in [
            (text, TypeError, r"open\(name, 'rb'\)"),
            (io.StringIO("text"), TypeError, r"open\(name, 'rb'\)"),
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


# --- what a file is, whatever its name ---------------------------------------------------------


def sphere(coding=b"pcm"):
    samples = (0.5 * sound()[:16000, 0] * 2**15).astype("<i2").tobytes()
    fields = {
        b"sample_count -i": b"16000",
        b"sample_n_bytes -i": b"2",
        b"channel_count -i": b"1",
        b"sample_byte_format -s2": b"01",
        b"sample_rate -i": b"16000",
        b"sample_coding -s%d" % len(coding): coding,
    }
    lines = [b"%s %s\n" % field for field in fields.items()]
    return (SPH + b"".join(lines) + b"end_head\n").ljust(1024, b"\0") + samples


def test_the_content_tells_the_format(tmp_path):
    """TIMIT names its NIST SPHERE files .wav, recorders their MP3, and editors anything."""
    contents = {
        "SPHERE": sphere(),
        **{
            f"{form} {subtype}": encoded(form, subtype, 8000)
            for form, subtype in [
                ("AIFF", "PCM_16"),
                ("FLAC", "PCM_16"),
                ("OGG", "VORBIS"),
                ("MP3", "MPEG_LAYER_III"),
                ("WAV", "ALAW"),
                ("WAV", "ULAW"),
                ("WAV", "MS_ADPCM"),
                ("WAV", "IMA_ADPCM"),
                ("WAV", "GSM610"),
                ("WAV", "PCM_16"),
                ("CAF", "PCM_16"),
                ("AU", "PCM_16"),
            ]
        },
    }
    file = io.BytesIO()
    soundfile.write(file, sound(), 8000, format="WAV", subtype="PCM_16", endian="BIG")
    contents["RIFX"] = file.getvalue()
    assert contents["RIFX"][:4] == b"RIFX"
    for case, content in contents.items():
        expected = at_once(content)[0]
        for name in ("sound.wav", "sound.WAVE", "sound.mp3", "sound.flac", "sound.raw", "sound"):
            path = tmp_path / name
            path.write_bytes(content)
            x, _ = load(path)
            np.testing.assert_allclose(x, expected, atol=1e-5, err_msg=f"{case} in {name}")


FOREIGN = {
    "a.m4a": (b"\0\0\0\x1cftypM4A \0\0\2\0M4A isom", "an M4A recording"),
    "a.mp4": (b"\0\0\0\x1cftypisom\0\0\2\0isomiso2", "an MPEG-4 file"),
    "a.3gp": (b"\0\0\0\x1cftyp3gp4\0\0\2\0isomiso2", "a 3GP recording"),
    "a.mov": (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "a QuickTime movie"),
    "a.webm": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01", "a WebM or Matroska file"),
    "a.amr": (b"#!AMR\n<\x91\x17", "an AMR recording"),
    "a.wma": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "a WMA"),
    "a.aac": (b"\xff\xf1\\@G?\xfc\xde\x02\0Lavc", "an AAC recording"),
    "a.caf": (
        b"caff\0\1\0\0desc\0\0\0\0\0\0\0 @\xe5\x88\x80\0\0\0\0aac \0\0\0\0",
        "a CAF file with AAC",
    ),
    "a.oga": (b"OggS\0\2" + bytes(20) + b"\1\x33\x7fFLAC\1\0" + bytes(60), "FLAC in an Ogg file"),
    "a.spx": (b"OggS\0\2" + bytes(20) + b"\1\x50Speex   1.2" + bytes(70), "Speex in an Ogg file"),
    "a.avi": (b"RIFF\x10\0\0\0AVI LIST", "an AVI video"),
    "a.wv": (b"wvpk4\xfe\0\0", "a WavPack file"),
    "a.ape": (b"MAC \x96\x0f", "a Monkey's Audio file"),
    "a.sph": (sphere(b"pcm,embedded-shorten-v2.00"), "a NIST SPHERE file compressed by Shorten"),
}


def test_what_cannot_be_read_is_named_with_the_way_out(tmp_path):
    """By its content, also as an open file and under a name that is wrong."""
    for name, (content, kind) in FOREIGN.items():
        program = "sph2pipe -f wav" if name == "a.sph" else "ffmpeg -i"
        for called in (name, "my sound.wav"):
            path = tmp_path / called
            path.write_bytes(content)
            shown = "'my sound.wav'" if " " in called else called
            with pytest.raises(
                ValueError, match=rf"{called} is {kind}.*: convert it first, `{program} {shown} "
            ):
                load(path)
        with pytest.raises(ValueError, match=rf"the open file is {kind}.*`{program} FILE new.wav`"):
            load(io.BytesIO(content))


def test_what_is_no_recording_at_all_is_named(tmp_path):
    for content, words in [
        (b"<!DOCTYPE html>\n<html>", "is a web page"),
        (b"\n<HTML lang='en'>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        (b"PK\x03\x04\x14\0", "is a ZIP archive"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"MThd\0\0\0\6", "MIDI"),
        (b"", "is empty: it has 0 bytes"),
    ]:
        for name in ("sound.wav", "sound.mp3", "sound"):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(ValueError, match=rf"^{name} .*{words}"):
                load(tmp_path / name)


def test_without_soundfile_a_sentence_tells_both_ways_out(tmp_path, monkeypatch):
    contents = {
        "a.flac": encoded("FLAC", "PCM_16"),
        "a.mp3": encoded("MP3", "MPEG_LAYER_III"),
        "b.wav": encoded("WAV", "ULAW"),
        "c.wav": sphere(),
    }
    monkeypatch.setitem(sys.modules, "soundfile", None)
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(
            (ImportError, ValueError),
            match=rf"{name} .*install soundfile, or convert it first, "
            rf"`ffmpeg -i {name} new.wav`",
        ):
            load(tmp_path / name)


# --- lengths and rates -------------------------------------------------------------------------


def test_the_shortest_recordings_and_parts():
    for form, subtype in [
        ("WAV", "PCM_16"),
        ("FLAC", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("OGG", "VORBIS"),
        ("MP3", "MPEG_LAYER_III"),
        ("CAF", "ALAC_16"),
    ]:
        for n_samples in (1, 2, 100):
            file = io.BytesIO()
            soundfile.write(file, np.full(n_samples, 0.25), 8000, format=form, subtype=subtype)
            assert len(load(file.getvalue())[0]) == n_samples, (form, n_samples)
        content = encoded(form, subtype, 8000)
        n = at_once(content).shape[1]
        assert len(load(content, offset=(n - 1) / 8000)[0]) == 1, form
        assert len(load(content, offset=(n - 7) / 8000, duration=1e6)[0]) == 7, form
        for offset in (n / 8000, n / 8000 + 1, 1e9):
            with pytest.raises(ValueError, match="has no samples in the part asked for: offset"):
                load(content, offset=offset)
            with pytest.raises(ValueError, match="has no samples in the part asked for: offset"):
                load_blocks(content, offset=offset)


def test_rates_that_are_whole_floats(tmp_path):
    """As STFT.sr may be: the rate goes from one to the other."""
    x, sr = load("speech", sr=16000.0)
    assert (type(sr), sr) == (int, 16000)
    save(tmp_path / "x.wav", x, np.float64(16000))
    assert load(tmp_path / "x.wav")[1] == 16000
    for bad in (22050.5, True, np.nan, np.inf, "22050"):
        with pytest.raises(TypeError, match="sr must be an int"):
            load("speech", sr=bad)
        with pytest.raises(TypeError, match="sr must be an int"):
            save(tmp_path / "y.wav", x, bad)


def test_a_recording_at_3_hz():
    file = io.BytesIO()
    save(file, np.linspace(-0.5, 0.5, 30), 3)
    file.seek(0)
    x, sr = load(file, sr=300)
    assert (len(x), sr) == (3000, 300)
    file.seek(0)
    with pytest.raises(ValueError, match="at most 100 times 3 Hz, the rate of the open file"):
        load(file, sr=301)


# --- files of FFmpeg ---------------------------------------------------------------------------


def ffmpeg(folder, *arguments):
    save(folder / "source.wav", sound()[:, 0], 22050)
    command = [
        FFMPEG,
        "-loglevel",
        "error",
        "-nostdin",
        "-y",
        "-i",
        folder / "source.wav",
        *arguments,
    ]
    return subprocess.run(command, check=True, capture_output=True).stdout


@needs_ffmpeg
def test_streams_of_ffmpeg_that_do_not_tell_their_length(tmp_path):
    """A pipe cannot be rewound, so that no header is completed."""
    for arguments, longer in [
        (["-f", "flac", "-"], 0),
        (["-f", "mp3", "-q:a", "5", "-write_xing", "0", "-"], 2 * 1152),
        (["-f", "mp3", "-q:a", "5", "-"], 2 * 1152),
        (["-f", "mp2", "-"], 2 * 1152),
        (["-f", "ogg", "-c:a", "libvorbis", "-"], 0),
        (["-f", "aiff", "-"], 0),
        (["-f", "au", "-"], 0),
        (["-f", "wav", "-"], 0),
        (["-f", "wav", "-c:a", "libmp3lame", "-"], 2 * 1152),
        (["-f", "caf", "-"], 0),
    ]:
        x = heard(ffmpeg(tmp_path, *arguments))
        assert N_SAMPLES <= len(x) <= N_SAMPLES + longer, arguments
        lag = np.argmax(
            np.correlate(x[50_000:54_000], sound()[50_000:52_000, 0].astype(np.float32), "valid")
        )
        y = sound()[50_000:52_000, 0]
        noise = x[50_000 + lag : 52_000 + lag] - y
        assert 20 * np.log10(np.linalg.norm(noise) / np.linalg.norm(y)) < -8, arguments
