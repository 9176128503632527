"""The benchmark of the refit measures both models on words that neither has seen."""

from benchmarks.quality import refit


def test_the_gain_is_the_difference_of_the_losses_on_the_other_half():
    figures = refit.measure((("mots", 200),))
    found = figures["mots, 200 lines"]
    assert found["gain"] == figures["mean gain"] == figures["least gain"] == found["without"] - found["with"]
    assert found["gain"] > 0
