"""Labels through training: learned, kept, resumed, mixed, and refused by kinds that take none."""

from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.architecture import find, kinds
from morelike.errors import RunError, SettingError
from morelike.runs.plan import make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.training.experiment import run_experiment, start_run
from morelike.workflows.mixing import mix

FIRST = {"a-words": "ab", "m-words": "mn"}
WORDS = [first + rest for first in "abmn" for rest in ("e", "ie", "ei", "eie", "iei", "eei")]
LABELS = ["a-words" if word[0] in "ab" else "m-words" for word in WORDS]
SMALL = {"hidden": 16, "embedding": 8, "layers": 1, "dropout": 0.0, "heads": 2, "row_length": 16}
TAKERS = [kind for kind in kinds() if find(kind).takes_labels]
SHORT = {"hidden": 4, "embedding": 4, "steps": 12, "evaluate_every": 4, "chunk": 4, "batch_size": 2, "row_length": 16}


def settings_of(kind):
    trained = {"steps": 150, "learning_rate": 0.02, "batch_size": 8} if kind != "ngram" else {"order": 3}
    return trained | {name: value for name, value in SMALL.items() if name in find(kind).model_fields}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind == "ngram" else pytest.mark.slow) for kind in TAKERS]
)
def test_labels_that_decide_the_first_letter_are_learned(kind):
    model = morelike.train(WORDS * 4, kind, labels=LABELS * 4, **settings_of(kind))
    for label, letters in FIRST.items():
        following = model.next(label=label)
        assert sum(following[letter] for letter in letters) > 0.9
    assert 0.4 < sum(model.next()[letter] for letter in "ab") < 0.6
    assert model.label_probabilities(["bie", "nie"]).argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind not in TAKERS])
def test_kinds_without_labels_name_the_kinds_with_labels_and_learn_without_them(kind):
    with pytest.raises(
        SettingError, match=r"takes no labels.* choose gru, lstm, ngram or transformer, or learn without"
    ):
        morelike.train(WORDS, kind, labels=LABELS)
    plan = make_plan(Corpus("w", WORDS, labels=LABELS), kind, settings={"labelled": False})
    assert plan.labels == ()


def test_without_its_labels_a_list_gives_the_model_of_the_words_alone():
    plain = morelike.train(WORDS, "ngram")
    found = morelike.train(WORDS, "ngram", labels=LABELS, labelled=False)
    assert found.labels == {}
    assert found.losses(WORDS)[0].tobytes() == plain.losses(WORDS)[0].tobytes()


def test_a_rare_label_leans_on_all_lines():
    words, labels = [*WORDS, "bei"], [*LABELS, "rare"]
    model = morelike.train(words, "ngram", labels=labels, order=4, split="shuffle-2")
    assert model.log_probability(["mie"], label="rare")[0] > -12


def test_a_label_that_no_line_of_train_has_is_named_and_gives_the_model_of_all_lines():
    held_out = {*morelike.split(WORDS).dev, *morelike.split(WORDS).test}
    rare = ["rare" if word in held_out else label for word, label in zip(WORDS, LABELS, strict=True)]
    notes = []
    model = morelike.train(WORDS, "ngram", labels=rare, order=3, on_event=lambda e: notes.append(str(e)))
    assert any("nothing is learned of them: rare" in note for note in notes)
    assert model.labels["rare"] == 0
    assert np.isfinite(model.log_probability(["abei"], label="rare"))[0]


def test_lines_without_a_label_have_a_symbol_of_their_own():
    labels = [label if i % 2 else None for i, label in enumerate(LABELS)]
    model = morelike.train(WORDS, "ngram", labels=labels, split="none", order=3)
    assert list(model.labels) == ["", "a-words", "m-words"]
    assert model.labels[""] == 0.5
    assert 0.3 < model.next(label="")["a"] + model.next(label="")["b"] < 0.7


def test_counts_weight_the_probabilities_of_labels():
    counts = [3 if label == "a-words" else 1 for label in LABELS]
    model = morelike.train(WORDS, "ngram", labels=LABELS, counts=counts, split="none", order=3)
    assert model.labels == {"a-words": 0.75, "m-words": 0.25}


def test_weighted_lines_with_labels_are_those_of_repeated_ones():
    counts = [1 + i % 3 for i in range(len(WORDS))]
    repeated = [(w, label) for w, label, n in zip(WORDS, LABELS, counts, strict=True) for _ in range(n)]
    found = morelike.train(WORDS, "ngram", labels=LABELS, counts=counts, split="none")
    words, labels = map(list, zip(*repeated, strict=True))
    expected = morelike.train(words, "ngram", labels=labels, split="none")
    for label in found.labels:
        ours, theirs = (model.log_probability(WORDS, label=label) for model in (found, expected))
        assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("counts", [None, list(range(1, len(WORDS) + 1))])
def test_a_kept_list_keeps_its_labels_and_the_plan_comes_back(tmp_path, counts):
    plan = make_plan(Corpus("words", WORDS, counts, labels=LABELS), "ngram", settings={})
    run = start_run(plan, tmp_path)
    assert plan_of_run(RunFolder(run.path)) == plan
    kept = run.path / "list.txt"
    kept.write_text(kept.read_text().replace("a-words", "b-words", 1))
    with pytest.raises(RunError, match="has changed"):
        plan_of_run(RunFolder(run.path))


@pytest.mark.slow
def test_a_labelled_run_that_was_interrupted_ends_as_one_that_was_not(tmp_path):
    plan = make_plan(Corpus("words", WORDS, labels=LABELS), "gru", settings=SHORT)
    *_, whole = run_experiment(plan)
    run = start_run(plan, tmp_path)
    *_, last = run_experiment(plan, run, should_stop=lambda: True)
    assert last.reason == "interrupted"
    *_, done = run_experiment(plan_of_run(RunFolder(run.path)), RunFolder(run.path))
    assert done.result.model.weights["labels"].tobytes() == whole.result.model.weights["labels"].tobytes()
    assert done.result.losses == whole.result.losses
    assert set(done.result.losses["train"].labels) == set(LABELS)


def test_a_mixture_of_models_with_labels_takes_labels_and_is_no_worse_than_its_members():
    models = [morelike.train(WORDS, "ngram", labels=LABELS, order=order, split="none") for order in (1, 3)]
    mixed = mix(models, WORDS, labels=LABELS)
    assert mixed.labels == models[0].labels
    losses = [each.evaluate(WORDS, labels=LABELS).nats_per_character for each in (mixed, *models)]
    assert losses[0] <= min(losses[1:]) + 1e-6
    each = [mixed.log_probability(["abe"], label=label) + np.log(share) for label, share in mixed.labels.items()]
    assert mixed.log_probability(["abe"]) == pytest.approx(np.logaddexp(*each), abs=1e-5)


def test_mixing_models_with_labels_takes_the_labels_of_the_words():
    models = [morelike.train(WORDS, "ngram", labels=LABELS, order=order) for order in (2, 3)]
    with pytest.raises(SettingError, match="give the labels of the words too"):
        morelike.mix(models, WORDS)
    assert morelike.mix(models, WORDS, labels=LABELS).labels == models[0].labels


def test_models_with_and_without_labels_are_not_mixed_and_those_with_are_not_blended():
    labelled, plain = (morelike.train(WORDS, "ngram", order=2, labels=labels) for labels in (LABELS, None))
    with pytest.raises(SettingError, match="with and without"):
        mix([labelled, plain], WORDS)
    with pytest.raises(SettingError, match="without labels"):
        morelike.blend([labelled, plain])


def test_the_plan_of_a_list_with_labels_says_so_in_its_settings_and_that_of_another_does_not():
    plan = make_plan(Corpus("words", WORDS, labels=LABELS), "gru", settings={})
    assert plan.as_config()["training"]["labelled"] is True
    assert "labelled" not in replace(plan, corpus=Corpus("words", WORDS)).as_config()["training"]
