"""The built site in a headless Chromium: players, formulas, policy, and what keeps people out.

From a web server and from the disk; no request leaves this machine.
"""

import functools
import http.server
import shutil
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--autoplay-policy=no-user-gesture-required",
]
LOCAL = ("http://127.0.0.1:", "file:", "data:", "blob:")
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")
               if "_static" not in path.parts and path != SITE / "index.html")
CHAPTER = "notebooks/02_inversion.html"

# Keeps what the players build, and tells of everything that the policy refuses.
SPY = """
window.heard = { gains: [], sources: [] };
window.GainNode = class extends GainNode {
  constructor(...given) { super(...given); heard.gains.push(this); }
};
window.AudioBufferSourceNode = class extends AudioBufferSourceNode {
  constructor(...given) { super(...given); heard.sources.push(this); }
  start(when, offset) { Object.assign(this, { when, offset }); super.start(when, offset); }
};
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`refused: ${violatedDirective} ${blockedURI}`));
"""


@pytest.fixture(scope="module")
def server():
    """The address of a server for the site, on this machine only."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium: the system's or, if it has none, Playwright's."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    system = shutil.which("chromium") or shutil.which("chromium-browser")
    with api.sync_playwright() as running:
        try:
            launched = running.chromium.launch(executable_path=system, args=FLAGS)
        except api.Error as error:
            pytest.skip(f"no Chromium to be started: {str(error).splitlines()[0]}")
        yield launched


@pytest.fixture(params=["http", "file"])
def base(request, server):
    """The address that the pages lie under."""
    return server if request.param == "http" else SITE.as_uri()


@pytest.fixture
def visit(browser, base):
    """Return a function that opens a page; whatever went wrong on it fails the test."""
    contexts, faults = [], []

    def opened(page=CHAPTER, **settings):
        context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **settings})
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.add_init_script(SPY)
        tab.on("pageerror", lambda error: faults.append(f"{page}: {error}"))
        tab.on("console", lambda message: message.type in ("error", "warning")
               and faults.append(f"{page}: {message.text}"))
        tab.on("request", lambda request: request.url.startswith(LOCAL)
               or faults.append(f"{page} asks for {request.url}"))
        tab.on("response", lambda response: response.status >= 400
               and faults.append(f"{page} lacks {response.url}"))
        tab.goto(f"{base}/{quote(page)}")
        return tab

    opened.faults = faults
    yield opened
    for context in contexts:
        context.close()
    assert not faults


def figure(tab, n_sounds=4):
    """The first figure of a page with so many sounds."""
    found = tab.locator(f"figure.sd-live:has(.sd-sound:nth-child({n_sounds}):last-child)").first
    found.scroll_into_view_if_needed()
    return found


def position(player):
    """Where a player is, in s."""
    return float(player.locator(".sd-seek").input_value())


def wait_until(tab, player, condition):
    """Wait until a condition in JavaScript on a figure, called `f`, holds."""
    handle = player.element_handle()
    tab.wait_for_function(f"(f) => {condition}", arg=handle)


def play(tab, player):
    player.locator(".sd-go").click()
    wait_until(tab, player, "f.hasAttribute('data-playing')")
    wait_until(tab, player, "f.querySelector('.sd-seek').value > 0.1")


# --- every page ------------------------------------------------------------------------------


def test_nothing_is_refused_missing_or_broken(visit):
    tab = visit(PAGES[0])
    root = tab.url[: -len(PAGES[0])]
    for page in PAGES:
        tab.goto(root + page)
        tab.wait_for_load_state("networkidle")
        assert tab.locator("figure.sd-listen:not(.sd-live)").count() == 0, page


def test_nothing_wide_moves_a_page_sideways(visit):
    tab = visit(PAGES[0], viewport={"width": 390, "height": 800})
    root = tab.url[: -len(PAGES[0])]
    for page in PAGES:
        tab.goto(root + page)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 390])
def test_axe_finds_nothing(browser, server, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright",
                              reason="axe-playwright-python is not installed")
    # axe is brought in by a script of its own, which the policy of the pages would refuse.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme,
                                  bypass_csp=True)
    tab = context.new_page()
    found = []
    for page in PAGES:
        tab.goto(f"{server}/{page}")
        tab.wait_for_load_state("networkidle")
        for violation in axe.Axe().run(tab).response["violations"]:
            found.append((page, violation["id"], violation["nodes"][0]["html"]))
    context.close()
    assert not found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_right_from_the_first_paint(visit, scheme):
    """The theme's own script comes too late: without it the choice is made already."""
    tab = visit(color_scheme=scheme)
    tab.route("**/pydata-sphinx-theme.js*", lambda route: route.fulfill(body=""))
    tab.reload()
    assert tab.evaluate("document.documentElement.dataset.theme") == scheme


def test_theme_works_under_the_policy(visit):
    """Dark mode, sidebar, copy, full screen, download and search: all scripts of the theme."""
    tab = visit(permissions=["clipboard-read", "clipboard-write"])
    themes = []
    for _ in range(3):
        tab.locator(".theme-switch-button").first.click()
        themes.append(tab.evaluate("document.documentElement.dataset.theme"))
    assert set(themes) == {"light", "dark"}
    tab.locator(".primary-toggle").click()
    assert "pst-sidebar-hidden" in tab.locator("#pst-primary-sidebar").get_attribute("class")
    tab.locator("div.cell_input").first.hover()
    tab.locator("button.copybtn").first.click()
    tab.locator("button.copybtn.success").first.wait_for()
    tab.get_by_label("Download this page").click()
    tab.locator(".dropdown-menu.show").wait_for()
    tab.keyboard.press("Escape")
    tab.locator("[onclick*=toggleFullScreen]").first.click()
    tab.wait_for_function("document.fullscreenElement !== null")
    tab.evaluate("document.exitFullscreen()")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("griffin")
    tab.keyboard.press("Enter")
    tab.locator("#search-results li a").first.wait_for()
    tab.wait_for_load_state("networkidle")
    assert tab.locator("#search-results li").count() >= 3


def test_formulas_are_set_in_their_font(visit):
    tab = visit("book/notation.html")
    assert tab.evaluate("document.fonts.load('16px \"STIX Two Math\"').then((f) => f.length)") == 1
    heights = tab.evaluate("[...document.querySelectorAll('math')].map((m) => m.clientHeight)")
    assert len(heights) > 20 and min(heights) > 5


# --- players ---------------------------------------------------------------------------------


def test_play_and_pause(visit):
    tab = visit()
    player = figure(tab)
    button = player.locator(".sd-go")
    assert button.get_attribute("aria-label") == "Play"
    play(tab, player)
    assert button.get_attribute("aria-label") == "Pause"
    button.click()
    at = position(player)
    assert at > 0.1
    assert not player.evaluate("(f) => f.hasAttribute('data-playing')")
    assert position(player) == at
    assert f"{at:.1f} of" in player.locator(".sd-seek").get_attribute("aria-valuetext")
    assert player.locator(".sd-clock").inner_text().startswith(f"{at:.1f} / ")


def test_cursor_on_every_picture_follows(visit):
    tab = visit()
    player = figure(tab)
    play(tab, player)
    player.locator(".sd-go").click()
    at = position(player)
    for sound in player.locator(".sd-sound").all():
        start, end = (float(sound.get_attribute(f"data-{name}")) for name in ("start", "end"))
        place = float(sound.locator(".sd-frame").evaluate(
            "(frame) => frame.style.getPropertyValue('--sd-at')"))
        assert place == pytest.approx((at - start) / (end - start), abs=1e-3)


def test_all_sounds_run_in_step_and_one_is_heard(visit):
    tab = visit()
    player = figure(tab)
    gains = [float(audio.get_attribute("data-gain")) for audio in player.locator("audio").all()]
    play(tab, player)
    sources = tab.evaluate("heard.sources.map(({ when, offset }) => [when, offset])")
    assert sources == [sources[0]] * 4
    assert tab.evaluate("heard.gains.map(({ gain }) => gain.value)") == pytest.approx(
        [gains[0], 0, 0, 0], abs=1e-6)


def test_changing_over_keeps_the_position_and_has_no_gap(visit):
    """The sounds go on as they were: only what is heard of each changes."""
    tab = visit()
    player = figure(tab)
    gains = [float(audio.get_attribute("data-gain")) for audio in player.locator("audio").all()]
    names = player.locator("button.sd-name")
    play(tab, player)
    before = position(player)
    names.nth(2).click()
    tab.wait_for_function(f"Math.abs(heard.gains[2].gain.value - {gains[2]}) < 1e-6"
                          " && heard.gains[0].gain.value < 1e-6")
    assert tab.evaluate("heard.sources.length") == 4
    assert position(player) >= before
    assert [name.get_attribute("aria-pressed") for name in names.all()] == [
        "false", "false", "true", "false"]
    assert player.locator(".sd-chosen").count() == 1


def test_a_name_starts_its_sound(visit):
    tab = visit()
    player = figure(tab)
    player.locator("button.sd-name").nth(1).press("Enter")
    wait_until(tab, player, "f.hasAttribute('data-playing')")
    assert player.locator(".sd-go").get_attribute("aria-label") == "Pause"


def test_another_figure_stops_the_first(visit):
    tab = visit()
    one, other = figure(tab), figure(tab, 3)
    play(tab, one)
    play(tab, other)
    assert not one.evaluate("(f) => f.hasAttribute('data-playing')")
    tab.evaluate("document.dispatchEvent(new CustomEvent('sd-play', { detail: null }))")
    assert not other.evaluate("(f) => f.hasAttribute('data-playing')")


def test_end_leads_back_to_the_start(visit):
    tab = visit()
    player = figure(tab)
    slider = player.locator(".sd-seek")
    slider.press("End")
    for _ in range(2):
        slider.press("ArrowLeft")
    duration = float(slider.get_attribute("max"))
    assert position(player) == pytest.approx(duration - 0.5, abs=0.01)
    player.locator(".sd-go").click()
    wait_until(tab, player, "f.hasAttribute('data-playing')")
    wait_until(tab, player, "!f.hasAttribute('data-playing')")
    assert position(player) == 0


def test_keys_move_and_play(visit):
    tab = visit()
    player = figure(tab)
    slider = player.locator(".sd-seek")
    for key, at in (("ArrowRight", 0.25), ("ArrowUp", 0.5), ("ArrowLeft", 0.25), ("Home", 0)):
        slider.press(key)
        assert position(player) == pytest.approx(at)
    slider.press(" ")
    wait_until(tab, player, "f.hasAttribute('data-playing')")
    slider.press("ArrowRight")
    wait_until(tab, player, "f.querySelector('.sd-seek').value >= 0.25")
    slider.press(" ")
    assert not player.evaluate("(f) => f.hasAttribute('data-playing')")


def test_a_press_on_a_picture_leads_there_and_chooses_it(visit):
    tab = visit()
    player = figure(tab)
    sound = player.locator(".sd-sound").nth(3)
    box = sound.locator(".sd-frame").bounding_box()
    sound.locator(".sd-frame").click(position={"x": box["width"] / 2, "y": 20})
    start, end = (float(sound.get_attribute(f"data-{name}")) for name in ("start", "end"))
    assert position(player) == pytest.approx((start + end) / 2, abs=0.02)
    assert "sd-chosen" in sound.get_attribute("class")


def test_every_sound_is_loaded_at_its_level(visit):
    """What a player decodes, times its gain, is what the browser's own player decodes."""
    tab = visit("notebooks/03_mel_compression.html")
    player = figure(tab, 3)
    play(tab, player)
    for index, audio in enumerate(player.locator("audio").all()):
        native = (SITE / "notebooks" / audio.get_attribute("src")).resolve().read_bytes()
        gain = float(audio.get_attribute("data-gain"))
        distance, energy = tab.evaluate(
            """async ([bytes, index, gain]) => {
              const context = new AudioContext();
              const other = await context.decodeAudioData(Uint8Array.from(bytes).buffer);
              const x = heard.sources[index].buffer.getChannelData(0), y = other.getChannelData(0);
              if (x.length !== y.length) return [Infinity, 1];
              const sum = (f) => x.reduce((total, _, i) => total + f(i) ** 2, 0);
              return [sum((i) => gain * x[i] - y[i]), sum((i) => y[i])];
            }""", [list(native), index, gain])
        assert distance <= 0.01 * energy


def test_without_the_sounds_the_browsers_own_players_are_back(visit):
    tab = visit()
    tab.route("**/_media/*.js", lambda route: route.abort())
    player = figure(tab)
    player.locator(".sd-go").click()
    news = tab.locator("figure.sd-listen .sd-news:not(:empty)")
    news.wait_for()
    assert "could not be loaded" in news.inner_text()
    broken = tab.locator("figure.sd-listen:not(.sd-live)")
    assert all(audio.is_visible() for audio in broken.locator("audio").all())
    assert not broken.locator(".sd-go").is_visible()
    # The failure was staged.
    visit.faults.clear()


def test_without_scripts_the_browsers_own_players_are_shown(visit):
    tab = visit(java_script_enabled=False)
    assert tab.locator("figure.sd-listen audio[controls]").first.is_visible()
    assert tab.locator(".sd-deck").count() == 0


def test_download_is_the_sound_without_loss(visit):
    tab = visit()
    link = figure(tab).locator(".sd-note a").first
    assert link.get_attribute("href").endswith(".flac")
    assert link.get_attribute("download") == ""
    assert link.inner_text().startswith("FLAC")


@pytest.mark.parametrize("page", ["book/index.html", CHAPTER])
def test_players_fit_a_phone(visit, page):
    tab = visit(page, viewport={"width": 390, "height": 800}, has_touch=True)
    player = tab.locator("figure.sd-live").first
    player.scroll_into_view_if_needed()
    for part in (".sd-go", ".sd-seek", ".sd-clock", ".sd-frame"):
        box = player.locator(part).first.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert player.locator(".sd-go").bounding_box()["height"] >= 24
