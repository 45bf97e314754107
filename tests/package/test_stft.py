"""The STFT against closed forms, SciPy and librosa."""

import dataclasses
import re

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from signals import both_centers, both_dtypes, inverse_window_sum, noise, skewed_window
from specdemo import STFT, frame
from specdemo._frames import BLOCK, n_hops, overlap_add
from specdemo._windows import LEAST_WEIGHT

# --- framing ---------------------------------------------------------------------------------------


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


# --- closed forms ----------------------------------------------------------------------------------


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


def test_a_frame_may_reach_a_single_sample():
    stft = STFT(8000, 8, 4, window="boxcar", pad=7)
    np.testing.assert_allclose(stft.inverse(stft.forward([0.5])[:, :1], length=1), [0.5])


def test_how_long_a_signal_must_be_depends_on_the_padding():
    stft = STFT(8000, 64, 16, pad=20)
    assert stft.n_frames(24) == 1
    with pytest.raises(ValueError, match=r"at least 24 \(n_fft without the padding\).*; got 23$"):
        stft.n_frames(23)


def test_equal_paddings_make_equal_grids():
    one, same = (STFT(8000, 8, 4, pad=pad) for pad in ([3, 4], (3, 4)))
    assert one == same and hash(one) == hash(same)


def test_centred_frames_of_odd_length_lie_on_a_sample():
    np.testing.assert_array_equal(STFT(8000, 9, 3).times(4), np.arange(4) * 3 / 8000)
    around = STFT(8000, 9, 3, pad=4)
    np.testing.assert_allclose(around.times(4), (np.arange(4) * 3 + 0.5) / 8000)


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


# --- settings --------------------------------------------------------------------------------------


def test_settings_are_frozen_and_compare():
    stft = STFT(22050, window=np.ones(1024))
    assert stft == STFT(22050, window=[1.0] * 1024)
    assert hash(stft) == hash(STFT(22050, window=(1,) * 1024))
    with pytest.raises(dataclasses.FrozenInstanceError):
        stft.n_fft = 2
    with pytest.raises(ValueError, match="read-only"):
        stft.window_array[0] = 2


@pytest.mark.parametrize(
    "window",
    ["kaiser", "no such window", ("gaussian", 0), (), ("symmetric",), ("kaiser", np.nan)],
)
def test_windows_that_cannot_be_made_are_refused(window):
    with pytest.raises(ValueError, match="window"):
        STFT(22050, window=window)


def test_a_window_of_rows_of_different_lengths_is_named():
    with pytest.raises(TypeError, match="window cannot be read as an array of numbers"):
        STFT(22050, window=[[1], [2, 3]])


# --- parity ----------------------------------------------------------------------------------------

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


# --- limits ----------------------------------------------------------------------------------------


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
