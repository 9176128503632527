"""Calibration: percentiles by hand, and a threshold that calls as many real words unlike as was asked."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import morelike
from morelike.errors import SettingError
from morelike.evaluation.calibration import Calibration, peers_for
from morelike.evaluation.intervals import binomial_interval

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena", "hana"]


def of(lengths, bits):
    return Calibration(np.array(lengths), np.array(bits, dtype=float), np.array(bits, dtype=float))


@pytest.fixture(scope="module")
def names():
    return morelike.read_lines("names")


@pytest.fixture(scope="module")
def counted(names):
    return morelike.train(names, "ngram", order=3, smoothing="witten-bell")


@pytest.fixture(scope="module")
def usual(names, counted):
    return morelike.calibrate(counted, names)


@pytest.fixture(scope="module")
def unseen(names, counted):
    """Lengths and bits per character of the test part's names that are not in train."""
    parts = morelike.split(names)
    train = set(parts.train)
    nats, characters = counted.losses([word for word in dict.fromkeys(parts.test) if word not in train])
    return characters - 1, nats / characters / np.log(2)


def test_a_percentile_is_the_share_of_peers_that_are_less_alike():
    found = of([5] * 40, range(40)).percentiles(np.array([5] * 4), np.array([-1.0, 9.5, 39.5, 10.0]))
    assert found.tolist() == pytest.approx([100, 100 * 31 / 41, 100 / 41, 100 * (30 + 0.5) / 41])


def test_each_length_has_peers_of_its_own_where_they_suffice():
    usual = of([3] * 30 + [9] * 30, [2.0] * 30 + [4.0] * 30)
    assert usual.percentiles(np.array([3, 9]), np.array([3.0, 3.0])).tolist() == pytest.approx([100 / 31, 100])
    assert not usual.peers(3).pooled


@pytest.mark.parametrize(
    ("length", "span", "count"),
    [(5, (5, 5), 30), (6, (5, 7), 42), (7, (5, 7), 42), (9, (10, 10), 30), (40, (10, 10), 30)],
)
def test_neighbouring_lengths_join_until_there_are_thirty(length, span, count):
    peers = of([5] * 30 + [6] * 2 + [7] * 10 + [10] * 30, np.zeros(72)).peers(length)
    assert (peers.shortest, peers.longest, len(peers.bits)) == (*span, count)
    assert peers.pooled == (length != 5)


def test_of_few_words_all_are_peers():
    peers = of([2, 3, 8], [1.0, 3.0, 2.0]).peers(3)
    assert (peers.shortest, peers.longest, peers.bits.tolist()) == (2, 8, [1, 2, 3])


@given(st.lists(st.floats(0, 20), min_size=1, max_size=200), st.floats(0.001, 0.999))
def test_no_more_words_than_asked_lie_above_the_threshold(bits, fpr):
    usual = of([4] * len(bits), bits)
    if len(bits) < ceil(1 / fpr - 1e-9) - 1:
        with pytest.raises(SettingError, match="held-out words or more"):
            usual.threshold(fpr)
        return
    above = np.sum(np.array(bits) > usual.threshold(fpr))
    assert above <= fpr * (len(bits) + 1) + 1e-6


def test_over_many_lists_the_share_of_real_words_called_unlike_is_what_was_asked():
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(4000):
        bits = rng.lognormal(size=20)
        wrong += int(bits[-1] > of([4] * 19, bits[:-1]).threshold(0.1))
    low, high = binomial_interval(wrong, 4000)
    assert low < 0.1 < high


@pytest.mark.parametrize("fpr", [0.01, 0.05, 0.2])
def test_on_test_names_as_many_are_called_unlike_as_was_asked(usual, unseen, fpr):
    _, bits = unseen
    wrong = int(np.sum(bits > usual.threshold(fpr)))
    # The threshold is itself an estimate from as many words, so the share differs by the noise of both.
    noise = (fpr * (1 - fpr) * (1 / len(bits) + 1 / len(usual.bits))) ** 0.5
    assert abs(wrong / len(bits) - fpr) < 2 * noise


def by_length(rng: np.random.Generator, words: int) -> Calibration:
    """Return words whose bits per character fall with their length, as those of every list do."""
    lengths = rng.choice([4, 5, 6, 7, 8, 12], words, p=[0.05, 0.2, 0.3, 0.25, 0.15, 0.05])
    return of(lengths, rng.gamma(2.0, 8.0 / lengths**1.5))


@pytest.mark.parametrize("fpr", [0.01, 0.05])
def test_at_each_length_at_most_twice_as_many_real_words_are_called_unlike_as_was_asked(fpr):
    rng = np.random.default_rng(0)
    held_out, real = by_length(rng, 20_000), by_length(rng, 200_000)
    unlike = real.bits > held_out.thresholds(real.lengths, fpr)
    rates = {length: unlike[real.lengths == length].mean() for length in np.unique(real.lengths).tolist()}
    assert all(fpr / 3 < rate < 2 * fpr for rate in rates.values()), rates
    overall = real.bits > held_out.threshold(fpr)
    assert overall[real.lengths == 4].mean() > 3 * fpr  # one threshold for all lengths does not keep this
    assert overall[real.lengths == 12].mean() < fpr / 3


def test_test_names_of_each_length_are_called_unlike_at_most_twice_as_often_as_was_asked(usual, unseen):
    lengths, bits = unseen
    unlike = bits > usual.thresholds(lengths, 0.05)
    for length in (length for length in np.unique(lengths).tolist() if np.sum(lengths == length) >= 150):
        assert unlike[lengths == length].mean() < 2 * 0.05


@pytest.mark.parametrize("fpr", [0.01, 0.05, 0.3])
def test_a_word_that_is_called_unlike_has_the_lower_percentile_of_its_length(fpr):
    rng = np.random.default_rng(1)
    held_out, real = by_length(rng, 3000), by_length(rng, 3000)
    unlike = real.bits > held_out.thresholds(real.lengths, fpr)
    percentiles = held_out.percentiles(real.lengths, real.bits, peers_for(fpr))
    for length in np.unique(real.lengths).tolist():
        here = real.lengths == length
        assert percentiles[here & unlike].max(initial=0) <= 100 * fpr + 1e-9
        assert percentiles[here & ~unlike].min() >= 100 * fpr - 1e-9


def test_percentiles_of_test_names_are_spread_evenly(usual, unseen):
    counts, _ = np.histogram(usual.percentiles(*unseen), bins=10, range=(0, 100))
    expected = len(unseen[0]) / 10
    # 27.9 is what chi-square with nine degrees of freedom exceeds once in 1,000 times; the peers' noise doubles it.
    assert np.sum((counts - expected) ** 2 / expected) < 2 * 27.9


def test_held_out_words_are_those_of_dev_that_are_not_in_train(names, counted, usual):
    parts = morelike.split(names)
    train = set(parts.train)
    held_out = [word for word in dict.fromkeys(parts.dev) if word not in train]
    assert usual.lengths.tolist() == [len(word) for word in held_out]
    assert usual.bits == pytest.approx(-counted.log_probability(held_out) / (usual.lengths + 1) / np.log(2))
    assert len(usual.surprisals) == np.sum(usual.lengths + 1)
    assert usual.surprisals[: usual.lengths[0] + 1] == pytest.approx(counted.surprisal(held_out[0]) / np.log(2))


def test_one_character_in_a_hundred_of_held_out_words_is_odd(usual):
    assert np.mean(usual.surprisals > usual.odd_above) == pytest.approx(0.01, abs=0.001)


def test_the_list_of_a_model_at_hand_is_found_by_its_name():
    model = morelike.train(morelike.read_lines("mots")[:2000], "ngram", order=3)
    with pytest.raises(SettingError, match="give the list too"):
        morelike.calibrate(model)


def test_the_list_of_a_run_is_found(tmp_path):
    morelike.train(WORDS, "ngram", order=3, out=tmp_path, report=False)
    assert len(morelike.calibrate("latest", out=tmp_path).bits) == len(morelike.split(WORDS).dev)


def test_other_real_words_serve_where_nothing_was_held_out():
    model = morelike.train(WORDS, "ngram", order=3, split="none")
    with pytest.raises(SettingError, match="no words of its list were held out when the model was trained"):
        morelike.calibrate(model, WORDS)
    assert morelike.calibrate(model, ["anna", "nann", "nann", "heha"]).lengths.tolist() == [4, 4]
    with pytest.raises(SettingError, match="none of these words is new to the model"):
        morelike.calibrate(model, WORDS[:3])


@pytest.mark.parametrize("fpr", [0.0, 1.0, -0.5, float("nan")])
def test_a_share_outside_0_and_1_is_refused(fpr):
    with pytest.raises(SettingError, match="lies between 0 and 1"):
        of([4], [1.0]).threshold(fpr)
    with pytest.raises(SettingError, match="lies between 0 and 1"):
        of([4], [1.0]).thresholds(np.array([4]), fpr)


def test_too_few_held_out_words_for_a_share_say_how_many_it_takes():
    with pytest.raises(SettingError, match=r"fpr = 0\.01 needs 99 held-out words or more, but there are 98"):
        of([4] * 98, np.arange(98)).threshold(0.01)
    assert of([4] * 99, np.arange(99)).threshold(0.01) == 98


def test_running_text_has_no_words_to_compare_with():
    model = morelike.train("abcabcabc" * 5, "ngram", form="text", order=2)
    with pytest.raises(SettingError, match="percentiles need a model of words: this is a model of running text"):
        morelike.calibrate(model)
