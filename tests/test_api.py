"""The public surface: what the README shows, name for name, and refusals that name what is wrong."""

import math

import numpy as np
import pytest

import morelike
from morelike.errors import ListError, ModelError, SettingError
from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"]


@pytest.fixture(scope="module")
def model():
    return morelike.train(WORDS, kind="ngram", order=3)


def test_lists_splits_and_models_work_together(model):
    parts = morelike.split(WORDS, "shuffle-42")
    assert sorted([*parts.train, *parts.dev, *parts.test]) == sorted(WORDS)
    found = model.evaluate(parts.test)
    assert found.lines == len(parts.test)
    assert found.bits_per_character == pytest.approx(found.nats_per_character / math.log(2))
    assert found.perplexity == pytest.approx(math.exp(found.nats_per_character))
    assert found.interval[0] <= found.nats_per_character <= found.interval[1]
    assert found.characters == sum(len(word) + 1 for word in parts.test)


def test_a_model_shows_what_is_inside(model):
    assert model.vocabulary.characters == ("a", "e", "h", "n")
    assert model.architecture.order == 3
    assert all(isinstance(array, np.ndarray) for array in model.weights.values())


def test_a_saved_model_is_loaded_by_its_path(model, tmp_path):
    path = model.save(tmp_path / "my-model")
    assert morelike.load(path).sample(5, seed=1) == model.sample(5, seed=1)
    assert morelike.load(str(path)).log_probability(["anna"]) == model.log_probability(["anna"])


def test_a_run_is_loaded_by_path_by_name_and_as_the_latest(tmp_path, monkeypatch):
    trained = morelike.train(WORDS, kind="ngram", order=2, out=tmp_path / "runs")
    (run,) = (tmp_path / "runs").iterdir()
    monkeypatch.chdir(tmp_path)
    for name in (run, run.name, "latest"):
        assert morelike.load(name).log_probability(["anna"]) == trained.log_probability(["anna"])
    assert morelike.load().sample(3) == trained.sample(3)


def test_no_model_is_a_model_error(tmp_path):
    with pytest.raises(ModelError, match="there is no trained model in"):
        morelike.load("latest", out=tmp_path)


def test_training_prints_nothing_and_writes_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    morelike.train(WORDS, kind="ngram", order=2)
    assert capfd.readouterr() == ("", "")
    assert not [*tmp_path.iterdir()]


def test_words_are_cleaned_as_a_list_is(model):
    dirty = [f" {word}\t" for word in WORDS] + ["", "  "]
    assert morelike.train(dirty, kind="ngram", order=3).log_probability(WORDS).tolist() == pytest.approx(
        model.log_probability(WORDS).tolist()
    )


@pytest.mark.parametrize("words", [[], [""], ["  ", "\t"]])
def test_no_words_are_refused(words):
    with pytest.raises(ListError, match="the list is empty: give at least one word"):
        morelike.train(words, kind="ngram")


@pytest.mark.parametrize("inside", ["\n", "\0", "\r\n"])
def test_words_that_no_list_can_hold_are_refused(inside):
    with pytest.raises(morelike.MorelikeError):
        morelike.train([*WORDS, f"an{inside}na"], kind="ngram", order=2)


@pytest.mark.parametrize("word", ["a\tb", "a b", "#a", '"a"', "a\\b", "a\u2028b", "a\rb"])
def test_a_word_with_any_other_character_can_be_learned_kept_and_resumed(word, tmp_path):
    from morelike.runs.lookup import runs_in
    from morelike.runs.plan import plan_of_run

    words = [*WORDS, word]
    model = morelike.train(words, kind="ngram", order=2, out=tmp_path, report=False)
    assert model.log_probability([word]) < 0
    assert plan_of_run(runs_in(tmp_path)[0]).corpus.words == words


def test_settings_go_to_the_architecture_or_to_training():
    plan = make_plan(Corpus("words", WORDS), "mlp", settings={"hidden": 5, "steps": 7, "seed": 9})
    assert (plan.architecture.hidden, plan.training.steps, plan.training.seed) == (5, 7, 9)


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        ("mlp", {"hiden": 5}, "'hiden'.*did you mean 'hidden'"),
        ("mlp", {"stpes": 5}, "'stpes'.*did you mean 'steps'"),
        ("mlp", {"hidden": -5}, "hidden = -5"),
        ("mlp", {"steps": 0}, "steps = 0"),
        ("mlp", {"order": 3}, "'order'.*ngram"),
        ("mpl", {}, "no model is called 'mpl'.*did you mean 'mlp'"),
    ],
)
def test_a_setting_that_does_not_exist_or_makes_no_sense_is_named(kind, settings, says):
    with pytest.raises(SettingError, match=says):
        morelike.train(WORDS, kind=kind, **settings)


def test_a_split_that_does_not_exist_is_named_before_anything_is_written(tmp_path):
    with pytest.raises(SettingError, match="no split is called 'shufle'"):
        morelike.train(WORDS, kind="ngram", split="shufle", out=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_every_loss_is_heard_by_whoever_listens():
    events = []
    morelike.train(WORDS, kind="ngram", order=2, on_event=events.append)
    assert events[-1].result.losses.keys() == {"train", "dev", "test"}


def test_compare_is_paired_and_turns_its_sign_with_the_models(model):
    other = morelike.train(WORDS, kind="ngram", smoothing="add", order=1)
    one, two = morelike.compare(model, other, WORDS), morelike.compare(other, model, WORDS)
    losses = [m.evaluate(WORDS).nats_per_character for m in (model, other)]
    assert one.difference == pytest.approx(losses[0] - losses[1])
    assert one.difference == pytest.approx(-two.difference)
    assert not morelike.compare(model, model, WORDS).decided


def test_compare_counts_the_same_characters_as_evaluate_where_some_are_unknown(model):
    other = morelike.train(WORDS, kind="ngram", smoothing="add", order=1)
    words = ["an?a", "hen"]
    for unknown in ("skip", "reserve"):
        losses = [m.evaluate(words, unknown=unknown).nats_per_character for m in (model, other)]
        found = morelike.compare(model, other, words, unknown=unknown).difference
        assert found == pytest.approx(losses[0] - losses[1])


def test_compare_of_no_words_is_refused(model):
    with pytest.raises(SettingError, match="no words to compare on"):
        morelike.compare(model, model, [])
