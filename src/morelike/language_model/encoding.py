"""Normalization and encoding of the words and passages that a user gives, with a policy for unknown characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.errors import SettingError
from morelike.text.vocabulary import END, TokenLines, Vocabulary
from morelike.text.words import Form, check_text, check_word

UnknownPolicy: TypeAlias = Literal["error", "skip", "reserve"]
"""What to do with characters that the model does not know: refuse the word, leave them out, or give each of them the
probability `RESERVED`."""

RESERVED = 1e-4


def normalized(form: Form, word: object) -> str:
    """Return a word, or a passage, in the form of the model's list; a passage keeps the white space at its ends.

    Raises:
        SettingError: it is not a string.
    """
    return check_text(word, "word") if form == "text" else check_word(word)


def context_tokens(vocabulary: Vocabulary, form: Form, prefix: object) -> list[int]:
    """Return the ids that the model reads before it predicts the character after a prefix.

    White space at the ends of the prefix is kept: a word may go on after a space.

    Raises:
        SettingError: the prefix is not a string.
        VocabularyError: an unknown character.

    >>> vocabulary = Vocabulary.of(["ab"])
    >>> context_tokens(vocabulary, "lines", "b"), context_tokens(vocabulary, "text", "b")
    ([0, 2], [2])
    """
    ids = vocabulary.encode(check_text(prefix, "prefix"))
    if form == "lines":
        return [END, *ids]
    return ids or vocabulary.encode("\n" if "\n" in vocabulary.characters else vocabulary.characters[0])


def encode_words(
    vocabulary: Vocabulary, words: Sequence[str], unknown: UnknownPolicy
) -> tuple[TokenLines, NDArray[np.int64]]:
    """Return cleaned words as tokens, and how many unknown characters were left out of each.

    Raises:
        VocabularyError: an unknown character, under `unknown="error"`.
    """
    if unknown == "error":
        return vocabulary.encode_lines(words), np.zeros(len(words), dtype=np.int64)
    kept = [vocabulary.drop_unknown(word) for word in words]
    left_out = [len(word) - len(rest) for word, rest in zip(words, kept, strict=True)]
    return vocabulary.encode_lines(kept), np.array(left_out, dtype=np.int64)


def encode_passage(vocabulary: Vocabulary, text: str, unknown: UnknownPolicy) -> TokenLines:
    """Return a passage of running text, in Unicode normal form C, as one line of tokens.

    Raises:
        SettingError: the policy "reserve", which is for words only.
        VocabularyError: an unknown character, under `unknown="error"`.
    """
    if unknown == "reserve":
        raise SettingError("unknown = 'reserve' is for words: of a running text choose 'error' or 'skip'")
    return vocabulary.encode_text(vocabulary.drop_unknown(text) if unknown == "skip" else text)
