"""The checks let good values through unchanged in value, and name the argument otherwise."""

from collections import deque

import numpy as np
import pytest
import scipy.sparse

import specdemo
from other_libraries import Tensor
from specdemo import STFT, LogScale, MelBank, MelFormat, Staircase, _checks
from specdemo.audio.filters import whole_rate

GRID = STFT(8000, 256, 64)
S = GRID.magnitude(np.ones(2000))


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_integers_of_every_kind_become_int(value):
    assert type(_checks.integer("n", value)) is int


@pytest.mark.parametrize("value", [3, 3.5, np.float32(3.5), np.int16(3)])
def test_numbers_of_every_kind_become_float(value):
    assert type(_checks.number("f", value)) is float
    assert _checks.number("f", value) == value


@pytest.mark.parametrize(
    ("call", "kind", "accepted"),
    [
        (lambda: MelBank(GRID, norm="l1"), ValueError, "norm must be 'slaney', or None; got 'l1'"),
        (lambda: MelBank(GRID, norm=1), TypeError, r"norm must be a str, 'slaney', or None; got 1"),
        (lambda: LogScale(base=2), TypeError, r"a str, one of 'e', '10'; got 2 \(int\)"),
        (lambda: LogScale(base="2"), ValueError, "base must be one of 'e', '10'; got '2'"),
        (
            lambda: specdemo.invert_spectrogram(S, GRID, refine="none"),
            ValueError,
            "refine must be one of 'griffin_lim', .*, or None; got 'none'",
        ),
        (
            lambda: specdemo.invert_spectrogram(S, GRID, start="noise"),
            ValueError,
            "start must be one of 'zero', .*, or an array of phases; got 'noise'",
        ),
        (
            lambda: STFT(8000, 256, window="hanning window"),
            ValueError,
            r"window must be a name .*\('hann', 'symmetric'\), 'povey', or 256 values; got 'hann",
        ),
        (
            lambda: MelFormat(MelBank(GRID, 20), fill="ones"),
            ValueError,
            "fill must be one of 'zeros', .*, or None; got 'ones'",
        ),
    ],
)
def test_the_message_has_all_that_is_accepted(call, kind, accepted):
    with pytest.raises(kind, match=accepted):
        call()


def test_an_int_too_large_for_a_float_is_refused():
    with pytest.raises(ValueError, match="sr must be finite"):
        _checks.number("sr", 10**400)


@pytest.mark.parametrize(
    ("limit", "accepted", "refused"),
    [("minimum", 1, 0.5), ("maximum", 1, 1.5), ("above", 1.5, 1), ("below", 0.5, 1)],
)
def test_limits_are_open_or_closed_as_named(limit, accepted, refused):
    assert _checks.number("f", accepted, **{limit: 1}) == accepted
    with pytest.raises(ValueError, match=r"^f must be .* 1; got"):
        _checks.number("f", refused, **{limit: 1})


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint8, np.uint16, np.uint32])
def test_the_advice_for_integer_samples_is_right(dtype):
    """Evaluated, it takes the least to -1, the middle to 0 and the largest to almost 1."""
    least, largest = np.iinfo(dtype).min, np.iinfo(dtype).max
    x = np.array([least, (least + largest + 1) // 2, largest], dtype)
    with pytest.raises(TypeError, match="; convert samples with ") as error:
        _checks.signal("x", x)
    advice = str(error.value).split("convert samples with ")[1]
    converted = eval(advice, {"x": x, "np": np})
    assert converted.dtype == np.float32
    # Half a step less than 1; in single precision, the largest of 32 bits is 1.
    expected = [-1, 0, 1 - 2.0 ** (1 - 8 * x.itemsize)]
    np.testing.assert_allclose(converted, expected, rtol=0, atol=2.0**-24)


def test_the_number_of_bad_values_is_told():
    with pytest.raises(ValueError, match="2 of its 5 values are NaN or Inf"):
        _checks.array("x", np.array([0, np.nan, 1, -np.inf, 2]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_are_not_copied(dtype):
    x = np.zeros(4, dtype)
    assert _checks.array("x", x) is x


@pytest.mark.parametrize("shape", ["(n_samples,)", "(n_bins, n_frames)"])
def test_number_of_axes(shape):
    n_axes = len(shape.strip("(,)").split(","))
    _checks.axes("x", np.zeros((2,) * n_axes), shape)
    with pytest.raises(ValueError, match="x must have shape"):
        _checks.axes("x", np.zeros((2,) * (n_axes + 1)), shape)


# --- masks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "held",
    [
        lambda a: a,
        lambda a: [a, a],
        lambda a: (a, np.ones(4)),
        lambda a: [np.ones((2, 4)), [np.ones(4), a]],
        lambda a: deque([a, a]),
        lambda a: list(a),
    ],
)
def test_no_mask_is_lost_wherever_it_is_held(held):
    x = held(np.ma.array(np.arange(4.0), mask=[0, 1, 0, 0]))
    n_masked = 2 if isinstance(x, deque) or (type(x) is list and x[1] is x[0]) else 1
    with pytest.raises(ValueError, match=f"^x has {n_masked} masked values; fill them first"):
        _checks.ndarray("x", x)


@pytest.mark.parametrize("n_channels", [1, 3])
def test_the_way_out_of_a_mask_leads_out(n_channels):
    channel = np.ma.array(np.arange(4.0), mask=[0, 1, 0, 0])
    x = channel if n_channels == 1 else [channel] * n_channels
    with pytest.raises(ValueError, match="for instance with ") as error:
        _checks.array("x", x)
    filled = eval(str(error.value).rsplit("with ", 1)[1], {"np": np, "x": x})
    expected = np.broadcast_to([0.0, 0.0, 2.0, 3.0], np.shape(x))
    np.testing.assert_array_equal(_checks.array("x", filled), expected)


def test_masks_that_hide_nothing_are_let_through():
    x = [np.ma.array(np.arange(4.0)), np.ma.array(np.ones(4), mask=False)]
    np.testing.assert_array_equal(_checks.array("x", x), [np.arange(4.0), np.ones(4)])


def test_functions_of_arrays_refuse_masks_in_lists(tmp_path):
    stft = STFT(8000, 64, 16)
    x = [np.ma.array(np.ones(100), mask=np.arange(100) == 5)] * 2
    M = [np.ma.array(np.ones(3), mask=[0, 0, 1])] * 33
    for call in (
        lambda: stft.forward(x),
        lambda: list(stft.stream(x)),
        lambda: stft.inverse([row + 0j for row in M]),
        lambda: MelBank(stft, 8).forward(M),
        lambda: specdemo.save(tmp_path / "x.wav", x, 8000),
        lambda: specdemo.resample(x, 8000, 4000),
    ):
        with pytest.raises(ValueError, match="masked values; fill them first"):
            call()
    assert not list(tmp_path.iterdir())


# --- arrays of other libraries ---------------------------------------------------------------

# What a sentence names as the way out may use these.
NAMES = {"np": np, "torch": np}


def way_out(error):
    """The expression behind the last "pass " of a sentence."""
    return str(error.value).rsplit("pass ", 1)[1]


@pytest.mark.parametrize(
    "settings",
    [
        {"requires_grad": True},
        {"device": "cuda"},
        {"dtype": "bfloat16"},
        {"requires_grad": True, "device": "mps", "dtype": "bfloat16"},
        {"dtype": "float16"},
        {"kind": "sparse", "requires_grad": True},
        {"kind": "quantized"},
        {"kind": "conj", "device": "cuda"},
        {"kind": "neg"},
    ],
)
def test_the_way_out_for_a_tensor_leads_out(settings):
    x = Tensor(np.arange(4.0), **settings)
    with pytest.raises(TypeError, match=r"^x ") as error:
        _checks.array("x", x)
    found = _checks.array("x", eval(way_out(error), NAMES, {"x": x}))
    np.testing.assert_array_equal(found, np.arange(4.0))


def test_a_tensor_of_half_complex_numbers_is_led_out():
    x = Tensor(np.arange(4.0) + 1j, dtype="complex32")
    with pytest.raises(TypeError, match="^x .*NumPy has no complex32") as error:
        _checks.array("x", x, kind="complex")
    found = _checks.array("x", eval(way_out(error), NAMES, {"x": x}), kind="complex")
    assert found.dtype == np.complex64


def test_a_tensor_without_numbers_has_no_way_out():
    with pytest.raises(TypeError, match="device meta, where tensors have no numbers$"):
        _checks.array("x", Tensor(np.zeros(3), device="meta"))


@pytest.mark.parametrize(
    ("dtype", "kind", "wanted"),
    [
        (np.float16, "real", np.float32),
        (np.longdouble, "real", np.float64),
        (np.clongdouble, "complex", np.complex128),
        (object, "real", np.float64),
        (object, "complex", np.complex128),
    ],
)
def test_the_way_out_for_a_dtype_leads_out(dtype, kind, wanted):
    x = np.arange(4.0).astype(dtype)
    with pytest.raises(TypeError, match=r"^x must be an array of ") as error:
        _checks.array("x", x, kind=kind)
    found = _checks.array("x", eval(way_out(error).split(" if ")[0], NAMES, {"x": x}), kind=kind)
    assert found.dtype == wanted
    np.testing.assert_array_equal(found, np.arange(4.0))


@pytest.mark.parametrize("samples", [True, False])
def test_lists_are_converted_by_a_function(samples):
    """They have no `astype`."""
    with pytest.raises(TypeError, match=r"np\.asarray\(x, np\.float32\)"):
        _checks.array("x", [1, 2, 3], samples=samples)


def test_samples_of_64_bits_have_the_range_of_what_they_were_made_from():
    for dtype in (np.int64, np.uint64):
        with pytest.raises(TypeError, match=r"\(np\.float32\) / 32768 if they have 16 bits$"):
            _checks.signal("x", np.zeros(4, dtype))


def test_pictures_are_not_taken_for_samples():
    with pytest.raises(TypeError, match=r"pass S\.astype\(.*if these are amplitudes, and not the"):
        _checks.array("S", np.zeros((4, 4), np.uint8), minimum=0)
    with pytest.raises(TypeError, match=r"pass C\.astype\(np\.float32\) if these are its values$"):
        _checks.array("C", np.zeros((4, 4), np.int16))
    with pytest.raises(TypeError, match=r"got complex128; pass np\.abs\(S\)$"):
        _checks.array("S", np.zeros((4, 4), complex), minimum=0)
    with pytest.raises(TypeError, match=r"got float64; magnitudes.* are for invert_spectrogram$"):
        _checks.array("X", np.zeros((4, 4)), kind="complex")


def test_what_is_not_an_array_is_said_to_be_what_it_is():
    for value, came in ((None, "None"), ({}, r"\{\}"), ("word", "<U4"), (b"word", r"\|S4")):
        with pytest.raises(TypeError, match=rf"^x must be an array of .*; got {came}$"):
            _checks.array("x", value)
    with pytest.raises(TypeError, match="^x cannot be read .*inhomogeneous"):
        _checks.array("x", [[1.0], [1.0, 2.0]])
    with pytest.raises(TypeError, match=r"pass x\[0\]$"):
        _checks.array("x", (np.zeros(4), 8000))
    with pytest.raises(TypeError, match=r"pass X\.toarray\(\)$"):
        _checks.array("X", scipy.sparse.csr_array(np.eye(3)))
    with pytest.raises(TypeError, match=r"such as x\['left'\]$"):
        _checks.array("x", np.rec.fromarrays([np.zeros(3)] * 2, names="left,right"))


def test_masked_values_are_counted():
    x = np.ma.masked_less(np.arange(4.0), 3)
    with pytest.raises(ValueError, match=r"x has 3 masked values; fill them .* x\.filled\(0\)$"):
        _checks.array("x", x)


# --- axes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(33, 1), (1000, 2), (44100, 32), (44100, 64), (4, 1000, 2)])
def test_signals_with_samples_first_are_refused(shape):
    x = np.zeros(shape)
    with pytest.raises(ValueError, match="x must have shape .* with time along the last") as error:
        _checks.signal("x", x)
    turned = eval(way_out(error), NAMES, {"x": x})
    assert _checks.signal("x", turned).shape == (*shape[:-2], shape[-1], shape[-2])


@pytest.mark.parametrize(
    "shape", [(1,), (2, 1), (32, 1), (1000, 33), (44100, 65), (2, 44100), (64, 600), (8, 1, 9)]
)
def test_signals_in_channels_and_batches_pass(shape):
    assert _checks.signal("x", np.zeros(shape)).shape == shape


@pytest.mark.parametrize(("shape", "axis"), [((1000, 2), 1), ((2, 1000), 0)])
def test_several_channels_where_one_is_wanted(shape, axis):
    x = np.random.default_rng(0).standard_normal(shape)
    with pytest.raises(ValueError, match=r"x must have shape \(n_samples,\)") as error:
        _checks.one_channel("x", x)
    one, mean = way_out(error).removeprefix("one channel, ").split(", or their mean, ")
    np.testing.assert_array_equal(eval(one, {"x": x}), x.take(0, axis))
    np.testing.assert_array_equal(eval(mean, {"x": x}), x.mean(axis=axis))


@pytest.mark.parametrize("shape", [(7, 3), (2, 7, 3)])
def test_spectrograms_with_frames_first_are_turned(shape):
    S = np.zeros(shape)
    with pytest.raises(ValueError, match="S must have 3 bins .*looks frames first") as error:
        _checks.axis_length("S", S, -2, 3, "bins")
    _checks.axis_length("S", eval(way_out(error), NAMES, {"S": S}), -2, 3, "bins")
    with pytest.raises(ValueError, match=r"S must have 4 bins .*; got shape \([0-9, ]*\)$"):
        _checks.axis_length("S", S, -2, 4, "bins")
    with pytest.raises(ValueError, match="S_hat must have the shape of S.*looks frames first"):
        _checks.same_shape("S_hat", S, "S", S.swapaxes(-1, -2))


# --- numbers of other libraries --------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap", [np.array, lambda n: np.array(n, object), lambda n: Tensor(np.array(n))]
)
def test_numbers_without_axes_are_numbers(wrap):
    assert _checks.integer("n", wrap(3)) == _checks.number("f", wrap(3)) == 3
    assert type(_checks.integer("n", wrap(3))) is int
    assert _checks.flag("center", wrap(True)) is True
    with pytest.raises(TypeError, match="n must be an int; got 3.0"):
        _checks.integer("n", wrap(3.0))
    with pytest.raises(TypeError, match="n must be an int; got True"):
        _checks.integer("n", wrap(True))


@pytest.mark.parametrize(
    "value",
    [
        np.array([3]),
        Tensor([3]),
        [3],
        np.timedelta64(3, "s"),
        np.ma.masked,
        np.array(None),
        "3",
        np.array("3"),
        np.datetime64("2026-01-01"),
        np.void(b"3"),
    ],
)
def test_what_only_resembles_a_number_is_refused(value):
    for check in (_checks.integer, _checks.number):
        with pytest.raises(TypeError, match="^n must be an? "):
            check("n", value)


def test_a_tensor_that_has_no_values_is_refused():
    class Meta(Tensor):
        def item(self):
            raise RuntimeError("Tensor.item() cannot be called on meta tensors")

    with pytest.raises(TypeError, match="^n must be an int"):
        _checks.integer("n", Meta(3))


@pytest.mark.parametrize("value", [22050, 22050.0, np.float32(22050), np.array(22050.0)])
def test_whole_rates_become_int(value):
    found = whole_rate("sr", value)
    assert (found, type(found)) == (22050, int)


@pytest.mark.parametrize("value", [22050.5, np.inf, np.nan, "22050", None, True])
def test_rates_that_are_not_whole_are_refused(value):
    with pytest.raises(TypeError, match="sr must be"):
        whole_rate("sr", value)


def test_settings_of_any_kind_are_equal_and_have_one_hash():
    plain = STFT(sr=8000, n_fft=64, hop_length=16)
    for wrap in (np.array, np.int32, Tensor):
        other = STFT(wrap(8000), wrap(64), wrap(16), center=np.array(True))
        assert (other, hash(other), repr(other)) == (plain, hash(plain), repr(plain))
        assert STFT(22050, window=("kaiser", wrap(8))) == STFT(22050, window=("kaiser", 8))
        bank = MelBank(other, wrap(8), fmin=wrap(0), power=wrap(2))
        assert bank == MelBank(plain, 8, fmin=0, power=2)
        stairs = Staircase(other, bank, shorten=wrap(3), n_mfcc=wrap(4))
        assert stairs == Staircase(plain, bank, shorten=3, n_mfcc=4)
    assert STFT(8000, 64, 16, window=Tensor(plain.window_array)).window == tuple(plain.window_array)
