"""Make the audio clips of the book.

    python tools/make_clips.py                  # all of them
    python tools/make_clips.py music drums      # only these
    python tools/make_clips.py --output DIR     # somewhere else

Music, birdsong and drums are computed with numpy and scipy from a fixed seed.
The two voices are spoken by the free synthesisers Festival and Flite, which must
be on the PATH; another version of them may say the same sentence a little
differently. `audio_samples/README.md` tells what the clips are good for.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.signal import butter, firwin, resample_poly, sosfilt, sosfiltfilt

SR = 22050  # Hz; enough for everything below 11 kHz, and half the size of a CD's rate
PEAK = 10 ** (-3 / 20)  # -3 dBFS: room for an inverse that overshoots
FADE = 0.005  # s; shorter would click, longer would soften an attack


# --- Building blocks ---------------------------------------------------------------


def time_axis(duration):
    """Sample times of a sound.

    Parameters
    ----------
    duration : float
        Length in s.

    Returns
    -------
    t : ndarray, shape (n_samples,)
        Times in s, one per sample.
    """
    return np.arange(round(duration * SR)) / SR


def midi_to_hz(note):
    """Frequency in Hz of a MIDI note number, in equal temperament; 69 is A4, 440 Hz."""
    return 440.0 * 2 ** ((note - 69) / 12)


def attack(t, seconds):
    """Raised-cosine rise from 0 to 1 in `seconds`, then 1.

    Parameters
    ----------
    t : ndarray, shape (n_samples,)
        Times in s, from 0.
    seconds : float
        Length of the rise.

    Returns
    -------
    envelope : ndarray, shape (n_samples,)
    """
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(t / seconds, 0, 1))


def release(t, hold, seconds):
    """1 until `hold`, then a raised-cosine fall to 0 in `seconds`.

    Parameters
    ----------
    t : ndarray, shape (n_samples,)
        Times in s, from 0.
    hold, seconds : float
        Start and length of the fall.

    Returns
    -------
    envelope : ndarray, shape (n_samples,)
    """
    return 0.5 + 0.5 * np.cos(np.pi * np.clip((t - hold) / seconds, 0, 1))


def oscillator(frequency, phase=0.0):
    """Sine whose frequency may change from sample to sample.

    The phase is 2 pi times the running sum of the frequency, so the sine stays
    smooth however the frequency moves.

    Parameters
    ----------
    frequency : ndarray, shape (n_samples,)
        Instantaneous frequency in Hz.
    phase : float
        Phase of the first sample in radians.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    cycles = np.cumsum(frequency) / SR
    return np.sin(2 * np.pi * (cycles - cycles[0]) + phase)


def band_noise(n_samples, low, high, rng):
    """White noise through a second-order Butterworth bandpass, with unit RMS.

    Parameters
    ----------
    n_samples : int
    low, high : float
        Edges of the band in Hz.
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    sos = butter(2, [low, high], "bandpass", fs=SR, output="sos")
    x = sosfilt(sos, rng.standard_normal(n_samples))
    return x / np.sqrt(np.mean(x**2))


def add_at(mix, x, onset, gain=1.0):
    """Add `x` to `mix`, in place, from `onset` seconds on; what overhangs is lost."""
    start = round(onset * SR)
    n = min(len(x), len(mix) - start)
    mix[start : start + n] += gain * x[:n]


# --- Music -------------------------------------------------------------------------

BEAT = 0.4  # s; 150 beats a minute

# (beats, bass, upper voices), as MIDI notes. In D major: I maj7, vi 7, ii 9, V 13 to
# V 7, I add9. No upper voice moves by more than a whole tone; at the cadence the seventh
# G falls to F sharp, the leading note C sharp rises to D, and E stays where it is.
CHORDS = (
    (2, 50, (57, 61, 66)),  # D3  | A3  C#4 F#4
    (2, 47, (57, 62, 66)),  # B2  | A3  D4  F#4
    (2, 52, (55, 62, 66)),  # E3  | G3  D4  F#4
    (1, 45, (55, 61, 66)),  # A2  | G3  C#4 F#4
    (1, 45, (55, 61, 64)),  # A2  | G3  C#4 E4
    (4, 38, (54, 57, 62, 64)),  # D2 | F#3 A3 D4 E4
)

# (beats, note): A4 C#5 D5 | F#5 E5 | D5 E5 D5 | B4 C#5 E5 | F#5
MELODY = (
    *((1.0, 69), (0.5, 73), (0.5, 74)),
    *((1.5, 78), (0.5, 76)),
    *((1.0, 74), (0.5, 76), (0.5, 74)),
    *((0.5, 71), (0.5, 73), (1.0, 76)),
    *((4.0, 78),),
)


def partials(note, duration, decay, tilt, brightness, stretch=0.0, pluck=None):
    """Sum of decaying partials: the body of every tone here.

    Partial k sounds at k f sqrt(1 + stretch k^2), as on a stiff string [1]_, starts
    at k^-tilt, and dies away faster the higher it is.

    Parameters
    ----------
    note : float
        MIDI note number; a fraction detunes.
    duration : float
        Length in s.
    decay : float
        Time in s in which the fundamental falls by a factor e (8.7 dB).
    tilt : float
        Exponent of the spectrum: 1 falls by 6 dB an octave.
    brightness : float
        0 lets all partials decay alike; larger values make high ones die sooner.
    stretch : float
        Inharmonicity of the string, about 1e-4 for a guitar.
    pluck : float, optional
        Where the string is plucked, as a fraction of its length; partials that have
        a node there are missing.

    Returns
    -------
    x : ndarray, shape (n_samples,)

    References
    ----------
    .. [1] H. Fletcher, E. D. Blackham, R. Stratton, "Quality of piano tones",
       J. Acoust. Soc. Am. 34 (1962), 749-761.
    """
    t = time_axis(duration)
    fundamental = midi_to_hz(note)
    x = np.zeros_like(t)
    for k in range(1, 25):
        frequency = k * fundamental * np.sqrt(1 + stretch * k**2)
        if frequency > 0.45 * SR:
            break
        amplitude = k**-tilt * (1 if pluck is None else np.sin(np.pi * k * pluck))
        fall = np.exp(-t * (1 + brightness * (k - 1)) / decay)
        x += amplitude * fall * np.sin(2 * np.pi * frequency * t)
    return x


def electric_piano(note, held, velocity=1.0):
    """A tine piano: two detuned copies of a mellow tone, and the short ting of the tine.

    Parameters
    ----------
    note : int
        MIDI note number.
    held : float
        Time in s until the damper falls.
    velocity : float
        How hard the key is struck: louder, and with more tine.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    duration = held + 0.15
    t = time_axis(duration)
    detune = 0.02  # semitones either side: about one beat a second in the middle register
    body = sum(
        partials(note + d, duration, decay=1.6, tilt=1.9, brightness=0.5) for d in (-detune, detune)
    )
    # The tine's first overtone lies near 7.1 times the note; it is heard as the attack.
    tine = np.exp(-t / 0.09) * np.sin(2 * np.pi * 7.1 * midi_to_hz(note) * t)
    tone = 0.5 * body + 0.10 * velocity * tine
    return velocity * tone * attack(t, 0.006) * release(t, held, 0.15)


def plucked_string(note, held, velocity=1.0):
    """A guitar-like string, plucked at a fifth of its length.

    Parameters
    ----------
    note : int
        MIDI note number.
    held : float
        Time in s until the finger leaves the string.
    velocity : float
        How hard it is plucked.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    duration = held + 0.20
    t = time_axis(duration)
    tone = partials(
        note, duration, decay=0.9, tilt=1.15, brightness=0.22, stretch=1.5e-4, pluck=0.2
    )
    return velocity * tone * attack(t, 0.003) * release(t, held, 0.20)


def bass_string(note, held):
    """A round low tone that lasts.

    Parameters
    ----------
    note : int
        MIDI note number.
    held : float
        Time in s until it is damped.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    duration = held + 0.12
    t = time_axis(duration)
    tone = partials(note, duration, decay=1.8, tilt=1.5, brightness=0.7)
    return tone * attack(t, 0.008) * release(t, held, 0.12)


def music(rng):
    """Four bars of two, and a last chord: a plucked melody over an electric piano.

    Parameters
    ----------
    rng : numpy.random.Generator
        Moves each note by a few ms and a few percent in loudness, as a player would.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    start, last_beat = 0.08, 11.6
    mix = np.zeros(round((start + last_beat * BEAT + 0.25) * SR))

    beat = 0.0
    for beats, bass, upper in CHORDS:
        held = (min(beat + beats, last_beat) - beat) * BEAT
        add_at(mix, bass_string(bass, held), start + beat * BEAT, gain=0.34)
        for i, note in enumerate(upper):
            late = 0.012 * i + rng.uniform(0, 0.004)  # rolled upwards, gently
            velocity = rng.uniform(0.85, 1.0)
            tone = electric_piano(note, held - late, velocity)
            add_at(mix, tone, start + beat * BEAT + late, gain=0.26)
        beat += beats

    beat = 0.0
    for beats, note in MELODY:
        held = (min(beat + beats, last_beat) - beat) * BEAT
        onset = start + beat * BEAT + rng.uniform(0, 0.006)
        add_at(mix, plucked_string(note, held, rng.uniform(0.88, 1.0)), onset, gain=0.48)
        beat += beats

    # The last chord is let go slowly.
    slow = 1.0
    t = np.arange(len(mix)) / SR
    return mix * release(t, t[-1] - slow, slow)


# --- Birdsong ----------------------------------------------------------------------


def whistle(duration, points, vibrato=(0.0, 0.0), tremolo=(0.0, 0.0), overtones=(1.0,)):
    """One note of a bird: a sine, with overtones, along a smooth path of pitch.

    Parameters
    ----------
    duration : float
        Length in s.
    points : sequence of float
        Pitches in kHz, evenly spaced in time, joined by a monotone cubic.
    vibrato : (float, float)
        Rate in Hz and depth in kHz of the frequency modulation.
    tremolo : (float, float)
        Rate in Hz and depth (0 to 1) of the amplitude modulation.
    overtones : sequence of float
        Amplitudes of the fundamental and its harmonics; those above 10 kHz are left out.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(duration)
    path = PchipInterpolator(np.linspace(0, duration, len(points)), points)
    rate, depth = vibrato
    frequency = 1000 * (path(t) + depth * np.sin(2 * np.pi * rate * t))

    rate, depth = tremolo
    envelope = attack(t, 0.25 * duration) * release(t, 0.6 * duration, 0.4 * duration)
    envelope *= 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * rate * t))

    x = np.zeros_like(t)
    for k, amplitude in enumerate(overtones, start=1):
        below = attack(10_000 - k * frequency, 500)  # fades between 9.5 and 10 kHz
        x += amplitude * below * oscillator(k * frequency)
    return envelope * x


def thrush(rng):
    """The near, low bird: two slow whistles, a warble, and a falling run.

    Parameters
    ----------
    rng : numpy.random.Generator
        Varies each note of the run in pitch and loudness.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    voice = (1.0, 0.10, 0.04)
    x = np.zeros(round(1.5 * SR))
    add_at(x, whistle(0.24, (2.3, 2.9, 2.8, 3.3), overtones=voice), 0.00, 0.80)
    add_at(x, whistle(0.28, (3.6, 3.1, 2.5, 2.4), overtones=voice), 0.28, 1.00)
    warble = whistle(0.36, (2.8, 3.2, 3.0), vibrato=(28, 0.32), overtones=voice)
    add_at(x, warble, 0.60, 0.95)
    for i in range(6):
        top = 4.4 - 0.28 * i + rng.uniform(-0.05, 0.05)
        chirp = whistle(0.06, (top - 0.9, top, top - 0.5), overtones=voice)
        add_at(x, chirp, 1.00 + 0.075 * i, rng.uniform(0.6, 0.8))
    return x


def wren(rng):
    """The far, high bird: rising chirps, a fast trill that swells, and a buzz.

    Parameters
    ----------
    rng : numpy.random.Generator
        Varies each note of the trill in pitch and loudness.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    voice = (1.0, 0.05)
    x = np.zeros(round(1.4 * SR))
    for i in range(3):
        chirp = whistle(0.09, (4.2, 5.0 + 0.3 * i, 7.2), overtones=voice)
        add_at(x, chirp, 0.12 * i, 0.7)
    n_notes = 16
    for i in range(n_notes):
        swell = 0.35 + 0.65 * np.sin(np.pi * (i + 0.5) / n_notes)
        bend = rng.uniform(-0.1, 0.1)
        chirp = whistle(0.036, (6.9 + bend, 6.2 + bend, 4.8 + bend), overtones=voice)
        add_at(x, chirp, 0.40 + 0.042 * i, swell)
    buzz = whistle(0.22, (5.4, 5.9, 5.6), tremolo=(75, 0.9), overtones=voice)
    add_at(x, buzz, 1.12, 0.6)
    return x


def birdsong(rng):
    """Two birds answer one another; behind them, wind at about -60 dBFS.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    mix = np.zeros(round(4.6 * SR))
    add_at(mix, thrush(rng), 0.12, 1.00)
    add_at(mix, wren(rng), 1.50, 0.55)
    add_at(mix, thrush(rng)[: round(0.98 * SR)], 2.80, 0.90)
    add_at(mix, wren(rng)[round(0.38 * SR) :], 3.50, 0.50)
    dry = mix.copy()
    for delay, gain in ((0.031, 0.10), (0.053, 0.07), (0.089, 0.05)):  # trunks of trees
        add_at(mix, dry, delay, gain)
    mix *= PEAK / np.max(np.abs(mix))  # so that the noise is set in dB of full scale
    return mix + 10 ** (-60 / 20) * band_noise(len(mix), 150, 4000, rng)


# --- Drums -------------------------------------------------------------------------

STEP = 0.125  # s; a sixteenth note at 120 beats a minute

# Two bars of sixteenths, and the first beat of a third. A digit is the loudness of the
# hit in ninths. The fill, from the third beat of the second bar, falls through the toms.
GROOVE = {
    #           1   2   3   4    1   2   3   4    1
    "kick": "9.....6.8.......9..5..6.7.......9",
    "snare": "....8..3.3..8..3....8..3468......",
    "hat": "7.5.7.5.7.5.7...7.5.7.5.6........",
    "open_hat": "..............6.................8",
    "wood_block": "..6..6....6..6....6..6...........",
    "high_tom": "...........................78....",
    "low_tom": ".............................778.",
}


def kick():
    """A drum head that is struck and relaxes: a sine that falls from 190 to 50 Hz."""
    t = time_axis(0.40)
    body = np.exp(-t / 0.11) * oscillator(50 + 140 * np.exp(-t / 0.022))
    click = 0.25 * np.exp(-t / 0.003) * oscillator(np.full_like(t, 1800.0))
    return attack(t, 0.001) * release(t, 0.32, 0.08) * (body + click)


def tom(frequency):
    """A tuned drum: its pitch falls by a third while it rings, with one inharmonic mode.

    Parameters
    ----------
    frequency : float
        Where the pitch comes to rest, in Hz.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(0.35)
    glide = frequency * (1 + 0.25 * np.exp(-t / 0.05))
    # 1.59 is the ratio of the first two modes of an ideal circular membrane.
    body = np.exp(-t / 0.08) * oscillator(glide)
    body += 0.35 * np.exp(-t / 0.05) * oscillator(1.59 * glide)
    stick = 0.25 * np.exp(-t / 0.004) * oscillator(np.full_like(t, 1300.0))
    return attack(t, 0.001) * release(t, 0.27, 0.08) * (body + stick)


def snare(rng):
    """Two modes of the head, and the noise of the wires.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(0.30)
    head = np.exp(-t / 0.045) * (
        oscillator(185 + 60 * np.exp(-t / 0.01)) + 0.6 * oscillator(np.full_like(t, 330.0))
    )
    wires = np.exp(-t / 0.065) * band_noise(len(t), 1200, 9500, rng)
    return attack(t, 0.0008) * release(t, 0.22, 0.08) * (0.55 * head + 0.30 * wires)


def hat(rng, decay):
    """Cymbal: six square waves with no common pitch, above 6 kHz, and a little noise.

    The classic circuit of analogue drum machines. The squares are built from their
    odd harmonics below the Nyquist frequency, so that nothing folds back.

    Parameters
    ----------
    rng : numpy.random.Generator
    decay : float
        Time in s in which it falls by a factor e: short is closed, long is open.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(6 * decay)
    metal = np.zeros_like(t)
    for fundamental in (817.0, 1063.0, 1217.0, 1459.0, 1623.0, 2131.0):
        for k in range(1, int(0.49 * SR / fundamental) + 1, 2):
            phase = rng.uniform(0, 2 * np.pi)
            metal += np.sin(2 * np.pi * k * fundamental * t + phase) / k
    sos = butter(4, 6000, "highpass", fs=SR, output="sos")
    metal = sosfilt(sos, metal)
    metal /= np.sqrt(np.mean(metal**2))
    x = 0.6 * metal + 0.6 * band_noise(len(t), 6500, 10500, rng)
    return 0.25 * attack(t, 0.0008) * release(t, 5 * decay, decay) * np.exp(-t / decay) * x


def wood_block():
    """Three short, inharmonic modes of a hollow block."""
    t = time_axis(0.12)
    modes = ((1050.0, 1.0, 0.018), (1730.0, 0.6, 0.012), (2890.0, 0.3, 0.006))
    x = sum(a * np.exp(-t / d) * np.sin(2 * np.pi * f * t) for f, a, d in modes)
    return 0.6 * attack(t, 0.0005) * release(t, 0.09, 0.03) * x


def drums(rng):
    """Two bars of a groove with a fill, and the beat it leads to.

    Parameters
    ----------
    rng : numpy.random.Generator
        Noise of the snare and the cymbals, a different one at every hit.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    start = 0.05
    kit = {
        "kick": (kick, 1.00),
        "snare": (lambda: snare(rng), 0.85),
        "hat": (lambda: hat(rng, 0.035), 0.70),
        "open_hat": (lambda: hat(rng, 0.090), 0.70),
        "wood_block": (wood_block, 0.75),
        "high_tom": (lambda: tom(165.0), 0.70),
        "low_tom": (lambda: tom(110.0), 0.70),
    }
    mix = np.zeros(round((start + 32 * STEP + 0.60) * SR))
    for name, pattern in GROOVE.items():
        play, gain = kit[name]
        for i, hit in enumerate(pattern):
            if hit != ".":
                late = rng.uniform(0, 0.003)
                add_at(mix, play(), start + i * STEP + late, gain * int(hit) / 9)
    return mix


# --- Speech ------------------------------------------------------------------------


@dataclass(frozen=True)
class Voice:
    """What is said, and who says it.

    Attributes
    ----------
    text : str
        The sentence.
    command : tuple of str
        The synthesiser and its arguments; "{txt}" stands for a file that holds the
        sentence, "{wav}" for the file to write.
    sr : int
        Sampling rate of the voice in Hz; another one means that another voice spoke.
    packages : str
        The Debian packages that hold the synthesiser and the voice.
    """

    text: str
    command: tuple[str, ...]
    sr: int
    packages: str


VOICES = {
    "speech": Voice(
        text="A spectrogram is a picture of sound. This book turns it back into speech.",
        command=("text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", "{wav}", "{txt}"),
        sr=32000,
        packages="festival festvox-us-slt-hts",
    ),
    "speech2": Voice(
        text="Keep only the picture, and the phase is gone. Now guess what made it.",
        command=("flite", "-voice", "rms", "-f", "{txt}", "-o", "{wav}"),
        sr=16000,
        packages="flite",
    ),
}


class SynthesiserError(RuntimeError):
    """The synthesiser of a voice is missing, or did not speak."""


def synthesise(voice):
    """Let the synthesiser say the sentence, at the sampling rate of the voice.

    Parameters
    ----------
    voice : Voice

    Returns
    -------
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1].

    Raises
    ------
    SynthesiserError
        If the program or its voice is not installed.
    """
    program = voice.command[0]
    advice = f"on Debian: apt-get install {voice.packages}"
    if shutil.which(program) is None:
        raise SynthesiserError(f"{program!r} is not on the PATH; {advice}")
    with tempfile.TemporaryDirectory() as folder:
        txt, wav = Path(folder) / "text.txt", Path(folder) / "voice.wav"
        txt.write_text(voice.text, encoding="ascii")
        command = [part.format(txt=txt, wav=wav) for part in voice.command]
        result = subprocess.run(command, check=False, capture_output=True)
        spoke = result.returncode == 0 and wav.exists()
        sr, samples = read_wav(wav) if spoke else (None, None)
    if sr != voice.sr:  # Flite speaks with another voice if it lacks the one asked for
        raise SynthesiserError(f"{program!r} has not got the voice it should use; {advice}")
    return samples / 32768.0


def trim(x, quiet=0.1, threshold_db=-45.0):
    """Cut the ends so that `quiet` seconds remain before and after the sound.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    quiet : float
        Silence to leave at either end, in s.
    threshold_db : float
        The sound begins and ends where it passes this level, in dB below its peak.

    Returns
    -------
    x : ndarray, shape (n_samples',)
    """
    margin = round(quiet * SR)
    loud = np.flatnonzero(np.abs(x) > np.max(np.abs(x)) * 10 ** (threshold_db / 20))
    return np.pad(x, margin)[loud[0] : loud[-1] + 1 + 2 * margin]


def resample(x, sr):
    """Take a sound from another sampling rate to that of the book.

    The filter is three times as long as `resample_poly` makes it, with 90 dB instead
    of 50 dB of attenuation: the hiss of an s must not be mirrored into the empty octave.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    sr : int
        Its sampling rate in Hz.

    Returns
    -------
    x : ndarray, shape (n_samples',)
    """
    divisor = np.gcd(SR, sr)
    up, down = SR // divisor, sr // divisor
    longest = max(up, down)
    h = firwin(2 * 32 * longest + 1, 1 / longest, window=("kaiser", 9.0))
    return resample_poly(x, up, down, window=h)


def speak(name):
    """The clip of one of `VOICES`, at the sampling rate of the book.

    Parameters
    ----------
    name : str

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    voice = VOICES[name]
    return trim(resample(synthesise(voice), voice.sr))


# --- Files -------------------------------------------------------------------------

CLIPS = {
    "speech": lambda rng: speak("speech"),
    "speech2": lambda rng: speak("speech2"),
    "music": music,
    "birdsong": birdsong,
    "drums": drums,
}


def finish(x, rng):
    """Take a sound to its final level, and to 16 bits.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    rng : numpy.random.Generator
        For the dither: two uniform variables of one step each (TPDF), which make the
        rounding error a constant, faint hiss that does not depend on the signal.

    Returns
    -------
    samples : ndarray of int16, shape (n_samples,)
    """
    # Below 25 Hz there is nothing to hear, only offset; forwards and backwards, so
    # that no attack is smeared to one side.
    sos = butter(2, 25, "highpass", fs=SR, output="sos")
    x = sosfiltfilt(sos, x)
    t = np.arange(len(x)) / SR
    x = x * attack(t, FADE) * attack(t[::-1], FADE)
    x = x * (PEAK / np.max(np.abs(x)))
    dither = rng.uniform(-0.5, 0.5, (2, len(x))).sum(axis=0)
    return np.rint(32768 * x + dither).astype(np.int16)


def read_wav(path):
    """Read mono 16-bit samples.

    The standard library's reader, because scipy's refuses the header that Flite writes
    for its fallback voice.

    Parameters
    ----------
    path : Path

    Returns
    -------
    sr : int
        Sampling rate in Hz.
    samples : ndarray of int16, shape (n_samples,)
    """
    with wave.open(str(path), "rb") as file:
        return file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")


def write_wav(path, samples):
    """Write mono 16-bit samples.

    Parameters
    ----------
    path : Path
    samples : ndarray of int16, shape (n_samples,)
    """
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SR)
        file.writeframes(samples.astype("<i2").tobytes())


def make_clip(name, folder):
    """Make one clip and write it.

    Each clip has its own generator, seeded with its name, so that a change in one
    clip does not alter the others.

    Parameters
    ----------
    name : str
        A key of `CLIPS`.
    folder : Path
        Where to write; the file is called `name`.wav.

    Returns
    -------
    path : Path
    """
    rng = np.random.default_rng(list(name.encode()))
    path = folder / f"{name}.wav"
    write_wav(path, finish(CLIPS[name](rng), rng))
    return path


def write_checksums(folder, pattern="*.wav"):
    """List the SHA-256 of the files of `folder` in SHA256SUMS, for `sha256sum -c`.

    Parameters
    ----------
    folder : Path
    pattern : str
        Which of them.
    """
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob(pattern))
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


def main(arguments=None):
    """Make the clips named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Make the audio clips of the book.")
    parser.add_argument(
        "name", nargs="*", help=f"clips to make, of {', '.join(CLIPS)}; all if none is named"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).resolve().parent.parent / "audio_samples",
        metavar="DIR",
        help="where to write them (default: audio_samples)",
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.name if name not in CLIPS]
    if unknown:
        parser.error(f"no clip is called {unknown[0]!r}; there are {', '.join(CLIPS)}")

    options.output.mkdir(parents=True, exist_ok=True)
    try:
        for name in options.name or CLIPS:
            print(make_clip(name, options.output))
    except SynthesiserError as error:
        sys.exit(f"make_clips.py: {name}: {error}")
    finally:
        write_checksums(options.output)


if __name__ == "__main__":
    main()
