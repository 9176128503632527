"""Reports in a browser: drawn without an error, fetching nothing, fitting a wide screen, a phone and a dark page."""

import json
import shutil
from base64 import b64encode
from dataclasses import dataclass, field

import pytest

import morelike
from morelike.pictures.style import COLOURS, DARK_COLOURS
from morelike.reports.report_files import write_comparison, write_report

from .conftest import make

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: `make test-browser` installs it"),
]
# The sandbox wants rights that a container does not give; the rest keeps Chromium itself from calling home.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
MODES = {
    "wide": {"viewport": {"width": 1200, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1200, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True},
}
CURVE = COLOURS[0]

COUNT = """async ([picture, colour]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4)
    if (colour.every((channel, c) => Math.abs(data[i + c] - channel) < 12)) found += 1;
  return found;
}"""

OVERLAPS = """() => [...document.querySelectorAll(".plot")].flatMap((plot) =>
  [".xtick text", ".ytick text", ".legendtext"].flatMap((labels) => {
    const boxes = [...plot.querySelectorAll(labels)].map((text) => [text.textContent, text.getBoundingClientRect()]);
    return boxes.flatMap(([name, a], i) => boxes.slice(i + 1)
      .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
      .map(([other]) => `${plot.dataset.figure}: ${name} and ${other}`));
  }))"""


@dataclass
class Opened:
    """A page in the browser, and what it did that no report should."""

    page: object
    requests: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    dialogs: list = field(default_factory=list)

    def shot(self, picture, path):
        """Take a screenshot of one picture of the page."""
        return self.page.locator(f"#picture-{picture}").screenshot(path=path)


@pytest.fixture(scope="module")
def browser():
    """A browser; without playwright these tests are skipped."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: run `make test-browser`")
    with driver.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def opened(browser):
    """Return a function that opens a file as a reader of this mode would, and waits until it is drawn."""
    contexts = []

    def open_page(path, mode="wide"):
        contexts.append(browser.new_context(**MODES[mode]))
        found = Opened(contexts[-1].new_page())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on("console", lambda said: found.errors.append(said.text) if said.type != "log" else None)
        found.page.on("dialog", lambda dialog: (found.dialogs.append(dialog.message), dialog.dismiss()))
        found.page.goto(path.resolve().as_uri())
        found.page.wait_for_function("document.readyState === 'complete'")
        return found

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def pixels(browser):
    """Return a function that counts the pixels of a colour in a screenshot."""
    page = browser.new_page()

    def count(picture, colour):
        channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        return page.evaluate(COUNT, [b64encode(picture).decode(), channels])

    yield count
    page.close()


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    """The default model on the shipped names, after a few steps, with its report."""
    words = morelike.read_lines("names")
    return make(
        tmp_path_factory.mktemp("default"), words, "gru", steps=60, evaluate_every=20, name="names", report=True
    )


@pytest.fixture(scope="module")
def reports(default, trained, counted, mixture, prose, few, tmp_path_factory):
    """A report of each sort of run, and one of several runs."""
    folder = tmp_path_factory.mktemp("reports")
    runs = {"trained": trained, "counted": counted, "mixture": mixture, "prose": prose, "few": few}
    written = {name: write_report(run, folder / f"{name}.html") for name, run in runs.items()}
    written["comparison"] = write_comparison([trained, counted, mixture], folder / "comparison.html")
    return {"default": default.report, **written}


SORTS = ("default", "trained", "counted", "mixture", "prose", "few", "comparison")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sort", SORTS)
def test_every_report_opens_as_it_should(sort, mode, reports, opened, tmp_path):
    found = opened(reports[sort], mode)
    assert found.requests == [reports[sort].resolve().as_uri()]
    assert (found.errors, found.dialogs) == ([], [])
    plots = found.page.locator(".plot")
    assert plots.count() >= 1
    assert found.page.locator(".plot .main-svg").count() >= plots.count()
    width, room = found.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room
    assert found.page.evaluate(OVERLAPS) == []
    found.page.screenshot(path=tmp_path / "page.png", full_page=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sort", ["default", "trained"])
def test_curves_and_embedding_are_drawn(sort, mode, reports, opened, pixels, tmp_path):
    found = opened(reports[sort], mode)
    colour = DARK_COLOURS[CURVE] if mode == "dark" else CURVE
    for picture, least in (("loss", 400), ("dev", 150), ("embedding", 150)):
        assert pixels(found.shot(picture, tmp_path / f"{picture}.png"), colour) > least, picture
    characters = found.page.locator("#picture-embedding .textpoint, #picture-embedding .annotation-text").count()
    model = morelike.load(reports["default"].parent) if sort == "default" else None
    assert characters >= (model.vocabulary.size if model else 20)


def test_words_of_the_list_stay_words(reports, opened):
    found = opened(reports["trained"])
    assert found.page.locator("bdi b, svg b, bdi script").count() == 0
    words = found.page.locator("bdi").all_text_contents()
    assert any("<script>" in word or "</script>" in word for word in words)


def test_a_reader_can_choose_between_two_figures_of_a_picture(reports, opened):
    found = opened(reports["trained"])
    axis = found.page.locator("#picture-loss .ytitle")
    before = axis.text_content()
    found.page.locator("#picture-loss .choice button", has_text="log10").click()
    assert axis.text_content() != before
    assert found.page.locator("#picture-loss .choice button[aria-pressed=true]").text_content() == "log10"
    assert found.errors == []


def test_a_page_that_changes_its_mode_or_width_is_drawn_again(reports, opened, pixels, tmp_path):
    found = opened(reports["trained"])
    found.page.emulate_media(color_scheme="dark")
    found.page.wait_for_timeout(300)
    assert pixels(found.shot("loss", tmp_path / "a.png"), DARK_COLOURS[CURVE]) > 400
    found.page.set_viewport_size({"width": 500, "height": 800})
    found.page.wait_for_timeout(800)
    assert found.page.evaluate("document.documentElement.scrollWidth") <= 500
    assert found.errors == []


FAULTS = {
    "a script from elsewhere": ('<meta charset="utf-8">', '<script src="https://example.org/a.js"></script>'),
    "an image from elsewhere": ("<h1>", '<img src="https://example.org/a.png"><h1>'),
    "a figure that is no JSON": ('id="loss-0">', 'id="loss-0">{'),
    "a script that was changed": ('"use strict";', '"use strict"; alert(1);'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_these_tests_see_a_fault_that_is_planted(fault, reports, opened, tmp_path):
    good, bad = FAULTS[fault]
    text = reports["trained"].read_text("utf-8")
    assert good in text
    path = tmp_path / "faulty.html"
    path.write_text(text.replace(good, bad, 1), "utf-8")
    found = opened(path)
    assert found.errors or len(found.requests) > 1


def test_labels_that_lie_on_one_another_are_seen(reports, opened):
    found = opened(reports["trained"])
    found.page.add_style_tag(content=".xtick text { font-size: 60px !important; }")
    assert found.page.evaluate(OVERLAPS)


def test_a_page_without_its_policy_would_run_a_word_that_was_not_escaped(reports, opened, tmp_path):
    """The negative control of the words: unescaped, and without the policy, one is markup and does what it says."""
    text = reports["trained"].read_text("utf-8").replace("Content-Security-Policy", "nothing")
    path = tmp_path / "naive.html"
    path.write_text(text.replace("</h1>", "</h1><script>alert(1)</script>", 1), "utf-8")
    assert opened(path).dialogs == ["1"]


def test_figures_in_the_page_are_json(reports, parse):
    for block in parse(reports["default"].read_text("utf-8")).blocks.values():
        json.loads(block)
