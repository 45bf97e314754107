"""Make the spoken digits and sentences that chapters 8 and 9 train on.

    python tools/make_digits.py                 # all of them
    python tools/make_digits.py --output DIR    # somewhere else

Four voices of the free synthesiser Flite say the ten digits at three pitches, and four sentences each.
Flite must be on the PATH, and soundfile installed; on Debian: `apt-get install flite`. The files are FLAC,
16 kHz, named `text_voice_take.flac`. `audio_samples/README.md` tells of their origin.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from clips.blocks import PEAK
from clips.files import write_checksums
from clips.speech import SynthesiserError, Voice, synthesise

SR = 16000  # Hz, that of the voices
QUIET = 0.01  # s of silence left at either end
# Steps of 11 bits, whose rounding error lies 66 dB below full scale: half as many bytes as with 16 bits.
STEPS = 2**10
DIGITS = "zero one two three four five six seven eight nine".split()
# For each take of a voice, its mean pitch in Hz and how much slower it speaks. The statistical voice rms
# knows no pitch but its own: a take of it is played faster or slower by a ratio, as from another head.
TAKES = {
    "awb": ((110, 1.0), (140, 1.2), (175, 0.9)),
    "kal16": ((85, 1.0), (105, 1.2), (135, 0.9)),
    "rms": ((1.0, 1.0), (9 / 10, 1.1), (10 / 9, 1.0)),
    "slt": ((155, 1.0), (185, 1.2), (225, 0.9)),
}
SENTENCES = {
    "awb": (
        "The young judge saw a quick fox jump over the high garden fence.",
        "He heard the church bells ring out each hour of the foggy morning.",
        "A thousand tiny birds flew south through the thick grey clouds.",
        "Our guide lost his way, so a shepherd showed us.",
    ),
    "kal16": (
        "Vision is what the eye does, and hearing is a joyful thing.",
        "My father usually fishes with a long line from the boat by the shore.",
        "Just measure the length of the wooden beam and cut it with a sharp saw.",
        "Take the blue jug off the shelf and fill it with fresh milk.",
    ),
    "rms": (
        "She took both cups of warm tea to the porch and sat there thinking.",
        "Pull the plug, push the cart, and leave the huge machine in the yard.",
        "Give them a chance to show you how the engine of the ship works.",
        "The boy with the yellow scarf chose an orange from the box.",
    ),
    "slt": (
        "Why should a good book be bought when we could choose to borrow it?",
        "Those boys enjoy noise, but the teacher asked them for pure silence.",
        "Rain fell on the roof all night, and the river rose above the bridge.",
        "Five of these keys open nothing here.",
    ),
}


def say(text, voice, *settings):
    """What Flite makes of a text.

    Parameters
    ----------
    text, voice : str
    *settings : str
        As in "duration_stretch=1.2".

    Returns
    -------
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1], at 16 kHz.
    """
    flags = [part for setting in settings for part in ("--setf", setting)]
    command = ("flite", "-voice", voice, *flags, "-f", "{txt}", "-o", "{wav}")
    return synthesise(Voice(text, command, SR, packages="flite"))


def trim(x, threshold_db=-40.0):
    """Cut the ends where the RMS of 10 ms stays below a level, in dB of the loudest 10 ms."""
    n = SR // 100
    blocks = np.pad(x, (0, -len(x) % n)).reshape(-1, n)
    level = np.sqrt(np.mean(blocks**2, axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (threshold_db / 20))
    margin = round(QUIET * SR)
    return x[max(0, loud[0] * n - margin) : (loud[-1] + 1) * n + margin]


def digit(number, voice, take):
    """One digit, by one voice, at one of its three pitches."""
    pitch, stretch = TAKES[voice][take]
    if voice != "rms":
        settings = f"int_f0_target_mean={pitch}", f"duration_stretch={stretch}"
        return say(DIGITS[number], voice, *settings)
    x = say(DIGITS[number], voice, f"duration_stretch={stretch}")
    return resample_poly(x, *{1.0: (1, 1), 9 / 10: (10, 9), 10 / 9: (9, 10)}[pitch])


def sounds():
    """Yield the path of each file within the folder, and its samples."""
    for voice in TAKES:
        for take in range(3):
            for number in range(10):
                yield f"digits/{number}_{voice}_{take}.flac", digit(number, voice, take)
        for number, text in enumerate(SENTENCES[voice]):
            yield f"sentences/{number}_{voice}_0.flac", say(text, voice)


def write(path, x):
    """Write a sound with its peak at -3 dBFS, in steps of 11 bits."""
    x = trim(x) * (PEAK / np.abs(x).max())
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.rint(x * STEPS).astype(np.int16) * (32768 // STEPS)
    soundfile.write(path, samples, SR, format="FLAC", subtype="PCM_16", compression_level=1.0)


def main(arguments=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).resolve().parent.parent / "audio_samples",
        metavar="DIR",
        help="where to write the folders digits and sentences (default: audio_samples)",
    )
    options = parser.parse_args(arguments)
    try:
        for name, x in sounds():
            write(options.output / name, x)
    except SynthesiserError as error:
        sys.exit(f"make_digits.py: {error}")
    for name in ("digits", "sentences"):
        write_checksums(options.output / name, "*.flac")


if __name__ == "__main__":
    main()
