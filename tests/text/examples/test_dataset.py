"""Data sets of contexts, as notebooks build them."""

import jaxtyping
import numpy as np
import pytest

from morelike import build_dataset, read_lines
from morelike.errors import MorelikeError
from morelike.text.vocabulary import Vocabulary

WORDS = ["anna", "ann"]


def test_the_french_notebook_counts_the_same_examples(data):
    words = read_lines(data("civil_mots.txt"))
    dataset = build_dataset(words, 3)
    inputs, targets = dataset
    assert inputs.shape == (67652, 3)
    assert targets.shape == (67652,)
    assert len(dataset.symbols) == 41
    assert len(build_dataset(words[40:45], 3)) == 51


def test_each_example_is_a_context_and_the_character_after_it():
    dataset = build_dataset(WORDS, 3)
    assert list(dataset.pairs())[:5] == [("...", "a"), ("..a", "n"), (".an", "n"), ("ann", "a"), ("nna", ".")]
    assert repr(dataset) == "Dataset(examples=9, context=3, symbols=3)"
    assert dataset.ids == {".": 0, "a": 1, "n": 2}


def test_an_index_gives_some_of_the_examples():
    dataset = build_dataset(WORDS, 2)
    for index in (slice(2, 5), np.array([2, 3, 4]), np.arange(9) // 2 == 1):
        some = dataset[index]
        np.testing.assert_array_equal(some.X, dataset.X[index])
        np.testing.assert_array_equal(some.Y, dataset.Y[index])
    assert list(dataset[0].pairs()) == [("..", "a")]
    assert dataset[-1].X.shape == (1, 2)


def test_splits_may_share_one_table_of_symbols():
    whole = build_dataset(["anna", "hen"], 2)
    part = build_dataset(["hen"], 2, vocabulary=whole.vocabulary)
    np.testing.assert_array_equal(part.X, whole.X[5:])
    with pytest.raises(MorelikeError, match="the vocabulary does not have 'b', 'o': leave it out"):
        build_dataset(["bob"], 2, vocabulary=whole.vocabulary)


def test_a_full_stop_of_the_list_is_no_end():
    dataset = build_dataset(["a.b"], 2)
    assert dataset.symbols == ("", ".", "a", "b")
    assert list(dataset.pairs())[1] == ("a", ".")


@pytest.mark.parametrize("context", [0, 1001, 2.0, True, "3"])
def test_a_context_that_is_no_length_is_refused(context, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    with pytest.raises(MorelikeError, match=r"context = .*: give a whole number from 1 to 1,000"):
        build_dataset(WORDS, context)


def test_a_numpy_number_is_a_context(monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    assert build_dataset(WORDS, np.int64(3)).context == 3


def test_another_object_is_no_vocabulary(monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    with pytest.raises(MorelikeError, match="vocabulary = 'abc': give the vocabulary of a data set or of a model"):
        build_dataset(WORDS, vocabulary="abc")


def test_words_are_refused_as_everywhere():
    for words, says in (([], "the list is empty"), ("anna", "one string"), ([3], "word 1 is 3")):
        with pytest.raises(MorelikeError, match=says):
            build_dataset(words)
    assert build_dataset(WORDS, vocabulary=Vocabulary.of(WORDS)).vocabulary == Vocabulary(("a", "n"))
