"""Which list a recipe runs on: the given one, its own if it is here, or else the shipped sibling, which it says."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from morelike.errors import ListError
from morelike.recipes.prepared import prepare_recipe
from morelike.recipes.recipe import OnSibling, Recipe, RecipeData, find_recipe, recipes
from morelike.recipes.results import result_columns, result_rows, to_dict, to_markdown
from morelike.recipes.run import run_recipe
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.lists.catalogue import external_lists, shipped_lists
from morelike.text.reading import read_corpus

OF_LISTS = [each for each in recipes().values() if each.data.list]
EACH = pytest.mark.parametrize("recipe", OF_LISTS, ids=[each.name for each in OF_LISTS])


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@EACH
def test_a_list_that_does_not_ship_has_a_shipped_sibling(recipe):
    assert recipe.data.list.removesuffix(".txt") in external_lists()
    assert recipe.data.sibling in shipped_lists()


@EACH
def test_figures_on_the_sibling_are_our_own_and_as_tight_as_the_published_ones(recipe):
    for part in [*recipe.run, *([recipe.mixture] if recipe.mixture else [])]:
        tolerances = [each.tolerance for each in part.expect if each.tolerance is not None]
        for expected in part.on_sibling.expect:
            assert expected.has_bounds
            assert expected.published is None
            assert expected.reference is not None or expected.equals is not None
            assert expected.tolerance is None or expected.tolerance <= max(tolerances, default=0)


@EACH
def test_the_list_of_the_published_figures_keeps_its_settings(recipe):
    """What differs on the sibling stands apart: the recipe itself is unchanged by it."""
    on_sibling = recipe.on_sibling()
    assert (on_sibling.data.list, on_sibling.instead_of) == (recipe.data.sibling, recipe.data.list)
    for ours, theirs in zip(on_sibling.run, recipe.run, strict=True):
        assert ours.architecture == theirs.architecture
        assert ours.training == {**theirs.training, **theirs.on_sibling.training}


def test_full_batches_hold_every_example_of_the_sibling():
    (run,) = find_recipe("names-perceptron").on_sibling().run
    words = read_corpus("names").words
    assert run.training["batch_size"] == sum(map(len, words)) + len(words)


def test_without_its_list_a_recipe_runs_on_the_sibling_and_says_so():
    prepared = prepare_recipe(find_recipe("names-bigram"))
    assert (prepared.corpus.name, prepared.source) == ("names", "names")
    assert prepared.sentences == [
        "names-bigram runs on the shipped list names instead of names_32033.txt: its figures are compared with our own "
        "on that list, not with the published ones.",
        "For the published figures, names_32033.txt is needed: `morelike lists fetch names_32033` downloads it.",
    ]
    assert prepare_recipe(find_recipe("names-bigram"), Path("names")).recipe == prepared.recipe
    assert "take civil_mots.txt from" in prepare_recipe(find_recipe("civil-mlp")).sentences[1]


def test_without_reference_figures_a_recipe_runs_and_says_so():
    recipe = find_recipe("names-bigram")
    recipe = recipe.model_copy(update={"run": [recipe.run[0].model_copy(update={"on_sibling": OnSibling()})]})
    assert (
        "no reference figures for that list have been measured, so nothing is compared"
        in (prepare_recipe(recipe).sentences[0])
    )
    outcome = run_recipe(recipe)
    assert outcome.within_bounds
    assert next(result_rows(outcome)) == ["train", "", "", "2.45485", ""]
    assert to_dict(outcome)["within"] is None
    assert to_dict(outcome)["figures"][0]["within"] is None


def test_figures_on_the_sibling_are_compared_with_our_reference():
    recipe = find_recipe("names-bigram")
    outcome = run_recipe(recipe.model_copy(update={"run": recipe.run[:1]}))
    assert outcome.within_bounds
    assert result_columns(outcome) == ["figure", "reference", "must be", "ours", "within"]
    assert next(result_rows(outcome)) == ["train", "2.454854", "± 5e-07", "2.45485", "yes"]
    found = to_dict(outcome)
    assert (found["list"], found["instead_of"]) == ("names", "names_32033.txt")
    assert (found["figures"][0]["published"], found["figures"][0]["reference"]) == (None, 2.454854)
    assert to_markdown(outcome).startswith("## names-bigram on names\n")


def test_with_its_list_here_downloaded_or_given_the_published_figures_are_compared(data, tmp_path, monkeypatch):
    recipe, own = find_recipe("names-bigram"), data("names_32033.txt")
    recipe = recipe.model_copy(update={"run": recipe.run[:1]})
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    downloaded = external_lists()["names_32033"].path
    for given, place in [(own, None), (own.parent, None), (None, tmp_path / own.name), (None, downloaded)]:
        if place:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(own, place)
        prepared = prepare_recipe(recipe, given)
        assert (prepared.recipe, prepared.sentences) == (recipe, [])
        assert prepared.source == ("names_32033" if place == downloaded else str(place or own.resolve()))
        if place:
            place.chmod(0o600)
            place.unlink()
    shutil.copy(own, downloaded)
    outcome = run_recipe(recipe, out=tmp_path / "runs")
    assert result_columns(outcome)[1] == "published"
    assert next(result_rows(outcome)) == ["train", "2.454577", "± 5e-07", "2.45458", "yes"]
    ((_, first),) = outcome.kept
    assert plan_of_run(RunFolder(first)).source == "names_32033"


def test_a_downloaded_list_that_was_changed_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = external_lists()["names_32033"].path
    path.parent.mkdir(parents=True)
    path.write_text("emma\n")
    with pytest.raises(ListError, match="is not the list names_32033"):
        prepare_recipe(find_recipe("names-bigram"))


def test_a_recipe_whose_list_has_no_sibling_says_how_to_get_the_list():
    recipe = find_recipe("names-bigram")
    alone = recipe.model_copy(update={"data": recipe.data.model_copy(update={"sibling": ""})})
    with pytest.raises(ListError, match=r"needs the list names_32033\.txt, .* `morelike lists fetch names_32033`"):
        prepare_recipe(alone)
    other = recipe.model_copy(update={"data": RecipeData(list="other.txt")})
    with pytest.raises(ListError, match=r"needs the list other\.txt, .* with --list$"):
        prepare_recipe(other)


TOML = """
title = "two counts and their mixture"
source = "this test"
quick = true

[data]
list = "words.txt"
sibling = "names"
split = "shuffle-42"

[[run]]
name = "two"
architecture = { kind = "ngram", order = 2 }

[[run]]
name = "three"
architecture = { kind = "ngram", order = 3 }

[mixture]
expect = [{ figure = "test", at_most = 9.0 }]
"""


def test_each_model_and_the_mixture_are_kept_as_runs_with_samples(listed_words, tmp_path):
    recipe = Recipe(name="two-counts", toml=TOML, **tomllib.loads(TOML))
    outcome = run_recipe(recipe, listed_words, out=tmp_path / "runs")
    assert [name for name, _ in outcome.kept] == ["two", "three", "mixture"]
    for name, path in outcome.kept:
        meta = json.loads((path / "meta.json").read_text())
        assert (meta["status"], meta["recipe"]) == ("finished", "two-counts")
        assert (path / "model" / "MANIFEST.json").is_file()
        assert len((path / "samples.txt").read_text().splitlines()) > 0
        if name != "mixture":
            assert plan_of_run(RunFolder(path)).source == str(listed_words.resolve())
    assert to_dict(outcome)["runs"][2] == {"run": "mixture", "path": str(outcome.kept[2][1])}
    assert run_recipe(recipe, listed_words).kept == []


@pytest.fixture
def listed_words(tmp_path):
    path = tmp_path / "words.txt"
    ends = ["na", "ne", "nah", "ni", "lo", "la", "ra", "ro", "ta", "ti"]
    path.write_text("".join(f"{start}{end}\n" for start in ("an", "ha", "e", "o", "ma", "li") for end in ends))
    return path
