"""A run is broken and mended in a browser, by keyboard alone: the verdict goes from bad to good."""

from importlib import resources

import pytest

from ..training.runs import pronounceable
from .browser import MARKS, RULES, served, until

pytestmark = MARKS
VERDICT = "document.querySelector('p.verdict').className"
FINISHED = "document.querySelector('.status').textContent.startsWith('Finished')"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(tmp_path_factory.mktemp("break"), pronounceable(300)) as address:
        yield address


@pytest.fixture
def page(chromium, address):
    """The view of a run that has finished; afterwards the page had no error."""
    page, complaints = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.goto(f"{address.partition('/?')[0]}/#break")
    until(page, "document.querySelector('play-verdict')")
    until(page, FINISHED, 180)
    yield page
    page.context.close()
    assert [each for each in complaints if "status of 422" not in each] == []  # a refusal is logged


def press(page, button):
    """Press a button by keyboard, and wait for its run."""
    page.focus(f"button:text('{button}')")
    before = page.evaluate("document.querySelector('play-timeline output').textContent")
    page.keyboard.press("Enter")
    until(page, f"!{FINISHED}", 60)
    until(page, FINISHED, 180)
    return before


@pytest.mark.slow  # it waits for moments of a run, which a loaded machine may pass by
@pytest.mark.parametrize(
    ("button", "sentence"),
    [
        ("Wrong sign", "the update has the wrong sign"),
        ("Rate × 100", "each step destroys learned values"),
        ("Unscaled weights", "the fresh model is sure of wrong answers"),
    ],
)
def test_a_fault_makes_the_verdict_bad_and_one_click_makes_it_good(page, button, sentence):
    press(page, button)
    until(page, f"{VERDICT} === 'verdict bad'", 60)
    until(
        page,
        "document.querySelector('play-verdict .quiet').textContent.startsWith('Bad since step ')",
        60,
    )
    first = page.locator("play-verdict .quiet").text_content().split()[-1].rstrip(".")
    assert int(first) <= 4
    until(page, f"document.querySelector('play-verdict tbody')?.textContent.includes({sentence!r})", 60)
    press(page, "Mend it")
    until(page, f"{VERDICT} === 'verdict good'", 60)
    told = page.locator("play-verdict .quiet").text_content()
    assert told == f"Mended: {button}."


def test_a_kind_without_a_fault_says_so_in_one_sentence(page):
    page.select_option("#kind", "bow")
    until(page, f"!{FINISHED}", 60)
    until(page, FINISHED, 180)
    page.click("text=Unscaled weights")
    until(
        page,
        "document.querySelector('.status').textContent.includes('the initial weights of a bow have no other scale')",
    )
    page.select_option("#kind", "gru")
    until(page, f"!{FINISHED}", 60)
    until(page, FINISHED, 180)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_cut(page, scheme):
    pytest.importorskip("axe_playwright_python")
    page.emulate_media(color_scheme=scheme)
    press(page, "Wrong sign")
    until(page, f"{VERDICT} === 'verdict bad'", 60)
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES)
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
    for width, language in ((390, "fr"), (1280, "it"), (1920, "en")):
        page.set_viewport_size({"width": width, "height": 900})
        page.select_option("#language", language)
        until(page, f"document.documentElement.lang === {language!r}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
