"""What is read of a recording is what one decoding of all of it gives, however it is read."""

import io

import numpy as np
import pytest

from encoded import QUALITIES, at_once, encoded, error, recordings
from reader_files import float_wav
from specdemo import load, load_blocks, save

soundfile = pytest.importorskip("soundfile")


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


def read(path, sr, block, part):
    """A part of a recording in one, or in blocks of `block` samples; shape (channels, n_samples)."""
    seconds = {key: n / sr for key, n in part.items()}
    if block is None:
        return np.atleast_2d(load(path, mono=False, **seconds)[0])
    blocks, _ = load_blocks(path, block_seconds=block / sr, mono=False, **seconds)
    return np.concatenate([np.atleast_2d(x) for x in blocks], axis=-1)


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


def test_blocks_of_a_codec_are_not_cut_by_reads(tmp_path):
    """VOX, PAF and SDS keep 2, 10 and 40 samples together, and lose the rest of a block in a read."""
    sr, n = 8000, 62_000
    x = 0.5 * np.sin(2 * np.pi * 440 / sr * np.arange(n))
    vox, paf, sds = (tmp_path / f"x.{suffix}" for suffix in ("vox", "paf", "sds"))
    soundfile.write(vox, x, sr, format="RAW", subtype="VOX_ADPCM")
    soundfile.write(paf, x, sr, format="PAF", subtype="PCM_24")
    soundfile.write(sds, x, sr, format="SDS", subtype="PCM_16")
    for path in (vox, paf, sds):
        whole, sr = load(path)
        assert np.abs(whole[1000:n] - x[1000:]).max() < 0.03, path.suffix
        for block in (1, 501):
            part = {"offset": 1001 / sr, "duration": 2003 / sr}
            blocks, _ = load_blocks(path, block_seconds=block / sr, **part)
            np.testing.assert_array_equal(np.concatenate(list(blocks)), whole[1001:3004])
        blocks, _ = load_blocks(path, block_seconds=7777 / sr)
        np.testing.assert_array_equal(np.concatenate(list(blocks)), whole)
        np.testing.assert_array_equal(load(path, offset=(n - 1) / sr)[0], whole[n - 1 :])


# Left, right, centre, bass, back left and right, side left and right.
WAV_ORDER = {3: "LRC", 4: "LRlr", 5: "LRClr", 6: "LRCBlr", 7: "LRCBbxy", 8: "LRCBlrxy"}
VORBIS_ORDER = {3: "LCR", 4: "LRlr", 5: "LCRlr", 6: "LCRlrB", 7: "LCRxybB", 8: "LCRxylrB"}


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_channels_of_ogg_come_in_the_order_of_wav_files(subtype):
    """Vorbis I specification, 4.3.9: the centre is second, and the bass last."""
    sr = 48000
    t = np.arange(sr // 4) / sr
    pitch = dict(zip("LRCBlrxyb", range(600, 3300, 300), strict=True))
    pitch["B"] = 60
    for channels, order in VORBIS_ORDER.items():
        x = np.stack([0.4 * np.sin(2 * np.pi * pitch[name] * t) for name in order], axis=1)
        file = io.BytesIO()
        soundfile.write(file, x, sr, format="OGG", subtype=subtype)
        file.seek(0)
        for y in (load(file, mono=False)[0], next(load_blocks(file, mono=False)[0])):
            found = np.abs(np.fft.rfft(y[:, 4800:9600])).argmax(axis=1) * 10
            expected = [pitch[name] for name in WAV_ORDER[channels]]
            np.testing.assert_allclose(found, expected, atol=10, err_msg=order)


# --- a part at another rate --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sr", "new_sr"), [(44100, 16000), (8000, 44100), (16000, 8000), (8000, 8000)]
)
@pytest.mark.parametrize(
    "part",
    [
        {"offset": 1.0, "duration": 1.0},
        {"offset": 1 / 3},
        {"offset": 0.0001, "duration": 0.5},
        {"duration": 0.77},
        {"offset": 2.99, "duration": 5.0},
        {"offset": 2.9995},
    ],
    ids=str,
)
def test_a_part_at_another_rate_is_that_part_of_the_whole(sr, new_sr, part):
    """A cosine is the same cosine at every rate, and has no edge where a part begins or ends."""
    content = float_wav(0.5 * np.cos(2 * np.pi * 440 / sr * np.arange(3 * sr)), sr)
    whole, _ = load(content, sr=new_sr)
    assert len(whole) == 3 * new_sr
    first = round(part.get("offset", 0) * new_sr)
    n = min(round(part.get("duration", 9) * new_sr), len(whole) - first)
    x, found = load(content, sr=new_sr, **part)
    assert (x.shape, found) == ((n,), new_sr)
    np.testing.assert_allclose(x, whole[first : first + n], atol=1e-6)
    # Where the recording itself begins and ends, its conversion rings.
    at = np.arange(first, first + n)
    inside = (at > 0.03 * new_sr) & (at < 2.97 * new_sr)
    expected = 0.5 * np.cos(2 * np.pi * 440 / new_sr * at)
    np.testing.assert_allclose(x[inside], expected[inside], atol=1e-4)


def test_a_part_at_another_rate_of_a_codec_with_memory_and_several_channels():
    content = encoded("OGG", "VORBIS", 44100, 2)
    whole, _ = load(content, sr=22050, mono=False)
    x, _ = load(content, sr=22050, mono=False, offset=0.7, duration=1.1)
    np.testing.assert_allclose(x, whole[:, 15435 : 15435 + 24255], atol=1e-5)


def test_what_is_missing_behind_a_part_is_no_reason_to_warn():
    """Also where the filters reach to what is missing; of a part that it cuts, it is."""
    content = float_wav(0.5 * np.ones(8000), 8000)[: 58 + 4 * 6000]
    x, _ = load(content, sr=16000, offset=0.25, duration=0.5)
    assert len(x) == 8000
    for part in ({"duration": 0.8}, {"offset": 0.5}):
        with pytest.warns(UserWarning, match="ends early"):
            x, _ = load(content, sr=16000, **part)
        assert len(x) == 12000 - round(part.get("offset", 0) * 16000)


def test_rates_that_cannot_be_converted_are_named_as_the_caller_calls_them():
    content = float_wav(np.zeros(10), 192_001)
    with pytest.raises(
        ValueError, match="^sr must be in a ratio to the rate of the recording in memory"
    ):
        load(content, sr=192_000)
    for part in ({"offset": 1.0}, {"duration": 1e-9}, {"offset": 3 / 192_001, "duration": 1e-6}):
        with pytest.raises(ValueError, match="no samples in the part asked for"):
            load(content, sr=2 * 192_001, **part)


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
