"""Vocabularies: encoding words as token ids and decoding them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import VocabularyError, excerpt

END = 0
"""The id of the end symbol, which is not a character. It ends each line, and it precedes a line's first character."""

CODE_POINTS = 0x110000
NEWLINE = ord("\n")  # separates words while they are encoded; a word that contains it is an error


@dataclass(frozen=True)
class TokenLines:
    """Lines as one flat array of token ids. Each line ends with `END`.

    Attributes:
        tokens: int32[N], or a narrower type in a store. N is also the number of characters to predict.
        offsets: int64[lines + 1]; line i is `tokens[offsets[i]:offsets[i + 1]]`, which includes its `END`.
        weights: int64[lines], the weight of each line, or None if all lines have weight 1.
        labels: int32[lines], the index of each line's label, or None if lines have no labels.
        label_count: the number of different labels.
    """

    tokens: Int[NDArray[Any], " N"]
    offsets: Int[NDArray[Any], " lines_and_one"]
    weights: Int[NDArray[Any], " lines"] | None = None
    labels: Int[NDArray[Any], " lines"] | None = None
    label_count: int = 0

    @classmethod
    def of(cls, words: Sequence[Sequence[int]]) -> TokenLines:
        """Return lines of words that are given as ids."""
        tokens = np.array([token for word in words for token in (*word, END)], dtype=np.int32)
        return cls(tokens, np.cumsum([0, *(len(word) + 1 for word in words)]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def memory_mapped(self) -> bool:
        """Whether the tokens are a memory-mapped file, which should be read in blocks."""
        return isinstance(self.tokens, np.memmap)

    @property
    def lengths(self) -> Int[NDArray[Any], " lines"]:
        """The number of characters of each line, including `END`."""
        return np.diff(self.offsets)

    @property
    def character_weights(self) -> Int[NDArray[Any], " N"] | None:
        """The weight of each character, which is the weight of its line; None if all lines have weight 1."""
        return None if self.weights is None else np.repeat(self.weights, self.lengths)

    def take(self, lines: Int[NDArray[Any], " some"]) -> TokenLines:
        """Return the lines with these indices, in the order of the indices."""
        lengths = self.lengths[lines]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        shift = np.repeat(self.offsets[lines] - offsets[:-1], lengths)
        weights = None if self.weights is None else self.weights[lines]
        labels = None if self.labels is None else self.labels[lines]
        return TokenLines(self.tokens[np.arange(offsets[-1]) + shift], offsets, weights, labels, self.label_count)


@dataclass(frozen=True)
class Vocabulary:
    """The characters of a list, sorted by code point. Their ids start at 1, and 0 is the end symbol.

    >>> vocabulary = Vocabulary.of(["emma", "ava"])
    >>> vocabulary.characters, vocabulary.size
    (('a', 'e', 'm', 'v'), 5)
    >>> vocabulary.encode("ava")
    [1, 4, 1]
    >>> vocabulary.decode([1, 4, 1])
    'ava'
    """

    characters: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(len(character) != 1 or "\ud800" <= character <= "\udfff" for character in self.characters):
            raise VocabularyError("each entry of a vocabulary is one character")
        if list(self.characters) != sorted(set(self.characters)):
            raise VocabularyError("the characters of a vocabulary are distinct and sorted by code point")

    @classmethod
    def of(cls, words: Iterable[str]) -> Vocabulary:
        """Return the vocabulary of all characters in the words."""
        return cls(tuple(sorted(set().union(*words))))

    @property
    def size(self) -> int:
        """The number of symbols, including the end symbol."""
        return len(self.characters) + 1

    def encode(self, word: str) -> list[int]:
        """Return the ids of a word's characters, without the end symbol.

        Raises:
            VocabularyError: a character is unknown. The message gives its position.
        """
        ids = [self.ids.get(character, -1) for character in word]
        if -1 in ids:
            raise self._unknown(word, ids.index(-1))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the characters of these ids as one string, without the end symbols."""
        return "".join(self.characters[i - 1] for i in ids if i != END)

    def decode_lines(self, lines: TokenLines) -> list[str]:
        """Return each line as a string, without its `END`.

        >>> vocabulary = Vocabulary.of(["emma", "ava"])
        >>> vocabulary.decode_lines(vocabulary.encode_lines(["emma", "ava"]))
        ['emma', 'ava']
        """
        text = self.code_points[lines.tokens].tobytes().decode("utf-32-le", "surrogatepass")
        offsets = lines.offsets.tolist()
        return [text[first : after - 1] for first, after in pairwise(offsets)]

    def encode_lines(self, words: Sequence[str]) -> TokenLines:
        """Return words as one flat array of ids; each word ends with `END`.

        Raises:
            VocabularyError: a character is unknown. The message gives its word and its position.
        """
        tokens = self._tokens("\n".join([*words, ""]))
        offsets = np.concatenate([[0], np.flatnonzero(tokens == END) + 1])
        if len(offsets) != len(words) + 1:
            broken = next(word for word in words if "\n" in word)
            raise self._unknown(broken, broken.index("\n"))
        unknown = np.flatnonzero(tokens < 0)
        if len(unknown):
            line = int(np.searchsorted(offsets, unknown[0], side="right")) - 1
            raise self._unknown(words[line], int(unknown[0] - offsets[line]))
        return TokenLines(tokens, offsets)

    def encode_text(self, text: str) -> TokenLines:
        """Return a running text as one line of ids, which ends with `END`. Line ends in the text are characters.

        Raises:
            VocabularyError: a character is unknown. The message gives its position.
        """
        tokens = self._tokens(text)
        tokens = np.where(tokens == END, self.ids.get("\n", -1), tokens).astype(np.int32)
        unknown = np.flatnonzero(tokens < 0)
        if len(unknown):
            raise self._unknown(text, int(unknown[0]))
        return TokenLines(np.append(tokens, np.int32(END)), np.array([0, len(tokens) + 1]))

    def drop_unknown(self, text: str) -> str:
        """Return a text without its unknown characters.

        >>> Vocabulary.of(["emma"]).drop_unknown("em-ma!")
        'emma'
        """
        return "".join(character for character in text if character in self.ids)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each character."""
        return {character: i for i, character in enumerate(self.characters, 1)}

    def _tokens(self, text: str) -> NDArray[np.int32]:
        """Return the id of each character, `END` for a line end and -1 for an unknown character."""
        # Arguments that are not UTF-8 contain lone surrogates. They are unknown characters too.
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return np.take(self._id_of_code_point, codes)

    @cached_property
    def _id_of_code_point(self) -> NDArray[np.int32]:
        table = np.full(CODE_POINTS, -1, dtype=np.int32)
        table[[ord(character) for character in self.characters]] = np.arange(1, self.size)
        table[NEWLINE] = END
        return table

    @cached_property
    def code_points(self) -> NDArray[np.uint32]:
        """The code point of each id; that of `END` is a line end."""
        return np.array([NEWLINE, *map(ord, self.characters)], dtype="<u4")

    def _unknown(self, word: str, position: int) -> VocabularyError:
        character = word[position]
        return VocabularyError(
            f"the model does not know the character {character!r} (U+{ord(character):04X}) at position {position + 1} "
            f"of {excerpt(word)}: it was not in the list that the model learned from"
        )
