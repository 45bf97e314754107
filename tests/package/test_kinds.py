"""The content of a file decides what it is, whatever its name; what is no recording is named."""

import io
import sys

import numpy as np
import pytest

from encoded import at_once, encoded, sound
from specdemo import load

soundfile = pytest.importorskip("soundfile")

SPH = b"NIST_1A\n   1024\n"


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


def voc(*bodies, kinds=(9, 2)):
    """A VOC file: a block of samples of 16 bits at 8 kHz, and others behind it."""
    form = (8000).to_bytes(4, "little") + b"\x10\1\4\0" + bytes(4)
    blocks = b"".join(
        bytes([kind]) + len(body).to_bytes(3, "little") + body
        for kind, body in zip(kinds, [form + bodies[0], *bodies[1:]], strict=False)
    )
    return b"Creative Voice File\x1a\x1a\0\x14\1\x1f\x11" + blocks + b"\0"


def svx(content, channels):
    """An 8SVX file: its channels are one behind the other."""
    head = (len(content) // channels).to_bytes(4, "big") + bytes(8) + b"\x1f\x40\1\0\0\1\0\0"
    chunks = [
        (b"VHDR", head),
        (b"CHAN", (2, 6)[channels - 1].to_bytes(4, "big")),
        (b"BODY", content),
    ]
    body = b"8SVX" + b"".join(name + len(c).to_bytes(4, "big") + c for name, c in chunks)
    return b"FORM" + len(body).to_bytes(4, "big") + body


def test_what_libsndfile_takes_for_another_sound_is_refused(tmp_path):
    """The heads of later blocks would be clicks, and planes every second sample of each channel."""
    x = np.arange(-500, 500, dtype="<i2")
    np.testing.assert_array_equal(load(voc(x.tobytes()))[0], x / np.float32(2**15))
    of_sox = voc(x.tobytes()).replace((2012).to_bytes(3, "little"), (2004).to_bytes(3, "little"))
    np.testing.assert_array_equal(load(of_sox)[0], x / np.float32(2**15))
    y = (np.arange(1000) % 256 - 128).astype("i1")
    np.testing.assert_array_equal(load(svx(y.tobytes(), 1))[0], y / np.float32(2**7))
    for name, content, words in [
        ("a.voc", voc(x.tobytes(), x.tobytes()), "a VOC file of several blocks"),
        ("b.voc", voc(x.tobytes(), b"note\0", kinds=(9, 5)), "a VOC file of several blocks"),
        ("a.wav", voc(x.tobytes(), b"\xff\0\0", kinds=(9, 3)), "a VOC file of several blocks"),
        ("a.8svx", svx(y.tobytes(), 2), "an 8SVX file with one channel behind the other"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf"{name} is {words}.*`ffmpeg -i {name} new.wav`"):
            load(tmp_path / name)


def test_what_soundfile_cannot_read_has_the_way_out(tmp_path):
    doubles = io.BytesIO()
    soundfile.write(doubles, sound(), 8000, format="W64", subtype="MS_ADPCM")
    aac = doubles.getvalue().replace(b"\2\0\1\0\x40\x1f", b"\xff\0\1\0\x40\x1f", 1)
    for name, content, command in [
        ("a.w64", aac, "ffmpeg -i a.w64 new.wav"),
        ("a.sph", sphere().replace(b"n_bytes -i 2", b"n_bytes -i 3"), "ffmpeg -i a.sph new.wav"),
        ("a b.raw", b"\1\2\3\4" * 99, "ffmpeg -f s16le -ar RATE -ac CHANNELS -i 'a b.raw' new.wav"),
        ("a", b"no sound at all", "ffmpeg -i a new.wav"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf"^{name} .*convert it first, `{command}`$"):
            load(tmp_path / name)


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
