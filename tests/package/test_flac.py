"""FLAC files whose header does not tell the length, that are damaged, or stand one behind the other."""

import io

import numpy as np
import pytest

from encoded import N_SAMPLES, encoded, flac, heard
from specdemo import load

soundfile = pytest.importorskip("soundfile")


def test_the_length_in_a_flac_header_does_not_decide():
    x = heard(encoded("FLAC", "PCM_16"))
    for n_samples in (0, 1, 20_000, N_SAMPLES):
        np.testing.assert_array_equal(heard(flac(n_samples)), x, err_msg=str(n_samples))
    for n_samples in (N_SAMPLES + 1, 2**36 - 1):
        y = heard(flac(n_samples), f"promises {n_samples} samples, {N_SAMPLES} are there")
        np.testing.assert_array_equal(y, x, err_msg=str(n_samples))
    for n_samples in (0, 20_000, 2**36 - 1):
        y, _ = load(io.BytesIO(flac(n_samples)), offset=100_000 / 22050, duration=1)
        np.testing.assert_array_equal(y, x[100_000:122_050], err_msg=str(n_samples))


def test_a_flac_frame_that_is_damaged_is_not_called_the_end():
    """A decoder stops there; what is behind it is in the file all the same."""
    content = bytearray(encoded("FLAC", "PCM_16"))
    content[len(content) // 3] ^= 16
    assert 0 < len(heard(bytes(content), f"is damaged: of {N_SAMPLES} samples")) < N_SAMPLES
    half = encoded("FLAC", "PCM_16")[: len(content) // 2]
    heard(half, f"ends early: its header promises {N_SAMPLES} samples")


def test_flac_files_one_behind_the_other_are_all_read():
    content = encoded("FLAC", "PCM_16")
    x = heard(content)
    np.testing.assert_array_equal(heard(content * 3), np.concatenate([x, x, x]))
    for offset in (100_000, N_SAMPLES, N_SAMPLES + 70_000):
        y, _ = load(io.BytesIO(content * 2), offset=offset / 22050, duration=1)
        np.testing.assert_array_equal(
            y, np.tile(x, 2)[offset : offset + 22050], err_msg=str(offset)
        )
    half = flac(0)[: len(content) // 2]
    short = heard(flac(0) + half, "ends early: its last frame is cut")
    np.testing.assert_array_equal(short[:N_SAMPLES], x)
    # Some releases of libsndfile go on behind the cut.
    assert len(heard(half + flac(0), "is damaged: a FLAC file in it, and not the last one, is cut"))
    np.testing.assert_array_equal(heard(content + encoded("FLAC", "PCM_16", 8000), "at 8000 Hz"), x)


def test_a_flac_file_that_does_not_know_its_length_is_cut_within_a_frame_or_whole():
    """Not all releases of libsndfile tell."""
    content = flac(0)
    x = heard(content)
    for n_bytes in (len(content) - 1, len(content) - 2000, 100_001, 30_000):
        assert len(heard(content[:n_bytes], "ends early: its last frame is cut")) < len(x)
    for kind, n_channels in (("PCM_S8", 1), ("PCM_24", 2), ("PCM_16", 6)):
        file = io.BytesIO()
        noise = np.random.default_rng(7).uniform(-1, 1, (10_000, n_channels))
        soundfile.write(file, noise, 22050, format="FLAC", subtype=kind)
        whole = bytearray(file.getvalue())
        whole[21:26] = bytes([whole[21] & 0xF0]) + bytes(4)
        assert heard(bytes(whole)).size == 10_000 * n_channels, kind
        heard(bytes(whole[:-1]), "its last frame is cut")


def test_a_tag_behind_the_sound_of_a_flac_file_is_not_taken_for_a_cut():
    content = flac(0)
    np.testing.assert_array_equal(heard(content + b"TAG" + bytes(125)), heard(content))


def test_what_looks_like_a_flac_file_within_what_is_known_of_one_is_none():
    """An application's block may hold anything."""
    content = encoded("FLAC", "PCM_16")
    block = b"\2" + (300).to_bytes(3, "big") + b"APPL" + b"fLaC\0\0\0\x22" + bytes(288)
    np.testing.assert_array_equal(heard(content[:42] + block + content[42:]), heard(content))
