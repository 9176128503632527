"""Guess numbers: beside exact ranks by enumeration, with intervals that hold the truth as often as they say."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import morelike
from morelike.errors import SettingError, VocabularyError
from morelike.evaluation.guesses import Ranking
from morelike.language_model.guess_numbers import Guesser

from ..language_model.small_models import WORDS, lively_model

LETTERS = "abc"
LONGEST = 8
EVERY = ["".join(each) for n in range(1, LONGEST + 1) for each in itertools.product(LETTERS, repeat=n)]
LISTED = [word for i, word in enumerate(EVERY[:90]) if i % 2 or len(word) < 3]


@pytest.fixture(scope="module")
def model():
    return morelike.train(LISTED, "ngram", order=3)


@pytest.fixture(scope="module")
def short(exact):
    """The words of up to 8 letters as if there were no others."""
    words, log_p, certain = exact
    return words, log_p - np.log(np.exp(log_p).sum()), certain


@pytest.fixture(scope="module")
def exact(model):
    """Every word of up to 8 letters, the most probable first, with ln p of being made, and how many ranks are certain.

    A word that is more probable than every beginning of 8 letters has no longer word before it.
    """
    log_p = model.log_probability(EVERY) - np.log1p(-model.next("")[""])
    order = np.argsort(-log_p, kind="stable")
    end = {word: model.next(word)[""] for word in EVERY if len(word) == 2}  # trigrams see two letters back
    longest = max(np.exp(p) / end[word[-2:]] for word, p in zip(EVERY, log_p, strict=True) if len(word) == LONGEST)
    certain = int(np.sum(np.exp(log_p[order]) > longest))
    return [EVERY[i] for i in order], log_p[order], certain


def true_ranks(log_p, at):
    """Return how many words are more probable than the words at these places; those as probable are not."""
    return np.searchsorted(-log_p, -(log_p[at] + 1e-9))


def test_the_interval_holds_the_true_rank_nineteen_times_in_twenty(short):
    words, log_p, _ = short
    at = np.unique(np.geomspace(1, len(words), 14).astype(int)) - 1
    truth, p = true_ranks(log_p, at), np.exp(log_p)
    rng = np.random.default_rng(1)
    held = np.zeros(len(at))
    repeats = 300
    for _ in range(repeats):
        drawn = rng.choice(len(words), 400, p=p)
        found = Ranking.of([words[i] for i in drawn], log_p[drawn]).of_words([words[i] for i in at], log_p[at])
        held += [each.interval[0] - 1e-9 <= t <= each.interval[1] + 1e-9 for each, t in zip(found, truth, strict=True)]
    assert np.all(held / repeats > 0.92), (truth, held / repeats)
    assert np.mean(held / repeats) > 0.95


def test_the_estimate_has_no_bias_where_samples_are_few_beside_words(short):
    words, log_p, certain = short
    at, p, rng = np.array([certain - 1]), np.exp(log_p), np.random.default_rng(3)
    found = []
    for _ in range(400):
        drawn = rng.choice(len(words), 200, p=p)
        found += Ranking.of([words[i] for i in drawn], log_p[drawn]).of_words(["w"], log_p[at])
    guesses = np.array([each.guesses for each in found])
    assert abs(guesses.mean() - true_ranks(log_p, at)[0]) < 4 * guesses.std() / len(guesses) ** 0.5


def test_samples_of_a_model_find_the_exact_ranks(model, exact):
    words, log_p, certain = exact
    at = np.array([0, 3, 20, 100, certain - 1])
    truth = true_ranks(log_p, at)
    for seed in (0, 1):
        found = morelike.guess_number(model, [words[i] for i in at], samples=4000, seed=seed)
        for each, rank in zip(found, truth.tolist(), strict=True):
            assert each.interval[0] <= rank + 1e-9, (each, rank)
            assert rank - 1e-9 <= each.interval[1], (each, rank)
            assert each.guesses == pytest.approx(rank, rel=0.2, abs=2)
            assert each.bits == pytest.approx(np.log2(1 + each.guesses))


@pytest.mark.parametrize("kind", ["gru", "mlp"])
def test_what_the_empty_word_would_have_is_shared_by_the_others(kind):
    model = lively_model(kind)
    guesser = Guesser.of(model, samples=200)
    assert guesser.log_nonempty == pytest.approx(np.log1p(-model.next("")[""]))
    first, *_ = guesser.guess(WORDS)
    by_hand = guesser.ranking.of_words([WORDS[0]], model.log_probability(WORDS[:1]) - guesser.log_nonempty)
    assert first.guesses == pytest.approx(by_hand[0].guesses, rel=1e-5)  # a batch of one is added up in its own order
    assert first.interval == pytest.approx(by_hand[0].interval, rel=1e-5)


def test_a_mixture_guesses_too():
    short, long = (morelike.train(LISTED, "ngram", order=order) for order in (2, 4))
    mixed = morelike.mix([short, long], LISTED)
    (found,) = morelike.guess_number(mixed, ["abcabc"], samples=500)
    assert found.interval[0] <= found.guesses <= found.interval[1]


logs = st.lists(st.floats(-900, -0.01), min_size=2, max_size=30)


@given(logs, st.floats(-3000, -0.01))
@example([-1.0, -2.0, -745.0], -746.0)  # where p itself has few digits left
def test_the_number_lies_in_its_interval_and_below_what_is_possible(sampled, log_p):
    ranking = Ranking.of([str(i) for i in range(len(sampled))], np.array(sampled))
    (found,) = ranking.of_words(["w"], np.array([log_p]))
    low, high = found.bits_interval
    assert 0 <= low <= found.bits <= high
    assert np.isfinite(high)
    certain = np.sum(np.array(sampled) > log_p + 1e-5)
    most = -log_p / np.log(2)
    assert high <= max(most, np.log2(1 + certain)) + 1e-9


@given(logs, st.floats(-900, -0.02), st.floats(0.001, 5))
def test_a_less_probable_word_is_guessed_no_earlier(sampled, log_p, further):
    ranking = Ranking.of([str(i) for i in range(len(sampled))], np.array(sampled))
    first, later = ranking.of_words(["a", "b"], np.array([log_p, log_p - further]))
    assert first.bits <= later.bits + 1e-9


def test_a_word_rarer_than_every_sample_is_not_called_certain():
    log_p = np.log(np.full(1000, 1e-3))
    (found,) = Ranking.of(["a"] * 1000, log_p).of_words(["w"], np.log([1e-9]))
    assert found.interval[1] > 2.9 / 1000 / 1e-9  # what 1,000 samples miss once in twenty times has up to 0.3 %


def test_the_same_seed_gives_the_same_numbers(model):
    first, again, other = (morelike.guess_number(model, ["cab"], samples=300, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_what_cannot_be_guessed_is_refused(model):
    with pytest.raises(VocabularyError, match="'x'"):
        morelike.guess_number(model, ["abx"], samples=50)
    with pytest.raises(SettingError, match="an empty word has no guess number"):
        morelike.guess_number(model, [" "], samples=50)
    with pytest.raises(SettingError, match="samples = 1: a guess number is estimated from two samples or more"):
        morelike.guess_number(model, ["abc"], samples=1)
    written = morelike.train("abcabcabc" * 5, "ngram", form="text", order=2)
    with pytest.raises(SettingError, match="running text has no words"):
        morelike.guess_number(written, ["abc"])
