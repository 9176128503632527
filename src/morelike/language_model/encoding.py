"""Normalization and encoding of the words and passages that a user gives, with a policy for unknown characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.errors import SettingError
from morelike.text.vocabulary import END, TokenLines, Vocabulary
from morelike.text.words import Form, clean

UnknownPolicy: TypeAlias = Literal["error", "skip", "reserve"]
"""What to do with characters that the model does not know: refuse the word, leave them out, or give each of them the
probability `RESERVED`."""

RESERVED = 1e-4


def normalized(form: Form, words: str) -> str:
    """Return words in the form of the model's list; white space at the ends of a running text is kept."""
    return unicodedata.normalize("NFC", words) if form == "text" else clean(words)


def context_tokens(vocabulary: Vocabulary, form: Form, prefix: str) -> list[int]:
    """Return the ids that the model reads before it predicts the character after a prefix.

    White space at the ends of the prefix is kept: a word may go on after a space.

    Raises:
        VocabularyError: an unknown character.

    >>> vocabulary = Vocabulary.of(["ab"])
    >>> context_tokens(vocabulary, "lines", "b"), context_tokens(vocabulary, "text", "b")
    ([0, 2], [2])
    """
    ids = vocabulary.encode(normalized("text", prefix))
    if form == "lines":
        return [END, *ids]
    return ids or vocabulary.encode("\n" if "\n" in vocabulary.characters else vocabulary.characters[0])


def encode_words(
    vocabulary: Vocabulary, words: Sequence[str], unknown: UnknownPolicy
) -> tuple[TokenLines, NDArray[np.int64]]:
    """Return words as tokens, and how many unknown characters were left out of each.

    Raises:
        VocabularyError: an unknown character, under `unknown="error"`.
    """
    words = [clean(word) for word in words]
    if unknown == "error":
        return vocabulary.encode_lines(words), np.zeros(len(words), dtype=np.int64)
    kept = [vocabulary.drop_unknown(clean(word)) for word in words]
    left_out = [len(word) - len(rest) for word, rest in zip(words, kept, strict=True)]
    return vocabulary.encode_lines(kept), np.array(left_out, dtype=np.int64)


def encode_passage(vocabulary: Vocabulary, text: str, unknown: UnknownPolicy) -> TokenLines:
    """Return a passage of running text as one line of tokens.

    Raises:
        SettingError: the policy "reserve", which is for words only.
        VocabularyError: an unknown character, under `unknown="error"`.
    """
    if unknown == "reserve":
        raise SettingError("unknown = 'reserve' is for words: of a running text choose 'error' or 'skip'")
    text = normalized("text", text)
    return vocabulary.encode_text(vocabulary.drop_unknown(text) if unknown == "skip" else text)
