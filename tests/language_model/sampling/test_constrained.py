"""Rejection and look-ahead make words of the same distribution; the cheaper of them is chosen, and none is refused."""

import time
from pathlib import Path

import numpy as np
import pytest

import morelike
from morelike.errors import SettingError
from morelike.language_model.sampling import constrained, guides
from morelike.language_model.sampling_report import SamplingReport
from morelike.ngrams import look_ahead

from ...sampling.constraints.test_guided import ASKED, made
from ...sampling.test_generate import TWO_LETTERS, agree, among, exact, varied_model

CASE = "contains"
BLOCKED = (Path(__file__).parents[2] / "cases" / "blocked_120.txt").read_text("utf-8").split()
ALWAYS_REJECT, NEVER_REJECT = 1e30, -2.0


@pytest.fixture(scope="module")
def counted():
    return morelike.train(TWO_LETTERS, "ngram", order=4, split="none")


@pytest.fixture(scope="module")
def names():
    return morelike.train(morelike.read_lines("names"), "ngram")


def choose(monkeypatch, cost):
    """Let look-ahead seem to cost this many logits."""
    monkeypatch.setattr(constrained, "SMALL_COST", -1.0)
    monkeypatch.setattr(constrained.ConstrainedDraw, "_look_ahead_cost", cost)


@pytest.mark.parametrize("asked", ASKED)
def test_rejection_follows_the_distribution_that_look_ahead_follows(asked, counted, monkeypatch):
    """Both are held against the enumeration of all words."""
    choose(monkeypatch, ALWAYS_REJECT)
    words, report = made(counted, **ASKED[asked][0])
    wanted = among(exact(counted, 7), ASKED[asked][1])
    assert report.method == "rejected"
    assert agree(words, wanted)
    every = exact(counted, 7)
    p = sum(p for word, p in every.items() if word and ASKED[asked][1](word))
    assert report.probability == pytest.approx(p, abs=5 * (p / report.tried) ** 0.5)


def test_a_network_is_followed_exactly_by_rejection(monkeypatch):
    network = varied_model("gru")
    choose(monkeypatch, ALWAYS_REJECT)
    words, report = made(network, **ASKED[CASE][0])
    assert report.method == "rejected"
    assert agree(words, among(exact(network, 7), ASKED[CASE][1]))


def test_a_prefix_and_a_suffix_are_met_by_rejection_from_words_with_the_prefix(counted, monkeypatch):
    choose(monkeypatch, ALWAYS_REJECT)
    words, report = made(counted, prefix="b", suffix="a", max_length=7)
    every = exact(counted, 7)
    wanted = among(every, lambda word: word.startswith("b") and word.endswith("a"))
    assert agree(words, wanted)
    p = sum(every[word] for word in wanted)
    assert report.probability == pytest.approx(p, abs=5 * (p / report.tried) ** 0.5)


def test_look_ahead_takes_over_where_few_words_keep_the_constraints(counted, monkeypatch):
    choose(monkeypatch, 20_000.0)
    common, rare = (counted.sample, {"suffix": "a"}), (counted.sample, {"pattern": "bbbaab__"})
    methods = []
    for sample, asked in (common, rare):
        sample(4, novel=False, on_report=lambda report: methods.append(report.method), **asked)
    assert methods == ["rejected", "exact"]


def test_words_made_before_and_after_look_ahead_takes_over_follow_one_distribution(counted, monkeypatch):
    calls = iter([True] * 8)
    monkeypatch.setattr(constrained.ConstrainedDraw, "_rejection_is_cheaper", lambda self, needed: next(calls, False))
    words, report = made(counted, **ASKED[CASE][0])
    assert report.method == "exact"
    assert agree(words, among(exact(counted, 7), ASKED[CASE][1]))


def test_the_choice_depends_on_the_seed_and_not_on_the_clock(names):
    assert names.sample(20, suffix="ette", seed=3) == names.sample(20, suffix="ette", seed=3)


def blocked(count):
    rng = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlu"))
    return ["".join(rng.choice(letters, size=rng.integers(4, 9))) for _ in range(count)]


@pytest.mark.parametrize("texts", [BLOCKED, blocked(2000)])
def test_a_list_of_excluded_texts_costs_next_to_nothing(texts, names):
    names.sample(1)
    began = time.process_time()
    words = names.sample(20, not_contains=texts)
    assert time.process_time() - began < 2
    assert len(words) == 20
    assert not any(text in word for word in words for text in texts)


def test_a_list_of_excluded_texts_is_met_beside_a_rare_suffix(names):
    reports = []
    texts = blocked(2000)
    words = names.sample(10, not_contains=texts, suffix="xlyn", max_length=12, on_report=reports.append)
    assert reports[0].method == "exact"
    assert all(word.endswith("xlyn") and not any(text in word for text in texts) for word in words)


def test_constraints_that_need_too_much_are_met_by_shorter_n_grams_and_never_refused(names, monkeypatch):
    monkeypatch.setattr(guides, "MOST_NUMBERS", 3000)
    reports = []
    words = names.sample(10, suffix="xlyn", max_length=12, on_report=reports.append)
    assert all(word.endswith("xlyn") and len(word) <= 12 for word in words)
    assert reports[0].method == "resampled"
    assert "approximate" in reports[0].sentence()


@pytest.mark.parametrize("most", [1, 40])
def test_shorter_n_grams_approach_the_same_distribution(counted, monkeypatch, most):
    choose(monkeypatch, NEVER_REJECT)
    monkeypatch.setattr(guides, "MOST_NUMBERS", most)
    words, report = made(counted, **ASKED[CASE][0])
    assert report.method == "resampled"
    assert agree(words, among(exact(counted, 7), ASKED[CASE][1]))


def test_contexts_that_a_state_cannot_meet_change_nothing(counted, monkeypatch):
    asked = {"contains": "bb", "max_length": 7}
    reports = []
    for many in (0.0, 1.0):
        monkeypatch.setattr(look_ahead, "MANY", many)
        counted.sample(1, novel=False, on_report=reports.append, **asked)
    assert reports[0].probability == pytest.approx(reports[1].probability, rel=1e-12)


def test_more_words_than_memory_holds_are_refused_at_once(counted):
    with pytest.raises(SettingError, match="ask for 0 to 10,000,000 words"):
        counted.sample(99_999_999_999_999_999_999)
    assert len(list(counted.top(99_999_999_999_999_999_999, least=0.01))) > 3


def test_many_required_texts_are_met_or_refused_in_seconds(names):
    names.sample(1)
    began = time.process_time()
    (word,) = names.sample(1, contains=list("abcde"), seed=1)
    assert set("abcde") <= set(word)
    with pytest.raises(SettingError, match=r"such a word has \d+ characters or more"):
        names.sample(1, contains=morelike.read_lines("names")[:60])
    assert time.process_time() - began < 5


def test_a_report_says_that_nearly_all_words_satisfy_the_constraints():
    report = SamplingReport(method="rejected", probability=0.97, tried=100, kept=97)
    assert report.sentence().endswith("97 were kept; nearly all words of the model satisfy the constraints")
