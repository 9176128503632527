"""A trace computes what the architecture's `step` computes: for every kind, mixture and label, and for new kinds."""

import numpy as np
import pytest

from morelike.architecture import kinds
from morelike.arrays import namespace
from morelike.errors import ExportError
from morelike.exports.tracing import Runner, trace

from ...language_model.small_models import WORDS, labelled_model, small_model
from ..models import MIXTURES, Decay, Outside

STEPS = 12
LABELS = [("girl", "boy", "")[i % 3] for i in range(len(WORDS))]


def tokens(symbols, batch, steps=STEPS, seed=0):
    """Return lines side by side, which end at different times."""
    found = np.random.default_rng(seed).integers(1, symbols, (steps, batch), dtype=np.int32)
    found[0], found[5, 0] = 0, 0
    return found


def run_both(architecture, weights, traced, batch=3, label=None):
    """Yield the logits of the architecture and those of the trace after each character."""
    runner = Runner(traced)
    state, traced_state = architecture.start(weights, batch), runner.start(batch)
    for token in tokens(traced.vocabulary_size, batch):
        state, expected = architecture.step(weights, state, token)
        traced_state, logits = runner.step(traced_state, token, label)
        assert logits.dtype == np.float32
        yield expected, logits


def assert_equal_logits(architecture, weights, traced, **how):
    for expected, logits in run_both(architecture, weights, traced, **how):
        np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", kinds())
def test_a_trace_computes_the_logits_of_every_kind_for_a_batch_of_any_size(kind):
    architecture, weights = small_model(kind).prepared
    traced = trace(architecture, weights)
    for batch in (1, 3):
        assert_equal_logits(architecture, weights, traced, batch=batch)


@pytest.mark.parametrize("name", MIXTURES)
def test_a_trace_computes_the_logits_of_mixtures(name):
    architecture, weights = MIXTURES[name]().prepared
    assert_equal_logits(architecture, weights, trace(architecture, weights))


@pytest.mark.parametrize("kind", ["gru", "lstm", "transformer"])
def test_a_trace_takes_the_label_of_each_line_as_an_input(kind):
    model = labelled_model(kind, WORDS, LABELS)
    traced = trace(model.architecture, model.weights, labels=len(model.labels))
    for label in range(len(model.labels)):
        weights = model.architecture.conditioned_on(model.weights, label)
        assert_equal_logits(model.architecture, weights, traced, label=np.full(3, label, np.int32))


def test_n_grams_under_labels_are_refused_as_they_have_other_tables():
    model = labelled_model("ngram", WORDS, LABELS)
    with pytest.raises(ExportError, match="export the model under one label"):
        trace(model.architecture, model.weights, labels=len(model.labels))


def test_a_model_that_mixes_its_labels_is_refused():
    with pytest.raises(ExportError, match="export it under one label"):
        trace(*labelled_model("gru", WORDS, LABELS).prepared)


def test_an_architecture_of_another_developer_is_traced_without_an_edit():
    architecture = Decay()
    weights = architecture.init(np.random.default_rng(0), 5)
    traced = trace(architecture, weights)
    assert {"abs", "sqrt", "max", "clip"} - traced.counts.keys() == {"clip"}
    assert_equal_logits(architecture, weights, traced)


def test_a_function_without_an_operation_is_named():
    weights = Outside().init(np.random.default_rng(0), 5)
    with pytest.raises(ExportError, match="the array function `sort`"):
        trace(Outside(), weights)


def test_a_step_that_depends_on_other_lines_or_on_values_is_refused():
    class Wrong(Decay):
        change: str = "one line"

        def step(self, weights, state, token):
            if self.change == "one line":
                return state, weights["C"][token] + weights["C"][token[0]]
            if self.change == "branch" and (token == 0).sum() > 0:
                return state, weights["C"][token]
            return (state[0][:, 1:], state[1]), namespace(token).concatenate([token, token])

    for change, why in {"one line": "one line of the batch", "branch": "use `where`", "join": "joins lines"}.items():
        wrong = Wrong(change=change)
        architecture = Decay()
        weights = architecture.init(np.random.default_rng(0), 5)
        with pytest.raises(ExportError, match=why):
            _trace_of(wrong, architecture, weights)


def _trace_of(wrong, architecture, weights):
    """Trace a step that NumPy could not run: the shapes of its state are those of a right one."""
    from morelike.exports.tracing import step

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, "_start", lambda *_: ([*architecture.start(weights, 1)], architecture.start(weights, 1)))
        return trace(wrong, weights)


def test_what_no_input_changes_is_computed_once_and_named_by_its_weight():
    architecture, weights = small_model("deep_mlp").prepared
    traced = trace(architecture, weights)
    assert "sqrt" not in traced.counts  # the scale of BatchNorm
    names = {constant.name for constant in traced.constants.values()}
    assert {"C", "W", "layers.0.W", "layers.0.mean"} <= names
    assert len(names) == len(traced.constants)
    used = {number for operation in traced.operations for number in operation.inputs}
    assert traced.constants.keys() <= used


def test_states_keep_their_shapes_so_a_cache_is_as_long_as_the_memory():
    architecture, weights = small_model("transformer").prepared
    traced = trace(architecture, weights)
    keys, values, past = (traced.values[number].shape for number in traced.state)
    assert keys == values == (2, architecture.context, -1, 4)
    assert past == (-1, 1)
    for before, after in zip(traced.state, traced.next_state, strict=True):
        assert traced.values[before] == traced.values[after]
