"""The curves of a run are its engine's figures, from the first step on."""

import numpy as np
import pytest

from morelike.reports.curves import FIRST_POINTS, MOST_POINTS, read_curves

from ..training.runs import metrics_of, train_small


def a_line(step, losses, blocks, rates=None):
    return {"step": step, "loss": 0.0, "losses": losses, "blocks": blocks, "rates": rates or [0.1] * len(blocks)}


def test_the_curve_begins_at_the_first_step_with_the_loss_of_fresh_weights(tmp_path):
    words = ["abab", "ba", "aab"] * 5
    train_small("mlp", words, out=tmp_path, steps=300, chunk=300, evaluate_every=300, learning_rate=0.05)
    curves = read_curves(metrics_of(next(tmp_path.iterdir())))
    assert curves.steps[:20].tolist() == [*range(1, 21)]
    assert curves.losses[0] == pytest.approx(np.log(3), abs=0.05)


def test_the_rate_is_drawn_as_it_was_with_its_warm_up_and_its_drop(tmp_path):
    settings = {"schedule": "step", "learning_rate": 0.1, "warmup": 0.02}
    train_small("bigram", out=tmp_path, steps=200, chunk=200, evaluate_every=200, **settings)
    curves = read_curves(metrics_of(next(tmp_path.iterdir())))
    assert curves.rates[:5] == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1])
    assert curves.rates[curves.rate_steps < 101] == pytest.approx(0.1, abs=0.081)
    assert curves.rates[curves.rate_steps > 110] == pytest.approx(0.01)


def test_a_long_run_has_few_points_whose_means_are_those_of_its_steps():
    rng = np.random.default_rng(0)
    lines = []
    for chunk in range(500):
        losses = rng.normal(2, 0.1, 20).round(6).tolist()
        lines.append(a_line(200 * (chunk + 1), losses, [10] * 20))
    curves = read_curves(lines)
    assert len(curves.losses) <= MOST_POINTS + FIRST_POINTS
    assert curves.losses[:FIRST_POINTS] == pytest.approx([x for line in lines[:5] for x in line["losses"]])
    assert np.all(np.diff(curves.steps) > 0)
    mean = np.mean([line["losses"] for line in lines[250:]])
    assert curves.losses[curves.steps > 50_000].mean() == pytest.approx(mean, abs=1e-3)


def test_metrics_of_earlier_versions_are_read_with_equal_blocks_and_the_rates_of_their_chunks():
    lines = [{"step": 4, "loss": 2.0, "losses": [3.0, 1.0], "learning_rate": 0.1}, {"step": 8, "loss": 1.0}]
    curves = read_curves(lines)
    assert curves.steps.tolist() == [1.5, 3.5, 6.5]
    assert curves.losses.tolist() == [3.0, 1.0, 1.0]
    assert (curves.rate_steps.tolist(), curves.rates[0]) == ([4.0, 8.0], 0.1)
