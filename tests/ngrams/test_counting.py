import subprocess
import sys
from collections import Counter
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.ngrams import counting
from morelike.ngrams.counting import ABSENT, count_ngrams, find_nodes
from morelike.text.vocabulary import END, TokenLines, Vocabulary

WORDS = st.lists(st.text("abc", max_size=8), min_size=1, max_size=10)
ORDERS = st.integers(1, 6)
QUICKLY = settings(max_examples=30)
SYMBOLS = 4


def counted(words, order):
    return count_ngrams(Vocabulary(("a", "b", "c")).encode_lines(words), order, SYMBOLS)


def padded(word, order):
    return (END,) * (order - 1) + tuple("abc".index(character) + 1 for character in word) + (END,)


def counts_by_hand(words, order):
    """Return, for each length, how often each n-gram ends in a character of a line, 0 for the ends before a line."""
    counts = [Counter() for _ in range(order)]
    for word in words:
        symbols = padded(word, order)
        for end in range(1, len(symbols) + 1):
            for k in range(1, min(end, order) + 1):
                counts[k - 1][symbols[end - k : end]] += end >= order
    return counts


def decoded(levels):
    """Return the n-grams of each level as tuples of symbols, in the order of their nodes."""
    below, result = [()], []
    for level in levels:
        below = [below[key // SYMBOLS] + (key % SYMBOLS,) for key in level.keys.tolist()]
        result.append(below)
    return result


@QUICKLY
@given(words=WORDS, order=ORDERS)
def test_counts_equal_a_counter_of_tuples(words, order):
    levels = counted(words, order)
    found = [
        dict(zip(ngrams, x.counts.tolist(), strict=True)) for ngrams, x in zip(decoded(levels), levels, strict=True)
    ]
    assert found == [dict(counts) for counts in counts_by_hand(words, order)]


@QUICKLY
@given(words=WORDS, order=ORDERS)
def test_every_level_counts_every_character_once(words, order):
    characters = sum(len(word) + 1 for word in words)
    assert [level.counts.sum() for level in counted(words, order)] == [characters] * order


@QUICKLY
@given(words=WORDS, order=ORDERS)
def test_keys_are_sorted_and_distinct(words, order):
    for level in counted(words, order):
        assert (np.diff(level.keys) > 0).all()


@QUICKLY
@given(words=WORDS, order=ORDERS)
def test_continuations_are_the_distinct_symbols_seen_before(words, order):
    levels = counted(words, order)
    ngrams, counts = decoded(levels), counts_by_hand(words, order)
    for k in range(1, order):
        before = Counter(ngram[1:] for ngram, count in counts[k].items() if count)
        assert levels[k - 1].continuations.tolist() == [before[ngram] for ngram in ngrams[k - 1]]


@st.composite
def lists(draw):
    """Return words of few symbols out of very many, V, an integer type, and weights or none."""
    symbols = draw(st.sampled_from([2, 27, 13_667, 100_000]))
    known = draw(st.lists(st.integers(1, symbols - 1), min_size=1, max_size=4))
    words = draw(st.lists(st.lists(st.sampled_from(known), max_size=30), min_size=1, max_size=8))
    weights = draw(st.none() | st.lists(st.integers(1, 5), min_size=len(words), max_size=len(words)))
    dtype = draw(st.sampled_from([kind for kind in (np.uint8, np.uint16, np.int64) if np.iinfo(kind).max >= symbols]))
    return words, symbols, dtype, weights


@settings(max_examples=30)
@given(lists(), st.integers(1, 8), st.integers(20, 60), st.sampled_from([1, 3]))
def test_counts_do_not_depend_on_the_rows_at_once_or_the_threads(drawn, order, rows, threads):
    words, symbols, dtype, weights = drawn
    lines = TokenLines.of(words)
    lines = TokenLines(lines.tokens.astype(dtype), lines.offsets, None if weights is None else np.array(weights))
    weights = weights or [1] * len(words)
    expected = [Counter() for _ in range(order)]
    for word, weight in zip(words, weights, strict=True):
        line = (*[END] * (order - 1), *word, END)
        for end in range(1, len(line) + 1):
            for k in range(1, min(end, order) + 1):
                expected[k - 1][line[end - k : end]] += weight * (end >= order)
    with patch.object(counting, "rows_within", lambda *_: rows):
        levels = count_ngrams(lines, order, symbols, threads=threads)
    below = [()]
    for level, counts in zip(levels, expected, strict=True):
        below = [(*below[key // symbols], key % symbols) for key in level.keys[:].tolist()]
        assert below == sorted(counts)
        assert level.counts[:].tolist() == [counts[ngram] for ngram in below]
    assert levels[0].on_disk == (len(lines.tokens) > rows)


def test_lines_in_another_order_give_the_same_levels_bit_for_bit():
    rng = np.random.default_rng(0)
    words = [rng.integers(1, 60, rng.integers(0, 12)).tolist() for _ in range(80)]
    found = []
    for rows, shuffled in ((10_000, words), (150, words), (111, words[::-1])):
        with patch.object(counting, "rows_within", lambda *_, rows=rows: rows):
            levels = count_ngrams(TokenLines.of(shuffled), 5, 60)
        found.append([(x.keys[:].tobytes(), x.counts[:].tobytes(), x.continuations[:].tobytes()) for x in levels])
    assert found[0] == found[1] == found[2]


def test_lines_on_disk_are_counted_without_being_loaded(tmp_path):
    lines = Vocabulary(("a", "b", "c")).encode_lines(["ab", "abc", "ca"])
    lines.tokens.astype(np.uint8).tofile(tmp_path / "tokens.bin")
    mapped = TokenLines(np.memmap(tmp_path / "tokens.bin", np.uint8, "r"), lines.offsets)
    for one, other in zip(count_ngrams(mapped, 3, 4), count_ngrams(lines, 3, 4), strict=True):
        assert one.keys.tolist() == other.keys.tolist()
        assert one.counts.tolist() == other.counts.tolist()


MEMORY_RUN = """
import resource, sys
import numpy as np
from morelike.models.ngram import NGram
from morelike.text.vocabulary import END, TokenLines
rng = np.random.default_rng(0)
tokens = (rng.zipf(1.5, 30_000_000) % 5000 + 1).astype(np.uint16)
tokens[9::10] = END
lines = TokenLines(tokens, np.arange(0, len(tokens) + 1, 10))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
NGram(order=4, smoothing="kneser-ney", memory=200).fit(lines, TokenLines.of([]), 5001)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.slow
def test_counting_stays_within_its_memory():
    ran = subprocess.run([sys.executable, "-c", MEMORY_RUN], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 300


@given(st.sets(st.integers(0, 30), min_size=1), st.lists(st.integers(-3, 33)))
def test_known_keys_get_their_index_and_unknown_ones_are_absent(keys, wanted):
    keys = sorted(keys)
    expected = [keys.index(key) if key in keys else ABSENT for key in wanted]
    assert find_nodes(np.array(keys), np.array(wanted, dtype=np.int64)).tolist() == expected
