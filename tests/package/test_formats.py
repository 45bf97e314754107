"""Mel formats against arrays that the systems themselves made, and sound back from them.

`formats.npz` holds, for 25 systems, the array that their own code made of a second of
`audio_samples/speech.wav`, cut to some of its frames, and that second at their rate.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from specdemo import STFT, MelBank, load, log_spectral_distance, resample
from specdemo.formats import LogScale, MelFormat, mel_format, mel_formats
from specdemo.formats.fit import NOT_BLANK, doubt, least_peak
from specdemo.formats.registry import registry

ARRAYS = np.load(Path(__file__).with_name("formats.npz"))
SYSTEMS = [name.removesuffix(":x") for name in ARRAYS.files if name.endswith(":x")]

# What single precision leaves of the originals: in log units, and relative where bands are linear.
IN_LOGS, RELATIVE = 5e-3, 2e-5


def original(name):
    """The sound of a system's array, the frames that are kept, and how many there were."""
    n_frames, *kept = ARRAYS[f"{name}:frames"].tolist()
    return ARRAYS[str(ARRAYS[f"{name}:x"])], ARRAYS[name], kept, n_frames


def speech(sr, seconds=1.0):
    x, found = load("speech", offset=0.5, duration=seconds)
    return resample(x.astype(np.float64), found, round(sr))


# --- formats and systems ---------------------------------------------------------------------


@pytest.mark.parametrize("name", SYSTEMS)
def test_forward_is_the_systems(name):
    x, expected, kept, n_frames = original(name)
    fmt = mel_format(name)
    A = fmt.forward(x.astype(np.float64))
    A = A if fmt.frames_first else A.T
    assert len(A) == n_frames == fmt.n_frames(len(x))
    expected = expected if fmt.frames_first else expected.T
    tolerance = RELATIVE * np.abs(expected).max() if fmt.scale is None else IN_LOGS
    np.testing.assert_allclose(A[kept], expected, rtol=0, atol=tolerance)


def test_the_right_format_is_proposed_for_every_array_and_few_others():
    n_proposed = []
    for name in SYSTEMS:
        proposed = mel_formats(ARRAYS[name])
        assert name in proposed, name
        n_proposed.append(len(proposed))
    assert np.median(n_proposed) <= 3


def test_a_sound_decides():
    """Only formats that differ in no number are left, such as Tacotron 2's, which SpeechBrain took."""
    same = (
        {"tacotron2", "speechbrain-hifigan"},
        {"hifigan-v1", "bigvgan-v2-22khz-80band-fmax8k-256x"},
    )
    x, sr = load("speech", offset=0.5, duration=0.5)
    for name in ("tacotron2", "hifigan-v1", "vits", "cosyvoice2", "nemo-asr", "librosa-default-db"):
        fmt = mel_format(name)
        A = fmt.forward(resample(x, sr, fmt.sr)).astype(np.float16)
        expected = next((names for names in same if name in names), {name})
        assert set(mel_formats(A, x=x, sr=sr)) == expected, name
        assert mel_formats(A, x=x[::-1], sr=sr) == [], name


def test_a_recordings_array_is_proposed_in_its_format_whatever_the_recording():
    for clip in ("music", "drums"):
        x, sr = load(clip, duration=1.0)
        for name in mel_formats():
            if name != "riffusion":  # the only one with 512 bands, and slow
                fmt = mel_format(name)
                assert name in mel_formats(fmt.forward(resample(x, sr, fmt.sr))), (clip, name)


@pytest.mark.parametrize("name", ["tacotron2", "vggish", "bigvgan-v2-44khz-128band-256x"])
def test_the_least_peak_is_never_above_the_peak(name):
    """And for noise, whose bands are full, not far below it."""
    fmt = mel_format(name)
    x = speech(fmt.sr, 0.5)
    noise = np.random.default_rng(0).uniform(-1, 1, len(x))
    for sound in (x, noise, np.sin(0.1 * np.arange(len(x)))):
        assert least_peak(fmt, fmt.forward(sound)) <= np.abs(sound).max()
    assert least_peak(fmt, fmt.forward(noise)) > 0.3


def test_an_array_whose_last_frame_is_overwritten_as_its_format_says_is_the_less_doubtful():
    fmt = mel_format("nemo-asr")
    A = fmt.forward(resample(*load("speech", duration=1), fmt.sr))
    trimmed = A[:, :-1]
    assert doubt(fmt, trimmed) - doubt(fmt, A) == pytest.approx(NOT_BLANK, abs=0.1)


def test_aliases_are_formats_of_the_same_numbers():
    assert mel_format("waveglow") is mel_format("tacotron2")
    assert mel_format("bigvgan-24khz-100band") == mel_format("univnet-c32")
    assert "waveglow" not in mel_formats()
    aliases = [alias for entry in registry().values() for alias in entry.get("aliases", ())]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(registry())
    for alias in aliases:
        assert mel_format(alias).name in registry(), alias


def test_every_format_of_the_registry_goes_down_and_fits_itself():
    for name in mel_formats():
        fmt = mel_format(name)
        A = fmt.forward(speech(fmt.sr))
        assert np.isfinite(A).all(), name
        assert fmt.misfit(A) is None, name
        assert registry()[name]["source"], name


@pytest.mark.parametrize(
    "name",
    [
        "hifigan-v1",
        "parallel-wavegan-ljspeech",
        "keithito-tacotron",
        "whisper-80",
        "kaldi-fbank-80",
    ],
)
def test_sound_comes_back_with_its_bands_and_its_level(name):
    """A fraction of a dB of every band, and 1 dB of the whole, from what a network would hand over."""
    fmt = mel_format(name)
    x = speech(fmt.sr).astype(np.float32)
    A = fmt.forward(x)
    y = fmt.inverse(A.astype(np.float16), length=len(x), n_iter=60, rng=0)
    assert y.shape == x.shape
    assert y.dtype == np.float32
    inner = slice(4, -4)
    M, M_hat = (fmt.bank.forward(fmt.bank.stft.magnitude(s))[:, inner] for s in (x, y))
    assert log_spectral_distance(M, M_hat, floor_db=-40.0) < 2
    assert abs(20 * np.log10(np.linalg.norm(M_hat) / np.linalg.norm(M))) < 1


@pytest.mark.parametrize("name", mel_formats())
def test_a_batch_is_its_sounds_one_by_one(name):
    fmt = mel_format(name)
    x = np.stack([speech(fmt.sr, 0.3), 0.1 * np.sin(np.arange(len(speech(fmt.sr, 0.3))))])
    expected = np.stack([fmt.forward(one) for one in x])
    np.testing.assert_allclose(fmt.forward(x), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(fmt.forward(x[np.newaxis])[0], fmt.forward(x))


@pytest.mark.parametrize("name", mel_formats())
def test_a_short_sound_has_an_array_or_is_refused_with_the_samples_that_it_lacks(name):
    fmt = mel_format(name)
    n_least = 1
    for n_samples in (1, 10, 100, 300):
        try:
            A = fmt.forward(speech(fmt.sr, 0.1)[:n_samples])
        except ValueError as error:
            n_least = int(str(error).removeprefix("x must have at least ").split(" samples")[0])
            assert str(error).endswith(f"; got {n_samples}")
            assert n_samples < n_least
        else:
            assert A.shape[-1 if fmt.frames_first else -2] == fmt.bank.n_mels
            assert A.shape[-2 if fmt.frames_first else -1] == fmt.n_frames(n_samples)
            assert np.isfinite(A).all()
    assert np.isfinite(fmt.forward(speech(fmt.sr, 0.2)[:n_least])).all()
    if n_least > 1:
        with pytest.raises(ValueError, match=f"^x must have at least {n_least} samples"):
            fmt.forward(speech(fmt.sr, 0.2)[: n_least - 1])
    with pytest.raises(ValueError, match=r"^x is empty: its shape is \(0,\)$"):
        fmt.forward(np.zeros(0))


@pytest.mark.parametrize("name", mel_formats())
def test_samples_first_and_integers_are_refused_with_the_way_out(name):
    fmt = mel_format(name)
    x = np.stack([speech(fmt.sr, 0.1)] * 2, axis=-1)
    with pytest.raises(ValueError, match=r"^x must have shape .*: pass x\.T$"):
        fmt.forward(x)
    with pytest.raises(TypeError, match=r"convert samples with x\.astype\(np\.float32\) / 32768$"):
        fmt.forward((x[:, 0] * 32767).astype(np.int16))


def test_too_short_a_sound_made_no_array_of_those_that_are_known():
    A = mel_format("nemo-asr").forward(speech(16000, 0.1))[:, :2]
    assert mel_formats(A, x=speech(16000, 0.1)[:300], sr=16000) == []
    with pytest.raises(ValueError, match=r"^x must have shape \(n_samples,\); .*pass one channel"):
        mel_formats(A, x=np.zeros((2, 300)), sr=16000)


def test_a_batch_of_one_comes_back_as_one():
    fmt = mel_format("tacotron2")
    A = fmt.forward(speech(fmt.sr, 0.3))
    batch = fmt.inverse(A[np.newaxis], n_iter=3, rng=0)
    np.testing.assert_array_equal(batch, fmt.inverse(A, n_iter=3, rng=0)[np.newaxis])


@pytest.mark.parametrize("name", ["audiocraft-melwrapper", "whisper-80"])
def test_the_end_of_a_sound_is_found_where_its_length_is_given(name):
    """Also where zeros behind it make its last frame whole."""
    fmt = mel_format(name)
    x = speech(fmt.sr, 0.7)[: 11 * fmt.bank.stft.hop_length + 37]
    A = fmt.forward(x)
    y = fmt.inverse(A, length=len(x), n_iter=40, rng=0)
    error = np.abs(fmt.forward(y) - A)
    error = error.T if fmt.frames_first else error
    assert error[:, -2:].mean() < 3 * error[:, 2:-2].mean()


@pytest.mark.parametrize("name", ["audiocraft-melwrapper", "hifigan-v1", "kaldi-fbank-80"])
def test_a_length_that_only_cuts_changes_no_sample_before_it(name):
    fmt = mel_format(name)
    A = fmt.forward(speech(fmt.sr, 0.7))
    cut = [fmt.inverse(A, length=length, n_iter=3, rng=0) for length in (1000, 5000)]
    np.testing.assert_array_equal(cut[0], cut[1][:1000])


def test_the_end_of_a_sound_behind_zeros_in_front_comes_back():
    """GANSynth fills up in front; without a length, what comes back has a hop for every frame."""
    fmt = mel_format("gansynth-mel")
    x = speech(16000, 0.4)
    A = fmt.forward(x)
    assert fmt.inverse(A, n_iter=2, rng=0).shape == (16 * 512,)
    y = fmt.inverse(A, length=len(x), n_iter=30, rng=0)
    S, S_hat = (np.abs(STFT(16000, 512, 128).forward(s)) for s in (x, y))
    assert log_spectral_distance(S, S_hat, floor_db=-30.0) < 4
    with pytest.raises(ValueError, match="length must be at most"):
        fmt.inverse(A, length=10**6)


# --- refusals that help ----------------------------------------------------------------------


def test_what_an_array_cannot_be_is_said_with_what_it_can_be():
    A = mel_format("vocos-24k").forward(speech(24000, 0.3))
    with pytest.raises(ValueError, match="80 bands; got .*; it can be one of .*vocos-24k"):
        mel_format("hifigan-v1").inverse(A)
    with pytest.raises(ValueError, match="vocos-24k.*, if it is transposed"):
        mel_format("vocos-24k").inverse(A.T)
    decibels = 20 / np.log(10) * mel_format("hifigan-v1").forward(speech(22050, 0.3))
    with pytest.raises(ValueError, match="must not go below -11.51; its values go down to -"):
        mel_format("hifigan-v1").inverse(decibels)
    with pytest.raises(ValueError, match="no sound within -1 and 1 makes it go beyond"):
        mel_format("hifigan-v1").inverse(np.full((80, 9), 20.0))
    with pytest.raises(ValueError, match="its values must lie within 2; they lie 2.6 apart"):
        mel_format("whisper-80").inverse(np.linspace(-1.4, 1.2, 800).reshape(80, 10))


@pytest.mark.parametrize("stray", [-30.0, 1e6])
def test_a_value_in_a_thousand_may_lie_anywhere_and_no_more(stray):
    """The sound is that of the array with the least or largest other value in the stray's place."""
    fmt = mel_format("hifigan-v1")
    A = np.tile(fmt.forward(0.3 * speech(22050, 0.3)), 2)
    at = np.random.default_rng(0).choice(A.size, A.size // 1000, replace=False)
    A.flat[at] = stray
    others = np.delete(A.ravel(), at)
    expected = A.copy()
    expected.flat[at] = np.clip(stray, others.min(), others.max())
    with pytest.warns(
        UserWarning, match=f"{len(at)} of the {A.size} values of A lie beyond -11.51"
    ):
        y = fmt.inverse(A, n_iter=3, rng=0)
    assert np.array_equal(y, fmt.inverse(expected, n_iter=3, rng=0))
    assert "hifigan-v1" in mel_formats(A)
    A.flat[: A.size // 1000 + 1] = stray
    with pytest.raises(ValueError, match="values go"):
        fmt.inverse(A)


def test_a_sound_that_is_far_too_loud_is_warned_of():
    """Matcha's array, still normalised, lies within HiFi-GAN's bounds: only its sound tells."""
    A = mel_format("matcha-ljspeech").forward(speech(22050, 0.3))
    with pytest.warns(UserWarning, match="the sound reaches .*is A still normalised"):
        mel_format("hifigan-v1").inverse(A, n_iter=3, rng=0)


def test_statistics_of_the_utterance_can_be_given_back():
    fmt = mel_format("nemo-asr")
    x = speech(16000, 0.5)
    with pytest.raises(ValueError, match=r"must be given back: scale.with_statistics\(mean, std\)"):
        fmt.inverse(fmt.forward(x))
    raw = replace(fmt, scale=replace(fmt.scale, per_band=False), blank_last=None, drop_last=True)
    logs = raw.forward(x)
    known = fmt.with_statistics(logs.mean(axis=1), logs.std(axis=1, ddof=1) + 1e-5)
    A = fmt.forward(x)
    np.testing.assert_allclose(known.scale.inverse(A[:, :-1]), np.exp(logs) - 2.0**-24, rtol=1e-6)


def test_the_level_can_be_given_back():
    fmt = mel_format("librosa-default-db")
    x = speech(22050, 0.5)
    peak = 10 * np.log10(fmt.bank.forward(fmt.bank.stft.magnitude(x)).max())
    assert "level is lost" in fmt.losses[0]
    A = fmt.forward(x)
    assert A.max() == 0
    given = fmt.with_peak(peak)
    M = given.scale.inverse(A)
    assert 10 * np.log10(M.max()) == pytest.approx(peak)


def test_what_no_array_can_give_back_is_told():
    bank = MelBank(STFT(8000, 256, 64), 20)
    scale = LogScale(below_max=8.0, clip=(-4.0, 4.0))
    said = " ".join(MelFormat(bank, scale, drop_last=True).losses)
    assert "more than 8 below the largest logarithm" in said
    assert "Values beyond -4 and 4 are clipped" in said
    assert "The last frame is left out" in said
    assert not mel_format("hifigan-v1").losses


def test_statistics_are_those_of_the_bands():
    fmt = mel_format("nemo-asr").with_statistics(np.zeros(80), np.ones(80))
    short = replace(fmt, scale=replace(fmt.scale, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)))
    with pytest.raises(ValueError, match="number for each of the 80 bands; got 3"):
        short.inverse(np.zeros((80, 20)))
    with pytest.raises(ValueError, match=r"mean must have one axis; got shape \(2, 80\)"):
        fmt.with_statistics(np.zeros((2, 80)), np.ones(80))
    column = fmt.with_statistics(np.zeros((80, 1)), np.ones((80, 1)))
    assert column == fmt
    with pytest.raises(ValueError, match=r"M must have at least 2 frames .*; got shape \(3, 1\)"):
        LogScale(per_band=True).forward(np.ones((3, 1)))
    with pytest.raises(ValueError, match="scale must be a LogScale"):
        replace(fmt, scale=None).with_peak(3.0)


# --- the scale -------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["e", "10"])
@pytest.mark.parametrize("rule", [{}, {"add": True}, {"zeros_only": True}])
def test_a_scale_knows_its_inverse_and_its_lowest_value(base, rule):
    scale = LogScale(base=base, factor=3.0, floor=1e-4, mean=-2.0, std=1.5, **rule)
    M = np.array([[0.0, 1e-3], [0.5, 7.0]])
    A = scale.forward(M)
    back = scale.inverse(A)
    np.testing.assert_allclose(back[M > 0], M[M > 0], rtol=1e-12)
    assert back[0, 0] <= 1e-4 * (1 + 1e-12)
    log = np.log if base == "e" else np.log10
    np.testing.assert_allclose(A[1, 1], (3 * log(7 + (1e-4 if "add" in rule else 0)) + 2) / 1.5)
    assert A.min() >= scale.lowest


def test_settings_are_checked_and_compare():
    assert mel_format("hifigan-v1") == mel_format("hifigan-v1")
    assert hash(LogScale(mean=[0.0, 1.0])) == hash(LogScale(mean=np.array([0.0, 1.0])))
    bank = MelBank(STFT(8000, 256, 64), 20)
    for bad, message in [
        (lambda: LogScale(base="2"), "base must be one of"),
        (lambda: LogScale(floor=0), "floor must be .*at least 1e-30"),
        (lambda: LogScale(add=True, zeros_only=True), "exclude each other"),
        (lambda: LogScale(clip=(1, 0)), "a lower and a higher"),
        (lambda: MelFormat(bank, preemphasis=1.0), "preemphasis must be .*below 1"),
        (lambda: MelFormat(bank, fill="ones"), "fill must be one of"),
        (lambda: mel_format("hifigan"), "did you mean 'hifigan-v1' or"),
        (lambda: mel_format("whispr-80"), "did you mean 'whisper-80' or"),
    ]:
        with pytest.raises(ValueError, match=message):
            bad()
