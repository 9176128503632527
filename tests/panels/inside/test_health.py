"""Health equals `diagnose`: activations, dead and saturated units, batch statistics, histograms, verdicts."""

from dataclasses import asdict

import numpy as np
import pytest

from morelike import api
from morelike.errors import SettingError
from morelike.panels.inside.health import diagnosis_of
from morelike.panels.look import Background, Look
from morelike.panels.plain import rounded
from morelike.panels.registry import show
from morelike.runs.checkpoint import WEIGHTS
from morelike.runs.lookup import find_run
from morelike.runs.plan import plan_of_run

from ...training.runs import pronounceable, quick_first, train_small
from ..looks import look_of

OF_GRADIENTS = {"gradient", "gradient:data", "update:data", "direction of the update"}


@pytest.mark.parametrize("kind", quick_first(["mlp", "deep_mlp", "gru", "transformer"]))
def test_the_health_of_the_last_checkpoint_equals_the_diagnosis_of_the_run(kind, tmp_path):
    train_small(kind, pronounceable(200), out=tmp_path, steps=8)
    expected, run = api.diagnose("latest", out=tmp_path), find_run("latest", tmp_path)
    weights = run.checkpoints.newest().arrays_of(WEIGHTS)
    look = Look.of(Background.of(plan_of_run(run), run.metrics()), weights, 8)
    found = diagnosis_of(look)
    assert found.activations == expected.activations
    assert found.batch_statistics == expected.batch_statistics
    assert (found.start, found.loss) == (expected.start, expected.loss)
    assert (found.settings, found.settled) == (expected.settings, expected.settled)
    assert found.histograms.items() <= expected.histograms.items()
    assert {name.partition("/")[0] for name in found.histograms} == {"activations", "weights"}
    assert found.readings == [each for each in expected.readings if each.what not in OF_GRADIENTS]
    shown = show("health", look)
    assert shown["activations"] == rounded([asdict(each) for each in expected.activations])
    assert shown["histograms"].keys() == found.histograms.keys()


def test_dead_units_are_a_bad_verdict_and_healthy_weights_are_not():
    look = look_of("mlp")
    fresh = look.model.architecture.init(np.random.default_rng(0), look.model.vocabulary.size)
    healthy = Look.of(look.background, fresh)
    dead = Look.of(look.background, fresh | {"b1": np.full_like(fresh["b1"], 1e4)})
    assert show("health", healthy)["verdict"] != "bad"
    found = show("health", dead)
    assert (found["verdict"], found["activations"][0]["dead"]) == ("bad", 8)
    assert any(each["what"] == "dead units" and each["verdict"] == "bad" for each in found["readings"])


def test_counts_have_no_health():
    with pytest.raises(SettingError, match="ngram is counted, not trained: there is nothing to diagnose"):
        show("health", look_of("ngram"))
