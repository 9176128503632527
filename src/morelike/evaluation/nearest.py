"""Edit distances to the words of a list.

`rapidfuzz` imports the package of this name late: every `morelike sample` imports this file, but few need a distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.cancellation import check_cancelled
from morelike.installation import require

DISTANCES_AT_ONCE = 1 << 24


def rapidfuzz() -> tuple[Any, Any]:
    """Return the modules `process` and `distance.Levenshtein` (1966) of rapidfuzz.

    Raises:
        MissingPackageError: rapidfuzz is missing.
    """
    require("rapidfuzz")
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    return process, Levenshtein


@dataclass(frozen=True)
class Neighbour:
    """A word of a list, and its edit distance: the number of characters to add, remove or replace."""

    word: str
    distance: int


def nearest(words: Sequence[str], among: Sequence[str]) -> list[Neighbour]:
    """Return for each word the nearest word of a list by edit distance (Levenshtein 1966); of several, the first.

    `among` must not be empty.

    >>> nearest(["hana", "anne"], ["anna", "hanna", "anne"])
    [Neighbour(word='hanna', distance=1), Neighbour(word='anne', distance=0)]
    """
    process, levenshtein = rapidfuzz()

    longest = max(map(len, [*words, *among]))
    rows = 1 + DISTANCES_AT_ONCE // len(among)
    found: list[Neighbour] = []
    for first in range(0, len(words), rows):
        check_cancelled()
        distances = process.cdist(
            words[first : first + rows],
            among,
            scorer=levenshtein.distance,
            dtype=np.uint8 if longest < 256 else np.int32,
            workers=1,
        )
        least = distances.argmin(axis=1)
        found += [Neighbour(among[j], int(row[j])) for j, row in zip(least.tolist(), distances, strict=True)]
    return found


def nearer_than(word: str, among: Sequence[str], fewer_than: int) -> bool:
    """Return whether any word of a list is fewer than `fewer_than` edits away from a word.

    >>> nearer_than("hana", ["hanna", "anne"], 2), nearer_than("hana", ["anne"], 2)
    (True, False)
    """
    process, levenshtein = rapidfuzz()

    return process.extractOne(word, among, scorer=levenshtein.distance, score_cutoff=fewer_than - 1) is not None


def edits(word: str, among: Sequence[str]) -> Int[NDArray[Any], " words"]:
    """Return the edit distance (Levenshtein 1966) of a word to each word of a list.

    >>> edits("hana", ["anna", "hanna", "otto"]).tolist()
    [2, 1, 4]
    """
    process, levenshtein = rapidfuzz()

    found: NDArray[np.int32] = process.cdist([word], among, scorer=levenshtein.distance, dtype=np.int32, workers=1)[0]
    return found
