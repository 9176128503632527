"""The look inside: what is drawn from a list, what is measured, and that looking changes nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.architecture import USE, build
from morelike.evaluation import diagnostics
from morelike.evaluation.diagnostics import (
    Recording,
    draw_examples,
    histogram,
    measure_model,
    measure_weight,
)
from morelike.evaluation.loss import line_losses
from morelike.text.vocabulary import END, Vocabulary

WORDS = ["anna", "hanna", "nan", "hen", "a", "nanna"]
VOCABULARY = Vocabulary.of(WORDS)
LINES = VOCABULARY.encode_lines(WORDS)
TEXT = VOCABULARY.encode_text("hanna nan".replace(" ", "") * 4)

SETTINGS = {"mlp": {"context": 3, "hidden": 6}, "gru": {"hidden": 6, "embedding": 4}}


def model(kind):
    architecture = build(kind, SETTINGS[kind])
    return architecture, architecture.init(np.random.default_rng(0), VOCABULARY.size)


def drawn(kind, lines, *, text=False, width=8, seed=0):
    architecture, _ = model(kind)
    return draw_examples(architecture, lines, VOCABULARY.size, row_length=width, text=text, seed=seed)


def test_contexts_are_those_of_the_words_and_all_of_a_short_list():
    found = drawn("mlp", LINES)
    seen = sorted((tuple(context), int(target)) for context, target in zip(*found, strict=True))
    wanted = []
    for word in WORDS:
        tokens = [END] * 3 + list(VOCABULARY.encode(word)) + [END]
        wanted += [(tuple(tokens[i : i + 3]), tokens[i + 3]) for i in range(len(tokens) - 3)]
    assert seen == sorted(wanted)


def test_rows_follow_the_list_from_the_start_of_a_line():
    inputs, targets = drawn("gru", LINES)
    np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])
    assert (inputs[:, 0] == END).all()
    around = [*LINES.tokens.tolist(), *LINES.tokens.tolist()]
    assert all(any(around[i : i + 8] == row for i in LINES.offsets[:-1]) for row in targets.tolist())


@pytest.mark.parametrize("kind", ["mlp", "gru"])
def test_of_a_running_text_neither_the_first_character_nor_the_end_is_predicted(kind):
    found = drawn(kind, TEXT, text=True, width=16)
    assert END not in found.targets
    if kind == "mlp":
        assert found.targets.size == len(TEXT.tokens) - 2
    else:
        assert END not in found.inputs


@pytest.mark.parametrize("kind", ["mlp", "gru"])
@pytest.mark.parametrize("word", ["a", "an"])
def test_a_list_of_one_short_word_is_enough(kind, word):
    lines = VOCABULARY.encode_lines([word])
    found = drawn(kind, lines, width=16)
    assert found.targets.size == len(word) + 1
    architecture, weights = model(kind)
    assert measure_model(architecture, weights, found).loss > 0


def test_a_long_list_is_looked_at_in_part_the_same_for_one_seed():
    lines = VOCABULARY.encode_lines(WORDS * 500)
    first, again, other = (drawn("mlp", lines, seed=seed) for seed in (1, 1, 2))
    assert len(first.targets) == diagnostics.POSITIONS
    np.testing.assert_array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.inputs, other.inputs)


def test_the_loss_inside_is_the_exact_loss_where_all_is_looked_at():
    architecture, weights = model("mlp")
    exact = line_losses(architecture, weights, LINES).sum() / len(LINES.tokens)
    assert measure_model(architecture, weights, drawn("mlp", LINES)).loss == pytest.approx(exact, rel=1e-6)


def test_looking_changes_no_logit():
    architecture, weights = model("gru")
    tokens = drawn("gru", LINES).inputs
    np.testing.assert_array_equal(
        architecture.logits(weights, tokens, Recording()), architecture.logits(weights, tokens, USE)
    )


def test_activations_are_measured_as_they_are():
    architecture, weights = model("mlp")
    examples = drawn("mlp", LINES)
    e = weights["C"][examples.inputs].reshape(len(examples.inputs), -1)
    hidden = np.tanh(e @ weights["W1"] + weights["b1"])
    (found,) = measure_model(architecture, weights, examples).activations
    assert (found.name, found.units, found.dead) == ("hidden", 6, 0)
    assert found.mean == pytest.approx(hidden.mean(), abs=1e-6)
    assert found.deviation == pytest.approx(hidden.std(), rel=1e-5)
    assert found.saturated == pytest.approx((np.abs(hidden) > 0.97).mean())


def test_a_unit_is_dead_if_it_never_varies_or_is_never_out_of_saturation():
    x = np.array([[0.1, 0.5, 0.98, -0.99], [0.2, 0.5, 0.99, 0.99], [0.3, 0.5, 0.999, 0.5]], dtype=np.float32)
    assert diagnostics._measure_activation("h", x, bounded=True).dead == 2
    assert diagnostics._measure_activation("h", x, bounded=False).dead == 1
    assert diagnostics._measure_activation("h", x, bounded=False).saturated is None


def test_batch_statistics_of_the_batch_itself_leave_no_gap():
    architecture = build("deep_mlp", {"layers": 1, "hidden": 5, "context": 2})
    weights = architecture.init(np.random.default_rng(0), VOCABULARY.size)
    examples = draw_examples(architecture, LINES, VOCABULARY.size, row_length=8, text=False, seed=0)
    before = weights["C"][examples.inputs].reshape(len(examples.inputs), -1) @ weights["layers.0.W"]
    exact = {"layers.0.mean": before.mean(0), "layers.0.variance": before.var(0)}
    (found,) = measure_model(architecture, weights | exact, examples).batch_statistics
    assert found.mean_gap == pytest.approx(0, abs=1e-5)
    assert found.variance_factor == pytest.approx(1, abs=1e-5)
    shifted = exact | {"layers.0.mean": exact["layers.0.mean"] + 2 * before.std(0)}
    (found,) = measure_model(architecture, weights | shifted, examples).batch_statistics
    assert found.mean_gap == pytest.approx(2, rel=1e-3)
    wide = exact | {"layers.0.variance": exact["layers.0.variance"] * 9}
    (found,) = measure_model(architecture, weights | wide, examples).batch_statistics
    assert found.variance_factor == pytest.approx(9, rel=1e-2)


def test_the_start_is_looked_at_by_the_batchs_own_statistics():
    architecture = build("deep_mlp", {"layers": 1, "hidden": 5, "context": 2})
    weights = architecture.init(np.random.default_rng(0), VOCABULARY.size)
    weights["layers.0.mean"] = weights["layers.0.mean"] + 1000
    examples = draw_examples(architecture, LINES, VOCABULARY.size, row_length=8, text=False, seed=0)
    assert measure_model(architecture, weights, examples).activations[0].saturated == 1
    assert measure_model(architecture, weights, examples, batch_moments=True).activations[0].saturated < 0.5


def test_a_weight_is_measured_by_its_spreads():
    rng = np.random.default_rng(0)
    data, gradient, update = (rng.normal(0, scale, (30, 40)) for scale in (2.0, 0.1, 0.004))
    found = measure_weight("W", data, gradient, update)
    assert found.shape == [30, 40]
    assert found.gradient_to_data == pytest.approx(0.05, rel=0.1)
    assert found.update_to_data == pytest.approx(0.002, rel=0.1)
    assert found.largest_gradient == np.abs(gradient).max()


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=50), st.booleans())
def test_a_histogram_holds_every_finite_number(values, bounded):
    found = histogram(np.array([*values, np.inf, np.nan], dtype=np.float32), bounded=bounded)
    assert sum(found.counts) == len(values)
    assert len(found.edges) == len(found.counts) + 1 == 51
    assert found.edges == sorted(found.edges)
    assert found.edges[0] == -found.edges[-1]


def test_logits_that_overflow_are_a_loss_that_is_no_number_and_no_warning():
    architecture, weights = model("mlp")
    inside = measure_model(architecture, weights | {"W2": weights["W2"] * np.float32(1e38)}, drawn("mlp", LINES))
    assert not np.isfinite(inside.loss) or inside.loss > 1e6
