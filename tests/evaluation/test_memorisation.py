"""The audit of memory: exact expectations, counts that agree with them, and what is told of a model that copies."""

import itertools
import tracemalloc

import numpy as np
import pytest

import morelike
from morelike import api
from morelike.errors import SettingError
from morelike.evaluation.intervals import binomial_interval
from morelike.evaluation.memorisation import audit
from morelike.text.splits import Split

LETTERS = "ab"
EVERY = ["".join(each) for n in range(1, 9) for each in itertools.product(LETTERS, repeat=n)]
LISTED = [word for i, word in enumerate(EVERY[:60]) if i % 3]
PARTS = Split("", ["a", "b", "ab", "a"], ["ba", "a"], ["bb", "aa"])


def uniform(words):
    return np.log(np.full(len(words), 0.1))


def test_each_word_belongs_to_the_first_part_that_holds_it():
    found = audit(["a", "ba", "zz", "zz"], PARTS, uniform)
    assert [(each.part, each.words, each.found) for each in found.shares] == [
        ("train", 3, 0.25),
        ("dev", 1, 0.25),
        ("test", 2, 0.0),
    ]
    assert found.new == 0.5


def test_what_is_expected_is_the_sum_over_distinct_words():
    found = audit(["zz"], PARTS, uniform)
    assert [each.expected for each in found.shares] == pytest.approx([0.3, 0.1, 0.2])


def test_coverage_is_the_chance_of_occurring_at_least_once():
    found = audit(["ba"] * 7, PARTS, uniform)
    dev, test = found.coverage
    assert (dev.part, dev.found, test.found) == ("dev", 1.0, 0.0)
    assert dev.expected == pytest.approx(1 - 0.9**7)


def test_duplicates_that_are_expected_are_those_of_drawing_from_a_known_urn():
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(200)]
    p = rng.dirichlet(np.ones(200))
    logs = dict(zip(words, np.log(p), strict=True))
    found = audit(
        rng.choice(words, 1000, p=p).tolist(), PARTS, lambda asked: np.array([logs.get(w, -99.0) for w in asked])
    )
    truth = 1000 - np.sum(1 - (1 - p) ** 1000)
    assert found.duplicates.expected == pytest.approx(truth, rel=0.05)
    low, high = found.duplicates.interval
    assert low <= truth <= high


def test_duplicates_beyond_what_is_expected_are_found_out():
    found = audit(["same"] * 1000, PARTS, lambda asked: np.full(len(asked), np.log(1e-9))).duplicates
    assert found.found == 999
    assert found.expected < 1
    assert found.interval[0] > found.expected


@pytest.mark.parametrize("kind", ["ngram", pytest.param("gru", marks=pytest.mark.slow)])
def test_samples_of_a_model_agree_with_its_exact_probabilities(kind):
    settings = {"order": 3} if kind == "ngram" else {"hidden": 8, "embedding": 4, "steps": 60}
    model = morelike.train(LISTED, kind, **settings)
    found = api.audit(model, LISTED, count=4000, seed=2)
    parts = morelike.split(LISTED)
    empty = np.log1p(-model.next("")[""])
    for share in found.shares:
        words = set(getattr(parts, share.part))
        by_hand = np.exp(model.log_probability(sorted(words)) - empty).sum()
        assert share.expected == pytest.approx(by_hand, rel=1e-6)
        assert share.agrees, share
    assert sum(share.found for share in found.shares) + found.new == pytest.approx(1)


def test_a_sampler_that_errs_is_found_out():
    model = morelike.train(LISTED, "ngram", order=3)
    parts = morelike.split(LISTED)
    colder = model.sample(4000, novel=False, unique=False, temperature=0.5)
    assert not all(share.agrees for share in audit(colder, parts, model.log_probability).shares)


def test_a_model_that_copies_is_told_and_one_that_cannot_is_not():
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefgh"), 8)) for _ in range(400)]
    by_heart = api.audit(morelike.train(words, "ngram", order=8, smoothing="witten-bell"), words, count=500)
    assert by_heart.gap.typical > 20
    assert "it remembers many of the words of train" in by_heart.reading
    skilled = api.audit(morelike.train(words, "ngram", order=1, smoothing="add"), words, count=500)
    low, _ = skilled.gap.typical_interval
    assert low < 1.1
    assert "it hardly prefers the words of train to similar unseen words" in skilled.reading


def test_the_same_seed_gives_the_same_audit():
    model = morelike.train(LISTED, "ngram", order=3)
    first, again, other = (api.audit(model, LISTED, count=300, seed=seed).as_dict() for seed in (1, 1, 2))
    assert first == again != other


def test_a_list_of_which_nothing_was_held_out_says_so():
    model = morelike.train(LISTED, "ngram", order=3, split="none")
    found = api.audit(model, LISTED, count=100)
    assert found.gap is None
    assert "No words of the list are held out" in found.reading


def test_another_list_than_the_models_is_refused():
    model = morelike.train(LISTED, "ngram", order=3)
    with pytest.raises(SettingError, match="the model learned from another list"):
        api.audit(model, LISTED[1:])
    with pytest.raises(SettingError, match="count = 0: an audit takes one sample or more"):
        api.audit(model, LISTED, count=0)


def test_a_model_of_running_text_has_no_words_to_know():
    model = morelike.train(" ".join(LISTED), "ngram", form="text", order=3)
    with pytest.raises(SettingError, match="an audit needs a model of words: this is a model of running text"):
        api.audit(model)


@pytest.mark.parametrize(("found", "trials"), [(0, 50), (50, 50), (7, 50), (1, 1)])
def test_the_interval_of_a_share_holds_it_and_stays_between_0_and_1(found, trials):
    low, high = binomial_interval(found, trials)
    assert 0 <= low <= found / trials <= high <= 1


def test_the_interval_of_a_share_holds_the_truth_nineteen_times_in_twenty():
    rng = np.random.default_rng(0)
    held = [low <= 0.2 <= high for low, high in (binomial_interval(int(n), 100) for n in rng.binomial(100, 0.2, 4000))]
    assert 0.93 < np.mean(held) < 0.97


@pytest.mark.slow
def test_one_very_long_word_takes_little_memory():
    words = ["abc", "abcdefghij" * 3000, "def"]
    model = morelike.train(words, "ngram", split="none")
    tracemalloc.start()
    api.audit(model, words, count=2000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6
