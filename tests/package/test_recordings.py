"""WAV files that other programs write: SoX and FFmpeg, on machines that have them.

What they do that the standard leaves open is also in `tests/package/test_wav.py`, byte by byte.
"""

import shutil
import struct
import subprocess
import sys

import numpy as np
import pytest
import scipy.io.wavfile

from specdemo import load, save
from wav_bytes import extensible_fmt

SOX, FFMPEG = shutil.which("sox"), shutil.which("ffmpeg")
needs_sox = pytest.mark.skipif(not SOX, reason="SoX is not installed")
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="FFmpeg is not installed")

# Levels that 8 bits hold, so that every kind of sample is exact.
N = 1001
RAMP = (np.arange(6 * N).reshape(N, 6) % 255 - 127) / 128

channel_counts = pytest.mark.parametrize("channels", [1, 2, 3, 6])


@pytest.fixture
def source(tmp_path):
    """Write a file of `channels` channels; return its path and samples."""

    def source(channels, sr=11025):
        samples = RAMP[:, :channels]
        scipy.io.wavfile.write(tmp_path / "source.wav", sr, samples.astype(np.float32))
        return tmp_path / "source.wav", samples.T if channels > 1 else samples[:, 0]

    return source


def sox(*arguments, **options):
    command = [SOX, "--no-dither", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, **options)


def ffmpeg(*arguments):
    command = [FFMPEG, "-loglevel", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True)


def assert_holds(path, samples, sr=11025):
    x, found = load(path, mono=False)
    assert found == sr
    np.testing.assert_array_equal(x, samples.astype(np.float32))
    part, _ = load(path, mono=False, offset=0.01, duration=0.02)
    begin, end = round(0.01 * sr), round(0.01 * sr) + round(0.02 * sr)
    np.testing.assert_array_equal(part, x[..., begin:end])


@needs_sox
@channel_counts
@pytest.mark.parametrize(
    ("bits", "encoding"),
    [
        (8, "unsigned-integer"),
        (16, "signed-integer"),
        (24, "signed-integer"),
        (32, "signed-integer"),
        (32, "floating-point"),
        (64, "floating-point"),
    ],
)
def test_files_of_sox(source, tmp_path, channels, bits, encoding):
    path, samples = source(channels)
    sox(path, "-b", bits, "-e", encoding, tmp_path / "new.wav")
    assert_holds(tmp_path / "new.wav", samples)


@needs_sox
@pytest.mark.parametrize("sr", [1, 8000, 44100, 192000, 768000])
def test_any_rate_of_sox(source, tmp_path, sr):
    path, samples = source(1)
    sox("-r", sr, path, tmp_path / "new.wav")
    x, found = load(tmp_path / "new.wav")
    assert found == sr
    np.testing.assert_array_equal(x, samples.astype(np.float32))


@needs_sox
def test_sox_through_a_pipe(tmp_path):
    """From raw samples, of which nobody knows how many will come."""
    raw = ["-t", "raw", "-r", 11025, "-c", 2, "-e", "floating-point", "-b", 32]
    samples = RAMP[:, :2].astype("<f4")
    piped = sox(*raw, "-", "-b", 16, "-t", "wav", "-", input=samples.tobytes()).stdout
    assert piped[40:44] == (0x7FFFF000).to_bytes(4, "little")
    (tmp_path / "new.wav").write_bytes(piped)
    assert_holds(tmp_path / "new.wav", samples.T)


@needs_sox
@pytest.mark.parametrize(
    ("encoding", "db"),
    [
        ("mu-law", -30),
        ("a-law", -30),
        ("ms-adpcm", -15),
        ("ima-adpcm", -15),
        ("gsm-full-rate", -8),
    ],
)
def test_samples_that_are_not_linear(tmp_path, encoding, db):
    """A voice with the codec's noise."""
    pytest.importorskip("soundfile", reason="soundfile is not installed: it reads compressed WAV")
    x = not_linear(tmp_path / "new.wav", encoding)
    y, sr = load(tmp_path / "new.wav")
    assert sr == 8000
    assert 20 * np.log10(np.linalg.norm(y[: len(x)] - x) / np.linalg.norm(y)) < db


@needs_sox
@pytest.mark.parametrize("n_blocks", [1, 2, 5, 6])
def test_gsm_ends_with_its_last_block(tmp_path, n_blocks):
    """Of 65 bytes each: behind an odd number of them stands a zero, which is not another."""
    pytest.importorskip("soundfile", reason="soundfile is not installed: it reads GSM 6.10")
    path = tmp_path / "new.wav"
    save(tmp_path / "source.wav", 0.3 * np.sin(np.arange(320 * n_blocks) / 3), 8000)
    sox(tmp_path / "source.wav", "-e", "gsm-full-rate", path)
    truth = np.frombuffer(sox(path, "-t", "f32", "-L", "-").stdout, "<f4")
    assert len(truth) == 320 * n_blocks
    np.testing.assert_array_equal(load(path)[0], truth)
    np.testing.assert_array_equal(load(path, offset=0.03)[0], truth[240:])
    # A chunk behind the samples, and a length that nobody knew, change nothing.
    content = path.read_bytes()
    longer = content + b"LIST\4\0\0\0INFO"
    unknown = content.replace(b"data" + content[56:60], b"data" + b"\xff" * 4)
    for other in (longer, unknown):
        np.testing.assert_array_equal(load(other)[0], truth)


@needs_sox
@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("mu-law", "mu-law"),
        ("a-law", "A-law"),
        ("ms-adpcm", "Microsoft ADPCM"),
        ("ima-adpcm", "IMA ADPCM"),
        ("gsm-full-rate", "GSM 6.10"),
    ],
)
def test_without_soundfile_the_codec_is_named(tmp_path, monkeypatch, encoding, name):
    not_linear(tmp_path / "new.wav", encoding)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(
        ValueError, match=rf"new\.wav holds samples of format \d+ \({name}\).*install"
    ):
        load(tmp_path / "new.wav")


def not_linear(path, encoding):
    """Write a voice in an encoding, and return it."""
    x, sr = load("speech", sr=8000)
    x = x / np.abs(x).max()
    save(path.with_name("source.wav"), x, sr)
    sox(path.with_name("source.wav"), "-e", encoding, path)
    return x


@needs_ffmpeg
@channel_counts
@pytest.mark.parametrize("codec", ["u8", "s16le", "s24le", "s32le", "f32le", "f64le"])
def test_files_of_ffmpeg(source, tmp_path, channels, codec):
    path, samples = source(channels)
    ffmpeg("-i", path, "-c:a", f"pcm_{codec}", tmp_path / "new.wav")
    assert_holds(tmp_path / "new.wav", samples)


@needs_ffmpeg
@pytest.mark.parametrize("title", ["even", "odd", "Größe", "x" * 999])
def test_titles_of_ffmpeg(source, tmp_path, title):
    path, samples = source(2)
    ffmpeg("-i", path, "-metadata", f"title={title}", "-write_bext", 1, tmp_path / "new.wav")
    assert_holds(tmp_path / "new.wav", samples)


@needs_ffmpeg
@pytest.mark.parametrize("long", ["never", "auto", "always"])
def test_long_files_of_ffmpeg(source, tmp_path, long):
    path, samples = source(2)
    ffmpeg("-i", path, "-rf64", long, tmp_path / "new.wav")
    assert_holds(tmp_path / "new.wav", samples)


@needs_ffmpeg
def test_ffmpeg_through_a_pipe(source, tmp_path):
    path, samples = source(2)
    (tmp_path / "new.wav").write_bytes(ffmpeg("-i", path, "-f", "wav", "-").stdout)
    assert_holds(tmp_path / "new.wav", samples)


def w64(*chunks):
    """A W64 file; of chunks, pairs of a name and a body."""
    guid = bytes.fromhex("f3acd3118cd100c04f8edb8a")
    body = b"wave" + guid
    for name, content in chunks:
        body += (
            name + guid + struct.pack("<Q", 24 + len(content)) + content + bytes(-len(content) % 8)
        )
    return (
        b"riff"
        + bytes.fromhex("2e91cf11a5d628db04c10000")
        + struct.pack("<Q", 24 + len(body))
        + body
    )


def test_the_kind_of_samples_in_the_longer_header_of_w64():
    """As FFmpeg writes floats; libsndfile takes all that have it for integers."""
    pytest.importorskip("soundfile")
    x = np.linspace(-0.9, 0.9, 504, dtype="<f4")
    for tag, samples, expected in (
        (3, x, x),
        (1, np.round(x * 2**31).astype("<i4"), x),
        (7, np.full(504, 0xFF, np.uint8), np.zeros(504)),
        (6, np.full(504, 0xD5, np.uint8), np.full(504, 8 / 32768)),
    ):
        width = samples.itemsize
        head = struct.pack("<HHIIHH", 0xFFFE, 1, 8000, 8000 * width, width, 8 * width)
        kind = struct.pack("<HHIH", 22, 8 * width, 4, tag) + extensible_fmt(1, 1, 1, 8)[-14:]
        content = w64((b"fmt ", head + kind), (b"data", samples.tobytes()))
        np.testing.assert_allclose(load(content)[0], expected, atol=1e-6, err_msg=str(tag))


def test_sizes_that_lead_beyond_the_end_are_refused_in_a_sentence():
    pytest.importorskip("soundfile")
    broken = w64((b"junk", b"12345678"), (b"data", bytes(80))).replace(
        struct.pack("<Q", 32), b"\xff" * 7 + b"\x7f", 1
    )
    with pytest.raises(ValueError, match="the recording in memory"):
        load(broken)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("flac", "flac"), ("ogg", "libvorbis"), ("mp3", "libmp3lame"), ("opus", "libopus")],
)
def test_compressed_files_of_ffmpeg(tmp_path, suffix, codec):
    """A sine of 1 kHz, at its pitch, level and length whatever the codec did to its samples."""
    pytest.importorskip("soundfile")
    path = tmp_path / f"new.{suffix}"
    ffmpeg("-f", "lavfi", "-i", "sine=1000:sample_rate=48000:duration=2", "-c:a", codec, path)
    x, sr = load(path)
    assert sr == 48000
    assert len(x) == pytest.approx(2 * sr, abs=0.06 * sr)
    middle = x[sr // 2 : sr + sr // 2]
    spectrum = np.abs(np.fft.rfft(middle)) / (sr / 2)
    assert spectrum.argmax() == 1000
    # FFmpeg's source has an amplitude of an eighth.
    assert spectrum.max() == pytest.approx(1 / 8, rel=0.1)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("suffix", "codec"), [("flac", "flac"), ("ogg", "libvorbis"), ("opus", "libopus")]
)
@pytest.mark.parametrize(("layout", "channels"), [("5.1", 6), ("7.1", 8)])
def test_channels_are_in_the_order_of_wav_files(tmp_path, suffix, codec, layout, channels):
    """Each channel has a pitch of its own; Vorbis and Opus put the centre second, and the bass last."""
    pytest.importorskip("soundfile")
    sr, pitches = 48000, np.array([600, 900, 1200, 60, 1500, 1800, 2100, 2400])[:channels]
    x = 0.4 * np.sin(2 * np.pi * pitches[:, None] / sr * np.arange(sr // 4))
    source, path = tmp_path / "source.wav", tmp_path / f"new.{suffix}"
    save(source, x, sr)
    ffmpeg("-channel_layout", layout, "-i", source, "-c:a", codec, path)
    y, _ = load(path, mono=False)
    found = np.abs(np.fft.rfft(y[:, 4800:9600])).argmax(axis=1) * 10
    np.testing.assert_allclose(found, pitches, atol=10)
