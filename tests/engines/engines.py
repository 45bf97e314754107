"""Three real browsers behind one way to drive them.

Playwright drives Chromium and stock Firefox, Selenium drives WebKitGTK. A `Tab` hides which: tests
look at the page by functions of JavaScript, and act as a reader does, by clicks and keys.
"""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection

from visit import FLAGS, LOCAL, PATIENCE

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"

WIDTH, HEIGHT = 1200, 900  # CSS pixels

ENGINES = ("chromium", "firefox", "webkit")

# What must be here is called so and has these programs; tests/untested.py knows how to add it.
NEEDS = {
    "chromium": ("Chromium", ["chromium"]),
    "firefox": ("Firefox", ["firefox-esr"]),
    "webkit": ("WebKitGTK", ["WebKitWebDriver", "xvfb-run", "dbus-run-session"]),
    "sound": ("PulseAudio", ["pulseaudio"]),
}
OTHER_NAMES = {"chromium": ["chromium-browser", "google-chrome"], "firefox-esr": ["firefox"]}

KEYS = {"ArrowRight": Keys.ARROW_RIGHT}  # as in Selenium
# Keeps a list of what goes wrong on a page. It stands before the policy, which therefore lets it run.
LISTENER = """<script>
window.heard = [];
{
  const hear = (event) => heard.push(
    `${event.type}: ${event.message ?? event.reason ?? event.violatedDirective ?? event.target.src}`);
  addEventListener("error", hear, true);
  addEventListener("unhandledrejection", hear);
  document.addEventListener("securitypolicyviolation", hear);
  for (const kind of ["error", "warn"]) {
    const say = console[kind];
    console[kind] = (...words) => { heard.push(`${kind}: ${words}`); say.apply(console, words); };
  }
}
</script>"""


def program(name):
    """The path of a program under any of its names, or None."""
    return next(filter(None, map(shutil.which, [name, *OTHER_NAMES.get(name, [])])), None)


def missing(thing):
    """Why a thing cannot be used here; empty if it can."""
    called, names = NEEDS[thing]
    lacking = [name for name in names if not program(name)]
    return f"{called} is missing: no {', '.join(lacking)}" if lacking else ""


def copy_heard(site, target):
    """Copy a site, its pages with the listener and links in the place of all other files."""
    for folder, _, names in os.walk(site):
        place = target / Path(folder).relative_to(site)
        place.mkdir()
        for name in names:
            source = Path(folder, name)
            if source.suffix == ".html":
                (place / name).write_text(with_listener(source.read_text("utf-8")), "utf-8")
            else:
                (place / name).symlink_to(source)


def with_listener(page):
    """Put the listener before the first element in the head of a page."""
    return page.replace("<meta", f"{LISTENER}<meta", 1)


# --------------------------------------------------------------------------------------- Tabs


class Tab:
    """A page in a browser, and what went wrong on it.

    Attributes
    ----------
    engine : str
        "chromium", "firefox" or "webkit".
    problems : list of str
        Errors, warnings, violations of the policy, failed requests, and requests to other hosts.
    """

    def evaluate(self, function, *arguments):
        """What a function of JavaScript, given as its text, returns or comes to return."""
        raise NotImplementedError

    def until(self, condition, *arguments, patience=PATIENCE):
        """Wait until a function of JavaScript returns what is true; then return that."""
        value = self.evaluate(
            f"""async (...given) => {{
          const condition = {condition}, deadline = performance.now() + {1000 * patience};
          for (;;) {{
            const value = condition(...given);
            if (value || performance.now() > deadline) return value;
            await new Promise((done) => setTimeout(done, 10));
          }}
        }}""",
            *arguments,
        )
        assert value, f"{self.engine}: still not after {patience} s: {condition}"
        return value

    def point_out(self, selector, text=""):
        """Bring the first element that has a text before the eyes; return a selector of it."""
        found = self.evaluate(
            """(selector, text) => {
          document.querySelector("[data-pointed-out]")?.removeAttribute("data-pointed-out");
          const element = [...document.querySelectorAll(selector)]
            .find((e) => e.textContent.trim().startsWith(text) && e.getClientRects().length);
          element?.setAttribute("data-pointed-out", "");
          element?.scrollIntoView({ block: "center", behavior: "instant" });
          return Boolean(element);
        }""",
            selector,
            text,
        )
        assert found, f"{self.engine}: nothing is to be seen of {selector} {text!r}"
        return "[data-pointed-out]"

    def check(self):
        """Fail if anything went wrong until now."""
        problems = self.take_problems()
        assert not problems, f"{self.engine}: {problems}"


class PlaywrightTab(Tab):
    """A page of Chromium or Firefox."""

    def __init__(self, engine, page, downloads):
        self.engine, self.page, self.downloads, self.problems = engine, page, downloads, []
        note = self.problems.append
        page.on("pageerror", lambda error: note(f"error: {error}"))
        page.on(
            "console",
            lambda said: said.type in ("error", "warning") and note(f"{said.type}: {said.text}"),
        )
        page.on(
            "request",
            lambda asked: (
                asked.url.startswith((*LOCAL, "about:")) or note(f"asked for {asked.url}")
            ),
        )
        page.on("response", lambda answer: answer.status < 400 or note(answer.url))

    def goto(self, url):
        self.page.goto(url)

    def evaluate(self, function, *arguments):
        return self.page.evaluate(f"(given) => ({function})(...given)", list(arguments))

    def click(self, selector, text=""):
        self.page.click(self.point_out(selector, text))

    def press(self, selector, key):
        self.page.focus(self.point_out(selector))
        self.page.keyboard.press(key)

    def screenshot(self):
        return self.page.screenshot()

    def download(self, selector, text=""):
        """Click, and return the name and the bytes of the file that comes of it."""
        if self.engine == "firefox":  # of which Playwright has no such event
            return file_after(lambda: self.click(selector, text), self.downloads)
        with self.page.expect_download() as waiting:
            self.click(selector, text)
        return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()

    def take_problems(self):
        found, self.problems[:] = list(self.problems), []
        return found


class WebKitTab(Tab):
    """The page of a WebKitGTK browser, which tells its driver nothing of what goes wrong.

    It visits copies of the pages that keep a list of that themselves.
    """

    engine = "webkit"

    def __init__(self, driver, downloads):
        self.driver, self.downloads, self.problems = driver, downloads, None

    def goto(self, url):
        self.driver.get(url.replace("/site/", "/heard/"))

    def evaluate(self, function, *arguments):
        value, fault = self.driver.execute_async_script(
            f"""
          const given = [...arguments], done = given.pop();
          (async () => ({function})(...given))()
            .then((value) => done([value, null]), (error) => done([null, String(error)]));
        """,
            *arguments,
        )
        assert fault is None, fault
        return value

    def click(self, selector, text=""):
        self.driver.find_element(By.CSS_SELECTOR, self.point_out(selector, text)).click()

    def press(self, selector, key):
        self.evaluate(
            "(selector) => document.querySelector(selector).focus()", self.point_out(selector)
        )
        ActionChains(self.driver).send_keys(KEYS[key]).perform()

    def screenshot(self):
        return self.driver.get_screenshot_as_png()

    def download(self, selector, text=""):
        """Click, and return the name and the bytes of the file that comes of it."""
        return file_after(lambda: self.click(selector, text), self.downloads)

    def leave(self):
        """Note what went wrong until now: another is given the page."""
        if self.problems is None:
            self.problems = self.take_problems()
            self.driver.get("about:blank")

    def take_problems(self):
        if self.problems is not None:
            return self.problems
        heard, asked = self.evaluate("""() => [window.heard.splice(0),
          performance.getEntriesByType("resource").map(({ name }) => name)]""")
        return heard + [f"asked for {url}" for url in asked if not url.startswith(LOCAL)]


def file_after(act, folder, patience=PATIENCE):
    """The name and the bytes of the file that an act puts into a folder."""
    before, deadline = set(folder.iterdir()), time.monotonic() + patience
    act()
    while time.monotonic() < deadline:
        new = [path for path in set(folder.iterdir()) - before if path.stat().st_size]
        # Browsers write to a second name, and give the file its own when it is complete.
        if len(new) == 1 and new[0].suffix not in (".part", ".wkdownload"):
            return new[0].name, new[0].read_bytes()
        time.sleep(0.05)
    raise AssertionError(f"no file came into {folder}: {sorted(folder.iterdir())}")


# ----------------------------------------------------------------------------------- Browsers


@contextlib.contextmanager
def chromium(api, folder):
    """Yield a function that opens a tab of Chromium."""
    path = program("chromium")
    with contextlib.closing(api.chromium.launch(executable_path=path, args=FLAGS)) as browser:
        yield opener("chromium", browser, folder)


@contextlib.contextmanager
def firefox(api, folder, pulse, sound=True):
    """Yield a function that opens a tab of stock Firefox; without `sound` it finds no device."""
    prefs = {"media.cubeb.force_null_context": not sound}
    with contextlib.closing(
        api.firefox.launch(
            executable_path=program("firefox-esr"),
            channel="moz-firefox",
            downloads_path=folder,
            firefox_user_prefs=prefs,
            env={**os.environ, "PULSE_SERVER": pulse},
        )
    ) as browser:
        yield opener("firefox", browser, folder)


def opener(engine, browser, folder):
    """Return the function that opens a tab, with storage and permissions of its own."""
    size = {"width": WIDTH, "height": HEIGHT}

    @contextlib.contextmanager
    def tab():
        with contextlib.closing(browser.new_context(viewport=size)) as context:
            yield PlaywrightTab(engine, context.new_page(), folder)

    return tab


@contextlib.contextmanager
def webkit(folder, pulse):
    """Yield a function that gives the tab of a WebKitGTK browser: it has a single one."""
    downloads, config = folder / "downloads", folder / "config"
    downloads.mkdir()
    config.mkdir()
    (config / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{downloads}"\n')
    (browser,) = glob.glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")
    options = webdriver.WebKitGTKOptions()
    options.binary_location = browser
    options.add_argument("--automation")
    environment = {
        **os.environ,
        "PULSE_SERVER": pulse,
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(config),
    }
    with webkit_driver(environment) as address:
        connection = RemoteConnection(client_config=ClientConfig(address))
        driver = webdriver.Remote(connection, options=options)
        driver.set_script_timeout(2 * PATIENCE)
        driver.set_window_rect(width=WIDTH, height=HEIGHT)

        used = []

        @contextlib.contextmanager
        def tab():
            for earlier in used:
                earlier.leave()
            used[:] = [WebKitTab(driver, downloads)]
            yield used[0]

        yield tab
        driver.quit()


@contextlib.contextmanager
def webkit_driver(environment):
    """The address of a WebKitWebDriver with a display and a bus of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        "xvfb-run",
        "--auto-servernum",
        "--server-args=-screen 0 1400x1200x24",
        "dbus-run-session",
        "--",
        "WebKitWebDriver",
        f"--port={port}",
    ]
    with group(command, env=environment):
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: urllib.request.urlopen(f"{address}/status").close() is None)
        yield address


@contextlib.contextmanager
def pulse_server(folder):
    """The address of a sound server whose only device is silent."""
    path = folder / "socket"
    command = [
        "pulseaudio",
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--use-pid-file=no",
        "-L",
        "module-null-sink",
        "-L",
        f"module-native-protocol-unix socket={path}",
    ]
    with group(command, env={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}):
        wait_for(path.exists)
        yield f"unix:{path}"


@contextlib.contextmanager
def group(command, env):
    """Run a command, and at the end stop it with all that it has started."""
    quiet = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.DEVNULL)
    with subprocess.Popen(command, env=env, start_new_session=True, **quiet) as running:
        try:
            yield running
        finally:
            os.killpg(running.pid, signal.SIGTERM)


def wait_for(condition, patience=PATIENCE):
    """Wait until a condition holds; what cannot be reached yet does not hold."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if condition():
                return
        time.sleep(0.05)
    raise TimeoutError(f"still not after {patience} s: {condition}")
