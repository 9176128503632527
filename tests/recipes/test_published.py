"""Every recipe reaches its figures: the quick ones in each run, the slow ones in the long run."""

import pytest

from morelike.recipes.recipe import find_recipe, recipes
from morelike.recipes.run import run_recipe

EACH = [
    pytest.param(recipe, id=name, marks=() if recipe.quick else [pytest.mark.slow, pytest.mark.timeout(1500)])
    for name, recipe in recipes().items()
]


@pytest.mark.parametrize("recipe", EACH)
def test_a_recipe_reaches_every_figure(recipe, request):
    source = request.getfixturevalue("data")(recipe.data.list) if recipe.data.list else None
    outcome = run_recipe(recipe, source)
    assert outcome.figures
    figures = [each for each in outcome.figures if each.expected.figure != "seconds"]  # see the test below
    wrong = [
        f"{each.run}: {each.expected.figure} is {each.ours}, not {each.expected.bound}"
        for each in figures
        if not each.within
    ]
    assert not wrong
    for figure in outcome.pictures.values():
        assert figure.data


@pytest.mark.slow
def test_the_pattern_is_learned_in_three_seconds_compiling_included():
    (seconds,) = (each for each in run_recipe(find_recipe("pattern-rnn")).figures if each.expected.figure == "seconds")
    assert seconds.within, seconds.ours
