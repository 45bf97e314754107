"""Mel scales, the filter bank, and the four ways back, against closed forms, laws and librosa."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from specdemo import STFT, MelBank, hz_to_mel, mel_to_hz

GRID = STFT(sr=8000, n_fft=256, hop_length=64)
each_scale = pytest.mark.parametrize("scale", ["slaney", "htk"])
both_dtypes = for_every(dtype=[np.float32, np.float64])


# --- scales ----------------------------------------------------------------------------------


def test_slaney_is_linear_below_1_khz_and_logarithmic_above():
    """3 mel are 200 Hz up to 1 kHz, 15 mel; from there 27 mel are a factor of 6.4."""
    np.testing.assert_allclose(hz_to_mel([0, 200, 500, 1000]), [0, 3, 7.5, 15])
    np.testing.assert_allclose(hz_to_mel([6400, 1000 * 6.4**2]), [42, 69])


def test_htk_is_the_formula():
    assert hz_to_mel(1000.0, scale="htk") == pytest.approx(2595 * np.log10(17 / 7))
    assert hz_to_mel(1000.0, scale="htk") == pytest.approx(1000, abs=0.1)
    np.testing.assert_allclose(hz_to_mel([0, 6300], scale="htk"), [0, 2595])


@given(st.floats(0, 1e5), st.sampled_from(["slaney", "htk"]))
def test_scales_are_inverted(f, scale):
    assert mel_to_hz(hz_to_mel(f, scale=scale), scale=scale) == pytest.approx(
        f, rel=1e-12, abs=1e-9
    )


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.sampled_from(["slaney", "htk"]))
def test_scales_keep_the_order(f, g, scale):
    assert (f <= g) == (hz_to_mel(f, scale=scale) <= hz_to_mel(g, scale=scale)) or abs(f - g) < 1e-9


@each_scale
def test_a_scalar_stays_a_scalar_and_an_array_its_shape(scale):
    assert np.ndim(hz_to_mel(440.0, scale=scale)) == 0
    assert np.ndim(mel_to_hz(5, scale=scale)) == 0
    assert hz_to_mel(np.ones((2, 3)), scale=scale).shape == (2, 3)


def test_what_is_no_array_of_frequencies_is_named():
    for function, name in ((hz_to_mel, "f"), (mel_to_hz, "m")):
        with pytest.raises(TypeError, match=f"^{name} cannot be read as an array of numbers"):
            function([[1], [2, 3]])


# --- the bank --------------------------------------------------------------------------------


@each_scale
def test_tips_are_evenly_spaced_in_mel(scale):
    bank = MelBank(GRID, 10, fmin=100, fmax=3000, scale=scale)
    low, high = hz_to_mel([100.0, 3000.0], scale=scale)
    expected = low + np.arange(12) * (high - low) / 11
    np.testing.assert_allclose(hz_to_mel(bank.edges, scale=scale), expected, rtol=1e-12)
    np.testing.assert_array_equal(bank.center_frequencies, bank.edges[1:-1])
    np.testing.assert_allclose(bank.edges[[0, -1]], [100, 3000])


@each_scale
def test_slaney_triangles_have_area_one(scale):
    """Base times height over two, the height read from the matrix: weight / (share of the way up).

    On a grid so fine that every triangle has bins, each weight determines its triangle's height.
    """
    bank = MelBank(STFT(sr=8000, n_fft=4096), 20, scale=scale)
    unit = dataclasses.replace(bank, norm=None).matrix
    seen = unit > 0
    height = np.divide(bank.matrix, unit, out=np.zeros_like(unit), where=seen)
    base = (bank.edges[2:] - bank.edges[:-2])[:, np.newaxis]
    np.testing.assert_allclose((height * base / 2)[seen], 1, rtol=1e-12)


def test_slaney_weights_sum_to_one_over_the_width_of_a_bin():
    """The same area summed over bins: near one, to within the square of bins per triangle."""
    bank = MelBank(STFT(sr=8000, n_fft=8192), 20)
    np.testing.assert_allclose(bank.matrix.sum(axis=1) * 8000 / 8192, 1, atol=2e-3)


@each_scale
def test_unit_triangles_are_a_partition_of_unity_between_the_outer_tips(scale):
    bank = MelBank(GRID, 12, fmin=100, fmax=3900, scale=scale, norm=None)
    f, tips = GRID.frequencies, bank.center_frequencies
    inside = (f >= tips[0]) & (f <= tips[-1])
    np.testing.assert_allclose(bank.matrix[:, inside].sum(axis=0), 1, rtol=1e-12)
    assert (bank.matrix.sum(axis=0) <= 1 + 1e-12).all()


@each_scale
@pytest.mark.parametrize("shape", ["hz", "mel"])
def test_the_sides_of_triangles_are_straight_in_their_shape(scale, shape):
    """Between two tips, one side rises as far as the other falls, in proportion to Hz or mel."""
    bank = MelBank(GRID, 10, fmin=100, fmax=3000, scale=scale, norm=None, shape=shape)
    f, tips = GRID.frequencies, bank.center_frequencies
    if shape == "mel":
        f, tips = hz_to_mel(f, scale=scale), hz_to_mel(tips, scale=scale)
    for i in range(9):
        between = (f >= tips[i]) & (f <= tips[i + 1])
        rising = (f[between] - tips[i]) / (tips[i + 1] - tips[i])
        np.testing.assert_allclose(bank.matrix[i + 1, between], rising, atol=1e-12)
        np.testing.assert_allclose(bank.matrix[i, between], 1 - rising, atol=1e-12)


def test_the_norm_is_over_hz_in_both_shapes():
    for shape in ("hz", "mel"):
        area, unit = (MelBank(GRID, 10, norm=norm, shape=shape) for norm in ("slaney", None))
        width = (area.edges[2:] - area.edges[:-2])[:, np.newaxis]
        np.testing.assert_allclose(area.matrix, unit.matrix * 2 / width, rtol=1e-12)


def test_an_unknown_norm_is_told_which_there_are():
    with pytest.raises(ValueError, match=r"^norm must be 'slaney', or None; got 'area'$"):
        MelBank(GRID, 10, norm="area")


def test_a_tip_on_a_bin_has_the_height_one():
    """Slaney's scale is linear below 1 kHz: edges 0, 125, 250 ... fall on the bins of this grid."""
    bank = MelBank(STFT(sr=8000, n_fft=256), 7, fmin=0, fmax=1000, norm=None)
    expected = np.zeros((7, 33))
    for i in range(7):
        expected[i, 4 * i : 4 * i + 9] = [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0]
    np.testing.assert_allclose(bank.matrix[:, :33], expected, atol=1e-12)
    assert not bank.matrix[:, 33:].any()


def test_empty_filters_warn_and_are_named():
    """Bands from 10 i to 10 i + 20 Hz; bins at 0, 31.25 and 62.5 Hz, the first on an edge."""
    with pytest.warns(UserWarning, match=r"3 of 7 mel bands contain no bin.*: 0, 1, 4;"):
        bank = MelBank(GRID, 7, fmin=0, fmax=80)
    np.testing.assert_array_equal(bank.empty, [0, 1, 4])
    assert not bank.forward(np.ones((129, 2)))[bank.empty].any()


@pytest.mark.parametrize(
    ("n_mels", "names"),
    [
        (8, "0, 1, 2, 3, 4, 5, 6, 7"),
        (9, "0, 1, 2, 3, 4, 5, 6, 7 ..."),
    ],
)
def test_the_warning_names_eight_bands_at_most(n_mels, names):
    """Bins at 0 and 1000 Hz, and the bank between them."""
    stft = STFT(sr=8000, n_fft=8, hop_length=2)
    message = (
        f"{n_mels} of {n_mels} mel bands contain no bin and stay zero: {names}; "
        "take fewer bands or a larger n_fft"
    )
    with pytest.warns(UserWarning) as caught:
        MelBank(stft, n_mels, fmin=100, fmax=900)
    assert [str(warning.message) for warning in caught] == [message]


def test_the_warning_of_empty_filters_points_at_the_caller():
    with pytest.warns(UserWarning, match="no bin") as caught:
        MelBank(STFT(22050, n_fft=64), 80)
    assert caught[0].filename == __file__


def test_settings_are_frozen_compare_and_know_nyquist():
    assert MelBank(GRID) == MelBank(STFT(sr=8000, n_fft=256, hop_length=64), fmax=4000)
    assert MelBank(GRID).fmax == 4000
    with pytest.raises(dataclasses.FrozenInstanceError):
        MelBank(GRID).n_mels = 3
    with pytest.raises(ValueError, match="read-only"):
        MelBank(GRID).matrix[0, 0] = 1


def test_edges_too_close_for_the_bands_are_refused():
    with pytest.raises(ValueError, match="fmax must be further above fmin"):
        MelBank(GRID, 8, fmin=1000.0, fmax=np.nextafter(1000, 2000))
    with pytest.raises(ValueError, match="fmin must be below fmax; got 1000.0 and 1000.0 Hz"):
        MelBank(GRID, 8, fmin=1000.0, fmax=1000.0)


@pytest.mark.parametrize(("accepted", "refused"), [(0.1, 0.0999), (10, 10.01)])
def test_powers_have_limits(accepted, refused):
    assert MelBank(GRID, power=accepted).power == accepted
    with pytest.raises(ValueError, match="power must be finite and at (least 0.1|most 10); got"):
        MelBank(GRID, power=refused)


def test_a_matrix_of_too_many_weights_is_refused(monkeypatch):
    monkeypatch.setattr("specdemo.mel.bank.MOST_WEIGHTS", 20 * GRID.n_bins)
    assert MelBank(GRID, 20).n_mels == 20
    with pytest.raises(
        ValueError, match="n_mels = 21 bands of 129 bins make a matrix of more than"
    ):
        MelBank(GRID, 21)


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("forward", "S must have 129 bins"),
        ("inverse", "M must have 20 bands"),
        ("envelope", "M must have 20 bands"),
    ],
)
def test_a_wrong_number_of_rows_is_named(method, what):
    with pytest.raises(ValueError, match=rf"^{what} along axis -2; got shape \(7, 3\)$"):
        getattr(MelBank(GRID, 20), method)(np.ones((7, 3)))


# --- down ------------------------------------------------------------------------------------


@both_dtypes
def test_forward_is_the_matrix(dtype, rng):
    bank = MelBank(GRID, 20)
    S = np.abs(rng.standard_normal((2, 3, 129, 7))).astype(dtype)
    M = bank.forward(S)
    assert M.dtype == dtype
    np.testing.assert_allclose(M, bank.matrix @ S, rtol=1e-5 if dtype == np.float32 else 1e-12)


def test_a_sine_lights_the_band_of_its_frequency():
    bank = MelBank(STFT(sr=8000, n_fft=1024, hop_length=256), 30)
    f = bank.center_frequencies[17]
    M = bank.forward(bank.stft.magnitude(np.sin(2 * np.pi * f / 8000 * np.arange(8000))))
    assert (M[:, 3:-3].argmax(axis=0) == 17).all()


# --- parity ----------------------------------------------------------------------------------


@each_scale
@pytest.mark.parametrize("norm", ["slaney", None])
@pytest.mark.parametrize(
    ("sr", "n_fft", "n_mels", "fmin", "fmax"),
    [
        (22050, 1024, 40, 0, None),
        (22050, 1023, 40, 50.0, 8000.0),
        (44100, 2048, 64, 300, 8000),
        (8000, 255, 20, 0, 4000),
    ],
)
def test_matrix_is_librosas(scale, norm, sr, n_fft, n_mels, fmin, fmax):
    librosa = pytest.importorskip("librosa")
    bank = MelBank(STFT(sr=sr, n_fft=n_fft), n_mels, fmin=fmin, fmax=fmax, scale=scale, norm=norm)
    peer = librosa.filters.mel(
        sr=sr,
        n_fft=n_fft,
        n_mels=n_mels,
        fmin=fmin,
        fmax=fmax,
        htk=scale == "htk",
        norm=norm,
        dtype=np.float64,
    )
    np.testing.assert_allclose(bank.matrix, peer, atol=1e-11)


@each_scale
def test_scales_are_librosas(scale):
    librosa = pytest.importorskip("librosa")
    f = np.linspace(0, 22050, 500)
    m = hz_to_mel(f, scale=scale)
    np.testing.assert_allclose(m, librosa.hz_to_mel(f, htk=scale == "htk"), rtol=1e-12)
    np.testing.assert_allclose(
        mel_to_hz(m, scale=scale), librosa.mel_to_hz(m, htk=scale == "htk"), rtol=1e-12
    )


# --- powers ----------------------------------------------------------------------------------


def test_a_power_bank_sums_powers_and_returns_magnitudes():
    bank = MelBank(STFT(22050), 40, power=2)
    S = np.abs(np.random.default_rng(0).standard_normal((513, 6)))
    np.testing.assert_allclose(bank.forward(S), bank.matrix @ S**2, rtol=1e-12)
    flat = np.full((513, 3), 2.5)
    back = bank.inverse(bank.forward(flat), method="transpose")
    np.testing.assert_allclose(back[bank.covered], 2.5, rtol=1e-12)


@both_dtypes
@pytest.mark.parametrize("power", [0.5, 1, 1.5, 2, 3])
def test_a_bank_sums_any_power(power, dtype, rng):
    bank = MelBank(GRID, 20, power=power)
    S = rng.random((129, 6)).astype(dtype)
    expected = bank.matrix @ S.astype(float) ** power
    np.testing.assert_allclose(
        bank.forward(S), expected, rtol=1e-5 if dtype == np.float32 else 1e-12
    )


@both_dtypes
def test_the_steps_of_em_keep_the_precision(dtype, rng):
    """A matrix in double precision would make the loop of `invert_mel` half as quick."""
    steps = MelBank(GRID, 20, power=2)._corrector(dtype)
    C = rng.random((6, 129)).astype(np.result_type(dtype, np.complex64))
    M = steps.bands(C)
    assert M.dtype == dtype
    assert steps.magnitudes(np.abs(C), M).dtype == dtype


@pytest.mark.parametrize("method", ["em", "nnls", "pinv"])
@pytest.mark.parametrize("power", [0.5, 2, 3])
def test_the_level_goes_through_every_power(method, power):
    """Twice the sound is twice the magnitudes, whatever is summed."""
    bank = MelBank(STFT(22050, n_fft=256), 10, power=power)
    S = np.abs(np.random.default_rng(0).standard_normal((129, 4))) + 0.1
    one, two = (bank.inverse(bank.forward(level * S), method=method) for level in (1, 2))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-6, atol=1e-9)


def test_librosas_mel_spectrogram_is_power_two():
    import librosa

    x = np.random.default_rng(0).standard_normal(5000)
    bank = MelBank(STFT(22050), 40, power=2)
    theirs = librosa.feature.melspectrogram(
        y=x, n_fft=1024, hop_length=256, n_mels=40, pad_mode="constant", dtype=np.float64
    )
    # librosa keeps its filters in float32.
    np.testing.assert_allclose(bank.forward(bank.stft.magnitude(x)), theirs, rtol=1e-5)


def test_a_power_that_overflows_is_refused():
    bank = MelBank(STFT(22050), 40, power=2)
    with pytest.raises(ValueError, match="S is too large for power = 2 in float32"):
        bank.forward(np.full((513, 2), 1e30, np.float32))


@pytest.mark.parametrize("scale", ["slaney", "htk"])
@pytest.mark.parametrize("sr", [8000, 16000, 22050, 24000, 44100, 48000])
def test_a_bin_on_the_rim_is_outside(sr, scale):
    """The weight of a triangle at its corner is zero, not a rounding error above it."""
    bank = MelBank(STFT(sr, 512, 128), n_mels=20, fmax=sr / 2, scale=scale)
    assert not bank.covered[[0, -1]].any()


def test_a_bank_of_given_weights():
    stft = STFT(8000, 256, 64)
    triangles = MelBank(stft, 20)
    given = MelBank(stft, 20, weights=triangles.matrix)
    S = np.random.default_rng(0).uniform(size=(129, 30))
    np.testing.assert_array_equal(given.forward(S), triangles.forward(S))
    assert given == MelBank(stft, 20, weights=triangles.matrix.tolist())
    halves = MelBank(stft, 20, weights=np.full((20, 129), 0.5, np.float32))
    np.testing.assert_allclose(halves.forward(S), np.tile(S.sum(axis=0) / 2, (20, 1)))
    for wrong, message in (
        (np.ones((20, 128)), r"weights must have shape \(20, 129\)"),
        (np.ones((1, 20, 129)), r"weights must have shape .*; got \(1, 20, 129\)"),
        (-np.ones((20, 129)), "weights must not go below 0"),
    ):
        with pytest.raises(ValueError, match=message):
            MelBank(stft, 20, weights=wrong)
