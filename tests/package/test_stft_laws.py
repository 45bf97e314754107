"""Laws of the STFT, for every grid."""

import dataclasses

import librosa
import numpy as np
import pytest
import scipy.signal
from hypothesis import assume, given
from hypothesis import strategies as st

from signals import both_centers, both_dtypes, grids, inverse_window_sum, noise
from specdemo import STFT, frame
from specdemo._frames import window_sum
from specdemo._padding import Padding

# Rounding of a DFT of up to a few thousand points, relative to the largest value.
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}


def padding(stft):
    """Samples before a signal, and behind it."""
    return stft._padding.before, stft._padding.behind


@pytest.mark.parametrize("mode", ["constant", "reflect", "symmetric", "edge"])
@pytest.mark.parametrize("before", [0, 1, 4, 11])
def test_what_is_known_of_ends_is_what_padding_makes(mode, before):
    """Of ends that are known, and of an open one: the padding before, save what copies more than once."""
    x, behind = noise(9), 5
    padding = Padding(before, behind, mode)
    padded = padding.around(x)
    ends = padding.ends(len(x), len(padded) + 3)
    filled = np.concatenate([padded, noise(3)])
    filled[:before], filled[before + len(x) :] = 7, 7
    ends.extend(filled)
    np.testing.assert_array_equal(filled, np.concatenate([padded, np.zeros(3)]))
    np.testing.assert_array_equal(padded[ends.inside], x)

    known = min(before, {"reflect": len(x) - 1, "symmetric": len(x)}.get(mode, before))
    ends = padding.open_ends(len(x), before + len(x))
    filled = padded.copy()
    filled[before - known : before] = 7
    ends.extend(filled)
    np.testing.assert_array_equal(filled, padded)
    np.testing.assert_array_equal(padded[ends.inside], x)
    places = [] if mode == "constant" else list(range(before - known, before))
    assert ends.places.tolist() == places


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
    """Exact wherever the frames see a sample with enough weight, whatever length is asked for.

    What is asked for beyond the signal is its padding.
    """
    stft = data.draw(padded_grids())
    n = max(n, stft.n_fft - sum(padding(stft)))
    x = noise(n, dtype=dtype)
    X = stft.forward(x)
    reach = (X.shape[1] - 1) * stft.hop_length + stft.n_fft - stft._padding.before
    assume(reach > 0)
    length = data.draw(st.none() | st.integers(1, reach))
    y = stft.inverse(X, length=length)
    assert y.dtype == dtype
    assert len(y) == (stft._shortest(X.shape[1]) if length is None else length)
    seen = window_sum(stft.window_array, stft.hop_length, X.shape[1])[stft._padding.before :]
    known = seen[: len(y)] > 1e-6
    expected = np.pad(x, padding(stft), mode=stft.pad_mode)[stft._padding.before :][: len(y)]
    np.testing.assert_allclose(y[known], expected[known], atol=1e4 * TOLERANCE[dtype])


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", "symmetric", "edge"])
@pytest.mark.parametrize("length", [None, 500, 900, 1000, 1020])
def test_a_signal_comes_back_whatever_length_is_asked_for(pad_mode, length):
    stft = STFT(8000, 256, 64, pad_mode=pad_mode)
    x = noise(1000)
    y = stft.inverse(stft.forward(x), length=length)[:1000]
    np.testing.assert_allclose(y, x[: len(y)], atol=1e-12)


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", "symmetric", "edge"])
def test_frames_that_lie_before_the_signal_are_not_inverted(pad_mode):
    stft = STFT(8000, 64, 16, pad=(64, 0), pad_mode=pad_mode)
    X = stft.forward(noise(5))
    message = r"^the frames must reach the signal; got 1 frame, all of it in pad = \(64, 0\)$"
    with pytest.raises(ValueError, match=message):
        stft.inverse(X)
    X = stft.forward(noise(17))
    assert stft.inverse(X).shape == (16,)


@given(st.integers(0, 30), st.integers(1, 35), st.sampled_from(["reflect", "symmetric", "edge"]))
def test_of_padding_before_a_signal_all_is_known_that_does_not_depend_on_its_length(
    before, n_samples, mode
):
    """Neither more nor less: whatever is the same for every signal of at least so many samples."""
    ends = Padding(before, 7, mode).open_ends(n_samples, before + 100)
    padded = [
        before + np.pad(np.arange(n), (before, 0), mode=mode)[:before]
        for n in range(n_samples, n_samples + 64)
    ]
    same = np.flatnonzero(np.ptp(padded, axis=0) == 0)
    np.testing.assert_array_equal(ends.places, same)
    np.testing.assert_array_equal(ends.sources, padded[0][same])


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


@given(st.data(), st.integers(70, 150))
def test_inverse_is_the_least_squares_inverse_of_padded_signals(data, n):
    """What is left over of any C is orthogonal to every signal with its padding before it.

    Nobody knows where the padding behind begins: signals go on as far as the frames reach.
    """
    stft = dataclasses.replace(data.draw(padded_grids()), center=True, pad=None)
    X = stft.forward(noise(n))
    C = noise(X.shape) + 1j * noise(X.shape, seed=1)
    before = stft._padding.before
    reach = (X.shape[1] - 1) * stft.hop_length + stft.n_fft - before

    def frames(x):
        padded = np.pad(x, (before, 0), mode=stft.pad_mode)
        return frame(padded, stft.n_fft, stft.hop_length) * stft.window_array[:, np.newaxis]

    given_frames = np.fft.irfft(C, stft.n_fft, axis=0)
    leftover = given_frames - frames(stft.inverse(C, length=reach))
    correlation = np.zeros(reach)
    for t in range(reach):
        correlation[t] = np.sum(frames(np.eye(reach)[t]) * leftover)
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
