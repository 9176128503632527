"""From what a user hands in to what a model is fed: words and passages cleaned, encoded, the unknown dealt with."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.errors import SettingError
from morelike.text.vocabulary import END, TokenLines, Vocabulary
from morelike.text.words import Form, clean

__all__ = ["RESERVED", "Unknown", "cleaned", "encode_passage", "encode_words", "fed"]

Unknown: TypeAlias = Literal["error", "skip", "reserve"]
"""What to do with characters that the model does not know: refuse the word, leave them out, or give each the share of
probability that `RESERVED` keeps for them."""

RESERVED = 1e-4


def cleaned(form: Form, words: str) -> str:
    """Return words as the model's list holds them; white space at the ends of a running text belongs to it."""
    return unicodedata.normalize("NFC", words) if form == "text" else clean(words)


def fed(vocabulary: Vocabulary, form: Form, prefix: str) -> list[int]:
    """Return the ids to feed before the character after a prefix.

    Raises:
        VocabularyError: an unknown character.

    >>> fed(Vocabulary.of(["ab"]), "lines", "b"), fed(Vocabulary.of(["ab"]), "text", "b")
    ([0, 2], [2])
    """
    ids = vocabulary.encode(cleaned(form, prefix))
    if form == "lines":
        return [END, *ids]
    return ids or vocabulary.encode("\n" if "\n" in vocabulary.characters else vocabulary.characters[0])


def encode_words(
    vocabulary: Vocabulary, words: Sequence[str], unknown: Unknown
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


def encode_passage(vocabulary: Vocabulary, text: str, unknown: Unknown) -> TokenLines:
    """Return a passage of running text as one line of tokens.

    Raises:
        SettingError: a share reserved for the unknown, which only words have.
        VocabularyError: an unknown character, under `unknown="error"`.
    """
    if unknown == "reserve":
        raise SettingError("unknown = 'reserve' is for words: of a running text choose 'error' or 'skip'")
    text = cleaned("text", text)
    return vocabulary.encode_text(vocabulary.drop_unknown(text) if unknown == "skip" else text)
