"""Tables, sentences and plots from results.json: for the terminal, and for the page of the book."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).with_name("results.json")
BRACKETS = re.compile(r"\(.*?\)")
LONGEST_OPEN = 9  # rows of a table that is not folded
UNPLOTTED = ("1024/256, float64", "2048/128, float32", "2048/128, float64")
PLOTTED = {
    ("zero", "griffin_lim"): "zero phase, Griffin-Lim",
    ("random", "griffin_lim"): "random phase, Griffin-Lim",
    ("random", "fast_griffin_lim"): "random phase, fast Griffin-Lim",
    ("random", "librosa.griffinlim"): "librosa.griffinlim",
    ("pghi", "fast_griffin_lim"): "PGHI, fast Griffin-Lim",
    ("default", "default"): "the package's defaults",
}


@dataclass(frozen=True)
class Table:
    """Rows of text under headers; the first column names the row."""

    caption: str
    headers: tuple
    rows: list

    def _repr_html_(self):
        """HTML in a box that scrolls sideways on a narrow screen; a long table is folded."""
        caption = html.escape(self.caption)
        if not self.rows:
            return f"<p>{caption}: not measured in this run.</p>"
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.headers)
        body = "".join(f"<tr>{_html_cells(row)}</tr>" for row in self.rows)
        is_long = len(self.rows) > LONGEST_OPEN
        box = (
            f'<div class="bench-table" role="region" aria-label="{caption}" tabindex="0">'
            f'<table class="table"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )
        if is_long:
            return _folded(f"{caption}: {len(self.rows)} rows", box)
        # Not a <caption>, which is as wide as the table and moves along with it.
        return f'<p class="bench-caption">{caption}</p>{box}'

    def __str__(self):
        """Columns for a terminal."""
        lines = [self.headers, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.headers))]
        aligned = [
            "  ".join(
                text.ljust(width) if i == 0 else text.rjust(width)
                for i, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.caption, *("  " + line for line in aligned)])


def _html_cells(row):
    """Cells, the first of which names the row; quartiles in brackets stay on one line."""
    first, *rest = (html.escape(text) for text in row)
    cells = "".join(f"<td>{BRACKETS.sub(_unbroken, text)}</td>" for text in rest)
    return f'<th scope="row">{first}</th>{cells}'


def _unbroken(found):
    return found[0].replace(" ", "\N{NO-BREAK SPACE}")


def _folded(summary, content):
    return f'<details class="bench-fold"><summary>{summary}</summary>{content}</details>'


def load(path=RESULTS):
    """Read the record of a run."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def to_json(results):
    """Write a record with one row a line, so that a comparison of two runs can be read."""
    parts = []
    for key, value in results.items():
        rows = value if isinstance(value, list) and value and isinstance(value[0], dict) else None
        lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows or [])
        parts.append(f'"{key}": ' + (f"[\n  {lines}\n ]" if rows else json.dumps(value)))
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def conditions(results):
    """Say when, on what and with which versions the numbers were measured."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {found}" for name, found in results["versions"].items() if found)
    kind = "A quick run" if results["quick"] else "Measured"
    where = f"{machine['processor']} ({machine['cores']} cores, {machine['system']})"
    measured = f"{kind} on {results['date']} in one thread of {where}"
    return " ".join([f"{measured}, Python {machine['python']}: {versions}.", *results["left_out"]])


def spread(values, digits):
    """Median, with the quartiles when there is more than one round."""
    middle = f"{values['median']:.{digits}f}"
    low, high = f"{values['low']:.{digits}f}", f"{values['high']:.{digits}f}"
    return middle if low == high else f"{middle} ({low} to {high})"


def number(value, digits=2):
    """Return a number as text; a dash for one that there is not."""
    return "–" if value is None else f"{value:.{digits}f}"


def speed(results):
    """CPU times and how many times specdemo's they are."""
    rows = [
        (
            f"{row['measure']}, {row['setting']}",
            row["method"] + _note(row),
            spread(row["ms"], 2),
            spread(row["ratio"], 2),
        )
        for row in results["speed"]
    ]
    headers = ("what", "by", "CPU time in ms", "times specdemo's")
    return Table("CPU time, one thread: median of the rounds, with the quartiles", headers, rows)


def _note(row):
    if "iterations" in row:
        return f", {row['iterations']} iterations"
    return f", {row['convergence_db']:.1f} dB" if "convergence_db" in row else ""


def memory(results):
    """Peak memory of Griffin-Lim."""
    ours = results["memory"][0]["mb"]["median"]
    rows = [
        (
            row["method"],
            spread(row["mb"], 0),
            f"{row['mb']['median'] / row['spectrogram_mb']:.1f}",
            f"{row['mb']['median'] / max(ours, 1):.2f}",
        )
        for row in results["memory"]
    ]
    seconds = results["memory"][0]["seconds"]
    headers = ("by", "MB", "times the spectrogram", "times specdemo's")
    return Table(
        f"Peak memory of fast Griffin-Lim on {seconds} s at 22.05 kHz, float32", headers, rows
    )


def imports(results):
    """Cost of importing."""
    rows = [(row["what"], spread(row["ms"], 0)) for row in results["imports"]]
    return Table(
        "CPU time of importing, beyond that of starting Python", ("what", "CPU time in ms"), rows
    )


def clips_of(rows):
    """The clips of some rows, in their order, each once."""
    return list(dict.fromkeys(row["clip"] for row in rows))


def convergence(results, clip, setting="1024/256 at 22.05 kHz"):
    """Spectral convergence of every start and refinement on one clip."""
    chosen = [
        row for row in results["convergence"] if row["clip"] == clip and row["setting"] == setting
    ]
    counts = list(chosen[0]["db"]) if chosen else []
    rows = [
        (row["start"], row["refine"], *(number(row["db"].get(n), 1) for n in counts))
        for row in chosen
    ]
    caption = f"Spectral convergence in dB by the number of iterations, on “{clip}”, {setting}"
    return Table(caption, ("start", "refinement", *counts), rows)


def convergence_over_clips(results, setting="1024/256 at 22.05 kHz"):
    """Spectral convergence on every clip: the package's defaults, and librosa."""
    rows = []
    for clip in clips_of(results["convergence"]):
        for refine, name in (("default", "specdemo"), ("librosa.griffinlim", "librosa")):
            found = convergence_of(results, clip, refine, setting)
            if found:
                rows.append((clip, name, *(number(value, 1) for value in found.values())))
                counts = list(found)
    headers = ("clip", "by", *counts) if rows else ()
    caption = (
        f"Spectral convergence in dB by the number of iterations, with the defaults, {setting}"
    )
    return Table(caption, headers, rows)


def convergence_of(results, clip, refine, setting="1024/256 at 22.05 kHz", start=None):
    """Iterations and errors of one curve, {} when it was not measured."""
    for row in results["convergence"]:
        found = (row["clip"], row["refine"], row["setting"]) == (clip, refine, setting)
        if found and start in (None, row["start"]):
            return row["db"]
    return {}


PARTS = {
    "mel": "Mel bands to sound",
    "vocoder": "Mel bands to sound at the setting of the neural vocoders",
    "shortened": "Shortened mel bands to sound",
    "mfcc": "MFCC to sound",
}
SCORES = {"log_mel_db": 2, "mel_sc_db": 1, "pesq": 2, "stoi": 3}
SCORE_NAMES = {"log_mel_db": "log-mel distance", "mel_sc_db": "convergence of the bands"}
SCORE_HEADERS = (*(f"{name} in dB" for name in SCORE_NAMES.values()), "PESQ", "STOI")


def quality(results, part):
    """Scores of a way back from mel, one row a clip and method."""
    rows = [
        (
            row["clip"],
            row["method"],
            *(number(row[score], digits) for score, digits in SCORES.items()),
        )
        for row in results[part]
    ]
    return Table(_caption(results, part), ("clip", "by", *SCORE_HEADERS), rows)


def quality_over_clips(results, part):
    """Medians over the clips, one row a method."""
    methods = dict.fromkeys(row["method"] for row in results[part])
    rows = [(name, *_medians(results[part], name)) for name in methods]
    n_clips = len(clips_of(results[part]))
    n_voices = len(clips_of([row for row in results[part] if row["stoi"] is not None]))
    scope = f"{n_clips} clips" + (f", PESQ and STOI {n_voices}" if n_voices < n_clips else "")
    return Table(f"{_caption(results, part)}: medians over {scope}", ("by", *SCORE_HEADERS), rows)


def _medians(rows, method):
    for score, digits in SCORES.items():
        values = [row[score] for row in rows if row["method"] == method and row[score] is not None]
        yield number(median(values) if values else None, digits)


def _caption(results, part):
    settings = dict.fromkeys(row["setting"] for row in results[part])
    return f"{PARTS[part]} ({'; '.join(settings)})" if settings else PARTS[part]


def score(results, part, clip, method, name):
    """One score, None when it was not measured."""
    for row in results[part]:
        if row["clip"] == clip and row["method"] == method:
            return row[name]
    return None


def ratio(results, measure, setting, method):
    """Median of how many times specdemo's time a method takes, None when not measured."""
    for row in results["speed"]:
        if (row["setting"], row["method"]) == (setting, method) and measure in row["measure"]:
            return row["ratio"]["median"]
    return None


def inverse(value):
    """One over a number that may be None."""
    return None if value is None else 1 / value


def milliseconds(results, measure, method):
    """Median CPU time of the first row of a measure and method, None when not measured."""
    for row in results["speed"]:
        if row["method"] == method and measure in row["measure"]:
            return row["ms"]["median"]
    return None


def voices(results):
    """The clips that PESQ and STOI were measured on."""
    return clips_of([row for row in results["mel"] if row["stoi"] is not None])


def plot_speed(results, ax):
    """Bars of how many times specdemo's time the others take."""
    from matplotlib.ticker import LogLocator, NullFormatter

    shown = [
        row
        for row in results["speed"]
        if not row["method"].startswith("specdemo") and row["setting"] not in UNPLOTTED
    ]
    names = [f"{row['measure']}: {row['method']}" for row in shown]
    medians = [row["ratio"]["median"] for row in shown]
    errors = [
        [row["ratio"]["median"] - row["ratio"]["low"] for row in shown],
        [row["ratio"]["high"] - row["ratio"]["median"] for row in shown],
    ]
    peers = [row["method"].split(",")[0] for row in shown]
    colors = {peer: f"C{i}" for i, peer in enumerate(dict.fromkeys(peers))}
    ax.barh(names, medians, xerr=errors, ecolor="0.5", color=[colors[peer] for peer in peers])
    ax.axvline(1, color="0.5", linewidth=0.8)
    ax.set(xscale="log", xlabel="times the CPU time of specdemo")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.invert_yaxis()


def plot_convergence(results, clip, ax):
    """Error against iterations of the methods in PLOTTED that were measured on a clip."""
    for (start, refine), label in PLOTTED.items():
        curve = convergence_of(results, clip, refine, start=start)
        if curve:
            # Dashed, since the defaults may lie on another curve.
            style = "o--" if start == "default" else "o-"
            ax.plot([int(n) for n in curve], list(curve.values()), style, label=label)
    ax.set_xscale("symlog", linthresh=10, linscale=0.5)
    ax.set_xticks([0, 10, 32, 100, 300], ["0", "10", "32", "100", "300"])
    ax.set(title=clip, xlabel="iterations", ylabel="spectral convergence (dB)")
