"""Diagnoses: planted faults get the verdict and the advice that they deserve, and healthy models get no bad one."""

import numpy as np
import pytest

import morelike
from morelike import api
from morelike.architecture import build
from morelike.errors import RunError, SettingError
from morelike.evaluation.verdicts import overall
from morelike.language_model.model import LanguageModel
from morelike.training import diagnosis

from .runs import TRAINED_KINDS, pronounceable, quick_first, train_small

WORDS = pronounceable(200)
HEALTHY = {"steps": 100, "split": "none"}


def read_off(found, what, where=None):
    """Return the readings of this name, the one at this place where it is named."""
    readings = [each for each in found.readings if each.what == what and where in (None, each.where)]
    assert readings, (what, where)
    return readings[0] if where else readings


@pytest.mark.parametrize("kind", quick_first(TRAINED_KINDS, ("mlp", "gru")))
def test_a_healthy_model_gets_no_bad_verdict(kind, tmp_path):
    morelike.train(WORDS, kind, out=tmp_path, **HEALTHY)
    found = api.diagnose("latest", out=tmp_path)
    assert [each for each in found.readings if each.verdict == "bad"] == []
    assert abs(found.start.loss - found.start.uniform) < 0.1
    assert all(each.advice == "" for each in found.readings if each.verdict == "good")


def test_a_layer_that_passes_nothing_on_is_told_by_the_gradients_before_it():
    model = train_small("mlp", WORDS, steps=2)
    faulty = replace(model, weights=model.weights | {"b1": np.full_like(model.weights["b1"], 1e4)})
    found = api.diagnose(faulty, WORDS)
    assert read_off(found, "dead units", "hidden").value == 8
    assert read_off(found, "gradient", "W1").verdict == "bad"
    assert "no gradient arrives" in read_off(found, "gradient", "W1").sentence
    assert read_off(found, "gradient", "b2").verdict == "good"


@pytest.mark.parametrize(
    ("rate", "side", "advice"), [(30.0, "far above", "lower the learning rate"), (1e-7, "far below", "raise the")]
)
def test_a_rate_far_off_shows_in_the_updates(rate, side, advice, tmp_path, monkeypatch):
    monkeypatch.setattr("morelike.training.experiment.SAMPLES", 0)  # such a model hardly ever ends a word
    settings = {"optimizer": "sgd", "learning_rate": rate, "schedule": "constant", "clip": 1.0}
    morelike.train(WORDS, "mlp", out=tmp_path, **HEALTHY | {"steps": 3}, **settings)
    found = api.diagnose("latest", out=tmp_path)
    bad = [each for each in read_off(found, "update:data") if each.verdict == "bad"]
    assert bad
    assert all(side in each.sentence and advice in each.advice for each in bad)


def test_updates_are_those_that_the_next_step_of_training_makes(tmp_path):
    """A run's own optimiser, at its highest rate: with a constant rate the step that would come next."""
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "schedule": "constant", "warmup": 0.0, "clip": 0.0}
    model = morelike.train(WORDS, "bigram", out=tmp_path, **HEALTHY, **settings)
    found = api.diagnose("latest", out=tmp_path)
    (weight,) = found.weights
    assert weight.update == pytest.approx(0.1 * weight.gradient, rel=1e-5)
    assert weight.deviation == pytest.approx(float(model.weights["W"].std()), rel=1e-5)
    assert weight.update_to_data == pytest.approx(weight.update / weight.deviation)


def test_a_run_is_looked_at_with_the_state_of_its_own_optimiser(tmp_path):
    model = morelike.train(WORDS, "bigram", out=tmp_path, **HEALTHY)
    own, fresh = api.diagnose("latest", out=tmp_path), api.diagnose(model, WORDS)
    assert (own.optimizer, fresh.optimizer) == ("adamw, as the run left it at step 100", "adamw, fresh")
    assert own.weights[0].update < 0.8 * fresh.weights[0].update  # its mean of gradients has settled


@pytest.mark.parametrize("kind", ["mlp", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("gru", "transformer"))])
def test_a_run_of_running_text_is_diagnosed(kind, tmp_path):
    morelike.train(" ".join(WORDS), kind, form="text", out=tmp_path, steps=20)
    found = api.diagnose("latest", out=tmp_path)
    assert found.examples > 100
    assert found.optimizer.endswith("as the run left it at step 20")


def test_a_model_alone_is_diagnosed_with_its_list_and_a_fresh_optimiser():
    model = train_small("mlp", WORDS)
    found = api.diagnose(model, WORDS)
    assert found.optimizer == "adamw, fresh"
    assert found.first_step
    with pytest.raises(SettingError, match="nothing here names the list that this model learned from: give the list"):
        api.diagnose(model)


def test_a_model_of_a_shipped_list_finds_it_again():
    found = api.diagnose(morelike.train(morelike.read_lines("names"), "bigram", name="names", steps=10))
    assert found.kind == "bigram"


def test_the_same_run_gives_the_same_diagnosis(tmp_path):
    train_small("bigram", WORDS, out=tmp_path)
    first, again = (api.diagnose("latest", out=tmp_path).as_dict() for _ in range(2))
    assert first == again


def test_a_diagnosis_is_plain_data_and_its_histograms_hold_every_number(tmp_path):
    model = train_small("mlp", WORDS, out=tmp_path, split="none")
    found = api.diagnose("latest", out=tmp_path)
    parameters = set(model.weights)
    assert {name.partition("/")[2] for name in found.histograms if name.startswith("weights/")} == parameters
    assert {name.partition("/")[2] for name in found.histograms if name.startswith("gradients/")} == parameters
    for name in parameters:
        histogram = found.histograms[f"weights/{name}"]
        assert sum(histogram.counts) == model.weights[name].size
        assert len(histogram.edges) == len(histogram.counts) + 1
    assert sum(found.histograms["activations/hidden"].counts) == found.examples * 8


def test_what_is_counted_or_mixed_is_refused(tmp_path):
    counted = morelike.train(WORDS, "ngram", out=tmp_path)
    with pytest.raises(SettingError, match="ngram is counted, not trained: there is nothing to diagnose"):
        api.diagnose("latest", out=tmp_path)
    other = morelike.train(WORDS, "bigram", steps=5)
    with pytest.raises(SettingError, match=r"look at its members \(ngram, bigram\)"):
        api.diagnose(morelike.mix([counted, other], WORDS), WORDS)


def test_a_run_that_saved_nothing_yet_is_told(tmp_path):
    train_small("mlp", WORDS, out=tmp_path)
    (run,) = tmp_path.iterdir()
    for folder in ("model", "checkpoints"):
        for path in (run / folder).iterdir():
            path.unlink()
        (run / folder).rmdir()
    with pytest.raises(RunError, match="has no checkpoint yet"):
        api.diagnose(run.name, out=tmp_path)
