"""What a recipe's file says, what it is refused for, and how its figures are held against the published ones."""

import tomllib

import pytest

from morelike import api
from morelike.errors import ListError, SettingError
from morelike.recipes.recipe import Expected, find_recipe, recipes
from morelike.recipes.results import replace_section, to_dict, to_markdown
from morelike.recipes.run import MeasuredFigure, RecipeResult, recipe_plan, run_recipe
from morelike.runs.plan import read_plan
from morelike.text.corpus import Corpus

PUBLISHED = {
    "civil-best",
    "civil-lr",
    "civil-mlp",
    "classifier-27",
    "names-best",
    "names-bigram",
    "names-deep-mlp",
    "names-gru",
    "names-mlp",
    "names-mlp-2d",
    "names-perceptron",
    "names-wavenet",
    "ngram-lm101",
    "pattern-rnn",
    "value-mlp",
}
EVERY = pytest.mark.parametrize("recipe", recipes().values(), ids=recipes())


def test_all_published_experiments_are_recipes():
    assert recipes().keys() >= PUBLISHED


@EVERY
def test_a_recipe_names_its_source_and_what_must_come_out(recipe):
    assert recipe.title
    assert recipe.source
    assert recipe.mixture or any(run.expect for run in recipe.run)
    for expected in [each for run in recipe.run for each in run.expect]:
        assert expected.has_bounds


@EVERY
def test_figures_are_for_one_list_alone(recipe):
    if recipe.data.list:
        assert len(recipe.data.sha256) == 64


@EVERY
def test_the_settings_of_each_model_can_be_copied_for_training(recipe, tmp_path):
    """`recipe show NAME --config` and then `train --config` make the plan of the recipe itself."""
    import tomli_w

    words = [f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(60)]
    (tmp_path / "list.txt").write_text("\n".join(words), "utf-8")
    for run in recipe.run:
        if run.scalar:
            with pytest.raises(SettingError, match="trains a network of scalars, which `morelike train` does not"):
                recipe.config(run)
            continue
        config = recipe.config(run)
        config["data"]["list"] = str(tmp_path / "list.txt")
        (tmp_path / "config.toml").write_text(tomli_w.dumps(config))
        copied = read_plan(None, None, config=tmp_path / "config.toml", settings={})
        ours = recipe_plan(recipe, run, copied.corpus, run.seeds[0])
        assert (copied.architecture, copied.training, copied.split) == (ours.architecture, ours.training, ours.split)


@pytest.mark.parametrize(
    ("expected", "ours", "holds"),
    [
        ({"published": 2.0, "tolerance": 0.03}, 2.029, True),
        ({"published": 2.0, "tolerance": 0.03}, 1.969, False),
        ({"published": 2.0, "tolerance": 0.03}, float("nan"), False),
        ({"at_least": 0.05, "at_most": 0.5}, 0.1, True),
        ({"at_least": 0.05, "at_most": 0.5}, 0.04, False),
        ({"at_least": 0.05, "at_most": 0.5}, 0.6, False),
        ({"published": 1.9492, "at_most": 1.56}, 1.6, False),
        ({"equals": 3481.0}, 3481.0, True),
        ({"equals": 3481.0}, 3482.0, False),
        ({"equals": "ab"}, "ab", True),
        ({"equals": "ab"}, "abc", False),
        ({"at_most": 3.0}, "ab", False),
    ],
)
def test_a_figure_holds_within_its_bounds_and_nowhere_else(expected, ours, holds):
    assert Expected(figure="x", **expected).holds(ours) is holds


def test_a_folder_without_the_list_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(
        ListError, match=r"civil-mlp needs the list civil_mots\.txt, which does not ship: give its path"
    ):
        run_recipe(find_recipe("civil-mlp"), tmp_path)
    with pytest.raises(ListError, match=r"with --list; `morelike lists fetch names_32033` downloads it$"):
        run_recipe(find_recipe("names-mlp"), tmp_path)


def test_another_list_under_that_name_is_refused(tmp_path):
    (tmp_path / "civil_mots.txt").write_text("un\nautre\n")
    with pytest.raises(ListError, match="is another list than that of the recipe civil-mlp: its 2 words have"):
        run_recipe(find_recipe("civil-mlp"), tmp_path)


def test_a_recipe_that_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(SettingError, match=r"no recipe is called 'civil-mpl'; did you mean 'civil-mlp'\?"):
        find_recipe("civil-mpl")


def outcome(ours):
    recipe = find_recipe("pattern-rnn")
    expected = Expected(figure="test", published=1.9, tolerance=0.05, note="mean of three")
    return RecipeResult(recipe, [MeasuredFigure("rnn", expected, ours)], {"rnn": 1.25})


def test_an_outcome_is_within_when_all_its_figures_are():
    assert outcome(1.92).within_bounds
    assert not outcome(1.84).within_bounds


def test_results_say_published_bound_ours_and_within():
    page = to_markdown(outcome(1.92))
    assert "| test (mean of three) | 1.9 | ± 0.05 | 1.92 | yes |" in page
    assert "| 1.84 | NO |" in to_markdown(outcome(1.84))
    assert "rnn 1.2 s" in page
    assert to_dict(outcome(1.84))["figures"][0]["within"] is False


def test_a_section_takes_the_place_of_the_one_before_and_sections_are_sorted():
    page = replace_section(replace_section("", "b", "## b\n\nold\n"), "a", "## a\n\nfirst\n")
    again = replace_section(page, "b", "## b\n\nnew\n")
    assert again.startswith("# Published and ours")
    assert "old" not in again
    assert again.index("## a") < again.index("## b") < again.index("new")


def test_what_is_shown_is_the_file_itself():
    for recipe in recipes().values():
        assert tomllib.loads(recipe.toml)["title"] == recipe.title


def test_seeds_are_averaged(tmp_path):
    words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn", "nah", "eha"]
    recipe = find_recipe("civil-mlp")
    (run,) = recipe.run
    training = {**run.training, "steps": 20}
    short = run.model_copy(update={"training": training, "seeds": [0, 1]})
    data = recipe.data.model_copy(update={"sha256": ""})
    (tmp_path / "civil_mots.txt").write_text("\n".join(words))
    ours = run_recipe(recipe.model_copy(update={"run": [short], "data": data}), tmp_path)
    losses = []
    for seed in (0, 1):
        plan = recipe_plan(recipe, short, Corpus("words", words), seed)
        made = api.train(words, "mlp", **plan.architecture.model_dump(), **training, seed=seed)
        losses.append(made.evaluate(api_split(words).test).nats_per_character)
    (test,) = (each.ours for each in ours.figures if each.expected.figure == "test")
    assert test == pytest.approx(sum(losses) / 2, abs=1e-6)


def api_split(words):
    from morelike.text.splits import split

    return split(words)
