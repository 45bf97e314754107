"""The tool that turns folders of recordings into features: how quick it is, and what a kill costs.

Throughput is in hours of sound for a minute of a processor. Methods take turns, in one thread, and the
clock is the processor time of this process. Workers are processes of their own: theirs is the time
on the clock, which another program on the machine takes its share of.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import librosa
import numpy as np
import soundfile

import peers
import specdemo as sd
import stages
from measuring import interleaved, quartiles
from sounds import write_corpus
from specdemo.corpus import Features, describe, make_features
from workers import ENGINES, FORMAT

RATES = {"16 kHz": 16000, "44.1 kHz": 44100}
PATIENCE_S = 1800  # a machine that is busy is slow
BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); import workers; workers.main(*sys.argv[2:])"


@dataclass(frozen=True)
class Size:
    """How many recordings are measured on, and how often."""

    recordings: int
    converted: int
    many: int
    killed: int
    rounds: int
    runs: int
    engines: tuple  # Dask takes seconds to start, a dozen times


FULL = Size(300, 100, 3000, 60, rounds=5, runs=3, engines=ENGINES)
QUICK = Size(40, 12, 240, 20, rounds=1, runs=1, engines=ENGINES[:-1])


def run(quick):
    """Return the rows of every part, by its name in the record."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        folders = {rate: place / rate for rate in RATES}
        for (rate, sr), n in zip(RATES.items(), (size.recordings, size.converted), strict=True):
            write_corpus(folders[rate], n, sr)
        write_corpus(place / "many", size.many)
        write_corpus(place / "killed", size.killed)
        parts = {
            "corpus_speed": lambda: speed(folders, size.rounds),
            "corpus_profile": lambda: profile(folders, size.rounds),
            "corpus_workers": lambda: work(place / "many", size.runs, size.engines),
            "corpus_kills": lambda: kills(place / "killed", size.engines),
        }
        return {key: told(key, part) for key, part in parts.items()}


def told(key, part):
    """What a part finds, once its name is printed."""
    print(f"  {key}", flush=True)
    return part()


def whole(folder):
    """Make features of a folder, and remove them."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        make_features(folder, Path(place, "out"), FORMAT)


# -- in this process


def speed(folders, rounds):
    """Throughput of the features alone, ours and others', and of the whole tool."""
    methods = by_all(sorted(folders["16 kHz"].rglob("*.flac")))
    loops = {(name, "16 kHz"): method for name, method in methods.items()}
    loops |= {("the whole tool", rate): partial(whole, folder) for rate, folder in folders.items()}
    hours = {rate: describe(folder).hours for rate, folder in folders.items()}
    seconds = interleaved(loops, rounds)
    each = {key: taken / hours[key[1]] for key, taken in seconds.items()}  # for an hour of sound
    ours = each["specdemo", "16 kHz"]
    return [
        {
            "method": name,
            "rate": rate,
            "rounds": rounds,
            "hours": round(hours[rate], 3),
            "mb": round(describe(folders[rate]).megabytes, 1),
            "per_minute": quartiles(60 / taken),
            "ratio": quartiles(taken / ours),
        }
        for (name, rate), taken in each.items()
    ]


def by_all(paths):
    """Functions that make features of all recordings, by library: the same numbers, but for Kaldi's."""
    fmt, bank = sd.mel_format(FORMAT), librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)
    one = {
        "specdemo": lambda path: fmt.forward(sd.load(path)[0]),
        "specdemo, decoded by soundfile": lambda path: fmt.forward(
            soundfile.read(path, dtype="float32")[0]
        ),
        "librosa": partial(peers.librosa_whisper, weights=bank),
    }
    if peers.torch:
        one["torch"] = partial(peers.torch_whisper, weights=peers.torch.from_numpy(bank))
    for name, method in one.items():
        if not np.allclose(method(paths[0]), one["specdemo"](paths[0]), atol=1e-3):
            raise RuntimeError(f"{name} makes other numbers")
    if peers.kaldi:
        one["kaldi-native-fbank"] = partial(peers.kaldi_bands, n_mels=80)

    def all_by(method):
        for path in paths:
            method(path)

    return {name: partial(all_by, method) for name, method in one.items()}


def profile(folders, rounds):
    """What each stage of the whole tool takes of its time, in percent."""
    rows = []
    for rate, folder in folders.items():
        whole(folder)  # for the caches
        found = [stages.shares(partial(whole, folder)) for _ in range(rounds)]
        for stage in found[0]:
            percent = quartiles([100 * shares[stage] for shares in found])
            rows.append({"stage": stage, "rate": rate, "percent": percent})
    return rows


# -- in processes of their own


def begin(engine, n_workers, folder, out, *options):
    """Begin a call of `make_features` in a process of its own, the first of a group."""
    arguments = [Path(__file__).parent, engine, n_workers, folder, out, *options]
    return subprocess.Popen(
        [sys.executable, "-c", BEGIN, *map(str, arguments)],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(call):
    """Wait for a call; end what it left behind."""
    with suppress(subprocess.TimeoutExpired):
        call.wait(PATIENCE_S)
    with suppress(ProcessLookupError):
        os.killpg(call.pid, signal.SIGKILL)
    call.wait()


def work(folder, runs, engines):
    """One worker and two on a corpus to its end, by engines that let the number be chosen."""
    hours, n_recordings = describe(folder).hours, describe(folder).n_recordings
    chosen = (name for name in ("Processes", "Dask") if name in known(engines))
    cases = [("loop", 1), *((engine, n) for engine in chosen for n in (1, 2))]
    found = {case: [] for case in cases}
    for _ in range(runs):
        for case in cases:
            found[case].append(to_the_end(*case, folder))
    return [
        {
            "engine": engine,
            "workers": n,
            "runs": runs,
            "recordings": n_recordings,
            "hours": round(hours, 2),
            **{key: quartiles([told[key] for told in calls]) for key in calls[0]},
            "speed_up": quartiles(
                [one["wall_s"] / told["wall_s"] for one, told in zip(found[engine, 1], calls)]
            ),
        }
        for (engine, n), calls in found.items()
    ]


def to_the_end(engine, n_workers, folder):
    """What one call takes that nobody disturbs."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        out = Path(place, "out")
        end(begin(engine, n_workers, folder, out))
        return json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))


def known(engines):
    """Those of some engines that are installed."""
    return [name for name in engines if name != "Dask" or not peers.missing("Dask")]


def kills(folder, engines):
    """What is made when nobody is killed, a worker, or the process that began it all."""
    rows, expected = [], {}
    for engine in known(engines):
        for kill in ("nobody", "a worker", "the parent"):
            if (engine, kill) == ("loop", "a worker"):
                continue
            out = Path(tempfile.mkdtemp(dir=folder.parent), "out")
            first, n_calls = call_until_made(engine, kill, folder, out)
            expected = expected or contents(out)
            rows.append(
                {
                    "engine": engine,
                    "killed": kill,
                    "shards": n_planned(out),
                    "first": first,
                    "calls": n_calls,
                    "made": n_made(out),
                    "complaints": len(Features(out).verify()),
                    "same_bytes": contents(out) == expected,
                }
            )
    return rows


def call_until_made(engine, kill, folder, out, n_workers=2):
    """Call once, with the kill, and once more when that has not made all: made at first, and calls.

    The workers of a killed parent are left alone meanwhile.
    """
    calls = [begin(engine, n_workers, folder, out, "tiny", kill)]
    try:
        if kill == "the parent":
            while calls[0].poll() is None and n_made(out) < 5:
                time.sleep(0.002)
            calls[0].kill()
        with suppress(subprocess.TimeoutExpired):
            calls[0].wait(PATIENCE_S)
        first = n_made(out)
        if first < n_planned(out):
            calls.append(begin(engine, n_workers, folder, out, "tiny"))
            with suppress(subprocess.TimeoutExpired):
                calls[1].wait(PATIENCE_S)
    finally:
        for call in calls:
            end(call)
    return first, len(calls)


def n_planned(out):
    """Shards of the plan."""
    return len(list(out.glob("plan/*.json")))


def n_made(out):
    """Shards that have a record."""
    return len(list(out.glob("shards/*.json")))


def contents(out):
    """Every file that was finished, with its bytes."""
    paths = (path for path in out.rglob("*") if path.is_file() and path.name[0] != ".")
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}
