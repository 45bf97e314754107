"""A corpus's numbers as bytes and as half precision: half a dB wide, nothing beyond the ends."""

from dataclasses import replace

import numpy as np
import pytest

import specdemo as sd
from specdemo.corpus.codes import N_CODES, STEP_DB, code_of, code_settings, make_code
from specdemo.corpus.statistics import statistics_of, sums_of, total

FORMATS = [sd.mel_format(name) for name in sd.mel_formats()]
IN_BYTES = [fmt for fmt in FORMATS if fmt.scale is None or not fmt.scale.per_band]


def columns(fmt, code):
    """Every byte in every band, as (256, n_mels)."""
    return np.repeat(np.arange(N_CODES, dtype=np.uint8)[:, np.newaxis], fmt.bank.n_mels, axis=1)


def test_every_byte_comes_back_as_itself():
    for fmt in IN_BYTES:
        code = make_code(fmt, "uint8")
        stored = columns(fmt, code)
        np.testing.assert_array_equal(code.encode(code.decode(stored)), stored, fmt.name)


def test_a_step_is_half_a_decibel_of_the_bands():
    for fmt in IN_BYTES:
        M = make_code(fmt, "uint8").decode(columns(fmt, None)).astype(np.float64)
        if fmt.scale is not None:
            scale = replace(fmt.scale, to_max=False, add=False)
            M = scale.inverse(M.T).T
        steps_db = np.diff(20 / fmt.bank.power * np.log10(M[1:, 0]))
        np.testing.assert_allclose(steps_db, STEP_DB, atol=2e-3, err_msg=fmt.name)


def test_no_sound_within_1_and_minus_1_goes_beyond_the_last_byte(rng):
    """The loudest there are: a square wave, and one on the centre of a band."""
    for fmt in IN_BYTES:
        highest = make_code(fmt, "uint8").values[..., -1].max()
        n = 4 * fmt.bank.stft.n_fft
        f = fmt.bank.center_frequencies[[0, fmt.bank.n_mels // 2]]
        for x in np.sin(2 * np.pi * f[:, np.newaxis] / fmt.bank.stft.sr * np.arange(n)):
            for wave in (x, np.sign(x)):
                assert fmt.forward(wave.astype(np.float32)).max() <= highest + 1e-4, fmt.name


def test_silence_is_exact_where_the_floor_is_within_reach():
    n_exact = 0
    for fmt in IN_BYTES:
        code = make_code(fmt, "uint8")
        A = fmt.forward(np.zeros(4 * fmt.bank.stft.n_fft, np.float32))
        if fmt.highest - fmt.lowest < np.ptp(code.values) and np.all(A == np.float32(fmt.lowest)):
            np.testing.assert_allclose(code.decode(code.encode(A)), A, rtol=1e-6, err_msg=fmt.name)
            n_exact += 1
    assert n_exact > 5


def test_beyond_the_last_step_is_the_floor():
    """Where a format reaches farther down than 256 steps do, numbers become what is nearer."""
    n_deeper = 0
    for fmt in IN_BYTES:
        code = make_code(fmt, "uint8")
        if code.floor == code.low or fmt.scale.per_band or code.values.ndim > 1:
            continue
        n_deeper += 1
        floor, first = code.values[:2]
        np.testing.assert_allclose(floor, fmt.lowest, rtol=1e-6, err_msg=fmt.name)
        nearer = np.float32([floor + 0.49 * (first - floor), floor + 0.51 * (first - floor)])
        columns = np.repeat(nearer[:, np.newaxis], fmt.bank.n_mels, axis=1)
        np.testing.assert_array_equal(code.encode(columns)[:, 0], [0, 1], fmt.name)
    assert n_deeper > 5


def test_mean_and_deviation_of_bands_are_kept():
    """A scale with numbers for every band has a column of values for each."""
    bank = sd.MelBank(sd.STFT(8000, 256, 64), 4)
    scale = sd.LogScale(base="10", factor=20.0, mean=[-10.0, 0, 10, 20], std=[1.0, 2, 3, 4])
    fmt = sd.MelFormat(bank, scale)
    code = make_code(fmt, "uint8")
    assert code.values.shape == (4, N_CODES)
    np.testing.assert_allclose(
        np.diff(code.values, axis=1).mean(axis=1), STEP_DB / np.array(scale.std)
    )
    stored = columns(fmt, code)
    np.testing.assert_array_equal(code.encode(code.decode(stored)), stored)


def test_a_code_comes_back_from_its_settings():
    for fmt in IN_BYTES:
        code = make_code(fmt, "uint8")
        again = code_of(code_settings(code), fmt)
        np.testing.assert_array_equal(again.values, code.values)
        names = ("low", "step", "floor", "to_db")
        assert [getattr(again, name) for name in names] == [getattr(code, name) for name in names]


def test_what_cannot_be_stored_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="dtype must be 'float16' for nemo-asr, whose numbers"):
        make_code(sd.mel_format("nemo-asr"), "uint8")
    with pytest.raises(ValueError, match=r"dtype must be 'uint8' for librosa-default.*65504"):
        make_code(sd.mel_format("librosa-default"), "float16")
    with pytest.raises(ValueError, match="dtype must be one of 'uint8', 'float16'; got 'int4'"):
        make_code(sd.mel_format("whisper-80"), "int4")


def test_statistics_are_those_of_the_numbers_however_they_are_cut(rng):
    fmt = sd.mel_format("hifigan-v1")
    A = rng.uniform(-11, 1, (300, 80)).astype(np.float32)
    for dtype in ("uint8", "float16"):
        code = make_code(fmt, dtype)
        stored = code.encode(A)
        parts = [sums_of([part]) for part in np.split(stored, [100, 101, 250])]
        found = statistics_of(total(parts, code, 80), code)
        numbers = code.decode(stored).astype(np.float64)
        np.testing.assert_allclose(found.mean, numbers.mean(axis=0), rtol=1e-9)
        np.testing.assert_allclose(found.std, numbers.std(axis=0), rtol=1e-6)
    counts = sums_of([make_code(fmt, "uint8").encode(A)])
    assert counts.sum() == A.size
