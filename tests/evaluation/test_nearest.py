"""The nearest word of a list by edit distance."""

import random

import pytest
from rapidfuzz.distance import Levenshtein

from morelike.evaluation import nearest as module
from morelike.evaluation.nearest import Neighbour, nearest


@pytest.mark.parametrize("longest", [8, 300])
def test_the_nearest_word_is_the_first_of_those_with_the_least_distance(longest, monkeypatch):
    rng = random.Random(longest)
    drawn = ["".join(rng.choice("abc") for _ in range(rng.randint(1, longest))) for _ in range(60)]
    words, among = drawn[:20], [*drawn[20:], "c" * longest]
    expected = [min(among, key=lambda other: Levenshtein.distance(word, other)) for word in words]
    monkeypatch.setattr(module, "DISTANCES_AT_ONCE", 100)  # several blocks
    found = nearest(words, among)
    assert found == [
        Neighbour(other, Levenshtein.distance(word, other)) for word, other in zip(words, expected, strict=True)
    ]
    assert nearest([], among) == []
