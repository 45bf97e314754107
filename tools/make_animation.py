"""Film the live figure of chapter 4 on the built site, for the first screen of the README.

    python tools/make_animation.py                  from _build/html, to book/images/explorer.webp
    python tools/make_animation.py --frames DIR     also each frame as PNG, to look at

Chromium shows the page; a drawn pointer plays, takes mel bands away, listens to what comes back, and
brings the bands back. The clock of the sound is the film's: it stands still while a frame is taken, so that
a slow machine makes the same film. Each frame waits for what the figure computes.
"""

import argparse
import io
import sys
from pathlib import Path

from PIL import Image

import chromium
from serving import serving

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
PAGE = "notebooks/04_mel_inversion.html"
FILM = ROOT / "book" / "images" / "explorer.webp"

FRAMES_PER_SECOND = 12.5
WIDTH = 864  # CSS pixels of the page; the figure takes 800 of them
HEIGHT = 1200  # CSS pixels
PIXEL_RATIO = 1.5  # pixels of the film for each CSS pixel
MARGIN = 8  # CSS pixels around the figure
N_COLORS = 128
NO_KEY_FRAMES = 10_000  # frames from one whole picture to the next: more than a film has
MOST_BYTES = 1_500_000
FEWEST_BANDS = 20
SLIDER_THUMB = 16  # CSS pixels, Chromium's

# The context never runs, so nothing ends by itself; its clock shows the time of the film.
CLOCK = """
window.filmTime = 0;
Object.defineProperty(BaseAudioContext.prototype, "currentTime", { get: () => window.filmTime });
Object.defineProperty(AudioContext.prototype, "outputLatency", { get: () => 0 });
AudioBufferSourceNode.prototype.start = () => {};
AudioScheduledSourceNode.prototype.stop = () => {};
"""

# What is in the way of a film of the figure: the bars of the page, the sentence under the figure.
STYLE = """
.bd-header, .bd-header-article, #pst-skip-link, .sd-told { display: none !important }
.sd-numbers > * { min-height: 5.4rem } /* room for a note of two lines: nothing below it moves */
.film-pointer { position: fixed; left: 0; top: 0; z-index: 9999; pointer-events: none }
.film-pointer circle { opacity: 0 }
.film-pointer.film-pressed circle { opacity: 0.35 }
"""

POINTER = """() => {
  const place = document.createElement("div");
  place.className = "film-pointer";
  place.innerHTML = `<svg width="48" height="48" viewBox="-16 -16 32 32">
    <circle r="11" fill="#c96f16"/>
    <path d="M0 0V14.5L3.6 11.3L6 16.6L8.6 15.5L6.2 10.3L11 10Z" fill="#111" stroke="#fff"/></svg>`;
  document.body.append(place);
}"""

# A frame of the page must have been drawn with the new time before it is taken.
SHOW = """async ({ time, x, y, pressed }) => {
  window.filmTime = time;
  const pointer = document.querySelector(".film-pointer");
  pointer.style.transform = `translate(${x - 24}px, ${y - 24}px)`;
  pointer.classList.toggle("film-pressed", pressed);
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
}"""

# The figure is ready for longer than it waits, after a movement, before it looks for a sound.
SETTLE = """async () => {
  const figure = document.querySelector(".sd-app");
  for (let quiet = 0; quiet < 10; quiet = figure.dataset.state === "ready" ? quiet + 1 : 0)
    await new Promise((done) => setTimeout(done, 25));
}"""


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=SITE, help="folder of the built site")
    parser.add_argument("--output", type=Path, default=FILM)
    parser.add_argument("--frames", type=Path, help="folder to put each frame into, as PNG")
    options = parser.parse_args(arguments)
    if not (options.site / PAGE).exists():
        print(f"There is no {options.site / PAGE}: run 'make book' first.", file=sys.stderr)
        return 1
    frames = film(options.site)
    if options.frames:
        options.frames.mkdir(parents=True, exist_ok=True)
        for i, frame in enumerate(frames):
            frame.save(options.frames / f"{i:03}.png")
    data = join(frames)
    if len(data) > MOST_BYTES:
        print(f"The film has {len(data)} bytes, more than {MOST_BYTES}.", file=sys.stderr)
        return 1
    options.output.write_bytes(data)
    seconds = len(frames) / FRAMES_PER_SECOND
    print(f"Written: {options.output}, {seconds:.1f} s, {len(data) / 1e6:.2f} MB")
    return 0


def film(site):
    """Take every frame of the film."""
    from playwright.sync_api import sync_playwright

    with serving(site) as address, sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=chromium.installed(), args=["--no-sandbox"]
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT},
            device_scale_factor=PIXEL_RATIO,
            bypass_csp=True,
        )
        page.add_init_script(CLOCK)
        page.goto(f"{address}/{PAGE}")
        page.add_style_tag(content=STYLE)
        page.evaluate(POINTER)
        camera = Camera(page)
        act(camera)
        browser.close()
    return camera.frames


def act(camera):
    """What the pointer does, in order; the last frame leads back to the first."""
    bands = camera.control("Mel bands")
    all_bands = bands.input_value()
    few = camera.stop(bands, FEWEST_BANDS)
    camera.open("what is kept", "original")
    camera.roll(0.3)
    camera.click(camera.button("Play"), 0.5)
    camera.roll(0.6)
    camera.drag(bands, few, 1.9)
    camera.roll(0.3)
    camera.click(camera.choice("what comes back"), 0.7)
    camera.roll(0.4)
    camera.click(camera.choice("result"), 0.6)
    camera.roll(1.1)
    camera.drag(bands, all_bands, 1.9)
    camera.roll(0.6)
    camera.click(camera.button("Pause"), 0.5)
    camera.roll(0.3)


class Camera:
    """A page, a pointer on it, and the frames that were taken so far."""

    def __init__(self, page):
        self.page, self.frames = page, []
        self.time = 0.0
        self.figure = page.locator(".sd-app").first
        self.figure.scroll_into_view_if_needed()
        self.figure.wait_for()
        self.settle()

    # -- what is on the page

    def button(self, name):
        """The button that says so."""
        return self.figure.get_by_role("button", name=name)

    def control(self, name):
        """The control with this label."""
        return self.figure.get_by_label(name, exact=True)

    def choice(self, name):
        """One choice of a switch."""
        return self.figure.get_by_role("radio", name=name, exact=True)

    def stop(self, slider, wanted):
        """The value at which a slider says `wanted`, found by trying; it goes back then."""
        before = slider.input_value()
        for value in range(int(slider.get_attribute("max")) + 1):
            slider.fill(str(value))
            if slider.get_attribute("aria-valuetext") == str(wanted):
                break
        slider.fill(before)
        self.settle()
        return str(value)

    # -- how the film goes on

    def open(self, *choices):
        """Choose how the first frame looks, and where the pointer waits."""
        for name in choices:
            self.page.mouse.click(*self.middle(self.choice(name)))
        self.control("loop").check()
        self.page.mouse.move(0, 0)
        x, y = self.middle(self.button("Play"))
        self.at = (x + 150, y + 60)
        self.clip = self.measure()
        self.settle()

    def measure(self):
        """The part of the page that is filmed: from the waveform to the first row of controls."""
        top = self.figure.locator(".sd-plots").bounding_box()
        row = self.control("Mel bands").bounding_box()
        frame = self.figure.bounding_box()
        height = row["y"] + row["height"] - top["y"]
        return {
            "x": frame["x"] - MARGIN,
            "y": top["y"] - MARGIN,
            "width": frame["width"] + 2 * MARGIN,
            "height": height + 2 * MARGIN,
        }

    def settle(self):
        """Wait until the figure has nothing to do."""
        self.page.evaluate(SETTLE)

    def take(self, pressed=False):
        """Take one frame, and let the time of one frame pass."""
        x, y = self.at
        shown = {"time": self.time, "x": x, "y": y, "pressed": pressed}
        self.page.evaluate(SHOW, shown)
        picture = self.page.screenshot(clip=self.clip, type="png")
        self.frames.append(Image.open(io.BytesIO(picture)).convert("RGB"))
        self.time += 1 / FRAMES_PER_SECOND

    def roll(self, seconds):
        """Let time pass."""
        for _ in range(n_frames(seconds)):
            self.take()

    def move(self, target, seconds):
        """Move the pointer to a point, gently at both ends."""
        (x0, y0), (x1, y1) = self.at, target
        for part in eased(n_frames(seconds)):
            self.at = (x0 + part * (x1 - x0), y0 + part * (y1 - y0))
            self.take()

    def click(self, target, seconds):
        """Go to an element and press it."""
        self.move(self.middle(target), seconds)
        self.page.mouse.click(*self.at)
        self.page.mouse.move(0, 0)
        self.settle()
        self.take(pressed=True)
        self.take(pressed=True)

    def drag(self, slider, value, seconds):
        """Go to the thumb of a slider and draw it to a value."""
        x0, y = self.thumb(slider, slider.input_value())
        x1, _ = self.thumb(slider, value)
        self.move((x0, y), 0.6)
        self.page.mouse.move(x0, y)
        self.page.mouse.down()
        for part in eased(n_frames(seconds)):
            self.at = (x0 + part * (x1 - x0), y)
            self.page.mouse.move(*self.at)
            self.settle()
            self.take(pressed=True)
        self.page.mouse.up()
        self.page.mouse.move(0, 0)

    def middle(self, target):
        """Middle of an element on the page."""
        box = target.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def thumb(self, slider, value):
        """Where the thumb of a slider is at a value."""
        box = slider.bounding_box()
        part = float(value) / float(slider.get_attribute("max"))
        x = box["x"] + SLIDER_THUMB / 2 + part * (box["width"] - SLIDER_THUMB)
        return x, box["y"] + box["height"] / 2


def n_frames(seconds):
    """Number of frames of a time."""
    return round(seconds * FRAMES_PER_SECOND)


def eased(n):
    """The parts of a way, from above 0 to 1, that n frames have made; slow at both ends."""
    return [(i / n) ** 2 * (3 - 2 * i / n) for i in range(1, n + 1)]


def join(frames):
    """Join frames to a lossless animated WebP that runs for ever; return its bytes.

    With one palette for all frames, what does not move has the same colours in each of them, and
    takes no bytes.
    """
    palette = palette_of(frames)
    first, *others = [
        frame.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB") for frame in frames
    ]
    buffer = io.BytesIO()
    first.save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=others,
        loop=0,
        lossless=True,
        method=4,
        quality=80,
        duration=round(1000 / FRAMES_PER_SECOND),
        kmin=NO_KEY_FRAMES - 1,
        kmax=NO_KEY_FRAMES,
    )
    return buffer.getvalue()


def palette_of(frames):
    """A picture that holds the colours of the film."""
    chosen = frames[:: max(1, len(frames) // 6)]
    width, height = frames[0].size
    sheet = Image.new("RGB", (width, height * len(chosen)))
    for i, frame in enumerate(chosen):
        sheet.paste(frame, (0, i * height))
    return sheet.quantize(N_COLORS, method=Image.Quantize.MEDIANCUT)


if __name__ == "__main__":
    sys.exit(main())
