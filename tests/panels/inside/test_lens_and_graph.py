"""One step in numbers equals the three ways of `parity`; the scalar graph equals the autograd on the same weights."""

import re

import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.panels.registry import show
from morelike.text.examples.contexts import contexts
from morelike.workflows.gradient_parity import by_scalars

from ..looks import look_of

WORD = "badelon"
POSITION = 3


def example_of(look, position=POSITION):
    """Return the context and the target of the word at a position, as ids."""
    lines = look.model.vocabulary.encode_lines([WORD])
    x, y = contexts(lines, look.model.architecture.window)
    return x[position : position + 1], y[position : position + 1]


def in_float64(look):
    return {name: array.astype(np.float64) for name, array in look.model.weights.items()}


def test_the_loss_and_the_gradients_of_an_mlp_equal_those_of_scalars():
    look = look_of("mlp")
    found = show("lens", look, {"word": WORD, "position": POSITION, "rate": "0.5"})
    x, y = example_of(look)
    weights = in_float64(look)
    loss, gradients = by_scalars(weights, x.tolist(), y.tolist())
    assert found["loss"] == pytest.approx(loss, rel=1e-5)
    assert [each["name"] for each in found["weights"]] == [*weights]
    for each in found["weights"]:
        gradient = gradients[each["name"]]
        assert each["gradient_length"] == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
        assert len(each["largest"]) == min(12, gradient.size)
        for entry in each["largest"]:
            index = tuple(entry["index"])
            assert entry["gradient"] == pytest.approx(gradient[index], rel=1e-4, abs=1e-8)
            assert entry["weight"] == pytest.approx(weights[each["name"]][index], rel=1e-4)
            assert entry["after"] == pytest.approx(weights[each["name"]][index] - 0.5 * gradient[index], rel=1e-4)


@pytest.mark.parametrize("kind", ["mlp", "bigram"])
def test_the_step_is_that_of_jax(kind):
    from morelike.training.jax.example_gradients import float64_gradients

    look = look_of(kind)
    found = show("lens", look, {"word": WORD, "position": POSITION, "rate": 0.1})
    x, y = example_of(look)
    weights = in_float64(look)
    loss, gradients = float64_gradients(look.model.architecture, weights, x, y)()
    assert found["loss"] == pytest.approx(loss, rel=1e-5)
    for each in found["weights"]:
        assert each["gradient_length"] == pytest.approx(np.linalg.norm(gradients[each["name"]]), rel=1e-4)
    after = {name: array - 0.1 * gradients[name] for name, array in weights.items()}
    assert found["loss_after"] == pytest.approx(float64_gradients(look.model.architecture, after, x, y)()[0], rel=1e-5)
    assert found["loss_after"] < found["loss"]


@pytest.mark.parametrize("kind", ["mlp", "deep_mlp", "wavenet", "gru", "lstm", "bow", "transformer", "bigram"])
def test_the_stages_are_the_arrays_of_the_forward_pass_at_the_position(kind):
    look = look_of(kind)
    found = show("lens", look, {"word": WORD, "position": POSITION})
    assert found["loss"] == pytest.approx(look.model.surprisal(WORD)[POSITION], rel=1e-4)
    assert found["probability"] == pytest.approx(look.model.next(WORD[:POSITION])[WORD[POSITION]], rel=1e-4)
    assert (found["context"][-1], found["target"]) == (WORD[POSITION - 1], WORD[POSITION])
    assert sum(each["probability"] for each in found["symbols"]) == pytest.approx(1, abs=1e-4)
    assert sum(each["gradient"] for each in found["symbols"]) == pytest.approx(0, abs=1e-4)
    forward = look.model.forward([WORD])
    for stage in found["stages"]:
        array = forward[stage["name"]]
        array = array[POSITION] if look.model.architecture.window else array[0]
        array = array[:, POSITION] if array.ndim == 3 and not look.model.architecture.window else array
        array = array if look.model.architecture.window or forward[stage["name"]].ndim == 4 else array[POSITION]
        np.testing.assert_allclose(stage["values"], array, rtol=1e-4, atol=1e-7)
        assert stage["shape"] == [*array.shape]


def test_a_kind_without_formulas_shows_its_forward_pass_and_says_so():
    found = show("lens", look_of("gru"), {"word": WORD})
    assert found["weights"] is found["loss_after"] is None
    assert found["note"] == "the gradients of gru are computed in training, and not shown here"


@pytest.mark.parametrize("name", ["lens", "scalar_graph"])
def test_a_position_behind_the_end_is_told(name):
    assert show(name, look_of("mlp"), {"word": WORD, "position": 7})["target"] == ""
    with pytest.raises(SettingError, match="position = 8: this word has the positions 0 to 7"):
        show(name, look_of("mlp"), {"word": WORD, "position": 8})


@pytest.mark.parametrize("kind", ["mlp", "bigram"])
def test_the_graph_has_the_loss_and_the_gradients_of_the_autograd(kind):
    look = look_of(kind)
    found = show("scalar_graph", look, {"word": WORD, "position": POSITION})
    expected = show("lens", look, {"word": WORD, "position": POSITION})
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-5)
    assert found["nodes"][-1]["name"] == "loss"
    assert found["nodes"][-1]["grad"] == 1.0
    x, y = example_of(look)
    if kind == "mlp":
        gradients = by_scalars(in_float64(look), x.tolist(), y.tolist())[1]
    else:
        gradients = {"W": np.zeros((look.model.vocabulary.size,) * 2)}
        p = [*look.model.next(WORD[POSITION - 1]).items()]
        ids = {"": 0, **look.model.vocabulary.ids}
        for symbol, each in p:
            gradients["W"][x[0, 0], ids[symbol]] = each - (ids[symbol] == y[0])
    checked = 0
    for node in found["nodes"]:
        if label := re.fullmatch(r"(C|W|W1|b1|W2|b2)\[([\d,]+)\]", node["name"]):
            index = tuple(map(int, label[2].split(",")))
            assert node["data"] == pytest.approx(look.model.weights[label[1]][index], rel=1e-5)
            assert node["grad"] == pytest.approx(gradients[label[1]][index], rel=1e-4, abs=1e-7)
            checked += 1
    assert checked > 5


def test_one_hidden_unit_has_a_graph_of_its_own():
    look = look_of("mlp")
    found = show("scalar_graph", look, {"word": WORD, "position": POSITION, "unit": 2, "fold": "none"})
    assert found["nodes"][-1]["name"] == "h[2]"
    assert found["nodes"][-1]["data"] == pytest.approx(look.model.forward([WORD])["hidden"][POSITION, 2], rel=1e-5)
    inputs = 4 * 4  # context times embedding
    assert found["count"] <= 4 * inputs + 2
    assert found["svg"].startswith("<svg")
    with pytest.raises(SettingError, match="unit = 8: this mlp has 8 hidden units"):
        show("scalar_graph", look, {"word": WORD, "unit": 8})


@pytest.mark.parametrize(
    ("kind", "query", "sentence"),
    [
        ("gru", {}, "the scalar graph of gru is not drawn"),
        ("mlp", {"fold": "all"}, "fold = 'all'"),
        ("mlp", {"fold": "none"}, "too large for a picture"),
    ],
)
def test_a_graph_that_cannot_be_drawn_says_so(kind, query, sentence):
    settings = {"hidden": 100} if query.get("fold") == "none" else {}
    with pytest.raises(SettingError, match=sentence):
        show("scalar_graph", look_of(kind, **settings), {"word": WORD, **query})


def test_a_graph_of_too_many_values_is_not_begun():
    with pytest.raises(SettingError, match=r"a graph is computed up to 100,000; choose a smaller hidden layer"):
        show("scalar_graph", look_of("mlp", hidden=5000), {"word": WORD})
