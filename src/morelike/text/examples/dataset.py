"""The data set of a model with a fixed context, as notebooks build it: X and Y, and the table of symbols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import SettingError, VocabularyError, excerpt
from morelike.text.corpus import corpus_of
from morelike.text.examples.contexts import contexts
from morelike.text.vocabulary import Vocabulary
from morelike.text.words import Words

LONGEST_CONTEXT = 1000


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Training examples: contexts X and the characters Y that follow them, as ids.

    `X, Y = dataset` gives both arrays, and `dataset[index]` some of the examples, such as a batch.

    Attributes:
        X: int32 [examples, context]. 0, the end symbol, fills the positions before the first character of a word.
        Y: int32 [examples], the next characters; 0 ends a word.
        vocabulary: the characters and their ids.
    """

    X: Int[NDArray[Any], "N K"]
    Y: Int[NDArray[Any], " N"]
    vocabulary: Vocabulary

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return iter((self.X, self.Y))

    def __len__(self) -> int:
        return len(self.Y)

    def __getitem__(self, index: Any) -> Dataset:
        """Return the examples at an index: a number, a slice, or an array of numbers or of truth values."""
        return Dataset(np.atleast_2d(self.X[index]), np.atleast_1d(self.Y[index]), self.vocabulary)

    @property
    def context(self) -> int:
        """The number of characters in each context."""
        return int(self.X.shape[1])

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbol of each id: "." for the end symbol (or "" if "." is a character of the list), then characters."""
        return ("" if "." in self.vocabulary.ids else ".", *self.vocabulary.characters)

    @property
    def ids(self) -> dict[str, int]:
        """The id of each symbol."""
        return {symbol: i for i, symbol in enumerate(self.symbols)}

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield each example as text: its context and the next character.

        >>> list(build_dataset(["ace"], 2).pairs())
        [('..', 'a'), ('.a', 'c'), ('ac', 'e'), ('ce', '.')]
        """
        symbols = self.symbols
        for context, after in zip(self.X.tolist(), self.Y.tolist(), strict=True):
            yield "".join(symbols[i] for i in context), symbols[after]

    def __repr__(self) -> str:
        return f"Dataset(examples={len(self):,}, context={self.context}, symbols={len(self.symbols)})"


def build_dataset(words: Words, context: int = 3, *, vocabulary: Vocabulary | None = None) -> Dataset:
    """Return the examples of words: each character and each end of a word, with the `context` characters before it.

    Args:
        words: the words, as in `train`.
        context: the number of characters in each context.
        vocabulary: the ids of the characters, as in `dataset.vocabulary` or `model.vocabulary`, so that the data sets
            of several splits have the same ids; default: the characters of these words.

    Raises:
        ListError: no words.
        SettingError: a context that is no whole number from 1 to 1,000, or another object in place of a vocabulary.
        VocabularyError: a word has a character that the given vocabulary does not have.

    >>> dataset = build_dataset(["anna", "ann"], 3)
    >>> X, Y = dataset
    >>> X.shape, Y.tolist(), dataset.symbols
    ((9, 3), [1, 2, 2, 1, 0, 1, 2, 2, 0], ('.', 'a', 'n'))
    """
    if isinstance(context, bool) or not isinstance(context, Integral) or not 1 <= context <= LONGEST_CONTEXT:
        raise SettingError(f"context = {excerpt(context)}: give a whole number from 1 to {LONGEST_CONTEXT:,}")
    if vocabulary is not None and not isinstance(vocabulary, Vocabulary):
        raise SettingError(f"vocabulary = {excerpt(vocabulary)}: give the vocabulary of a data set or of a model")
    cleaned = corpus_of("words", words, "lines").words
    known = vocabulary or Vocabulary.of(cleaned)
    _check_characters(known, cleaned)
    return Dataset(*contexts(known.encode_lines(cleaned), int(context)), known)


def _check_characters(vocabulary: Vocabulary, words: Sequence[str]) -> None:
    unknown = sorted(set().union(*words).difference(vocabulary.characters))
    if unknown:
        raise VocabularyError(
            f"the vocabulary does not have {', '.join(map(excerpt, unknown[:10]))}: leave it out, so that it is made "
            "from the words, or give the vocabulary of a data set that holds all words"
        )
