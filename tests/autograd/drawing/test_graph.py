"""The graph of an expression: names, DOT, plain data, and a picture that is well-formed whatever the labels are."""

import re
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.autograd import MLP, Value, draw, graph_of, parse, trace

from ..expressions import programs, run

SVG = "{http://www.w3.org/2000/svg}"
NASTY = [
    '<script>alert("x")</script>',
    "a&b",
    "]]>",
    "'\"",
    "\x00\x1b[31m",
    "\ud800",
    "名前",
    "e\u0301",
    "x" * 500,
    "\n",
]


def texts(drawing):
    return [node.text for node in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]


def test_every_node_shows_its_name_its_data_and_its_gradient():
    y = parse("tanh(w*x + b)", {"w": -3, "x": 2, "b": 6.5})
    y.backward()
    shown = texts(draw(y))
    assert len(shown) == 3 * 6
    boxes = [tuple(shown[i : i + 3]) for i in range(0, len(shown), 3)]
    assert ("w", "data -3", "grad 1.5729") in boxes
    assert ("v1 = w * x", "data -6", "grad 0.786448") in boxes
    assert ("v3 = tanh(v2)", "data 0.462117", "grad 1") in boxes


def test_a_notebook_shows_the_picture():
    drawing = draw(Value(1.0))
    assert drawing._repr_svg_() == drawing.svg
    assert ElementTree.fromstring(drawing.svg).tag == f"{SVG}svg"


@given(programs(), st.lists(st.sampled_from(NASTY) | st.text(max_size=8), min_size=3, max_size=3))
def test_any_graph_with_any_labels_is_well_formed_xml_with_the_labels_as_text(program, labels):
    drawing = draw(run(program, [Value(0.5, label) for label in labels]))
    root = ElementTree.fromstring(drawing.svg.encode())
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {"svg", "g", "title", "rect", "text", "path"}
    for node in root.iter():
        assert not [name for name in node.attrib if name.startswith("on") or "href" in name]


def test_labels_are_escaped_text():
    svg = draw(Value(1.0, NASTY[0]) + 1).svg
    assert "<script" not in svg
    assert NASTY[0] in texts(draw(Value(1.0, NASTY[0])))


def test_text_stays_inside_its_box():
    """By the width of a monospaced font: 0.6 em for a character, 1.2 em for a wide one."""
    y = Value(-1.23456789e-100, "a long label of a weight") * Value(1.0, "名前") + 2
    y.backward()
    for group in ElementTree.fromstring(draw(y).svg).iter(f"{SVG}g"):
        for rect in group.iter(f"{SVG}rect"):
            for text in group.iter(f"{SVG}text"):
                wide = sum(2 if ord(character) > 0x2E80 else 1 for character in text.text)
                assert 0.605 * 13 * wide + 8 <= float(rect.get("width"))


def test_the_picture_serves_on_white_and_on_black_and_says_nothing_by_colour_alone():
    svg = draw(parse("x*2", {"x": 1})).svg
    root = ElementTree.fromstring(svg)
    assert "<style" not in svg
    for path in root.iter(f"{SVG}path"):
        colour = next(c for c in (path.get("stroke"), path.get("fill")) if c and c != "none")
        assert min(contrast(colour, "#ffffff"), contrast(colour, "#000000")) > 4.5
    looks = {(rect.get("rx"), rect.get("fill")) for rect in root.iter(f"{SVG}rect")}
    assert len(looks) == len({corner for corner, _ in looks}) == 2
    for _, fill in looks:
        assert contrast(fill, "#1a1a1a") > 7


def contrast(one, other):
    """Return the contrast ratio of two colours (WCAG 2)."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_names_are_one_for_each_node():
    x, other = Value(2.0, "x"), Value(3.0, "x")
    y = (x * other + 2) * 2 - Value(1.0, "v1")
    names = [node.name for node in graph_of(y).nodes]
    assert len(set(names)) == len(names)
    assert {"x", "x#2", "2", "2#2", "v1", "v2"} <= set(names)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("-x", ["-x"]),
        ("x**-1", ["x**-1"]),
        ("x**y", ["x ** y"]),
        ("x/y - exp(x)", ["x / y", "exp(x)", "v1 - v2"]),
        ("(-3)**2 * x", ["9 * x"]),
    ],
)
def test_formulas_say_how_a_node_was_computed(text, formulas):
    given = {name: 2.0 for name in "xy" if re.search(rf"\b{name}\b", text)}
    assert [node.formula for node in graph_of(parse(text, given)).nodes if node.formula] == formulas


def test_a_negative_constant_has_brackets_where_it_needs_them():
    assert graph_of(Value(-3.0) ** 2).nodes[-1].formula == "(-3)**2"
    assert graph_of(-Value(-3.0)).nodes[-1].formula == "-(-3)"


def test_dot_holds_every_node_and_edge_and_quotes_what_must_be():
    y = Value(1.0, 'a"\\b\n') * Value(2.0, "c")
    dot = y and graph_of(y + y).dot()
    assert dot.count(" -> ") == 4
    assert dot.count("[label=") == 4
    for label in re.findall(r"\[label=(.*)\]", dot):
        assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', label)


def test_plain_data_holds_the_whole_graph():
    y = parse("x*x", {"x": 3})
    y.backward()
    x, square = graph_of(y).as_list()
    assert x == {
        "id": 0,
        "name": "x",
        "operation": "",
        "formula": "",
        "inputs": [],
        "slopes": [],
        "data": 3.0,
        "grad": 6.0,
    }
    assert (square["inputs"], square["slopes"], square["formula"]) == ([0, 0], [3.0, 3.0], "x * x")


@given(programs(), st.tuples(*[st.floats(-3, 3)] * 3))
def test_the_trace_ends_with_the_gradients_of_backward_and_changes_none(program, point):
    inputs = [Value(x, name) for x, name in zip(point, "abc", strict=True)]
    result = run(program, inputs)
    steps = trace(result)
    assert result.grad == 0
    result.backward()
    totals = {step.input: step.total for step in steps}
    for each in inputs:
        assert each is result or totals.get(each.label, 0.0) == each.grad
    for step in steps:
        assert step.contribution == step.slope * step.incoming


def test_a_network_is_drawn_in_a_moment():
    began = time.process_time()
    draw(MLP(4, [8, 8, 1])([1.0, 2.0, 3.0, 4.0]))
    assert time.process_time() - began < 5


@pytest.mark.parametrize("shape", [(3, [4, 4, 1]), (2, [8, 1]), (4, [6, 6, 1])])
def test_a_network_is_folded_until_a_notebook_shows_it_whole_and_in_full_size(shape):
    root = ElementTree.fromstring(draw(MLP(*shape)([2.0] * shape[0])).svg)
    assert float(root.get("width")) <= 1600
    assert float(root.get("width")) == pytest.approx(float(root.get("viewBox").split()[2]), abs=1)
    assert float(root.get("height")) < 6000


def test_a_graph_that_nobody_could_read_is_refused():
    y = Value(1.0)
    for _ in range(1000):
        y = y + 1
    with pytest.raises(
        ValueError, match="a graph of 2,001 nodes is too large for a picture of at most 1,000: draw one"
    ):
        draw(y, fold="none")
    assert "v1000: + (+2000)" in draw(y).svg
    assert len(trace(y)) == 2000


def test_the_room_needs_the_standard_library_alone():
    code = (
        "import sys; before = set(sys.modules); import morelike.autograd; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert set(ran.stdout.split()) <= sys.stdlib_module_names | {"morelike"}
    code = "import sys, morelike.autograd; print(*[name for name in sys.modules if name.startswith('morelike.')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert all(name.startswith("morelike.autograd") for name in ran.stdout.split())
