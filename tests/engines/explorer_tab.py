"""The Explorer of a page in a tab of any browser."""

STEPS = {
    "home": "book/index.html",
    "spectrogram": "notebooks/01_spectrogram.html",
    "inversion": "notebooks/02_inversion.html",
    "mel": "notebooks/03_mel_compression.html",
    "mel_inversion": "notebooks/04_mel_inversion.html",
    "mfcc": "notebooks/05_mfcc.html",
    "staircase": "notebooks/06_staircase.html",
}


class Explorer:
    """The first Explorer of a page: expressions know it as `view`."""

    def __init__(self, tab, step):
        self.tab, self.step = tab, step

    def open(self, base):
        self.tab.goto(f"{base}/site/{STEPS[self.step]}")
        self.tab.point_out(".sd-explorer")
        self.tab.until("() => document.querySelector('.sd-app')")
        self.wait()
        return self

    def wait(self):
        """Wait until nothing runs, and nothing is about to."""
        self.until("view.root.dataset.state === 'ready' && !view.changes")

    def until(self, condition, **how_long):
        return self.tab.until(self.known(condition), **how_long)

    def evaluate(self, expression):
        return self.tab.evaluate(self.known(expression))

    @staticmethod
    def known(expression):
        return f"() => {{ const {{ view }} = document.querySelector('.sd-app'); return {expression}; }}"

    @property
    def numbers(self):
        """What is printed beneath the pictures."""
        return self.evaluate("[...view.root.querySelectorAll('.sd-value')].map((e) => e.innerText)")
