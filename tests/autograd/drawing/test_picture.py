"""Pictures of large graphs are folded until they can be read; stale values say so."""

import re
from xml.etree import ElementTree

import pytest

from morelike.autograd import FOUR_EXAMPLES, MLP, Value, cross_entropy, draw, graph_of, squared_error
from morelike.autograd.drawing import picture
from morelike.autograd.drawing.folding import Group, fold_layers, fold_neurons

SVG = "{http://www.w3.org/2000/svg}"


def titles(picture):
    """Return the first lines of the boxes."""
    texts = ElementTree.fromstring(picture.svg).iter(f"{SVG}text")
    return [text.text for text in texts if text.get("font-weight") == "bold"]


def network_loss():
    xs, ys = FOUR_EXAMPLES
    mlp = MLP(3, [4, 4, 1], last="tanh", random_bias=True)
    return squared_error([mlp(x) for x in xs], ys)


LARGE = {
    "four examples": network_loss,
    "two layers of 16": lambda: MLP(2, [16, 16, 1])([1.0, 2.0]),
    "two layers of 8": lambda: MLP(2, [8, 8, 1])([1.0, 2.0]),
    "27 logits": lambda: cross_entropy([MLP(10, [27])([0.1] * 10)], [3]),
    "40 examples": lambda: squared_error([MLP(2, [6, 1])([i / 40, 1.0]) for i in range(40)], [1.0] * 40),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_graph_is_drawn_in_full_size_and_fits(name):
    root = LARGE[name]()
    assert len(graph_of(root).nodes) > 250
    picture = ElementTree.fromstring(draw(root).svg)
    _, _, width, height = map(float, picture.get("viewBox").split())
    assert float(picture.get("width")) == pytest.approx(width, abs=1)  # nothing is shrunk
    assert width <= 1600
    assert height <= 6100


def test_a_network_of_very_many_edges_is_folded_without_a_trial(monkeypatch):
    laid_out = []
    layout = picture.layout
    monkeypatch.setattr(picture, "layout", lambda inputs, *rest: laid_out.append(len(inputs)) or layout(inputs, *rest))
    xs, ys = FOUR_EXAMPLES
    mlp = MLP(3, [16, 16, 1])
    draw(squared_error([mlp(x) for x in xs], ys))
    assert laid_out == [3]


def test_neurons_become_one_box_each_whose_tooltip_shows_the_formula():
    mlp = MLP(2, [2, 1], last="tanh")
    picture = draw(mlp([3.0, -1.0]), fold="neurons")
    assert titles(picture) == ["v5: tanh (+9)", "v12: tanh (+9)", "v15: tanh (+7)"]
    assert "v5 = tanh(b1.1 + w1.1.1 * 3 + w1.1.2 * -1); v5: data" in picture.svg
    assert "v15 = tanh(b2.1 + w2.1.1 * v5 + w2.1.2 * v12);" in picture.svg
    assert titles(draw(mlp([3.0, -1.0]), fold="layers")) == ["2 values: tanh", "v15: tanh (+7)"]


def test_formulas_have_the_brackets_that_they_need():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    for root, formula in [
        ((a + b) * (a - b), "(a + b) * (a - b)"),
        (a - (b - a), "a - (b - a)"),
        (a / (b * a), "a / (b * a)"),
        ((a + b) ** 2, "(a + b)**2"),
        (-(a * b) + a, "-(a * b) + a"),
        ((a * b).exp() * b, "exp(a * b) * b"),
    ]:
        hint = re.search("<title>v[0-9]+ = (.*?); v", draw(root, fold="neurons").svg)[1]
        assert hint == formula
        assert eval(hint, {"a": 2.0, "b": 3.0, "exp": __import__("math").exp}) == root.data


def test_every_node_is_in_some_box_of_a_folded_graph():
    inputs = [node.inputs for node in graph_of(network_loss()).nodes]
    neurons = fold_neurons(inputs)
    for groups in (neurons, fold_layers(neurons)):
        assert {node for group in groups for node in (*group.results, *group.folded)} == set(range(len(inputs)))
        assert all(before < i for i, group in enumerate(groups) for before in group.inputs)


def test_a_single_value_is_a_group():
    assert fold_layers(fold_neurons([[]])) == [Group([0], [], ())]
    assert titles(draw(Value(2.0, "x"), fold="layers")) == ["x"]


def test_a_notebook_lets_a_picture_scroll():
    picture = draw(Value(2.0, "x") * 3)
    assert picture._repr_html_() == f'<div style="overflow:auto;max-height:700px">{picture.svg}</div>'


def test_a_picture_says_which_values_are_stale():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = (x * w).tanh()
    assert "stale" not in draw(y).svg
    x.data = 0.1
    for fold in ("none", "neurons", "layers"):
        picture = draw(y, fold=fold)
        assert "stale" in picture.svg
        assert "recompute() computes it anew" in picture.svg
    assert "data 0.1<" in draw(y).svg
    assert "data 6, stale<" in draw(y).svg
    assert "stale" in graph_of(y).dot()
    assert "stale" not in draw(y.recompute()).svg


def test_a_way_to_fold_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="fold = 'all': choose among auto, none, neurons, layers"):
        draw(Value(1.0), fold="all")
