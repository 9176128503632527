"""The page in a browser: it moves, it can be used by keyboard alone, and no word of a list is more than a word."""

import json
import re
import time
from importlib import resources

import pytest

from ..training.runs import pronounceable
from .browser import MARKS, RULES, served, until

pytestmark = MARKS
SIZES = {"phone": (390, 844), "laptop": (1280, 800), "projector": (1920, 1080)}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\u202ebc",
    "\U0001f642\U0001f469‍\U0001f680",
    "x" * 600,
]
ROWS = "[...document.querySelectorAll('play-loss tbody tr')].map((row) => [...row.cells].map((c) => c.textContent))"
STARTED = "document.querySelector('polyline.train')?.points.length > 3"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a page that a server shows while these tests run; its list has hostile words."""
    with served(tmp_path_factory.mktemp("play"), [*HOSTILE, *pronounceable(600), *HOSTILE]) as address:
        yield address


@pytest.fixture
def opened(chromium, address):
    """Return a function that opens the page; afterwards it had no error, no dialog and no request elsewhere."""
    pages = []

    def opened(size="laptop", language="en", **mode):
        width, height = SIZES[size]
        page = chromium.new_context(viewport={"width": width, "height": height}, **mode).new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        home = address.partition("/?")[0]
        page.on(
            "request", lambda each: None if each.url.startswith((home, "data:")) else page.complaints.append(each.url)
        )
        pages.append(page)
        page.goto(address)
        if language != "en":
            page.goto(f"{home}/?lang={language}")
        until(page, STARTED, 60)
        until(page, "document.querySelector('table.words td.now')", 30)
        return page

    yield opened
    for page in pages:
        page.context.close()
        assert page.complaints == []


def test_the_curve_moves_and_the_words_change(opened):
    page = opened()
    page.select_option("#kind", "lstm")  # a new run
    until(page, "!document.querySelector('polyline.train')")
    until(page, STARTED, 60)
    before = page.evaluate("document.querySelector('polyline.train').points.length")
    words = page.locator("td.now").all_text_contents()
    until(page, f"document.querySelector('polyline.train').points.length > {before}", 30)
    deadline = time.monotonic() + 30
    while page.locator("td.now").all_text_contents() == words:
        assert time.monotonic() < deadline
    assert page.locator(".mark-label").count() == 4


def test_words_of_the_list_are_text_and_nothing_else(opened):
    page = opened()
    elements = page.locator("script, img, iframe").count()
    for word in HOSTILE[:3]:
        page.fill("#heat-word", word)
        until(page, "document.querySelector('.total').textContent.includes('bits')")
    shown = page.locator("play-list bdi").all_text_contents()
    assert any("<script>" in text or "<img" in text for text in shown)
    assert not any("\u202e" in text for text in shown)
    assert page.locator("script, img, iframe").count() == elements == 1


def test_an_unknown_character_is_told_in_a_sentence(opened):
    page = opened()
    page.fill("#heat-word", "Ω")
    until(page, "document.querySelector('play-heat .warning').textContent.length > 10")
    page.fill("#heat-word", "bane")
    until(page, "document.querySelector('.total').textContent.includes('bits')")
    assert page.locator("play-heat .warning").text_content() == ""


def test_one_goes_back_to_a_look_and_learns_from_it_by_keyboard_alone(opened):
    page = opened()
    until(page, "document.querySelector('.status').textContent.startsWith('Finished')", 120)
    last = page.locator("td.now").all_text_contents()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        if page.evaluate("document.activeElement.id") == "look":
            break
    assert {"kind", "list-choice", "heat-word", "look", "Other words"} <= reached
    page.keyboard.press("Home")
    until(page, "document.querySelector('play-timeline output').textContent.startsWith('step 0 ')")
    until(page, "document.querySelector('.total').textContent.includes('step 0')")
    until(page, "document.querySelector('th.now').textContent === 'step 0'")
    assert page.locator("line.look").count() == 1
    assert page.locator("td.now").all_text_contents() != last
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('th.now').textContent === 'step 1'")
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Learn again from here":
            break
    page.keyboard.press("Enter")
    until(page, "!document.querySelector('.status').textContent.startsWith('Finished')")
    until(page, STARTED, 60)


def test_a_pasted_list_is_told_and_learned(opened):
    page = opened()
    page.click("text=Your own …")
    page.fill("#pasted", "\n".join(pronounceable(50)))
    page.click("text=Learn this list")
    until(page, "document.querySelector('.facts').textContent.includes('50 lines')", 30)
    until(page, "document.querySelector('.facts').textContent.includes('The list is short')")
    until(page, STARTED, 60)


def step_of(page):
    return int(re.search(r"step ([\d,]+)", page.locator(".status").text_content())[1].replace(",", ""))


@pytest.mark.slow  # it waits for moments of a run, which a loaded machine may pass by
def test_a_run_is_paused_taken_one_step_on_and_given_another_rate_batch_and_temperature(opened):
    page = opened()
    until(page, "document.querySelector('.status').textContent.startsWith('Finished')", 120)
    page.click("text=Start again")
    until(page, "document.querySelector('.status').textContent.startsWith('Learning')", 60)
    until(page, "document.querySelector('table.words td.now')", 60)
    page.click("text=Pause")
    until(page, "document.querySelector('.status').textContent.startsWith('Paused')")
    page.focus("#rate")
    page.keyboard.press("ArrowLeft")
    until(page, "document.querySelector('path.learning_rate')")
    for _ in range(2):  # exactly one step, and every panel shows the model after it
        step = step_of(page)
        page.focus("button:text-is('One step')")
        page.keyboard.press("Enter")
        until(page, f"document.querySelector('.status').textContent.startsWith('Paused at step {step + 1} ')")
        until(page, f"document.querySelector('th.now').textContent === 'step {step + 1}'")
        assert page.locator("play-timeline output").text_content().startswith(f"step {step + 1} ")
    status = page.locator(".status").text_content()
    page.click("text=A few steps")
    until(page, f"document.querySelector('.status').textContent !== {json.dumps(status)}")
    until(page, "document.querySelector('.status').textContent.startsWith('Paused')")
    page.select_option("#batch", "16")
    until(page, "document.querySelector('path.batch_size')")
    before = page.locator("td.now").all_text_contents()
    page.focus("#temperature")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('path.temperature')")
    deadline = time.monotonic() + 30
    while page.locator("td.now").all_text_contents() == before:
        assert time.monotonic() < deadline
    page.click("text=Continue")
    until(
        page,
        "document.querySelector('.status').textContent.startsWith('Compiling for a batch of 16:')",
        60,
    )
    until(page, "document.querySelector('.status').textContent.startsWith('Learning')", 60)
    page.click("play-loss >> text=table")
    until(page, "document.querySelector('play-loss tbody')")
    turned = [row[-1] for row in page.evaluate(ROWS) if row[-1]]
    assert [each.split()[0] for each in turned] == ["rate", "batch", "temperature"]
    assert turned[1:] == ["batch 16", "temperature 1.6"]
    until(page, "document.querySelector('.status').textContent.startsWith('Finished')", 120)


def test_the_test_part_is_shown_when_it_is_asked_for(opened):
    page = opened()
    until(page, "document.querySelector('.status').textContent.startsWith('Finished')", 120)
    assert "last test:" not in page.locator("play-loss").text_content()
    page.click("text=show the last test")
    until(page, r"/last test: \d\.\d\d\d \(/.test(document.querySelector('play-loss').textContent)")


def test_why_opens_the_lesson(opened):
    page = opened()
    page.click("play-loss >> text=why?")
    page.wait_for_selector("dialog[open] article h2")
    assert page.locator("dialog[open] article h2").first.text_content().startswith("4. ")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_nothing_is_cut_in_any_size_and_language(opened, size, language):
    page = opened(size, language)
    width, height = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert width <= SIZES[size][0]
    if size != "phone":
        assert height <= SIZES[size][1]
    assert page.evaluate("document.documentElement.lang") == language


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_axe_finds_nothing_that_keeps_people_from_using_the_page(opened, scheme, language):
    pytest.importorskip("axe_playwright_python")
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    page = opened("laptop", language, color_scheme=scheme)
    page.evaluate(axe)
    found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES)
    problems = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]]
    assert problems == []
    assert len(found["passes"]) > 10


def test_the_page_is_usable_within_a_second(chromium, address):
    page = chromium.new_page()
    began = time.monotonic()
    page.goto(address)
    page.wait_for_selector("play-timeline input")
    assert time.monotonic() - began < 1
    page.close()
