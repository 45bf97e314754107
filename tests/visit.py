"""A page in the browser, and everything that goes wrong on it."""

import contextlib

LOCAL = ("http://127.0.0.1:", "file:", "data:", "blob:")
# How Chromium is started: no other host, sound without a gesture, a microphone that beeps.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PATIENCE = 60  # s, after which something has failed and is not merely slow

# An expression on the first Explorer of a page.
WITH_VIEW = "() => {{ const {{ view }} = document.querySelector('.sd-app'); return {}; }}"

# Whether it is there, and neither runs nor is about to.
AT_REST = """() => {
  const view = document.querySelector(".sd-app")?.view;
  return view?.root.dataset.state === "ready" && !view.changes;
}"""
# Whether a setting's native input has taken the focus.
FOCUS = """(name) => {
  const control = document.querySelector(`[data-name=${name}] :is(input, select)`);
  control.focus();
  return document.activeElement === control;
}"""

# The pictures and the sound that came back, as short texts that change when they do.
SIGNATURE = """(() => {
  const { stage: { upper, lower }, runs: { result } } = view;
  const hash = (values) => values.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
  const text = (s) => hash(new TextEncoder().encode(s));
  return [upper, lower].map(({ canvas }) => text(canvas.toDataURL()))
    .concat(result ? hash(new Int32Array(result.x.slice().buffer)) : 0);
})()"""


# A page leaves sections far from the screen until they come near (book.css). This has all laid out.
ALL_SECTIONS = """() => {
  for (const section of document.querySelectorAll("section")) section.style.contentVisibility = "visible";
}"""

# The same, and what is measured, mounted or fetched when it comes near.
LAY_OUT = f"""async () => {{
  ({ALL_SECTIONS})();
  const before = scrollY, seen = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  for (let y = 0; y < document.documentElement.scrollHeight; y += 2 * innerHeight) {{
    scrollTo(0, y);
    await seen();
  }}
  scrollTo(0, before);
}}"""


class Visit:
    """A page that takes down its errors, its warnings, and its requests to other hosts.

    Parameters
    ----------
    page : playwright.sync_api.Page
    base : str
        The address, without a slash, of the folder that holds the pages.
    """

    def __init__(self, page, base):
        self.page, self.base, self.problems = page, base, []
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._note)
        page.on("request", lambda request: self._check(request.url))
        page.on("response", lambda answer: answer.status < 400 or self.problems.append(answer.url))

    def _note(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text}")

    def _check(self, url):
        if not url.startswith(LOCAL):
            self.problems.append(f"asked for {url}")

    def goto(self, name):
        """Go to a page."""
        self.page.goto(f"{self.base}/{name}")
        return self

    def lay_out(self):
        """Have sections far from the screen laid out, and what is measured when it is near measured."""
        self.page.evaluate(LAY_OUT)
        return self

    def until(self, condition, argument=None):
        """Wait until a function of the argument, given as its text, is true on the page.

        Playwright's own way compiles text on the page, which a strict policy forbids.
        """
        assert self.page.evaluate(
            f"""async (argument) => {{
          const isMet = {condition}, deadline = performance.now() + {1000 * PATIENCE};
          while (!isMet(argument)) {{
            if (performance.now() > deadline) return false;
            await new Promise((done) => setTimeout(done, 5));
          }}
          return true;
        }}""",
            argument,
        ), f"still not: {condition}"


class ExplorerVisit(Visit):
    """A visit whose expressions know the first Explorer of the page as `view`."""

    def open(self, name, ready=True):
        """Go to a page and wait until its first Explorer has done its work."""
        self.goto(name)
        if ready:
            self.page.locator(".sd-explorer").first.scroll_into_view_if_needed()
            self.wait()
        return self

    def wait(self):
        """Wait until the Explorer rests: nothing runs, and nothing is about to."""
        super().until(AT_REST)

    def until(self, condition):
        """Wait until a condition on the Explorer is met."""
        super().until(WITH_VIEW.format(condition))

    def evaluate(self, expression):
        """A value from the page."""
        return self.page.evaluate(WITH_VIEW.format(expression))

    @property
    def status(self):
        """The sentence under the figure."""
        return self.page.locator("[role=status]").first.inner_text()

    def control(self, name):
        """The native input of a setting."""
        return self.page.locator(f"[data-name={name}] :is(input, select)").first

    def press(self, name, key):
        """Press a key on a control, and wait for what comes of it."""
        assert self.page.evaluate(FOCUS, name), f"{name} cannot be reached by keyboard"
        self.page.keyboard.press(key)
        self.wait()


@contextlib.contextmanager
def visiting(browser, base, make=Visit, **context):
    """A visit with a browser context of its own, which must end without problems."""
    context = browser.new_context(**{"viewport": {"width": 900, "height": 1000}, **context})
    visit = make(context.new_page(), base)
    yield visit
    context.close()
    assert not visit.problems, visit.problems
