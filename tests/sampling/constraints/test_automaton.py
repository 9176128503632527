"""Automata: what they allow is what their definition says, and combining them is combining the definitions."""

import itertools
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import SettingError
from morelike.evaluation.nearest import nearest
from morelike.sampling.constraints.automaton import (
    all_words,
    containing_any,
    intersect,
    lengths_between,
    sequence,
    words_over,
)
from morelike.sampling.constraints.regex import regular, within_edits

IDS = {"a": 1, "b": 2, "c": 3}
SYMBOLS = 4
EVERY = ["".join(word) for length in range(6) for word in itertools.product("abc", repeat=length)]


def ids(word):
    return [IDS[c] for c in word]


def allowed(automaton):
    return {word for word in EVERY if automaton.allows(ids(word))}


def words_where(rule):
    return {word for word in EVERY if rule(word)}


PARTS = {
    "anything": (all_words(SYMBOLS), lambda w: True),
    "only": (words_over([1, 3], SYMBOLS), lambda w: "b" not in w),
    "lengths": (lengths_between(2, 4, SYMBOLS), lambda w: 2 <= len(w) <= 4),
    "at least": (lengths_between(3, None, SYMBOLS), lambda w: len(w) >= 3),
    "prefix": (sequence([[1], [2]], SYMBOLS, open_end=True), lambda w: w.startswith("ab")),
    "pattern": (sequence([[1], [1, 2, 3], [2]], SYMBOLS), lambda w: re.fullmatch("a.b", w) is not None),
    "suffix": (containing_any([ids("aba")], SYMBOLS, at_end=True), lambda w: w.endswith("aba")),
    "contains": (containing_any([ids("aab"), ids("ba")], SYMBOLS), lambda w: "aab" in w or "ba" in w),
    "one within another": (containing_any([ids("abc"), ids("b")], SYMBOLS), lambda w: "b" in w),
}


@pytest.mark.parametrize("name", PARTS)
def test_each_part_allows_what_it_says(name):
    automaton, rule = PARTS[name]
    assert allowed(automaton) == words_where(rule)
    assert allowed(automaton.minimal()) == words_where(rule)
    assert allowed(automaton.complement()) == words_where(lambda word: not rule(word))


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(PARTS, 2)))
def test_an_intersection_allows_what_both_allow(one, other):
    both = intersect(PARTS[one][0], PARTS[other][0])
    assert allowed(both) == words_where(lambda word: PARTS[one][1](word) and PARTS[other][1](word))


def test_the_smallest_automaton_is_as_small_as_can_be():
    assert containing_any([ids("ab"), ids("abc"), ids("abca")], SYMBOLS).minimal().states == 3
    assert intersect(lengths_between(0, 4, SYMBOLS), lengths_between(2, 3, SYMBOLS)).states == 4
    assert intersect(lengths_between(3, None, SYMBOLS), lengths_between(0, 2, SYMBOLS)).empty


@pytest.mark.parametrize("name", PARTS)
def test_the_number_of_words_is_told_where_there_is_one(name):
    automaton, rule = PARTS[name]
    finite = intersect(automaton, lengths_between(0, 5, SYMBOLS))
    assert finite.count_words(1000) == len(words_where(rule))
    assert finite.count_words(2) == (len(words_where(rule)) if len(words_where(rule)) <= 2 else None)
    assert all_words(SYMBOLS).count_words(10**6) is None


def expressions():
    atoms = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "[a-b]", "(?:ab)", "(a|bc)"])
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
            st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,}", "{0,2}"])).map(
                lambda pair: f"({pair[0]}){pair[1]}"
            ),
        ),
        max_leaves=6,
    )


@given(expressions())
def test_an_expression_allows_what_python_says_it_matches(expression):
    compiled = re.compile(expression)
    assert allowed(regular(expression, IDS, SYMBOLS)) == words_where(lambda word: compiled.fullmatch(word) is not None)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("a(b", "at character 2, '(' opens a group that is not closed"),
        ("a)b", "at character 2, ')' closes a group that was not opened"),
        ("a[ab", "at character 2, '[' opens a class that is not closed"),
        ("[ac-a]", "at character 3, 'c' begins a range that runs backwards"),
        ("*a", "at character 1, '*' repeats nothing"),
        ("a**", "is a second repeat"),
        ("a{2,1}", "does not give repeats from m to n"),
        ("a{999}", "n at most 200"),
        ("a{x}", "is not followed by {m}"),
        ("^ab$", "'^' is not needed: an expression matches a whole word"),
        (r"(a)\1", "at character 4, '\\\\' is not before a special character"),
        ("a\\", "at character 2, '\\\\' is not before a special character"),
        ("(?=a)", "begins a group that is not in the dialect"),
        ("(" * 60 + "a" + ")" * 60, "at character 41, '(' opens more than 40 groups"),
        ("(" * 41, "at character 41, '(' opens more than 40 groups"),
        ("((((a{99}){99}){99}){99})", "is too large: repeat less"),
    ],
)
def test_what_is_outside_the_dialect_is_told_with_its_place(expression, says):
    with pytest.raises(SettingError, match=re.escape(says)):
        regular(expression, IDS, SYMBOLS)


@given(st.text("()[]{}|?*+\\^$.ab,-12", max_size=12))
def test_any_text_is_an_expression_or_is_refused_in_a_sentence(text):
    with suppress(SettingError):
        assert regular(text, IDS, SYMBOLS).states >= 1


@pytest.mark.parametrize(("word", "edits"), [("abca", 0), ("abca", 1), ("cab", 2), ("", 2)])
def test_words_within_some_edits_are_those_that_are_as_near(word, edits):
    found = allowed(within_edits(ids(word), edits, SYMBOLS))
    assert found == words_where(lambda other: nearest([other], [word])[0].distance <= edits)
