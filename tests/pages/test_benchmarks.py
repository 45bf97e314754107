"""The benchmarks: what the report makes of a record, and the record that the page is made from."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

import specdemo as sd
from benchmarked import FOLDER, benchmark_module, cells, spread

RECORD = FOLDER / "results.json"

comparisons = benchmark_module("comparisons")
report = benchmark_module("report")
measuring = benchmark_module("measuring")
targets = benchmark_module("targets")


def speed_row(measure, method, ms, ratio, **notes):
    return {
        "measure": measure,
        "setting": "1024/256, float32",
        "method": method,
        "rounds": 3,
        "ms": spread(ms),
        "ratio": spread(ratio),
        **notes,
    }


def curve(clip, start, refine, *errors):
    return {
        "clip": clip,
        "setting": "1024/256 at 22.05 kHz",
        "start": start,
        "refine": refine,
        "db": dict(zip(("0", "10"), errors, strict=True)),
    }


def score_row(clip, method, pesq):
    return {
        "clip": clip,
        "setting": "80 bands",
        "method": method,
        "log_mel_db": 0.4,
        "mel_sc_db": -40.0,
        "pesq": pesq,
        "stoi": 0.99 if clip == "speech" else None,
    }


@pytest.fixture
def results():
    """A record of what a short run might find."""
    return {
        "date": "2026-01-01",
        "quick": True,
        "left_out": ["torch was left out."],
        "machine": {"processor": "P", "cores": 2, "system": "S", "python": "3.11.1"},
        "versions": {"specdemo": "1", "torch": None},
        "clips": ["speech", "music"],
        "memory": [
            {"method": name, "seconds": 20, "spectrogram_mb": 4.0, "mb": spread(mb)}
            for name, mb in (("specdemo", 12.0), ("librosa", 30.0))
        ],
        "imports": [{"what": "numpy", "ms": spread(60.0)}],
        "speed": [
            speed_row("fast Griffin-Lim, an iteration", "specdemo", 2.0, 1.0),
            speed_row("fast Griffin-Lim, an iteration", "librosa", 8.0, 4.0),
            speed_row("fast Griffin-Lim, an iteration", "bare scipy FFTs", 1.0, 0.5),
            speed_row("to -30 dB", "specdemo", 9.0, 1.0, iterations=3),
        ],
        "convergence": [
            curve("speech", "default", "default", -25.0, -36.0),
            curve("speech", "random", "librosa.griffinlim", -4.0, -18.0),
            curve("music", "default", "default", -15.0, -26.0),
        ],
        "mel": [
            score_row("speech", "invert_mel, 100", 4.2),
            score_row("speech", "librosa mel_to_audio, 100", 3.5),
            score_row("music", "invert_mel, 100", None),
        ],
        "vocoder": [],
        "shortened": [],
        "mfcc": [],
    }


def test_table_has_headers_for_rows_and_columns_and_scrolls():
    table = report.Table("a < b", ("what", "ms"), [("x & y", "1.5")])
    soup = BeautifulSoup(table._repr_html_(), "html.parser")
    assert [tag["scope"] for tag in soup.find_all("th")] == ["col", "col", "row"]
    assert soup.find("p", class_="bench-caption").get_text() == "a < b"
    assert soup.find("th", scope="row").get_text() == "x & y"
    box = soup.find(class_="bench-table")
    assert box["tabindex"] == "0" and box["aria-label"] == "a < b"
    css = (FOLDER.parent / "book" / "_static" / "tables.css").read_text(encoding="utf-8")
    assert re.search(r"\.bench-table \{\s*overflow-x: auto", css)


def test_quartiles_of_a_table_stay_on_one_line():
    table = report.Table("t", ("what", "ms"), [("a (b c)", "1.5 (1.4 to 1.6)")])
    row = BeautifulSoup(table._repr_html_(), "html.parser").tbody.tr
    assert row.th.get_text() == "a (b c)"
    assert row.td.get_text() == "1.5 (1.4\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}1.6)"
    assert "1.5 (1.4 to 1.6)" in str(table)


@pytest.mark.parametrize("extra", [0, 1])
def test_long_tables_are_folded(extra):
    rows = [(str(i), "1") for i in range(report.LONGEST_OPEN + extra)]
    soup = BeautifulSoup(report.Table("t", ("a", "b"), rows)._repr_html_(), "html.parser")
    assert [tag.get_text() for tag in soup.find_all("summary")] == [f"t: {len(rows)} rows"] * extra
    assert len(soup.tbody.find_all("tr")) == len(rows)


def test_comparisons_are_medians_over_clips_and_say_what_is_missing(results):
    """Errors of 20 and 40 dB are 10 and 1 %; a torch that was not there has no bar."""
    for row, error in zip(results["convergence"], (-20.0, -20.0, -60.0), strict=True):
        row["db"]["32"] = error
    results["mel"].append(score_row("speech", "librosa mel_to_audio, 32", 3.5))
    found = {row.what: row for row in comparisons.six(results).rows}
    assert found["Spectrogram to sound"].values[:2] == pytest.approx((1.0, 10.0))
    assert found["Spectrogram to sound"].parts == pytest.approx((0.1, 1, 0))
    assert found["Memory of an inversion"].texts == ("12 MB", "30 MB", "–")
    assert found["80 mel bands to sound"].sentence.endswith(
        "PESQ 4.20, librosa 3.50 (voices: 1, median)."
    )
    assert "40 MFCC to sound" not in found, "not measured"


def test_comparisons_are_tables_with_bars(results):
    memory = comparisons.Six((comparisons.peak_memory(results),))
    soup = BeautifulSoup(memory._repr_html_(), "html.parser")
    assert [tag.get_text() for tag in soup.find_all("th", scope="row")] == ["specdemo", "librosa"]
    assert [tag["style"] for tag in soup.find_all("span", class_="bench-bar")] == [
        "width: 40.0%",
        "width: 100.0%",
    ]
    assert "4.0 MB" in soup.p.get_text()
    assert memory._repr_markdown_().splitlines()[-1].endswith("| 12 MB | 30 MB | – |")


def test_table_is_aligned_in_a_terminal():
    lines = str(report.Table("t", ("a", "b"), [("long name", "1"), ("n", "22")])).splitlines()
    assert lines == ["t", "  a           b", "  long name   1", "  n          22"]


def test_conditions_name_what_was_left_out(results):
    sentence = report.conditions(results)
    assert "torch was left out." in sentence
    assert "specdemo 1." in sentence and "None" not in sentence


def test_targets_compare_in_the_right_direction(results):
    table = targets.targets(results)
    librosa = cells(table, "fast Griffin-Lim, librosa's time over ours")
    assert librosa[1:] == ("at least 3.5", "4.00", "yes")
    ffts = cells(table, "fast Griffin-Lim, our time over the bare FFTs'")
    assert ffts[1:] == ("at most 1.8", "2.00", "no")
    assert cells(table, "defaults, 10 iterations, speech")[2:] == ("-36.00 dB", "yes")
    assert cells(table, "peak memory of fast Griffin-Lim over librosa's")[2:] == ("0.40", "yes")


def test_what_was_not_measured_is_said_so(results):
    table = targets.targets(results)
    assert cells(table, "fast Griffin-Lim, torch's time over ours")[2:] == ("not measured", "–")


def test_gain_over_a_peer_is_a_difference(results):
    row = cells(targets.targets(results), "80 bands to sound, PESQ above librosa's, speech")
    assert row[2:] == ("0.70", "yes")


def test_medians_leave_out_clips_without_a_score(results):
    table = report.quality_over_clips(results, "mel")
    assert cells(table, "invert_mel, 100") == ("invert_mel, 100", "0.40", "-40.0", "4.20", "0.990")
    assert table.caption.endswith("medians over 2 clips, PESQ and STOI 1")


def test_iterations_stand_beside_a_time(results):
    table = report.speed(results)
    assert table.rows[-1][1:3] == ("specdemo, 3 iterations", "9.00 (8.10 to 9.90)")


def test_report_for_a_terminal_leaves_empty_tables_out(results):
    text = targets.text(results)
    assert "Aims and what is reached" in text
    assert "neural vocoders (" not in text and "MFCC to sound\n" not in text


def test_record_comes_back_as_it_was(results):
    text = report.to_json(results)
    assert json.loads(text) == results
    assert len(text.splitlines()) < 50


def test_plots_show_what_was_measured(results):
    from matplotlib.figure import Figure

    ax, other = Figure().subplots(1, 2)
    report.plot_speed(results, ax)
    assert [bar.get_width() for bar in ax.patches] == [4.0, 0.5]
    report.plot_convergence(results, "speech", other)
    assert [list(line.get_ydata()) for line in other.lines] == [[-4.0, -18.0], [-25.0, -36.0]]


def test_quartiles():
    found = measuring.quartiles(np.array([4.0, 1.0, 2.0, 3.0, 5.0]))
    assert found == {"median": 3.0, "low": 2.0, "high": 4.0}


@pytest.mark.parametrize("needed", [0, 1, 4, 5, 37, 400])
def test_fewest_iterations(needed):
    assert measuring.fewest_iterations(lambda n: -30.0 if n >= needed else 0.0, -30) == needed


def test_too_many_iterations_are_given_up():
    assert measuring.fewest_iterations(lambda n: 0.0, -30) is None


# The committed record.


@pytest.fixture(scope="module")
def record():
    return report.load(RECORD)


def test_record_is_of_a_full_run(record):
    assert record["quick"] is False
    assert set(sd.clips()) <= set(record["clips"])
    assert record["machine"]["processor"] and record["machine"]["cores"] >= 1
    assert {"specdemo", "numpy", "scipy", "librosa"} <= {
        name for name, found in record["versions"].items() if found
    }


def test_record_has_all_six_comparisons(record):
    assert len(comparisons.six(record).rows) == 6


def test_record_has_quartiles_in_order(record):
    spreads = [row[key] for row in record["speed"] for key in ("ms", "ratio")]
    spreads += [row["mb"] for row in record["memory"]] + [row["ms"] for row in record["imports"]]
    for found in spreads:
        assert 0 <= found["low"] <= found["median"] <= found["high"]


def test_record_has_every_start_and_refinement(record):
    found = {(row["start"], row["refine"]) for row in record["convergence"]}
    known = {(start, refine) for start in sd.phase.STARTS for refine in sd.phase.REFINEMENTS}
    assert known <= found, "run make bench"


def test_record_has_scores_of_every_clip(record):
    assert {row["clip"] for row in record["mel"]} == set(record["clips"])
    for part in report.PARTS:
        assert record[part]
        for row in record[part]:
            assert set(report.SCORES) <= set(row)
            assert row["log_mel_db"] >= 0
            assert row["pesq"] is None or 1 <= row["pesq"] <= 4.65


def test_record_names_no_place(record):
    text = RECORD.read_text(encoding="utf-8")
    assert str(Path.home()) not in text and str(FOLDER.parent) not in text
    assert all("/" not in clip for clip in record["clips"])


class TestRealVoice:
    """What chapter 8 says of voices that the book cannot bring, and the script that measures them."""

    def test_the_chapter_says_what_the_record_says(self):
        record = json.loads((FOLDER / "real_voice.json").read_text(encoding="utf-8"))
        assert record["date"] >= "2026-11-01"
        assert len(record["voices"]) >= 2
        behind = []
        for row in record["voices"]:
            assert set(row) == {"voice", "seconds", "db", "stoi"}  # numbers, and no sound
            leads = {price: db["components"] - db["autoencoder"] for price, db in row["db"].items()}
            assert 0 < leads["125"] < 0.25
            behind.append(min(leads.values()) < 0)
            understood = row["stoi"]["125"]
            assert understood["autoencoder"] < understood["components"] + 0.02
        assert sum(behind) == 1

    def test_a_recording_is_described_in_each_way(self, tmp_path):
        real_voice = benchmark_module("real_voice")
        grid = sd.STFT(16000, 1024, hop_length=256)
        bank = sd.MelBank(grid, 64, fmax=8000)

        def levels(x):
            D = sd.amplitude_to_db(bank.forward(grid.magnitude(x)), ref=np.max, top_db=None)
            return np.clip(1 + D / 60, 0, 1)

        chapter = {
            "sr": 16000,
            "L": 8,
            "levels": levels,
            "segments": lambda V: np.stack([c.ravel() for c in np.split(V[:, :256], 32, axis=1)]),
            "joined": lambda rows: np.concatenate(rows.reshape(-1, 64, 8), axis=1),
            "sound": lambda V: sd.load("speech2")[0][: V.shape[1] * 256],
            "off": lambda rows, rebuilt: 60 * np.sqrt(np.mean((rebuilt - rows) ** 2)),
            "models": {4: 0.5, 16: 1.0},
            "by_cosines": lambda rows, n: rows * 0,
            "by_pca": lambda rows, n: rows,
            "rebuilt": lambda weights, rows: rows * weights,
        }
        path = sd.clips()["speech2"]
        row = real_voice.measured(path, chapter)
        assert (row["voice"], list(row["db"]), list(row["stoi"])) == (
            "speech2",
            ["31", "125"],
            ["125"],
        )
        half, whole = row["db"].values()
        assert 0 == half["components"] == whole["autoencoder"]
        assert half["autoencoder"] == pytest.approx(half["cosines"] / 2, abs=0.01)

    def test_what_is_no_recording_is_said_before_anything_is_trained(self, tmp_path, capsys):
        real_voice = benchmark_module("real_voice")
        assert real_voice.main([str(tmp_path / "nobody.wav")]) == 2
        assert "There is no recording" in capsys.readouterr().err
