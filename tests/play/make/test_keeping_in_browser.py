"""Words are starred, rejected, edited and kept in a browser: by keys, by buttons, and on two pages."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from ..browser import MARKS, until
from .view import (
    HOSTILE,
    NOTHING,
    READY,
    SIZES,
    batch,
    fetched,
    kept,
    settled,
    until_kept,
    until_kept_has,
    words,
)

pytestmark = MARKS


def test_words_are_kept_rejected_edited_and_taken_back_by_keyboard_alone(opened):
    page = opened()
    first = words(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    until_kept(page, starred=[first[0]], rejected=[first[1]], edited=[])
    assert kept(page) == [first[0]]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    page.keyboard.press("End")
    page.keyboard.type("sbxu")  # letters of keys are letters
    page.keyboard.press("Enter")
    edited = f"{first[2]}sbxu"
    until_kept(page, starred=[first[0], edited], rejected=[first[1]], edited=[{"from": first[2], "to": edited}])
    until(page, f"document.activeElement.getAttribute('aria-label')?.startsWith('{edited}, ')")
    figures = fetched(page, "score", {"words": [edited]}, "POST")["words"][0]
    assert page.evaluate("document.activeElement.cells[1].textContent") == f"{figures['bits']:,.1f}"
    assert f"← {first[2]}" in page.locator("make-kept").inner_text()
    for _ in range(2):
        page.keyboard.press("u")
    until_kept(page, starred=[first[0]], rejected=[], edited=[])
    page.keyboard.press("u")
    until_kept(page, starred=[], rejected=[], edited=[])
    settled(page)
    assert words(page) == first
    page.keyboard.press("s")
    page.keyboard.press("s")
    until_kept(page, starred=[])
    _, answer = batch(page, lambda: page.keyboard.press(" "))
    assert words(page) == [each["word"] for each in answer["words"]] != first
    batch(page, lambda: page.keyboard.press("b"))
    page.keyboard.press("u")
    page.keyboard.press("u")
    settled(page)


def test_an_edit_is_given_up_by_escape_and_undone_words_come_back(opened):
    page = opened()
    first = words(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    page.keyboard.type("zzz")
    page.keyboard.press("Escape")
    settled(page)
    assert words(page) == first
    batch(page, lambda: page.keyboard.press("b"))
    assert words(page) != first
    page.keyboard.press("u")
    settled(page)
    assert words(page) == first
    assert fetched(page, "kept")["starred"] == []


def test_tab_reaches_the_view_its_wishes_its_words_and_the_kept_ones(opened):
    page = opened(kept={**NOTHING, "starred": ["banelo"]})
    page.goto(page.url.replace("#make", "#watch"))
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
        if reached[-1] == "Make words":
            page.keyboard.press("Enter")
            until(page, "!document.querySelector('#view-make').hidden")
        if reached[-1] == "TXT":
            break
    first = words(page)[0]
    stops = ["Make words", "count", "novel", "Near ones", "More wishes", "Another batch", "Keys", "★", "Copy", "TXT"]
    assert [each for each in reached if each in stops] == stops
    assert any(first in each for each in reached)


def test_arrows_go_through_words_and_their_buttons(opened):
    page = opened()
    place = """[[...document.querySelectorAll('.made tbody tr')].indexOf(document.activeElement.closest('tr')),
      document.activeElement.dataset.do ?? '']"""
    for key, expected in [
        ("ArrowDown", [0, ""]), ("ArrowDown", [1, ""]), ("ArrowRight", [1, "star"]), ("ArrowRight", [1, "reject"]),
        ("ArrowDown", [2, "reject"]), ("End", [19, "reject"]), ("ArrowDown", [19, "reject"]), ("Home", [0, "reject"]),
        ("ArrowLeft", [0, "star"]), ("ArrowLeft", [0, ""]), ("ArrowUp", [0, ""]),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert page.evaluate(place) == expected, key
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")  # the button, and no other batch
    until_kept(page, starred=[words(page)[0]])
    settled(page)
    assert page.evaluate(place) == [0, "star"]
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    stops = page.evaluate("document.querySelectorAll('.made [tabindex=\"0\"], .made input, .made a').length")
    assert stops == 1  # Tab leaves the words after one step


def test_each_action_has_a_button_large_enough(opened):
    page = opened()
    first = words(page)
    page.click(f"[aria-label='Star: {first[0]}']")
    page.click(f"[aria-label='Reject: {first[1]}']")
    until_kept(page, starred=[first[0]], rejected=[first[1]])
    page.click(f"make-kept [aria-label='Star: {first[0]}']")
    page.click("make-kept summary")
    page.click(f"make-kept [aria-label='Reject: {first[1]}']")
    until_kept(page, starred=[], rejected=[])
    page.click("text=Undo")
    until_kept(page, starred=[], rejected=[first[1]])
    small = page.evaluate(
        """[...document.querySelectorAll(
            '#view-make :is(button, a, summary, select, input:not([type=checkbox]), label.tick-box)')]
          .filter((e) => e.checkVisibility()).map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_kept_words_survive_a_reload_and_are_no_more_made(opened):
    page = opened()
    first = words(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    until_kept(page, starred=[first[0]], rejected=[first[1]])
    page.reload()
    until(page, READY, 60)
    until(page, "document.querySelectorAll('.kept li').length === 2")
    assert kept(page) == [first[0]]
    until(page, "/^\\d+\\.\\d/.test(document.querySelector('.kept .quiet').textContent)")  # scored again
    sent, _ = batch(page, lambda: page.keyboard.press("b"))
    assert sent["not_in"] == first[:2]


def test_two_pages_keep_the_words_of_both(opened):
    one = opened()
    two = opened()
    a, b = words(one)[0], words(two)[1]
    for page in (one, two):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("ArrowDown")
    two.keyboard.press("ArrowDown")
    one.keyboard.press("s")
    until_kept(one, starred=[a])
    two.keyboard.press("x")  # this page does not know of the first word yet
    until_kept(one, starred=[a], rejected=[b])
    until(two, "document.querySelector('.said').textContent.startsWith('Another page')")
    assert kept(two) == [a]
    one.evaluate("dispatchEvent(new Event('focus'))")  # a person comes back to the first page
    until(one, "document.querySelectorAll('.kept li').length === 2")
    two.keyboard.press("u")
    until_kept(one, starred=[a], rejected=[])


def test_a_word_that_could_not_be_saved_is_saved_with_the_next_one(opened):
    page = opened()
    first = words(page)
    page.route("**/make/kept", lambda route: route.abort())
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    until(page, "document.querySelector('.said').textContent === 'The server does not answer.'")
    assert kept(page) == [first[0]]
    page.unroute("**/make/kept")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    until_kept(page, starred=first[:2])


def test_hostile_words_are_text_everywhere(opened):
    page = opened(kept={"starred": HOSTILE, "rejected": ["<b>x</b>"], "edited": []})
    elements = "document.querySelectorAll('script, img, iframe, b').length"
    assert page.evaluate(elements) == 1
    made = [
        {"word": each, "mark": "new", "bits": None, "nearest": {"word": HOSTILE[-i], "distance": 9}, "pieces": []}
        for i, each in enumerate(HOSTILE, 1)
    ]
    page.route("**/make/sample", lambda route: route.fulfill(json={"words": made, "step": 1}))
    batch(page, lambda: page.keyboard.press("b"))
    page.unroute("**/make/sample")
    assert words(page)[:2] == HOSTILE[:2]
    assert words(page)[2] == "a\\u202ebc"
    assert len(words(page)[4]) == 5000
    for row, word in enumerate(HOSTILE):
        page.locator(".made tbody tr").nth(row).focus()
        page.keyboard.press("e")
        page.locator(".made input").fill(f"s{word[1:]}")
        page.keyboard.press("Enter")
        until_kept_has(page, f"s{word[1:]}")
        settled(page)
    assert page.evaluate(elements) == 1
    text = page.evaluate(
        "document.body.innerText + [...document.querySelectorAll('[aria-label]')].map((e) => e.ariaLabel)"
    )
    assert "\u202e" not in text
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["laptop"][0]
    assert page.evaluate("Math.max(...[...document.querySelectorAll('.made tr')].map((e) => e.clientHeight))") < 80
    batch(page, lambda: page.click("text=Another batch"))
    page.click("#fold-check summary")
    page.fill("[name=blocked]", "<img src=x>\nscript>")
    page.focus("[name=prefix]")
    until(page, "document.querySelector('.kept .warning')?.textContent.includes('Contains script>')")
    assert page.evaluate(elements) == 1


def test_an_edit_that_the_server_refuses_is_told_and_may_be_mended(opened):
    page = opened()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    page.locator(".made input").fill("a\0b")  # NUL is in no line of text
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.said').classList.contains('problem')")
    assert page.locator(".made input").is_visible()
    page.locator(".made input").fill("xaxa")
    page.keyboard.press("Enter")
    until_kept(page, starred=["xaxa"])


def test_kept_words_are_exported_and_copied(opened):
    openpyxl = pytest.importorskip("openpyxl")
    page = opened(kept={"starred": ["banelo", "=1+1"], "rejected": ["x"], "edited": [{"from": "bane", "to": "banelo"}]})
    files = {}
    for name in ("CSV", "XLSX", "TXT"):
        with page.expect_download() as waited:
            page.click(f"make-kept >> text={name}")
        assert waited.value.suggested_filename.endswith(f".{name.lower()}")
        files[name] = Path(waited.value.path()).read_bytes()
    assert files["TXT"].decode().splitlines() == ["banelo", "=1+1"]
    assert files["CSV"].decode("utf-8-sig").splitlines()[1].startswith('"banelo",')
    assert [row[0].value for row in openpyxl.load_workbook(BytesIO(files["XLSX"])).active.rows] == [
        "word",
        "banelo",
        "=1+1",
    ]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("make-kept >> text=Copy")
    until(page, "document.querySelector('.said').textContent === '2 words are copied.'")
    assert page.evaluate("navigator.clipboard.readText()") == "banelo\n=1+1\n"


def test_keys_are_shown_and_may_be_switched_off(opened):
    page = opened()
    page.keyboard.press("?")
    shown = page.locator("#keys[open]").inner_text()
    assert re.findall(r"^(\S+) (\S.*)$", shown, re.MULTILINE)
    assert all(name in shown for name in ("Star", "Reject", "Edit", "Near ones", "Another batch", "Undo"))
    page.uncheck("#keys input")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("?")
    assert page.locator("#keys[open]").count() == 1
    page.check("#keys input")
    page.keyboard.press("s")  # not while a dialog is open
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    until_kept(page, starred=[words(page)[1]])


@pytest.mark.parametrize("control", ["[name=prefix]", "[name=how]", "[name=blocked]", "#kind"])
def test_no_key_acts_while_a_person_writes_or_chooses(opened, control):
    page = opened()
    before = words(page)
    for fold in ("near", "check"):
        page.click(f"#fold-{fold} summary")
    page.focus(control)
    requests = []
    page.on("request", lambda each: requests.append(each.method) if "/make/" in each.url else None)
    for key in "sxnu":
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert (words(page), requests) == (before, [])


def test_the_view_does_without_keys_of_the_other_views(opened):
    page = opened()
    status = page.locator(".status").text_content()
    page.evaluate("document.activeElement.blur()")
    batch(page, lambda: page.keyboard.press(" "))
    assert page.locator(".status").text_content() == status
    page.click("play-views a >> nth=0")
    page.keyboard.press("s")
    assert fetched(page, "kept")["starred"] == []
