"""The STFT block by block."""

import itertools
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals import both_centers, both_dtypes, grids, noise
from specdemo import STFT
from specdemo._frames import BLOCK

# Rounding of a DFT of up to a few thousand points, relative to the largest value.
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}


def side_by_side(blocks):
    return np.concatenate(list(blocks), axis=-1)


@given(st.data(), st.integers(1, 500), st.integers(1, 40))
def test_a_stream_is_forward_in_blocks(data, n, frames_per_block):
    """Also with gaps between the frames, and however the signal comes in pieces."""
    hop_length = data.draw(st.integers(1, 80))
    stft = data.draw(grids(hop_length=hop_length))
    if not stft.center:
        n = max(n, stft.n_fft)
    x = noise(n)
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=9)))
    for signal in (x, iter(np.split(x, cuts))):
        blocks = list(stft.stream(signal, frames_per_block=frames_per_block))
        assert {X.shape[-1] for X in blocks[:-1]} <= {frames_per_block}
        assert 0 < blocks[-1].shape[-1] <= frames_per_block
        # Alone or among others, a frame may be rounded differently.
        np.testing.assert_allclose(side_by_side(blocks), stft.forward(x), atol=1e-12)


@both_dtypes
@both_centers
def test_a_stream_of_channels(dtype, center):
    stft = STFT(8000, 33, 8, center=center)
    x = noise((2, 3, 1000), dtype=dtype)
    for signal in (x, np.split(x, [1, 1, 700], axis=-1)):
        X = side_by_side(stft.stream(signal, frames_per_block=20))
        assert X.dtype == np.result_type(dtype, np.complex64)
        np.testing.assert_allclose(X, stft.forward(x), atol=100 * TOLERANCE[dtype])


@pytest.mark.parametrize("kind", [list, tuple])
def test_numbers_in_a_list_are_one_signal(kind):
    stft = STFT(8000, 64, 16)
    x = noise(300)
    for numbers in (kind(x), kind(x.tolist())):
        X = side_by_side(stft.stream(numbers, frames_per_block=7))
        np.testing.assert_allclose(X, stft.forward(numbers), atol=1e-12)


def test_arrays_in_a_list_are_pieces_and_channels_are_stacked():
    """Whether numbers of a piece are in an array or in a list."""
    stft = STFT(8000, 64, 16)
    x = noise((2, 300))
    joined = stft.forward(np.concatenate(x))
    for pieces in (list(x), tuple(x), x.tolist()):
        np.testing.assert_allclose(side_by_side(stft.stream(pieces)), joined, atol=1e-12)
    channels = side_by_side(stft.stream(np.stack(list(x))))
    np.testing.assert_allclose(channels, stft.forward(x), atol=1e-12)


def test_blocks_keep_their_values():
    """None of them is a view of the buffer that the next is made in, or of the signal."""
    stft = STFT(8000, 64, 16)
    buffer = np.zeros(100)

    def reused():
        for i in range(20):
            buffer[:] = i
            yield buffer

    expected = stft.forward(np.repeat(np.arange(20.0), 100))
    np.testing.assert_allclose(
        side_by_side(stft.stream(reused(), frames_per_block=10)), expected, atol=1e-11
    )


def test_a_stream_takes_512_frames_at_a_time():
    stft = STFT(8000, 16, 4)
    assert [X.shape[-1] for X in stft.stream(np.zeros(4 * 1029))] == [512, 512, 6]


def test_a_stream_takes_only_what_a_block_needs():
    """The first 10 frames end after 9 hops and the right half of a frame: 176 samples."""
    taken = itertools.count()
    blocks = STFT(8000, 64, 16).stream((noise(16) for _ in taken), frames_per_block=10)
    assert next(taken) == 0
    assert next(blocks).shape == (33, 10)
    assert next(taken) == 1 + 11
    next(blocks)
    assert next(taken) == 2 + 11 + 10


def peak_memory(stft, signal, frames_per_block):
    """Bytes that are needed, while they are looked at one by one, for the blocks of a signal."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for X in stft.stream(signal, frames_per_block=frames_per_block):
        assert X.shape[-1] <= frames_per_block
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - before


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("frames_per_block", [32, 128])
def test_memory_is_that_of_a_block(whole, frames_per_block):
    """A minute. Two results, the last and the next, and half as much again for their samples."""
    stft = STFT(22050)
    list(stft.stream(noise(5000, dtype=np.float32)))
    minute = 60 * 22050
    x = noise(minute, dtype=np.float32)
    signal = x if whole else (noise(2048, i, np.float32) for i in range(minute // 2048))
    # What BLOCK frames take in between: as samples, weighed by the window, and transformed.
    between = BLOCK * (stft.n_fft * 4 + stft.n_bins * 8)
    peak = peak_memory(stft, signal, frames_per_block)
    assert peak < 2.5 * frames_per_block * stft.n_bins * 8 + between + 50_000
    assert peak < x.nbytes / 2


@pytest.mark.parametrize("mode", ["constant", "reflect", "symmetric", "edge"])
def test_a_stream_of_ends_of_all_kinds(mode):
    """However short the signal, also where it is mirrored several times; and in channels of channels."""
    x = noise((2, 3, 40))
    for n_fft, pad, sizes in itertools.product((8, 9), (None, 8), (1, 3, 40)):
        stft = STFT(8000, n_fft, 3, pad=pad, pad_mode=mode)
        for n in (1, 2, 7, 8, 13, 14, 15, 40):
            if mode == "reflect" and n == 1:
                continue  # there is nothing to be mirrored
            pieces = [x[..., i : min(i + sizes, n)] for i in range(0, n, sizes)]
            for signal, whole in ((pieces, x[..., :n]), ([p[0, 0] for p in pieces], x[0, 0, :n])):
                X = side_by_side(stft.stream(iter(signal)))
                np.testing.assert_allclose(X, stft.forward(whole), atol=1e-12, err_msg=str(n))


def test_a_stream_that_is_too_short_is_refused_in_the_words_of_forward():
    stft = STFT(8000, 16, 4, pad=4)
    with pytest.raises(ValueError) as told:
        stft.forward(noise(3))
    with pytest.raises(ValueError, match=re.escape(str(told.value))):
        list(stft.stream(iter([noise(3)])))


@both_centers
def test_a_stream_shorter_than_a_frame(center):
    stft = STFT(8000, 64, 16, center=center)
    pieces = [noise(5), noise(7), noise(0)]
    if center:
        X = side_by_side(stft.stream(pieces))
        np.testing.assert_allclose(X, stft.forward(np.concatenate(pieces)), atol=1e-13)
    else:
        with pytest.raises(ValueError, match="x must have at least n_fft = 64 .*; got 12"):
            list(stft.stream(pieces))


@pytest.mark.parametrize("pieces", [[], [np.zeros(0)], [np.zeros((2, 0))] * 3, np.zeros((2, 0))])
def test_a_stream_without_samples_is_refused(pieces):
    with pytest.raises(ValueError, match="x is empty"):
        list(STFT(22050).stream(pieces))


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (noise(9, dtype=np.float32), "float32 with ()"),
        (noise((2, 9)), "float64 with (2,)"),
        (noise((1, 9)), "float64 with (1,)"),
    ],
)
def test_pieces_that_do_not_fit_together_are_refused(other, kind):
    message = (
        "the blocks of x must agree in dtype and in all axes but the last; the first is "
        f"float64 with leading axes (), another one {kind}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        list(STFT(22050).stream([noise(9), other]))


def test_the_first_piece_tells_which_axis_is_time():
    """Samples first are refused; what comes later may be shorter than it has channels."""
    stft = STFT(8000, 64, 16)
    x = noise((40, 300))
    pieces = [x[:, :290], x[:, 290:]]
    np.testing.assert_allclose(side_by_side(stft.stream(pieces)), stft.forward(x), atol=1e-12)
    with pytest.raises(ValueError, match=r"^x must have shape .* pass x\.T$"):
        list(stft.stream([noise((300, 2))]))


def test_one_number_in_a_list_is_a_signal_and_integers_get_the_advice_of_samples():
    stft = STFT(8000, 64, 16)
    np.testing.assert_array_equal(side_by_side(stft.stream([0.5])), stft.forward([0.5]))
    with pytest.raises(TypeError) as told:
        list(stft.stream([np.arange(100, dtype=np.int16)] * 2))
    with pytest.raises(TypeError) as wanted:
        stft.forward(np.arange(100, dtype=np.int16))
    assert str(told.value) == str(wanted.value)


def test_a_bad_piece_is_refused_when_its_turn_comes():
    stft = STFT(8000, 64, 16)
    x = noise(1000)
    x[900] = np.nan
    for signal in (x, np.split(x, 10)):
        blocks = stft.stream(signal, frames_per_block=20)
        np.testing.assert_allclose(next(blocks), stft.forward(x[:600])[:, :20], atol=1e-12)
        with pytest.raises(ValueError, match="x must be finite; 1 of its"):
            list(blocks)
