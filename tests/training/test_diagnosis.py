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


def planted(kind="mlp", change=lambda weights: {}, **settings):
    """Return the diagnosis of a fresh model whose weights were changed, and of fresh weights that are like it."""
    architecture = build(kind, settings)
    fresh = architecture.init

    class Planted(type(architecture)):
        def init(self, rng, vocabulary_size):
            weights = fresh(rng, vocabulary_size)
            return weights | change(weights)

        @property
        def kind(self):
            return kind

    model = morelike.train(WORDS, kind, steps=1, split="none", **settings)
    weights = fresh(np.random.Generator(np.random.PCG64(0)), model.vocabulary.size)
    faulty = LanguageModel(
        model.vocabulary, Planted(**settings), weights | change(weights), model.known, model.facts, model.form
    )
    subject = diagnosis.subject_of_model(faulty, lambda form: api._corpus("words", WORDS, form))
    return diagnosis.diagnose(subject)


@pytest.mark.parametrize("kind", quick_first(TRAINED_KINDS, ("mlp", "gru")))
def test_a_healthy_model_gets_no_bad_verdict(kind, tmp_path):
    morelike.train(WORDS, kind, out=tmp_path, **HEALTHY)
    found = api.diagnose("latest", out=tmp_path)
    assert [each for each in found.readings if each.verdict == "bad"] == []
    assert abs(found.start.loss - found.start.uniform) < 0.1
    assert all(each.advice == "" for each in found.readings if each.verdict == "good")


def test_a_last_layer_too_large_at_the_start_begins_sure_of_wrong_answers():
    found = planted(change=lambda weights: {"W2": weights["W2"] * 300})
    reading = read_off(found, "initial loss", "fresh weights")
    assert reading.verdict == "bad"
    assert reading.value > np.log(found.start.uniform) + 1
    assert "scale the weights of the last layer (W2) down" in reading.advice


def test_the_published_plain_start_is_bad_and_the_flag_that_mends_it_is_named():
    found = planted(initialization="normal")
    assert read_off(found, "initial loss", "fresh weights").verdict == "bad"
    assert "--initialization scaled" in read_off(found, "initial loss", "fresh weights").advice


def test_a_first_layer_too_large_saturates_and_is_named():
    found = planted(change=lambda weights: {"W1": weights["W1"] * 20})
    for what in ("saturation at the start", "saturation"):
        reading = read_off(found, what, "hidden")
        assert reading.verdict == "bad"
        assert reading.value > 0.8
        assert "W1" in reading.advice


def test_units_that_a_huge_bias_holds_fast_are_counted_dead():
    def held(weights):
        bias = weights["b1"].copy()
        bias[:50] = 100.0
        return {"b1": bias}

    found = planted(change=held, hidden=200)
    reading = read_off(found, "dead units", "hidden")
    assert (reading.value, reading.verdict) == (50, "bad")
    assert read_off(planted(hidden=200), "dead units", "hidden").value == 0


def test_units_that_vary_but_are_always_saturated_are_dead_too():
    found = planted(change=lambda weights: {"W1": weights["W1"] * 0.02, "b1": np.full_like(weights["b1"], 2.5)})
    assert read_off(found, "activation spread", "hidden").value > 1e-4
    assert read_off(found, "dead units", "hidden").value == 200


def test_a_layer_that_passes_nothing_on_is_told_by_the_gradients_before_it():
    found = planted(change=lambda weights: {"b1": np.full_like(weights["b1"], 1e4)})
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


def test_running_statistics_that_lag_behind_are_told():
    found = planted("deep_mlp", lambda weights: {"layers.0.mean": weights["layers.0.mean"] + 50}, layers=2, hidden=20)
    assert read_off(found, "running mean", "layers.0").verdict == "bad"
    assert read_off(found, "running variance", "layers.1").value > 0


@pytest.mark.parametrize("kind", quick_first(["mlp", "gru", "transformer"], ("mlp",)))
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


def test_the_worst_verdict_is_that_of_the_whole():
    found = planted(change=lambda weights: {"W1": weights["W1"] * 20})
    assert overall(found.readings) == "bad"
