"""The view in which words are made, in a browser: it shows what the server made, as a person wished it."""

import re
from importlib import resources

import pytest

from ..browser import MARKS, RULES, until
from .view import FINISHED, NOTHING, READY, SIZES, batch, said, until_kept, words

pytestmark = MARKS


def test_the_grid_shows_what_the_server_made(opened):
    page = opened()
    page.uncheck("[name=novel]")
    page.fill("[name=count]", "40")
    sent, answer = batch(page, lambda: page.click("text=Another batch"))
    assert sent == {"count": 40, "novel": False, "not_in": []}
    rows = page.evaluate(
        "[...document.querySelectorAll('.made tbody tr')].map((r) => [...r.cells].map((c) => c.innerText))"
    )
    for made, row in zip(answer["words"], rows, strict=True):
        sign = {"new": "●", "copied": "○"}[made["mark"]]
        assert row[0].split() == [sign, *row[0].split()[1:]]
        assert row[0].endswith(made["word"])
        assert float(row[1].replace(",", "")) == pytest.approx(made["bits"], abs=0.0501)
        assert row[2] == f"{made['nearest']['word']} ({made['nearest']['distance']})"
    assert {made["mark"] for made in answer["words"]} == {"new", "copied"}
    shades = page.evaluate(
        "[...document.querySelectorAll('.made tbody td:first-child bdi')]"
        ".map((word) => [...word.children].map((each) => [each.textContent, each.className]))"
    )
    for made, shaded in zip(answer["words"], shades, strict=True):
        expected = [f"shade-{min(int(bits / 2), 4)}" for letter, bits in made["pieces"] if letter]
        assert [name for letters, name in shaded for _ in letters] == expected
    label = page.locator(".made tbody tr").first.get_attribute("aria-label")
    assert label.startswith(f"{answer['words'][0]['word']}, ")


def test_plain_wishes_and_the_folded_ones_reach_the_server(opened):
    page = opened()
    for name, value in {"count": "5", "prefix": "b", "contains": "a, n", "banned": "e", "min_length": "4"}.items():
        page.fill(f"[name={name}]", value)
    page.focus("[name=temperature]")
    page.keyboard.press("ArrowRight")
    page.click("#fold-more summary")
    page.check("[name=pronounceable]")
    page.fill("[name=max_length]", "30")
    page.select_option("[name=not_contains_ignoring]", "case,accents")
    page.fill("[name=seed]", "7")
    page.fill("[name=top_k]", "20")
    sent, answer = batch(page, lambda: page.press("[name=prefix]", "Enter"))
    assert sent == {
        "count": 5, "prefix": "b", "contains": ["a", "n"], "banned": "e", "min_length": 4, "max_length": 30,
        "temperature": 1.1, "pronounceable": True, "not_contains_ignoring": ["case", "accents"], "seed": 7, "top_k": 20,
        "not_in": [],
    }  # fmt: skip
    assert (len(answer["words"]), answer["seed"]) == (5, 7)
    assert all(re.fullmatch("b(?=.*a)(?=.*n)[^e]{3,}", each) for each in words(page))


def test_a_setting_that_the_page_does_not_know_shows_its_own_sentence(opened):
    page = opened()
    new = {"name": "loudness", "type": "boolean", "default": False, "sentence": "how loud a word is"}
    page.route("**/api/make/settings*", lambda route: route.fulfill(json=[new]))
    page.goto(page.url.replace("#make", "#watch"))
    page.goto(page.url.replace("#watch", "#make"))
    until(page, "document.querySelector('#fold-more').textContent.includes('loudness: how loud a word is')")


def test_wishes_that_no_word_fits_are_told_in_a_sentence(opened):
    page = opened()
    page.fill("[name=prefix]", "b")
    page.fill("[name=banned]", "b")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.said').classList.contains('problem')")
    assert len(said(page)) > 20
    page.fill("[name=banned]", "")
    batch(page, lambda: page.keyboard.press("Enter"))
    assert all(each.startswith("b") for each in words(page))


@pytest.mark.parametrize("how", ["edits", "pseudowords", "similar"])
def test_near_ones_of_a_word_are_those_of_the_chosen_way(opened, how):
    page = opened()
    page.click("#fold-near summary")
    page.select_option("[name=how]", how)
    page.focus(".made tbody tr")
    word = words(page)[0]
    sent, answer = batch(page, lambda: page.keyboard.press("n"), "sample" if how == "edits" else "near")
    assert sent["similar" if how == "edits" else "word"] == word
    assert words(page) == [each["word"] for each in answer["words"]]
    assert said(page).startswith(f"≈ {word} – {len(answer['words'])} words of step")


def test_words_are_checked_against_lists_and_blocked_texts(opened):
    page = opened()
    first = words(page)
    blocked = first[0][:3].upper()
    page.click("#fold-check summary")
    page.fill("[name=blocked]", f"{blocked}\nqqqq")
    page.focus("[name=prefix]")
    bad = [each for each in first if blocked.lower() in each]
    until(page, f"document.querySelector('.said').textContent.startsWith('{len(bad)} of 20 words')")
    assert page.locator(".made tr:has(.warning) td:first-child bdi").all_text_contents() == bad
    assert f"Contains {blocked}." in page.locator(".made .warning").first.text_content()
    page.locator(".made tbody tr").nth(1).focus()
    page.keyboard.press("e")
    page.locator(".made input").fill("anna")
    page.keyboard.press("Enter")
    until_kept(page, starred=["anna"])
    page.check("#fold-check label:has-text('names') input")
    until(page, "document.querySelectorAll('.made tr')[2].innerText.includes('In names.')")
    assert "In names." in page.locator("make-kept").inner_text()


def test_a_blend_with_another_run_follows_the_slider(opened):
    page = opened()
    page.click("#fold-blend summary")
    assert "Let a model learn another list first." in page.locator("#fold-blend").text_content()
    first = fetched_runs(page)[0]
    page.select_option("#kind", "bigram")
    until(page, f"!{FINISHED}", 30)
    until(page, FINISHED, 120)
    until(page, READY, 60)
    until(page, f"document.querySelector('[name=other] option[value=\"{first}\"]')")
    page.click("#fold-blend summary") if not page.is_visible("[name=other]") else None
    page.select_option("[name=other]", first)
    page.focus("[name=share]")
    page.keyboard.press("ArrowRight")
    assert page.locator("#fold-blend output").text_content() == "55 %"
    page.fill("[name=prefix]", "b")
    sent, answer = batch(page, lambda: page.keyboard.press("Enter"), "blend")
    assert (sent["other"], sent["share"], sent["prefix"]) == (first, 0.55, "b")
    assert words(page) == [each["word"] for each in answer["words"]]


def fetched_runs(page):
    return page.evaluate("fetch('/api/state').then((a) => a.json()).then((s) => s.runs.map((r) => r.id))")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_nothing_is_cut_in_any_size_and_language(opened, size, language):
    page = opened(size, language, {**NOTHING, "starred": ["banelo", "y" * 200], "rejected": ["x"]})
    until(page, "document.querySelectorAll('.kept li').length === 3")
    width, height = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert width <= SIZES[size][0]
    if size != "phone":
        assert height <= SIZES[size][1]
        assert page.evaluate(
            "document.querySelector('.wishes').scrollHeight <= document.querySelector('.wishes').clientHeight"
        )
    cut = page.evaluate(
        "[...document.querySelectorAll('#view-make :is(button, label, th, .hint, summary)')]"
        ".filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"
    )
    assert cut == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_axe_finds_nothing_that_keeps_people_from_making_words(opened, scheme, language):
    pytest.importorskip("axe_playwright_python")
    page = opened("laptop", language, {**NOTHING, "starred": ["banelo"], "rejected": ["x"]}, color_scheme=scheme)
    for fold in ("near", "blend", "check", "more"):
        page.click(f"#fold-{fold} summary")
    page.fill("[name=blocked]", "a")
    page.focus(".made tbody tr")
    page.keyboard.press("x")
    until(page, "document.querySelector('.made .warning') && document.querySelector('.made .rejected')")
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    for dialog in (False, True):
        if dialog:
            page.keyboard.press("?")
            page.wait_for_selector("#keys[open]")
        found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES)
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
        assert len(found["passes"]) > 10
