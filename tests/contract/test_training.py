"""What holds of every trained architecture inside a compiled JAX program."""

import math
from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from morelike.architecture import USE, WindowArchitecture
from morelike.text.examples.packed_rows import IGNORED, packed_rows
from morelike.text.vocabulary import END, Vocabulary
from morelike.training.jax.jax_mode import Compiled

from .subjects import (
    DEFAULTS,
    SMALL_TRAINED,
    STACKED,
    TRAINED,
    VOCABULARY,
    WORDS,
    Plain,
    arrays,
    compiled,
    quick_first,
    rows,
)

EVERY_TRAINED = pytest.mark.parametrize("subject", TRAINED, ids=str)
EVERY_SMALL = pytest.mark.parametrize("subject", quick_first(SMALL_TRAINED))
DEFAULT_SETTINGS = pytest.mark.parametrize("subject", [*DEFAULTS, *STACKED], ids=str)
FAST = Compiled()
MODES = pytest.mark.parametrize("mode", [Plain(), FAST], ids=["plain", "fast"])
BY_HEART = ("bigram", "mlp", "rnn", "bow")  # one of each sort; the others in the long run
PROBES = 3  # weights of each array whose gradient is checked


@pytest.fixture
def double():
    """Let JAX count in float64 within a test."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def mean_loss(architecture, weights, inputs, targets, mode=FAST):
    logits = architecture.logits(weights, inputs, mode)
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(targets, END))
    counted = targets != IGNORED
    return jnp.sum(jnp.where(counted, losses, 0)) / jnp.sum(counted)


@MODES
@EVERY_TRAINED
def test_numpy_agrees_with_a_compiled_jax_program(subject, mode):
    architecture, weights, tokens = subject.architecture, subject.weights(), rows()
    found = compiled(lambda weights, tokens: architecture.logits(weights, tokens, mode))(weights, tokens)
    assert found.dtype == np.float32
    assert np.abs(found - architecture.logits(weights, tokens, USE)).max() < 1e-5


@EVERY_TRAINED
def test_a_compiled_step_agrees_with_numpy_too(subject):
    architecture, weights = subject.architecture, subject.weights()
    tokens = rows()[:, 4]
    state = architecture.start(weights, len(tokens))
    found = compiled(architecture.step)(weights, state, tokens)
    for ours, theirs in zip(arrays(architecture.step(weights, state, tokens)), arrays(found), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@EVERY_SMALL
def test_gradients_agree_with_finite_differences_in_float64(subject, double):
    loss, weights = loss_in_float64(subject, FAST), in_float64(subject)
    gradient = compiled(jax.grad(loss))(weights)
    loss = compiled(loss)
    rng = np.random.default_rng(2)
    for name, array in weights.items():
        assert np.any(gradient[name]), name
        for at in rng.integers(0, array.size, PROBES):
            assert gradient[name].ravel()[at] == pytest.approx(slope(loss, weights, name, at), rel=1e-5, abs=1e-8), name


@EVERY_SMALL
def test_the_fast_gradients_are_those_of_the_plain_definition(subject, double):
    weights = in_float64(subject)
    fast, plain = (compiled(jax.grad(loss_in_float64(subject, mode)))(weights) for mode in (FAST, Plain()))
    assert fast.keys() == plain.keys() == weights.keys()
    for name, array in fast.items():
        assert array.dtype == np.float64
        np.testing.assert_allclose(array, plain[name], rtol=1e-10, atol=1e-13, err_msg=name)


def in_float64(subject):
    return {name: array.astype(np.float64) for name, array in subject.weights().items()}


def loss_in_float64(subject, mode):
    tokens = rows(length=13)
    return lambda weights: mean_loss(subject.architecture, weights, tokens[:, :-1], tokens[:, 1:], mode)


def slope(loss, weights, name, at, reach=1e-5):
    """Return the central difference of the loss along one number of one array."""
    direction = np.zeros(weights[name].size)
    direction[at] = reach
    direction = direction.reshape(weights[name].shape)
    above, below = (loss(weights | {name: weights[name] + sign * direction}) for sign in (1, -1))
    return float(above - below) / (2 * reach)


@DEFAULT_SETTINGS
@pytest.mark.parametrize("symbols", [27, *(pytest.param(n, marks=pytest.mark.slow) for n in (3, 347))])
def test_the_first_loss_is_near_that_of_knowing_nothing(subject, symbols):
    vocabulary = Vocabulary(tuple(chr(0x100 + i) for i in range(symbols - 1)))
    tokens = np.random.default_rng(0).integers(0, symbols, (16, 33)).astype(np.int32)
    loss = compiled(lambda weights: mean_loss(subject.architecture, weights, tokens[:, :-1], tokens[:, 1:]))
    found = [loss(subject.fresh(seed, vocabulary)) for seed in range(3)]
    assert found == pytest.approx([math.log(symbols)] * 3, abs=0.1)


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(each, id=str(each), marks=() if each.kind in BY_HEART else pytest.mark.slow)
        for each in [*DEFAULTS, *STACKED]
    ],
)
def test_one_small_batch_can_be_learned_by_heart_and_nothing_beyond_it(subject):
    batch = packed_rows(VOCABULARY.encode_lines(WORDS), 12)
    rate = 0.1 if subject.kind == "bigram" else 0.01  # a table of logits goes a long way
    found = loss_after_descent(subject.architecture, subject.fresh(), batch, rate)
    assert found < least_loss(subject.architecture) + 0.02
    assert found > least_loss(subject.architecture, whole_line=True) - 1e-3


def loss_after_descent(architecture, weights, batch, rate, steps=250):
    optimiser = optax.adam(rate)

    def loss(weights):
        return mean_loss(architecture, weights, batch.inputs, batch.targets)

    def advance(carry, _):
        weights, state = carry
        found, gradient = jax.value_and_grad(loss)(weights)
        updates, state = optimiser.update(gradient, state)
        return (optax.apply_updates(weights, updates), state), found

    descend = compiled(lambda weights: jax.lax.scan(advance, (weights, optimiser.init(weights)), length=steps)[1])
    return float(descend(weights)[-1])


def least_loss(architecture, whole_line=False):
    """Return the loss of knowing the words by heart as far as the model can see back."""
    reach = architecture.context if isinstance(architecture, WindowArchitecture) and not whole_line else 100
    seen = [(("." * reach + word)[i : i + reach], (word + ".")[i]) for word in WORDS for i in range(len(word) + 1)]
    if architecture.kind == "bow" and not whole_line:  # it sees which characters there were, and which came last
        seen = [(("".join(sorted(before)), before[-1]), after) for before, after in seen]
    pairs, before = Counter(seen), Counter(context for context, _ in seen)
    return -sum(c * math.log(c / before[context]) for (context, _), c in pairs.items()) / len(seen)
