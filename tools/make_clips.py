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
import sys
from pathlib import Path

import numpy as np

from clips.birdsong import birdsong
from clips.drums import drums
from clips.files import finish, write_checksums, write_wav
from clips.music import music
from clips.speech import SynthesiserError, speak

CLIPS = {
    "speech": lambda rng: speak("speech"),
    "speech2": lambda rng: speak("speech2"),
    "music": music,
    "birdsong": birdsong,
    "drums": drums,
}


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
