"""The clip of music: four bars and a last chord."""

import numpy as np

from clips.blocks import SR, add_at, attack, midi_to_hz, release, time_axis

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
