"""Band-pass and resampling, against their formulas."""

import numpy as np
import pytest
import scipy.io.wavfile
import scipy.signal

from memory import traced_memory
from specdemo import bandpass, load, resample, save

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def sine(f, sr, n, dtype=np.float64):
    return np.sin(2 * np.pi * f / sr * np.arange(n)).astype(dtype)


# --- bandpass --------------------------------------------------------------------------------


def response(order=5, sr=8000, low=500, high=2000):
    impulse = np.zeros(2**15)
    impulse[0] = 1
    spectrum = np.abs(np.fft.rfft(bandpass(impulse, sr, low, high, order=order)))
    return np.fft.rfftfreq(len(impulse), 1 / sr), spectrum


@pytest.mark.parametrize("order", [1, 3, 5, 8])
def test_bandpass_loses_3_db_at_its_edges(order):
    f, gain = response(order)
    for edge in (500, 2000):
        assert gain[np.argmin(np.abs(f - edge))] == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert gain.max() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("order", [1, 3, 5])
def test_bandpass_is_the_butterworth_formula(order):
    """|H|^2 = 1 / (1 + Q^(2 order)) with the warped frequency Q of the bilinear transform."""
    f, gain = response(order)
    warp = np.tan(np.pi * np.array([500, 2000]) / 8000)
    w = np.tan(np.pi * f[1:-1] / 8000)
    q = (w**2 - warp[0] * warp[1]) / (w * (warp[1] - warp[0]))
    # The impulse response is cut after 4 s, when nothing is left of it.
    np.testing.assert_allclose(gain[1:-1], 1 / np.sqrt(1 + q ** (2 * order)), atol=1e-9)


def test_bandpass_is_causal_and_linear(rng):
    x = rng.standard_normal(500)
    x[:200] = 0
    y = bandpass(x, 8000, 500, 2000)
    assert not y[:200].any()
    np.testing.assert_allclose(bandpass(3 * x, 8000, 500, 2000), 3 * y, atol=1e-12)


def test_narrow_bands_of_high_order_are_stable(rng):
    """Order 8, 20 to 60 Hz: the polynomial form of this filter returns NaN."""
    y = bandpass(rng.standard_normal(22050), 22050, 20, 60, order=8)
    assert np.isfinite(y).all()
    assert np.abs(y).max() < 1


@both_dtypes
def test_bandpass_of_channels(dtype, rng):
    x = rng.standard_normal((2, 3, 400)).astype(dtype)
    y = bandpass(x, 8000, 500, 2000)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y[1, 2], bandpass(x[1, 2], 8000, 500, 2000))


# --- resample --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sr", "new_sr"),
    [
        (44100, 22050),
        (48000, 22050),
        (22050, 44100),
        (8000, 22050),
        (44101, 22050),
        (8000, 44101),
        (22050, 22051),
    ],
)
@pytest.mark.parametrize("part", [0.02, 0.5, 0.85])
def test_a_sine_stays_the_sine(sr, new_sr, part):
    """In the pass band, and a filter's length away from the ends: the ripple is 1e-5."""
    f = part * min(sr, new_sr) / 2
    y = resample(sine(f, sr, sr), sr, new_sr)
    assert len(y) == new_sr
    inside = slice(new_sr // 50, -(new_sr // 50))
    np.testing.assert_allclose(y[inside], sine(f, new_sr, new_sr)[inside], atol=2e-5)


@pytest.mark.parametrize(("sr", "new_sr"), [(44100, 22050), (48000, 22050), (44101, 22050)])
@pytest.mark.parametrize("part", [1.03, 1.2, 1.7])
def test_aliases_are_90_db_down(sr, new_sr, part):
    """What lies above the new Nyquist frequency goes; nothing of it comes back lower."""
    y = resample(sine(part * new_sr / 2, sr, sr), sr, new_sr)
    inside = slice(new_sr // 50, -(new_sr // 50))
    assert 20 * np.log10(np.abs(y[inside]).max()) < -90


def test_images_are_90_db_down():
    """Upwards: a tone at 10 kHz of 22.05 kHz has its image at 12.05 kHz."""
    y = resample(sine(9000, 22050, 22050), 22050, 44100)
    spectrum = np.abs(np.fft.rfft(y * scipy.signal.get_window("blackmanharris", len(y))))
    f = np.fft.rfftfreq(len(y), 1 / 44100)
    assert 20 * np.log10(spectrum[f > 11500].max() / spectrum.max()) < -90


@both_dtypes
@pytest.mark.parametrize("n", [1, 2, 1000, 1001])
def test_resample_length_channels_and_precision(dtype, n, rng):
    x = rng.standard_normal((2, n)).astype(dtype)
    y = resample(x, 48000, 22050)
    assert y.dtype == dtype
    assert y.shape == (2, -(-n * 22050 // 48000))
    np.testing.assert_array_equal(y[1], resample(x[1], 48000, 22050))


def test_a_ratio_that_would_need_a_filter_of_billions_of_taps_is_refused():
    """From 4 GHz, a file's lie; what it has a divisor in common with, it can be brought to."""
    sr = 4_000_000_007
    with (
        traced_memory() as memory,
        pytest.raises(ValueError, match=f"^new_sr .*; from {sr} to 22050"),
    ):
        resample(np.ones(1000), sr, 22050)
    assert memory.peak < 1_000_000
    assert resample(np.ones(1000), 10_000_000, 1000).shape == (1,)


def test_a_file_of_a_lower_rate_is_not_blown_up(tmp_path):
    save(tmp_path / "slow.wav", np.zeros(1000), 1)
    assert load(tmp_path / "slow.wav", sr=100)[0].shape == (100_000,)
    with pytest.raises(
        ValueError, match=r"sr must be at most 100 times 1 Hz, .* slow\.wav; got 101"
    ):
        load(tmp_path / "slow.wav", sr=101)


def test_the_same_rate_is_a_copy():
    x = np.ones(5)
    y = resample(x, 8000, 8000)
    np.testing.assert_array_equal(x, y)
    assert not np.shares_memory(x, y)
