"""Live figures: a sound, one step of the staircase, its controls, and what comes back.

`Explorer` is one widget with two lives. With a kernel (JupyterLab, Notebook 7, VS Code) its
settings and its result are traits of the Python object. On a static page the same JavaScript is
mounted by its HTML twin, and nothing but a browser is needed. Nothing is built or bundled:

* `explorer.js`, `explorer.css` : what is seen and heard;
* `dsp.js` : the mathematics, in a worker, held to this package by golden vectors.

A host that runs no JavaScript shows the picture and the player that the twin contains.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from functools import cache
from os import PathLike
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from specdemo import _checks
from specdemo.audio import CLIPS, load
from specdemo.audio.wav import wav_bytes
from specdemo.stft import STFT

FOLDER = Path(__file__).parent
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
PRESETS = {
    "spectrogram": {"threshold_db": -60.0},
    "inversion": {"start": "random"},
    "mel": {"n_mels": 80, "fmax": 8000.0},
    "mel_inversion": {"n_mels": 80, "fmax": 8000.0},
    "mfcc": {"n_mels": 80, "fmax": 8000.0, "n_mfcc": 20},
    "staircase": {"n_mels": 80, "fmax": 8000.0, "start": "pghi"},
}


class _Setting(traitlets.TraitType):
    """A synced trait whose `check(name, value)` returns the value or says what is accepted."""

    def __init__(self, default, check, help):
        super().__init__(default, help=help)
        self.check = check
        self.tag(sync=True)

    def validate(self, obj, value):
        return self.check(self.name, value)


def _integer(default, minimum, maximum, help):
    def check(name, value):
        value = _checks.integer(name, value, minimum)
        if value > maximum:
            raise ValueError(f"{name} must be at most {maximum}; got {value}")
        return value

    return _Setting(default, check, help)


def _number(default, help, **limits):
    return _Setting(default, lambda name, value: _checks.number(name, value, **limits), help)


def _choice(default, known, help):
    return _Setting(default, lambda name, value: _checks.choice(name, value, known), help)


class _Samples(traitlets.TraitType):
    """A float32 signal, or None; on the wire it is the bytes of its samples."""

    def __init__(self, help):
        super().__init__(None, allow_none=True, help=help)
        # The view knows what it has sent: no need to send it back.
        self.tag(sync=True, echo_update=False, to_json=self._to_json, from_json=self._from_json)

    def validate(self, obj, value):
        if value is None:
            return None
        x = _checks.one_channel(self.name, value)
        return np.ascontiguousarray(x, np.float32)

    @staticmethod
    def _to_json(value, widget):
        return None if value is None else memoryview(value).cast("B")

    @staticmethod
    def _from_json(value, widget):
        return None if value is None else np.frombuffer(value, np.float32).copy()


class Explorer(anywidget.AnyWidget):
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
        Cells quieter than so many dB below the loudest, -120 to 0, are set to zero; -120 keeps all.
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
        When a setting is of the wrong kind or out of range; the message names it. Settings that
        contradict each other, such as `fmin` above `fmax`, are told in the figure.
    FileNotFoundError
        When `clip` is neither a clip, nor a label, nor a file.

    Notes
    -----
    The output of a notebook holds the widget and, beside it, HTML that works without a kernel.
    `jupyter nbconvert --to html` prefers the widget, of which nothing is seen then, unless it is
    told otherwise: `--NbConvertBase.display_data_priority='["text/html", "image/png",
    "text/plain"]'`.

    Examples
    --------
    >>> explorer = Explorer("drums", step="inversion", start="pghi")
    >>> explorer
    Explorer(step='inversion', clip='drums')
    >>> explorer.n_fft = 512
    """

    _esm = FOLDER / "explorer.js"
    _css = FOLDER / "explorer.css"
    _dsp = traitlets.Unicode().tag(sync=True)
    _preset = traitlets.Dict().tag(sync=True)

    clip = traitlets.Unicode(help="label of the sound").tag(sync=True)
    clips = traitlets.List(traitlets.Unicode(), help="labels on offer").tag(sync=True)
    step = _choice("spectrogram", STEPS, "which controls are shown")
    caption = traitlets.Unicode(help="what to see and hear").tag(sync=True)

    n_fft = _integer(1024, 2, 2**15, "length of window and DFT, samples")
    hop_length = _integer(256, 1, 2**15, "samples from frame to frame")
    window = _choice("hann", WINDOWS, "window, periodic")
    threshold_db = _number(-120.0, "what is quieter is set to zero, dB", minimum=-120, maximum=0)
    n_mels = _integer(0, 0, 256, "mel bands; 0: no mel step")
    fmin = _number(0.0, "lower edge of the lowest band, Hz", minimum=0)
    fmax = _number(0.0, "upper edge of the highest band, Hz; 0: sr / 2", minimum=0)
    mel_scale = _choice("slaney", SCALES, "mel scale")
    shorten = _number(1.0, "factor by which the frames are fewer", minimum=1, maximum=1000)
    n_mfcc = _integer(0, 0, 256, "cepstral coefficients kept; 0: no cepstrum")
    start = _choice("original", STARTS, "first guess of the phase")
    refine = _choice("fast_griffin_lim", REFINEMENTS, "refinement of the phase")
    n_iter = _integer(32, 0, 300, "iterations")
    momentum = _number(0.99, "momentum of fast Griffin-Lim", minimum=0, below=1)

    axis = _choice("linear", AXES, "spacing of the frequencies")
    colormap = _choice("magma", COLORMAPS, "colours of the levels")
    range_db = _number(80.0, "range of the colours, dB", minimum=20, maximum=120)

    x_hat = _Samples("what came back, float32")
    sr = _integer(0, 0, 2**31, "sampling rate of x_hat, Hz")
    spectrogram = traitlets.Any(None, read_only=True, help="magnitudes of x_hat")

    def __init__(self, clip="speech", step="spectrogram", sounds=None, caption=None, **settings):
        preset = PRESETS[_checks.choice("step", step, STEPS)]
        unknown = sorted(set(settings) - set(_settings()))
        if unknown:
            raise TypeError(f"{unknown[0]} is no setting of an Explorer; "
                            f"known are {', '.join(_settings())}")
        self._sounds = _own_sounds(sounds)
        label = self._add(clip)
        super().__init__(
            clips=list(dict.fromkeys([*self._sounds, *CLIPS])), clip=label, step=step,
            caption=caption or "", _dsp=_source("dsp.js"), **{**preset, **settings},
        )
        self._preset = {name: getattr(self, name) for name in ("clip", *_settings())}
        self.on_msg(self._answer)

    def __repr__(self):
        return f"Explorer(step={self.step!r}, clip={self.clip!r})"

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self.twin()}, metadata

    def twin(self):
        """The figure as HTML that mounts itself, for pages without a kernel.

        Returns
        -------
        str
            A picture, a player and the caption, which a host without JavaScript shows, and the
            script that puts the live figure in their place. Its sounds are the present clip and
            those of the caller.
        """
        x, sr = self.sound(self.clip)
        settings = {name: getattr(self, name) for name in ("clip", "step", *_settings())}
        labels = dict.fromkeys([self.clip, *self._sounds])
        sounds = {label: _data_url("audio/wav", _wav(*self.sound(label))) for label in labels}
        name = html.escape(self.clip)
        picture = _data_url("image/png", _poster(x, sr, self))
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return (
            f'<figure class="sd-explorer" id="explorer-{self.step}" '
            f"data-settings='{_attribute(settings)}' data-sounds='{_attribute(sounds)}'>"
            f'<img alt="Spectrogram of the sound “{name}”, {len(x) / sr:.1f} s long" '
            f'src="{picture}">'
            f'<audio controls preload="none" aria-label="{name}" '
            f'src="{_data_url("audio/wav", _wav(*_played(x, sr)))}"></audio>'
            f"{caption}</figure>\n<script data-specdemo>{script()}</script>"
        )

    def sound(self, label):
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
        return self._sounds[label] if label in self._sounds else load(label, duration=LONGEST)

    @traitlets.validate("clip")
    def _check_clip(self, proposal):
        return _checks.choice("clip", proposal["value"], self.clips)

    @traitlets.observe("x_hat", "n_fft", "hop_length", "window")
    def _analyse(self, change):
        grid = STFT(max(1, self.sr), self.n_fft, self.hop_length, self.window)
        S = None if self.x_hat is None else grid.magnitude(self.x_hat)
        self.set_trait("spectrogram", S)

    def _add(self, clip):
        """Return the label of a clip; a file is loaded first."""
        if isinstance(clip, str) and (clip in self._sounds or clip in CLIPS):
            return clip
        x, sr = load(clip, duration=LONGEST)
        label = _name_of(clip)
        self._sounds = {label: (x, sr), **self._sounds}
        return label

    def _answer(self, _, content, buffers):
        """Send the sound that the view asks for, or say why not."""
        if not isinstance(content, dict) or content.get("kind") != "sound":
            return
        label = content.get("clip")
        try:
            x, sr = self.sound(label)
        except (TypeError, ValueError, OSError) as error:
            self.send({"kind": "sound", "clip": label, "error": str(error)})
            return
        self.send({"kind": "sound", "clip": label, "sr": sr}, [memoryview(x).cast("B")])


def _name_of(clip):
    """What a recording is offered under."""
    name = clip if isinstance(clip, (str, PathLike)) else getattr(clip, "name", None)
    return Path(name).stem if isinstance(name, (str, PathLike)) and name else "recording"


@cache
def _settings():
    """Names of the traits that the caller may set and a link may carry, in their order."""
    kept = [name for name, trait in vars(Explorer).items() if isinstance(trait, _Setting)]
    return tuple(name for name in kept if name not in ("step", "sr"))


def script():
    """The classic script that mounts the twins of a page, as text.

    Returns
    -------
    str
        JavaScript that may stand in a `<script>` element or in a file of its own, any number of
        times on a page. It asks no server for anything.

    Notes
    -----
    It holds the sources as strings, and imports them from blob URLs: a page that was opened from a
    disk (file://) may neither import a module nor fetch a file.
    """
    names = {"view": "explorer.js", "dsp": "dsp.js", "css": "explorer.css"}
    sources = {key: COMMENTS.sub("", _source(name)) for key, name in names.items()}
    return LOADER.replace("SOURCES", _json(sources))


def sound_script(name, x, sr):
    """The text of a .js file that hands a sound to the figures of a page.

    Parameters
    ----------
    name : str
        Label of the sound.
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1], stored with 16 bits.
    sr : int
        Sampling rate in Hz.

    Returns
    -------
    str
    """
    samples = base64.b64encode(_wav(x, sr)[44:]).decode()
    return f'specdemo.sound({_json(name)}, {sr}, "{samples}");\n'


# Mounts each twin once, when it comes near the window. `specdemo.load(url)` promises a sound that
# lies in a data: URL of a 16-bit WAV, or in a script that calls `specdemo.sound`: a script, because
# a page that was opened from a disk cannot fetch.
LOADER = """\
(() => {
  const sources = SOURCES;
  const page = (window.specdemo ??= { sounds: {}, loading: {} });

  function decode(sr, base64, header = 0) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const samples = new Int16Array(bytes.buffer, header, (bytes.length - header) >> 1);
    return { sr, x: Float32Array.from(samples, (v) => v / 32768) };
  }

  function decodeWav(url) {
    const base64 = url.slice(url.indexOf(",") + 1), head = atob(base64.slice(0, 60));
    const sr = [3, 2, 1, 0].reduce((sum, i) => 256 * sum + head.charCodeAt(24 + i), 0);
    return decode(sr, base64, 44);
  }

  function loadScript(url) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const fail = () => reject(new Error(`The sound could not be loaded from ${url}.`));
      script.onload = () => (page.sounds[script.src] ? resolve(page.sounds[script.src]) : fail());
      script.onerror = fail;
      script.src = url;
      document.head.append(script);
    });
  }

  page.sound ??= (name, sr, base64) => {
    page.sounds[document.currentScript.src] = decode(sr, base64);
  };
  page.load ??= async (url) => {
    if (url.startsWith("data:")) return decodeWav(url);
    page.loading[url] ??= loadScript(url).catch((error) => {
      // Whoever asks again gets another chance.
      delete page.loading[url];
      throw error;
    });
    return page.loading[url];
  };

  async function mount(figure) {
    // On its way while the view is made, which will ask for it and say when it does not come.
    const { settings, sounds } = figure.dataset, url = JSON.parse(sounds)[JSON.parse(settings).clip];
    if (url && !url.startsWith("data:")) page.load(url).catch(() => {});
    const source = new Blob([sources.view], { type: "text/javascript" });
    page.view ??= import(URL.createObjectURL(source));
    (await page.view).mount(figure, sources.dsp, page.load);
    figure.dataset.mounted = "yes";
    if (linked() === figure) figure.scrollIntoView();
  }

  // A browser that cannot show it keeps the picture and gets the player.
  function keepStill(figure, error) {
    figure.dataset.mounted = "failed";
    figure.querySelectorAll("audio[data-src]").forEach((audio) => {
      audio.src = audio.dataset.src;
      audio.controls = true;
    });
    console.warn(`The live figure stays still: ${error.message}`);
  }

  page.near ??= new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      page.near.unobserve(target);
      mount(target).catch((error) => keepStill(target, error));
    }
  }, { rootMargin: "800px" });

  function adopt(figure) {
    for (let n = 2; document.getElementById(figure.id) !== figure; n++) {
      figure.id = figure.id.replace(/(-\\d+)?$/, `-${n}`);
    }
    figure.dataset.mounted = "no";
    page.near.observe(figure);
  }

  // The figure to whose settings the address leads; it may not be mounted yet.
  function linked() {
    const id = /^#([\\w-]+)\\?/.exec(location.hash)?.[1];
    return id && document.getElementById(id);
  }

  function visit() {
    linked()?.scrollIntoView();
  }

  function start() {
    document.querySelectorAll(".sd-explorer:not([data-mounted])").forEach(adopt);
    visit();
  }

  if (!page.style) {
    page.style = document.createElement("style");
    page.style.textContent = sources.css;
    document.head.append(page.style);
    window.addEventListener("hashchange", visit);
    window.addEventListener("DOMContentLoaded", start);
  }
  start();
})();
"""

# Comments that fill whole lines: a third of the sources, which no page needs.
COMMENTS = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)\n", re.DOTALL | re.MULTILINE)


def _source(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def _json(value):
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _attribute(value):
    """JSON that may stand between single quotes."""
    text = json.dumps(value, ensure_ascii=False)
    return html.escape(text, quote=False).replace("'", "&#x27;")


def _own_sounds(sounds):
    """Check the caller's sounds; return them as float32 and their rates, by label."""
    if sounds is None:
        return {}
    _checks.instance("sounds", sounds, dict)
    return {_label(label): _own_sound(f"sounds[{label!r}]", sound)
            for label, sound in sounds.items()}


def _label(label):
    if not isinstance(label, str) or not label:
        raise TypeError(f"sounds must have labels that are text; got {label!r}")
    return label


def _own_sound(name, sound):
    if not isinstance(sound, tuple) or len(sound) != 2:
        raise TypeError(f"{name} must be a pair (x, sr); got {type(sound).__name__}")
    x = _checks.one_channel(name, sound[0])
    sr = _checks.integer(f"the sr of {name}", sound[1])
    if len(x) > LONGEST * sr:
        raise ValueError(f"{name} must be at most {LONGEST:g} s long; it has {len(x) / sr:.1f} s")
    loudest = float(np.abs(x).max())
    if loudest > 1:
        raise ValueError(f"{name} must stay in [-1, 1]; its peak is {loudest:.4g}: "
                         "divide it by that first")
    return np.ascontiguousarray(x, np.float32), sr


def _played(x, sr):
    """The sound of a host without JavaScript, at a rate that its player takes."""
    from specdemo import plot

    return plot._playable(x, sr)[:2]


def _wav(x, sr):
    return wav_bytes(np.atleast_2d(x), sr)


def _data_url(kind, data):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _poster(x, sr, explorer):
    """PNG of the spectrogram that a host without JavaScript shows."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from PIL import Image

    from specdemo import plot

    grid = STFT(sr, explorer.n_fft, explorer.hop_length, explorer.window)
    drawn, smaller = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(fname=plot.STYLE):
        figure = Figure(figsize=(6.4, 2.4))
        axes = figure.subplots()
        plot.spectrogram(grid.magnitude(x), grid, axes, explorer.axis, explorer.range_db)
        figure.savefig(drawn, format="png", dpi=100)
    with Image.open(drawn) as picture:
        # Colours that cover all levels, the few loud ones too.
        palette = picture.convert("RGB").quantize(64, Image.Quantize.MAXCOVERAGE)
    palette.save(smaller, format="png", optimize=True)
    return smaller.getvalue()
