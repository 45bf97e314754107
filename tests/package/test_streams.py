"""Recordings that do not tell their length, are cut, or stand one behind the other."""

import io
import shutil
import subprocess
import sys

import numpy as np
import pytest

from encoded import N_SAMPLES, QUALITIES, encoded, flac, heard, sound
from memory import traced_memory
from specdemo import load, load_blocks, save
from specdemo.audio import _mpeg

soundfile = pytest.importorskip("soundfile")

FFMPEG = shutil.which("ffmpeg")
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="FFmpeg is not installed")


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
    # Zeros are what a download that was broken off, or a disk that lost a block, has in place of it.
    for junk in (500, 3000, 200_000, -500, -9000):
        byte, behind = (b"\x22", 30_000) if junk > 0 else (b"\0", 30_000 - junk)
        y = heard(
            bare[:30_000] + byte * abs(junk) + bare[behind:], "in the middle of it are not sound"
        )
        if junk < 0:
            assert len(y) < len(heard(bare)), junk
            continue
        assert len(heard(bare)) - 2 * 1152 <= len(y) <= len(heard(bare)), junk


def test_a_file_of_another_name_in_the_working_directory_is_not_looked_for(variable, tmp_path):
    """libsndfile takes `._` for the other half of a file without a name, and divides by its size."""
    (tmp_path / "._").touch()
    (tmp_path / ".AppleDouble").mkdir()
    (tmp_path / "bare.mp3").write_bytes(without_length(variable))
    code = "import specdemo; print(len(specdemo.load('bare.mp3')[0]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == len(heard(without_length(variable)))


def with_count(content, n):
    """The file with this number of frames in its first one."""
    place = max(content.find(b"Xing"), content.find(b"Info")) + 8
    return content[:place] + n.to_bytes(4, "big") + content[place + 4 :]


def test_a_head_that_promises_too_few_frames_does_not_end_the_sound(variable):
    """A writer fills the number in when it is done: 0 is that of one that was killed or still writes."""
    x = heard(variable)
    for n in (0, 1, 2, 100, 302):
        np.testing.assert_array_equal(heard(with_count(variable, n)), x, err_msg=str(n))
    with_checksum = variable[:1] + b"\xfa" + variable[2:4] + b"\x12\x34" + variable[6:]
    np.testing.assert_array_equal(heard(with_count(with_checksum, 100)), x)
    y = heard(with_count(variable, 0)[: len(variable) // 2], "in the middle of a frame")
    assert 0.4 * len(x) < len(y) < len(x)
    np.testing.assert_allclose(y, x[: len(y)], atol=1e-6)
    # The next file in a row has a head of its own.
    for n in (0, 100):
        twice = heard(with_count(variable, n) + variable)
        np.testing.assert_allclose(twice, np.concatenate([x, x]), atol=1e-6, err_msg=str(n))
    blocks, sr = load_blocks(io.BytesIO(with_count(variable, 100)), block_seconds=0.5, offset=2.0)
    np.testing.assert_array_equal(np.concatenate(list(blocks)), x[2 * sr :])


def test_mp3_that_goes_on_in_another_form_says_so():
    """No frame tells a length: nothing but the frames themselves shows that others follow."""
    one, two, slow = (
        without_length(encoded("MP3", "MPEG_LAYER_III", sr, channels))
        for sr, channels in ((44100, 1), (44100, 2), (22050, 1))
    )
    x = heard(one)
    for other, words in [(two, "44100 Hz in 2 channels"), (slow, "22050 Hz in 1 channels")]:
        for between in (b"", TAG, COVER):
            y = heard(one + between + other, f"goes on behind {len(x) / 44100:.2f} s at {words}")
            np.testing.assert_array_equal(y, x)
    assert heard(two + one, "in 1 channels").shape == heard(two).shape


def test_frames_are_those_of_the_standard():
    """144 bitrate / sr + padding bytes for layer 3 of MPEG-1, half in MPEG-2; layer 1 in slots of 4."""
    for header, size, kind in [
        (0xFFFB9000, 144 * 128_000 // 44100, (3, 3, 44100, False)),
        (0xFFFB9200, 144 * 128_000 // 44100 + 1, (3, 3, 44100, False)),
        (0xFFFB90C0, 144 * 128_000 // 44100, (3, 3, 44100, True)),
        (0xFFFBE400, 144 * 320_000 // 48000, (3, 3, 48000, False)),
        (0xFFF38000, 72 * 64_000 // 22050, (2, 3, 22050, False)),
        (0xFFE38800, 72 * 64_000 // 8000, (0, 3, 8000, False)),
        (0xFFFD8400, 144 * 128_000 // 48000, (3, 2, 48000, False)),
        (0xFFFF4400, 4 * (12 * 128_000 // 48000), (3, 1, 48000, False)),
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


# Formats whose headers have no length that could be held against the file, and those told to nobody.
WITHOUT_A_LENGTH = {"IRCAM", "PAF", "PVF", "XI", "RAW", "SD2"}


@pytest.mark.parametrize("form", sorted(set(soundfile.available_formats()) - WITHOUT_A_LENGTH))
def test_what_is_cut_short_says_so_in_every_format_that_can(form):
    """In every codec, of one channel and of two; and what is whole says nothing."""
    x = np.sin(0.05 * np.arange(20_000)) / 2
    n_tried = 0
    for subtype in soundfile.available_subtypes(form):
        for channels in (1, 2):
            file = io.BytesIO()
            sound = np.column_stack([x, x[::-1]])[:, :channels]
            try:
                soundfile.write(file, sound, 8000, format=form, subtype=subtype)
            except (soundfile.SoundFileError, ValueError):  # not everything goes with everything
                continue
            n_tried += 1
            heard(file.getvalue())
            half = file.getvalue()[: len(file.getvalue()) // 2]
            if form in ("HTK", "OGG"):  # half of so short a file is refused
                continue
            assert heard(half, "ends early").shape[-1] < 0.7 * len(x), (subtype, channels)
    assert n_tried


def test_samples_that_a_hole_takes_away_are_missed():
    """A block of zeros in the middle, as in a broken download, in every codec that loses by it."""
    for content in (
        encoded("FLAC", "PCM_16"),
        flac(0),
        encoded("OGG", "VORBIS"),
        encoded("OGG", "OPUS", sr=24000),
        encoded("MP3", None),
        without_length(encoded("MP3", None)),
    ):
        middle = len(content) // 2
        for n in (600, 5000):
            holed = content[:middle] + bytes(n) + content[middle + n :]
            with pytest.warns(UserWarning, match="the open file (ends early|is damaged): "):
                x, _ = load(io.BytesIO(holed))
            assert len(x) < len(load(io.BytesIO(content))[0])


def test_the_beginning_of_an_ogg_file_is_refused_in_a_sentence():
    for subtype in ("VORBIS", "OPUS"):
        content = encoded("OGG", subtype, sr=24000)
        for n in range(1, 120):
            with pytest.raises(ValueError, match="the recording in memory"):
                load(content[:n])


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
                with traced_memory() as memory:
                    blocks, _ = load_blocks(file, block_seconds=0.1)
                    n_samples = sum(len(x) for x in blocks)
            assert n_samples >= times * N_SAMPLES
            peaks.append(memory.peak)
        assert peaks[1] < peaks[0] + 100_000, form
        assert peaks[1] < 500_000, form


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
        (["-f", "w64", "-"], 0),
        (["-f", "wav", "-c:a", "libmp3lame", "-"], 2 * 1152),
        (["-f", "wav", "-c:a", "pcm_mulaw", "-"], 0),
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
