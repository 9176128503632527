"""Words are cleaned in one way: in a list, in a single parameter, when a list is split, and when it is judged."""

import subprocess
import sys
import unicodedata
import warnings
from pathlib import Path

import numpy as np
import pytest

import morelike
from morelike.errors import ListError
from morelike.text.known_words import KnownWords
from morelike.text.splits import SPLIT_RULES

CASES = Path(__file__).parent / "cases"
DIRTY = [f" {a}{b}\u0301\t" if a == "a" else f"{a}{b}" for a in "abcdefgh" for b in "aeiouxyz"]
DIRTY[5:5] = ["", "  "]
DIRTY[30:30] = ["\t"]


@pytest.fixture(scope="module")
def trained():
    return morelike.train(DIRTY, "ngram", order=2)


@pytest.mark.parametrize("rule", [*SPLIT_RULES, "shuffle-7", "first-5"])
def test_split_and_train_cut_an_untrimmed_list_with_blank_lines_alike(rule):
    model = morelike.train(DIRTY, "ngram", order=2, split=rule)
    splits = morelike.split(DIRTY, rule)
    assert model.known.equals(KnownWords.of(splits))
    assert model.facts["losses"]["train"]["lines"] == len(splits.train)
    assert "" not in splits.train


def test_no_word_that_is_held_out_of_an_untrimmed_list_was_learned(trained):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = trained.evaluate(morelike.split(DIRTY).test)
    assert found.learned == 0
    assert found.nats_per_character == trained.facts["losses"]["test"]["nats"]


def test_a_list_with_blank_lines_has_as_many_words_in_each_use():
    lines = (CASES / "blank_lines.txt").read_text("utf-8").split("\n")
    assert sum(map(len, morelike.split(lines).parts.values())) == 40
    assert morelike.train(lines, "ngram").facts["lines"] == 40
    assert len(morelike.read_lines(CASES / "blank_lines.txt")) == 40


def test_counts_and_labels_follow_their_words_past_blank_lines():
    counts, labels = [*range(len(DIRTY))], [str(i) for i in range(len(DIRTY))]
    splits = morelike.split(DIRTY, counts=counts, labels=labels)
    cleaned = {unicodedata.normalize("NFC", word).strip(): i for i, word in enumerate(DIRTY)}
    for part, words in splits.parts.items():
        assert splits.counts[part] == [cleaned[word] for word in words]
        assert splits.labels[part] == [str(cleaned[word]) for word in words]


@pytest.mark.parametrize("lone", ["\ud83d", "a\udcff"])
def test_half_of_a_character_is_refused_in_a_list_and_new_to_a_model(lone, trained):
    with pytest.raises(ListError, match="lone surrogate"):
        morelike.train(["anna", lone], "ngram")
    assert trained.known.split_of(lone) == "new"
    assert np.isfinite(trained.log_probability([lone], unknown="reserve")).all()


def test_evaluate_warns_if_most_of_the_words_were_learned_and_says_where(trained):
    splits = morelike.split(DIRTY)
    with pytest.warns(UserWarning, match=f"the model learned {len(splits.train)} of these 64 words"):
        trained.evaluate([word for word in DIRTY if word.strip()])
    with pytest.warns(UserWarning, match="evaluate on words that were held out"):
        trained.evaluate(splits.train)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        half = [*splits.test[:3], *splits.train[:3]]
        assert trained.evaluate(half).learned == 3


def test_the_warning_is_for_the_module_of_the_caller():
    code = "import morelike; words = ['anna', 'bob']; morelike.train(words, 'ngram').evaluate(words)"
    only_callers = [sys.executable, "-W", "error::UserWarning:__main__"]
    ran = subprocess.run([*only_callers, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "UserWarning: the model learned 2 of these 2 words" in ran.stderr
    assert ran.returncode == 1


def test_training_itself_does_not_warn_of_the_words_that_it_learned():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        morelike.train(DIRTY, "ngram", order=2, split="none")


FORMS = ("NFC", "NFD")


@pytest.fixture(scope="module")
def accented():
    words = morelike.read_lines(CASES / "decomposed.txt")
    return morelike.train(words, "ngram", order=2, labels=["é" if "é" in word else "ö" for word in words])


def test_unwanted_words_are_unwanted_in_either_form(accented):
    made = accented.sample(30, novel=False, seed=3)
    unwanted = [word for word in made if unicodedata.normalize("NFD", word) != word]
    assert unwanted
    for form in FORMS:
        given = [unicodedata.normalize(form, f" {word} ") for word in unwanted]
        assert not set(accented.sample(30, novel=False, seed=3, not_in=given)) & set(unwanted)


PARAMETERS = {
    "not_in": lambda m, f: m.sample(9, novel=False, not_in=[f("zoë"), f("rémy")]),
    "far_from": lambda m, f: m.sample(9, novel=False, far_from=[f("zoë"), f("ë")], edits=2),
    "label of sample": lambda m, f: m.sample(9, novel=False, label=f("é")),
    "label of top": lambda m, f: [*m.top(9, label=f("é"))],
    "label of next": lambda m, f: m.next("r", label=f("é")),
    "label of log_probability": lambda m, f: m.log_probability(["rémy"], label=f("é")).tolist(),
    "conditioned_on": lambda m, f: m.conditioned_on(f("é")).label,
    "labels of evaluate": lambda m, f: m.evaluate(["mémy"], labels=[f("é")]),
    "labels of unit_losses": lambda m, f: m.unit_losses(["mémy"], labels=[f("é")])[0].tolist(),
    "labels of compare": lambda m, f: morelike.compare(m, m, ["mémy"], labels=[f("é")]),
    "prefix": lambda m, f: m.sample(9, novel=False, prefix=f("ré")),
    "suffix": lambda m, f: m.sample(3, novel=False, suffix=f("ë")),
    "contains": lambda m, f: m.sample(3, novel=False, contains=(f("é"),)),
    "not_contains": lambda m, f: m.sample(9, novel=False, not_contains=(f("é"),)),
    "pattern": lambda m, f: m.sample(3, novel=False, pattern=f("_é_")),
    "regex": lambda m, f: m.sample(3, novel=False, regex=f(".*é.*")),
    "allowed": lambda m, f: m.sample(3, novel=False, allowed=f("zoë")),
    "banned": lambda m, f: m.sample(9, novel=False, banned=f("ë")),
    "similar=": lambda m, f: m.sample(3, novel=False, similar=f("zoë")),
    "next": lambda m, f: m.next(f("é")),
    "logits": lambda m, f: m.logits(f("é")).tolist(),
    "surprisal": lambda m, f: m.surprisal(f("zoë")).tolist(),
    "log_probability": lambda m, f: m.log_probability([f("zoë")]).tolist(),
    "evaluate": lambda m, f: m.evaluate([f("zoëm")]),
    "guess_number": lambda m, f: morelike.guess_number(m, [f("zoë")], samples=50),
    "similar": lambda m, f: morelike.similar(m, f("zoë"), ["noé", f("noë")], by="edits"),
    "measure": lambda m, f: [*morelike.measure(m, [f("zoë")], ["noé", f("noë")]).rows()],
    "match": lambda m, f: [
        each.words for each in morelike.match(m, {"a": [f("zoë")], "b": ["rémy"]}, ["noé", f("noë")], count=1).sets
    ],
    "split_of": lambda m, f: m.known.split_of(f("rémy")),
    "write": lambda m, f: TEXT.write(9, prefix=f("é")),
    "losses of a text": lambda m, f: TEXT.losses([f("réméré")])[0].tolist(),
}

TEXT = morelike.train("né à rémy, été " * 9, "ngram", form="text", order=2)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_a_string_means_the_same_in_either_form(parameter, accented):
    one, other = (
        PARAMETERS[parameter](accented, lambda text, form=form: unicodedata.normalize(form, text)) for form in FORMS
    )
    assert one == other
    assert not (isinstance(one, float) and np.isnan(one))
