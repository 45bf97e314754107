"""Light players, quizzes, and what is said when sound cannot be played, in each browser."""

import pytest
from explorer_tab import Explorer

CHAPTER = "notebooks/02_inversion.html"
SEVERAL = "figure.sd-listen:has(.sd-sound + .sd-sound)"  # also when it has given way
SOON = 20  # s, for a sentence that the page gives after 3 s by its own clock


@pytest.fixture(scope="module", params=["http", "file"])
def chapter(request, browser, bases):
    """A chapter with players and a quiz, which the tests share."""
    with browser() as tab:
        tab.goto(f"{bases[request.param]}/site/{CHAPTER}")
        yield tab
        tab.check()


def test_players_play_switch_and_pause(chapter):
    figure = f"document.querySelector('{SEVERAL}')"
    chapter.click(f"{SEVERAL} .sd-go")
    chapter.until(f"() => {figure}.querySelector('.sd-seek').value > 0.2")
    chapter.click(f"{SEVERAL} .sd-sound:nth-child(2) button.sd-name")
    pressed = f"[...{figure}.querySelectorAll('button.sd-name')].map((e) => e.ariaPressed)"
    assert chapter.evaluate(f"() => {pressed}")[:2] == ["false", "true"]
    at = f"() => Number({figure}.querySelector('.sd-seek').value)"
    # On a busy machine the sounds may be over meanwhile: choosing one plays it again.
    chapter.until(f"""() => {figure}.hasAttribute("data-playing") && ({at})() > 0.2
      && ({figure}.querySelector(".sd-go").click(), true)""")
    stopped = chapter.evaluate(at)
    assert stopped > 0.2
    assert not chapter.evaluate(f"() => {figure}.hasAttribute('data-playing')")
    chapter.press(f"{SEVERAL} .sd-seek", "ArrowRight")
    assert chapter.evaluate(at) == pytest.approx(stopped + 0.25, abs=0.01)


def test_a_quiz_keeps_the_score(chapter):
    chapter.click(".sd-question .sd-right summary")
    score = chapter.until("() => document.querySelector('.sd-score').textContent")
    assert score.startswith("Right at the first choice: 1 of 1")
    assert chapter.evaluate("() => document.querySelector('.sd-right').open")


def test_an_explorer_without_a_device_says_so(silent, bases):
    explorer = Explorer(silent, "inversion").open(bases["http"])
    silent.click(".sd-play")
    explorer.until("view.root.querySelector('[role=status].sd-error')", patience=SOON)
    assert "sound" in explorer.evaluate("view.root.querySelector('[role=status]').innerText")
    assert explorer.evaluate("view.deck.playButton.innerText.trim()") == "Play"


def test_a_player_without_a_device_says_so_and_gives_way(silent, bases):
    """To the players of the browser, which may know a way."""
    silent.goto(f"{bases['http']}/site/{CHAPTER}")
    silent.click(f"{SEVERAL} .sd-go")
    news = silent.until(
        f"() => document.querySelector('{SEVERAL} .sd-news').textContent", patience=SOON
    )
    assert "sound" in news
    assert silent.evaluate(f"""() =>
      [...document.querySelector("{SEVERAL}").querySelectorAll("audio")]
        .every((e) => e.getClientRects().length > 0)""")
