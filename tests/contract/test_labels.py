"""What holds of every architecture that takes labels; each variant of each kind is tried."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from morelike.architecture import LABELS, USE, TrainedArchitecture, find
from morelike.text.vocabulary import END, TokenLines, Vocabulary
from morelike.training.jax.jax_mode import Compiled

from .subjects import SUBJECTS, VOCABULARY, WORDS, along, compiled, quick_first, rows
from .test_training import double, slope  # noqa: F401  (a fixture)

COUNT = 3
TAKERS = [each for each in SUBJECTS if find(each.kind).takes_labels]
TRAINED = [each for each in TAKERS if issubclass(find(each.kind), TrainedArchitecture)]
SMALL = [each for each in TRAINED if each.settings]
EVERY = pytest.mark.parametrize("subject", TAKERS, ids=str)
EVERY_TRAINED = pytest.mark.parametrize("subject", TRAINED, ids=str)


def weights_of(subject, vocabulary=VOCABULARY):
    """Return weights of a model with labels, none of them zero or small."""
    architecture, rng = subject.architecture, np.random.default_rng(5)
    if subject in TRAINED:
        weights = subject.weights(vocabulary)
        fresh = architecture.init_labels(rng, weights, COUNT)[LABELS]
        return weights | {LABELS: fresh + np.float32(0.3) * rng.standard_normal(fresh.shape, dtype=np.float32)}
    lines = vocabulary.encode_lines([vocabulary.drop_unknown(word) for word in WORDS])
    labels = (np.arange(len(lines)) % COUNT).astype(np.int32)
    lines = TokenLines(lines.tokens, lines.offsets, None, labels, COUNT)
    return architecture.fit(lines, lines.take(np.arange(0, len(lines), 2)), vocabulary.size)


def labelled(tokens, label):
    """Return rows in which the symbol of a label begins each line."""
    return np.where(tokens == END, np.int32(-1 - label), tokens)


@EVERY
def test_weights_with_labels_fit_and_say_how_many_there_are(subject):
    architecture, weights = subject.architecture, weights_of(subject)
    assert architecture.labels_in(weights) == COUNT
    assert architecture.labels_in(subject.fresh()) == 0
    assert architecture.fits(weights, VOCABULARY.size)
    for name in weights:
        assert not architecture.fits({n: a for n, a in weights.items() if n != name} | {"other": weights[name]}, 7)


@EVERY
def test_given_any_label_the_probabilities_of_all_words_and_of_what_is_longer_sum_to_1(subject):
    architecture, vocabulary = subject.architecture, Vocabulary(("a", "b"))
    weights = weights_of(subject, vocabulary)
    for label in range(COUNT):
        total, given = 0.0, architecture.conditioned_on(weights, label)
        for length in range(5):
            words = np.array(list(itertools.product([1, 2], repeat=length)), dtype=np.int32).reshape(2**length, length)
            words = words if length == 4 else np.pad(words, ((0, 0), (0, 1)), constant_values=END)
            total += np.exp(architecture.log_probabilities(given, words).astype(np.float64).sum(axis=1)).sum()
        assert total == pytest.approx(1, abs=1e-5)


@EVERY
def test_labels_differ_and_given_one_the_model_knows_no_labels_any_more(subject):
    architecture, weights, tokens = subject.architecture, weights_of(subject), rows()[:, 1:]
    found = [
        architecture.log_probabilities(architecture.conditioned_on(weights, label), tokens) for label in range(COUNT)
    ]
    assert all(np.abs(one - other).max() > 1e-3 for one, other in itertools.combinations(found, 2))
    assert architecture.labels_in(architecture.conditioned_on(weights, 0)) == 0


@EVERY_TRAINED
def test_step_given_a_label_agrees_with_logits_after_its_symbol(subject):
    architecture, weights, tokens = subject.architecture, weights_of(subject), rows()
    for label in range(COUNT):
        expected = architecture.logits(weights, labelled(tokens, label), USE)
        assert expected.shape[-1] == VOCABULARY.size
        np.testing.assert_allclose(
            along(architecture, architecture.conditioned_on(weights, label), tokens), expected, atol=1e-5
        )


@pytest.mark.parametrize("subject", quick_first(SMALL))
def test_numpy_agrees_with_a_compiled_jax_program_on_labels(subject):
    architecture, weights, tokens = subject.architecture, weights_of(subject), labelled(rows(), 1)
    tokens[1] = labelled(rows()[1], 2)
    found = compiled(lambda weights, tokens: architecture.logits(weights, tokens, Compiled()))(weights, tokens)
    assert np.abs(found - architecture.logits(weights, tokens, USE)).max() < 1e-5


@pytest.mark.parametrize(
    "subject",
    [pytest.param(each, id=str(each), marks=() if each == SMALL[0] else pytest.mark.slow) for each in SMALL],
)
def test_gradients_of_labels_agree_with_finite_differences_and_are_none_for_those_not_fed(subject, double):  # noqa: F811
    architecture, tokens = subject.architecture, labelled(rows(length=13), 1)
    weights = {name: array.astype(np.float64) for name, array in weights_of(subject).items()}

    def loss(weights):
        logits = architecture.logits(weights, tokens[:, :-1], Compiled())
        picked = jnp.take_along_axis(jax.nn.log_softmax(logits), jnp.maximum(tokens[:, 1:], END)[..., None], axis=-1)
        return -jnp.mean(picked)

    gradient = compiled(jax.grad(loss))(weights)[LABELS]
    assert np.all(gradient[::2] == 0)
    loss = compiled(loss)
    for at in gradient.shape[1] + np.array([0, 3, 5]):
        assert gradient.ravel()[at] == pytest.approx(slope(loss, weights, LABELS, at), rel=1e-5, abs=1e-9)
