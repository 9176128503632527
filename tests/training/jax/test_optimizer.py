"""The learning rate over the steps, and the updates made with it."""

import math
from typing import get_args

import numpy as np
import pytest

from morelike.architecture import build
from morelike.errors import SettingError
from morelike.runs.settings import TrainingConfig, configure
from morelike.text.vocabulary import END, Vocabulary
from morelike.training.jax.optimizer import LONG_FIRST_STEP, OPTIMIZERS, SCHEDULES, schedule

from ..runs import train_small


def rates(**settings):
    config = TrainingConfig(steps=100, learning_rate=2.0, **settings)
    return [float(schedule(config)(step)) for step in range(100)]


def test_every_value_of_the_settings_has_its_function_and_no_other_exists():
    for name, functions in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        assert set(get_args(TrainingConfig.model_fields[name].annotation)) == set(functions)
    assert set(OPTIMIZERS) >= LONG_FIRST_STEP


def test_a_constant_rate_stays():
    assert rates(schedule="constant", warmup=0) == [2.0] * 100


def test_cosine_goes_from_the_highest_rate_over_its_half_to_nearly_zero():
    rate = rates(schedule="cosine", warmup=0)
    expected = [2.0 * (1 + math.cos(math.pi * step / 100)) / 2 for step in range(100)]
    np.testing.assert_allclose(rate, expected, rtol=1e-4, atol=1e-6)
    assert rate[0] == 2.0
    assert rate[50] == pytest.approx(1.0)


def test_step_lowers_the_rate_once():
    rate = rates(schedule="step", warmup=0, decay_at=0.6, decay_factor=0.25)
    np.testing.assert_allclose(rate, [2.0] * 60 + [0.5] * 40)


@pytest.mark.parametrize("after", ["constant", "cosine", "step"])
def test_warm_up_rises_in_equal_steps_to_the_highest_rate(after):
    rate = rates(schedule=after, warmup=0.1)
    np.testing.assert_allclose(rate[:11], [2.0 * (step + 1) / 11 for step in range(11)], rtol=1e-5)
    assert max(rate) == pytest.approx(2.0)


def test_the_step_comes_at_the_same_place_with_a_warm_up():
    rate = rates(schedule="step", warmup=0.1, decay_at=0.6, decay_factor=0.25)
    np.testing.assert_allclose(rate[10:], [2.0] * 50 + [0.5] * 40)


def mean_loss(architecture, weights, words, vocabulary):
    """Return the loss per character by the definition: words one by one, character after character."""
    import jax
    import jax.numpy as jnp

    total, characters = 0.0, 0
    for word in words:
        state, previous = architecture.start(weights, 1), END
        for token in [*vocabulary.encode(word), END]:
            state, logits = architecture.step(weights, state, jnp.array([previous]))
            total -= jax.nn.log_softmax(logits)[0, token]
            previous, characters = token, characters + 1
    return total / characters


def test_a_step_of_sgd_is_the_rate_times_the_gradient_of_the_mean_loss():
    import jax

    words, rate, steps = ["ab", "b"], 0.5, 4
    settings = {
        "optimizer": "sgd",
        "schedule": "step",
        "warmup": 0,
        "clip": 0,
        "learning_rate": rate,
        "decay_at": 0.5,
        "batch_size": 1000,
        "steps": steps,
        "evaluate_every": steps,
        "chunk": steps,
        "dropout": 0.0,
        "layers": 1,
    }
    model = train_small("gru", words, split="none", **settings)
    vocabulary = Vocabulary.of(words)
    architecture = build("gru", {"embedding": 4, "hidden": 8, "dropout": 0.0})
    weights = architecture.init(np.random.Generator(np.random.PCG64(3)), vocabulary.size)
    gradient = jax.jit(jax.grad(lambda w: mean_loss(architecture, w, words, vocabulary)))
    for step in range(steps):
        now = rate if step < 2 else rate / 10
        weights = {name: w - now * np.asarray(gradient(weights)[name]) for name, w in weights.items()}
    for name, w in weights.items():
        np.testing.assert_allclose(model.weights[name], w, rtol=1e-3, atol=1e-5, err_msg=name)


def test_steps_and_epochs_exclude_one_another():
    with pytest.raises(SettingError, match="steps and epochs both say how long to train"):
        configure(build("mlp", {}), {"steps": 5, "epochs": 2})


def test_epochs_are_written_out_as_steps():
    config = TrainingConfig(epochs=2, batch_size=10).resolved(101, 1.0)
    assert config.steps == 21
    assert config.epochs is None
    assert TrainingConfig(steps=7, batch_size=500).resolved(3, 1.0).batch_size == 3
