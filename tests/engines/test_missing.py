"""What is said when a browser is missing, and when that is a failure."""

import pytest

import conftest
import engines


@pytest.fixture
def bare(monkeypatch):
    """A machine on which no program is found."""
    monkeypatch.setattr(engines, "program", lambda name: None)


@pytest.mark.parametrize(
    ("thing", "packages"),
    [
        ("chromium", "chromium"),
        ("firefox", "firefox-esr"),
        (
            "webkit",
            "webkit2gtk-driver xvfb dbus gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
            " gstreamer1.0-libav",
        ),
        ("sound", "pulseaudio"),
    ],
)
def test_the_sentence_names_the_packages(bare, thing, packages):
    assert engines.missing(thing).endswith(f"this adds it: apt install {packages}")


def test_a_missing_browser_skips_here_and_fails_on_a_server(bare, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Firefox is missing"):
        conftest.need("firefox")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Firefox is missing"):
        conftest.need("firefox")
