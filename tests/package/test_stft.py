"""The STFT against closed forms, its laws, and SciPy and librosa."""

import dataclasses
import itertools
import re
import tracemalloc

import librosa
import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from specdemo import STFT, frame
from specdemo._frames import BLOCK, n_hops, one_over, overlap_add, window_sum
from specdemo._windows import LEAST_WEIGHT

# Rounding of a DFT of up to a few thousand points, relative to the largest value.
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}

both_dtypes = for_every(dtype=[np.float32, np.float64])
both_centers = for_every(center=[True, False])


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def skewed_window(n):
    return np.linspace(0.2, 1.0, n) ** 2


def padding(stft):
    """Samples before a signal, and behind it."""
    return stft._padding.before, stft._padding.behind


def inverse_window_sum(stft, n_frames, dtype=np.float64):
    total = window_sum(stft.window_array, stft.hop_length, n_frames)
    return one_over(total, stft.window_array, dtype)


@st.composite
def grids(draw, **fixed):
    """Invertible grids, with odd n_fft and hops that do not divide it."""
    n_fft = draw(st.integers(4, 64))
    hop_length = draw(st.integers(1, n_fft // 2))
    window = draw(st.sampled_from(["hann", "hamming", tuple(skewed_window(n_fft))]))
    center = draw(st.booleans())
    return STFT(
        **{
            "sr": 8000,
            "n_fft": n_fft,
            "hop_length": hop_length,
            "window": window,
            "center": center,
            **fixed,
        }
    )


# --- framing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "length", "hop"), [(10, 4, 2), (10, 4, 3), (7, 7, 1), (9, 2, 5)])
def test_frames_are_slices(n, length, hop):
    x = noise(n)
    starts = range(0, n - length + 1, hop)
    np.testing.assert_array_equal(
        frame(x, length, hop), np.stack([x[s : s + length] for s in starts], axis=1)
    )


def test_frame_is_a_read_only_view():
    x = noise(20)
    frames = frame(x, 8, 4)
    assert np.shares_memory(frames, x)
    assert not frames.flags.writeable


def test_frames_of_channels():
    x = noise((2, 3, 20))
    frames = frame(x, 8, 4)
    assert frames.shape == (2, 3, 8, 4)
    np.testing.assert_array_equal(frames[1, 2], frame(x[1, 2], 8, 4))


@given(st.integers(1, 9), st.integers(1, 12), st.integers(1, 9), st.integers(0, 3))
def test_overlap_add_is_the_naive_loop(n_frames, length, hop, first):
    frames = noise((n_frames, length))
    hops = np.zeros((first + n_hops(n_frames, length, hop), hop))
    overlap_add(hops, frames, first)
    expected = np.zeros(hops.size)
    for i, one in enumerate(frames):
        expected[(first + i) * hop :][:length] += one
    np.testing.assert_allclose(hops.reshape(-1), expected, atol=1e-14)


# --- closed forms ----------------------------------------------------------------------------


@both_centers
@pytest.mark.parametrize("n_fft", [16, 15])
def test_an_impulse_shows_the_window_and_a_linear_phase(n_fft, center):
    """One sample at t0 of a frame: X[k] = w[t0] exp(-2 pi i k t0 / n_fft)."""
    stft = STFT(8000, n_fft, 4, window=skewed_window(n_fft), center=center)
    x = np.zeros(40)
    x[20] = 3.0
    X = stft.forward(x)
    k = np.arange(stft.n_bins)
    for m in range(X.shape[1]):
        t0 = 20 + stft._padding.before - 4 * m
        w = stft.window_array[t0] if 0 <= t0 < n_fft else 0.0
        expected = 3 * w * np.exp(-2j * np.pi * k * t0 / n_fft)
        np.testing.assert_allclose(X[:, m], expected, atol=1e-14)


def test_a_constant_shows_the_window_sum():
    """DC holds the sum of the window; a periodic Hann leaks into bin 1, half of that, alone."""
    X = STFT(8000, 32, 8, center=False).forward(np.full(100, 2.0))
    expected = np.zeros(17)
    expected[:2] = 2.0 * 16, 2.0 * -8
    np.testing.assert_allclose(X, np.repeat(expected[:, np.newaxis], X.shape[1], 1), atol=1e-13)


@pytest.mark.parametrize("window", ["hann", "hamming", ("kaiser", 6.0)])
@pytest.mark.parametrize("k", [5, 13])
def test_a_sine_on_a_bin_has_half_its_amplitude_times_the_window_sum(window, k):
    """The other half is the mirror image, from which bins so far away get next to nothing."""
    stft = STFT(8000, 64, 16, window=window, center=False)
    x = 0.7 * np.sin(2 * np.pi * k / 64 * np.arange(500) + 0.3)
    expected = 0.7 / 2 * stft.window_array.sum()
    leak = np.abs(np.fft.fft(stft.window_array))[2 * k] if window != "hann" else 1e-12
    np.testing.assert_allclose(stft.magnitude(x)[k], expected, atol=0.35 * leak + 1e-12)


def test_an_asymmetric_window_is_not_reversed():
    stft = STFT(8000, 16, 4, window=[0.0] * 15 + [1.0], center=False)
    x = noise(40)
    np.testing.assert_allclose(stft.magnitude(x), np.abs(x[15::4]) * np.ones((9, 1)), atol=1e-14)


@both_centers
def test_bins_and_frames_in_physical_units(center):
    stft = STFT(sr=8000, n_fft=80, hop_length=20, center=center)
    np.testing.assert_allclose(stft.frequencies, np.arange(41) * 100.0)
    start = 0.0 if center else 0.005
    np.testing.assert_allclose(stft.times(4), start + np.array([0, 0.0025, 0.005, 0.0075]))


def test_a_click_is_brightest_in_the_frame_at_its_time():
    stft = STFT(sr=8000, n_fft=64, hop_length=8)
    x = np.zeros(800)
    x[400] = 1
    energy = (stft.magnitude(x) ** 2).sum(axis=0)
    assert stft.times(len(energy))[energy.argmax()] == pytest.approx(400 / 8000)


def test_odd_sizes_have_no_nyquist_bin():
    assert STFT(22050, n_fft=15, hop_length=4).n_bins == 8
    assert STFT(22050, n_fft=15, hop_length=4).frequencies[-1] < 22050 / 2


@pytest.mark.parametrize("overlap", [2, 4, 8])
def test_hann_windows_add_up_to_a_constant(overlap):
    """COLA: the sum of shifted windows is overlap / 2, of squared ones (from 4 on) 3/8 overlap."""
    window = STFT(22050, n_fft=64, hop_length=64 // overlap).window_array
    np.testing.assert_allclose(window.reshape(overlap, -1).sum(axis=0), overlap / 2)
    if overlap > 2:
        np.testing.assert_allclose((window**2).reshape(overlap, -1).sum(axis=0), 3 / 8 * overlap)


@pytest.mark.parametrize("n_frames", [1, 5, 2 * BLOCK + 1])
def test_inverse_window_sum_is_one_over_the_sum_of_squares(n_frames):
    stft = STFT(8000, 12, 5, window="hamming")
    total = np.zeros(n_hops(n_frames, 12, 5) * 5)
    for m in range(n_frames):
        total[5 * m :][:12] += stft.window_array**2
    expected = np.divide(1, total, out=np.zeros_like(total), where=total > 0)
    np.testing.assert_allclose(inverse_window_sum(stft, n_frames), expected, rtol=1e-13)


# --- laws ------------------------------------------------------------------------------------


@given(st.data(), st.integers(1, 300), st.sampled_from([np.float32, np.float64]))
def test_round_trip_for_every_length(data, n, dtype):
    """Exact where the frames reach, save samples that every window weighs with zero."""
    stft = data.draw(grids())
    if not stft.center:
        n = max(n, stft.n_fft)
    x = noise(n, dtype=dtype)
    X = stft.forward(x)
    reach = min(n, (X.shape[1] - 1) * stft.hop_length + stft.n_fft - stft._padding.before)
    assert reach == n or not stft.center
    y = stft.inverse(X, length=reach)
    assert y.shape == (reach,)
    assert y.dtype == dtype
    # A weight of w at the very ends costs 1 / w of precision; the smallest here is hann(64)[1].
    unseen = inverse_window_sum(stft, X.shape[1])[stft._padding.before :][:reach] == 0
    np.testing.assert_array_equal(y[unseen], 0)
    np.testing.assert_allclose(y[~unseen], x[:reach][~unseen], atol=500 * TOLERANCE[dtype])
    assert np.count_nonzero(unseen) <= (0 if stft.center else 1)


@given(st.data(), st.integers(1, 200))
def test_a_spectrogram_has_the_frames_that_were_announced(data, n):
    stft = data.draw(grids(center=True))
    n_frames = stft.forward(noise(n)).shape[-1]
    assert n_frames == stft.n_frames(n)
    assert stft._shortest(n_frames) <= n
    assert n <= stft._longest(n_frames) or stft.hop_length == 1


@given(st.data(), st.integers(2, 9))
def test_shortest_and_longest_have_that_many_frames(data, n_frames):
    stft = data.draw(grids())
    assert stft.n_frames(stft._shortest(n_frames)) == n_frames
    assert stft.n_frames(stft._longest(n_frames)) == n_frames


@pytest.mark.parametrize("n_fft", [64, 63])
def test_longest_signal_of_one_frame(n_fft):
    stft = STFT(22050, n_fft=n_fft, hop_length=16)
    longest = stft._longest(1)
    assert stft.n_frames(longest) == 1
    assert stft.n_frames(longest + 1) == 2


@given(st.data(), st.floats(-3, 3), st.floats(-3, 3))
def test_linearity(data, a, b):
    stft = data.draw(grids())
    x, y = noise((2, 150))
    np.testing.assert_allclose(
        stft.forward(a * x + b * y), a * stft.forward(x) + b * stft.forward(y), atol=1e-11
    )


@given(st.data())
def test_parseval_in_every_frame(data):
    """Energy of a windowed frame = energy of its spectrum / n_fft, mirrored bins counted twice."""
    stft = data.draw(grids(center=False))
    x = noise(150)
    twice = np.full(stft.n_bins, 2.0)
    twice[0] = 1
    if stft.n_fft % 2 == 0:
        twice[-1] = 1
    energy = twice @ stft.magnitude(x) ** 2 / stft.n_fft
    frames = frame(x, stft.n_fft, stft.hop_length) * stft.window_array[:, np.newaxis]
    np.testing.assert_allclose(energy, (frames**2).sum(axis=0), rtol=1e-11)


@given(st.data())
def test_a_delay_by_a_hop_moves_interior_frames_by_one(data):
    stft = data.draw(grids())
    x = noise(300)
    later = np.concatenate([noise(stft.hop_length, seed=1), x])
    inside = slice(stft.n_fft // stft.hop_length + 1, stft.n_frames(300) - stft.n_fft)
    X, Y = stft.forward(x), stft.forward(later)
    np.testing.assert_allclose(Y[:, 1:][:, inside], X[:, inside], atol=1e-11)


@st.composite
def padded_grids(draw):
    """Grids with padding of any kind and length, and windows shorter than the frame."""
    stft = draw(grids())
    pads = st.integers(0, stft.n_fft)
    fields = {
        "pad": st.none() | pads | st.tuples(pads, pads),
        "pad_mode": st.sampled_from(["constant", "reflect", "symmetric", "edge"]),
    }
    drawn = {name: draw(value) for name, value in fields.items()}
    if isinstance(stft.window, str):
        drawn["win_length"] = draw(st.integers(2 * stft.hop_length, stft.n_fft))
    return dataclasses.replace(stft, **drawn)


def by_hand(x, stft):
    """The transform of one frame after the other, padded by NumPy."""
    y = np.pad(x, padding(stft), mode=stft.pad_mode)
    starts = range(0, len(y) - stft.n_fft + 1, stft.hop_length)
    return np.stack(
        [np.fft.rfft(y[s : s + stft.n_fft] * stft.window_array) for s in starts], axis=1
    )


@given(st.data(), st.integers(1, 200))
def test_padding_is_numpys(data, n):
    stft = data.draw(padded_grids())
    n = max(n, stft.n_fft - sum(padding(stft)))
    x = noise(n)
    X = stft.forward(x)
    assert X.shape[1] == stft.n_frames(n)
    np.testing.assert_allclose(X, by_hand(x, stft), atol=1e-12)


@given(st.data(), st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(1, 9))
def test_a_stream_is_padded_as_a_whole(data, lengths, frames_per_block):
    """The samples that a mirror shows may come in many pieces, or be all that there are."""
    stft = data.draw(padded_grids())
    pieces = [noise((2, n), seed=i) for i, n in enumerate(lengths)]
    x = np.concatenate(pieces, axis=-1)
    if x.shape[-1] < max(1, stft.n_fft - sum(padding(stft))):
        with pytest.raises(ValueError, match="x "):
            list(stft.stream(pieces))
        return
    X = np.concatenate(list(stft.stream(pieces, frames_per_block=frames_per_block)), axis=-1)
    np.testing.assert_allclose(X, stft.forward(x), atol=1e-12)


@given(st.data(), st.integers(1, 300), st.sampled_from([np.float32, np.float64]))
def test_round_trip_for_every_padding(data, n, dtype):
    """Exact wherever the frames see a sample or its copies with enough weight."""
    stft = data.draw(padded_grids())
    n = max(n, stft.n_fft - sum(padding(stft)))
    x = noise(n, dtype=dtype)
    X = stft.forward(x)
    reach = min(n, (X.shape[1] - 1) * stft.hop_length + stft.n_fft - stft._padding.before)
    if stft.pad_mode != "constant" and reach < n:
        return  # The mirror stands where no frame sees it.
    total = window_sum(stft.window_array, stft.hop_length, X.shape[1])
    ends = stft._padding.ends(reach, len(total))
    ends.fold(total)
    weak = total[ends.inside] < 1e-6
    y = stft.inverse(X, length=reach)
    np.testing.assert_allclose(y[~weak], x[:reach][~weak], atol=1e4 * TOLERANCE[dtype])


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", "symmetric", "edge"])
def test_short_windows_and_padding_are_librosas(pad_mode):
    x = noise(5000)
    stft = STFT(8000, 512, 100, win_length=321, pad_mode=pad_mode)
    peer = librosa.stft(x, n_fft=512, hop_length=100, win_length=321, pad_mode=pad_mode)
    np.testing.assert_allclose(stft.forward(x), peer, atol=1e-10)


def test_half_a_hop_of_padding_gives_a_frame_for_every_hop():
    """Vocoders pad by (n_fft - hop) / 2: T hops have T frames, which lie in the middle of the hops."""
    stft = STFT(22050, 1024, 256, pad=384, pad_mode="reflect")
    assert stft.n_frames(32 * 256) == 32
    assert stft._shortest(32) == 32 * 256
    np.testing.assert_allclose(stft.times(3), np.array([0.5, 1.5, 2.5]) * 256 / 22050)


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman"])
def test_symmetric_windows(name):
    window = STFT(8000, 400, 100, window=(name, "symmetric")).window_array
    np.testing.assert_allclose(
        window, scipy.signal.get_window(name, 400, fftbins=False), atol=1e-15
    )
    np.testing.assert_allclose(window, window[::-1], atol=1e-15)


def test_a_symmetric_window_may_have_a_parameter():
    window = STFT(8000, 40, 10, window=("kaiser", 8.0, "symmetric")).window_array
    np.testing.assert_allclose(window, np.kaiser(40, 8.0), atol=1e-15)


def test_the_povey_window_is_kaldis():
    window = STFT(16000, 512, 160, window="povey", win_length=400).window_array
    n = np.arange(400)
    expected = (0.5 - 0.5 * np.cos(2 * np.pi * n / 399)) ** 0.85
    np.testing.assert_allclose(window[56:456], expected, atol=1e-15)
    assert not window[:56].any()
    assert not window[456:].any()


@given(st.data(), st.integers(40, 120))
def test_inverse_is_the_least_squares_inverse_of_padded_signals(data, n):
    """What is left over of any C is orthogonal to every signal with its padding."""
    stft = dataclasses.replace(data.draw(padded_grids()), center=True, pad=None)
    X = stft.forward(noise(n))
    C = noise(X.shape) + 1j * noise(X.shape, seed=1)
    n = min(n, (X.shape[1] - 1) * stft.hop_length + stft.n_fft - stft._padding.before)
    leftover = np.fft.irfft(
        C - stft.forward(stft.inverse(C, length=n))[:, : X.shape[1]], stft.n_fft, axis=0
    )
    correlation = np.zeros(n)
    for t in range(n):
        unit = np.pad(np.eye(n)[t], padding(stft), mode=stft.pad_mode)
        frames = frame(unit, stft.n_fft, stft.hop_length)[:, : X.shape[1]]
        correlation[t] = np.sum(frames * stft.window_array[:, np.newaxis] * leftover)
    np.testing.assert_allclose(correlation, 0, atol=1e-10)


@given(st.data())
def test_inverse_is_the_least_squares_inverse(data):
    """What is left over of any C is orthogonal to every signal: forward(x) explains all it can.

    In the inner product of the two-sided spectrum, that is of the windowed frames.
    """
    stft = data.draw(grids(center=False, window="hamming"))
    n_frames = 6
    C = noise((stft.n_bins, n_frames)) + 1j * noise((stft.n_bins, n_frames), seed=1)
    x = stft.inverse(C)
    leftover = np.fft.irfft(C - stft.forward(x), stft.n_fft, axis=0)
    correlation = np.zeros(len(x))
    for m in range(n_frames):
        start = m * stft.hop_length
        correlation[start : start + stft.n_fft] += leftover[:, m] * stft.window_array
    np.testing.assert_allclose(correlation, 0, atol=1e-12)


@both_dtypes
@both_centers
def test_channels_are_a_loop_over_channels(dtype, center):
    stft = STFT(8000, 32, 8, center=center)
    x = noise((2, 3, 500), dtype=dtype)
    X = stft.forward(x)
    y = stft.inverse(X, length=400)
    for channel in np.ndindex(2, 3):
        np.testing.assert_array_equal(X[channel], stft.forward(x[channel]))
        np.testing.assert_array_equal(y[channel], stft.inverse(X[channel], length=400))


@both_dtypes
def test_precision_is_that_of_the_input(dtype):
    stft = STFT(8000, 32, 8)
    X = stft.forward(noise(100, dtype=dtype))
    assert X.dtype == np.result_type(dtype, np.complex64)
    assert stft.magnitude(noise(100, dtype=dtype)).dtype == dtype
    assert stft.inverse(X).dtype == dtype
    assert frame(noise(100, dtype=dtype), 8, 4).dtype == dtype


def test_read_only_inputs_stay_as_they_are():
    stft = STFT(8000, 32, 8)
    x = noise(100)
    X = stft.forward(x)
    for value, function in ((x, stft.forward), (x, stft.magnitude), (X, stft.inverse)):
        before = value.copy()
        value.setflags(write=False)
        function(value)
        np.testing.assert_array_equal(value, before)


@both_dtypes
@pytest.mark.parametrize("amplitude", [0.0, 1e-30, 1e30])
def test_extreme_levels_are_finite(dtype, amplitude):
    stft = STFT(8000, 64, 16)
    for x in (amplitude * noise(300, dtype=dtype), np.full(300, amplitude, dtype)):
        y = stft.inverse(stft.forward(x), length=300)
        assert np.isfinite(stft.magnitude(x)).all()
        np.testing.assert_allclose(y, x, atol=amplitude * TOLERANCE[dtype])


@both_dtypes
@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_few_samples(dtype, n):
    stft = STFT(8000, 64, 16)
    x = noise(n, dtype=dtype)
    X = stft.forward(x)
    assert X.shape == (33, 1)
    np.testing.assert_allclose(stft.inverse(X, length=n), x, atol=TOLERANCE[dtype])


@both_dtypes
@pytest.mark.parametrize("window", ["blackman", "hann", ("kaiser", 30.0)])
def test_samples_weighed_below_rounding_error_are_not_blown_up(dtype, window):
    """SciPy's Blackman starts with -1e-17, not 0: dividing by its square would give noise."""
    stft = STFT(8000, 4096, 1024, window=window, center=False)
    x = noise(3 * 4096, dtype=dtype)
    y = stft.inverse(stft.forward(x), length=len(x))
    assert np.abs(y).max() < 2 * np.abs(x).max()


def test_length_cuts_the_end_off():
    stft = STFT(8000, 64, 16)
    X = stft.forward(noise(500))
    np.testing.assert_array_equal(stft.inverse(X, length=321), stft.inverse(X)[:321])


def test_length_beyond_the_last_frame_is_refused():
    stft = STFT(8000, 64, 16)
    X = stft.forward(noise(160))
    with pytest.raises(ValueError, match="length must be at most 192, .* 11 frames reach; got 193"):
        stft.inverse(X, length=193)


# --- block by block --------------------------------------------------------------------------


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


def test_a_bad_piece_is_refused_when_its_turn_comes():
    stft = STFT(8000, 64, 16)
    x = noise(1000)
    x[900] = np.nan
    for signal in (x, np.split(x, 10)):
        blocks = stft.stream(signal, frames_per_block=20)
        np.testing.assert_allclose(next(blocks), stft.forward(x[:600])[:, :20], atol=1e-12)
        with pytest.raises(ValueError, match="x must be finite; 1 of its"):
            list(blocks)


# --- settings --------------------------------------------------------------------------------


def test_settings_are_frozen_and_compare():
    stft = STFT(22050, window=np.ones(1024))
    assert stft == STFT(22050, window=[1.0] * 1024)
    assert hash(stft) == hash(STFT(22050, window=(1,) * 1024))
    with pytest.raises(dataclasses.FrozenInstanceError):
        stft.n_fft = 2
    with pytest.raises(ValueError, match="read-only"):
        stft.window_array[0] = 2


@pytest.mark.parametrize(
    "window", ["kaiser", "no such window", ("gaussian", 0), (), ("kaiser", np.nan)]
)
def test_windows_that_cannot_be_made_are_refused(window):
    with pytest.raises(ValueError, match="window"):
        STFT(22050, window=window)


# --- parity ----------------------------------------------------------------------------------

WINDOWS = ["hann", "hamming", "boxcar", "blackman", "bartlett", ("kaiser", 8.0), ("tukey", 0.3)]


@for_every(n_fft=[32, 33], window=WINDOWS)
def test_windows_are_scipys(window, n_fft):
    np.testing.assert_allclose(
        STFT(22050, n_fft=n_fft, window=window).window_array,
        scipy.signal.get_window(window, n_fft),
        atol=1e-15,
    )


@for_every(window=WINDOWS, hop_length=[1, 8, 15, 16, 17, 24, 31, 32])
def test_invertible_is_scipys_nola(window, hop_length):
    stft = STFT(8000, 32, hop_length, window=window)
    values = scipy.signal.get_window(window, 32)
    assert stft.is_invertible == scipy.signal.check_NOLA(values, 32, 32 - hop_length)
    if not stft.is_invertible:
        with pytest.raises(ValueError, match="hop_length"):
            stft.inverse(stft.forward(noise(200)))


def test_gaps_between_frames_are_not_invertible():
    """scipy.signal.check_NOLA refuses to look at these."""
    assert not STFT(8000, 32, 33, window="boxcar").is_invertible


@pytest.mark.parametrize("n_fft", [32, 33])
@pytest.mark.parametrize("hop_length", [8, 11])
def test_forward_is_scipys_short_time_fft(n_fft, hop_length):
    stft = STFT(8000, n_fft, hop_length, window=skewed_window(n_fft))
    x = noise(300)
    peer = scipy.signal.ShortTimeFFT(stft.window_array, hop_length, fs=8000, phase_shift=None)
    X = stft.forward(x)
    # Its slice p starts at p * hop - m_num_mid, ours at m * hop - n_fft // 2: the same.
    Y = peer.stft(x, p0=0, p1=X.shape[1])
    np.testing.assert_allclose(X, Y, atol=1e-12)


@for_every(
    center=[True, False],
    n=[200, 999, 1024],
    sizes=[(64, 16), (63, 16), (64, 20), (128, 64)],
    window=["hann", "hamming"],
)
def test_forward_and_inverse_are_librosas(center, n, sizes, window):
    n_fft, hop_length = sizes
    librosa = pytest.importorskip("librosa")
    stft = STFT(8000, n_fft, hop_length, window=window, center=center)
    x = noise(n)
    settings = {"n_fft": n_fft, "hop_length": hop_length, "window": window, "center": center}
    peer = librosa.stft(x, pad_mode="constant", **settings)
    X = stft.forward(x)
    np.testing.assert_allclose(X, peer, atol=1e-11)
    length = min(n, stft._shortest(X.shape[1]))
    np.testing.assert_allclose(
        stft.inverse(X, length=length), librosa.istft(peer, length=length, **settings), atol=1e-11
    )


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_frames", "frame_length", "hop_length", "rows"),
    [
        (1, 4, 2, 2),
        (1, 5, 2, 3),
        (3, 5, 2, 5),
        (7, 2, 5, 7),
    ],
)
def test_rows_of_overlapping_frames(n_frames, frame_length, hop_length, rows):
    """The last frame starts on row n - 1 and fills the next ones, the last of them perhaps in part."""
    assert n_hops(n_frames, frame_length, hop_length) == rows


@both_dtypes
@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_window_sums_that_are_lost_in_rounding_count_as_zero(dtype, scale):
    """Squares below eps^2 of the largest: 1e-10 is seen in either precision, 1e-16 in double only."""
    stft = STFT(8000, 4, 4, window=scale * np.array([1, 1e-5, 1e-8, 1]), center=False)
    scales = inverse_window_sum(stft, 1, dtype)
    assert scales.dtype == dtype
    seen = 1e16 if dtype == np.float64 else 0
    np.testing.assert_allclose(scales * scale**2, [1, 1e10, seen, 1], rtol=1e-6)


@pytest.mark.parametrize("accepted", [LEAST_WEIGHT, 1 / LEAST_WEIGHT])
def test_windows_have_a_largest_and_a_smallest_size(accepted):
    assert STFT(8000, 2, 1, window=[accepted, 0.0]).is_invertible
    factor = 1.001 if accepted > 1 else 0.999
    message = (
        "window must have a largest value between 1e-06 and 1e+06 in magnitude; "
        f"got {factor * accepted:.4g}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        STFT(8000, 2, 1, window=[factor * accepted, 0.0])


def test_refusals_of_the_inverse_say_what_helps():
    message = (
        "the window of n_fft = 64 samples with hop_length = 64 cannot be inverted: some samples "
        "are weighted with zero in every frame; take a smaller hop_length"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        STFT(8000, 64, 64)._check_invertible()
    with pytest.raises(
        ValueError, match=r"^X must have 33 bins along axis -2; got shape \(7, 3\)$"
    ):
        STFT(8000, 64, 16).inverse(np.ones((7, 3), complex))
    with pytest.raises(
        ValueError, match="^length must be at most 48, as far as 2 frames reach; got 1000"
    ):
        STFT(8000, 64, 16)._check_length(10**30, 2)
