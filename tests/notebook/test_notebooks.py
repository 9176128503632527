"""Real notebooks are executed, and made into pages: outputs are small, and pictures stay without a network."""

import re
import shutil
from html.parser import HTMLParser

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

CHROMIUM = shutil.which("chromium")
OTHER_ADDRESS = re.compile(r"""(?:src|href)\s*=\s*["']?\s*(https?:|//)|url\(\s*["']?https?:|@import""")
QUICK = [
    "import morelike\nwords = morelike.read_lines('names')\nsplit = morelike.split(words)\nsplit",
    "model = morelike.train(words[:400], 'ngram', order=3)",
    "model",
    "model.plot.surprisal('anna')",
]
LONG = [
    "import morelike\nwords = morelike.read_lines('names')[:400]",
    "result = []\nmodel = morelike.train(words, 'mlp', hidden=8, embedding=2, steps=200, on_event=result.append)",
    "result[-1].result",
    "model",
    "model.evaluate(morelike.split(words).test)",
    "morelike.diagnose(model, words)",
    "morelike.leader_board(words, ['ngram', 'bigram'], budget='50steps')",
    "from IPython.display import display\nfor kind in dir(model.plot):\n    display(getattr(model.plot, kind)())",
    "quiet = morelike.train(words, 'ngram', progress=False)",
]


def executed(cells):
    """Return a notebook of these cells after a real kernel has run it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return NotebookClient(notebook, timeout=200, kernel_name="python3").execute()


def page_of(notebook):
    """Return the page that `jupyter nbconvert --to html` makes, without the addresses of its own template."""
    addresses = {name: "" for name in HTMLExporter.class_trait_names() if name.endswith("_url")}
    return HTMLExporter(**addresses).from_notebook_node(notebook)[0]


def size(output):
    """Return the characters of an output."""
    return sum(len(str(value)) for value in output.get("data", {}).values()) + len(output.get("text", ""))


class Frames(HTMLParser):
    """The pages of the pictures."""

    def __init__(self, html):
        super().__init__()
        self.pages = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "iframe":
            self.pages.append(dict(attributes)["srcdoc"])


@pytest.fixture(scope="module")
def quick():
    return executed(QUICK)


@pytest.fixture(scope="module")
def long():
    return executed(LONG)


def test_a_notebook_shows_small_tables_one_line_and_a_picture_without_a_network(quick):
    outputs = [cell.outputs for cell in quick.cells]
    assert [len(each) for each in outputs] == [1, 1, 1, 1]
    assert all(size(each[0]) < 5000 for each in outputs[:3])
    assert outputs[0][0].data["text/plain"] == "Split(name='shuffle-42', train=25742, dev=3218, test=3218)"
    assert outputs[1][0].data["text/plain"].startswith("ngram · ")
    assert 20_000 < size(outputs[3][0]) < 100_000
    page = page_of(quick)
    assert not OTHER_ADDRESS.search(page)
    (picture,) = Frames(page).pages
    assert not OTHER_ADDRESS.search(picture)
    assert "default-src &#39;none&#39;" in picture


@pytest.mark.slow
def test_every_object_and_picture_of_a_long_notebook_is_small_and_stays_in_its_page(long):
    outputs = [cell.outputs for cell in long.cells]
    assert [len(each) for each in outputs[:7]] == [0, 1, 1, 1, 1, 1, 1]
    line = outputs[1][0].data["text/plain"]
    assert line.startswith("mlp · 200 steps in ")
    assert all(part in line for part in (" · dev ", " · test ", " · e.g. "))
    assert all(size(each[0]) < 12_000 for each in outputs[1:7])
    assert len(outputs[7]) == 17
    assert all(size(output) < 150_000 for output in outputs[7])
    assert outputs[8] == []
    page = page_of(long)
    assert not OTHER_ADDRESS.search(page)
    assert len(Frames(page).pages) == 17


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: `make test-browser` installs it")
def test_a_page_of_a_notebook_draws_its_pictures_and_asks_no_other_address(long, tmp_path):
    from playwright.sync_api import sync_playwright

    (tmp_path / "a.html").write_text(page_of(long), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"file://{tmp_path / 'a.html'}")
        page.wait_for_timeout(1000)
        drawn = [frame.locator("svg").count() for frame in page.frames[1:]]
        browser.close()
    assert errors == []
    assert [url for url in asked if not url.startswith(("file:", "about:", "data:", "blob:"))] == []
    assert len(drawn) == 17
    assert all(drawn)
