"""The Explorer with a kernel: its settings and its result as traits that the view shares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import traitlets

from specdemo import _checks
from specdemo._types import Array
from specdemo.audio import CLIPS, load
from specdemo.audio.wav import HIGHEST_RATE
from specdemo.live import twin
from specdemo.live.join import joined
from specdemo.live.traits import Setting, Twinned, choice, integer, name_of, number
from specdemo.stft import STFT

STEPS = ("spectrogram", "inversion", "mel", "mel_inversion", "mfcc", "staircase")
WINDOWS = ("hann", "hamming", "blackman", "boxcar")
SCALES = ("slaney", "htk")
STARTS = ("original", "zero", "random", "pghi")
REFINEMENTS = ("griffin_lim", "fast_griffin_lim")
AXES = ("linear", "log", "mel")
COLORMAPS = ("magma", "viridis", "cividis", "gray")

# Seconds of a recording that an Explorer takes.
LONGEST = 60.0

# What the steps set when the caller does not say otherwise.
PRESETS: dict[str, dict[str, Any]] = {
    "spectrogram": {"threshold_db": -60.0},
    "inversion": {"start": "random"},
    "mel": {"n_mels": 80, "fmax": 8000.0},
    "mel_inversion": {"n_mels": 80, "fmax": 8000.0},
    "mfcc": {"n_mels": 80, "fmax": 8000.0, "n_mfcc": 20},
    "staircase": {"n_mels": 80, "fmax": 8000.0, "start": "pghi"},
}


class _Samples(traitlets.TraitType):
    """A float32 signal, or None; on the wire it is the bytes of its samples."""

    def __init__(self, help: str) -> None:
        super().__init__(None, allow_none=True, help=help)
        # The view knows what it has sent: no need to send it back.
        self.tag(sync=True, echo_update=False, to_json=self._to_json, from_json=self._from_json)

    def validate(self, obj: Any, value: Any) -> Any:
        if value is None:
            return None
        return _kept(str(self.name), _checks.one_channel(str(self.name), value))

    @staticmethod
    def _to_json(value: Any, widget: Any) -> Any:
        return None if value is None else memoryview(value).cast("B")

    @staticmethod
    def _from_json(value: Any, widget: Any) -> Any:
        return None if value is None else np.frombuffer(value, np.float32).copy()


class Explorer(Twinned):
    """A live figure: hear and see what a step keeps of a sound, and what comes back.

    Parameters
    ----------
    clip : str, path-like, binary file or bytes-like
        A bundled clip, a label of `sounds`, or a recording as for `load`, which is offered under
        the stem of its name or, when it has none, as "recording". The first 60 s are taken.
    step : {"spectrogram", "inversion", "mel", "mel_inversion", "mfcc", "staircase"}
        Which controls are shown, and what they are set to at the start.
    sounds : dict of str to (ndarray, int), optional
        Signals of your own under their labels: samples in [-1, 1], shape (n_samples,), float32 or
        float64, and their sampling rate in Hz.
    caption : str, optional
        What to see and hear.
    **settings
        Any other trait below.

    Attributes
    ----------
    clip, clips : str, list of str
        Label of the sound, and the labels on offer. A file or a recording that the reader adds in
        the figure stays in the browser: it changes neither.
    step : str
        As above.
    n_fft, hop_length, window
        As in `STFT`; the window is "hann", "hamming", "blackman" or "boxcar".
    threshold_db : float
        Level in dB re the loudest cell, -120 to 0, below which cells are set to zero; -120 keeps all.
    n_mels, fmin, fmax, mel_scale
        As in `MelBank`; `n_mels = 0` is no mel step, `fmax = 0` half the sampling rate.
    shorten : float
        Factor by which the frames are fewer, as in `specdemo.shorten`; 1 does nothing.
    n_mfcc : int
        Cepstral coefficients that are kept of a mel spectrum; 0 is no cepstrum.
    start : {"original", "zero", "random", "pghi"}
        First guess of the phase. "original" is the true one, with nothing to iterate; a mel step
        starts from "pghi" whatever is said here.
    refine, n_iter, momentum
        As in `invert_spectrogram`: "griffin_lim" or "fast_griffin_lim", 0 to 300 iterations.
    axis : {"linear", "log", "mel"}
        Spacing of the frequencies.
    colormap : {"magma", "viridis", "cividis", "gray"}
    range_db : float
        Range of the colours in dB.
    x_hat : ndarray of float32, shape (n_samples,), or None
        What came back: set by the figure after every run.
    sr : int
        Sampling rate of `x_hat` in Hz; 0 before there is one.
    spectrogram : ndarray, shape (n_bins, n_frames), or None
        Magnitudes of `x_hat` with the present `n_fft`, `hop_length` and `window`.

    Raises
    ------
    TypeError, ValueError
        When a setting is of the wrong kind or out of range; the message names it. The figure
        itself says when settings contradict each other, such as `fmin` above `fmax`.
    FileNotFoundError
        When `clip` is neither a clip, nor a label, nor a file.

    Notes
    -----
    The output of a notebook holds the widget and, beside it, HTML that works without a kernel.
    `jupyter nbconvert --to html` by itself prefers the widget, of which nothing is seen then; where
    this package is installed beside it, a setting that comes with it turns that round.

    Examples
    --------
    >>> explorer = Explorer("drums", step="inversion", start="pghi")
    >>> explorer
    Explorer(step='inversion', clip='drums')
    >>> explorer.n_fft = 512
    """

    # Texts, where anywidget would watch files: after a change of the modules, restart the kernel.
    _esm = joined(twin.VIEW)
    _css = twin.style()
    _dsp = traitlets.Unicode().tag(sync=True)
    _preset = traitlets.Dict().tag(sync=True)

    clip = traitlets.Unicode(help="label of the sound").tag(sync=True)
    clips = traitlets.List(traitlets.Unicode(), help="labels on offer").tag(sync=True)
    step = choice("spectrogram", STEPS, "which controls are shown")
    caption = traitlets.Unicode(help="what to see and hear").tag(sync=True)

    n_fft = integer(1024, 2, 2**15, "length of window and DFT, samples")
    hop_length = integer(256, 1, 2**15, "samples from frame to frame")
    window = choice("hann", WINDOWS, "window, periodic")
    threshold_db = number(-120.0, "what is quieter is set to zero, dB", minimum=-120, maximum=0)
    n_mels = integer(0, 0, 256, "mel bands; 0: no mel step")
    fmin = number(0.0, "lower edge of the lowest band, Hz", minimum=0)
    fmax = number(0.0, "upper edge of the highest band, Hz; 0: sr / 2", minimum=0)
    mel_scale = choice("slaney", SCALES, "mel scale")
    shorten = number(1.0, "factor by which the frames are fewer", minimum=1, maximum=1000)
    n_mfcc = integer(0, 0, 256, "cepstral coefficients kept; 0: no cepstrum")
    start = choice("original", STARTS, "first guess of the phase")
    refine = choice("fast_griffin_lim", REFINEMENTS, "refinement of the phase")
    n_iter = integer(32, 0, 300, "iterations")
    momentum = number(0.99, "momentum of fast Griffin-Lim", minimum=0, below=1)

    axis = choice("linear", AXES, "spacing of the frequencies")
    colormap = choice("magma", COLORMAPS, "colours of the levels")
    range_db = number(80.0, "range of the colours, dB", minimum=20, maximum=120)

    x_hat = _Samples("what came back, float32")
    sr = integer(0, 0, 2**31, "sampling rate of x_hat, Hz")
    spectrogram = traitlets.Any(None, read_only=True, help="magnitudes of x_hat")

    def __init__(
        self,
        clip: Any = "speech",
        *,
        step: str = "spectrogram",
        sounds: Mapping[str, Any] | None = None,
        caption: str | None = None,
        **settings: Any,
    ) -> None:
        preset = PRESETS[_checks.choice("step", step, STEPS)]
        unknown = sorted(set(settings) - set(_settings()))
        if unknown:
            raise TypeError(
                f"{unknown[0]} is not a setting of an Explorer; known are {', '.join(_settings())}"
            )
        self._sounds = _own_sounds(sounds)
        label = self._add(clip)
        super().__init__(
            clips=list(dict.fromkeys([*self._sounds, *CLIPS])),
            clip=label,
            step=step,
            caption=caption or "",
            _dsp=joined(twin.WORKER),
            **{**preset, **settings},
        )
        self._preset = {name: getattr(self, name) for name in ("clip", *_settings())}
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"Explorer(step={self.step!r}, clip={self.clip!r})"

    def twin(self) -> str:
        """The figure as HTML that mounts itself, for pages without a kernel.

        Returns
        -------
        str
            A picture, a player and the caption, which a host without JavaScript shows, and the
            script that puts the live figure in their place. Its sounds are the present clip and
            those of the caller.
        """
        return twin.figure(self, ("clip", "step", *_settings()))

    def sound(self, label: Any) -> tuple[Array, int]:
        """Samples and sampling rate behind a label.

        Parameters
        ----------
        label : str
            One of `clips`.

        Returns
        -------
        x : ndarray of float32, shape (n_samples,)
        sr : int
        """
        _checks.choice("label", label, self.clips)
        if label not in self._sounds:
            return load(label, duration=LONGEST)
        x, sr = self._sounds[label]
        return x.copy(), sr

    @traitlets.validate("clip")
    def _check_clip(self, proposal: Any) -> str:
        return _checks.choice("clip", proposal["value"], self.clips)

    @traitlets.observe("x_hat", "n_fft", "hop_length", "window")
    def _analyse(self, change: Any) -> None:
        grid = STFT(max(1, self.sr), self.n_fft, self.hop_length, window=self.window)
        S = None if self.x_hat is None else grid.magnitude(self.x_hat)
        self.set_trait("spectrogram", S)

    def _add(self, clip: Any) -> str:
        """Return the label of a clip; a file is loaded first."""
        if isinstance(clip, str) and (clip in self._sounds or clip in CLIPS):
            return clip
        _checks.no_array("clip", clip, "sounds={'mine': (x, sr)}, and clip='mine'")
        x, sr = load(clip, duration=LONGEST)
        label = name_of(clip)
        self._sounds = {label: (x, sr), **self._sounds}
        return label

    def _answer(self, _: Any, content: Any, buffers: Any) -> None:
        """Send the sound that the view asks for, or say why not."""
        if not isinstance(content, dict) or content.get("kind") != "sound":
            return
        label = content.get("clip")
        try:
            x, sr = self.sound(label)
        except (TypeError, ValueError, OSError) as error:
            self.send({"kind": "sound", "clip": label, "error": str(error)})
            return
        self.send({"kind": "sound", "clip": label, "sr": sr}, [x.data.cast("B")])


@cache
def _settings() -> tuple[str, ...]:
    """Names of the traits that the caller may set and a link may carry, in their order."""
    kept = [name for name, trait in vars(Explorer).items() if isinstance(trait, Setting)]
    return tuple(name for name in kept if name not in ("step", "sr"))


def _own_sounds(sounds: Mapping[str, Any] | None) -> dict[str, Any]:
    """Check the caller's sounds; return them as float32 and their rates, by label."""
    if sounds is None:
        return {}
    _checks.instance("sounds", sounds, dict)
    return {
        _label(label): _own_sound(f"sounds[{label!r}]", sound) for label, sound in sounds.items()
    }


def _label(label: Any) -> str:
    if not isinstance(label, str) or not label:
        raise TypeError(f"sounds must have labels that are text; got {label!r}")
    return label


def _own_sound(name: Any, sound: Any) -> Any:
    if not isinstance(sound, tuple) or len(sound) != 2:
        raise TypeError(f"{name} must be a pair (x, sr); got {type(sound).__name__}")
    x = _checks.one_channel(name, sound[0])
    sr = _checks.integer(f"the sr of {name}", sound[1], maximum=HIGHEST_RATE)
    if len(x) > LONGEST * sr:
        raise ValueError(f"{name} must be at most {LONGEST:g} s long; it has {len(x) / sr:.1f} s")
    loudest = float(np.abs(x).max())
    if loudest > 1:
        raise ValueError(
            f"{name} must stay in [-1, 1]; its peak is {loudest:.4g}: divide it by that first"
        )
    return _kept(name, x), sr


def _kept(name: str, x: Array) -> Array:
    """A copy in single precision, which the caller cannot change."""
    with np.errstate(over="ignore"):
        y = np.array(x, np.float32, order="C")
    if not np.isfinite(y).all():
        raise ValueError(
            f"{name} must stay within what float32 holds; it reaches {np.abs(x).max():.4g}"
        )
    return y
