"""Sound in and out: load, save, band-pass, and the clips that come with the book."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from itertools import chain
from math import gcd
from pathlib import Path

import numpy as np

from specdemo import _checks, _containers, _saving, wav
from specdemo._decoding import Decoder
from specdemo._views import Source

CLIPS = ("speech", "speech2", "music", "birdsong", "drums")

# Shorter than this in s, or fainter than this at its peak, a recording can show little.
SHORT, FAINT = 1.0, 0.01

# A recording was cut if the RMS of so many seconds at an end is more than this part of its peak; it
# was clipped if it rests at its peak more often than this.
END, CUT, CLIPPED = 0.01, 0.1, 10

# Seconds that no recording has (30 years): times beyond are refused before they overflow.
LONGEST = 1e9

# How many times as many samples a conversion may make: of a recording, whose header may lie about
# its rate, and of a signal.
MOST_FROM_FILE, MOST = 100, 10_000

# Rates whose ratio, in lowest terms, has a larger number are not converted phase by phase: the
# filter has a hundred taps for each.
MOST_PHASES = 1000

# The low-pass of all conversions: attenuation in dB, width of its slope and cutoff as parts of the
# lower Nyquist frequency.
ATTENUATION_DB, SLOPE, CUTOFF = 100, 0.12, 0.96

# The lowest edge of a band-pass filter as a part of the sampling rate: a period of a day at 12 kHz.
LOWEST_EDGE = 1e-9

# The highest order of a band-pass filter; from some hundred on, its gain is no number any more.
MOST_SECTIONS = 100

# Products of samples and taps that a conversion from the table makes at a time.
PIECE = 2**16

# Bytes at the beginning of a file that tell what it is.
HEAD = 1024


def clips():
    """The bundled clips, in the order of the book.

    Returns
    -------
    dict of str to pathlib.Path
        Name and WAV file of each clip.

    Examples
    --------
    >>> list(clips())
    ['speech', 'speech2', 'music', 'birdsong', 'drums']
    """
    installed = Path(__file__).parent / "clips"
    checkout = Path(__file__).parent.parent / "audio_samples"
    folder = installed if installed.is_dir() else checkout
    return {name: folder / f"{name}.wav" for name in CLIPS}


def load(path, sr=None, mono=True, offset=0.0, duration=None):
    """Load a recording.

    Parameters
    ----------
    path : str, path-like, binary file or bytes-like
        A file, or the name of a bundled clip, such as "speech"; `~` is the home directory. A file
        object, such as an io.BytesIO or a member of a ZIP archive, is read from its present
        position on, and is left open and, if it can seek, at that position. Plain WAV is read here;
        other formats (FLAC, OGG, MP3, compressed WAV, ...) by the package soundfile, when it is
        installed. The content tells the format, not the name.
    sr : int, optional
        Sampling rate to convert to, in Hz. Default: as recorded.
    mono : bool
        Whether to average the channels.
    offset, duration : float
        Start and length of the part to load, in s. Default: everything.

    Returns
    -------
    x : ndarray, float32
        Shape (n_samples,), or (channels, n_samples) when `mono` is False and there are several.
        In [-1, 1], except from files that store floats, and a little from lossy ones.
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    FileNotFoundError
        When there is neither such a file nor such a clip.
    ImportError
        When the format needs soundfile, which is not installed.
    ValueError
        When the file is no audio, is damaged, or has no samples in the part asked for, or when
        `sr` is more than 100 times the rate of the recording.

    Warns
    -----
    UserWarning
        When the part asked for is not complete, since the file ends before its header says so or
        is damaged; what is there is returned.

    Notes
    -----
    A part of a recording equals that part of the whole. In a codec with memory, such as MP3, it is
    decoded from the beginning, and what comes before `offset` is dropped.

    What is allocated is a small multiple of the size of a WAV file, whatever its header says; of
    a compressed file, of the sound that is in it.

    Examples
    --------
    >>> x, sr = load("speech", duration=1.0)
    >>> x.shape, sr
    ((22050,), 22050)
    """
    source = Source(path, clips())
    mono = _checks.flag("mono", mono)
    offset, duration = _check_part(offset, duration)
    if sr is not None:
        sr = _checks.whole_rate("sr", sr)
    with _open(source) as recording:
        recorded_sr = recording.sr
        recording.skip(round(offset * recorded_sr))
        wanted = None if duration is None else round(duration * recorded_sr)
        x = recording.read(wanted)
        problem = recording.shortfall() if wanted is None or x.shape[-1] < wanted else None
    if x.shape[-1] == 0:
        raise _no_samples(source, offset, duration, problem)
    if problem:
        warnings.warn(problem, stacklevel=2)
    x = _finish(x, source, mono)
    if sr is None or sr == recorded_sr:
        return x, recorded_sr
    if sr > MOST_FROM_FILE * recorded_sr:
        raise ValueError(f"sr must be at most {MOST_FROM_FILE} times {recorded_sr} Hz, the rate of "
                         f"{source.name}; got {sr}")
    try:
        return resample(x, recorded_sr, sr), sr
    except _checks.OutOfRange as error:
        name = source.name
        raise ValueError(f"{name} is too loud to be converted to {sr} Hz: {error}") from error


def load_blocks(path, block_seconds=10.0, mono=True, offset=0.0, duration=None):
    """Load a recording piece by piece, for one that is too long to be held in memory.

    Parameters
    ----------
    path : str, path-like, binary file or bytes-like
        As for `load`. A file object must stay open, and may be moved, while blocks are asked for.
    block_seconds : float
        Length of a block in s, rounded to whole samples, of which it has at least one.
    mono : bool
        Whether to average the channels.
    offset, duration : float
        Start and length of the part to load, in s. Default: everything.

    Returns
    -------
    blocks : iterator of ndarray, float32
        Shape (n_samples,), or (channels, n_samples) when `mono` is False and there are several.
        Put side by side, they are what `load` returns. A block is read when it is asked for.
    sr : int
        Sampling rate in Hz: as recorded, since the filters of `resample` reach across blocks.

    Raises
    ------
    FileNotFoundError, ImportError, ValueError
        As for `load`; of samples that are NaN or Inf, when their block is asked for.

    Warns
    -----
    UserWarning
        As for `load`, with the last block.

    See Also
    --------
    STFT.stream : The transform of such blocks.

    Examples
    --------
    >>> blocks, sr = load_blocks("speech", block_seconds=1.0, duration=2.5)
    >>> [len(x) / sr for x in blocks]
    [1.0, 1.0, 0.5]
    """
    source = Source(path, clips())
    block_seconds = _checks.number("block_seconds", block_seconds, above=0, maximum=LONGEST)
    mono = _checks.flag("mono", mono)
    offset, duration = _check_part(offset, duration)
    blocks = _read_blocks(source, block_seconds, offset, duration)
    # Here, so that a part without samples is refused at once.
    sr, first, problem = next(blocks)
    if first.shape[-1] == 0:
        raise _no_samples(source, offset, duration, problem)
    return _finish_blocks(chain([(sr, first, problem)], blocks), source, mono), sr


def save(path, x, sr):
    """Save a signal as a 16-bit WAV file, whole or not at all.

    Parameters
    ----------
    path : str, path-like or binary file
        A name that ends in .wav or .wave, or has no such ending; `~` is the home directory. A file
        of that name is replaced, in one step, so that nobody reads half of it, and keeps its
        permissions; of a link, the file that it points to. A file object is written to at its
        present position, and left open.
    x : ndarray, shape (n_samples,) or (channels, n_samples)
        Samples in [-1, 1]; louder ones are refused, since they would be clipped.
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    FileNotFoundError
        When the folder is missing.
    ValueError
        When the name ends like that of another format, or the samples do not fit into the file.
    """
    target = _saving.target(path)
    x = _checks.signal("x", x)
    sr = _checks.whole_rate("sr", sr)
    if x.ndim > 2 or (x.ndim == 2 and x.shape[0] > 256):
        raise ValueError(f"x must have shape (n_samples,) or (channels, n_samples); got {x.shape}")
    peak = float(np.abs(x).max())
    if peak > 1:
        raise ValueError(f"x must stay in [-1, 1]; its peak is {peak:.4g}: divide it by that first")
    if sr * len(np.atleast_2d(x)) * 2 >= 2**32:
        raise ValueError(f"sr must fit into the header of a WAV file; got {sr}")
    _saving.write(target, wav.wav_bytes(np.atleast_2d(x), sr))


def remarks(x, sr):
    """Say what limits what can be shown of a recording.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1], float32 or float64.
    sr : float
        Sampling rate in Hz.

    Returns
    -------
    list of str
        A sentence for each limit: that it is short, faint, clipped, or cut at an end. Empty for a
        recording that has none of these.

    Examples
    --------
    >>> x, sr = load("speech")
    >>> remarks(x, sr)
    []
    >>> remarks(x[-15000:], sr)
    ['This recording lasts 0.68 s: too short for a sentence, a tune or a rhythm.']
    """
    x = _checks.one_channel("x", x)
    sr = _checks.rate("sr", sr)
    seconds, peak = len(x) / sr, np.abs(x).max()
    found = []
    if seconds < SHORT:
        found.append(f"lasts {seconds:.2f} s: too short for a sentence, a tune or a rhythm.")
    if peak == 0:
        found.append("is silent.")
    elif peak < FAINT:
        found.append(f"is faint: its peak is at {20 * np.log10(peak):.0f} dB, "
                     f"{peak * 2**15:.0f} steps of 16 bits.")
    if peak and max(_at_rest(x, x.min()), _at_rest(x, x.max())) > CLIPPED:
        found.append("was clipped: it rests at its peaks, where a sound would go on.")
    end = max(1, round(END * sr))
    for does, what, part in (("begins", "beginning", x[:end]), ("ends", "end", x[-end:])):
        if peak and np.sqrt(np.mean((part / peak) ** 2)) > CUT:
            found.append(f"{does} in the middle of a sound: a column at its {what} is the cut.")
    return [f"This recording {remark}" for remark in found]


def _at_rest(x, value):
    """How often three samples in a row have this value."""
    there = x == value
    return np.count_nonzero(there[2:] & there[1:-1] & there[:-2])


def bandpass(x, sr, low, high, order=5):
    """Keep the frequencies between two edges.

    Parameters
    ----------
    x : ndarray, shape (..., n_samples)
        Signal, float32 or float64.
    sr : float
        Sampling rate in Hz.
    low, high : float
        Edges in Hz, at which 3 dB are lost: `0 < low < high < sr / 2`.
    order : int
        Order of the Butterworth filter that each edge is made from.

    Returns
    -------
    ndarray, shape (..., n_samples)
        Filtered signal, same dtype as `x`. The filter is causal: it delays, and never looks ahead.

    Notes
    -----
    Second-order sections keep narrow bands and high orders stable, where the polynomial form of the
    same filter overflows.

    References
    ----------
    Butterworth 1930.
    """
    x = _checks.signal("x", x)
    sr = _checks.rate("sr", sr)
    low = _checks.number("low", low, above=0)
    high = _checks.number("high", high, above=0)
    order = _checks.integer("order", order, maximum=MOST_SECTIONS)
    if low < LOWEST_EDGE * sr:
        raise ValueError(f"low must be at least {LOWEST_EDGE:g} times sr = {sr:g} Hz; got {low}")
    if high >= sr / 2:
        raise ValueError(f"high must be below half of sr = {sr:g} Hz; got {high}")
    if low >= high:
        raise ValueError(f"low must be below high; got low = {low} and high = {high} Hz")
    import scipy.signal

    sections = scipy.signal.butter(order, (low, high), "bandpass", fs=sr, output="sos")
    with np.errstate(over="ignore"):
        y = scipy.signal.sosfilt(sections, x).astype(x.dtype)
    return _checks.in_range("x", x, y)


def resample(x, sr, new_sr):
    """Convert a signal to another sampling rate.

    Parameters
    ----------
    x : ndarray, shape (..., n_samples)
        Signal, float32 or float64.
    sr, new_sr : int
        Present and wanted sampling rate in Hz, below 2**32; `new_sr` at most 10,000 times `sr`.

    Returns
    -------
    ndarray, shape (..., ceil(n_samples * new_sr / sr))

    Notes
    -----
    Polyphase filtering with a Kaiser-windowed low-pass: flat to 90 % of the lower Nyquist frequency
    and 100 dB down from 102 % on. For rates without a small common ratio, such as 44,100 and
    44,101 Hz, the same low-pass is read from a table.
    """
    x = _checks.signal("x", x)
    sr = _checks.whole_rate("sr", sr, maximum=2**32 - 1)
    new_sr = _checks.whole_rate("new_sr", new_sr, maximum=2**32 - 1)
    if sr == new_sr:
        return x.copy()
    if new_sr > MOST * sr:
        raise ValueError(f"new_sr must be at most {MOST} times sr = {sr}; got {new_sr}")
    up, down = new_sr // gcd(sr, new_sr), sr // gcd(sr, new_sr)
    convert = _polyphase if max(up, down) <= MOST_PHASES else _interpolate
    return _checks.in_range("x", x, convert(x, up, down))


def _polyphase(x, up, down):
    import scipy.signal

    slower = max(up, down)
    n_taps, beta = scipy.signal.kaiserord(ATTENUATION_DB, SLOPE / slower)
    lowpass = scipy.signal.firwin(n_taps | 1, CUTOFF / slower, window=("kaiser", beta))
    return scipy.signal.resample_poly(x, up, down, axis=-1, window=lowpass.astype(x.dtype))


def _interpolate(x, up, down):
    """The sum of the low-pass around every sample, at the instants `down / up` samples apart."""
    n = x.shape[-1]
    slower = min(1.0, up / down)
    instants, lowpass = _lowpass_table()
    reach = min(n, int(instants[-1] / slower) + 1)
    offsets = np.arange(-reach, reach + 2)
    y = np.empty((*x.shape[:-1], -(-n * up // down)), x.dtype)
    # Some megabytes at a time.
    step = max(1, PIECE * n // (len(offsets) * x.size))
    for begin in range(0, y.shape[-1], step):
        new = np.arange(begin, min(begin + step, y.shape[-1]))
        whole, rest = np.divmod(new * down, up)
        near = whole[:, np.newaxis] + offsets
        distance = np.abs(offsets - (rest / up)[:, np.newaxis]) * slower
        weights = slower * np.interp(distance, instants, lowpass, right=0)
        weights[(near < 0) | (near >= n)] = 0
        samples = x[..., np.clip(near, 0, n - 1)]
        y[..., new] = np.einsum("...ij,ij->...i", samples, weights.astype(x.dtype))
    return y


def _lowpass_table():
    """One side of the low-pass, a thousand values to a sample of the lower rate."""
    import scipy.signal

    n_taps, beta = scipy.signal.kaiserord(ATTENUATION_DB, SLOPE / 1000)
    reach = (n_taps - 1) / 2 / 1000
    instants = np.linspace(0, reach, n_taps // 2)
    window = np.i0(beta * np.sqrt(1 - (instants / reach) ** 2)) / np.i0(beta)
    return instants, CUTOFF * np.sinc(CUTOFF * instants) * window


def _check_part(offset, duration):
    offset = _checks.number("offset", offset, minimum=0, maximum=LONGEST)
    if duration is not None:
        duration = _checks.number("duration", duration, above=0, maximum=LONGEST)
    return offset, duration


@contextmanager
def _open(source):
    """Yield a reader of the recording: an object with sr, channels, skip, read and shortfall."""
    with source.open() as view:
        reader = _reader(view, source)
        try:
            yield reader
        finally:
            reader.close()


def _reader(view, source):
    head = view.read(HEAD)
    if not head:
        raise ValueError(f"{source.name} is empty: it has 0 bytes"
                         + ("" if source.path else " from its present position on"))
    try:
        if wav.is_wav(head):
            return wav.WavReader(view, source.name)
    except wav.OtherKind as error:
        return _decoder(view, source, str(error))
    kind = _containers.describe(head, source.suffix)
    if _containers.other(head):
        raise ValueError(f"{source.name} {_containers.other(head)}")
    if kind is not None:
        return _decoder(view, source, f"{source.name} is {kind}, which cannot be read here")
    if source.suffix in (".wav", ".wave"):
        return _decoder(view, source, f"{source.name} is no WAV file: it does not start with a "
                                      "RIFF/WAVE header")
    return Decoder(view, source)


def _decoder(view, source, otherwise):
    """What soundfile reads, although we do not; `otherwise` says why, if it does not either."""
    try:
        return Decoder(view, source)
    except (ImportError, ValueError) as error:
        way_out = _containers.way_out(source, otherwise)
        hint = "install soundfile, or " if isinstance(error, ImportError) else ""
        raise ValueError(f"{otherwise}: {hint}convert it first, {way_out}") from error


def _no_samples(source, offset, duration, problem):
    part = f"offset = {offset} s" + (f", duration = {duration} s" if duration else "")
    why = f"; {problem}" if problem else ""
    return ValueError(f"{source.name} has no samples in the part asked for: {part}{why}")


def _finish(x, source, mono):
    """Check the samples of a file, and average the channels when that is asked for."""
    if not np.isfinite(x).all():
        raise ValueError(f"{source.name} is damaged: some of its samples are NaN or Inf")
    if x.shape[0] == 1:
        return np.array(x[0])
    if mono:
        # In double precision, where the sum of the loudest floats is finite.
        return x.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.array(x, order="C")


def _read_blocks(source, seconds, offset, duration):
    """Yield sampling rate, samples, and what is missing behind them or None, block by block."""
    with _open(source) as recording:
        sr = recording.sr
        recording.skip(round(offset * sr))
        length = max(1, round(seconds * sr))
        left = None if duration is None else round(duration * sr)
        if left == 0:
            yield sr, np.empty((recording.channels, 0), np.float32), None
        while left is None or left > 0:
            wanted = length if left is None else min(length, left)
            x = recording.read(wanted)
            ended = x.shape[-1] < wanted
            yield sr, x, recording.shortfall() if ended else None
            if ended:
                return
            left = None if left is None else left - wanted


def _finish_blocks(blocks, source, mono):
    for _, x, problem in blocks:
        if problem:
            warnings.warn(problem, stacklevel=2)
        if x.shape[-1]:
            yield _finish(x, source, mono)
