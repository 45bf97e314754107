"""Tables of what was measured of the corpus tool, from results.json."""

import report
from report import Table, spread

PARTS = ("corpus_speed", "corpus_profile", "corpus_workers", "corpus_kills")


def conditions(results):
    """Say when and on what the corpus tool was measured, which need not be when the rest was."""
    found = results.get("corpus")
    if not found:
        return "The corpus tool was not measured in this run."
    load = f"When the run began, {found['load']:g} other processes wanted a processor, on average."
    return report.conditions(found) + (f" {load}" if found["load"] >= 0.5 else "")


def speed(results):
    """Throughput of the features, and of the whole tool."""
    found = results.get("corpus_speed", [])
    rows = [
        (row["method"], row["rate"], spread(row["per_minute"], 1), spread(row["ratio"], 2))
        for row in found
    ]
    headers = ("by", "FLAC at", "hours for a CPU minute", "times specdemo's time")
    sizes = {
        row["rate"]: f"{60 * row['hours']:.0f} min, {row['mb'] / row['hours']:.0f} MB an hour"
        for row in found
    }
    measured = "".join(f"; {rate}: {size}" for rate, size in sizes.items())
    return Table(f"Hours of sound in FLAC for a minute of a processor{measured}", headers, rows)


def profile(results):
    """What each stage of the whole tool takes."""
    found = results.get("corpus_profile", [])
    rates = list(dict.fromkeys(row["rate"] for row in found))
    percent = {(row["stage"], row["rate"]): spread(row["percent"], 1) for row in found}
    longest_first = sorted(found, key=lambda row: -row["percent"]["median"])
    rows = [
        (stage, *(percent.get((stage, rate), "–") for rate in rates))
        for stage in dict.fromkeys(row["stage"] for row in longest_first)
    ]
    headers = ("stage", *(f"% of the time, FLAC at {rate}" for rate in rates))
    return Table("What a shard takes its CPU time for", headers, rows)


def workers(results):
    """One worker and two."""
    found = results.get("corpus_workers", [])
    rows = [
        (
            f"{row['engine']}, {row['workers']}",
            spread(row["start_s"], 1),
            spread(row["wall_s"], 1),
            f"{_cpu(row):.1f}",
            spread(row["speed_up"], 2),
            spread(row["worker_mb"], 0),
        )
        for row in found
    ]
    headers = (
        *("engine, workers", "start in s", "time in s", "CPU time in s"),
        *("times as quick as one", "MB a worker"),
    )
    size = f", {found[0]['recordings']} recordings, {found[0]['hours']:.1f} h" if found else ""
    return Table(f"A corpus to its end{size}: time on the clock", headers, rows)


def _cpu(row):
    return row["parent_cpu_s"]["median"] + row["workers_cpu_s"]["median"]


def kills(results):
    """Engines, and who was killed."""
    rows = [
        (
            row["engine"],
            row["killed"],
            f"{row['first']} of {row['shards']}",
            str(row["calls"]),
            f"{row['made']} of {row['shards']}",
            "yes" if row["same_bytes"] and not row["complaints"] else "no",
        )
        for row in results.get("corpus_kills", [])
    ]
    headers = (
        *("engine", "killed", "shards made by the first call", "calls", "shards made in the end"),
        "the bytes of an undisturbed loop",
    )
    return Table("Two workers, and a kill -9", headers, rows)


def per_minute(results, method, rate="16 kHz"):
    """Hours for a CPU minute, None when not measured."""
    for row in results.get("corpus_speed", []):
        if (row["method"], row["rate"]) == (method, rate):
            return row["per_minute"]["median"]
    return None


def worker_row(results, engine, n_workers):
    """What was measured with an engine and so many workers, None when it was not."""
    for row in results.get("corpus_workers", []):
        if (row["engine"], row["workers"]) == (engine, n_workers):
            return row
    return None


def text(results):
    """Everything, for a terminal."""
    tables = [table(results) for table in (speed, profile, workers, kills)]
    shown = [conditions(results), *(str(table) for table in tables if table.rows)]
    return "\n\n".join(shown)
