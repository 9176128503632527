"""The exported page in Chromium, from a file: words, scores, languages, keyboard, speed, and no request at all."""

from importlib import resources

import numpy as np
import pytest

import morelike
from morelike.exports.page.texts import texts

from ..language_model.small_models import WORDS, lively_model, small_model
from ..play.browser import MARKS, RULES, launched, until
from .test_html import HOSTILE

pytestmark = MARKS
READY = "document.body.dataset.ready === 'true'"
MADE = "[...document.querySelectorAll('#words bdi')].map((each) => each.textContent)"
SPEED = """() => {
  const wanted = { count: 2000, temperature: 1, topP: 1, prefix: "", suffix: "", minimum: 1, maximum: 30 };
  let found = 0;
  for (const word of model.words(wanted)) found += word !== undefined;
  return found;
}"""


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Return a function that exports a model and returns the path of its page."""
    return lambda model, **settings: morelike.export(
        model, "html", tmp_path_factory.mktemp("page") / "page.html", **settings
    )


@pytest.fixture
def opened(chromium):
    """Return a function that opens a page; afterwards it had no error, and no request but the file itself."""
    pages = []

    def opened(path, width=1280, language="en", **mode):
        context = chromium.new_context(viewport={"width": width, "height": 800}, locale=language, **mode)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda each: None if each.url == path.as_uri() else page.complaints.append(each.url))
        pages.append(page)
        page.goto(path.as_uri())
        until(page, READY)
        return page

    yield opened
    for page in pages:
        complaints = page.complaints
        page.context.close()
        assert complaints == []


@pytest.fixture(scope="module")
def model():
    """A small model with words of usual lengths."""
    return lively_model("gru")


@pytest.fixture(scope="module")
def path(exported, model):
    """The page of the model, with its list."""
    return exported(model, with_list=True, weights="float32")


def test_it_opens_from_a_file_and_makes_new_words(opened, path, model):
    page = opened(path)
    words = page.evaluate(MADE)
    assert len(words) == len(set(words)) == 20
    assert set(model.known.splits_of(words)) == {"new"}
    page.fill("#prefix", "ha")
    page.fill("#suffix", "n")
    page.fill("#count", "5")
    page.fill("#longest", "9")
    page.keyboard.press("Enter")
    until(page, f"{MADE}.length === 5")
    for word in page.evaluate(MADE):
        assert word.startswith("ha")
        assert word.endswith("n")
        assert len(word) <= 9


def test_a_word_has_the_surprisals_of_python(opened, path, model):
    page = opened(path)
    page.fill("#word", "hanna")
    bits = [float(cell) for cell in page.locator("#score td.number").all_text_contents()]
    np.testing.assert_allclose(bits, model.surprisal("hanna") / np.log(2), atol=0.006)
    assert page.locator("#score th[scope=row]").all_text_contents() == [*"hanna", "end"]
    assert "It is a word of the list." in page.locator("#score p").text_content()
    exact = page.evaluate("model.surprisals('hannah')")
    np.testing.assert_allclose(exact, model.surprisal("hannah"), rtol=1e-4)


def test_what_comes_next_is_shown_with_its_probability(opened, path, model):
    page = opened(path)
    page.fill("#beginning", "han")
    after = model.next("han")
    letters = page.locator("#next th[scope=row]").all_text_contents()
    assert letters == [letter or "end" for letter in after]
    shares = [float(cell.rstrip("%")) / 100 for cell in page.locator("#next td.number").all_text_contents()]
    np.testing.assert_allclose(shares, list(after.values()), rtol=0.01, atol=1e-4)


def test_a_character_that_the_model_does_not_know_is_named(opened, path):
    page = opened(path)
    for field, place in (("#word", "#score"), ("#beginning", "#next")):
        page.fill(field, "zé")
        assert "does not know the character z." in page.locator(place).text_content()
    page.fill("#prefix", "ü")
    page.click("#start")
    until(page, "document.getElementById('status').textContent.includes('ü')")


def test_it_is_used_by_keyboard_alone(opened, path):
    page = opened(path)
    page.focus("#count")
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    until(page, f"{MADE}.length === 3")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#words') !== null"):
            break
    page.keyboard.press("Enter")
    assert page.input_value("#word") == page.evaluate(f"{MADE}[0]")
    assert page.locator("#score tbody tr").count() > 1


def test_a_long_search_can_be_stopped(opened, exported, model):
    page = opened(exported(model))
    page.fill("#shortest", "29")
    page.fill("#count", "1000")
    page.click("#start")
    until(page, "!document.getElementById('stop').disabled")
    page.click("#stop")
    assert page.locator("#status").text_content() == "Stopped."
    assert page.locator("#only-new").is_disabled()
    assert "does not hold the list" in page.locator("#new-note").text_content()


@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_it_speaks_the_language_of_the_reader_and_fits_a_phone(opened, path, language):
    page = opened(path, width=390, language=language)
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    targets = "[...document.querySelectorAll('button, input, select')]"
    assert page.evaluate(f"Math.min(...{targets}.map((each) => each.getBoundingClientRect().height))") >= 24
    assert "undefined" not in page.locator("body").inner_text()
    page.select_option("#language", "it")
    assert page.locator("#start").text_content() == "Inventa parole"
    assert page.locator("#status").text_content() == ""  # no sentence of the other language stays


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing_that_keeps_people_from_using_it(opened, path, scheme, language):
    pytest.importorskip("axe_playwright_python")
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    page = opened(path, language=language, color_scheme=scheme)
    page.fill("#word", "anna")
    page.evaluate(axe)
    found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES)
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []


@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_a_damaged_page_says_so(chromium, exported, model, language):
    path = exported(model)
    page_text = path.read_text("utf-8")
    at = page_text.index('id="model">') + 200
    path.write_text(page_text[:at] + "~~~~~" + page_text[at + 5 :], "utf-8")
    page = chromium.new_context(locale=language).new_page()
    page.goto(path.as_uri())
    until(page, "document.body.dataset.ready === 'failed'")
    assert texts()[language]["failure"] in page.locator("#failure").inner_text()
    assert not page.locator("main").is_visible()
    page.context.close()


def test_hostile_words_are_text(opened, exported):
    page = opened(exported(small_model("bigram", words=[*WORDS, *HOSTILE])))
    elements = page.evaluate("document.querySelectorAll('script, img, iframe, a').length")
    page.fill("#word", "<img src=x>")
    page.fill("#beginning", "</")
    page.fill("#prefix", "<")
    page.click("#start")
    until(page, f"{MADE}.length > 0 && {MADE}.every((word) => word.startsWith('<'))")
    assert page.evaluate("document.querySelectorAll('script, img, iframe, a').length") == elements
    assert "\u202e" not in page.locator("body").inner_text()


def test_the_default_gru_is_small_and_makes_2000_words_a_second(opened, exported):
    """The time is that of the page's thread: other work on the machine does not count."""
    names = morelike.train(morelike.read_lines("names")[:6000], "gru", steps=150, progress=False)
    assert names.architecture.hidden == 160
    path = exported(names)
    assert path.stat().st_size <= 150_000
    page = opened(path)
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")

    def seconds():
        metrics = client.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "ThreadTime")

    before = seconds()
    assert page.evaluate(SPEED) == 2000
    spent = seconds() - before
    print(f"{2000 / spent:,.0f} words a second, {path.stat().st_size:,} bytes")
    assert spent <= 1
