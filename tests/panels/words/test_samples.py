"""Samples of a look: the words and marks of `morelike sample`, with random numbers that are the same at every look."""

import numpy as np
import pytest

from morelike.cli.main import main
from morelike.panels.registry import show
from morelike.panels.words.samples import ENDLESS, MOST_WORDS

from ...language_model.small_models import all_words, chi_square_is_likely
from ..looks import WORDS, look_of, nearly


def words_of(look, **query):
    return [each["word"] for each in show("samples", look, query)["words"]]


@pytest.mark.parametrize("kind", ["mlp", "gru", "ngram"])
def test_the_words_and_marks_are_those_of_the_command_when_it_draws_one_candidate(kind, tmp_path, monkeypatch, capsys):
    look = look_of(kind)
    folder = look.model.save(tmp_path / "model")
    monkeypatch.setattr("morelike.sampling.generate.MIN_BATCH", 1)
    found = show("samples", look, {"seed": 3, "count": 6})["words"]
    assert {each["mark"] for each in found} - {ENDLESS}
    for i, each in enumerate(found):
        if each["mark"] == ENDLESS:
            continue
        seed = str(3 * MOST_WORDS + i)
        with pytest.raises(SystemExit):
            main(["sample", str(folder), "-n", "1", "--seed", seed, "--no-novel", "--no-unique", "--mark"])
        word, mark = capsys.readouterr().out.removesuffix("\n").split("\t")
        assert (word[:40], mark) == (each["word"], each["mark"])


def test_words_of_the_list_are_marked_as_copied():
    look = look_of("ngram")
    marks = {each["word"]: each["mark"] for each in show("samples", look, {"count": 60})["words"]}
    assert {"train", "new"} <= set(marks.values())
    assert all((mark == "new") == (word not in WORDS) for word, mark in marks.items())


def test_a_word_stays_the_same_while_the_weights_hardly_change():
    look = look_of("gru")
    before, after = (words_of(each, count=20) for each in (look, nearly(look, 1e-4)))
    assert sum(one == other for one, other in zip(before, after, strict=True)) >= 18
    assert before != words_of(look, count=20, seed=1)


def test_a_word_does_not_depend_on_how_many_others_there_are():
    assert words_of(look_of(), count=20)[:3] == words_of(look_of(), count=3)


@pytest.mark.slow
def test_the_words_follow_the_distribution_of_the_model():
    look = look_of("bigram", words=("ab", "ba", "aab", "b") * 5)
    drawn = [word for seed in range(15) for word in words_of(look, count=100, seed=seed)]
    short = ["", *all_words("ab", 3)]
    p = {word: float(look.model.log_probability([word])[0]) for word in short}
    empty = np.exp(p.pop(""))
    expected = {word: np.exp(log_p) / (1 - empty) for word, log_p in p.items()}
    expected = {word: each for word, each in expected.items() if each * len(drawn) >= 5}
    observed = [drawn.count(word) for word in expected]
    rest = 1 - sum(expected.values())
    assert chi_square_is_likely([*observed, len(drawn) - sum(observed)], [*expected.values(), rest])


def test_a_word_without_an_end_is_said_to_be_endless():
    look = look_of("bigram")
    endless = look.model.weights["W"].copy()
    endless[:, 0] = -1000
    broken = type(look).of(look.background, {"W": endless})
    assert {each["mark"] for each in show("samples", broken, {"count": 3})["words"]} == {ENDLESS}
