"""States equal NumPy's `step`, the unit's words are found by their largest move, and attention rows sum to 1."""

import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.panels.inside.unit import _words
from morelike.panels.registry import show

from ..looks import look_of

WORD = "badelon"


def stepped(model, word):
    """Return the states of all layers after the beginning and after each character, by `step` with NumPy alone."""
    architecture, weights = model.prepared
    state, states = architecture.start(weights, 1), []
    for token in [0, *model.vocabulary.encode(word)]:
        state, _ = architecture.step(weights, state, np.array([token], dtype=np.int32))
        states.append(state[:, 0])
    return np.stack(states, axis=1)


@pytest.mark.parametrize(("kind", "block"), [("rnn", 0), ("gru", 0), ("lstm", 0), ("lstm", 1)])
@pytest.mark.parametrize("layer", [0, 1])
def test_the_states_equal_those_of_step(kind, block, layer):
    look = look_of(kind)
    name = f"layers.{layer}.{'hc'[block]}"
    found = show("states", look, {"word": WORD, "layer": name})
    expected = stepped(look.model, WORD)[layer][:, 8 * block : 8 * block + 8]
    np.testing.assert_allclose(found["values"], expected, rtol=1e-4, atol=1e-5)
    assert found["symbols"] == ["", *WORD]


def test_the_gates_of_a_gru_give_its_next_state():
    look = look_of("gru")
    h, z, n = (np.array(show("states", look, {"word": WORD, "layer": f"layers.0.{g}"})["values"]) for g in "hzn")
    np.testing.assert_allclose(h[1:], (1 - z[1:]) * n[1:] + z[1:] * h[:-1], atol=1e-4)


@pytest.mark.parametrize("kind", ["mlp", "deep_mlp", "bow", "transformer"])
def test_other_networks_show_their_layers(kind):
    look = look_of(kind)
    found = show("states", look, {"word": WORD})
    array = look.model.forward([WORD])[found["layer"]]
    np.testing.assert_allclose(found["values"], array.reshape(len(WORD) + 1, -1), rtol=1e-4, atol=1e-6)


def test_of_a_wide_layer_64_units_are_shown():
    look = look_of("gru", hidden=100)
    found = show("states", look, {"word": WORD, "first": "60"})
    assert len(found["values"][0]) == 40
    assert found["note"] == "units 60 to 99 of 100 are shown"
    assert found["layers"]["layers.1.h"] == 100


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("states", {"word": WORD, "layer": "layers.0.q"}, "no layer is called 'layers.0.q'.*there are layers.0.r"),
        ("states", {"word": "b@"}, "'@'"),
        ("unit", {"index": 8}, "index = 8: the units of layers.1.* have the numbers 0 to 7"),
        ("attention", {"word": WORD}, "gru has no attention: choose a transformer"),
    ],
)
def test_what_a_gru_does_not_have_is_told_in_a_sentence(name, query, sentence):
    with pytest.raises(Exception, match=sentence):
        show(name, look_of("gru"), query)


def test_a_table_of_pairs_has_no_layers():
    with pytest.raises(SettingError, match="bigram has no layers"):
        show("states", look_of("bigram"), {"word": WORD})


@pytest.mark.parametrize("kind", ["gru", "mlp"])
def test_the_words_of_a_unit_are_those_with_the_largest_move(kind):
    look = look_of(kind)
    found = show("unit", look, {"index": 3})
    moves = {}
    for word in _words(look):
        values = np.array(show("states", look, {"word": word, "layer": found["layer"]})["values"])[:, 3]
        moves[word] = np.abs(np.diff(values)).max()
    expected = sorted(moves.values(), reverse=True)[:12]
    np.testing.assert_allclose([each["moved"] for each in found["words"]], expected, rtol=1e-3)
    for each in found["words"]:
        assert abs(each["values"][each["at"]] - each["values"][each["at"] - 1]) == pytest.approx(
            each["moved"], rel=1e-3
        )


@pytest.mark.parametrize("layer", [0, 1])
def test_the_rows_of_attention_sum_to_one_and_nobody_looks_ahead(layer):
    found = np.array(show("attention", look_of("transformer", context=16), {"word": WORD, "layer": layer})["weights"])
    assert found.shape == (2, 8, 8)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)
    assert not np.triu(found, 1).any()


def test_the_change_without_a_head_is_that_of_a_model_whose_head_attends_to_nothing():
    look = look_of("transformer", context=16)
    found = show("attention", look, {"word": WORD, "layer": 1, "without_head": 1})
    weights = dict(look.model.weights)
    values, biases = weights["blocks.1.Wqkv"].copy(), weights["blocks.1.bqkv"].copy()
    values[:, -2:] = 0  # the values of the second head, of width 2
    biases[-2:] = 0
    silent = type(look).of(look.background, weights | {"blocks.1.Wqkv": values, "blocks.1.bqkv": biases}).model
    changed, before = (-model.log_probability([WORD])[0] / 8 for model in (silent, look.model))
    assert found["loss"] == pytest.approx(before, rel=1e-4)
    assert found["changes"][1] == pytest.approx(changed - before, abs=1e-5)
    dev = look.background.splits.dev
    losses = [model.losses(dev) for model in (silent, look.model)]
    after, unchanged = (nats.sum() / characters.sum() for nats, characters in losses)
    assert found["without_head"]["change"] == pytest.approx(after - unchanged, abs=1e-5)
    assert found["without_head"]["words"] == len(dev)


@pytest.mark.parametrize(
    ("query", "sentence"), [({"layer": 2}, "layer = 2"), ({"without_head": 2}, "without_head = 2")]
)
def test_a_block_or_head_that_does_not_exist_is_told(query, sentence):
    with pytest.raises(SettingError, match=sentence):
        show("attention", look_of("transformer"), {"word": WORD, **query})
