"""From bands back to the spectrum: laws of every method, exactness where it can be, and precision."""

import warnings

import numpy as np
import pytest
import scipy.optimize

from cases import for_every
from specdemo import STFT, MelBank

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
METHODS = ["em", "nnls", "pinv", "transpose"]

each_method = pytest.mark.parametrize("method", METHODS)
each_scale = pytest.mark.parametrize("scale", ["slaney", "htk"])
both_dtypes = for_every(dtype=[np.float32, np.float64])


def mel_of_noise(bank, shape=(20,), dtype=np.float64):
    S = np.abs(np.random.default_rng(0).standard_normal((*shape[:-1], bank.stft.n_bins, shape[-1])))
    return bank.forward(S.astype(dtype))


def divergence(M, M_hat):
    """Kullback-Leibler divergence of non-negative arrays."""
    return np.sum(M * np.log(M / M_hat) - M + M_hat)


# --- back up ---------------------------------------------------------------------------------


def test_flat_stays_flat_under_transpose():
    bank = MelBank(GRID, 20, fmin=200, fmax=3000)
    S = bank.inverse(bank.forward(np.full((129, 4), 3.0)), method="transpose")
    np.testing.assert_allclose(S[bank.covered], 3, rtol=1e-12)
    np.testing.assert_array_equal(S[~bank.covered], 0)


def test_em_lowers_the_divergence_in_every_iteration():
    """Richardson 1972, Lucy 1974: each iteration of EM for Poisson data does; 1e-9 for rounding."""
    bank = MelBank(GRID, 20)
    M = mel_of_noise(bank)
    steps = [divergence(M, bank.forward(bank.inverse(M, method="em", n_iter=n))) for n in range(12)]
    assert (np.diff(steps) < 1e-9).all()
    assert steps[-1] < steps[0] / 10


def test_em_takes_50_iterations():
    bank = MelBank(GRID, 20)
    M = mel_of_noise(bank)
    np.testing.assert_array_equal(bank.inverse(M), bank.inverse(M, method="em", n_iter=50))


@both_dtypes
@pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
def test_empty_bands_change_nothing(dtype):
    """What no bin is in says nothing: the others are met, and a smooth spectrum comes back."""
    bank = MelBank(STFT(8000, 64, 16), 40)
    assert len(bank.empty) == 2
    S = np.exp(-bank.stft.frequencies / 1000)[:, np.newaxis].astype(dtype)
    back = bank.inverse(bank.forward(S))
    np.testing.assert_allclose(bank.forward(back), bank.forward(S), rtol=1e-6)
    np.testing.assert_allclose(back[bank.covered], S[bank.covered], rtol=0.1)


def test_em_starts_at_the_envelope():
    bank = MelBank(GRID, 20, fmin=200, fmax=3000)
    M = mel_of_noise(bank)
    expected = bank.envelope(M) * bank.covered[:, np.newaxis]
    np.testing.assert_allclose(bank.inverse(M, method="em", n_iter=0), expected, rtol=1e-12)


def test_the_envelope_goes_log_linearly_through_the_tips():
    """Bands whose level over their weight is exp(a + b f) at the tip f: so is every bin between."""
    bank = MelBank(GRID, 20, fmin=200, fmax=3000)
    level = np.exp(1 - bank.center_frequencies / 500)[:, np.newaxis]
    M = level * bank.matrix.sum(axis=1, keepdims=True)
    f, tips = GRID.frequencies, bank.center_frequencies
    inside = (f >= tips[0]) & (f <= tips[-1])
    np.testing.assert_allclose(bank.envelope(M)[inside, 0], np.exp(1 - f[inside] / 500), rtol=1e-10)


def test_the_envelope_of_channels_is_a_loop_over_channels():
    """Also when one of them is far below the other."""
    bank = MelBank(GRID, 20, fmin=200, fmax=3000)
    M = mel_of_noise(bank, (2, 5)) * np.array([1, 1e-12]).reshape(2, 1, 1)
    for one, channel in zip(bank.envelope(M), M, strict=True):
        np.testing.assert_allclose(one, bank.envelope(channel), rtol=1e-12)


def test_nnls_solves_what_can_be_solved():
    """These bands come from a non-negative spectrum, so the residual can be, and is, zero."""
    bank = MelBank(GRID, 20)
    M = mel_of_noise(bank)
    np.testing.assert_allclose(bank.forward(bank.inverse(M, method="nnls")), M, atol=1e-10)


def test_nnls_is_scipys_where_the_residual_cannot_be_zero():
    bank = MelBank(GRID, 20)
    M = np.zeros((20, 1))
    M[10] = 1
    _, residual = scipy.optimize.nnls(bank.matrix, M[:, 0])
    assert residual > 0.01
    ours = np.linalg.norm(bank.matrix @ bank.inverse(M, method="nnls") - M)
    assert ours == pytest.approx(residual, rel=1e-9)


def test_nnls_says_when_its_iterations_do_not_suffice(rng):
    """Bands that no spectrogram has, so that the solver has to go back and forth."""
    bank = MelBank(GRID, 20)
    message = "n_iter = 1 is too small for 'nnls' to finish a frame: take more, or leave it out"
    with pytest.raises(ValueError, match=f"^{message}$"):
        bank.inverse(rng.random((20, 100)), method="nnls", n_iter=1)


def test_pinv_is_the_clipped_least_squares_solution_of_least_norm():
    bank = MelBank(GRID, 20)
    M = mel_of_noise(bank)
    expected = np.linalg.lstsq(bank.matrix, M, rcond=None)[0]
    np.testing.assert_allclose(bank.inverse(M, method="pinv"), np.maximum(expected, 0), atol=1e-10)


@each_method
@both_dtypes
def test_precision_and_shape(method, dtype):
    bank = MelBank(GRID, 20, fmin=200, fmax=3000)
    S = bank.inverse(mel_of_noise(bank, dtype=dtype), method=method)
    assert S.dtype == dtype
    assert S.shape == (129, 20)
    assert (S >= 0).all()
    assert not S[~bank.covered].any()


@each_method
@both_dtypes
def test_channels_are_a_loop_over_channels(method, dtype):
    """Also when one of them is far below the other, or silent. 1e-4: rounding in float32."""
    bank = MelBank(GRID, 20)
    M = mel_of_noise(bank, (3, 5), dtype) * np.array([1, 1e-12, 0], dtype).reshape(3, 1, 1)
    S = bank.inverse(M, method=method)
    for one, channel in zip(S, M, strict=True):
        np.testing.assert_allclose(one, bank.inverse(channel, method=method), rtol=1e-4, atol=0)
    assert not S[2].any()


@each_method
@both_dtypes
@pytest.mark.parametrize("level", [0.0, 1e-30, 1e30])
def test_extreme_levels_scale(method, dtype, level):
    bank = MelBank(GRID, 20)
    M = mel_of_noise(bank, dtype=dtype)
    S = bank.inverse(dtype(level) * M, method=method)
    assert np.isfinite(S).all()
    # In float32 the scaled bands differ in their last digit: 6e-8, times the bank's condition.
    scaled = level * bank.inverse(M, method=method).astype(np.float64)
    assert np.linalg.norm(S - scaled) <= 1e-5 * np.linalg.norm(scaled)


@each_method
@both_dtypes
def test_a_bank_without_any_bin_gives_silence(method, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        bank = MelBank(STFT(22050, n_fft=64, hop_length=16), 4, fmin=100, fmax=200)
    S = bank.inverse(np.ones((2, 4, 3), dtype), method=method)
    assert S.shape == (2, 33, 3)
    assert S.dtype == dtype
    assert not S.any()


def test_read_only_inputs_stay_as_they_are():
    bank = MelBank(GRID, 20)
    M = mel_of_noise(bank)
    M.setflags(write=False)
    before = M.copy()
    for method in METHODS:
        bank.inverse(M, method=method)
    S = np.ones((129, 3))
    S.setflags(write=False)
    bank.forward(S)
    np.testing.assert_array_equal(M, before)
    np.testing.assert_array_equal(S, 1)


# --- bins that no band sees ------------------------------------------------------------------


@each_scale
@pytest.mark.parametrize(
    ("sr", "n_fft", "fmin", "fmax", "following"),
    [
        (8000, 256, 0, None, {0: 1, 128: 127}),  # both ends of the spectrum
        (8000, 255, 0, None, {0: 1}),  # an odd n_fft has no bin at the Nyquist frequency
        (8000, 256, 0, 3000, {0: 1}),
        (8000, 256, 20, None, {0: 1, 128: 127}),  # bin 1 lies at 31.25 Hz, above fmin
        (8000, 256, 31.25, 3000, {}),  # on fmin: it is not seen either
        (8000, 256, 300, None, {128: 127}),
    ],
)
def test_only_the_ends_of_the_spectrum_follow_the_bins_beside_them(
    scale, sr, n_fft, fmin, fmax, following
):
    bank = MelBank(STFT(sr, n_fft, n_fft // 4), 12, fmin=fmin, fmax=fmax, scale=scale)
    expected = np.arange(bank.stft.n_bins)
    for bin_, neighbour in following.items():
        expected[bin_] = neighbour
    np.testing.assert_array_equal(bank.nearest_seen, expected)
    assert not bank.covered[list(following)].any()


@pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
@pytest.mark.parametrize(("n_fft", "expected"), [(2, [0, 1]), (3, [1, 1]), (4, [1, 1, 1])])
def test_the_smallest_spectra_have_hardly_a_bin_to_follow(n_fft, expected):
    bank = MelBank(STFT(8000, n_fft, 1), 1)
    np.testing.assert_array_equal(bank.nearest_seen, expected)


@each_scale
@both_dtypes
@pytest.mark.parametrize("norm", ["slaney", None])
@pytest.mark.parametrize("power", [1, 2, 1.5])
def test_magnitudes_whose_bands_match_are_not_corrected(scale, dtype, norm, power, rng):
    """A ratio of 1 for every band is 1 for every bin: at 0 Hz and at the Nyquist frequency, too."""
    for n_fft, n_mels in ((64, 8), (65, 8), (1024, 80)):
        bank = MelBank(STFT(8000, n_fft, n_fft // 4), n_mels, scale=scale, norm=norm, power=power)
        S = rng.uniform(0.5, 1, (7, bank.stft.n_bins)).astype(dtype)
        correct = bank._corrector(dtype)
        corrected = correct.magnitudes(S, correct.bands(S))
        np.testing.assert_allclose(corrected, S, rtol=30 * np.finfo(dtype).eps, err_msg=str(n_fft))


def test_the_inverse_of_the_bank_keeps_its_zeros_where_no_band_sees():
    bank = MelBank(STFT(8000, 256, 64), 12)
    for method in ("em", "nnls", "pinv", "transpose"):
        S = bank.inverse(np.ones((12, 3)), method=method)
        assert not S[[0, -1]].any(), method
        assert S[1:-1].any(), method
