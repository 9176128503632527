"""How like other lists' entries a word is, in spelling and in sound: to look for conflicts with trademarks, say.

Words are compared without case and accents. Spelling: 1 - d / n, where d is the edit distance (Levenshtein 1966) and n
the length of the longer word. Sound: the same for the words' Metaphone codes (Philips 1990), which spell how a word
sounds in English; two words of one code have 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from morelike.errors import ListError, excerpt
from morelike.evaluation.nearest import rapidfuzz
from morelike.text.words import Words, check_words, clean, fold


class Entry(NamedTuple):
    """An entry of a list, and the name of the list."""

    word: str
    listed_in: str


@dataclass(frozen=True)
class Likeness:
    """A word, and the entries of the lists that are most like it.

    `spelling` and `sound` are from 0 to 1. `sounds_like` is None if `sound` is 0: no entry sounds like the word, or the
    word has no Latin letters.
    """

    word: str
    spelled_like: Entry
    spelling: float
    sounds_like: Entry | None
    sound: float

    @property
    def greatest(self) -> float:
        """The greater of both likenesses."""
        return max(self.spelling, self.sound)


class LikenessIndex:
    """The entries of lists, with their spellings and sounds, to compare many words with.

    Raises:
        ListError: the lists have no entries.

    >>> index = LikenessIndex({"marks": ["Xerox", "Nike"]})
    >>> found = index.nearest("zeroks")
    >>> found.spelled_like.word, round(found.spelling, 2), found.sounds_like.word, found.sound
    ('Xerox', 0.5, 'Xerox', 1.0)
    """

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        entries = [Entry(word, name) for name, words in lists.items() for each in words if (word := clean(each))]
        if not entries:
            raise ListError("the lists to compare with are empty: give at least one entry")
        self._spelled: dict[str, Entry] = {}
        self._sounding: dict[str, dict[str, Entry]] = {}  # by the code, then by the spelling
        for entry in entries:
            spelling = _spelling(entry.word)
            self._spelled.setdefault(spelling, entry)
            if code := metaphone(spelling):
                self._sounding.setdefault(code, {}).setdefault(spelling, entry)
        self._spellings, self._codes = list(self._spelled), list(self._sounding)

    def nearest(self, word: str) -> Likeness:
        """Return the entries that are most like a word.

        Of several entries that sound equal, it is the one that is spelled most like the word.

        Raises:
            ListError: an empty word.
        """
        if not (cleaned := clean(word)):
            raise ListError("one of the words is empty: give it a character or more")
        spelling = _spelling(cleaned)
        nearest, likeness = _most_similar(spelling, self._spellings)
        sounds_like, sound = None, 0.0
        if self._codes and (code := metaphone(spelling)):
            nearest_code, sound = _most_similar(code, self._codes)
            same = self._sounding[nearest_code]
            sounds_like = same[_most_similar(spelling, list(same))[0]] if sound else None
        return Likeness(cleaned, self._spelled[nearest], likeness, sounds_like, sound)


def likeness(words: Words, lists: Mapping[str, Words] | Words) -> list[Likeness]:
    """Return for each word the entries of other lists that are most like it, in spelling and in sound.

    Args:
        words: the words, new names for example.
        lists: the lists to compare with by name, or one list.

    Raises:
        ListError: a value that is no list of words, an empty word, or lists without entries.

    >>> (found,) = likeness(["kokakola"], ["Coca-Cola", "Pepsi"])
    >>> found.sounds_like.word, found.sound, found.spelled_like.word
    ('Coca-Cola', 1.0, 'Coca-Cola')
    """
    checked = check_words(words)
    if isinstance(lists, Mapping):
        index = LikenessIndex(
            {name: check_words(each, name=f"words of {excerpt(name)}") for name, each in lists.items()}
        )
    else:
        index = LikenessIndex({"words": check_words(lists)})
    return [index.nearest(word) for word in checked]


def metaphone(word: str) -> str:
    """Return the Metaphone code of the letters of a word; it is empty for a word without Latin letters.

    >>> metaphone("Coca-Cola"), metaphone("l'oréal"), metaphone("007")
    ('KKKL', 'LRL', '')
    """
    import jellyfish

    return str(jellyfish.metaphone("".join(filter(str.isalpha, _spelling(word)))))


def _spelling(word: str) -> str:
    return fold(word, ("case", "accents"))


def _most_similar(text: str, among: Sequence[str]) -> tuple[str, float]:
    """Return the most similar of several texts, the first of several, and its similarity."""
    process, levenshtein = rapidfuzz()

    found, similarity, _ = process.extractOne(text, among, scorer=levenshtein.normalized_similarity)
    return found, float(similarity)
