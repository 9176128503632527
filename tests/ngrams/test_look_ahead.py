"""LookAhead probabilities equal the sum over all words that an automaton accepts, for every smoothing."""

import itertools

import numpy as np
import pytest

import morelike
from morelike.sampling.constraints.automaton import all_words, containing_any, intersect, lengths_between

WORDS = ["ab", "abc", "ca", "bab", "caab", "abba", "cc", "acab", "b", "cabb", "aab", "bca", "cab", "ac", "bbb", "abab"]
SETTINGS = [
    {"order": 8},
    {"order": 3},
    {"order": 1},
    *({"order": order, "smoothing": name} for name in ("kneser-ney", "witten-bell", "add") for order in (1, 2, 4)),
]


@pytest.fixture(params=SETTINGS, ids=str)
def model(request):
    return morelike.train(WORDS, "ngram", split="none", **request.param)


def look_ahead(model):
    return model.architecture.look_ahead(model.weights)


def test_the_probability_of_the_accepted_words_is_that_of_all_of_them_in_sum(model):
    symbols = model.vocabulary.size
    suffix = containing_any([model.vocabulary.encode("ab")], symbols, at_end=True)
    automaton = intersect(suffix, lengths_between(2, 6, symbols))
    every = ("".join(word) for length in range(1, 7) for word in itertools.product("abc", repeat=length))
    accepted = [word for word in every if automaton.allows(model.vocabulary.encode(word))]
    assert len(accepted) == 1 + 3 + 9 + 27 + 81
    found = look_ahead(model)
    ending_well = found.acceptance(automaton.transitions, automaton.accepting, 100)
    start = found.context_of(model.architecture.start(model.weights, 1))
    assert ending_well.of(np.zeros(1, dtype=int), start)[0] == pytest.approx(
        np.exp(model.log_probability(accepted)).sum(), rel=1e-9
    )


def test_every_word_ends_sooner_or_later_whatever_it_began_with(model):
    found = look_ahead(model)
    automaton = all_words(model.vocabulary.size)
    ending = found.acceptance(automaton.transitions, automaton.accepting, 5000)
    assert ending.values[0] == pytest.approx(1, abs=1e-6)


def test_the_next_contexts_are_those_that_a_step_leads_to(model):
    found = look_ahead(model)
    state = model.architecture.start(model.weights, 1)
    for token in model.vocabulary.encode("abca"):
        led = found.next_contexts(state)[0, token]
        state, _ = model.architecture.step(model.weights, state, np.array([token]))
        assert found.context_of(state)[0] == led
