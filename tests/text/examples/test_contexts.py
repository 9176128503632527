"""Contexts equal a plain double loop, and published lists give the published numbers of examples."""

import statistics
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.text.examples.contexts import contexts, contexts_of, count_list, show_contexts
from morelike.text.reading import read_lines
from morelike.text.vocabulary import Vocabulary

WORDS = st.lists(st.text("abc", max_size=12), max_size=12)


def encoded(words):
    return Vocabulary(("a", "b", "c")).encode_lines(words)


def contexts_in_a_double_loop(words, length):
    index = {".": 0, "a": 1, "b": 2, "c": 3}
    x, y = [], []
    for word in words:
        context = [0] * length
        for character in word + ".":
            x.append(context)
            y.append(index[character])
            context = [*context[1:], index[character]]
    return x, y


@given(words=WORDS, length=st.integers(1, 8))
def test_contexts_equal_the_plain_double_loop(words, length):
    x, y = contexts(encoded(words), length)
    expected_x, expected_y = contexts_in_a_double_loop(words, length)
    assert x.shape == (len(expected_x), length)
    assert (x.tolist(), y.tolist()) == (expected_x, expected_y)
    assert x.dtype == y.dtype == np.int32


@given(words=WORDS, length=st.integers(1, 8))
def test_a_shorter_context_is_the_end_of_a_longer_one(words, length):
    tokens = encoded(words).tokens
    assert contexts_of(tokens, length).tolist() == contexts_of(tokens, 10)[:, 10 - length :].tolist()


def test_a_context_longer_than_the_whole_list_is_filled_with_ends():
    x, _ = contexts(encoded(["a"]), 8)
    assert x.tolist() == [[0] * 8, [0] * 7 + [1]]


@pytest.mark.parametrize(
    ("file", "words", "symbols", "examples"),
    [
        ("civil_mots.txt", 7_223, 40, 67_652),
        ("names_32033.txt", 32_033, 26, 228_146),
    ],
)
def test_a_published_list_gives_its_published_number_of_examples(data, file, words, symbols, examples):
    read = read_lines(data(file))
    counts = count_list(read)
    assert (counts.words, counts.symbols, counts.examples) == (words, symbols, examples)
    x, y = contexts(Vocabulary.of(read).encode_lines(read), 3)
    assert (x.shape, y.shape) == ((examples, 3), (examples,))


def test_the_counts_of_a_list_tell_repeated_words_apart():
    counts = count_list(["ava", "ava", "bo"])
    assert (counts.words, counts.distinct_words, counts.characters, counts.examples, counts.symbols) == (3, 2, 8, 11, 4)


def test_the_verbose_view_is_what_the_lecture_shows():
    view = "\n".join(f"{context} ---> {following}" for context, following in show_contexts(["emma", "o.k"], 3))
    assert view == (
        "... ---> e\n..e ---> m\n.em ---> m\nemm ---> a\nmma ---> .\n... ---> o\n..o ---> .\n.o. ---> k\no.k ---> ."
    )


@given(words=WORDS, length=st.integers(1, 8))
def test_the_verbose_view_agrees_with_the_contexts(words, length):
    symbols = ".abc"
    x, y = contexts(encoded(words), length)
    shown = [("".join(symbols[i] for i in row), symbols[j]) for row, j in zip(x, y, strict=True)]
    assert list(show_contexts(words, length)) == shown


def test_the_contexts_of_32_033_names_are_built_in_under_a_tenth_of_a_second(data):
    words = read_lines(data("names_32033.txt"))
    lines = Vocabulary.of(words).encode_lines(words)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        contexts(lines, 3)
        seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < 0.1
