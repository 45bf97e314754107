"""WAV files written by hand, byte by byte: every kind of sample, and every way to be broken."""

import os
import struct
import tracemalloc
import warnings
import wave

import numpy as np
import pytest
import scipy.io.wavfile
import scipy.signal  # so that the memory of importing it is not a conversion's
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cases import for_every
from specdemo import load, load_blocks, save
from specdemo.audio.wav import EXTENSIBLE, GUID_TAIL, IEEE_FLOAT, PCM, wav_bytes

# A ramp over all but the loudest level, exact in 8 bits and so in every kind of sample.
RAMP = np.arange(-128, 128, 8) / 128

ENCODERS = {
    (PCM, 8): lambda x: (x * 2**7 + 128).astype(np.uint8).tobytes(),
    (PCM, 16): lambda x: (x * 2**15).astype("<i2").tobytes(),
    (PCM, 24): lambda x: b"".join(int(v * 2**23).to_bytes(3, "little", signed=True) for v in x),
    (PCM, 32): lambda x: (x * 2**31).astype("<i4").tobytes(),
    (IEEE_FLOAT, 32): lambda x: x.astype("<f4").tobytes(),
    (IEEE_FLOAT, 64): lambda x: x.astype("<f8").tobytes(),
}

every_kind = pytest.mark.parametrize(("tag", "bits"), ENCODERS)


def chunk(name, body, size=None):
    size = len(body) if size is None else size
    return name + struct.pack("<I", size) + body + b"\0" * (len(body) % 2)


def fmt(tag=PCM, channels=1, sr=8000, bits=16, frame=None):
    frame = channels * bits // 8 % 2**16 if frame is None else frame
    rate = sr * frame % 2**32
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, sr, rate, frame, bits))


def extensible_fmt(tag, channels, sr, bits, tail=GUID_TAIL):
    frame = channels * bits // 8
    plain = struct.pack("<HHIIHH", EXTENSIBLE, channels, sr, sr * frame, frame, bits)
    return chunk(b"fmt ", plain + struct.pack("<HHIH", 22, bits, 0, tag) + tail)


def riff(*chunks, size=None, name=b"RIFF"):
    body = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(body) if size is None else size) + body


def rf64(*chunks, n_bytes=0, name=b"RF64"):
    """A file of the kind that may be longer than 4 GB: sizes of 64 bits in a chunk of their own."""
    sizes = chunk(b"ds64", struct.pack("<QQQI", 1000, n_bytes, 0, 0))
    return riff(sizes, *chunks, size=0xFFFFFFFF, name=name)


DATA = chunk(b"data", ENCODERS[PCM, 16](RAMP))


@pytest.fixture
def read(tmp_path):
    """Write bytes to a file and load it."""

    def read(content, **settings):
        path = tmp_path / "some.wav"
        path.write_bytes(content)
        return load(path, **settings)

    return read


# --- every kind of sample --------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("header", [fmt, extensible_fmt])
def test_every_kind_of_sample(read, header, tag, bits):
    x, sr = read(riff(header(tag, 1, 11025, bits), chunk(b"data", ENCODERS[tag, bits](RAMP))))
    assert sr == 11025
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, RAMP.astype(np.float32))


@every_kind
def test_channels_are_interleaved(read, tag, bits):
    content = riff(fmt(tag, 2, 8000, bits), chunk(b"data", ENCODERS[tag, bits](RAMP)))
    x, _ = read(content, mono=False)
    np.testing.assert_array_equal(x, RAMP.reshape(-1, 2).T.astype(np.float32))
    mono, _ = read(content)
    np.testing.assert_array_equal(mono, RAMP.reshape(-1, 2).mean(axis=1).astype(np.float32))


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_the_ends_of_the_range(read, bits):
    """The lowest integer is -1 exactly, the highest one step below 1 (in 32 bits: to float32)."""
    top = 2 ** (bits - 1)
    ends = np.array([-top, 0, top - 1]) / top
    x, _ = read(riff(fmt(bits=bits), chunk(b"data", ENCODERS[PCM, bits](ends))))
    np.testing.assert_array_equal(x, ends.astype(np.float32))


def test_one_channel_has_no_channel_axis(read):
    assert read(riff(fmt(), DATA), mono=False)[0].shape == RAMP.shape


# --- chunks and sizes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [chunk(b"LIST", b"INFOISFT\x04\0\0\0test"), chunk(b"junk", b"odd"), chunk(b"bext", b"x" * 602)],
    ids=["LIST", "odd", "bext"],
)
def test_other_chunks_are_skipped(read, before):
    x, _ = read(riff(before, fmt(), before, DATA, before))
    np.testing.assert_array_equal(x, RAMP)


@pytest.mark.parametrize("odd", [b"odd", b"LIST!", b"x" * 601], ids=len)
def test_odd_chunks_without_the_zero_behind_them(read, odd):
    """The standard wants it, and some programs forget it."""
    unpadded = chunk(b"note", odd)[:-1]
    np.testing.assert_array_equal(read(riff(unpadded, fmt(), unpadded, DATA))[0], RAMP)


@pytest.mark.parametrize("name", [b"RF64", b"BW64"])
@pytest.mark.parametrize("n_bytes", [0, 64])
def test_sizes_of_64_bits(read, name, n_bytes):
    """Chunks behind the samples are not taken for samples, unless nobody knows where they begin."""
    samples = chunk(b"data", ENCODERS[PCM, 16](RAMP), 0xFFFFFFFF)
    behind = [chunk(b"LIST", b"INFO")] if n_bytes else []
    content = rf64(fmt(), samples, *behind, n_bytes=n_bytes, name=name)
    np.testing.assert_array_equal(read(content)[0], RAMP)


def test_sizes_of_64_bits_that_are_not_there_warn(read):
    content = rf64(fmt(), chunk(b"data", ENCODERS[PCM, 16](RAMP), 0xFFFFFFFF), n_bytes=10**12)
    with pytest.warns(UserWarning, match="promises 1000000000000 bytes of samples, 64 are there"):
        np.testing.assert_array_equal(read(content)[0], RAMP)


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_stream_that_does_not_know_its_size_is_read_to_the_end(read, size):
    samples = ENCODERS[PCM, 16](RAMP)
    x, _ = read(riff(fmt(), chunk(b"data", samples, size), size=size))
    np.testing.assert_array_equal(x, RAMP)


def test_a_wrong_size_of_the_whole_does_not_matter(read):
    np.testing.assert_array_equal(read(riff(fmt(), DATA, size=12))[0], RAMP)


def test_bytes_of_a_sample_that_the_header_leaves_open(read):
    np.testing.assert_array_equal(read(riff(fmt(frame=0), DATA))[0], RAMP)


def test_truncated_samples_warn_with_both_numbers(read):
    content = riff(fmt(), chunk(b"data", ENCODERS[PCM, 16](RAMP), size=1000))
    with pytest.warns(UserWarning, match="promises 1000 bytes of samples, 64 are there"):
        x, _ = read(content)
    np.testing.assert_array_equal(x, RAMP)


def test_half_a_sample_at_the_end_is_left_out(read):
    with pytest.warns(UserWarning, match="promises 64 bytes of samples, 63 are there"):
        x, _ = read(riff(fmt(), DATA)[:-1])
    np.testing.assert_array_equal(x, RAMP[:-1])


def test_samples_behind_those_that_the_header_promises_are_said_to_be_there(read):
    """A recorder that stopped half way, or went beyond 4 GB, leaves a number that is too small."""
    samples = ENCODERS[PCM, 16](RAMP)
    with pytest.warns(
        UserWarning, match="some.wav goes on .* behind 20 bytes of samples are 44 more"
    ):
        x, _ = read(riff(fmt(), chunk(b"data", samples, size=20)))
    np.testing.assert_array_equal(x, RAMP[:10])
    # What may stand behind samples is no reason to warn.
    for behind in (chunk(b"LIST", b"INFO"), bytes(99), b"TAG" + bytes(125), b"odd"):
        np.testing.assert_array_equal(read(riff(fmt(), DATA) + behind)[0], RAMP)


# --- refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (riff(fmt(bits=12), DATA), "1 channels of 12 bits in 1 bytes"),
        (
            riff(fmt(tag=255, bits=4), DATA),
            r"format 255 \(AAC\) with 4 bits; known are .*ffmpeg -i",
        ),
        (riff(fmt(tag=IEEE_FLOAT, bits=16), DATA), "format 3 with 16 bits"),
        (riff(extensible_fmt(PCM, 1, 8000, 16, b"another kind!!"), DATA), "format 65534"),
        (riff(fmt(sr=0), DATA), "1 channels at 0 Hz"),
        (riff(fmt(channels=0), DATA), "0 channels at 8000 Hz"),
        (riff(fmt(bits=24, frame=4), DATA), "1 channels of 24 bits in 4 bytes"),
        (riff(fmt(channels=65535), DATA), "65535 channels of 16 bits in 65534 bytes"),
        (riff(fmt(channels=65535, frame=0), DATA), "holds no samples"),
        (rf64(fmt())[:30], "its ds64 chunk has 10 of 16 bytes"),
        (riff(fmt()), "ends before its samples"),
        (riff(), "ends before its samples"),
        (riff(fmt(), chunk(b"data", b"")), "holds no samples"),
        (riff(fmt(), chunk(b"data", b"x")), "holds no samples"),
        (riff(DATA, fmt()), "samples come before their format"),
        (riff(fmt()[:12]), "format chunk has 4 of 16 bytes"),
        (riff(fmt())[:25], "format chunk has 5 of 16 bytes"),
        (
            riff(fmt(), chunk(b"LIST", b"lies", size=10**6), DATA),
            "ends before its samples begin: its chunk 'LIST' promises 1000000 bytes, 76 are there",
        ),
        (b"RIFF", "does not start with a RIFF/WAVE header"),
        (b"", "is empty: it has 0 bytes"),
        (b"This is a letter, not a sound.", "does not start with a RIFF/WAVE header"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damaged_files_are_refused_by_name(read, content, message):
    with pytest.raises(ValueError, match=rf"some\.wav .*{message}"):
        read(content)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(read, bits, value):
    bad = ENCODERS[IEEE_FLOAT, bits](np.array([0.0, value, 0.0]))
    with pytest.raises(ValueError, match=r"some\.wav is damaged: some of its samples are NaN"):
        read(riff(fmt(IEEE_FLOAT, bits=bits), chunk(b"data", bad)))


def test_doubles_beyond_single_precision_are_refused(read):
    bad = ENCODERS[IEEE_FLOAT, 64](np.array([0.0, 1e300]))
    with pytest.raises(ValueError, match="NaN or Inf"):
        read(riff(fmt(IEEE_FLOAT, bits=64), chunk(b"data", bad)))


@for_every(n=range(len(riff(fmt(), DATA))))
def test_a_file_cut_anywhere_is_read_in_part_or_refused(read, n):
    """12 bytes of RIFF header, 24 of format, 8 of data header; then a sample every two bytes."""
    content = riff(fmt(), DATA)[:n]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if n < 46:
            with pytest.raises(ValueError, match=r"some\.wav"):
                read(content)
        else:
            np.testing.assert_array_equal(read(content)[0], RAMP[: (n - 44) // 2])
    assert len(caught) == (n >= 46)


# --- a part of it ----------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_offset_and_duration(read, bits):
    content = riff(fmt(sr=10, bits=bits), chunk(b"data", ENCODERS[PCM, bits](RAMP)))
    np.testing.assert_array_equal(read(content, offset=0.5)[0], RAMP[5:])
    np.testing.assert_array_equal(read(content, duration=0.7)[0], RAMP[:7])
    np.testing.assert_array_equal(read(content, offset=0.5, duration=0.7)[0], RAMP[5:12])
    np.testing.assert_array_equal(read(content, offset=3.0, duration=9.0)[0], RAMP[30:])


@pytest.mark.parametrize("part", [{"offset": 100.0}, {"duration": 1e-9}])
def test_a_part_without_samples_is_refused(read, part):
    with pytest.raises(ValueError, match=f"some.wav has no samples .*{next(iter(part))}"):
        read(riff(fmt(), DATA), **part)


# --- memory ----------------------------------------------------------------------------------


@for_every(kind=ENCODERS, mono=[True, False], channels=[1, 2, 64])
def test_memory_is_a_small_multiple_of_the_file(tmp_path, kind, mono, channels):
    """At most: its bytes, and three stages of 4 to 8 bytes for a sample of one byte or more."""
    tag, bits = kind
    path = tmp_path / "some.wav"
    path.write_bytes(riff(fmt(tag, channels, 8000, bits), chunk(b"data", bytes(bits * 10_240))))
    assert peak_of(lambda: load(path, mono=mono)) < 18 * path.stat().st_size + 100_000


@pytest.mark.parametrize(
    "content",
    [
        riff(fmt(channels=65535, frame=0), DATA),
        riff(fmt(channels=65535, frame=0), DATA * 3000),
        riff(fmt(sr=2**32 - 1), DATA),
        riff(fmt(), chunk(b"data", b"1234", size=2**32 - 2)),
        riff(chunk(b"fmt ", b"", size=2**32 - 1)),
        rf64(fmt(), chunk(b"data", b"12"), n_bytes=2**60),
        riff(fmt(), chunk(b"LIST", b"", size=2**32 - 1)),
    ],
)
@pytest.mark.parametrize("sr", [None, 22050])
@pytest.mark.filterwarnings("ignore:some.wav ends early")
def test_no_header_makes_it_allocate_what_is_not_there(tmp_path, content, sr):
    path = tmp_path / "some.wav"
    path.write_bytes(content)

    def attempt():
        try:
            load(path, sr=sr)
        except ValueError as error:
            assert "some.wav" in str(error)

    # The filters of a conversion take some megabytes, however short the sound is.
    assert peak_of(attempt) < 18 * len(content) + (100_000 if sr is None else 12_000_000)


def peak_of(function):
    """The most bytes that were allocated at a time, on a second call, when all is imported."""
    function()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- damage at random ------------------------------------------------------------------------

# `make fuzz` sets the number of cases, and draws other ones each time.
CASES = int(os.environ.get("FUZZ", 300))

SEEDS = [
    *(
        riff(fmt(tag, bits=bits), chunk(b"data", encode(RAMP)))
        for (tag, bits), encode in ENCODERS.items()
    ),
    riff(extensible_fmt(PCM, 2, 44100, 24), chunk(b"data", ENCODERS[PCM, 24](RAMP))),
    riff(chunk(b"LIST", b"INFOISFT\x04\0\0\0test"), fmt(), chunk(b"fact", b"1234"), DATA),
    rf64(fmt(), chunk(b"data", ENCODERS[PCM, 16](RAMP), 0xFFFFFFFF), n_bytes=64),
]
TELLING = [0, 1, 2, 3, 12, 16, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
numbers = st.sampled_from(TELLING) | st.integers(0, 2**32 - 1)


@st.composite
def damaged(draw):
    """A good file in which some bytes of the header were set, lost, doubled or cut off."""
    content = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, min(len(content), 100)))
        length = draw(st.sampled_from([1, 2, 4]))
        number = (draw(numbers) % 256**length).to_bytes(length, "little")
        before, here = content[:place], content[place : place + length]
        behind = content[place + length :]
        content = before + draw(
            st.sampled_from(
                [
                    number + behind,
                    number + behind,
                    number + behind,  # the most telling damage
                    number + here + behind,
                    behind,
                    here + here + behind,
                    b"",
                ]
            )
        )
    return content


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "some.wav"


@settings(max_examples=CASES, derandomize="FUZZ" not in os.environ)
@given(
    damaged(),
    st.sampled_from(
        [{}, {"mono": False}, {"sr": 22050}, {"offset": 1e-3}, {"duration": 1e-3, "mono": False}]
    ),
)
@example(riff(fmt(sr=2**32 - 5), DATA), {"sr": 22050})
@example(riff(fmt(sr=1), DATA), {"sr": 22050})
@example(riff(fmt(IEEE_FLOAT, 2, 8000, 32), chunk(b"data", struct.pack("<2f", 3e38, 3e38))), {})
@example(
    riff(fmt(IEEE_FLOAT, bits=32), chunk(b"data", struct.pack("<2f", 3e38, 3e38))), {"sr": 22050}
)
@example(riff(fmt(channels=2), chunk(b"data", b"1234")), {"mono": False})
@pytest.mark.filterwarnings("ignore:some.wav (ends early|goes on|is damaged)")
def test_fuzz_whatever_is_in_a_file_it_is_read_or_refused_in_a_sentence(path, content, part):
    path.write_bytes(content)
    tracemalloc.start()
    try:
        x, sr = load(path, **part)
    except ValueError as error:
        assert type(error) is ValueError  # and none of its kinds, such as that of a bad encoding
        assert "some.wav" in str(error)
        return
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1000 * len(content) + 12_000_000
    assert x.dtype == np.float32
    assert x.size
    assert x.flags.writeable
    assert np.isfinite(x).all()
    assert sr == part.get("sr", sr) > 0
    if "sr" not in part:
        blocks, _ = load_blocks(path, block_seconds=5.3 / sr, **part)
        np.testing.assert_array_equal(np.concatenate(list(blocks), axis=-1), x)


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
