"""The most probable words come in their order, as brute force finds them."""

import itertools

import pytest

from morelike.errors import SamplingError, SettingError
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling import ranking
from morelike.language_model.sampling.guides import make_guides
from morelike.sampling.constraints.automaton import lengths_between
from morelike.sampling.constraints.combination import join
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.search import SearchProgress, most_probable

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


def under_guide(model, **asked):
    """Return what a search under look-ahead finds, from the first word on."""
    settings = SampleSettings.of(novel=False, **asked)
    guides, left_out = make_guides([model], settings.automata(model.vocabulary.ids), settings)
    assert not left_out
    return most_probable(*model.prepared, guides[0].automaton, max_length=settings.max_length, guide=guides[0])


@pytest.mark.parametrize("asked", [{"suffix": "abb", "max_length": 8}, {"min_length": 7, "max_length": 7}])
def test_a_search_under_exact_look_ahead_finds_the_order_of_brute_force(asked):
    model = small_model("ngram", TWO_LETTERS)
    constraints = Constraints.of(**asked)
    words, nats = brute_force(
        model, 8, lambda word: word.endswith(constraints.suffix) and len(word) >= constraints.min_length
    )
    found = list(itertools.islice(under_guide(model, **asked), 30))
    assert [each.log_probability for each in found] == pytest.approx(nats[: len(found)], abs=1e-5)
    assert len(found) == min(30, len([word for word in words if len(word) <= constraints.max_length]))
    assert all(each.proven for each in found)


def test_look_ahead_extends_far_fewer_beginnings():
    model = small_model("ngram", TWO_LETTERS)
    asked = {"suffix": "bbbb", "max_length": 12}
    seen = []
    for guided in (False, True):
        progress = SearchProgress()
        settings = SampleSettings.of(novel=False, **asked)
        automata = settings.automata(model.vocabulary.ids)
        guide = make_guides([model], automata, settings)[0][0] if guided else None
        search = most_probable(*model.prepared, join(automata)[0], max_length=12, guide=guide, progress=progress)
        next(search)
        seen.append(progress.prefixes)
    assert seen[1] < seen[0] / 2


def test_a_search_under_approximate_look_ahead_proves_nothing():
    model = small_model("gru", TWO_LETTERS)
    words = brute_force(model, 8, lambda word: word.endswith("abb"))[0]
    found = list(itertools.islice(under_guide(model, suffix="abb", max_length=8), 10))
    assert not any(each.proven for each in found)
    assert len({model.vocabulary.decode(each.tokens) for each in found} & set(words[:20])) >= 8


def test_a_search_that_finds_no_word_for_long_goes_on_under_look_ahead(monkeypatch):
    monkeypatch.setattr(ranking, "MIN_PATIENCE", 0)
    monkeypatch.setattr(ranking, "look_ahead_cost", lambda models, automata: 0)
    monkeypatch.setattr("morelike.sampling.search.EXPANDED_AT_ONCE", 3)
    model = small_model("ngram", TWO_LETTERS)
    found = list(model.top(20, suffix="abb", max_length=9))
    _, nats = brute_force(model, 9, lambda word: word.endswith("abb"))
    assert [each for _, each, _ in found] == pytest.approx(nats[:20], abs=1e-5)
    assert all(proven for _, _, proven in found)


def test_a_search_ends_after_its_patience_with_the_words_so_far(monkeypatch):
    monkeypatch.setattr(ranking, "MAX_PATIENCE", 2000)
    model = small_model("gru", TWO_LETTERS)
    reports = []
    search = model.top(50, min_length=60, max_length=60, on_progress=reports.append)
    with pytest.raises(SamplingError, match="of 50 words: the search saw") as caught:
        list(search)
    assert "loosen the constraints" in str(caught.value)
    assert reports
