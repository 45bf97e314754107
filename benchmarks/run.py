"""Compare specdemo with librosa, torch and the bare FFTs: time, memory, quality.

    make bench                    everything, on the bundled clips; about half an hour
    make bench CLIPS=folder       the WAV files of a folder as well
    make bench QUICK=1            a part of it, in three minutes
    make bench ONLY=corpus        the corpus tool alone, in ten; the rest of the record stays

The full run writes benchmarks/results.json, from which a page of the book is made; a quick one
writes _build/benchmarks.json. Both print the tables.
"""

import argparse
import datetime
import os
import platform
import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import one_thread  # noqa: F401

# isort: split
import corpus
import corpus_report
import memory
import peers
import quality
import report
import sounds
import speed
import targets

ROOT = Path(__file__).resolve().parent.parent
CPUINFO = "/proc/cpuinfo"  # Linux
PACKAGES = ("specdemo", "numpy", "scipy", "librosa", "torch", "pesq", "pystoi")
OF_THE_CORPUS = (
    *("specdemo", "numpy", "scipy", "soundfile", "soxr"),
    *("librosa", "torch", "kaldi-native-fbank", "distributed"),
)


def main(arguments=None):
    """Run the command line; return the exit status."""
    options = parse(arguments)
    if options.clips is not None and not any(options.clips.glob("*.wav")):
        print(f"There is no WAV file in {options.clips}.", file=sys.stderr)
        return 2
    path = ROOT / ("_build/benchmarks.json" if options.quick else "benchmarks/results.json")
    if options.only:
        results = report.load(path) if path.exists() else {}
        results |= measure_corpus(options.quick)
        print(corpus_report.text(results))
    else:
        results = measure(sounds.collect(options.clips), options.quick)
        results |= measure_corpus(options.quick)
        print(targets.text(results))
    path.parent.mkdir(exist_ok=True)
    path.write_text(report.to_json(results), encoding="utf-8", newline="\n")
    print(f"Written: {path.relative_to(ROOT)}")
    return 0


def parse(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, help="a folder of WAV files to measure as well")
    parser.add_argument("--quick", action="store_true", help="only a part, in three minutes")
    parser.add_argument("--only", choices=["corpus"], help="only this, and keep the other results")
    return parser.parse_args(arguments)


def measure(found, quick):
    """Measure everything; return what goes into the JSON file."""
    # librosa warns that its own filters for power may not fit magnitudes, and the like.
    warnings.filterwarnings("ignore", module="librosa")
    with_torch = peers.torch is not None
    start = time.monotonic()
    results = {
        **conditions(quick, PACKAGES, ("torch", "pesq")),
        "clips": list(found),
        "memory": memory.peaks(with_torch, quick),
        "imports": memory.imports(with_torch, quick),
        "speed": speed.run(quick),
        "convergence": quality.convergence(found, quick) + quality.convergence_fine(found, quick),
        "mel": quality.mel_to_audio(found, quick),
        "vocoder": quality.vocoder(found, quick),
        "shortened": quality.shortened(found, quick),
        "mfcc": quality.mfcc(found, quick),
    }
    return results | {"minutes": minutes_since(start)}


def measure_corpus(quick):
    """Measure the corpus tool; return what goes into the JSON file, with conditions of its own."""
    warnings.filterwarnings("ignore", module="librosa")
    start, load = time.monotonic(), round(os.getloadavg()[0], 1)
    found = conditions(quick, OF_THE_CORPUS, ("torch", "kaldi", "Dask")) | {"load": load}
    parts = corpus.run(quick)
    return {"corpus": found | {"minutes": minutes_since(start)}, **parts}


def conditions(quick, packages, optional):
    """When, on what and with what is measured."""
    return {
        "date": datetime.date.today().isoformat(),
        "quick": quick,
        "machine": machine(),
        "versions": {name: installed(name) for name in packages},
        "left_out": peers.missing(*optional),
    }


def minutes_since(start):
    """Minutes on the clock."""
    return round((time.monotonic() - start) / 60, 1)


def machine():
    """Describe the machine without naming it."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def processor():
    """Model of the processor, as far as the system tells."""
    try:
        lines = Path(CPUINFO).read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def installed(name):
    """Version of a package, None when it is not there or was left out."""
    if (name == "torch" and peers.torch is None) or (name == "pesq" and peers.pesq is None):
        return None
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
