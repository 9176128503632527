"""Verdicts: planted faults get the verdict and the advice that they deserve, at the place where they are."""

import itertools
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from morelike.architecture import build
from morelike.evaluation import verdicts
from morelike.evaluation.diagnostics import (
    Diagnosis,
    draw_examples,
    measure_model,
    measure_start,
    measure_weight,
)
from morelike.evaluation.verdicts import judge, overall
from morelike.text.vocabulary import Vocabulary

WORDS = ["".join(word) for word in itertools.product("bdlmn", "aeo", "bdlmn", "aeo")]
VOCABULARY = Vocabulary.of(WORDS)
TRAINING = {"optimizer": "sgd", "learning_rate": 0.01, "steps": 500, "clip": 0.0}
LINES = VOCABULARY.encode_lines(WORDS)


def planted(kind="mlp", change=lambda weights: {}, steps=(), **settings):
    """Return the readings of fresh weights that were changed; `steps` are looks at weights."""
    architecture = build(kind, settings)
    weights = architecture.init(np.random.default_rng(0), VOCABULARY.size)
    weights = weights | change(weights)
    examples = draw_examples(architecture, LINES, VOCABULARY.size, row_length=16, text=False, seed=0)
    inside = measure_model(architecture, weights, examples)
    start = measure_start(architecture, weights, examples, VOCABULARY.size)
    found = diagnosed(kind, steps, inside=inside, start=start, examples=examples.targets.size)
    found = replace(found, settings={**architecture.model_dump(), **TRAINING})
    return judge(found, architecture, VOCABULARY.size)


def diagnosed(kind, steps, *, inside, start, examples=1, rate=0.01, first_step=False):
    activations, statistics = inside.activations, inside.batch_statistics
    return Diagnosis(kind, examples, "sgd", first_step, rate, start, activations, statistics, list(steps), {})


def a_step(name="W1", *, update=1e-3, gradient=0.1):
    """Return the look at a matrix of deviation 1, its gradient and update of these deviations."""
    signs = np.where(np.arange(12) % 2, 1.0, -1.0).reshape(3, 4)
    return measure_weight(name, signs, gradient * signs, update * signs)


def read_off(readings, what, where):
    """Return the one reading of this name at this place."""
    (reading,) = (each for each in readings if (each.what, each.where) == (what, where))
    return reading


def test_fresh_weights_as_they_are_made_are_good_in_all_but_what_training_makes():
    assert {each.verdict for each in planted()} == {"good"}
    assert all(each.advice == "" for each in planted())


@pytest.mark.parametrize(("factor", "verdict"), [(1, "good"), (6, "watch"), (10, "bad"), (300, "bad")])
def test_a_last_layer_that_is_larger_begins_sure_of_wrong_answers(factor, verdict):
    reading = read_off(planted(change=lambda weights: {"W2": weights["W2"] * factor}), "initial loss", "fresh weights")
    assert reading.verdict == verdict
    assert ("scale the weights of the last layer (W2) down" in reading.advice) == (verdict != "good")


def test_the_plain_start_of_the_lectures_is_bad_and_the_flag_that_mends_it_is_named():
    reading = read_off(planted(initialization="normal"), "initial loss", "fresh weights")
    assert reading.value > 2 * np.log(VOCABULARY.size)
    assert reading.verdict == "bad"
    assert "--initialization scaled" in reading.advice


@pytest.mark.parametrize(
    ("kind", "last"), [("mlp", "W2"), ("deep_mlp", "W"), ("gru", "Wo"), ("bow", "Wo"), ("transformer", "Wo")]
)
def test_the_last_layer_is_named_as_each_kind_calls_it(kind, last):
    shapes = build(kind, {}).shapes(VOCABULARY.size)
    assert verdicts._last_layer(shapes, VOCABULARY.size) == last


def test_a_first_layer_too_large_saturates_and_is_named():
    readings = planted(change=lambda weights: {"W1": weights["W1"] * 20})
    for what, verdict in (("saturation at the start", "bad"), ("saturation", "bad")):
        reading = read_off(readings, what, "hidden")
        assert reading.verdict == verdict
        assert reading.value > 0.9
        assert "(W1)" in reading.advice
    assert overall(readings) == "bad"


@pytest.mark.parametrize("kind", ["mlp", "bow"])
def test_a_table_of_embeddings_that_is_as_wide_is_not_taken_for_the_layer_before(kind):
    readings = planted(kind, lambda weights: {"W1": weights["W1"] * 20}, embedding=16, hidden=16)
    assert "(W1)" in read_off(readings, "saturation", "hidden").advice


def test_of_several_layers_the_one_with_the_fault_is_named():
    readings = planted("rnn", lambda weights: {"layers.1.Wx": weights["layers.1.Wx"] * 50}, layers=2)
    assert "(layers.1.Wx, layers.1.Wh)" in read_off(readings, "saturation", "layers.1").advice
    assert read_off(readings, "saturation", "layers.0").verdict == "good"


def test_units_that_a_huge_bias_holds_fast_are_counted_dead():
    def held(weights):
        return {"b1": np.where(np.arange(200) < 50, np.float32(100), weights["b1"])}

    reading = read_off(planted(change=held, hidden=200), "dead units", "hidden")
    assert (reading.value, reading.verdict) == (50, "bad")
    assert "50 of 200 units are constant, or saturated, on all" in reading.sentence


def test_one_dead_unit_is_to_be_watched():
    def held(weights):
        return {"b1": np.where(np.arange(200) < 1, np.float32(100), weights["b1"])}

    reading = read_off(planted(change=held, hidden=200), "dead units", "hidden")
    assert (reading.value, reading.verdict) == (1, "watch")
    assert "1 of 200 units is constant" in reading.sentence


def test_a_layer_that_says_nothing_and_one_that_runs_away_are_told():
    small = planted(change=lambda weights: {"W1": weights["W1"] * 1e-4, "b1": weights["b1"] * 0})
    assert read_off(small, "activation spread", "hidden").verdict == "bad"
    assert "scale the weights before it (W1) up" in read_off(small, "activation spread", "hidden").advice
    large = planted("transformer", lambda weights: {"blocks.0.W2": weights["blocks.0.W2"] * 1e6})
    assert read_off(large, "activation spread", "blocks.0.mlp").verdict == "bad"
    assert "too large" in read_off(large, "activation spread", "blocks.0.mlp").sentence


def test_running_statistics_that_lag_behind_are_told():
    def lagging(weights):
        return {"layers.0.mean": weights["layers.0.mean"] + 50, "layers.1.variance": weights["layers.1.variance"] * 90}

    readings = planted("deep_mlp", lagging, layers=2, hidden=20)
    assert read_off(readings, "running mean", "layers.0").verdict == "bad"
    assert read_off(readings, "running variance", "layers.1").verdict == "bad"
    assert read_off(readings, "running variance", "layers.1").advice == "train for longer (--steps 5000)"


@pytest.mark.parametrize("gradient", [0.0, nan, inf])
def test_a_weight_that_no_gradient_reaches_is_bad(gradient):
    with np.errstate(invalid="ignore"):
        steps = [a_step(gradient=gradient), a_step("W2")]
    readings = planted(steps=steps)
    assert read_off(readings, "gradient", "W1").verdict == "bad"
    assert read_off(readings, "gradient", "W2").verdict == "good"
    says = "it learns nothing" if gradient == 0 else "its gradient is not finite"
    assert says in read_off(readings, "gradient", "W1").sentence


@pytest.mark.parametrize(
    ("gradient", "verdict", "side"),
    [(1e-6, "bad", "smaller"), (1e-4, "watch", "smaller"), (1.0, "good", ""), (1e7, "bad", "larger")],
)
def test_a_gradient_far_off_those_of_the_other_weights_is_told(gradient, verdict, side):
    readings = planted(steps=[a_step(gradient=gradient), *(a_step(name, gradient=0.1) for name in ("C", "W2"))])
    reading = read_off(readings, "gradient:data", "W1")
    assert reading.verdict == verdict
    assert side in reading.sentence
    assert read_off(readings, "gradient:data", "W2").verdict == "good"


@pytest.mark.parametrize(
    ("update", "verdict", "change"),
    [
        (1.0, "bad", "lower the learning rate (--learning-rate 0.001)"),
        (0.1, "watch", "lower the learning rate (--learning-rate 0.001)"),
        (0.06, "watch", "lower the learning rate (--learning-rate 0.0017)"),
        (0.01, "good", ""),
        (1e-3, "good", ""),
        (5e-5, "watch", "raise the learning rate (--learning-rate 0.1)"),
        (1e-6, "bad", "raise the learning rate (--learning-rate 0.1)"),
        (0.0, "bad", ""),  # no rate changes a weight that no gradient reaches
        (nan, "bad", "lower the learning rate (--learning-rate 0.001)"),
    ],
)
def test_an_update_is_judged_by_the_line_of_a_thousandth(update, verdict, change):
    reading = read_off(planted(steps=[a_step(update=update)]), "update:data", "W1")
    assert (reading.verdict, reading.advice) == (verdict, change)
    assert "0.001" in reading.sentence


def test_one_rate_serves_all_matrices_so_it_is_raised_only_as_far_as_the_largest_update_allows():
    readings = planted(steps=[a_step("W1", update=1e-5), a_step("W2", update=0.02)])
    assert read_off(readings, "update:data", "W1").advice == "raise the learning rate (--learning-rate 0.025)"
    readings = planted(steps=[a_step("W1", update=1e-5), a_step("W2", update=0.04)])
    assert read_off(readings, "update:data", "W1").advice == ""
    readings = planted(steps=[a_step("W1", update=0.06), a_step("W2", update=0.09)])
    assert read_off(readings, "update:data", "W1").advice == ""
    assert read_off(readings, "update:data", "W2").advice == "lower the learning rate (--learning-rate 0.0011)"


def test_the_first_step_of_adamw_may_be_longer():
    architecture = build("bigram", {})
    examples = draw_examples(architecture, LINES, VOCABULARY.size, row_length=16, text=False, seed=0)
    weights = architecture.init(np.random.default_rng(0), VOCABULARY.size)
    start = measure_start(architecture, weights, examples, VOCABULARY.size)
    inside = measure_model(architecture, weights, examples)
    later, first = (
        read_off(
            judge(
                diagnosed("bigram", [a_step("W", update=0.2)], inside=inside, start=start, first_step=first_step),
                architecture,
                VOCABULARY.size,
            ),
            "update:data",
            "W",
        )
        for first_step in (False, True)
    )
    assert (later.verdict, first.verdict) == ("watch", "good")


def test_biases_are_not_judged_by_their_spread_which_begins_at_zero():
    bias = measure_weight("b1", np.zeros(4), np.ones(4), np.full(4, 0.1))
    assert bias.update_to_data is None
    assert {each.what for each in planted(steps=[bias]) if each.where == "b1"} == {"gradient"}
