"""Numbers of a format in blocks: those of the whole sound, whatever the pieces and the format."""

import errno
import os
import tracemalloc
import warnings

import numpy as np
import pytest

import specdemo as sd
from specdemo.corpus import bands
from specdemo.corpus.bands import Pieces, numbers
from specdemo.corpus.codes import make_code
from specdemo.corpus.recordings import features_of
from specdemo.corpus.shards import OF_THE_MACHINE


def in_blocks(fmt, x, n):
    taken = {}
    pieces = Pieces(x[i : i + n] for i in range(0, len(x), n))
    A = np.concatenate(list(numbers(fmt, pieces, taken)))
    return (A if fmt.frames_first else A.T), taken


def test_blocks_are_the_formats_numbers(rng, monkeypatch):
    """Of all formats; of sounds of a frame, of a little more, and of many blocks."""
    monkeypatch.setattr(bands, "BLOCK_SAMPLES", 2**15)
    for name in sd.mel_formats():
        fmt = sd.mel_format(name)
        for length in (fmt.bank.stft.n_fft, 3001, 30001):
            x = rng.uniform(-0.5, 0.5, length).astype(np.float32)
            x *= np.sin(np.arange(length) / 3000, dtype=np.float32)
            A = fmt.forward(x)
            for n in (length, 777):
                B, _ = in_blocks(fmt, x, n)
                assert B.shape == A.shape, (name, length, n)
                np.testing.assert_allclose(
                    B, A, atol=2e-5 * np.abs(A).max(), rtol=0, err_msg=f"{name}, {length}, {n}"
                )


def test_what_a_format_takes_away_is_told():
    x, _ = sd.load("speech", sr=16000)
    whole, taken = in_blocks(sd.mel_format("nemo-asr"), x, 5000)
    fmt = sd.mel_format("nemo-asr").with_statistics(taken["mean"], taken["std"])
    np.testing.assert_allclose(fmt.forward(x), whole, atol=1e-4)
    fmt = sd.mel_format("librosa-default-db")
    x, _ = sd.load("speech", sr=round(fmt.sr))
    whole, taken = in_blocks(fmt, x, 5000)
    assert list(taken) == ["largest"]
    np.testing.assert_allclose(whole.max(), 0, atol=1e-5)
    np.testing.assert_allclose(fmt.with_peak(taken["largest"]).forward(x), whole, atol=1e-3)


def test_what_is_held_of_an_utterance_goes_to_the_disk(monkeypatch):
    x, _ = sd.load("speech", sr=16000)
    fmt = sd.mel_format("whisper-80")
    expected, _ = in_blocks(fmt, x, len(x))
    monkeypatch.setattr(bands, "SPOOLED", 1000)
    np.testing.assert_array_equal(in_blocks(fmt, x, len(x))[0], expected)


@pytest.mark.parametrize("n_samples", [8, 300])
def test_too_short_sounds_are_refused_in_the_words_of_forward(n_samples):
    n_refused = 0
    x = np.zeros(n_samples, np.float32)
    for name in sd.mel_formats():
        fmt = sd.mel_format(name)
        try:
            A = fmt.forward(x)
        except ValueError as error:
            n_refused += 1
            with pytest.raises(ValueError, match="x must have at least") as raised:
                in_blocks(fmt, x, 100)
            assert str(raised.value) == str(error), name
        else:
            whole, _ = in_blocks(fmt, x, 100)
            assert whole.shape == A.shape, name
    assert n_refused > 3


def test_what_forward_refuses_or_has_no_numbers_of_is_refused():
    """Of all formats: such as the deviation of a single frame, or of none."""
    n_refused = 0
    for name in sd.mel_formats():
        fmt = sd.mel_format(name)
        for length in (1, 159, 160, 300, 320):
            x = np.sin(np.arange(length, dtype=np.float32))
            try:
                with np.errstate(invalid="ignore"), warnings.catch_warnings(action="ignore"):
                    good = bool(np.isfinite(fmt.forward(x)).all())
            except ValueError:
                good = False
            try:
                A, _ = in_blocks(fmt, x, length)
            except ValueError:
                A = np.empty(0)
            assert (A.size > 0) == good, (name, length)
            assert np.isfinite(A).all(), (name, length)
            n_refused += not good
    assert n_refused > 20


def test_short_recordings_of_a_format_with_deviations_are_problems(tmp_path):
    fmt = sd.mel_format("nemo-asr")
    code = make_code(fmt, "float16")
    for length, refused in ((100, True), (319, True), (320, False), (400, False)):
        sd.save(tmp_path / "short.wav", 0.5 * np.sin(np.arange(length)), 16000)
        if not refused:
            row, (*_, last) = features_of(tmp_path, "short.wav", fmt, code)
            assert np.isfinite(last).all()
            assert np.isfinite(row["mean"] + row["std"]).all()
            continue
        with pytest.raises(ValueError, match=f"must have at least 320 samples .* got {length}"):
            features_of(tmp_path, "short.wav", fmt, code)


def test_a_full_folder_of_temporary_files_is_named(monkeypatch):
    """And is no fault of the recording, whatever the system calls it."""
    monkeypatch.setattr(bands, "SPOOLED", 1000)
    fmt, x = sd.mel_format("whisper-80"), np.zeros(16000, np.float32)
    for code, seen in (
        (errno.ENOSPC, errno.ENOSPC),
        (errno.EFBIG, errno.EFBIG),
        (errno.ENOENT, errno.EIO),
    ):

        def full(*_, code=code, **__):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr("tempfile.TemporaryFile", full)
        with pytest.raises(OSError, match="TMPDIR") as raised:
            in_blocks(fmt, x, len(x))
        assert raised.value.errno == seen
        assert seen in OF_THE_MACHINE


def test_memory_does_not_grow_with_the_length_of_a_recording(tmp_path, monkeypatch):
    """But for what is stored, a byte a number: also where the largest number must be waited for."""
    monkeypatch.setattr(bands, "SPOOLED", 2**18)
    x, sr = sd.load("speech", sr=16000)
    for name in ("whisper-80", "speechbrain-fbank", "hifigan-v1"):
        fmt, peaks = sd.mel_format(name), []
        code = make_code(fmt, "uint8")
        for minutes in (1, 4):
            sd.save(tmp_path / "long.wav", np.resize(x, minutes * 60 * sr), sr)
            features_of(tmp_path, "long.wav", fmt, code)  # what is computed once is there now
            tracemalloc.start()
            row, stored = features_of(tmp_path, "long.wav", fmt, code)
            peaks.append(tracemalloc.get_traced_memory()[1] - sum(A.nbytes for A in stored))
            tracemalloc.stop()
            assert row["n_samples"] == minutes * 60 * fmt.sr
        assert peaks[1] < 1.2 * peaks[0] + 1e6, (name, peaks)
