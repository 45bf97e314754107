"""WAV files written by hand, byte by byte: every kind of sample, and every way to be broken."""

import wave

import numpy as np
import pytest
import scipy.io.wavfile

from specdemo import load, save
from specdemo.audio.wav import PCM, wav_bytes
from wav_bytes import DATA, ENCODERS, RAMP, chunk, extensible_fmt, fmt, rf64, riff

# --- every kind of sample --------------------------------------------------------------------


every_kind = pytest.mark.parametrize(("tag", "bits"), ENCODERS)


@every_kind
@pytest.mark.parametrize("header", [fmt, extensible_fmt])
def test_every_kind_of_sample(read_wav, header, tag, bits):
    x, sr = read_wav(riff(header(tag, 1, 11025, bits), chunk(b"data", ENCODERS[tag, bits](RAMP))))
    assert sr == 11025
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, RAMP.astype(np.float32))


@every_kind
def test_channels_are_interleaved(read_wav, tag, bits):
    content = riff(fmt(tag, 2, 8000, bits), chunk(b"data", ENCODERS[tag, bits](RAMP)))
    x, _ = read_wav(content, mono=False)
    np.testing.assert_array_equal(x, RAMP.reshape(-1, 2).T.astype(np.float32))
    mono, _ = read_wav(content)
    np.testing.assert_array_equal(mono, RAMP.reshape(-1, 2).mean(axis=1).astype(np.float32))


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_the_ends_of_the_range(read_wav, bits):
    """The lowest integer is -1 exactly, the highest one step below 1 (in 32 bits: to float32)."""
    top = 2 ** (bits - 1)
    ends = np.array([-top, 0, top - 1]) / top
    x, _ = read_wav(riff(fmt(bits=bits), chunk(b"data", ENCODERS[PCM, bits](ends))))
    np.testing.assert_array_equal(x, ends.astype(np.float32))


def test_one_channel_has_no_channel_axis(read_wav):
    assert read_wav(riff(fmt(), DATA), mono=False)[0].shape == RAMP.shape


# --- chunks and sizes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [chunk(b"LIST", b"INFOISFT\x04\0\0\0test"), chunk(b"junk", b"odd"), chunk(b"bext", b"x" * 602)],
    ids=["LIST", "odd", "bext"],
)
def test_other_chunks_are_skipped(read_wav, before):
    x, _ = read_wav(riff(before, fmt(), before, DATA, before))
    np.testing.assert_array_equal(x, RAMP)


@pytest.mark.parametrize("odd", [b"odd", b"LIST!", b"x" * 601], ids=len)
def test_odd_chunks_without_the_zero_behind_them(read_wav, odd):
    """The standard wants it, and some programs forget it."""
    unpadded = chunk(b"note", odd)[:-1]
    np.testing.assert_array_equal(read_wav(riff(unpadded, fmt(), unpadded, DATA))[0], RAMP)


@pytest.mark.parametrize("name", [b"RF64", b"BW64"])
@pytest.mark.parametrize("n_bytes", [0, 64])
def test_sizes_of_64_bits(read_wav, name, n_bytes):
    """Chunks behind the samples are not taken for samples, unless nobody knows where they begin."""
    samples = chunk(b"data", ENCODERS[PCM, 16](RAMP), 0xFFFFFFFF)
    behind = [chunk(b"LIST", b"INFO")] if n_bytes else []
    content = rf64(fmt(), samples, *behind, n_bytes=n_bytes, name=name)
    np.testing.assert_array_equal(read_wav(content)[0], RAMP)


def test_sizes_of_64_bits_that_are_not_there_warn(read_wav):
    content = rf64(fmt(), chunk(b"data", ENCODERS[PCM, 16](RAMP), 0xFFFFFFFF), n_bytes=10**12)
    with pytest.warns(UserWarning, match="promises 1000000000000 bytes of samples, 64 are there"):
        np.testing.assert_array_equal(read_wav(content)[0], RAMP)


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x80000000, 0xFFFFFFFF - 36, 0xFFFFFFFF])
def test_a_stream_that_does_not_know_its_size_is_read_to_the_end(read_wav, size):
    samples = ENCODERS[PCM, 16](RAMP)
    x, _ = read_wav(riff(fmt(), chunk(b"data", samples, size), size=size))
    np.testing.assert_array_equal(x, RAMP)


@pytest.mark.parametrize("n_bytes", [0, 2**63 - 1, 2**64 - 1])
def test_a_stream_that_does_not_know_its_size_in_64_bits(read_wav, n_bytes):
    samples = chunk(b"data", ENCODERS[PCM, 16](RAMP), 0xFFFFFFFF)
    np.testing.assert_array_equal(read_wav(rf64(fmt(), samples, n_bytes=n_bytes))[0], RAMP)


def test_a_wrong_size_of_the_whole_does_not_matter(read_wav):
    np.testing.assert_array_equal(read_wav(riff(fmt(), DATA, size=12))[0], RAMP)


def test_bytes_of_a_sample_that_the_header_leaves_open(read_wav):
    np.testing.assert_array_equal(read_wav(riff(fmt(frame=0), DATA))[0], RAMP)


def test_truncated_samples_warn_with_both_numbers(read_wav):
    content = riff(fmt(), chunk(b"data", ENCODERS[PCM, 16](RAMP), size=1000))
    with pytest.warns(UserWarning, match="promises 1000 bytes of samples, 64 are there"):
        x, _ = read_wav(content)
    np.testing.assert_array_equal(x, RAMP)


def test_half_a_sample_at_the_end_is_left_out(read_wav):
    with pytest.warns(UserWarning, match="promises 64 bytes of samples, 63 are there"):
        x, _ = read_wav(riff(fmt(), DATA)[:-1])
    np.testing.assert_array_equal(x, RAMP[:-1])


def test_samples_behind_those_that_the_header_promises_are_said_to_be_there(read_wav):
    """A recorder that stopped half way, or went beyond 4 GB, leaves a number that is too small."""
    samples = ENCODERS[PCM, 16](RAMP)
    with pytest.warns(
        UserWarning, match="some.wav goes on .* behind 20 bytes of samples are 44 more"
    ):
        x, _ = read_wav(riff(fmt(), chunk(b"data", samples, size=20)))
    np.testing.assert_array_equal(x, RAMP[:10])
    # What may stand behind samples is no reason to warn.
    for behind in (chunk(b"LIST", b"INFO"), bytes(99), b"TAG" + bytes(125), b"odd"):
        np.testing.assert_array_equal(read_wav(riff(fmt(), DATA) + behind)[0], RAMP)


def test_a_second_recording_behind_the_first_is_said_to_be_there(read_wav):
    """`cat a.wav b.wav`, and programs that write a chunk for each take."""
    samples = chunk(b"data", ENCODERS[PCM, 8](RAMP[:-1]))
    for content, words in [
        (riff(fmt(), DATA, DATA), "a second chunk of samples, 64 bytes behind the first"),
        (
            riff(fmt(), DATA, chunk(b"LIST", b"odd"), DATA[:-4]),
            "a second chunk of samples, 60 bytes",
        ),
        (riff(fmt(), DATA) + riff(fmt(), DATA), "a second WAV file behind the first"),
        (riff(fmt(), DATA) + rf64(fmt(), DATA), "a second WAV file behind the first"),
    ]:
        with pytest.warns(UserWarning, match=f"some.wav goes on with {words}"):
            np.testing.assert_array_equal(read_wav(content)[0], RAMP)
        np.testing.assert_array_equal(read_wav(content, duration=1 / 8000)[0], RAMP[:1])
    # Behind an odd number of bytes, and the zero that makes them even.
    with pytest.warns(UserWarning, match="a second chunk of samples, 31 bytes"):
        x, _ = read_wav(riff(fmt(bits=8), samples, samples))
    np.testing.assert_array_equal(x, RAMP[:-1])
    # In other chunks, and in zeros, these words mean nothing.
    for behind in (chunk(b"LIST", DATA + b"RIFF"), bytes(8) + DATA):
        np.testing.assert_array_equal(read_wav(riff(fmt(), DATA) + behind)[0], RAMP)


# --- a part of it ----------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_offset_and_duration(read_wav, bits):
    content = riff(fmt(sr=10, bits=bits), chunk(b"data", ENCODERS[PCM, bits](RAMP)))
    np.testing.assert_array_equal(read_wav(content, offset=0.5)[0], RAMP[5:])
    np.testing.assert_array_equal(read_wav(content, duration=0.7)[0], RAMP[:7])
    np.testing.assert_array_equal(read_wav(content, offset=0.5, duration=0.7)[0], RAMP[5:12])
    np.testing.assert_array_equal(read_wav(content, offset=3.0, duration=9.0)[0], RAMP[30:])


@pytest.mark.parametrize("part", [{"offset": 100.0}, {"duration": 1e-9}])
def test_a_part_without_samples_is_refused(read_wav, part):
    with pytest.raises(ValueError, match=f"some.wav has no samples .*{next(iter(part))}"):
        read_wav(riff(fmt(), DATA), **part)


# --- writing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(32,), (1, 32), (2, 16), (4, 8)])
def test_what_is_saved_is_read_back(tmp_path, shape):
    x = RAMP.astype(np.float32).reshape(shape)
    save(tmp_path / "new.wav", x, 8000)
    y, sr = load(tmp_path / "new.wav", mono=False)
    assert sr == 8000
    np.testing.assert_array_equal(y, x.reshape(y.shape))


def test_samples_are_rounded_to_16_bits(tmp_path, rng):
    x = rng.uniform(-1, 1, 1000)
    save(tmp_path / "new.wav", x, 8000)
    assert np.abs(load(tmp_path / "new.wav")[0] - x).max() <= 1 / 2**15


def test_a_file_is_the_header_and_its_samples():
    expected = riff(fmt(channels=2, sr=44100), DATA)
    assert wav_bytes(RAMP.reshape(-1, 2).T, 44100) == expected


def test_more_than_a_wav_file_holds_is_refused():
    with pytest.raises(ValueError, match="x is too long for a WAV file, which holds 4 GB"):
        wav_bytes(np.broadcast_to(np.float32(0), (2, 2**30)), 8000)


@pytest.mark.parametrize("channels", [1, 2])
def test_others_read_what_we_write(tmp_path, channels):
    path = tmp_path / "new.wav"
    x = RAMP.reshape(-1, channels).T
    save(path, x, 22050)
    sr, peer = scipy.io.wavfile.read(path)
    assert sr == 22050
    np.testing.assert_array_equal(np.atleast_2d(peer.T) / 2**15, x)
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (channels, 2)
        assert file.getnframes() == x.shape[1]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_we_read_what_others_write(tmp_path, dtype):
    scale, middle = {np.uint8: (2**7, 128), np.int16: (2**15, 0), np.int32: (2**31, 0)}.get(
        dtype, (1, 0)
    )
    samples = (RAMP * scale + middle).astype(dtype).reshape(-1, 2)
    scipy.io.wavfile.write(tmp_path / "other.wav", 16000, samples)
    x, sr = load(tmp_path / "other.wav", mono=False)
    assert sr == 16000
    np.testing.assert_array_equal(x, RAMP.reshape(-1, 2).T)
