"""The script of a page draws all that the pictures have, and the page lets nothing in from outside."""

import base64
import hashlib
import json
import re
from collections import namedtuple

import numpy as np
import pytest

from morelike.architecture import build
from morelike.pictures.diagram import diagram_of
from morelike.pictures.embedding import embedding_figure
from morelike.pictures.figure_json import figure_json
from morelike.pictures.heat_maps import bigram_figure, count_figure
from morelike.pictures.histograms import histogram_figure, histograms_figure
from morelike.pictures.importance import importance_figure
from morelike.pictures.leader_board import leader_board_figure
from morelike.pictures.learning_rate import range_test_figure
from morelike.pictures.losses import curves_figure, loss_figure, rate_figure, train_and_dev_figure
from morelike.pictures.network import network_figure
from morelike.pictures.ratios import ratios_figure
from morelike.pictures.style import COLOURS, run_colours
from morelike.pictures.web_page import drawing_script, picture_page
from morelike.pictures.words import lengths_figure, novelty_figure, surprisal_figure

Binned = namedtuple("Binned", "counts edges")
Ranked = namedtuple("Ranked", "name loss interval")
Weight = namedtuple("Weight", "name gradient_to_data update_to_data")
X = np.arange(1.0, 20.0)
COUNTS = np.array([[0, 3], [2, 1234]])
BINNED = Binned(np.array([1, 5]), np.array([-1.0, 1.0, 3.0]))
PICTURES = {
    "loss": loss_figure(X, X),
    "train and dev": train_and_dev_figure(X, X, X[:3], X[:3]),
    "rate": rate_figure(X, X),
    "curves": curves_figure({"a": (X, X), "b": (X, X)}, "loss"),
    "range test": range_test_figure(X, X, X, 2.0),
    "embedding": embedding_figure(np.eye(3), "ab"),
    "counts": count_figure(COUNTS, ["", "a"]),
    "bigrams": bigram_figure(COUNTS, ["", "a"]),
    "histogram": histogram_figure(BINNED, "W1"),
    "histograms": histograms_figure({"W1": BINNED, "W2": BINNED}),
    "leader board": leader_board_figure([Ranked("a", 1.5, (1.4, 1.6)), Ranked("b", 2.0, (1.9, 2.2))]),
    "network": network_figure(diagram_of(build("gru", {}), 27)),
    "deep network": network_figure(diagram_of(build("transformer", {}), 27)),
    "ratios": ratios_figure([Weight("W1", 0.02, 0.004)], 1e-3),
    "surprisal": surprisal_figure({"new": [(["a", ""], np.array([1.0, 2.0]))]}),
    "lengths": lengths_figure({2: 3, 4: 1}, {3: 2}),
    "importance": importance_figure({"hidden": 0.7, "dropout": 0.3}, "names-gru"),
    "novelty": novelty_figure({"gru": {"new": 3, "train": 1}}),
}
KNOWN = {
    "": {"data", "layout"},
    "scatter": {"error_x", "hoverinfo", "hovertemplate", "line", "marker", "mode", "name", "text", "textfont", "x", "y"}
    | {"textposition", "type", "xaxis", "yaxis"},
    "bar": {"hovertemplate", "insidetextanchor", "marker", "name", "orientation", "text", "textangle", "textposition"}
    | {"textfont", "texttemplate", "type", "width", "x", "y", "xaxis", "yaxis"},
    "heatmap": {"colorbar", "colorscale", "hoverongaps", "hovertemplate", "hovertext", "showscale", "text", "textfont"}
    | {"texttemplate", "type", "xgap", "ygap", "z", "zmax", "zmin"},
    "layout": {"annotations", "bargap", "barmode", "height", "legend", "margin", "meta", "shapes", "showlegend"}
    | {"uniformtext"},
    "axis": {"autorange", "constrain", "dtick", "exponentformat", "nticks", "range", "rangemode", "scaleanchor", "side"}
    | {"showgrid", "tickangle", "tickformat", "ticktext", "tickvals", "title", "type", "visible", "anchor", "domain"},
}
"""The parts of a figure that the script draws, or may leave out without harm."""


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_only_parts_that_the_script_draws(name):
    found = json.loads(figure_json(PICTURES[name]))
    for trace in found["data"]:
        assert trace.keys() <= KNOWN[trace["type"]]
    for part, value in found["layout"].items():
        known = KNOWN["axis"] if re.fullmatch(r"[xy]axis\d*", part) else None
        assert value.keys() <= known if known else part in KNOWN["layout"], part
    for shape in found["layout"].get("shapes", []):
        assert shape["type"] in ("line", "rect", "path")


def test_numbers_are_short_and_those_that_are_missing_are_null():
    found = json.loads(figure_json(rate_figure(X / 3, np.where(X == 2, np.nan, X * 1e-9 / 7))))
    trace = found["data"][0]
    assert trace["x"][:3] == [0.333333, 0.666667, 1]
    assert trace["y"][:2] == [1.42857e-10, None]


def test_the_page_of_a_picture_allows_its_own_script_alone():
    page = picture_page(PICTURES["loss"])
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert scripts == [str(drawing_script())]
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = re.search('Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def test_the_script_reads_labels_as_text_only():
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(", drawing_script())


def test_a_run_has_one_colour_in_all_pictures():
    colours = run_colours(["a", "b", "c"])
    curves = curves_figure({"c": (X, X), "b": (X, X)}, "loss", colours)
    board = leader_board_figure([Ranked("a", 2.0, (1.9, 2.2)), Ranked("c", 1.5, (1.4, 1.6))], colours=colours)
    assert [trace.line.color for trace in curves.data] == [COLOURS[2], COLOURS[1]]
    assert list(board.data[0].marker.color) == [COLOURS[2], COLOURS[0]]
