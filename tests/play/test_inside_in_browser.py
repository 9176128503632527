"""The view that looks inside a model, in a browser: what it shows are the values of the server at the chosen look."""

import json
import re
import shutil
import subprocess
import sys
import time

import pytest

from ..training.runs import pronounceable

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: `make test-browser` installs it"),
]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
HOSTILE = "<img src=x onerror=alert(1)>"
REFUSED = "Failed to load resource: the server responded with a status of 4"
FINISHED = "document.querySelector('.status').textContent.startsWith('Finished')"


def until(page, expression, seconds=30):
    """Wait until an expression is true; the policy of the page lets no waiting script evaluate a string in it."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.02)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inside")
    words = folder / "words.txt"
    words.write_text("".join(f"{word}\n" for word in [HOSTILE, *pronounceable(300), HOSTILE]))
    command = [sys.executable, "-m", "morelike", "play", str(words), "--no-browser", "--port", "0"]
    server = subprocess.Popen([*command, "--out", str(folder / "runs")], stderr=subprocess.PIPE, text=True)
    yield re.search(r"http://\S+", server.stderr.readline())[0]
    server.terminate()
    server.communicate(timeout=60)


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, address):
    """The inside of a finished run; afterwards the page had no error, and asked no other address."""
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    home, complaints = address.partition("/?")[0], []
    page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda each: None if each.url.startswith((home, "data:")) else complaints.append(each.url))
    page.goto(address)
    page.goto(f"{home}/#inside")
    until(page, "document.querySelector('inside-embedding')")
    until(page, FINISHED, 120)
    yield page
    page.context.close()
    assert [each for each in complaints if not each.startswith(REFUSED)] == []


def begin(page, kind):
    """Train a model of another kind, and wait for its end."""
    page.select_option("#kind", kind)
    until(page, f"!{FINISHED}", 30)
    until(page, FINISHED, 120)


def at_look(page, key, element):
    """Go to the look at this key of the slider; return what the server says to the panel of an element there."""
    page.focus("#look")
    page.keyboard.press(key)
    return settled(page, element)


def settled(page, element):
    """Wait until an element shows the look and the query that it was asked for; return what the server says to them."""
    step = "document.querySelector('#view-inside output').dataset.step"
    panel = f"document.querySelector('{element}')"
    until(page, f"{panel}.dataset.step === {step} && !{panel}.load.isBusy && !{panel}.isWaiting")
    return server(page, element)


def server(page, element):
    """Return the server's panel for the look, and the query, that an element shows."""
    url = page.evaluate(f"document.querySelector('{element}').dataset.asked")
    return page.evaluate("(url) => fetch(url).then((answer) => answer.json())", url)


@pytest.mark.parametrize("key", ["End", "Home"])
def test_letters_stand_where_the_embedding_says_on_axes_that_do_not_change(page, key):
    answer = at_look(page, key, "inside-embedding")
    shown = page.evaluate(
        "[...document.querySelectorAll('inside-embedding .point')].map((e) => [e.textContent, e.dataset.at])"
    )
    assert shown == [
        [symbol or "⏎", " ".join(map(_js, point))]
        for symbol, point in zip(answer["symbols"], answer["points"], strict=True)
    ]
    reach = "document.querySelectorAll('inside-embedding .tick')[0].textContent"
    before = page.evaluate(reach)
    at_look(page, "ArrowRight" if key == "Home" else "ArrowLeft", "inside-embedding")
    assert page.evaluate(reach) == before


@pytest.mark.parametrize("key", ["End", "Home"])
def test_what_comes_next_is_what_the_model_says_and_a_click_writes_on(page, key):
    page.fill("#next-prefix", "ba")
    answer = at_look(page, key, "inside-next")
    shown = page.locator("inside-next .bar-row .value").all_text_contents()
    assert answer["prefix"] == "ba"
    assert [float(each[:-1]) for each in shown] == pytest.approx([100 * p for p in answer["probabilities"]], abs=0.0501)
    add = page.locator("inside-next button.bar-row").first
    letter = add.locator(".name").text_content()
    add.focus()
    page.keyboard.press("Enter")
    assert page.input_value("#next-prefix") == "ba" + letter


def test_the_view_is_in_the_address_and_is_reached_by_keyboard(page):
    page.focus("play-views a >> nth=0")
    page.keyboard.press("Enter")
    until(
        page,
        "location.hash === '#watch' && document.querySelector('#view-inside').hidden",
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "location.hash === '#inside' && document.querySelector('#view-watch').hidden")


def test_a_hostile_word_is_text_and_both_views_share_it(page):
    page.fill("#inside-word", HOSTILE)
    until(page, f"document.querySelector('#heat-word').value === {json.dumps(HOSTILE)}")
    until(page, "document.querySelector('inside-next').dataset.asked?.includes('next')")
    assert page.locator("#view-inside img[src='x']").count() == 0


def _js(value):
    """A number as JavaScript writes it."""
    return json.dumps(int(value)) if float(value).is_integer() else json.dumps(value)
