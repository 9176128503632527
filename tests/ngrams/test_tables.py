from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.models.ngram import NGram
from morelike.ngrams import tables
from morelike.ngrams.counting import count_ngrams
from morelike.text.vocabulary import TokenLines, Vocabulary

LETTERS = "abc"
VOCABULARY = Vocabulary(tuple(LETTERS))
SMOOTHINGS = ["add", "witten-bell", "kneser-ney", "mixture"]
WORDS = st.lists(st.text(LETTERS, max_size=6), min_size=1, max_size=15)
NO_LINES = TokenLines.of([])


def fitted(words, rows=None, **settings):
    model = NGram(**settings)
    lines = VOCABULARY.encode_lines(words)
    if rows is None:
        return model, model.fit(lines, NO_LINES, VOCABULARY.size)
    with (
        patch("morelike.models.ngram.rows_within", lambda *_: rows),
        patch("morelike.ngrams.counting.rows_within", lambda *_: rows),
    ):
        return model, model.fit(lines, NO_LINES, VOCABULARY.size)


def decoded(weights, order):
    """Return the set of n-grams of each length that the tables hold."""
    below, result = [()], [{()}]
    for k in range(1, order + 1):
        below = [(*below[key // VOCABULARY.size], key % VOCABULARY.size) for key in weights[f"keys.{k}"].tolist()]
        result.append(set(below))
    return result


@settings(max_examples=25)
@given(WORDS, st.integers(1, 4), st.sampled_from(SMOOTHINGS), st.integers(1, 4), st.text(LETTERS, max_size=5))
def test_probabilities_sum_to_1_whatever_is_left_out(words, order, smoothing, min_count, prefix):
    model, weights = fitted(words, order=order, smoothing=smoothing, min_count=min_count)
    assert model.fits(weights, VOCABULARY.size)
    tokens = np.array([[*VOCABULARY.encode(prefix), last] for last in range(VOCABULARY.size)])
    p = np.exp(model.log_probabilities(weights, tokens)[:, -1])
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert p.min() > 0
    state = model.start(weights, 1)
    for token in [0, *VOCABULARY.encode(prefix)]:
        state, logits = model.step(weights, state, np.array([token]))
    np.testing.assert_allclose(np.exp(logits[0]), p, rtol=1e-5)


@settings(max_examples=25)
@given(WORDS, st.integers(2, 4), st.integers(2, 5))
def test_only_rare_ngrams_are_left_out_and_prefixes_and_suffixes_of_kept_ones_are_kept(words, order, min_count):
    _, weights = fitted(words, order=order, smoothing="witten-bell", min_count=min_count)
    _, all_of_them = fitted(words, order=order, smoothing="witten-bell")
    kept, every = decoded(weights, order), decoded(all_of_them, order)
    levels = count_ngrams(VOCABULARY.encode_lines(words), order, VOCABULARY.size)
    for k in range(2, order + 1):
        common = {
            ngram for ngram, n in zip(sorted(every[k]), levels[k - 1].counts.tolist(), strict=True) if n >= min_count
        }
        assert common <= kept[k] <= every[k]
        assert len(kept[k] - common) <= 2
        assert {ngram[:-1] for ngram in kept[k]} <= kept[k - 1]
        assert {ngram[1:] for ngram in kept[k]} <= kept[k - 1]
    assert kept[1] == every[1]


@settings(max_examples=10)
@given(WORDS, st.integers(1, 4), st.sampled_from(SMOOTHINGS), st.integers(1, 3), st.integers(7, 40))
def test_the_tables_do_not_depend_on_the_rows_at_once(words, order, smoothing, min_count, rows):
    _, weights = fitted(words, order=order, smoothing=smoothing, min_count=min_count)
    _, others = fitted(words, rows, order=order, smoothing=smoothing, min_count=min_count)
    assert weights.keys() == others.keys()
    for name in weights:
        assert weights[name].tobytes() == others[name].tobytes(), name


def test_blocks_split_no_context_and_leave_nothing_out():
    keys = np.array([0, 1, 2, 3, 10, 11, 20, 30, 31, 32, 33, 34])
    for rows in range(1, 14):
        blocks = list(tables._blocks(keys, 10, rows))
        assert [at for first, stop in blocks for at in range(first, stop)] == list(range(len(keys)))
        assert all(keys[stop - 1] // 10 != keys[stop] // 10 for _, stop in blocks[:-1])
