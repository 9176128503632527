"""Words that would be markup, scripts, or a mess if they were more than text; and lists with thousands of symbols."""

import pytest

from ...training.runs import pronounceable
from ..browser import MARKS, served, until
from ..test_page_in_browser import STARTED

pytestmark = MARKS
BIDI = "‎‏؜‪‫‬‭‮⁦⁧⁨⁩"
WORDS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "</style><svg onload=alert(1)>",
    "{{7*7}}${7*7}%s{word}",
    f"ab{BIDI}cd",
    "\x1b[31mred\x07",
    "\U0001f469‍\U0001f680\U0001f3f3️‍\U0001f308",
    "é̂̃̄" * 20,
    "x" * 5000,
]
RAW = f"""(() => {{
  const found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {{
    const node = walker.currentNode;
    const shown = node.nodeType === 3 ? [node.data] : [...node.attributes].map((each) => each.value);
    found.push(...shown.filter((each) => /[{BIDI}\\u001b\\u0007]/.test(each))
      .map((each) => [node.nodeName, node.parentNode.outerHTML.slice(0, 90)]));
  }}
  return found;
}})()"""
MARKUP = (
    "document.querySelectorAll('script:not([src]), main img:not(.graph), iframe, object, [onload], [onerror]').length"
)
VIEWS = "[...document.querySelectorAll('play-views a')].map((link) => link.hash)"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(tmp_path_factory.mktemp("hostile"), pronounceable(200)) as address:
        yield address


@pytest.fixture
def page(chromium, address):
    """The page; afterwards it had no error, no dialog and no request elsewhere."""
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    home, complaints = address.partition("/?")[0], []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda each: None if each.url.startswith((home, "data:")) else complaints.append(each.url))
    page.goto(address)
    until(page, STARTED, 120)
    yield page
    page.context.close()
    assert complaints == []


WRITE = """(word) => {
  const { input } = document.querySelector("play-heat");
  input.value = word;
  input.dispatchEvent(new Event("input"));
}"""


def paste(page, words):
    page.click("text=Your own …")
    page.evaluate("(text) => { document.querySelector('#pasted').value = text; }", "\n".join(words))
    page.click("text=Learn this list")
    until(page, f"document.querySelector('.facts').textContent.startsWith('{len(words):,} lines')", 60)
    until(page, STARTED, 300)


def test_hostile_words_are_text_in_all_views_and_no_control_character_is_shown_raw(page):
    paste(page, [*WORDS, *pronounceable(150)])
    for view in page.evaluate(VIEWS):
        page.goto(f"{page.url.partition('#')[0]}{view}")
        for word in WORDS:
            page.evaluate(WRITE, word)
            page.wait_for_timeout(400)
            assert page.evaluate(MARKUP) == 0, (view, word)
            assert page.evaluate(RAW) == [], (view, word)
    page.evaluate("location.hash = '#watch'")
    before = page.evaluate("document.querySelector('polyline.train').points.length")
    assert before > 3


def test_a_list_of_20_000_symbols_is_learned_and_the_page_answers(page):
    symbols = [chr(0x4E00 + i) for i in range(20_000)]
    paste(page, ["".join(symbols[i : i + 4]) for i in range(0, 20_000, 4)])
    assert "20,000" in page.locator(".facts").text_content()
    page.fill("#heat-word", "".join(symbols[:5]))
    until(page, "document.querySelector('.total').textContent.includes('bits')", 120)
    page.evaluate("location.hash = '#inside'")
    until(page, "document.querySelector('inside-next .bar-row')", 120)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 1280
