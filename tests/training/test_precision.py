"""Products of bfloat16: what they multiply, where they are the default, and that a run learns the same with them."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.runs.plan import make_plan
from morelike.runs.settings import TrainingConfig, configure_kind
from morelike.text.corpus import corpus_of
from morelike.training import resources
from morelike.training.jax.engine import Engine
from morelike.training.jax.jax_mode import Compiled
from morelike.training.preparation import prepare

from .runs import pronounceable, quick_first, small_settings

TRAINED = quick_first(["gru", "mlp", "lstm", "rnn", "deep_mlp", "wavenet", "bow", "transformer"])


def prepared(kind, **settings):
    return prepare(make_plan(corpus_of("words", pronounceable(200), "lines"), kind, settings=settings))


def engine_of(kind, precision):
    made = prepared(kind, **small_settings(kind, batch_size=8, steps=8, chunk=8, precision=precision))
    return Engine(made.plan.architecture, made.plan.training, made.train, made.dev, made.vocabulary.size)


def test_factors_are_rounded_to_bfloat16_and_sums_are_not():
    rng = np.random.default_rng(0)
    x, matrix, weights = (rng.standard_normal(shape, np.float32) for shape in ((4, 3, 50), (50, 7), (4, 3, 7)))

    def loss(x, matrix):
        return jnp.sum(weights * Compiled(factors="bfloat16").product(x, matrix))

    def rounded(array):
        return np.asarray(jnp.asarray(array).astype("bfloat16").astype("float32"), np.float64)

    found = Compiled(factors="bfloat16").product(jnp.asarray(x), jnp.asarray(matrix))
    to_x, to_matrix = jax.jit(jax.grad(loss, (0, 1)))(x, matrix)
    assert found.dtype == to_x.dtype == to_matrix.dtype == np.float32
    x, matrix, weights = map(rounded, (x, matrix, weights))
    np.testing.assert_allclose(found, x @ matrix, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(to_x, weights @ matrix.T, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(to_matrix, np.einsum("bck,bcn->kn", x, weights), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", TRAINED)
def test_bfloat16_products_change_the_gradients_of_a_step_by_their_rounding_alone(kind):
    plain, fast = (engine_of(kind, precision) for precision in ("float32", "bfloat16"))
    wanted, found = (engine.preview(engine.initial_state(), 0) for engine in (plain, fast))
    assert found.loss == pytest.approx(wanted.loss, abs=5e-3)
    differs = False
    for name, gradient in wanted.gradients.items():
        error = np.linalg.norm(found.gradients[name] - gradient)
        assert error <= 0.04 * np.linalg.norm(gradient) + 1e-5, name
        differs |= error > 0
    assert differs  # without rounding nothing would be faster


@pytest.mark.parametrize("kind", quick_first(["gru", "transformer"]))
def test_dev_is_evaluated_in_float32_whatever_the_precision_of_training(kind):
    plain, fast = (engine_of(kind, precision) for precision in ("float32", "bfloat16"))
    weights = plain.initial_state().weights
    assert fast.dev_loss(weights) == plain.dev_loss(weights)


@pytest.mark.skipif(not resources.has_bfloat16_products(), reason="the processor does not multiply bfloat16")
def test_the_compiled_product_and_its_two_gradients_multiply_bfloat16():
    def loss(x, matrix):
        return jnp.sum(jnp.tanh(Compiled(factors="bfloat16").product(x, matrix)))

    x, matrix = jnp.ones((64, 128)), jnp.ones((128, 96))
    program = jax.jit(jax.grad(loss, (0, 1))).lower(x, matrix).compile().as_text()
    types = dict(re.findall(r"%([\w.\-]+) = (\w+)\[", program))
    factors = [[types[name] for name in pair] for pair in re.findall(r" dot\(%([\w.\-]+), %([\w.\-]+)\)", program)]
    assert factors == [["bf16", "bf16"]] * 3


def test_bfloat16_is_the_default_of_longer_steps_on_processors_that_multiply_it(monkeypatch):
    for has, expected in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(resources, "has_bfloat16_products", lambda has=has: has)
        assert prepared("gru").plan.training.precision == expected
        assert prepared("gru", hidden=8).plan.training.precision == "float32"
        assert prepared("mlp", hidden=8, batch_size=8).plan.training.precision == "float32"
        assert prepared("gru", precision="float32").plan.training.precision == "float32"


def test_an_unknown_precision_is_refused():
    assert TrainingConfig().precision is None
    with pytest.raises(SettingError, match="precision"):
        configure_kind("gru", {"precision": "float16"})
