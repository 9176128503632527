"""A recorded file in Chromium, opened from the disk: it shows what the page showed, and asks nobody for anything."""

import json
import os
import subprocess
import sys
from importlib import resources

import pytest

from ...training.runs import pronounceable
from ..browser import MARKS, RULES, started, until

pytestmark = [*MARKS, pytest.mark.timeout(900)]  # a recording computes all panels
HOSTILE = "</script><img src=x onerror=alert(1)>"
PANELS = ("embedding", "next", "states", "unit", "health", "memory", "lens")
FINISHED = "document.querySelector('.status').textContent.startsWith('Finished')"
READY = "document.querySelectorAll('table.words td.now').length"
ROWS = """(name) => [...document.querySelectorAll(`${name} tbody tr`)].map(
  (row) => [...row.cells].map((cell) => cell.textContent))"""
LARGEST = 2_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recorded")


@pytest.fixture(scope="module")
def live(folder):
    """The address of the live page of a list with a hostile word."""
    listed = folder / "words.txt"
    listed.write_text("".join(f"{word}\n" for word in [HOSTILE, *pronounceable(300), HOSTILE]))
    with started(["play", str(listed)], folder) as (_, address):
        yield address


@pytest.fixture
def watched(chromium):
    """Return a function that opens a page; afterwards it had no error, and asked for nothing but its own address."""
    pages = []

    def opened(address, size=(1280, 800), **mode):
        width, height = size
        page = chromium.new_context(viewport={"width": width, "height": height}, **mode).new_page()
        page.complaints, page.asked = [], []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda each: page.asked.append(each.url))
        pages.append(page)
        page.goto(address)
        return page

    yield opened
    for page in pages:
        complaints = [each for each in page.complaints if "status of 422" not in each]
        page.context.close()
        assert complaints == []


@pytest.fixture(scope="module")
def both(chromium, live, folder):
    """A live page of a finished run, and the file that its button saves."""
    page = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True).new_page()
    page.goto(live)
    until(page, f"document.querySelector('.status') && {FINISHED}", 180)
    until(page, READY)
    page.fill("#heat-word", "banana")
    page.keyboard.press("Tab")
    with page.expect_download(timeout=240_000) as download:
        page.click("text=Save as one file")
    file = folder / "run.html"
    download.value.save_as(file)
    until(page, "document.querySelector('.status').textContent.startsWith('The file is saved')")
    yield page, file
    page.context.close()


@pytest.fixture
def recorded(watched, both):
    page = watched(both[1].as_uri())
    until(page, READY)
    yield page
    assert [url for url in page.asked if not url.startswith(("data:", both[1].as_uri()))] == []
    assert len([url for url in page.asked if url.startswith("file:")]) == 1


def go_to(page, step):
    """Go to a look by its step with the slider."""
    page.focus("#look")
    for _ in range(200):
        shown = page.evaluate("document.querySelector('play-timeline output').textContent")
        now = int(shown.split()[1].replace(",", ""))
        if now == step:
            return
        page.keyboard.press("ArrowLeft" if now > step else "ArrowRight")
    raise AssertionError(step)


def steps_of(page):
    """Return the steps of the looks that a page has."""
    page.focus("#look")
    page.keyboard.press("Home")
    found = []
    for _ in range(int(page.get_attribute("#look", "max")) + 1):
        shown = page.evaluate("document.querySelector('play-timeline output').textContent")
        found.append(int(shown.split()[1].replace(",", "")))
        page.keyboard.press("ArrowRight")
    return found


def first_view(page, step):
    """Return the words, the table of the word over time, and the table of the loss at a step."""
    until(page, f"document.querySelector('th.now')?.textContent === 'step {step:,}'", 60)
    until(page, f"document.querySelector('.total').textContent.endsWith('step {step:,}')", 60)
    return page.locator("td.now").all_text_contents(), page.locator(".total").first.text_content()


def inside(page, step):
    """Return the tables of the panels of the second view at a step."""
    found = {}
    page.evaluate("location.hash = 'inside'")
    for panel in PANELS:
        element = f"inside-{panel}"
        until(page, f"document.querySelector('{element}')", 30)
        page.locator(element).scroll_into_view_if_needed()
        settled = f"{element}[data-step='{step}']"
        until(page, f"document.querySelector(\"{settled}\") && !document.querySelector('{element}').load.isBusy", 60)
        if page.get_attribute(f"{element} button.why[aria-pressed]", "aria-pressed") == "false":
            page.click(f"{element} >> text=table")
        until(
            page, f"document.querySelector('{element} tbody tr') && !document.querySelector('{element}').isWaiting", 30
        )
        found[panel] = page.evaluate(ROWS, element)
    page.evaluate("location.hash = 'watch'")
    return found


def test_the_file_is_small_and_shows_the_same_numbers_as_the_live_page(both, recorded):
    page, file = both
    assert file.stat().st_size <= LARGEST
    recorded.fill("#heat-word", "banana")
    steps = steps_of(recorded)
    assert 10 < len(steps) <= 40
    for step in (steps[-1], steps[0]):
        for each in (page, recorded):
            go_to(each, step)
        (words, total), (live_words, live_total) = first_view(recorded, step), first_view(page, step)
        common = min(len(words), len(live_words))  # the page shows as many as there is room for
        assert common >= 10
        assert (words[:common], total) == (live_words[:common], live_total)
        live_tables, tables = inside(page, step), inside(recorded, step)
        for panel in PANELS:
            assert tables[panel] == live_tables[panel], (panel, step)
    assert recorded.locator("diamond, path.dev").count() == page.locator("diamond, path.dev").count()
    assert recorded.locator(".mark-label").all_text_contents() == page.locator(".mark-label").all_text_contents()


def test_it_replays_pauses_and_goes_on_by_the_space_bar_at_another_speed(recorded):
    shown = "document.querySelector('play-timeline output').textContent"
    last = recorded.evaluate(shown)
    recorded.select_option("#speed", "4")
    recorded.evaluate("document.activeElement.blur()")
    recorded.keyboard.press("Space")
    until(recorded, f"{shown}.startsWith('step 0 ') || {shown} !== {json.dumps(last)}")
    recorded.keyboard.press("Space")
    paused = recorded.evaluate(shown)
    assert paused != last
    recorded.keyboard.press("Space")
    until(recorded, f"{shown} !== {json.dumps(paused)}")
    until(recorded, f"{shown} === {json.dumps(last)}")
    until(recorded, "document.querySelector('play-timeline button.newest + button').textContent === 'Replay'")


def test_what_needs_a_server_is_said_in_one_sentence(recorded):
    recorded.click("text=Learn again from here")
    until(recorded, "document.querySelector('.status').textContent.startsWith('A recording cannot learn')")
    recorded.click("text=Your own …")
    assert recorded.locator("dialog[open]").count() == 0
    recorded.fill("#heat-word", "nothing")
    until(recorded, "document.querySelector('play-heat .warning').textContent.includes('It shows the words banana')")
    recorded.fill("#heat-word", "banana")
    until(recorded, "document.querySelector('play-heat .warning').textContent === ''")
    assert (
        recorded.evaluate("[...document.querySelectorAll('datalist option')].map((each) => each.value)")[0] == "banana"
    )
    assert recorded.locator("#kind, #rate").count() == 0


def test_hostile_words_are_text_and_it_says_its_licences(recorded):
    assert recorded.locator("img, iframe").count() == 0
    assert any(HOSTILE in each for each in recorded.locator("play-list bdi").all_text_contents())
    assert "MIT licence" in recorded.locator("play-list").text_content()


def test_it_speaks_three_languages_and_opens_its_lessons(recorded):
    for language, word in (("it", "Rivedi"), ("fr", "Rejouer")):
        recorded.select_option("#language", language)
        until(recorded, f"document.querySelector('play-timeline').textContent.includes('{word}')")
    recorded.click("play-loss .why >> nth=1")
    recorded.wait_for_selector("dialog[open] article[lang='fr'] h2")
    assert recorded.locator("dialog[open] article h2").first.text_content().startswith("4. ")


def test_a_person_plays_the_guessing_game_against_the_recorded_model(both, recorded):
    recorded.evaluate("location.hash = 'inside'")
    until(recorded, "document.querySelector('inside-guess')")
    recorded.locator("inside-guess").scroll_into_view_if_needed()
    for letter in recorded.evaluate("document.querySelector('inside-guess').secret"):
        recorded.fill("#guess-letter", letter)
    recorded.click("inside-guess >> text=The word ends")
    until(recorded, "document.querySelectorAll('inside-guess tbody tr').length === 5")
    asked = recorded.evaluate("document.querySelector('inside-guess').dataset.asked")
    answer = both[0].evaluate("(url) => fetch(url).then((found) => found.json())", asked)
    shown = recorded.evaluate(ROWS, "inside-guess")
    assert shown[1][1].split() == [str(each) for each in answer["models"][0]["guesses"]]
    assert shown[0][2] == f"{answer['person']['low']:.1f}–{answer['person']['high']:.1f}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_axe_finds_nothing_and_nothing_is_cut(watched, both, scheme, width):
    pytest.importorskip("axe_playwright_python")
    page = watched(both[1].as_uri(), (width, 800), color_scheme=scheme)
    until(page, READY)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    for view in ("watch", "inside"):
        page.evaluate(f"location.hash = '{view}'")
        until(page, f"document.body.dataset.view === '{view}'")
        found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES)
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []


@pytest.mark.slow
def test_the_default_run_is_recorded_by_the_command_in_two_megabytes(tmp_path, watched):
    command = [sys.executable, "-m", "morelike"]
    environment = {**os.environ, "XLA_FLAGS": ""}
    train = [*command, "train", "names", "--quick", "--model", "gru", "--out", "runs", "--no-report"]
    subprocess.run(train, cwd=tmp_path, check=True, timeout=200, env=environment)
    subprocess.run([*command, "play", "latest", "--record", "run.html"], cwd=tmp_path, check=True, timeout=300)
    assert (tmp_path / "run.html").stat().st_size <= LARGEST
    page = watched((tmp_path / "run.html").as_uri())
    until(page, "document.querySelector('.status')?.textContent.startsWith('A recording')")
