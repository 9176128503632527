"""Diagnoses of runs and models: faults of training are told, healthy runs get no bad verdict, whatever they hold."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike import api
from morelike.architecture import build, find
from morelike.cli.main import main
from morelike.errors import ListError, RunError, SettingError, VocabularyError
from morelike.language_model.model import LanguageModel
from morelike.text.known_words import KnownWords
from morelike.text.reading import read_corpus
from morelike.text.splits import Split
from morelike.text.vocabulary import Vocabulary

from ..training.runs import TRAINED_KINDS, pronounceable, run_in, small_settings, train_arguments, train_small

WORDS = pronounceable(200)


def read_off(found, what, where=None):
    """Return the readings of this name, the one at this place where it is named."""
    readings = [each for each in found.readings if each.what == what and where in (None, each.where)]
    assert readings, (what, where)
    return readings[0] if where else readings


def assert_healthy(found):
    assert [each for each in found.readings if each.verdict == "bad"] == []
    assert abs(found.start.loss - found.start.uniform) < 0.1
    assert all(each.advice == "" for each in found.readings if each.verdict == "good")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["deep_mlp", "rnn"])
def test_a_healthy_model_of_few_layers_gets_no_bad_verdict(kind, tmp_path):
    layers = {"layers": 1} if "layers" in find(kind).model_fields else {}
    morelike.train(WORDS, kind, out=tmp_path, report=False, split="none", steps=40, **layers)
    assert_healthy(api.diagnose("latest", out=tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRAINED_KINDS)
def test_a_healthy_model_with_its_default_settings_gets_no_bad_verdict(kind, tmp_path):
    morelike.train(WORDS, kind, out=tmp_path, report=False, split="none", steps=100)
    assert_healthy(api.diagnose("latest", out=tmp_path))


def test_a_layer_that_passes_nothing_on_is_told_by_the_gradients_before_it():
    model = train_small("mlp", WORDS, steps=2)
    faulty = replace(model, weights=model.weights | {"b1": np.full_like(model.weights["b1"], 1e4)})
    found = api.diagnose(faulty, WORDS)
    assert read_off(found, "dead units", "hidden").value == 8
    assert read_off(found, "gradient", "W1").verdict == "bad"
    assert "no gradient reaches it" in read_off(found, "gradient", "W1").sentence
    assert read_off(found, "gradient", "b2").verdict == "good"


@pytest.mark.parametrize(
    ("rate", "side", "advice"),
    [
        (30.0, "far above", "lower the learning rate"),
        pytest.param(1e-7, "far below", "raise the", marks=pytest.mark.slow),
    ],
)
def test_a_rate_far_off_shows_in_the_updates(rate, side, advice, tmp_path, monkeypatch):
    monkeypatch.setattr("morelike.training.result.SAMPLES", 0)  # such a model hardly ever ends a word
    settings = {"optimizer": "sgd", "learning_rate": rate, "schedule": "constant", "clip": 1.0}
    morelike.train(WORDS, "mlp", out=tmp_path, report=False, steps=3, split="none", **settings)
    found = api.diagnose("latest", out=tmp_path)
    bad = [each for each in read_off(found, "update:data") if each.verdict == "bad"]
    assert bad
    assert all(side in each.sentence for each in bad)
    assert advice in max(bad, key=lambda each: each.value).advice  # one rate serves all matrices


@pytest.mark.parametrize("steps", [1, pytest.param(200, marks=pytest.mark.slow)])
def test_updates_with_the_wrong_sign_are_told_after_one_step_and_after_many(steps, tmp_path, monkeypatch):
    monkeypatch.setattr("morelike.training.result.SAMPLES", 0)
    settings = {"out": tmp_path, "report": False, "split": "none", "steps": steps, "learning_rate": 0.01, "warmup": 0.0}
    morelike.train(WORDS, "mlp", wrong_sign=True, **settings)
    reading = read_off(api.diagnose("latest", out=tmp_path), "direction of the update", "all weights")
    assert reading.verdict == "bad"
    assert "the update has the wrong sign" in reading.sentence
    assert reading.advice == "leave out --wrong-sign"
    morelike.train(WORDS, "mlp", **settings)
    found = api.diagnose("latest", out=tmp_path)
    assert read_off(found, "direction of the update", "all weights").verdict == "good"
    assert read_off(found, "loss", "these weights").verdict == "good"


@pytest.mark.parametrize("optimizer", ["adamw", pytest.param("sgd", marks=pytest.mark.slow)])
def test_updates_are_those_that_the_next_step_of_the_run_makes(optimizer, tmp_path):
    whole = {"batch_size": 2000, "optimizer": optimizer, "schedule": "constant", "warmup": 0.0, "split": "none"}
    before = morelike.train(WORDS, "bigram", out=tmp_path, report=False, steps=5, **whole)
    found = api.diagnose("latest", out=tmp_path)
    after = morelike.train(WORDS, "bigram", steps=6, **whole)
    (weight,) = found.weights
    update = after.weights["W"] - before.weights["W"]
    assert weight.update == pytest.approx(float(update.std()), rel=1e-3)
    assert weight.update_to_data == pytest.approx(float(update.std() / before.weights["W"].std()), rel=1e-3)


def test_a_run_is_looked_at_with_the_state_of_its_own_optimiser(tmp_path):
    model = morelike.train(WORDS, "bigram", out=tmp_path, report=False, steps=100, split="none")
    own, fresh = api.diagnose("latest", out=tmp_path), api.diagnose(model, WORDS)
    assert (own.optimizer, fresh.optimizer) == ("adamw, as the run left it at step 100", "adamw, fresh")
    assert own.weights[0].update < 0.8 * fresh.weights[0].update  # its mean of gradients has settled


@pytest.mark.parametrize(
    "kind", ["mlp", *(pytest.param(k, marks=pytest.mark.slow) for k in ("rnn", "gru", "transformer"))]
)
def test_a_run_of_running_text_is_diagnosed(kind, tmp_path):
    settings = small_settings(kind, steps=4, row_length=16)
    morelike.train(" ".join(WORDS), kind, form="text", split="none", out=tmp_path, report=False, **settings)
    found = api.diagnose("latest", out=tmp_path)
    assert found.examples > 500
    assert found.optimizer == "adamw, as the run left it at step 4"
    assert_healthy(found)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small finished run of an mlp on a list in a file."""
    folder = tmp_path_factory.mktemp("diagnosed")
    arguments = train_arguments("mlp", folder, steps=8)
    with pytest.raises(SystemExit):
        main(arguments)
    return run_in(folder)


def test_a_model_alone_is_diagnosed_with_its_list_and_a_fresh_optimiser(run):
    model = morelike.load(run)
    found = api.diagnose(model, pronounceable())
    assert (found.optimizer, found.first_step) == ("adamw, fresh", True)
    with pytest.raises(SettingError, match="nothing here names the list that this model learned from: give the list"):
        api.diagnose(model)


def test_a_model_of_a_shipped_list_finds_it_again():
    corpus = read_corpus("names", "lines")
    vocabulary, bigram = Vocabulary.of(corpus.words), build("bigram", {})
    weights = bigram.init(np.random.default_rng(0), vocabulary.size)
    facts = {"list": "names", "fingerprint": corpus.fingerprint}
    model = LanguageModel(vocabulary, bigram, weights, KnownWords.of(Split("none", [], [], [])), facts)
    assert api.diagnose(model).examples == 2048
    with pytest.raises(SettingError, match="nothing here names the list"):
        api.diagnose(replace(model, facts=facts | {"fingerprint": "another"}))


def test_the_same_run_gives_the_same_diagnosis(run):
    first, again = (api.diagnose(run).as_dict() for _ in range(2))
    assert first == again
    assert json.loads(json.dumps(first)) == first


def test_a_run_is_diagnosed_on_another_list_of_the_same_characters(run):
    own, other = api.diagnose(run), api.diagnose(run, ["bada", "mona"] * 20)
    assert other.optimizer == own.optimizer
    assert other.start.loss != own.start.loss
    with pytest.raises(VocabularyError, match="does not know the character 'z'"):
        api.diagnose(run, ["zoo"])
    with pytest.raises(ListError, match="the list is empty"):
        api.diagnose(run, [])


def test_histograms_hold_every_number_of_weights_gradients_and_activations(run):
    model, found = morelike.load(run), api.diagnose(run)
    named = [f"{sort}/{name}" for name in model.weights for sort in ("weights", "gradients")]
    assert found.histograms.keys() == {"activations/hidden", *named}
    for name, array in model.weights.items():
        assert sum(found.histograms[f"weights/{name}"].counts) == array.size
    assert sum(found.histograms["activations/hidden"].counts) == found.examples * 8


def test_a_run_that_was_stopped_is_diagnosed_by_its_checkpoint_and_one_that_saved_nothing_is_told(run, tmp_path):
    stopped = shutil.copytree(run, tmp_path / "stopped")
    shutil.rmtree(stopped / "model")
    assert api.diagnose(stopped).as_dict() == api.diagnose(run).as_dict()
    shutil.rmtree(stopped / "checkpoints")
    with pytest.raises(RunError, match="has no checkpoint yet"):
        api.diagnose(stopped)


def test_a_run_whose_list_has_changed_asks_for_the_one_that_is_meant(tmp_path):
    arguments = train_arguments("bigram", tmp_path, steps=2)
    with pytest.raises(SystemExit):
        main(arguments)
    (tmp_path / "words.txt").write_text("bada\nmona\n")
    with pytest.raises(RunError, match=r"the list of the run '.*' has changed: give the list as it was"):
        api.diagnose(run_in(tmp_path))
    assert api.diagnose(run_in(tmp_path), ["bada", "mona"]).examples == 10  # two lines are too few to split


def test_what_is_counted_or_mixed_is_refused(tmp_path):
    counted = morelike.train(WORDS, "ngram", out=tmp_path, report=False)
    with pytest.raises(SettingError, match="ngram is counted, not trained: there is nothing to diagnose"):
        api.diagnose("latest", out=tmp_path)
    other = morelike.train(WORDS, "ngram", order=2)
    with pytest.raises(SettingError, match=r"look at its members \(ngram, ngram\)"):
        api.diagnose(morelike.mix([counted, other], WORDS), WORDS)
