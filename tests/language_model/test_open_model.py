"""The open bench: forward passes, gradients and steps of every kind of model, fresh, trained and loaded."""

import math
from functools import partial

import jaxtyping
import numpy as np
import pytest

import morelike
from morelike.architecture import USE, find, kinds
from morelike.autograd import Value, cross_entropy
from morelike.errors import MorelikeError, SettingError, TrainingError
from morelike.language_model.forward import Recorder, trained_forward
from morelike.runs.settings import TrainingConfig
from morelike.text.examples.packed_rows import IGNORED
from morelike.training.reference_loop import train

from .small_models import labelled_model

WORDS = ["b", "bad", "cab"]
SMALL = {"context": 4, "embedding": 4, "hidden": 4, "layers": 2, "heads": 2}
TRAINED = [kind for kind in kinds() if find(kind).learned_by == "gradients"]
EVERY = pytest.mark.parametrize("kind", TRAINED)
IMPORTANT = {
    "bigram": "logits",
    "mlp": "embeddings concatenated preactivations hidden",
    "deep_mlp": "embeddings concatenated layers.0.linear layers.0.normalized layers.0 layers.1",
    "wavenet": "embeddings levels.0.pairs levels.0.linear levels.0.normalized levels.1",
    "rnn": "embeddings layers.0.a layers.0.h layers.1.h",
    "gru": "embeddings layers.0.r layers.0.z layers.0.n layers.0.h layers.1.h",
    "lstm": "embeddings layers.0.i layers.0.f layers.0.g layers.0.o layers.0.h layers.0.c",
    "bow": "embeddings mean hidden",
    "transformer": "embeddings blocks.0.attention.weights blocks.0.attention blocks.0.hidden blocks.1.mlp",
}


def small(kind, words=WORDS, **settings):
    possible = {name: value for name, value in SMALL.items() if name in find(kind).model_fields}
    return morelike.build(kind, words, **possible | settings)


def away_from_zero(model):
    """Return the model with weights of which none is zero."""
    rng = np.random.default_rng(1)
    moved = {name: w + 0.3 * rng.standard_normal(w.shape) for name, w in model.weights.items()}
    moved |= {name: np.abs(w) + 0.1 for name, w in moved.items() if name.endswith(".variance")}
    settings = model.architecture.model_dump()
    return morelike.build(model.architecture.kind, WORDS, weights=moved, **settings)


@EVERY
def test_a_fresh_model_works_at_once_and_knows_nothing(kind):
    model = small(kind)
    assert len(model.sample(3, max_length=9)) == 3
    assert model.forward(WORDS).loss == pytest.approx(math.log(model.vocabulary.size), abs=0.1)
    assert model.evaluate(WORDS).nats_per_character == pytest.approx(model.forward(WORDS).loss, abs=1e-6)


@EVERY
def test_a_forward_pass_shows_the_intermediate_results_of_each_kind(kind):
    found = small(kind).forward(WORDS)
    assert set(IMPORTANT[kind].split()) <= set(found)
    assert list(found)[:2] == ["inputs", "targets"]
    assert list(found)[-3:] == ["logits", "probabilities", "losses"]
    assert {len(array) for array in found.values()} == {len(found.inputs)}
    np.testing.assert_allclose(found.probabilities.sum(-1), 1)
    assert found.loss == pytest.approx(np.nanmean(found.losses))
    assert np.isnan(found.losses).sum() == (found.targets == IGNORED).sum()


def test_the_shapes_are_those_of_the_definitions():
    shapes = small("mlp", hidden=7).forward(WORDS).shapes
    characters = sum(map(len, WORDS)) + len(WORDS)
    assert shapes["embeddings"] == (characters, 4, 4)
    assert shapes["concatenated"] == (characters, 16)
    assert shapes["hidden"] == (characters, 7)
    assert shapes["logits"] == (characters, 5)
    assert small("wavenet").forward(WORDS)["levels.0.pairs"].shape == (characters, 2, 8)
    assert small("gru", hidden=5).forward(WORDS)["layers.1.z"].shape == (3, 4, 5)
    attention = small("transformer").forward(["abcdab"])["blocks.0.attention.weights"]
    assert attention.shape == (1, 2, 7, 7)
    np.testing.assert_allclose(attention.sum(-1), 1)
    assert not np.triu(attention[0, 0, :4, :4], 1).any()


def test_gates_and_states_satisfy_the_equations_of_the_cell():
    gru = away_from_zero(small("gru", layers=1)).forward(WORDS)
    before = gru["layers.0.h"][:, :-1]
    z, n = gru["layers.0.z"][:, 1:], gru["layers.0.n"][:, 1:]
    within = gru.inputs[:, 1:] != 0
    np.testing.assert_allclose(gru["layers.0.h"][:, 1:][within], ((1 - z) * n + z * before)[within], atol=1e-12)
    lstm = away_from_zero(small("lstm", layers=1)).forward(WORDS)
    np.testing.assert_allclose(lstm["layers.0.h"], lstm["layers.0.o"] * np.tanh(lstm["layers.0.c"]), atol=1e-12)


@EVERY
def test_recording_changes_nothing(kind):
    model = away_from_zero(small(kind))
    precise = {name: w.astype(np.float64) for name, w in model.weights.items()}
    found = model.forward(WORDS)
    np.testing.assert_array_equal(found.logits, model.architecture.example_logits(precise, found.inputs, USE))


@pytest.fixture
def values_in_arrays(monkeypatch):
    """Let arrays hold `Value`s: NumPy calls their methods, and no annotation asks for floats."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    methods = {
        "sqrt": lambda self: self**0.5,
        "conjugate": lambda self: self,
        "__ge__": lambda self, other: self.data >= getattr(other, "data", other),
        "__le__": lambda self, other: self.data <= getattr(other, "data", other),
    }
    for name, method in methods.items():
        monkeypatch.setattr(Value, name, method, raising=False)


def gradients_by_scalars(model, inputs, targets):
    """Return the loss and the gradients by `autograd`, through the architecture's own equations."""
    tables = {name: np.vectorize(Value, otypes=[object])(w.astype(np.float64)) for name, w in model.weights.items()}
    logits = model.architecture.example_logits(tables, inputs, Recorder(training=True))
    loss = cross_entropy(list(logits[targets != IGNORED]), targets[targets != IGNORED].tolist())
    loss.backward()
    return loss.data, {name: np.vectorize(lambda value: value.grad)(table) for name, table in tables.items()}


@EVERY
def test_gradients_equal_those_of_the_scalar_engine(kind, values_in_arrays):
    model = away_from_zero(small(kind))
    found = model.forward(WORDS, training=True)
    loss, expected = gradients_by_scalars(model, found.inputs, found.targets)
    assert found.loss == pytest.approx(loss, abs=1e-12)
    gradients = model.gradients(WORDS)
    assert list(gradients) == [name for name in model.weights if model.architecture.is_parameter(name)]
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, expected[name], atol=1e-10, err_msg=name)
    assert any(np.abs(gradient).max() > 1e-3 for gradient in gradients.values())


@EVERY
def test_a_step_goes_down_the_gradient_and_returns_the_loss_before_it(kind):
    model = small(kind)
    before, gradients, loss = model.weights, model.gradients(WORDS), model.forward(WORDS, training=True).loss
    kept = {name: array.copy() for name, array in before.items()}
    assert model.step(WORDS, 0.05) == pytest.approx(loss, abs=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(model.weights[name], (kept[name] - 0.05 * gradient).astype(np.float32))
        np.testing.assert_array_equal(before[name], kept[name])
    stepped = small(kind)
    stepped.step(WORDS, 1e-3)
    assert stepped.forward(WORDS, training=True).loss < loss
    assert model.evaluate(WORDS).nats_per_character == pytest.approx(model.forward(WORDS).loss, abs=1e-6)
    climbed = small(kind)
    climbed.step(WORDS, -1e-3)
    assert climbed.forward(WORDS, training=True).loss > loss


@pytest.mark.parametrize("kind", ["mlp", pytest.param("deep_mlp", marks=pytest.mark.slow)])
def test_steps_are_those_of_training_with_the_same_settings(kind):
    model = small(kind, seed=3)
    dataset = morelike.build_dataset(WORDS, 4)
    config = TrainingConfig(
        steps=3, batch_size=len(dataset), optimizer="sgd", learning_rate=0.1, schedule="constant", warmup=0, clip=0,
        seed=3,
    )  # fmt: skip
    lines = model.vocabulary.encode_lines(WORDS)
    for step in train(model.architecture, model.weights, config, lines, text=False):
        assert model.step(dataset, 0.1) == pytest.approx(step.loss, abs=1e-5)
        for name, array in step.weights.items():
            np.testing.assert_allclose(model.weights[name], array, atol=2e-6, err_msg=name)


@pytest.mark.slow
def test_a_fresh_model_is_that_from_which_training_starts():
    trained = morelike.train(WORDS, kind="mlp", steps=1, learning_rate=1e-12, hidden=4, seed=5)
    fresh = morelike.build("mlp", WORDS, hidden=4, seed=5)
    for name, array in fresh.weights.items():
        np.testing.assert_allclose(trained.weights[name], array, atol=1e-9)


def test_some_examples_of_a_data_set_are_a_batch():
    model, dataset = small("mlp"), morelike.build_dataset(WORDS, 4)
    whole = model.forward(WORDS)
    np.testing.assert_array_equal(model.forward(dataset).logits, whole.logits)
    batch = dataset[np.array([3, 1, 1])]
    np.testing.assert_allclose(model.forward(batch).losses, whole.losses[[3, 1, 1]])
    assert model.step(batch, 0.1) == pytest.approx(np.mean(whole.losses[[3, 1, 1]]))


def test_a_step_forgets_all_that_was_computed_from_the_earlier_weights():
    model = small("gru")
    _, stated, conditioned = model.prepared, model.letter_pairs, model.next("ca")
    object.__setattr__(model, "facts", {"list": "words", "losses": {"dev": {}}})
    for _ in range(3):
        model.step(WORDS, 1.0)
    assert model.next("ca")["b"] > conditioned["b"] + 0.01
    assert model.letter_pairs is not stated
    assert model.facts == {"list": "words"}


def test_trained_loaded_and_conditioned_models_are_open_too(tmp_path):
    labelled = labelled_model("gru", WORDS, ["x", "y", "x"])
    folder = labelled.save(tmp_path / "model")
    model = morelike.load(folder).conditioned_on("x")
    stated = -model.log_probability(WORDS).sum()
    assert np.nansum(model.forward(WORDS).losses) == pytest.approx(stated, rel=1e-5)
    assert "labels" in model.gradients(WORDS)
    model.step(WORDS, 0.5)
    assert -model.log_probability(WORDS).sum() < stated
    assert -morelike.load(folder).conditioned_on("x").log_probability(WORDS).sum() == pytest.approx(stated)
    with pytest.raises(SettingError, match=r"mixes its labels: choose one, as in model.conditioned_on\('x'\)"):
        labelled.forward(WORDS)


@pytest.mark.parametrize("kind", ["ngram", "mixture"])
def test_counts_and_mixtures_show_logits_and_have_no_gradients(kind):
    model = morelike.train(WORDS * 4, kind="ngram", order=3)
    if kind == "mixture":
        model = morelike.mix([model, morelike.train(WORDS * 4, kind="bigram", steps=1)], WORDS * 4)
    found = model.forward(WORDS)
    assert found.loss == pytest.approx(model.evaluate(WORDS).nats_per_character, rel=1e-5)
    for act in (model.gradients, partial(model.step, rate=0.1)):
        with pytest.raises(SettingError, match="it has no gradients"):
            act(WORDS)


@pytest.mark.parametrize("kind", ["mlp", "gru", "transformer"])
def test_of_a_running_text_all_characters_but_the_first_are_predicted(kind):
    text = "abcabcabcacb" * 9
    model = small(kind, text, form="text")
    found = model.forward(text)
    assert (~np.isnan(found.losses)).sum() == len(text) - 1
    assert found.loss == pytest.approx(model.evaluate(text).nats_per_character, rel=1e-5)
    if kind == "mlp":
        assert model.step(text, 0.1) == pytest.approx(found.loss)


def test_a_forward_pass_reads_as_a_table():
    found = small("mlp").forward(["ab"])
    assert "hidden          (3, 4)\nlogits          (3, 5)" in repr(found)
    assert repr(found).splitlines()[-1] == f"loss = {found.loss:.4f} nats per character"
    assert found.hidden is found["hidden"]
    assert "hidden" in dir(found)
    with pytest.raises(
        KeyError, match=r"no array is called 'hiden'; did you mean 'hidden'.; there are inputs, targets"
    ):
        found["hiden"]
    with pytest.raises(AttributeError, match="no array 'hiden'"):
        found.hiden  # noqa: B018


def test_what_cannot_be_opened_is_refused():
    model = small("mlp")
    dataset = morelike.build_dataset(WORDS, 4)
    refused = [
        (lambda: model.forward([]), "there are no words: give at least one"),
        (lambda: model.forward("bad"), "one string"),
        (lambda: model.forward(["z"]), "does not know the character 'z'"),
        (lambda: model.step(WORDS, math.nan), "rate = nan: give a finite number, such as 0.1"),
        (lambda: model.forward(morelike.build_dataset(WORDS, 3)), "contexts of 4 characters, and the data set has 3"),
        (lambda: model.forward(morelike.build_dataset(["ab"], 4)), "vocabulary = model.vocabulary"),
        (lambda: model.forward(dataset[:0]), "the data set has no examples"),
        (lambda: small("gru").forward(dataset), "gru reads whole words, not contexts"),
    ]
    for act, says in refused:
        with pytest.raises(MorelikeError, match=says):
            act()


def test_a_step_that_leads_nowhere_leaves_the_weights_as_they_are():
    model = small("mlp")
    before = model.weights
    with pytest.raises(TrainingError, match=r"rate = 1e\+30 .* the weights are unchanged"):
        model.step(WORDS, 1e30)
    assert model.weights is before


def test_nothing_is_dropped():
    model = small("gru", dropout=0.5, recurrent_dropout=0.5)
    assert model.step(WORDS, 1e-12) == pytest.approx(model.forward(WORDS).loss, abs=1e-8)
    assert model.forward(WORDS).loss == pytest.approx(small("gru", dropout=0.0).forward(WORDS).loss)


def test_a_recorder_keeps_each_array_once():
    model = small("gru")
    precise = {name: w.astype(np.float64) for name, w in model.weights.items()}
    found = trained_forward(model.architecture, precise, model._examples(model.architecture, WORDS))
    assert "layers.0" not in found
    assert "layers.0.h" in found


@pytest.mark.parametrize("text", ["", "a"])
def test_a_text_without_a_next_character_is_refused(text):
    prose = morelike.build("rnn", "abcabc", form="text", hidden=4, embedding=2)
    for act in (prose.forward, prose.gradients, lambda text: prose.step(text, 0.1)):
        with pytest.raises(SettingError, match="has no next character: give at least two characters"):
            act(text)
