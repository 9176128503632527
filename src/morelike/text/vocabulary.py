"""The symbols that a model knows, and the way from words to token ids and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import VocabularyError
from morelike.text.words import clean

__all__ = ["END", "TokenLines", "Vocabulary"]

END = 0
"""The id of the end symbol: out of band, so no character of any list collides with it. It also stands before the
first character of a line."""

CODE_POINTS = 0x110000
NEWLINE = ord("\n")  # joins words on their way to ids; a word that holds one is refused


@dataclass(frozen=True)
class TokenLines:
    """Lines as one flat array of token ids, each line closed by `END`.

    `tokens` is int32[N], in a store perhaps narrower; line i is `tokens[offsets[i]:offsets[i + 1]]`, its `END`
    included, so N is also the number of characters to predict. `weights` int64[lines] says for how many equal lines
    each stands; None: for itself. `labels` int32[lines] is the number of each line's label, of `label_count` that there
    are; None: the lines have none.
    """

    tokens: Int[NDArray[Any], " N"]
    offsets: Int[NDArray[Any], " lines_and_one"]
    weights: Int[NDArray[Any], " lines"] | None = None
    labels: Int[NDArray[Any], " lines"] | None = None
    label_count: int = 0

    @classmethod
    def of(cls, words: Sequence[Sequence[int]]) -> TokenLines:
        """Return words of ids as lines."""
        tokens = np.array([token for word in words for token in (*word, END)], dtype=np.int32)
        return cls(tokens, np.cumsum([0, *(len(word) + 1 for word in words)]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def mapped(self) -> bool:
        """Whether the tokens are on disk and mapped into memory: whoever reads them takes a part at a time."""
        return isinstance(self.tokens, np.memmap)

    @property
    def lengths(self) -> Int[NDArray[Any], " lines"]:
        """Characters of each line, `END` included."""
        return np.diff(self.offsets)

    @property
    def character_weights(self) -> Int[NDArray[Any], " N"] | None:
        """The weight of each character, that of its line; None where lines have none."""
        return None if self.weights is None else np.repeat(self.weights, self.lengths)

    def take(self, lines: Int[NDArray[Any], " some"]) -> TokenLines:
        """Return the lines with these indices, in this order."""
        lengths = self.lengths[lines]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        shift = np.repeat(self.offsets[lines] - offsets[:-1], lengths)
        weights = None if self.weights is None else self.weights[lines]
        labels = None if self.labels is None else self.labels[lines]
        return TokenLines(self.tokens[np.arange(offsets[-1]) + shift], offsets, weights, labels, self.label_count)


@dataclass(frozen=True)
class Vocabulary:
    """The characters of a list, sorted by code point; ids count from 1, and 0 is the end symbol.

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
        if any(len(character) != 1 for character in self.characters):
            raise VocabularyError("each entry of a vocabulary is one character")
        if list(self.characters) != sorted(set(self.characters)):
            raise VocabularyError("the characters of a vocabulary are distinct and sorted by code point")

    @classmethod
    def of(cls, words: Iterable[str]) -> Vocabulary:
        """Return the vocabulary of all characters in the words."""
        return cls(tuple(sorted(set().union(*words))))

    @property
    def size(self) -> int:
        """Number of symbols, V, the end symbol included."""
        return len(self.characters) + 1

    def encode(self, word: str) -> list[int]:
        """Return the ids of a word's characters, without the end symbol.

        Raises:
            VocabularyError: a character that is not known, with its position.
        """
        ids = [self.ids.get(character, -1) for character in word]
        if -1 in ids:
            raise self._unknown(word, ids.index(-1))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the characters of ids as one string; `END` gives nothing."""
        return "".join(self.characters[i - 1] for i in ids if i != END)

    def decode_lines(self, lines: TokenLines) -> list[str]:
        """Return each line's characters as one string, its `END` left out.

        >>> vocabulary = Vocabulary.of(["emma", "ava"])
        >>> vocabulary.decode_lines(vocabulary.encode_lines(["emma", "ava"]))
        ['emma', 'ava']
        """
        text = self._code_points[lines.tokens].tobytes().decode("utf-32-le", "surrogatepass")
        offsets = lines.offsets.tolist()
        return [text[first : after - 1] for first, after in pairwise(offsets)]

    def encode_lines(self, words: Sequence[str]) -> TokenLines:
        """Return many words as one flat array of ids, each closed by `END`.

        Raises:
            VocabularyError: a character that is not known, with its word and position.
        """
        text = "\n".join([*words, ""])
        # Lone surrogates come from arguments that are not UTF-8: unknown characters like any other.
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        tokens = np.take(self._id_of_code_point, codes)
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
        """Return a running text as one line of ids, closed by `END`; line ends in it are characters like any other.

        Raises:
            VocabularyError: a character that is not known, with its position.
        """
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        tokens = self._id_of_code_point[codes]
        tokens = np.where(tokens == END, self.ids.get("\n", -1), tokens).astype(np.int32)
        unknown = np.flatnonzero(tokens < 0)
        if len(unknown):
            raise self._unknown(text, int(unknown[0]))
        return TokenLines(np.append(tokens, np.int32(END)), np.array([0, len(tokens) + 1]))

    def known(self, word: str) -> str:
        """Return a word with the unknown characters left out.

        >>> Vocabulary.of(["emma"]).known("em-ma!")
        'emma'
        """
        return self.only_known(clean(word))

    def only_known(self, text: str) -> str:
        """Return a running text with the unknown characters left out; white space at its ends belongs to it."""
        return "".join(character for character in text if character in self.ids)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each character."""
        return {character: i for i, character in enumerate(self.characters, 1)}

    @cached_property
    def _id_of_code_point(self) -> NDArray[np.int32]:
        table = np.full(CODE_POINTS, -1, dtype=np.int32)
        table[[ord(character) for character in self.characters]] = np.arange(1, self.size)
        table[NEWLINE] = END
        return table

    @cached_property
    def _code_points(self) -> NDArray[np.uint32]:
        return np.array([NEWLINE, *map(ord, self.characters)], dtype="<u4")

    def _unknown(self, word: str, position: int) -> VocabularyError:
        character = word[position]
        shown = word if len(word) <= 40 else word[:40] + "…"
        return VocabularyError(
            f"the model does not know the character {character!r} (U+{ord(character):04X}) at position {position + 1} "
            f"of {shown!r}: it was not in the list that the model learned from"
        )
