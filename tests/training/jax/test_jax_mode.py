"""The fast paths inside a compiled program compute the same as their plain definitions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from morelike import arrays
from morelike.training.jax.gradients import cross_entropy, softmax, standardize
from morelike.training.jax.jax_mode import MANY_ROWS, Compiled


@pytest.fixture
def double():
    """Let JAX count in float64 within a test."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def test_the_gradient_of_the_loss_is_that_of_its_definition(double):
    rng = np.random.default_rng(0)
    logits, targets, loss_weights = (
        9 * rng.standard_normal((3, 4, 7)),
        rng.integers(0, 7, (3, 4)),
        rng.standard_normal((3, 4)),
    )

    def plain(logits):
        picked = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
        return jnp.sum(loss_weights * (jax.nn.logsumexp(logits, axis=-1) - picked))

    def fast(logits):
        return jnp.sum(loss_weights * cross_entropy(logits, targets))

    wanted, found = (jax.jit(jax.value_and_grad(loss))(logits) for loss in (plain, fast))
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("rows", [MANY_ROWS - 2, MANY_ROWS])
def test_a_product_of_few_or_many_rows_has_the_gradients_of_its_definition(rows, double):
    rng = np.random.default_rng(0)
    x, matrix, weights = (rng.standard_normal(shape) for shape in ((rows // 2, 2, 5), (5, 3), (rows // 2, 2, 3)))

    def fast(x, matrix):
        return jnp.sum(weights * Compiled().product(x, matrix))

    to_x, to_matrix = jax.jit(jax.grad(fast, (0, 1)))(x, matrix)
    np.testing.assert_allclose(to_x, weights @ matrix.T, rtol=1e-12)
    np.testing.assert_allclose(to_matrix, np.einsum("bck,bcn->kn", x, weights), rtol=1e-12, atol=1e-12)


def test_products_of_several_matrices_have_the_gradients_of_their_definition(double):
    rng = np.random.default_rng(0)
    x, matrix, weights = (rng.standard_normal((2, 3, *shape)) for shape in ((4, 5), (5, 6), (4, 6)))

    def fast(x, matrix):
        return jnp.sum(weights * Compiled().product(x, matrix))

    to_x, to_matrix = jax.jit(jax.grad(fast, (0, 1)))(x, matrix)
    np.testing.assert_allclose(to_x, np.einsum("abmn,abkn->abmk", weights, matrix), rtol=1e-12)
    np.testing.assert_allclose(to_matrix, np.einsum("abmk,abmn->abkn", x, weights), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("fast", "plain"), [(softmax, arrays.softmax), (standardize, arrays.standardize)])
def test_what_is_taken_along_an_axis_has_the_gradients_of_its_definition(fast, plain, double):
    rng = np.random.default_rng(0)
    x, weights = rng.standard_normal((3, 4, 7)), rng.standard_normal((3, 4, 7))
    x[0, 0, 3:] = -1e30 if fast is softmax else x[0, 0, 3:]  # as of characters that are not seen
    wanted, found = (jax.jit(jax.value_and_grad(lambda x, of=of: jnp.sum(weights * of(x))))(x) for of in (plain, fast))
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-10, atol=1e-14)


def test_dropout_drops_its_share_of_each_column_of_any_size():
    mode = Compiled(jax.random.key(0))
    x = np.ones((3001, 7), dtype=np.float32)  # no multiple of the four numbers that share a draw
    found = np.asarray(jax.jit(lambda x: mode.drop("layer", x, 0.25))(x))
    assert set(np.unique(found)) == {np.float32(0), np.float32(4 / 3)}
    np.testing.assert_allclose((found == 0).mean(axis=0), 0.25, atol=0.03)
    assert abs(np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]) < 0.03


def test_weights_that_are_dropped_are_the_same_for_all_rows_and_the_rest_is_scaled_up():
    matrix = jnp.ones((40, 50))
    dropped = Compiled(jax.random.key(0)).drop_weights("layers.0.Wh", matrix, 0.25)
    assert set(np.unique(dropped).tolist()) == {0.0, np.float32(256 / 192)}
    assert 0.2 < np.mean(np.asarray(dropped) == 0) < 0.3
    again = Compiled(jax.random.key(0)).drop_weights("layers.0.Wh", matrix, 0.25)
    other = Compiled(jax.random.key(0)).drop_weights("layers.1.Wh", matrix, 0.25)
    assert np.array_equal(dropped, again)
    assert not np.array_equal(dropped, other)
    assert np.array_equal(Compiled().drop_weights("layers.0.Wh", matrix, 0.25), matrix)
