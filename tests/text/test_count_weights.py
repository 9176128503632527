import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import ListError
from morelike.text.count_weights import MAX_TOTAL_WEIGHT, effective_sample_size, line_weights
from morelike.text.splits import split

COUNTS = st.lists(st.integers(1, 10**9), min_size=1, max_size=20)


@given(COUNTS)
def test_counts_weigh_as_they_are(counts):
    assert line_weights(counts, "counts").tolist() == counts


@given(COUNTS)
def test_the_logarithm_weighs_whole_numbers_in_the_order_of_the_counts(counts):
    weights = line_weights(sorted(counts), "log")
    assert weights.dtype == np.int64
    assert weights[0] >= 1
    assert (np.diff(weights) >= 0).all()


@pytest.mark.parametrize(("counts", "weighing"), [([3, 4], "none"), (None, "counts"), (None, "log")])
def test_without_counts_or_weighing_there_are_no_weights(counts, weighing):
    assert line_weights(counts, weighing) is None


@pytest.mark.parametrize("weighing", ["counts", "log"])
def test_a_count_of_zero_is_refused_with_the_way_out(weighing):
    with pytest.raises(ListError, match=r"the count 0: .* count_weighting = none"):
        line_weights([3, 0], weighing)


def test_counts_whose_sum_is_no_longer_exact_are_refused():
    with pytest.raises(ListError, match="is the most"):
        line_weights([MAX_TOTAL_WEIGHT, 1], "counts")


def test_equal_weights_are_worth_all_lines():
    assert effective_sample_size(np.full(8, 10**12)) == 8


@pytest.mark.parametrize("name", ["shuffle-42", "hash", "makemore", "none", "first-5"])
@pytest.mark.parametrize("size", [4, 100])
def test_counts_go_with_their_words_and_decide_nothing(name, size):
    words = [f"word{i}" for i in range(size)]
    splits = split(words, name, list(range(size)))
    plain = split(words, name)
    assert (splits.train, splits.dev, splits.test) == (plain.train, plain.dev, plain.test)
    for part, listed in splits.parts.items():
        assert [f"word{count}" for count in splits.counts[part]] == listed
