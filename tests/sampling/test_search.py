"""The most probable words come in their order, as brute force finds them."""

import itertools

import pytest

from morelike.errors import SettingError
from morelike.sampling.constraints.automaton import lengths_between
from morelike.sampling.search import most_probable

from ..language_model.small_models import KINDS, all_words, small_model
from .test_generate import TWO_LETTERS


def brute_force(model, longest, wanted=lambda word: True):
    words = [word for word in all_words(model.vocabulary.characters, longest) if wanted(word)]
    order = sorted(zip(model.log_probability(words).tolist(), words, strict=True), reverse=True)
    return [word for _, word in order], [nats for nats, _ in order]


@pytest.mark.parametrize("kind", KINDS)
def test_the_most_probable_words_are_those_of_brute_force(kind):
    model = small_model(kind, TWO_LETTERS)
    found = list(model.top(50, max_length=8))
    words, nats = brute_force(model, 8)
    assert [p for _, p, _ in found] == pytest.approx(nats[:50], abs=1e-4)
    assert {word for word, _, _ in found[:40]} <= set(words[:55])
    assert all(proven for _, _, proven in found)


def test_words_of_several_lengths_are_gone_on_from_together(monkeypatch):
    """A transformer's state grows with what it has seen, so that of a longer beginning holds more."""
    monkeypatch.setattr("morelike.sampling.search.EXPANDED_AT_ONCE", 3)
    model = small_model("transformer", TWO_LETTERS)
    found = list(model.top(20, max_length=6))
    assert [p for _, p, _ in found] == pytest.approx(brute_force(model, 6)[1][:20], abs=1e-4)


def test_constraints_and_the_least_probability_are_kept():
    model = small_model("gru", TWO_LETTERS)
    words, nats = brute_force(model, 9, lambda word: word.endswith("ab"))
    least = 2.718281828 ** nats[20]
    found = [word for word, _, _ in model.top(None, suffix="ab", max_length=9, least=least * 0.999)]
    assert found == words[:21]
    new = [word for word, _, _ in model.top(10, suffix="ab", max_length=9, novel=True)]
    assert new == [word for word in words if model.known.split_of(word) == "new"][:10]


def test_where_beginnings_are_given_up_words_are_no_longer_proven():
    model = small_model("gru", TWO_LETTERS)
    beam = most_probable(*model.prepared, lengths_between(1, None, model.vocabulary.size), max_length=12, max_open=40)
    found = list(itertools.islice(beam, 200))
    proven = [each.proven for each in found]
    assert proven[0]
    assert not proven[-1]
    exact = [word for word, _, _ in model.top(200, max_length=12)]
    first = [model.vocabulary.decode(each.tokens) for each in found if each.proven]
    assert first == exact[: len(first)]


def test_a_search_without_end_is_refused():
    model = small_model("bigram", TWO_LETTERS)
    with pytest.raises(SettingError, match="there is no end to all words"):
        model.top(None)
    with pytest.raises(SettingError, match="a probability from 0 to 1"):
        model.top(5, least=2.0)
