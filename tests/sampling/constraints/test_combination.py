"""Several automata at once say what each of them says."""

import itertools

import numpy as np
import pytest

from morelike.sampling.constraints.automaton import containing_any, intersect, lengths_between, sequence
from morelike.sampling.constraints.combination import allowed_lines, contradict, join, shortest_with
from morelike.text.vocabulary import Vocabulary

from .test_automaton import EVERY, PARTS, SYMBOLS, allowed, ids

VOCABULARY = Vocabulary.of(["abc"])


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(PARTS, 2)))
def test_lines_are_allowed_that_each_automaton_allows(one, other):
    automata = [PARTS[one][0], PARTS[other][0]]
    found = allowed_lines(automata, VOCABULARY.encode_lines(EVERY))
    assert {word for word, kept in zip(EVERY, found, strict=True) if kept} == allowed(automata[0]) & allowed(
        automata[1]
    )


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(PARTS, 2)))
def test_automata_contradict_one_another_if_their_intersection_is_empty(one, other):
    automata = [PARTS[one][0], PARTS[other][0]]
    assert contradict(automata) == intersect(*automata).empty
    assert contradict([*automata, lengths_between(1, 1, SYMBOLS), lengths_between(2, 2, SYMBOLS)])


def test_a_long_list_of_excluded_texts_is_left_out_of_the_joined_automaton():
    excluded = containing_any([ids(word) for word in ("abcab", "cabca", "bbbba")], SYMBOLS).complement()
    ending = containing_any([ids("ab")], SYMBOLS, at_end=True)
    joined, left_out = join([excluded, ending], states=5)
    assert left_out == [excluded]
    assert allowed(joined) == allowed(ending)
    joined, left_out = join([excluded, ending])
    assert not left_out
    assert allowed(joined) == allowed(excluded) & allowed(ending)


def test_an_automaton_is_acyclic_if_it_allows_finitely_many_words():
    assert lengths_between(2, 5, SYMBOLS).acyclic
    assert sequence([[1], [1, 2]], SYMBOLS).acyclic
    assert not PARTS["suffix"][0].acyclic
    assert not lengths_between(2, None, SYMBOLS).acyclic


def test_a_word_ends_anywhere_under_a_list_of_excluded_texts_alone():
    assert containing_any([ids("ab")], SYMBOLS).complement().ends_anywhere
    assert not PARTS["suffix"][0].ends_anywhere
    assert not lengths_between(2, None, SYMBOLS).ends_anywhere


def test_no_lines_at_all_are_allowed_lines():
    assert allowed_lines([PARTS["suffix"][0]], VOCABULARY.encode_lines([])).shape == np.zeros(0).shape


def test_many_required_texts_do_not_multiply_the_states_of_the_joined_automaton():
    vocabulary = Vocabulary.of(["abcdefghijkl"])
    required = [containing_any([vocabulary.encode(letter)], vocabulary.size) for letter in "abcdefghijkl"]
    joined, left_out = join(required)
    assert joined.states <= 8
    assert len(left_out) == 9
    bounded, left_out = join([lengths_between(12, 12, vocabulary.size), *required[:3]])
    assert bounded.acyclic
    assert not left_out


@pytest.mark.parametrize("texts", [("ab", "ba", "c"), ("aab", "aba", "baa"), ("abc", "b"), ("cab", "abb", "bca")])
def test_no_string_shorter_than_the_lower_bound_contains_all_texts(texts):
    shortest = next(
        length
        for length in itertools.count(1)
        if any(all(text in "".join(word) for text in texts) for word in itertools.product("abc", repeat=length))
    )
    assert max(map(len, texts)) <= shortest_with(texts, 100) <= shortest
