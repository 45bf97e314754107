"""What was aimed at when the package was designed, and what is reached; and the whole report as text."""

from dataclasses import dataclass
from statistics import mean

import corpus_report
import report
from comparisons import six
from corpus_report import per_minute, worker_row
from report import SCORE_NAMES, Table, convergence_of, inverse, milliseconds, ratio, score, voices


@dataclass(frozen=True)
class Target:
    """A number to reach: at least when `least`, otherwise at most."""

    what: str
    reached: float | None
    goal: float
    unit: str = ""
    least: bool = False

    def row(self):
        """Cells of a table."""
        limit = "at least" if self.least else "at most"
        if self.reached is None:
            return (self.what, f"{limit} {self.goal:g}{self.unit}", "not measured", "–")
        met = self.reached >= self.goal if self.least else self.reached <= self.goal
        return (
            self.what,
            f"{limit} {self.goal:g}{self.unit}",
            f"{self.reached:.2f}{self.unit}",
            "yes" if met else "no",
        )


def targets(results):
    """What was aimed at when the package was designed, and what is reached; and the whole report as text."""
    designed = (speed_targets, convergence_targets, mel_targets, memory_targets)
    groups = (*designed, corpus_targets)
    rows = [target.row() for group in groups for target in group(results)]
    return Table("Aims and what is reached", ("what", "aim", "reached", "met"), rows)


def speed_targets(results):
    """Aims in time."""
    main, one = "1024/256, float32", "an iteration"
    yield Target(
        "fast Griffin-Lim, librosa's time over ours",
        ratio(results, one, main, "librosa"),
        3.5,
        least=True,
    )
    yield Target(
        "fast Griffin-Lim, torch's time over ours",
        ratio(results, one, main, "torch"),
        2.5,
        least=True,
    )
    yield Target(
        "fast Griffin-Lim, our time over the bare FFTs'",
        inverse(ratio(results, one, main, "bare scipy FFTs")),
        1.8,
    )
    yield Target(
        "to -30 dB on 10 s, librosa's time over ours",
        ratio(results, "dB", main, "librosa"),
        5,
        least=True,
    )
    yield Target(
        "PGHI on 10 s, time of a heap in Python over ours",
        ratio(results, "PGHI", main, "heap in Python"),
        10,
        least=True,
    )
    theirs = milliseconds(results, "mel to sound", "librosa, 32")
    ours = milliseconds(results, "mel to sound", "specdemo, 100")
    yield Target(
        "80 bands to sound, our 100 iterations over librosa's 32, time",
        ours and theirs and ours / theirs,
        1,
    )


def convergence_targets(results):
    """Aims in spectral convergence: the defaults on every clip, and two starts."""
    fine = "2048/128 at 44.1 kHz"
    for clip in voices(results):
        for n, goal in (("10", -29), ("100", -36.5), ("300", -40)):
            yield Target(
                f"defaults, {n} iterations, {clip}",
                convergence_of(results, clip, "default").get(n),
                goal,
                " dB",
            )
        for n, goal in (("10", -35), ("100", -42)):
            found = convergence_of(results, clip, "default", fine).get(n)
            if found is not None:
                yield Target(f"defaults, {n} iterations, {fine}, {clip}", found, goal, " dB")
    for clip, goal in (("music", -38), ("drums", -34)):
        yield Target(
            f"defaults, 300 iterations, {clip}",
            convergence_of(results, clip, "default").get("300"),
            goal,
            " dB",
        )
    for start, goal in (("pghi", -21.5), ("rtisi_la", -24)):
        found = convergence_of(results, "speech", "fast_griffin_lim", start=start)
        yield Target(f"{start} alone, speech", found.get("0"), goal, " dB")


def mel_targets(results):
    """Aims in what comes back from mel and MFCC."""
    ours, theirs = "invert_mel, 100", "librosa mel_to_audio, 100"
    for clip in voices(results):
        for name, goal in (("log_mel_db", 0.5), ("mel_sc_db", -38)):
            yield Target(
                f"80 bands to sound, {SCORE_NAMES[name]}, {clip}",
                score(results, "mel", clip, ours, name),
                goal,
                " dB",
            )
        yield gain("80 bands to sound", results, "mel", clip, ours, theirs, 0.6)
        mfcc = [f"40 of 80, {name}" for name in ("specdemo", "librosa")]
        yield gain("40 MFCC to sound", results, "mfcc", clip, *mfcc, 0.3)
        for factor, goal in ((5, 0.95), (10, 2.0)):
            found = score(
                results, "shortened", clip, f"factor {factor}, shorten and lengthen", "log_mel_db"
            )
            yield Target(f"shortened by {factor}, log-mel distance, {clip}", found, goal, " dB")
    real = [
        row["pesq"]
        for row in results["vocoder"]
        if row["method"] == "invert_mel, 300"
        and row["pesq"] is not None
        and row["clip"].endswith(".wav")
    ]
    yield Target(
        "neural vocoders' setting, mean PESQ over the recordings",
        mean(real) if real else None,
        4.3,
        least=True,
    )


def gain(what, results, part, clip, ours, theirs, goal):
    """Aim for a PESQ above that of another method."""
    both = [score(results, part, clip, method, "pesq") for method in (ours, theirs)]
    found = None if None in both else both[0] - both[1]
    return Target(f"{what}, PESQ above librosa's, {clip}", found, goal, least=True)


def memory_targets(results):
    """Aims in memory."""
    mb = {row["method"]: row["mb"]["median"] for row in results["memory"]}
    found = mb["specdemo"] / mb["librosa"] if "librosa" in mb else None
    yield Target("peak memory of fast Griffin-Lim over librosa's", found, 0.6)


def corpus_targets(results):
    """Aims in the features of a corpus."""
    yield Target(
        "the whole tool on a corpus, hours of FLAC at 16 kHz for a CPU minute",
        per_minute(results, "the whole tool"),
        28,
        least=True,
    )
    for engine in ("Processes", "Dask"):
        one, two = (worker_row(results, engine, n) for n in (1, 2))
        yield Target(
            f"two workers over one, {engine}, times as quick",
            two and two["speed_up"]["median"],
            1.8,
            least=True,
        )
        yield Target(
            f"memory of a worker, {engine}", one and one["worker_mb"]["median"], 150, " MB"
        )
    times = [worker_row(results, engine, 1) for engine in ("Dask", "Processes")]
    yield Target(
        "a corpus with one worker, Dask's time over that of Processes",
        None if None in times else times[0]["wall_s"]["median"] / times[1]["wall_s"]["median"],
        1.05,
    )


def text(results):
    """Everything, for a terminal."""
    tables = [
        targets(results),
        report.speed(results),
        report.memory(results),
        report.imports(results),
    ]
    tables += [
        report.convergence(results, clip) for clip in report.clips_of(results["convergence"])
    ]
    tables += [report.quality(results, part) for part in report.PARTS]
    return "\n\n".join(
        [
            report.conditions(results),
            str(six(results)),
            *(str(table) for table in tables if table.rows),
            corpus_report.text(results),
        ]
    )
