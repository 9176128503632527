"""Reports in a browser: drawn without an error, fetching nothing, fitting a wide screen, a phone and a dark page."""

import json
from base64 import b64encode
from dataclasses import dataclass, field

import pytest

import morelike
from morelike.pictures.style import COLOURS, DARK_COLOURS
from morelike.reports.report_files import write_comparison, write_report

from ..play.browser import MARKS, launched
from .conftest import make

pytestmark = MARKS
MODES = {
    "wide": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "widest": {"viewport": {"width": 1920, "height": 1080}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True},
    "dark phone": {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "color_scheme": "dark"},
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
  [".xtick, .xtitle", ".ytick, .ytitle", ".legendtext", ".textpoint", ".label-on-mark"].flatMap((labels) => {
    const boxes = [...plot.querySelectorAll(labels)].map((text) => [text.textContent, text.getBoundingClientRect()]);
    return boxes.flatMap(([name, a], i) => boxes.slice(i + 1)
      .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
      .map(([other]) => `${plot.dataset.figure}: ${name} and ${other}`));
  }))"""

CUT = """() => [...document.querySelectorAll(".plot")].flatMap((plot) => {
  const room = plot.getBoundingClientRect();
  return [...plot.querySelectorAll("text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < room.left - 1 || box.right > room.left + Math.max(plot.scrollWidth, room.width) + 1
      || box.top < room.top - 1 || box.bottom > room.bottom + 1;
  }).map((text) => `${plot.dataset.figure}: ${text.textContent}`);
})"""

CONTRASTS = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([red, green, blue]) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [red, green, blue].map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const mark = (text) => {
    const box = text.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const under = [...text.ownerSVGElement.querySelectorAll("rect.mark")].filter((rect) => {
      const area = rect.getBoundingClientRect();
      return area.left <= x && area.right >= x && area.top <= y && area.bottom >= y;
    }).at(-1);
    return under ? channels(getComputedStyle(under).fill) : behind(text);
  };
  const words = [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility()
    && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
  return words.map((node) => {
    const drawn = node.namespaceURI.endsWith("svg");
    const style = getComputedStyle(node);
    const [a, b] = [light(channels(drawn ? style.fill : style.color)), light(drawn ? mark(node) : behind(node))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.textContent.trim().slice(0, 40)];
  });
}"""


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
    with launched() as browser:
        yield browser


@pytest.fixture
def opened(browser):
    """Return a function that opens a file as a reader of this mode would, and waits until it is drawn."""
    contexts = []

    def open_page(path, mode="wide", *, unfolded=True):
        contexts.append(browser.new_context(**MODES[mode]))
        found = Opened(contexts[-1].new_page())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on("console", lambda said: found.errors.append(said.text) if said.type != "log" else None)
        found.page.on("dialog", lambda dialog: (found.dialogs.append(dialog.message), dialog.dismiss()))
        found.page.goto(path.resolve().as_uri())
        found.page.wait_for_function("document.readyState === 'complete'")
        if unfolded and found.page.locator("#unfold").count():
            found.page.evaluate("document.querySelectorAll('section > details').forEach((fold) => (fold.open = true))")
            found.page.wait_for_timeout(150)
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
    assert found.page.evaluate(CUT) == []
    contrasts = found.page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [each for each in contrasts if each[0] < 4.5] == []
    assert reports[sort].stat().st_size < 1_500_000
    found.page.screenshot(path=tmp_path / "page.png", full_page=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sort", ["default", "trained"])
def test_curves_and_embedding_are_drawn(sort, mode, reports, opened, pixels, tmp_path):
    found = opened(reports[sort], mode)
    colour = DARK_COLOURS[CURVE] if "dark" in mode else CURVE
    for picture, least in (("loss", 400), ("dev", 150), ("embedding", 150)):
        assert pixels(found.shot(picture, tmp_path / f"{picture}.png"), colour) > least, picture
    characters = found.page.locator("#picture-embedding .textpoint").count()
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
    found.page.add_style_tag(content=".xtick { font-size: 60px !important; }")
    assert found.page.evaluate(OVERLAPS)


def test_text_that_is_hard_to_read_is_seen(reports, opened):
    found = opened(reports["trained"])
    found.page.add_style_tag(content=".label-soft { fill: #999 !important; } figcaption { color: #999 !important; }")
    assert sum(each[0] < 4.5 for each in found.page.evaluate(CONTRASTS)) > 20


def test_text_that_is_cut_off_is_seen(reports, opened):
    found = opened(reports["trained"])
    found.page.evaluate("document.querySelector('.ytick').setAttribute('x', -80)")
    assert len(found.page.evaluate(CUT)) == 1


def test_sections_fold_and_the_menu_opens_them_and_stays_in_view(reports, opened):
    found = opened(reports["default"], unfolded=False)
    page = found.page
    settings = page.locator("#settings .content")
    assert not settings.is_visible()
    page.locator("nav a", has_text="Settings").click()
    page.locator("nav a[aria-current]", has_text="Settings").wait_for()
    assert settings.is_visible()
    assert page.evaluate("document.querySelector('nav').getBoundingClientRect().top") == 0
    page.locator("#settings summary").click()
    assert not settings.is_visible()
    page.locator("#unfold").click()
    assert page.locator("section > details:not([open])").count() == 0
    page.locator("#unfold").click()
    assert page.locator("section > details[open]").count() == 0
    assert found.errors == []


def test_a_folded_page_is_short(reports, opened):
    assert opened(reports["default"], unfolded=False).page.evaluate("document.documentElement.scrollHeight") < 5000


def test_a_part_that_is_wider_than_a_phone_says_so_and_keeps_its_row_labels(reports, opened):
    page = opened(reports["default"], "phone").page
    frame = page.locator("#picture-pairs .frame")
    assert "more-right" in frame.get_attribute("class")
    assert page.locator("#results .frame.more-right").count() == 1
    assert page.locator("#picture-pairs .label-on-mark").count() > 300
    frame.locator(".scroll").evaluate("(part) => part.scrollTo({ left: 1e6 })")
    page.wait_for_timeout(200)
    assert "more-right" not in frame.get_attribute("class")
    left = "(part) => part.getBoundingClientRect().left"
    assert frame.locator(".row-labels").evaluate(left) == pytest.approx(frame.evaluate(left), abs=1)


def test_pointing_at_a_picture_shows_its_values(reports, opened):
    page = opened(reports["trained"]).page
    for picture, target, says in (
        ("loss", ".main-svg", "step"),
        ("pairs", "rect.mark >> nth=40", " then "),
        ("novelty", "rect.mark", "%"),
    ):
        figure = page.locator(f"#picture-{picture}")
        figure.locator(target).hover()
        assert says in figure.locator(".tip:not([hidden])").text_content(), picture


@pytest.mark.parametrize("mode", ["wide", "dark"])
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_reader_can_save_a_picture(ending, mode, reports, opened, tmp_path):
    found = opened(reports["trained"], mode)
    with found.page.expect_download() as download:
        found.page.locator(f"#picture-loss [data-save={ending}]").click()
    path = tmp_path / f"loss.{ending}"
    download.value.save_as(path)
    assert download.value.suggested_filename == f"loss.{ending}"
    if ending == "png":
        assert path.read_bytes().startswith(b"\x89PNG")
    else:
        from xml.etree import ElementTree

        drawn = ElementTree.fromstring(path.read_text("utf-8"))
        assert any("nats per character" in (each.text or "") for each in drawn.iter())
        assert "var(" not in path.read_text("utf-8")
    assert found.errors == []


@pytest.mark.parametrize("kind", ["loss", "counts", "weights", "embedding"])
@pytest.mark.parametrize("mode", MODES)
def test_a_single_picture_fills_its_window(kind, mode, trained, opened, tmp_path):
    from morelike.pictures.figure import save
    from morelike.reports.picture_registry import draw

    save(draw(kind, [str(trained.path)], trained.path.parent), tmp_path / "a.html")
    found = opened(tmp_path / "a.html", mode)
    assert (found.errors, len(found.requests)) == ([], 1)
    page = "[document.documentElement.scrollWidth, innerWidth, document.documentElement.scrollHeight, innerHeight]"
    width, room, height, window = found.page.evaluate(page)
    assert width <= room
    drawn = found.page.locator(".plot").bounding_box()
    assert drawn["y"] + drawn["height"] > (0.8 * window if kind != "embedding" or "phone" not in mode else 0.5 * window)
    if kind != "weights" and "phone" not in mode:
        assert height <= window
    assert found.page.evaluate(OVERLAPS) == []
    assert [each for each in found.page.evaluate(CONTRASTS) if each[0] < 4.5] == []


def test_a_figure_of_a_notebook_is_drawn_in_a_page_that_nbconvert_makes(opened, tmp_path):
    import numpy as np

    from morelike.pictures.losses import loss_figure

    figure = loss_figure(np.arange(50.0), 2 + 1 / np.arange(1.0, 51.0))
    (tmp_path / "a.html").write_text(f"<!doctype html><meta charset=utf-8><div>{figure._repr_html_()}</div>", "utf-8")
    found = opened(tmp_path / "a.html")
    inside = found.page.frame_locator("iframe")
    inside.locator(".main-svg .ytick").first.wait_for()
    assert inside.locator(".main-svg path.stroke").count() >= 2
    assert [request for request in found.requests if not request.startswith("file:")] in ([], ["about:srcdoc"])
    assert found.errors == []


def test_a_page_without_its_policy_would_run_a_word_that_was_not_escaped(reports, opened, tmp_path):
    """The negative control of the words: unescaped, and without the policy, one is markup and does what it says."""
    text = reports["trained"].read_text("utf-8").replace("Content-Security-Policy", "nothing")
    path = tmp_path / "naive.html"
    path.write_text(text.replace("</h1>", "</h1><script>alert(1)</script>", 1), "utf-8")
    assert opened(path).dialogs == ["1"]


def test_figures_in_the_page_are_json(reports, parse):
    for block in parse(reports["default"].read_text("utf-8")).blocks.values():
        json.loads(block)
