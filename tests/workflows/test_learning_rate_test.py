"""The learning-rate range test: rates, losses, and what they suggest."""

import numpy as np
import pytest

import morelike
from morelike.errors import SettingError
from morelike.runs.events import Progress
from morelike.runs.plan import make_plan
from morelike.text.corpus import corpus_of
from morelike.workflows.learning_rate_test import suggest, sweep

from ..training.runs import pronounceable

LISTED = pronounceable(60)
SMALL = {"embedding": 4, "hidden": 8, "context": 3, "batch_size": 8}
SGD = {"optimizer": "sgd", "clip": 0.0, "warmup": 0.0}


def v_shaped(least, steps=400):
    """Return rates from 1e-3 to 1 and losses that fall until `least` and rise behind it."""
    rates = 10 ** np.linspace(-3, 0, steps)
    return rates, 2 + np.abs(np.log10(rates) - np.log10(least))


def test_rates_are_spread_evenly_in_their_logarithm():
    found = morelike.range_test(LISTED, "mlp", low=1e-3, high=1.0, steps=31, **SMALL)
    np.testing.assert_allclose(np.log10(found.rates), np.linspace(-3, 0, 31), atol=1e-12)


def test_each_step_is_taken_at_its_rate():
    """With rates that hardly rise the losses are those of a run at a constant rate."""
    found = morelike.range_test(LISTED, "mlp", low=0.1, high=0.1 + 1e-9, steps=40, **SMALL, **SGD)
    losses = []
    settings = {**SMALL, **SGD, "steps": 40, "chunk": 1, "learning_rate": 0.1, "schedule": "constant"}
    morelike.train(
        LISTED, kind="mlp", on_event=lambda e: losses.append(e.loss) if isinstance(e, Progress) else None, **settings
    )
    np.testing.assert_allclose(found.losses, losses, atol=1e-5)


def test_a_higher_rate_at_the_end_leaves_the_first_loss_alone_and_changes_the_last():
    low, high = (
        morelike.range_test(LISTED, "mlp", low=1e-3, high=high, steps=30, **SMALL, **SGD).losses for high in (1e-2, 1.0)
    )
    assert low[0] == high[0]
    assert low[-1] != high[-1]


@pytest.mark.parametrize("least", [0.01, 0.1, 0.4])
def test_the_rate_of_the_least_smoothed_loss_is_suggested(least):
    found = suggest(*v_shaped(least))
    assert found.suggestion == pytest.approx(least, rel=0.1)
    assert "lowest there" in found.reason


def test_noise_of_single_steps_does_not_lead_the_suggestion_astray():
    rates, losses = v_shaped(0.1)
    losses = losses + 0.3 * np.random.default_rng(0).standard_normal(len(losses))
    losses[50] = 0.0
    assert 0.05 < suggest(rates, losses).suggestion < 0.2


def test_a_loss_that_diverged_is_never_suggested():
    rates, losses = v_shaped(1.0)
    losses[200:] = np.inf
    assert suggest(rates, losses).suggestion < rates[200]


def test_a_loss_that_still_falls_asks_for_a_higher_rate():
    assert "still falling at the last rate: try a higher one with --high" in suggest(*v_shaped(1.0)).reason


def test_a_run_that_diverges_ends_there_and_still_suggests():
    found = morelike.range_test(LISTED, "mlp", low=1e-2, high=3e38, steps=200, **SMALL, **SGD)
    assert np.isinf(found.losses[-1])
    assert found.suggestion < 1e3


@pytest.mark.slow
def test_running_text_has_a_range_test_too():
    found = morelike.range_test(" ".join(LISTED), "rnn", steps=20, form="text", hidden=8, embedding=4)
    assert np.isfinite(found.losses).all()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"low": 0.0}, "rates from 0 to 1"),
        ({"low": 1.0, "high": 0.1}, "rates from 1 to 0.1"),
        ({"high": float("inf")}, "give a low one above 0 and a higher one"),
        ({"steps": 9}, "9 steps are too few for a range test: give 10 or more"),
    ],
)
def test_what_makes_no_sense_is_told(settings, says):
    with pytest.raises(SettingError, match=says):
        morelike.range_test(LISTED, "bigram", **settings)


def test_what_is_counted_has_no_learning_rate():
    with pytest.raises(SettingError, match="ngram is counted, not trained: it has no learning rate"):
        morelike.range_test(LISTED, "ngram")


def test_the_steps_come_as_they_are_taken_and_the_result_last():
    plan = make_plan(corpus_of("words", LISTED, "lines"), "mlp", settings=SMALL)
    *parts, found = sweep(plan, low=1e-3, high=1.0, steps=100)
    assert len(parts) == 50
    for name in ("rates", "losses"):
        np.testing.assert_array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(found, name))
    assert [len(part.smoothed) for part in parts] == [*range(2, 101, 2)]
    np.testing.assert_array_equal(parts[-1].smoothed, found.smoothed)
