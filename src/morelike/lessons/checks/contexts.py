"""Checks of lesson 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from morelike.lessons.checks import register

LETTERS = [*"abcdefghijklmnop"]
ACCENTS = [*"éèêàùçîôûï"]


def random_words(rng: np.random.Generator, count: int, letters: list[str] = LETTERS) -> list[str]:
    """Return random words of 2 to 7 letters."""
    return ["".join(rng.choice(letters, size=rng.integers(2, 8))) for _ in range(count)]


@register("1.1")
def datasets(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return lists of words, with contexts of several lengths."""
    return [(random_words(rng, 2 + i), length) for i, length in enumerate((3, 1, 2, 5))]


@register("1.2")
def french_lists(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return lists of words with accents; the first word of each has one."""
    return [([f"{rng.choice(ACCENTS)}a", *random_words(rng, 4, LETTERS + ACCENTS)],) for _ in range(4)]
