"""Every recipe reaches its figures: the quick ones in each run, the slow ones in the long run."""

import pytest

from morelike.recipes.recipe import recipes
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
    wrong = [
        f"{each.run}: {each.expected.figure} is {each.ours}, not {each.expected.bound}"
        for each in outcome.figures
        if not each.within
    ]
    assert not wrong
    for figure in outcome.pictures.values():
        assert figure.data
