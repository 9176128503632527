"""Every recipe reaches its figures: the quick ones in each run, the slow ones in the long run."""

import json
import os
import subprocess
import sys

import pytest

from morelike.recipes.recipe import recipes
from morelike.recipes.run import run_recipe

SECONDS = ("names-perceptron", "names-bigram", "names-mlp-2d")  # each takes some of the quick run
QUICK_ON_SIBLING = ("ngram-lm101",)


def parameters(quick, found):
    """Return the recipes as parameters of a test; all but the quick ones are for the long run."""
    long = [pytest.mark.slow, pytest.mark.timeout(1500)]
    return [pytest.param(each, id=each.name, marks=() if each.name in quick else long) for each in found]


QUICK = [name for name, recipe in recipes().items() if recipe.quick and name not in SECONDS]
EACH = parameters(QUICK, recipes().values())
EACH_ON_SIBLING = parameters(QUICK_ON_SIBLING, (each for each in recipes().values() if each.data.sibling))


def wrong_figures(outcome):
    figures = [each for each in outcome.figures if each.expected.figure != "seconds"]  # see the last test
    return [
        f"{each.run}: {each.expected.figure} is {each.ours}, not {each.expected.bound}"
        for each in figures
        if not each.within_bounds
    ]


@pytest.mark.parametrize("recipe", EACH)
def test_a_recipe_reaches_every_figure(recipe, request):
    source = request.getfixturevalue("data")(recipe.data.list) if recipe.data.list else None
    outcome = run_recipe(recipe, source)
    assert outcome.figures
    assert not outcome.recipe.instead_of
    assert not wrong_figures(outcome)
    for figure in outcome.pictures.values():
        assert figure.data


@pytest.mark.parametrize("recipe", EACH_ON_SIBLING)
def test_a_recipe_without_its_list_runs_on_a_shipped_list_and_reaches_our_figures_there(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = run_recipe(recipe)
    assert outcome.recipe.data.list == recipe.data.sibling
    assert outcome.figures
    assert not wrong_figures(outcome)


@pytest.mark.slow
def test_the_pattern_is_learned_in_three_seconds_compiling_included(tmp_path):
    """The best of three, in processes of their own that find nothing compiled: others may be at work here too."""
    seconds = []
    for attempt in range(3):
        environment = os.environ | {"JAX_COMPILATION_CACHE_DIR": str(tmp_path / str(attempt))}
        command = [sys.executable, "-m", "morelike", "recipe", "run", "pattern-rnn", "--json"]
        ran = subprocess.run(command, capture_output=True, env=environment, timeout=100, cwd=tmp_path)
        figures = {each["figure"]: each["ours"] for each in json.loads(ran.stdout)[0]["figures"]}
        seconds.append(figures["seconds"])
    assert min(seconds) <= 3.0
