"""Files in and out, the band-pass filter and resampling."""

import warnings

import numpy as np
import pytest
import scipy.io.wavfile
import scipy.signal

from cases import for_every
from memory import traced_memory
from specdemo import STFT, bandpass, clips, load, load_blocks, remarks, resample, save
from specdemo.audio import CLIPS

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def sine(f, sr, n, dtype=np.float64):
    return np.sin(2 * np.pi * f / sr * np.arange(n)).astype(dtype)


# --- clips and files -------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLIPS)
def test_bundled_clips_load_by_name(name):
    x, sr = load(name)
    path = clips()[name]
    assert path.is_file()
    y, _ = load(path)
    np.testing.assert_array_equal(x, y)
    assert 3 <= len(x) / sr <= 5


def test_a_name_that_is_neither_file_nor_clip():
    with pytest.raises(FileNotFoundError, match="whale is neither a file nor a bundled clip"):
        load("whale")


def test_the_content_tells_wav_not_the_suffix(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save("mine", np.zeros(10), 8000)
    assert load("mine")[0].shape == (10,)


def test_loading_at_another_rate_resamples():
    x, sr = load("speech")
    y, new_sr = load("speech", sr=16000)
    assert new_sr == 16000
    np.testing.assert_array_equal(y, resample(x, sr, 16000))
    assert y.dtype == np.float32


def test_stereo_at_another_rate_keeps_its_channels(tmp_path):
    x = 0.5 * np.stack([sine(440, 8000, 8000), sine(660, 8000, 8000)])
    save(tmp_path / "stereo.wav", x, 8000)
    y, _ = load(tmp_path / "stereo.wav", sr=11025, mono=False)
    assert y.shape == (2, 11025)
    expected = 0.5 * np.stack([sine(440, 11025, 11025), sine(660, 11025, 11025)])
    # Save rounds to 16 bits, and the filter needs neighbours: 3e-5 each, away from the ends.
    np.testing.assert_allclose(y[:, 200:-200], expected[:, 200:-200], atol=1e-4)


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".ogg", ".aiff", ".mp3"])
def test_soundfile_reads_the_rest(tmp_path, suffix):
    soundfile = pytest.importorskip("soundfile")
    x = 0.5 * np.stack([sine(440, 8000, 8000), sine(660, 8000, 8000)])
    path = tmp_path / f"sound{suffix}"
    soundfile.write(path, x.T, 8000)
    y, sr = load(path, mono=False)
    assert sr == 8000
    # 16 bits are exact to a step; the errors of Vorbis and MP3 are about 30 dB down.
    np.testing.assert_allclose(y, x, atol=0.1 if suffix in (".ogg", ".mp3") else 1 / 2**15)
    part, _ = load(path, mono=False, offset=0.25, duration=0.5)
    np.testing.assert_allclose(part, y[:, 2000:6000], atol=1e-6)


@pytest.mark.parametrize(
    "name", ["letter.txt", "letter.raw", "letter.mp3", "letter.flac", "letter"]
)
def test_a_file_that_is_no_audio(tmp_path, name):
    pytest.importorskip("soundfile")
    path = tmp_path / name
    path.write_text("This is a letter, not a sound.", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{name} is not an audio file"):
        load(path)


# --- block by block --------------------------------------------------------------------------


@pytest.fixture(params=[".wav", ".flac"])
def stereo(request, tmp_path, rng):
    """A file of a second, 8011 samples in two channels."""
    path = tmp_path / f"stereo{request.param}"
    x = rng.uniform(-1, 1, (2, 8011))
    if request.param == ".wav":
        save(path, x, 8011)
    else:
        pytest.importorskip("soundfile").write(path, x.T, 8011)
    return path


@for_every(
    mono=[True, False],
    part=[
        {},
        {"offset": 0.3},
        {"duration": 0.5},
        {"offset": 0.71, "duration": 0.2},
        {"offset": 0.9, "duration": 9},
    ],
    block_seconds=[1e-9, 0.1, 1 / 3, 1.0, 1e9],
)
def test_blocks_side_by_side_are_what_load_returns(stereo, mono, part, block_seconds):
    x, sr = load(stereo, mono=mono, **part)
    if block_seconds < 1e-3:
        x = x[..., :50]
        part = {**part, "duration": 50 / sr}
    blocks, block_sr = load_blocks(stereo, block_seconds=block_seconds, mono=mono, **part)
    assert block_sr == sr
    blocks = list(blocks)
    length = max(1, round(block_seconds * sr))
    assert {block.shape[-1] for block in blocks[:-1]} <= {length}
    assert 0 < blocks[-1].shape[-1] <= length
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(np.concatenate(blocks, axis=-1), x)


def test_from_a_file_to_its_transform(stereo):
    x, sr = load(stereo, mono=False)
    stft = STFT(sr, 256, 64)
    blocks, _ = load_blocks(stereo, block_seconds=0.07, mono=False)
    X = np.concatenate(list(stft.stream(blocks, frames_per_block=30)), axis=-1)
    np.testing.assert_allclose(X, stft.forward(x), atol=1e-4)


def test_memory_is_that_of_a_block(tmp_path):
    """Half a minute in blocks of 0.1 s; a sample takes 14 bytes in three stages of decoding."""
    save(tmp_path / "x.wav", np.zeros(30 * 22050, np.float32), 22050)
    with traced_memory() as memory:
        blocks, sr = load_blocks(tmp_path / "x.wav", block_seconds=0.1)
        assert sum(len(x) for x in blocks) == 30 * sr
    assert memory.peak < 2 * 14 * 2205 + 100_000


def test_a_part_without_samples_is_refused_before_the_first_block():
    with pytest.raises(ValueError, match=r"speech\.wav has no samples .*offset = 60\.0 s"):
        load_blocks("speech", offset=60)


def test_damage_is_reported_when_its_block_comes(tmp_path):
    x = np.zeros(1000, np.float32)
    x[700] = np.nan
    scipy.io.wavfile.write(tmp_path / "x.wav", 1000, x)
    blocks, _ = load_blocks(tmp_path / "x.wav", block_seconds=0.25)
    assert not np.concatenate([next(blocks), next(blocks)]).any()
    with pytest.raises(ValueError, match=r"x\.wav is damaged"):
        next(blocks)


def test_a_file_that_ends_early_warns_once_and_points_at_the_caller(tmp_path):
    save(tmp_path / "x.wav", np.ones(1000) / 2, 1000)
    cut = (tmp_path / "x.wav").read_bytes()[:-1000]
    (tmp_path / "x.wav").write_bytes(cut)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        blocks, _ = load_blocks(tmp_path / "x.wav", block_seconds=0.125)
        assert [len(x) for x in blocks] == [125] * 4
    assert [str(w.message).split(":")[0] for w in caught] == ["x.wav ends early"]
    # Nothing is missing of a part that is there.
    load(tmp_path / "x.wav", offset=0.1, duration=0.4)
    assert caught[0].filename == __file__


# --- remarks ---------------------------------------------------------------------------------


def swell(seconds=2.0):
    """A tone at 8 kHz that fades in and out."""
    t = np.arange(round(8000 * seconds)) / 8000
    return 0.5 * np.sin(2 * np.pi * 440 * t) * np.sin(np.pi * t / seconds)


@pytest.mark.parametrize("name", CLIPS)
def test_nothing_limits_what_the_clips_show(name):
    assert remarks(*load(name)) == []


@both_dtypes
@pytest.mark.parametrize(
    ("x", "words"),
    [
        (swell(0.3), ["lasts 0.30 s"]),
        (swell(0.994), ["lasts 0.99 s"]),
        (swell(0.9999), []),
        (swell() * 0.0199, ["is faint: its peak is at -40 dB, 326 steps of 16 bits"]),
        (swell() * 0.0201, []),
        (swell() * 0, ["is silent"]),
        (np.clip(4 * swell(), -1, 1), ["was clipped"]),
        (np.clip(4 * swell(), -2, 1), ["was clipped"]),
        (swell()[4000:], ["begins in the middle of a sound: a column at its beginning"]),
        (swell()[:-4000], ["ends in the middle of a sound: a column at its end"]),
        (
            np.clip(1e-3 * swell()[2000:6000], -1e-4, 1e-4),
            ["lasts 0.50 s", "is faint", "was clipped", "begins in", "ends in"],
        ),
        (np.array([0.5]), ["lasts 0.00 s", "begins in", "ends in"]),
    ],
)
def test_what_limits_a_recording_is_said(x, words, dtype):
    found = remarks(x.astype(dtype), 8000)
    assert len(found) == len(words)
    for remark, word in zip(found, words, strict=True):
        assert remark.startswith(f"This recording {word}")
        assert remark.endswith(".")


def test_a_tone_whose_crests_lie_between_two_samples_is_not_clipped():
    x = np.array([1.0, 1.0, -1.0, -1.0] * 4000)
    assert not [remark for remark in remarks(x, 8000) if "clipped" in remark]


@both_dtypes
@pytest.mark.parametrize("offset", [0.0, 0.01, -0.01])
@pytest.mark.parametrize("sign", [1, -1])
def test_silence_between_pulses_to_one_side_is_not_clipped(sign, offset, dtype):
    """Its lowest value is where it rests, and no peak; at a peak that is cut off, it is."""
    x = np.zeros(16000)
    x[8000:8040] = 0.5 * np.hanning(40)
    assert remarks((sign * x + offset).astype(dtype), 8000) == []
    clipped = np.clip(sign * x + offset, -0.3, 0.3).astype(dtype)
    assert [remark.split(":")[0] for remark in remarks(clipped, 8000)] == [
        "This recording was clipped"
    ]


# --- all of them -----------------------------------------------------------------------------


@both_dtypes
@pytest.mark.parametrize("level", [0.0, 1e-30, 1e30])
def test_extreme_levels_are_finite(dtype, level, rng):
    x = (level * rng.standard_normal(2000)).astype(dtype)
    for y in (bandpass(x, 8000, 500, 2000), resample(x, 8000, 11025)):
        assert np.isfinite(y).all()
        assert y.any() == (level > 0)


def test_read_only_inputs_stay_as_they_are(tmp_path, rng):
    x = rng.uniform(-1, 1, 300)
    before = x.copy()
    x.setflags(write=False)
    bandpass(x, 8000, 500, 2000)
    resample(x, 8000, 11025)
    save(tmp_path / "x.wav", x, 8000)
    np.testing.assert_array_equal(x, before)
