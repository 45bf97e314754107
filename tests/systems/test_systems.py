"""The registry against the packages themselves, where they are installed: `make formats`.

A second of speech through each package's own function, as its documentation calls it, and through
the format of its name, in every frame that both have.
"""

import numpy as np
import pytest

import specdemo as sd

IN_LOGS, RELATIVE = 5e-3, 2e-5


def sound(sr):
    x, found = sd.load("speech", offset=0.5, duration=1.0)
    return sd.resample(x, found, sr)


def whisper(n_mels):
    pytest.importorskip("torch")
    return pytest.importorskip("whisper").log_mel_spectrogram(sound(16000), n_mels=n_mels).numpy()


def extracted(kind, sr, argument, result, **settings):
    """What a feature extractor of transformers makes of the sound."""
    extractor = getattr(pytest.importorskip("transformers"), kind)()
    arguments = {argument: sound(sr), "sampling_rate": sr, "return_tensors": "np"}
    return extractor(**arguments, **settings)[result][0]


def kaldi():
    fbank = pytest.importorskip("kaldi_native_fbank")
    options = fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    online = fbank.OnlineFbank(options)
    online.accept_waveform(16000, (sound(16000) * 32768).tolist())
    online.input_finished()
    return np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])


def librosa():
    feature = pytest.importorskip("librosa").feature
    return feature.melspectrogram(y=sound(22050), sr=22050)


SYSTEMS = {
    "whisper-80": lambda: whisper(80),
    "whisper-128": lambda: whisper(128),
    "whisper-transformers": lambda: extracted(
        "WhisperFeatureExtractor", 16000, "raw_speech", "input_features"
    ),
    "speecht5": lambda: extracted(
        "SpeechT5FeatureExtractor", 16000, "audio_target", "input_values"
    ),
    "univnet-transformers": lambda: extracted(
        "UnivNetFeatureExtractor", 24000, "raw_speech", "input_features", return_noise=False
    ),
    "ast": lambda: extracted("ASTFeatureExtractor", 16000, "raw_speech", "input_values"),
    "clap-fusion": lambda: extracted("ClapFeatureExtractor", 48000, "raw_speech", "input_features")[
        0
    ],
    "librosa-default": librosa,
    "librosa-default-db": lambda: pytest.importorskip("librosa").power_to_db(librosa(), ref=np.max),
    "kaldi-fbank-80": kaldi,
    "python-speech-features": lambda: pytest.importorskip("python_speech_features").logfbank(
        sound(16000).astype(float)
    ),
}
# Those that go on after the end of the sound: with silence, or with what fills up their input.
LONGER = {"whisper-transformers", "ast", "clap-fusion"}


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_format_is_the_packages(name):
    expected, fmt = SYSTEMS[name](), sd.mel_format(name)
    A = fmt.forward(sound(round(fmt.sr)).astype(np.float64))
    time = 0 if fmt.frames_first else 1
    n_frames = A.shape[time]
    assert expected.shape[time] >= n_frames if name in LONGER else expected.shape == A.shape
    expected = expected.take(range(n_frames), axis=time)
    # CLAP repeats a sound that is shorter than its input, at once behind it.
    whole = n_frames - 3 if name == "clap-fusion" else n_frames
    A, expected = (array.take(range(whole), axis=time) for array in (A, expected))
    tolerance = RELATIVE * np.abs(expected).max() if fmt.scale is None else IN_LOGS
    np.testing.assert_allclose(A, expected, rtol=0, atol=tolerance)
