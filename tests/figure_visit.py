"""Visits to the page of a figure to take hold of, which is written when it is first visited."""

import os
import pathlib
from urllib.parse import urlparse
from urllib.request import url2pathname

import specdemo as sd
from figures import NAMES
from visit import Visit

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>{name}</title>{head}</head>
<body style="margin: 1rem"><main><h1>{name}</h1>{body}</main></body></html>"""
SPACE = '<div style="height: 3000px"></div>'
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"script-src 'self' 'unsafe-inline'; connect-src 'none'\">"
)

# The figures of the page with several, far from each other.
SEVERAL = ("frames", "probe", "agreement", "probe")


class Figures(dict):
    """What Python knows of the figures, by name: each is made when it is first asked for."""

    def __missing__(self, name):
        return self.setdefault(name, sd.Figure(name))


FIGURES = Figures()


def write_page(folder, name):
    """Write the page of a figure, or of several, unless a test has; return its path.

    Workers share the folder, and each page is written by the one that comes first: under a name of its
    own until it is whole.
    """
    path = folder / f"{name}.html"
    if name in (*NAMES, "several") and not path.exists():
        several = name == "several"
        body = SPACE.join(FIGURES[one].twin() for one in (SEVERAL if several else [name]))
        text = PAGE.format(name=name, head="" if several else POLICY, body=body)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    return path


# Two pictures of the screen: then the newest state is drawn.
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

# What a figure says when its newest state is drawn: its values, and the numbers under the drawing.
SAID = r"""(figure) => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done([
  ["handle", (one) => one.getAttribute("aria-valuenow")], ["number", (one) => one.textContent],
].map(([kind, say]) => Object.fromEntries([...figure.querySelectorAll(`[data-${kind}]`)].map((one) =>
  [one.dataset[kind], Number(say(one).replaceAll("\u2212", "-").replace(/[^\d.-]/g, ""))])))))))"""

# Press a button as a key does, wait for the drawing, and count the buttons of that name.
RESET = f"""async (figure) => {{
  const buttons = [...figure.querySelectorAll("button")].filter((one) => one.textContent.trim() === "Reset");
  for (const one of buttons) one.click();
  await {DRAWN};
  return buttons.length;
}}"""

# Whether a handle has taken the focus.
FOCUS = """(figure, name) => {
  const handle = figure.querySelector(`[data-handle=${name}]`);
  handle.focus();
  return document.activeElement === handle;
}"""

# Where the dot of a handle is on the screen.
MIDDLE = """(figure, name) => {
  const dot = [...figure.querySelectorAll(`[data-handle=${name}] circle`)].at(-1);
  const { left, right, top, bottom } = dot.getBoundingClientRect();
  return [(left + right) / 2, (top + bottom) / 2];
}"""

# Labels that are cut off at a side, lie on another, or under a handle. Fonts differ: a little passes.
FAULTS = """(figure) => {
  const svg = figure.querySelector(".sd-stage svg"), { width } = svg.viewBox.baseVal, faults = [];
  const words = [...svg.querySelectorAll("text")].map((text) => {
    const { x, y, width, height } = text.getBBox();
    return { name: text.textContent, left: x, right: x + width, top: y + 3, bottom: y + height - 3 };
  });
  words.forEach(({ name, left, right, top, bottom }, i) => {
    if (left < -6 || right > width + 6) faults.push(`${name} is cut`);
    for (const other of words.slice(i + 1))
      if (left < other.right && other.left < right && top < other.bottom && other.top < bottom)
        faults.push(`${name} on ${other.name}`);
    for (const grip of svg.querySelectorAll(".sd-grip")) {
      const { e, f } = grip.transform.baseVal.consolidate().matrix;
      const away = Math.hypot(Math.max(left - e, 0, e - right), Math.max(top - f, 0, f - bottom));
      if (away < 8) faults.push(`${name} under ${grip.dataset.handle}`);
    }
  });
  return faults;
}"""


class FigureVisit(Visit):
    """A visit to one figure.

    What is asked or done hundreds of times goes by one call of `evaluate`: through a locator of
    Playwright each takes seven times as long, since it describes the element, sound included.
    """

    def goto(self, name):
        """Go to a page, which is written if it is one of a figure and the first visit to it."""
        folder = pathlib.Path(url2pathname(urlparse(self.base).path))
        write_page(folder, name.partition(".html")[0])
        return super().goto(name)

    def open(self, name, query=""):
        """Go to the page of a figure, and wait until it is drawn."""
        self.goto(f"{name}.html{query}")
        self.figure = self.page.locator(".sd-figure").first
        self.until("() => document.querySelector('.sd-figure .sd-grip')")
        self.settle()
        return self

    def ask(self, expression, argument=None):
        """A value of a function of the figure, and of the argument, given as its text."""
        figure = "document.querySelector('.sd-figure')"
        return self.page.evaluate(f"(argument) => ({expression})({figure}, argument)", argument)

    def settle(self):
        """Wait until the newest state is drawn."""
        self.page.evaluate(f"() => {DRAWN}")

    def reset(self):
        """Press the button that takes everything back, and wait until that is drawn."""
        n_pressed = self.ask(RESET)
        assert n_pressed == 1, f"{n_pressed} buttons say Reset"

    def handle(self, name):
        """A handle of the figure."""
        return self.figure.locator(f"[data-handle={name}]")

    def said(self):
        """What all handles say their values are, and the numbers under the drawing."""
        return [{k: float(v) for k, v in said.items()} for said in self.ask(SAID)]

    def value(self, name):
        """What a handle says its value is."""
        return self.said()[0][name]

    def number(self, name):
        """A number under the drawing."""
        return self.said()[1][name]

    def press(self, name, *keys):
        """Press keys on a handle."""
        assert self.ask(FOCUS, name), f"{name} cannot be reached by keyboard"
        for key in keys:
            self.page.keyboard.press(key)

    def middle(self, name):
        """Where a handle is on the screen."""
        return tuple(self.ask(MIDDLE, name))


def drag(visit, name, right, down=0):
    """Draw a handle along, with the mouse or with a finger."""
    x, y = visit.middle(name)
    if visit.is_touched:
        touch = visit.page.context.new_cdp_session(visit.page)

        def send(kind, *points):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [*points]})

        send("touchStart", {"x": x, "y": y})
        for part in (0.25, 0.5, 0.75, 1):
            send("touchMove", {"x": x + part * right, "y": y + part * down})
        send("touchEnd")
        return
    mouse = visit.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + right, y + down, steps=4)
    mouse.up()
