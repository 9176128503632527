"""The view in which words are made, in a browser: it shows what the server made, and does each action by keyboard."""

import re
import time
from importlib import resources
from io import BytesIO
from pathlib import Path

import pytest

from ...training.runs import pronounceable
from ..browser import MARKS, RULES, served, until

pytestmark = MARKS
SIZES = {"phone": (390, 844), "laptop": (1280, 800), "projector": (1920, 1080)}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\u202ebc",
    "\U0001f642\U0001f469‍\U0001f680",
    "x" * 5000,
    "=1+1",
]
FINISHED = "/^(Finished|Terminé|Finito)/.test(document.querySelector('.status')?.textContent)"
# The words of the finished model are there.
READY = (
    "document.querySelector('make-batch')?.asked === 'at the end' && document.querySelector('.made tbody tr') !== null"
)
REFUSED = "Failed to load resource: "  # the browser logs an answer 409 or 422
NOTHING = {"starred": [], "rejected": [], "edited": []}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    words = [*HOSTILE[:2], *pronounceable(300), *HOSTILE[:2]]
    with served(tmp_path_factory.mktemp("make"), words) as address:
        yield address


@pytest.fixture(scope="module")
def cookies(chromium, address):
    """The cookies of a page whose run has finished."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(address)
    until(page, FINISHED, 400)
    yield context.storage_state()
    context.close()


@pytest.fixture
def opened(chromium, address, cookies):
    """Return a function that opens the view of a finished run; afterwards it had no error and no request elsewhere."""
    pages, home = [], address.partition("/?")[0]

    def opened(size="laptop", language="en", kept=NOTHING, **mode):
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, storage_state=cookies, **mode)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.on(
            "request", lambda each: None if each.url.startswith((home, "data:")) else page.complaints.append(each.url)
        )
        pages.append(page)
        page.goto(f"{home}/?lang={language}#make")
        until(page, READY, 60)
        put(page, kept)
        page.evaluate("dispatchEvent(new Event('focus'))")
        shown = [*kept["starred"], *kept["rejected"]]
        until(page, f"document.querySelectorAll('.kept li').length === {len(shown)}")
        settled(page)
        return page

    yield opened
    for page in pages:
        complaints = [each for each in page.complaints if not each.startswith(REFUSED)]
        page.context.close()
        assert complaints == []


def fetched(page, route, body=None, method="GET"):
    """Return the server's answer for the run that the page shows."""
    return page.evaluate(
        """async ([route, method, body]) => {
          const { runs } = await (await fetch("/api/state")).json();
          const headers = { "Content-Type": "application/json" };
          const path = `/api/runs/${encodeURIComponent(runs[0].id)}/make/${route}`;
          return (await fetch(path, { method, headers, body: body && JSON.stringify(body) })).json();
        }""",
        [route, method, body],
    )


def put(page, kept):
    """Keep these words, whatever was kept before."""
    saved = fetched(page, "kept", {**kept, "version": fetched(page, "kept")["version"]}, "PUT")
    assert {**saved, "version": 0} == {**kept, "version": 0}


def settled(page):
    """Wait until the view shows what was asked for, and all is saved."""
    until(
        page,
        "!document.querySelector('make-batch').isWaiting && !document.querySelector('make-kept').isWaiting"
        " && !/writing/.test(document.querySelector('.said').textContent)",
    )


def words(page):
    return page.locator(".made tbody td:first-child bdi").all_text_contents()


def kept(page):
    return page.locator("make-kept > section > .body > .scroll > ul bdi").all_text_contents()


def said(page):
    return page.locator(".said").text_content()


def until_kept(page, **expected):
    """Wait until the server keeps these words."""
    deadline = time.monotonic() + 20
    while not expected.items() <= fetched(page, "kept").items():
        assert time.monotonic() < deadline, (fetched(page, "kept"), expected)
        time.sleep(0.05)


def until_kept_has(page, word):
    """Wait until the server keeps this word."""
    deadline = time.monotonic() + 20
    while word not in fetched(page, "kept")["starred"]:
        assert time.monotonic() < deadline, word
        time.sleep(0.05)


def batch(page, act, route="sample"):
    """Act, and return what the page sent and what the server made."""
    with page.expect_response(lambda each: each.url.endswith(f"/make/{route}")) as waited:
        act()
    settled(page)
    return waited.value.request.post_data_json, waited.value.json()


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
    short = [each for each in HOSTILE if len(each) < 1000]
    page = opened(kept={"starred": short, "rejected": ["<b>x</b>"], "edited": []})
    until(page, f"document.querySelectorAll('.kept li').length === {len(short) + 1}")
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
    for word in short:
        page.locator(".made tbody tr").nth(HOSTILE.index(word)).focus()
        page.keyboard.press("e")
        page.locator(".made input").fill(f"{word}s")
        page.keyboard.press("Enter")
        until_kept_has(page, f"{word}s")
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
    page.fill("[name=blocked]", "<img src=x>\n<script>")
    page.focus("[name=prefix]")
    until(page, "document.querySelector('.kept .warning')?.textContent.includes('Contains <script>')")
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


def test_a_blend_with_another_run_follows_the_slider(opened, address):
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
    page.click("text=Copy")
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
