"""The address of the page: it says what is shown, opens it again, and says in one sentence what it left out."""

from urllib.parse import parse_qs, urlsplit

import pytest

from .browser import MARKS, started, until

pytestmark = [*MARKS, pytest.mark.timeout(600)]
HOSTILE = "<img src=x onerror=alert(1)>"
FINISHED = "document.querySelector('.status')?.textContent.startsWith('Finished')"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with started(["play", "names"], tmp_path_factory.mktemp("address")) as (_, address):
        yield address


@pytest.fixture
def page(chromium, address):
    page, complaints = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    until(page, "document.querySelector('play-timeline input')")
    yield page
    page.context.close()
    assert complaints == []


def query(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_settings_are_in_the_address_and_open_the_same_view_again(page, address):
    home = address.partition("/?")[0]
    page.goto(f"{home}/?list=names&kind=gru&hidden=12&steps=40&seed=5&word=emma&lang=it#inside")
    until(page, "document.querySelector('play-timeline output')?.textContent.startsWith('passo ')", 120)
    until(page, "document.querySelector('.status').textContent.startsWith('Finit')", 120)
    page.evaluate("location.hash = 'watch'")
    page.focus("#look")
    page.keyboard.press("Home")
    until(page, "location.search.includes('look=0')")
    assert query(page) == {
        "list": "names", "kind": "gru", "hidden": "12", "steps": "40", "seed": "5",
        "word": "emma", "look": "0", "lang": "it",
    }  # fmt: skip
    assert "token" not in page.url
    runs = page.evaluate("fetch('/api/state').then((found) => found.json()).then(({ runs }) => runs.length)")
    page.reload()
    until(page, "document.querySelector('play-timeline output')?.textContent.startsWith('passo 0 ')", 60)
    assert page.input_value("#heat-word") == "emma"
    after = page.evaluate("fetch('/api/state').then((found) => found.json()).then(({ runs }) => runs.length)")
    assert after == runs  # the run is shown, not begun again


def test_what_makes_no_sense_is_said_in_one_sentence_and_left_out(page, address):
    home = address.partition("/?")[0]
    page.goto(f"{home}/?kind=gru&hidden=12&steps=40&seed=5&lang=xx&look=-1&color={HOSTILE}&token=secret")
    sentence = "document.querySelector('.status')?.textContent"
    until(page, f"({sentence} ?? '').startsWith('The address asks for something')", 60)
    told = page.evaluate(sentence)
    for part in ("lang = xx", "look = -1", f"color = {HOSTILE}"):
        assert part in told
    assert "secret" not in told
    assert page.locator("img").count() == 0
    until(page, "!location.search.includes('color')")
    assert {"kind", "hidden"} <= query(page).keys()
    assert not {"color", "look", "token"} & query(page).keys()
    assert query(page)["lang"] == "en"


def test_the_link_is_copied(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("text=Copy link")
    until(page, "document.querySelector('.status').textContent.startsWith('The link is copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    assert "token" not in copied
