"""A slide in a browser fills a screen of 16:9, is never cut, and has large type."""

import shutil

import numpy as np
import pytest

from morelike.pictures.figure import save
from morelike.pictures.heat_maps import count_figure
from morelike.pictures.leader_board import StatedModel, leader_board_figure
from morelike.pictures.losses import loss_figure

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: `make test-browser` installs it"),
]
FIGURES = {
    "loss": (loss_figure(np.arange(50.0), np.linspace(3, 2, 50)), 26),
    "thirty students": (
        leader_board_figure([StatedModel(f"s{i}", 1.0 * i, (i - 0.5, i + 0.5)) for i in range(30)]),
        15,
    ),
    "counts": (count_figure(np.ones((30, 30), dtype=int), [chr(97 + i) for i in range(30)]), 13),
}
MEASURE = """() => {
  const box = document.querySelector("figure").getBoundingClientRect();
  const heights = [...document.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect().height);
  return [box.left, box.top, box.right, box.bottom, Math.min(...heights)];
}"""


@pytest.mark.parametrize("name", FIGURES)
def test_a_slide_fills_a_screen_and_is_not_cut(name, tmp_path):
    from playwright.sync_api import sync_playwright

    figure, least = FIGURES[name]
    save(figure, tmp_path / "a.html", slide=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"file://{tmp_path / 'a.html'}")
        page.wait_for_timeout(300)
        left, top, right, bottom, height = page.evaluate(MEASURE)
        browser.close()
    assert left >= -1
    assert top >= -1
    assert right <= 1281
    assert bottom <= 721
    assert right - left > 1270 or bottom - top > 715
    assert height >= least
