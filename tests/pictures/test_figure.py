"""A picture as a file and in a notebook: it opens without a network, and it says what is missing."""

import json
import sys
from html.parser import HTMLParser

import plotly.graph_objects as go
import plotly.io
import pytest

from morelike.errors import MorelikeError, SettingError
from morelike.pictures import figure as figures
from morelike.pictures.figure import Figure, require_ending, save
from morelike.pictures.losses import rate_figure
from morelike.pictures.style import apply_style, escape_label


@pytest.fixture
def hostile():
    word = escape_label("</script><script>alert(1)</script>")
    return apply_style(Figure(go.Scatter(x=[1], y=[2], text=[word], mode="markers")), word, "", "")


def test_a_picture_is_saved_as_a_page_that_fetches_nothing_or_as_json(tmp_path, hostile):
    save(hostile, tmp_path / "a.html")
    save(hostile, tmp_path / "a.json")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "<script src" not in page
    assert "default-src &#39;none&#39;" in page
    assert len(page) < 100_000
    assert json.loads((tmp_path / "a.json").read_text())["data"][0]["y"] == [2]


def test_a_picture_of_another_ending_or_that_cannot_be_written_is_refused(tmp_path, hostile):
    with pytest.raises(SettingError, match=r"ends in \.html, \.json, \.png or \.svg"):
        save(hostile, tmp_path / "a.pdf")
    with pytest.raises(MorelikeError, match="cannot be written"):
        save(hostile, tmp_path / "none" / "a.html")


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_an_image_is_made_by_kaleido(ending, tmp_path, hostile, monkeypatch):
    monkeypatch.setattr(figures, "find_spec", lambda name: name == "kaleido")
    asked = {}
    monkeypatch.setattr(
        go.Figure, "to_image", lambda self, *args, **size: asked.update(size, format=args[0]) or b"image"
    )
    save(hostile, tmp_path / f"a.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == b"image"
    assert asked == {"format": ending, "width": 1200, "height": 700, "scale": 2}


def test_an_image_without_kaleido_is_refused_before_any_work_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kaleido", None)
    monkeypatch.setattr(figures, "find_spec", lambda name: None)
    with pytest.raises(
        MorelikeError, match=r"PNG and SVG need the package kaleido .* 'morelike\[images\]', or write a"
    ):
        require_ending(tmp_path / "a.png")


def test_an_image_without_a_browser_is_one_sentence_with_the_way_out(tmp_path, hostile, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("\nKaleido requires Google Chrome to be installed.\n\nEither download it ...")

    monkeypatch.setattr(figures, "find_spec", lambda name: True)
    monkeypatch.setattr(go.Figure, "to_image", fail)
    with pytest.raises(MorelikeError) as refused:
        save(hostile, tmp_path / "a.svg")
    said = str(refused.value)
    assert said.startswith(
        "the image cannot be made (Kaleido requires Google Chrome to be installed): PNG and SVG need"
    )
    assert "\n" not in said


class Frames(HTMLParser):
    """The pages inside frames."""

    def __init__(self, html):
        super().__init__()
        self.pages = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "iframe":
            self.pages.append(dict(attributes)["srcdoc"])


def test_a_notebook_holds_each_figure_as_html_that_needs_no_network(monkeypatch, hostile):
    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")  # of a kernel of Jupyter
    bundle = hostile._repr_mimebundle_()
    assert "application/vnd.plotly.v1+json" in bundle
    (page,) = Frames(bundle["text/html"]).pages
    assert page.startswith("<!doctype html>")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert hostile._repr_html_() == bundle["text/html"]


def test_a_notebook_displays_all_forms_of_a_figure(monkeypatch, hostile):
    from types import SimpleNamespace

    shown = []
    display = SimpleNamespace(display=lambda bundle, raw: shown.append(bundle))
    monkeypatch.setattr(figures, "import_module", lambda name: display)
    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")
    hostile._ipython_display_()
    assert shown[0].keys() == {"application/vnd.plotly.v1+json", "text/html"}


def test_each_picture_is_a_figure_that_a_notebook_keeps():
    import numpy as np

    assert isinstance(rate_figure(np.arange(3.0), np.arange(3.0)), Figure)


def test_a_slide_has_16_to_9_and_type_as_large_as_its_rows_allow(tmp_path):
    from morelike.pictures.figure import as_slide
    from morelike.pictures.leader_board import StatedModel, leader_board_figure

    few, many = (
        leader_board_figure([StatedModel(f"s{i}", 2 + i / 10, (1.9 + i / 10, 2.1 + i / 10)) for i in range(count)])
        for count in (5, 30)
    )
    assert (as_slide(few).layout.width, as_slide(few).layout.height) == (960, 540)
    assert as_slide(few).layout.font.size == 20
    assert 12 < as_slide(many).layout.font.size < 14
    assert few.layout.width is None
    save(many, tmp_path / "a.html", slide=True)
    page = (tmp_path / "a.html").read_text("utf-8")
    assert '<figure class="picture" data-slide>' in page
    assert 'data-fill="window"' not in page


def test_an_image_of_a_slide_has_its_size(tmp_path, hostile, monkeypatch):
    monkeypatch.setattr(figures, "find_spec", lambda name: name == "kaleido")
    asked = {}
    monkeypatch.setattr(go.Figure, "to_image", lambda self, *args, **size: asked.update(size) or b"image")
    save(hostile, tmp_path / "a.png", slide=True)
    assert (asked["width"], asked["height"]) == (960, 540)
