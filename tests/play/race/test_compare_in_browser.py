"""The view that compares, in a browser: a race by keyboard alone, a mended lane, a live learning-rate test."""

import time
from importlib import resources

import pytest

from ...training.runs import pronounceable
from ..browser import MARKS, RULES, served, started, until
from .test_races import WORDS, trained

pytestmark = MARKS
HOSTILE = "<img src=x onerror=alert(1)>"
RESULT = "document.querySelectorAll('play-race .facts p:not(.quiet)').length"
TESTED = "!document.querySelector('play-rates button.main').hidden"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(tmp_path_factory.mktemp("race"), [HOSTILE, *pronounceable(300), HOSTILE]) as address:
        yield address


@pytest.fixture
def opened(chromium, address):
    """Return a function that opens the view; afterwards the page had no error, and asked no other address."""
    pages, complaints, home = [], [], address.partition("/?")[0]

    def opened(width=1280, height=800, language="en", **mode):
        page = chromium.new_context(viewport={"width": width, "height": height}, **mode).new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda each: None if each.url.startswith((home, "data:")) else complaints.append(each.url))
        pages.append(page)
        page.goto(address)
        page.goto(f"{home}/?lang={language}#race")
        until(page, "document.querySelector('play-race .row .quiet')?.textContent")
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert complaints == []


def lane(number):
    return f".lane:nth-of-type({number})"


def tab_to(page, text):
    """Press Tab until the element of this text, or of this id, has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if text in page.evaluate("[document.activeElement.id, document.activeElement.textContent]"):
            return
    raise AssertionError(f"Tab does not reach {text}")


def race_by_keyboard(page, kinds=("mlp", "mlp", "bigram"), rates=("", "0.2", "")):
    """Choose kinds and rates, and start; nothing is clicked."""
    for i, (kind, rate) in enumerate(zip(kinds, rates, strict=True)):
        tab_to(page, f"lane-{i}")
        page.keyboard.type(kind)
        if rate:
            tab_to(page, f"lane-{i}-learning_rate")
            page.keyboard.type(rate)
    tab_to(page, "Start the race")
    page.keyboard.press("Enter")


def result(page):
    """Return what the server says about the newest race."""
    race = page.evaluate("document.querySelector('play-race').race.id")
    return race, page.evaluate(f"fetch('/api/races/{race}/result').then((answer) => answer.json())")


def test_a_race_is_run_by_keyboard_alone_and_its_result_is_that_of_the_server(opened):
    page = opened()
    race_by_keyboard(page)
    until(page, "document.querySelector('.lane p').textContent.includes('step')", 60)
    until(page, "document.querySelectorAll('play-race polyline.lane-line').length === 3", 120)
    names = page.locator("play-race .lane-name").all_text_contents()
    assert {name.rsplit(" ", 1)[0] for name in names} == {"1 mlp", "2 mlp", "3 bigram"}
    until(page, f"{RESULT} === 2", 120)
    race, found = result(page)
    runs = page.evaluate(f"fetch('/api/races/{race}').then((answer) => answer.json())")["runs"]
    name = {run["id"]: f"{i + 1} {run['kind']}" for i, run in enumerate(runs)}
    said = page.locator("play-race .facts p:not(.quiet)").all_text_contents()
    for sentence, each in zip(said, found["against"], strict=True):
        low, high = each["interval"]
        figures = f"by {-each['difference']:.3f} nats per character (95 %: {-high:.3f} to {-low:.3f})."
        assert (
            f"{name[found['best']]} is ahead of {name[each['name']]} {figures}".replace("-0.000", "0.000") in sentence
        )
        assert ("chance" in sentence) == (not each["decided"])
    differs = page.locator("play-race .facts p.quiet").text_content()
    assert "Model (mlp / mlp / bigram)" in differs
    assert "Learning rate (0.01 / 0.2 / 0.03)" in differs
    assert page.evaluate("document.querySelectorAll('play-race line.mark').length") >= 2
    assert "is ahead of" in page.text_content("#spoken")
    page.click("play-race >> text=table")
    until(page, "document.querySelectorAll('play-race tbody tr').length > 10")


def test_one_lane_is_paused_stopped_continued_and_mended_while_the_others_go_on(opened):
    page = opened()
    page.uncheck("play-race input[type=checkbox]")
    for i, kind in enumerate(("gru", "mlp", "–")):
        page.select_option(f"#lane-{i}", label=kind)
    page.fill("#lane-1-learning_rate", "50")
    page.click("text=Start the race")
    until(page, "document.querySelectorAll('.lane')[0].textContent.includes('step 1')", 120)
    page.click(f"{lane(1)} >> text=Pause")
    until(page, "document.querySelectorAll('.lane')[0].textContent.includes('Continue')")
    until(page, "!document.querySelectorAll('.lane')[1].querySelector('button:last-child').hidden", 120)  # it is ill
    before = page.evaluate("document.querySelector('play-race').race.runs.map((run) => run.id)")
    page.click(f"{lane(2)} >> text=Mend")
    until(page, f"document.querySelector('play-race').race.runs[1].id !== '{before[1]}'", 30)
    assert page.evaluate("document.querySelector('play-race').race.runs[0].id") == before[0]
    assert page.input_value("#lane-1-learning_rate") == "5"
    page.click(f"{lane(1)} >> text=Stop")
    until(page, "document.querySelector('play-race').lanes[0].status === 'stopped'", 60)
    page.click(f"{lane(1)} >> text=Continue")
    until(page, "document.querySelector('play-race').lanes[0].status === 'training'", 60)
    page.click(f"{lane(1)} >> text=Look inside")
    until(page, "location.hash === '#inside'")
    assert page.evaluate("document.querySelector('#kind').value") == "gru"
    page.goto(page.url.replace("#inside", "#race"))
    for number in (1, 2):
        page.click(f"{lane(number)} >> text=Stop")
    until(page, "document.querySelector('play-race').lanes.every((lane) => !lane.isActive)", 60)
    page.reload()
    until(page, "document.querySelector('#lane-0')?.value === 'gru'")  # the newest race is there again


def test_the_learning_rate_test_grows_and_one_key_learns_with_its_rate(opened):
    page = opened()
    points = "document.querySelector('play-rates polyline.train')?.points.length ?? 0"
    tab_to(page, "Test the rates")
    page.keyboard.press("Enter")
    until(page, f"({points}) > 0", 120)
    seen = page.evaluate(points)
    until(page, f"({points}) > {min(seen, 999)}", 60)  # on a loaded machine the page may get all 1,000 steps at once
    until(page, TESTED, 120)
    assert page.evaluate(points) == 1000
    suggestion = page.evaluate("document.querySelector('play-rates').curve.suggestion")
    assert f"{suggestion:g}" in page.text_content("play-rates p[role=status]")
    page.click("play-rates >> text=table")
    until(page, "document.querySelectorAll('play-rates tbody tr').length === 20")
    page.click("play-rates >> text=table")
    tab_to(page, f"Learn with {suggestion:g}")
    page.keyboard.press("Enter")
    until(page, "location.hash === '#watch'", 30)
    run = page.evaluate("fetch('/api/state').then((answer) => answer.json())")["runs"][0]
    assert run["knobs"]["learning_rate"] == suggestion


def test_a_learning_rate_test_is_cancelled_and_another_one_can_begin(opened):
    page = opened()
    for _ in range(2):
        page.click("text=Test the rates")
        until(page, "document.querySelector('play-rates polyline.train')?.points.length > 0", 120)
        page.click("play-rates >> text=Cancel")
        until(page, "document.querySelector('play-rates').test === null")
        time.sleep(0.5)  # the server hears of it
    assert page.text_content("play-rates p[role=status]") == ""


@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_the_view_breaks_no_rule_of_accessibility_in_light_and_dark(opened, language):
    pytest.importorskip("axe_playwright_python")
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    for scheme in ("light", "dark"):
        page = opened(language=language, color_scheme=scheme)
        page.select_option("#lane-3", label="lstm")
        page.evaluate(axe)
        found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES)
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
        assert len(found["passes"]) > 10


@pytest.mark.parametrize(
    ("width", "height", "language"),
    [(390, 844, "en"), (390, 844, "fr"), (390, 844, "it"), (768, 1024, "fr"), (1280, 800, "fr"), (1920, 1080, "it")],
)
def test_nothing_is_wider_than_the_window(opened, width, height, language):
    page = opened(width, height, language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width >= 1000:
        assert page.evaluate("document.documentElement.scrollHeight") <= height
    small = page.evaluate(
        "[...document.querySelectorAll('#view-race button, #view-race select, #view-race input')]"
        ".filter((e) => e.checkVisibility()).map((e) => [e.outerHTML, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.height < 24 || box.width < 24).map(([html]) => html)"
    )
    assert small == []


def test_runs_that_are_there_are_compared_at_once_and_counts_are_level_lines(chromium, tmp_path):
    runs = [str(trained(tmp_path / "runs", words=WORDS, order=order)[0].path) for order in (2, 4)]
    with started(["play", *runs], tmp_path) as (_, address):
        page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(address)
        until(page, f"{RESULT} === 1", 60)
        assert "2 ngram is ahead of 1 ngram by" in page.text_content("play-race .facts")
        assert "order (2 / 4)" in page.text_content("play-race .facts")
        lines = page.evaluate(
            "[...document.querySelectorAll('play-race polyline.lane-line')].map((e) => e.points.length)"
        )
        assert lines == [2, 2]
        page.context.close()
