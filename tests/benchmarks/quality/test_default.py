"""The benchmark of the default compares it on test with the better of counts and network, in pairs."""

import pytest

from benchmarks.quality import default


def test_the_lists_are_drawn_once_and_shortened():
    drawn = list(default._drawn("mots", 200))
    assert len(drawn) == 200
    assert drawn == list(default._drawn("mots", 200))


@pytest.mark.slow
def test_a_default_that_is_the_counts_differs_in_nothing_from_them():
    figures = default.measure((("mots", 200),))
    found = figures["mots, 200 lines"]
    assert found["kind"] == "ngram"
    assert not found["tried"]
    assert found["counts"]["test"] == found["default"]["test"] < found["network"]["test"]
    assert found["interval"] == [0.0, 0.0]
    assert (figures["worse"], "highest ratio" in figures) == (0, False)
