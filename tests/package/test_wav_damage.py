"""WAV files that are damaged, cut, or larger than they say: read in part or refused in a sentence."""

import os
import struct
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cases import for_every
from memory import peak_of
from specdemo import load, load_blocks
from specdemo.audio.wav import IEEE_FLOAT, PCM
from wav_bytes import DATA, ENCODERS, RAMP, chunk, extensible_fmt, fmt, rf64, riff

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
def test_damaged_files_are_refused_by_name(read_wav, content, message):
    with pytest.raises(ValueError, match=rf"some\.wav .*{message}"):
        read_wav(content)


def test_samples_of_a_recorder_that_was_stopped_are_read(read_wav):
    """Its header was written before the first of them: it has none of them, or knows of nothing."""
    samples = np.arange(-40, 40, dtype="<i2")
    for size in (None, 0, 2**32 - 1):
        content = riff(fmt(), chunk(b"data", b"", size=0), size=size) + samples.tobytes()
        np.testing.assert_array_equal(read_wav(content)[0], samples / np.float32(32768))
    silence = riff(fmt(), chunk(b"data", b"", size=0)) + bytes(80)
    np.testing.assert_array_equal(read_wav(silence)[0], np.zeros(40))
    with pytest.raises(ValueError, match="holds no samples"):
        read_wav(riff(fmt(), chunk(b"data", b""), chunk(b"LIST", b"nothing.")))


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(read_wav, bits, value):
    bad = ENCODERS[IEEE_FLOAT, bits](np.array([0.0, value, 0.0]))
    with pytest.raises(ValueError, match=r"some\.wav is damaged: some of its samples are NaN"):
        read_wav(riff(fmt(IEEE_FLOAT, bits=bits), chunk(b"data", bad)))


def test_doubles_beyond_single_precision_are_refused(read_wav):
    bad = ENCODERS[IEEE_FLOAT, 64](np.array([0.0, 1e300]))
    with pytest.raises(ValueError, match="NaN or Inf"):
        read_wav(riff(fmt(IEEE_FLOAT, bits=64), chunk(b"data", bad)))


@for_every(n=range(len(riff(fmt(), DATA))))
def test_a_file_cut_anywhere_is_read_in_part_or_refused(read_wav, n):
    """12 bytes of RIFF header, 24 of format, 8 of data header; then a sample every two bytes."""
    content = riff(fmt(), DATA)[:n]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if n < 46:
            with pytest.raises(ValueError, match=r"some\.wav"):
                read_wav(content)
        else:
            np.testing.assert_array_equal(read_wav(content)[0], RAMP[: (n - 44) // 2])
    assert len(caught) == (n >= 46)


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
