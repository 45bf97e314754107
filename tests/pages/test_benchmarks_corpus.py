"""The benchmarks of the corpus tool: what the report makes of a record, the clocks, and the record."""

import pytest

import specdemo as sd
from benchmarked import FOLDER, benchmark_module, cells, spread
from corpora import contents

corpus_report = benchmark_module("corpus_report")
report = benchmark_module("report")
sounds = benchmark_module("sounds")
stages = benchmark_module("stages")
targets = benchmark_module("targets")

EMPTY = {
    part: []
    for part in ("memory", "imports", "speed", "convergence", "mel", "vocoder", "shortened", "mfcc")
}


@pytest.fixture
def results():
    """A record of what a short run of the corpus tool might find, and of nothing else."""

    def worked(engine, workers, seconds):
        times = {key: spread(seconds) for key in ("start_s", "wall_s", "workers_cpu_s")}
        numbers = {"parent_cpu_s": spread(0.1), "worker_mb": spread(70.0)}
        row = {"engine": engine, "workers": workers, "recordings": 9, "hours": 0.5}
        return row | times | numbers | {"speed_up": spread(2.0 if workers == 2 else 1.0)}

    def throughput(method, rate, hours):
        row = {"method": method, "rate": rate, "hours": 0.5, "mb": 30.0}
        return row | {"per_minute": spread(hours), "ratio": spread(20 / hours)}

    def stage(name, rate, percent):
        return {"stage": name, "rate": rate, "percent": spread(percent)}

    return EMPTY | {
        "corpus": {
            **{"date": "2026-02-02", "quick": True, "load": 1.5},
            "left_out": ["Dask was left out."],
            "machine": {"processor": "P", "cores": 2, "system": "S", "python": "3.11.1"},
            "versions": {"specdemo": "1", "torch": None},
        },
        "corpus_speed": [
            throughput("specdemo", "16 kHz", 20.0),
            throughput("the whole tool", "16 kHz", 30.0),
            throughput("the whole tool", "44.1 kHz", 10.0),
        ],
        "corpus_profile": [
            stage("hash", "16 kHz", 40.0),
            stage("decode", "16 kHz", 60.0),
            stage("convert", "44.1 kHz", 100.0),
        ],
        "corpus_workers": [worked("Processes", 1, 4.0), worked("Processes", 2, 2.0)],
        "corpus_kills": [
            {
                **{"engine": "loop", "killed": "the parent", "shards": 9, "first": 5},
                **{"calls": 2, "made": 9, "complaints": 0, "same_bytes": True},
            }
        ],
    }


def test_a_corpus_has_conditions_of_its_own(results):
    sentence = corpus_report.conditions(results)
    assert "2026-02-02" in sentence and "Dask was left out." in sentence and "1.5" in sentence
    assert "specdemo 1." in sentence and "None" not in sentence


def test_throughput_is_in_hours_for_a_minute(results):
    table = corpus_report.speed(results)
    assert "16 kHz: 30 min, 60 MB an hour" in table.caption
    assert cells(table, "the whole tool")[1:3] == ("16 kHz", "30.0 (27.0 to 33.0)")


def test_the_longest_stage_stands_first_and_one_that_is_not_there_is_a_dash(results):
    table = corpus_report.profile(results)
    assert [row[0] for row in table.rows] == ["convert", "decode", "hash"]
    assert table.rows[0][1] == "–" and table.rows[1][2] == "–"


def test_workers_and_kills_are_tables(results):
    one, two = corpus_report.workers(results).rows
    assert one[0] == "Processes, 1" and one[3] == "4.1"
    assert two[4] == "2.00 (1.80 to 2.20)"
    assert corpus_report.kills(results).rows == [
        ("loop", "the parent", "5 of 9", "2", "9 of 9", "yes")
    ]


@pytest.mark.parametrize("wrong", [{"same_bytes": False}, {"complaints": 1}])
def test_other_bytes_are_said(results, wrong):
    results["corpus_kills"][0] |= wrong
    assert corpus_report.kills(results).rows[0][-1] == "no"


def test_aims_of_a_corpus(results):
    name = "the whole tool on a corpus, hours of FLAC at 16 kHz for a CPU minute"
    assert cells(targets.targets(results), name)[2:] == ("30.00", "yes")
    assert cells(targets.targets(EMPTY), name)[2:] == ("not measured", "–")
    two = cells(targets.targets(results), "two workers over one, Processes, times as quick")
    assert two[1:] == ("at least 1.8", "2.00", "yes")


def test_a_record_without_a_corpus_says_so():
    assert corpus_report.text(EMPTY) == "The corpus tool was not measured in this run."


def test_a_corpus_is_the_same_each_time(tmp_path):
    for folder in ("one", "other"):
        sounds.write_corpus(tmp_path / folder, 5)
    one, other = (
        [path.read_bytes() for path in sorted((tmp_path / folder).rglob("*.flac"))]
        for folder in ("one", "other")
    )
    assert one == other and len(set(one)) == 5
    assert 11 < sd.corpus.describe(tmp_path / "one").shortest < 13


@pytest.mark.parametrize("sr", [16000, 44100])
def test_clocks_find_every_stage_of_the_tool(tmp_path, sr):
    """They are put around functions that are the package's own affair, and change nothing."""
    folder = tmp_path / "recordings"
    sounds.write_corpus(folder, 2, sr)
    sd.corpus.make_features(folder, tmp_path / "plain", "whisper-80")
    found = stages.shares(
        lambda: sd.corpus.make_features(folder, tmp_path / "clocked", "whisper-80")
    )
    assert sum(found.values()) == pytest.approx(1)
    assert all(share > 0 for share in found.values())
    named = {"hash", "decode", "check", "frames and FFT", "window, bands, logarithm", "encode"}
    assert set(found) == named | {"write", stages.REST} | ({"convert"} if sr == 44100 else set())
    assert contents(tmp_path / "clocked") == contents(tmp_path / "plain")


def test_time_counts_for_the_innermost_stage(monkeypatch):
    now = iter([0, 1, 3, 6, 10, 15, 21])
    monkeypatch.setattr(stages.time, "process_time", lambda: next(now))
    clock = stages.Clock()
    with clock.inside("outer"), clock.inside("inner"):
        pass
    with clock.inside("outer"):
        pass
    assert clock.seconds == {stages.REST: 1 + 5, "outer": 2 + 4 + 6, "inner": 3}


# The committed record.


@pytest.fixture(scope="module")
def record():
    return report.load(FOLDER / "results.json")


def test_record_has_the_corpus(record):
    assert record["corpus"]["quick"] is False, "run make bench ONLY=corpus"
    for part in corpus_report.PARTS:
        assert record[part], part
    assert {row["rate"] for row in record["corpus_speed"]} == {"16 kHz", "44.1 kHz"}
    for rate in ("16 kHz", "44.1 kHz"):
        percent = [r["percent"]["median"] for r in record["corpus_profile"] if r["rate"] == rate]
        assert sum(percent) == pytest.approx(100, abs=3), "medians of rounds"


def test_record_of_kills_has_nothing_lost(record):
    rows = record["corpus_kills"]
    assert {row["killed"] for row in rows} == {"nobody", "a worker", "the parent"}
    for row in rows:
        assert row["made"] == row["shards"] and row["same_bytes"] and not row["complaints"], row
