"""The commands that show derivatives: graph and parity."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from morelike.workflows import gradient_parity

from ..test_bad_input import complaint

NEURON = ["tanh(w1*x1 + w2*x2 + b)", "x1=2", "x2=0", "w1=-3", "w2=1", "b=6.8813735870195432"]


def rows(text):
    head, *lines = (line.split("\t") for line in text.splitlines())
    return head, lines


def test_a_graph_is_a_row_for_each_node_with_data_and_gradient(run):
    head, lines = rows(run("graph", *NEURON).out)
    assert head == ["node", "computed as", "data", "grad"]
    found = {line[0]: line[1:] for line in lines}
    assert found["x1"] == ["", "2", "-1.5"]
    assert found["w1"] == ["", "-3", "1"]
    assert found["v5"] == ["tanh(v4)", "0.707107", "1"]


def test_a_graph_with_json_has_slopes_and_inputs(run):
    found = run("graph", "a*b + a**2", "a=2", "b=-3", "--json").json
    assert found["value"] == -2
    nodes = {node["name"]: node for node in found["nodes"]}
    assert (nodes["a"]["grad"], nodes["b"]["grad"]) == (1, 2)
    assert nodes["v1"]["slopes"] == [-3, 2]


def test_the_trace_tells_each_product_of_local_derivative_and_gradient(run):
    head, lines = rows(run("graph", "x * x", "x=3", "--trace").out)
    assert head[3:] == ["input", "local derivative", "product", "input's gradient"]
    assert lines == [["v1", "x * x", "1", "x", "3", "3", "3"], ["v1", "x * x", "1", "x", "3", "3", "6"]]


def test_dot_names_every_node(run):
    said = run("graph", *NEURON, "--dot").out
    assert said.startswith("digraph {")
    assert said.count("->") == 9


@pytest.mark.parametrize("place", ["file", "stdout"])
def test_the_picture_is_svg_with_every_value_in_it(run, tmp_path, place):
    ran = run("graph", *NEURON, "--svg", "neuron.svg" if place == "file" else "-")
    svg = (tmp_path / "neuron.svg").read_text() if place == "file" else ran.out
    tree = ET.fromstring(svg)
    texts = [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert len(texts) == 3 * 10
    assert "data 0.707107" in texts
    assert "grad -1.5" in texts


def test_names_of_every_script_are_drawn(run):
    svg = run("graph", "ä*2", "ä=1", "--svg", "-").out
    assert "ä" in "".join(ET.fromstring(svg).itertext())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["tanh(w*x)", "x=1"], "no value for w: give each one, as in w=1"),
        (["x + 1", "x=one"], "'x=one': 'one' is not a finite number; give one, such as x=2"),
        (["x + 1", "x"], "'x': give the value of a name as name=value"),
        (["x + 1", "x=1", "x=2"], "x has two values: give it one"),
        (["x + 1", "x=1", "y=2"], "'y' has a value but is not in the expression"),
        (["log(x)", "x=0"], "a logarithm needs a number above 0"),
        (["x.real", "x=0"], "'x.real' is not allowed in an expression"),
        ([""], "the expression is empty: give one, such as tanh(w*x + b)"),
        (["x", "x=1", "--dot", "--trace"], "--dot and --trace: standard output takes one of them"),
        (["x", "x=1", "--svg", "x.png"], "name a file that ends in .svg"),
    ],
)
def test_an_expression_that_cannot_be_drawn_is_an_error(run, arguments, says):
    assert says in complaint(run("graph", *arguments), 2)


def test_a_picture_that_cannot_be_written_is_an_error_with_its_path(run):
    assert "'no/x.svg' cannot be written" in complaint(run("graph", "x", "x=1", "--svg", "no/x.svg"), 1)


def test_parity_shows_the_three_ways_and_that_they_agree(run, listed):
    ran = run("parity", listed)
    assert ran.status == 0
    assert re.search(r"^scalars\t\d\.\d{12}\t", ran.out, re.MULTILINE)
    assert re.search(r"^W1\t12 x 20\t", ran.out, re.MULTILINE)
    assert "The three ways agree" in ran.err


def test_parity_with_json_has_losses_differences_and_the_verdict(run, listed):
    found = run("parity", listed, "--hidden", "5", "--json").json
    losses = [way["loss"] for way in found["ways"]]
    assert np.ptp(losses) <= found["tolerance"]
    assert found["agree"] is True
    assert found["differences"].keys() == {"loss", "C", "W1", "b1", "W2", "b2"}


def test_ways_that_disagree_give_the_status_1(run, listed, monkeypatch):
    monkeypatch.setattr(gradient_parity, "TOLERANCE", -1.0)
    ran = run("parity", listed)
    assert ran.status == 1
    assert "DISAGREE" in ran.err


def test_a_parity_that_makes_no_sense_is_refused(run, listed):
    assert "--examples 0: give 1 or more" in complaint(run("parity", listed, "--examples", "0"), 2)
