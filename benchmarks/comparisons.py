"""Six comparisons that a user cares about, from results.json: for the page of the book and the README."""

import html
from dataclasses import dataclass
from statistics import median

PEERS = ("specdemo", "librosa", "torch")
HIGHEST_PESQ = 4.64


@dataclass(frozen=True)
class Comparison:
    """One measure of each library, in the order of `PEERS`, and a sentence about it."""

    what: str
    measure: str
    values: tuple  # numbers; None where a library has none
    unit: str
    digits: int
    sentence: str
    scale: tuple = (0, None)  # where a bar begins and ends; None is the largest value

    @property
    def texts(self):
        """The values as they are shown."""
        return tuple(
            "–" if value is None else f"{value:.{self.digits}f}{self.unit}" for value in self.values
        )

    @property
    def parts(self):
        """Length of each bar, from 0 to 1."""
        start, end = self.scale
        end = end or max((value for value in self.values if value is not None), default=1)
        return tuple(
            0 if value is None else (value - start) / (end - start) for value in self.values
        )


@dataclass(frozen=True)
class Six:
    """The comparisons, to be shown in a terminal, on a page and in the README."""

    rows: tuple

    def __str__(self):
        """Lines for a terminal."""
        lines = []
        for row in self.rows:
            shown = ", ".join(f"{peer} {text}" for peer, text in zip(PEERS, row.texts, strict=True))
            lines += [f"{row.what}, {row.measure}: {shown}", f"  {row.sentence}"]
        return "\n".join(lines)

    def _repr_html_(self):
        """A small table with bars for each comparison, in columns where there is room."""
        return f'<div class="bench-six">{"".join(map(_card, self.rows))}</div>'

    def _repr_markdown_(self):
        """A table for the README."""
        head = f"| | {' | '.join(PEERS)} |\n|---|{'--:|' * len(PEERS)}\n"
        lines = (f"| {row.what}: {row.measure} | {' | '.join(row.texts)} |" for row in self.rows)
        return head + "\n".join(lines)


def _card(row):
    bars = "".join(
        f'<tr><th scope="row">{peer}</th><td><span class="bench-bar" '
        f'style="width: {100 * part:.1f}%"></span></td><td>{html.escape(text)}</td></tr>'
        for peer, text, part in zip(PEERS, row.texts, row.parts, strict=True)
        if text != "–"
    )
    return (
        f'<div class="bench-one"><table><caption><strong>{html.escape(row.what)}</strong> '
        f"<span>{html.escape(row.measure)}</span></caption><tbody>{bars}</tbody></table>"
        f"<p>{html.escape(row.sentence)}</p></div>"
    )


def six(results):
    """The comparisons that were measured in a run."""
    found = (
        from_magnitudes(results),
        time_to_quality(results),
        from_mel(results),
        from_mfcc(results),
        time_of_stft(results),
        peak_memory(results),
    )
    return Six(tuple(row for row in found if row.values[0] is not None))


def from_magnitudes(results, n_iter="32"):
    """How near the magnitudes come back after some iterations, at the settings of each library."""
    rows = [row for row in results["convergence"] if row["setting"] == "1024/256 at 22.05 kHz"]
    ours, theirs = (
        middle(row["db"].get(n_iter) for row in rows if row["refine"] == refine)
        for refine in ("default", "librosa.griffinlim")
    )
    n_clips = len({row["clip"] for row in rows})
    return Comparison(
        "Spectrogram to sound",
        f"error of the magnitudes after {n_iter} iterations, median of {n_clips} clips",
        (percent(ours), percent(theirs), None),
        " %",
        1,
        f"As spectral convergence: {decibels(ours)}, librosa {decibels(theirs)}; lower is better.",
    )


def time_to_quality(results):
    """Time of an inversion that reaches a given convergence."""
    ours, theirs = (row_of(results, "to -30 dB", peer) for peer in PEERS[:2])
    one = "fast Griffin-Lim, an iteration"
    quicker = times(results, one)
    return Comparison(
        "The time it takes",
        "10 s of speech to a convergence of −30 dB, one thread",
        (ms(ours), ms(theirs), None),
        " ms",
        0,
        f"specdemo needs {counted(ours)} iterations, librosa {counted(theirs)}; for one of them, {quicker}.",
    )


def from_mel(results):
    """How near the mel bands come back, with the default iterations of each library."""
    methods = ("invert_mel, 100", "librosa mel_to_audio, 32")
    ours, theirs = (scores(results, "mel", method, "log_mel_db") for method in methods)
    heard = [middle(scores(results, "mel", method, "pesq")) for method in methods]
    spent = times(results, "mel to sound")
    return Comparison(
        "80 mel bands to sound",
        f"log-mel distance to the bands, median of {len(ours)} clips",
        (middle(ours), middle(theirs), None),
        " dB",
        2,
        join(
            f"With the default iterations of each, {spent}",
            pesq_sentence(heard, len(scores(results, "mel", methods[0], "pesq"))),
        ),
    )


def from_mfcc(results):
    """How voices sound that come back from 40 coefficients."""
    ours, theirs = (scores(results, "mfcc", f"40 of 80, {peer}", "pesq") for peer in PEERS[:2])
    gains = [a - b for a, b in zip(ours, theirs, strict=True)] or [0]
    return Comparison(
        "40 MFCC to sound",
        f"PESQ from 1 to {HIGHEST_PESQ}, longer is better, median of {len(ours)} voices",
        (middle(ours), middle(theirs), None),
        "",
        2,
        f"The difference is between {min(gains):.2f} and {max(gains):.2f} for a voice: what the "
        "coefficients have lost is lost for both.",
        (1, HIGHEST_PESQ),
    )


def time_of_stft(results):
    """Time of the transform alone, the one measure here at which another may win."""
    found = [ms(row_of(results, "STFT", peer)) for peer in PEERS]
    return Comparison(
        "Sound to spectrogram",
        "STFT of 5 s at 22.05 kHz, one thread",
        tuple(found),
        " ms",
        2,
        join(times(results, "STFT")),
    )


def peak_memory(results):
    """Memory of an inversion."""
    rows = {row["method"]: row for row in results["memory"]}
    found = tuple(rows[peer]["mb"]["median"] if peer in rows else None for peer in PEERS)
    first = results["memory"][0]
    return Comparison(
        "Memory of an inversion",
        f"peak, {first['seconds']} s at 22.05 kHz in single precision",
        found,
        " MB",
        0,
        f"The spectrogram itself takes {first['spectrogram_mb']:.1f} MB.",
    )


# -- numbers of a record


def row_of(results, measure, method):
    """The first row in time of a measure and method in single precision, None when not measured."""
    for row in results["speed"]:
        at = row["setting"].startswith(("1024/256, float32", "80 bands"))
        if at and row["measure"].startswith(measure) and row["method"].startswith(method):
            return row
    return None


def scores(results, part, method, name):
    """One score on each clip that has it."""
    rows = (row for row in results[part] if row["method"] == method)
    return [row[name] for row in rows if row[name] is not None]


def middle(values):
    """Median of the values that there are, None when there is none."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def ms(row):
    """Median CPU time of a row in ms."""
    return row and row["ms"]["median"]


def percent(value_db):
    """An error in dB in percent."""
    return None if value_db is None else 100 * 10 ** (value_db / 20)


# -- parts of sentences


def decibels(value):
    """A level with a true minus."""
    return "not measured" if value is None else f"{value:.1f} dB".replace("-", "−")


def counted(row):
    """Number of iterations of a row."""
    return row["iterations"] if row else "not measured"


def times(results, measure):
    """How many times specdemo's time the others take, for the end of a sentence."""
    found = {peer: row_of(results, measure, peer) for peer in PEERS[1:]}
    said = [f"{peer} {row['ratio']['median']:.2f} times" for peer, row in found.items() if row]
    if not said:
        return "no other library was timed"
    first, *others = said
    return ", ".join([f"{first.replace(' ', ' takes ', 1)} as long", *others])


def pesq_sentence(heard, n_voices):
    """PESQ of both, in words, empty when it was not measured."""
    if None in heard:
        return ""
    return f"PESQ {heard[0]:.2f}, librosa {heard[1]:.2f} (voices: {n_voices}, median)"


def join(*clauses):
    """Clauses as a sentence; empty ones are left out."""
    return "; ".join(clause for clause in clauses if clause) + "."
