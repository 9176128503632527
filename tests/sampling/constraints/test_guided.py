"""Words under constraints: each keeps all of them, and they follow the model's distribution given that they do."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import morelike
from morelike.errors import SamplingError, SettingError, VocabularyError
from morelike.evaluation.nearest import nearest
from morelike.sampling.constraints.settings import Constraints

from ...language_model.small_models import KINDS, lively_model
from ..test_generate import TWO_LETTERS, agree, among, exact, varied_model

DRAWS = 20_000
ASKED = {
    "suffix": ({"suffix": "ab", "min_length": 3, "max_length": 6}, lambda w: w.endswith("ab") and 3 <= len(w) <= 6),
    "expression": ({"regex": "b(a|bb)*a?", "max_length": 7}, lambda w: re.fullmatch("b(a|bb)*a?", w) and len(w) <= 7),
    "contains": ({"contains": "bb", "not_contains": ("aa",), "max_length": 7}, lambda w: "bb" in w and "aa" not in w),
    "pattern": ({"pattern": "b____"}, lambda w: re.fullmatch("b....", w)),
}


def made(model, **asked):
    """Return words as they come and the report on how they were made."""
    reports = []
    words = model.sample(DRAWS, novel=False, unique=False, seed=1, on_report=reports.append, **asked)
    return words, reports[0]


@pytest.fixture(scope="module")
def counted():
    return morelike.train(TWO_LETTERS, "ngram", order=4, split="none")


@pytest.fixture(scope="module")
def network():
    return varied_model("gru")


@pytest.mark.parametrize("asked", ASKED)
def test_n_grams_are_drawn_exactly_from_their_own_words_that_keep_the_constraints(asked, counted):
    words, report = made(counted, **ASKED[asked][0])
    assert agree(words, among(exact(counted, 7), ASKED[asked][1]))
    assert (report.method, report.tried) == ("exact", report.kept)
    every = exact(counted, 7)
    assert report.probability == pytest.approx(sum(p for w, p in every.items() if w and ASKED[asked][1](w)), rel=1e-6)


@pytest.mark.parametrize("asked", ["suffix", *(pytest.param(each, marks=pytest.mark.slow) for each in [*ASKED][1:])])
def test_networks_are_resampled_to_their_own_words_that_keep_the_constraints(asked, network):
    words, report = made(network, **ASKED[asked][0])
    assert agree(words, among(exact(network, 7), ASKED[asked][1]))
    assert report.method == "resampled"
    assert 0.05 * report.tried < report.effective < report.tried
    assert re.search(
        "of [0-9,]+ candidates [0-9,]+ were kept, and the effective sample size was [0-9,]+", report.sentence()
    )


def test_without_the_weights_a_network_would_not_follow_its_distribution(network, monkeypatch):
    """The negative control of the two tests above."""
    monkeypatch.setattr(
        "morelike.sampling.constraints.guided.ImportanceWeights.resampled",
        lambda self, log_weights, rng, **_: list(range(len(log_weights))),
    )
    asked, rule = ASKED["contains"]
    assert not agree(made(network, **asked)[0], among(exact(network, 7), rule))


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind == "ngram" else pytest.mark.slow) for kind in KINDS]
)
@settings(max_examples=6)
@given(data=st.data())
def test_every_word_keeps_every_constraint(kind, data):
    asked = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "prefix": st.text("an", max_size=2),
                "suffix": st.text("aeh", max_size=2),
                "contains": st.lists(st.text("an", min_size=1, max_size=2), max_size=2),
                "not_contains": st.lists(st.text("aneh", min_size=2, max_size=3), max_size=2),
                "banned": st.text("eh", max_size=1),
                "min_length": st.integers(0, 5),
                "max_length": st.integers(5, 9),
                "temperature": st.floats(0.3, 2),
                "top_k": st.integers(1, 4),
            },
        )
    )
    try:
        words = lively_model(kind).sample(5, novel=False, seed=0, **asked)
    except SamplingError as error:
        words = error.found
    for word in words:
        assert word.startswith(asked.get("prefix", ""))
        assert word.endswith(asked.get("suffix", ""))
        assert all(part in word for part in asked.get("contains", ()))
        assert not any(part in word for part in asked.get("not_contains", ()))
        assert not set(word) & set(asked.get("banned", ""))
        assert max(1, asked.get("min_length", 1)) <= len(word) <= asked.get("max_length", 100)


def test_refused_words_do_not_come(counted):
    words = counted.sample(6, pattern="___", novel=False)
    rest = counted.sample(2, pattern="___", novel=False, not_in=words)
    assert not set(words) & set(rest)
    far = counted.sample(5, min_length=4, max_length=8, far_from=TWO_LETTERS, edits=2, novel=False)
    assert all(each.distance >= 2 for each in nearest(far, TWO_LETTERS))


def test_when_words_run_out_it_tells_how_many_there_are(counted):
    with pytest.raises(SamplingError, match=r"found 4 of 5 words in .*: the constraints allow 4 in all") as told:
        counted.sample(5, pattern="a__", novel=False)
    assert sorted(told.value.found) == ["aaa", "aab", "aba", "abb"]


CONTRADICTIONS = {
    "two of three": (
        {"prefix": "ab", "suffix": "ba", "regex": "b.*"},
        "no word is possible: the prefix 'ab' and the expression 'b.*' contradict one another",
    ),
    "a length": (
        {"min_length": 4, "pattern": "a_"},
        "the length (4 characters or more) and the pattern 'a_' contradict",
    ),
    "two lengths": (
        {"min_length": 2, "max_length": 3, "pattern": "a"},
        "the length (2 to 3 characters) and the pattern 'a' contradict",
    ),
    "one length": (
        {"min_length": 1, "max_length": 1, "pattern": "a_"},
        "the length (1 character) and the pattern 'a_' contradict",
    ),
    "an empty alphabet": (
        {"banned": "ab"},
        "under the banned characters 'ab' over the model's 2 characters: change it",
    ),
    "an unknown character": (
        {"regex": "[^ab]|A.*"},
        "the expression '[^ab]|A.*' over the model's 2 characters, without 'A'",
    ),
    "no character": (
        {"regex": "[^ab]"},
        "possible under the expression '[^ab]' over the model's 2 characters: change it",
    ),
    "an impossible length": (
        {"min_length": 0, "max_length": 0, "suffix": "a"},
        "no word is possible under the length (0 characters)",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_what_is_impossible_is_told_before_anything_is_tried(case, counted):
    asked, says = CONTRADICTIONS[case]
    with pytest.raises(SamplingError, match=re.escape(says)):
        counted.sample(1, **asked)


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"suffix": "xa"}, VocabularyError, "the suffix 'xa': the model does not know the character 'x' (character 1)"),
        (
            {"pattern": "a__A"},
            VocabularyError,
            "the pattern 'a__A': the model does not know the character 'A' (character 4)",
        ),
        ({"allowed": "AE"}, VocabularyError, "the allowed characters 'AE': the model knows none of them"),
        ({"edits": -1}, SettingError, "edits = -1"),
        ({"suffix": "b "}, SettingError, "the suffix 'b ' ends with white space, and no word does"),
        ({"pattern": "a_ "}, SettingError, "the pattern 'a_ ' has white space at an end, and no word has"),
        ({"prefix": " a"}, SettingError, "the prefix ' a' begins with white space, and no word does"),
        ({"prefix": " a", "suffix": "b"}, SettingError, "the prefix ' a' begins with white space, and no word does"),
        ({"contains": ""}, SettingError, "'' is in every word"),
        ({"similar": "ab", "within": 9}, SettingError, "within = 9"),
        ({"min_length": 3, "max_length": 2}, SettingError, "no word has such a length"),
        ({"pattern": "b" * 10_000}, SettingError, "has more than max_length = 100 characters"),
        ({"shape": "b" * 10_000}, SettingError, "has more than max_length = 100 characters"),
        ({"suffix": "b" * 10_000, "max_length": 9}, SettingError, "has more than max_length = 9 characters"),
        (
            {"contains": ["abb", "bba", "aab"], "max_length": 4},
            SettingError,
            "such a word has 5 characters or more, and max_length = 4",
        ),
    ],
)
def test_a_constraint_that_makes_no_sense_is_named(asked, error, says, counted):
    with pytest.raises(error, match=re.escape(says)):
        counted.sample(1, **asked)


def test_a_prefix_alone_needs_no_automaton():
    assert not Constraints(prefix="a", max_length=7).needs_automaton
    assert Constraints(min_length=2).needs_automaton


TWO_WORDS = (Path(__file__).parents[2] / "cases" / "two_word_places.txt").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def places():
    return morelike.train(TWO_WORDS, "ngram", order=4, split="none")


@pytest.mark.parametrize(
    ("asked", "keeps"),
    [
        ({"prefix": "new "}, lambda word: word.startswith("new ")),
        ({"prefix": "new ", "min_length": 5}, lambda word: word.startswith("new ")),
        ({"suffix": " york"}, lambda word: word.endswith(" york")),
        ({"pattern": "new ____"}, lambda word: re.fullmatch("new .{4}", word)),
        ({"contains": "w "}, lambda word: "w " in word),
        ({"similar": " newton "}, lambda word: nearest([word], ["newton"])[0].distance <= 2),
    ],
)
def test_white_space_at_the_ends_of_a_constraint_is_kept_and_of_a_word_is_not(asked, keeps, places):
    words = places.sample(2, novel=False, max_length=20, **asked)
    assert all(map(keeps, words))
    assert all(keeps(word) for word, _, _ in places.top(2, max_length=12, **asked))


def test_an_expression_whose_words_have_white_space_at_an_end_is_refused_at_once(places):
    with pytest.raises(SamplingError, match="the rule that no word has white space at an end contradict"):
        places.sample(2, regex="new [a-z]+ ")
    assert all(word.startswith("new ") for word in places.sample(2, regex="new [a-z]+ ?", novel=False))


def test_the_next_character_after_a_space_is_that_of_a_second_word(places):
    assert places.next("new ") != places.next("new")
    assert places.next("new ")["y"] > places.next("new")["y"]
    assert places.logits("new ").tolist() != places.logits("new").tolist()


@pytest.mark.parametrize("asked", [{}, {"contains": "w "}, {"prefix": "new "}])
def test_no_sample_begins_or_ends_with_white_space(asked, places):
    words = places.sample(300, novel=False, unique=False, seed=1, **asked)
    assert all(word == word.strip() for word in words)
    assert all(word == word.strip() for word, _, _ in places.top(20, max_length=12, **asked))
