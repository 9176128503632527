"""`morelike recipe`: the published experiments, listed, shown and run against their figures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from cyclopts import Parameter
from rich.text import Text

from morelike.cli.shared.output import Json, person, print_json, print_rows, print_words
from morelike.cli.shared.training_output import progress_of
from morelike.errors import MorelikeError, SettingError
from morelike.recipes.recipe import Recipe, find_recipe, recipes
from morelike.recipes.results import replace_section, result_rows, to_dict, to_markdown
from morelike.recipes.run import RecipeResult, run_recipe

__all__ = ["EXAMPLES", "recipe"]

EXAMPLES = """\
Examples:

  morelike recipe list
  morelike recipe show civil-mlp
  morelike recipe show civil-mlp --config > config.toml
  morelike recipe run pattern-rnn
  morelike recipe run names-mlp --list names_32033.txt
"""


def recipe(
    action: Annotated[Literal["list", "show", "run"], Parameter(help="what to do")] = "list",
    /,
    *names: Annotated[str, Parameter(help="recipes; `quick` or `all` for those to run")],
    source: Annotated[
        Path | None, Parameter(name="--list", help="the recipe's list, or the folder that holds the recipes' lists")
    ] = None,
    config: Annotated[
        bool, Parameter(negative=(), help="show a recipe's settings as `morelike train --config` takes them")
    ] = False,
    model: Annotated[
        str | None, Parameter(help="with --config, which of the recipe's models [default: the first]")
    ] = None,
    pictures: Annotated[Path | None, Parameter(help="a folder to which the recipes' pictures are written")] = None,
    markdown: Annotated[Path | None, Parameter(help="a file whose table of these recipes is written anew")] = None,
    as_json: Json = False,
) -> int:
    """Repeat the published experiments: each says, figure by figure, what was published and what comes out here.

    Exit status 1 if a figure is not within its tolerance.
    """
    if action == "list":
        return _list(as_json=as_json)
    if not names:
        raise SettingError(f"which recipe? `morelike recipe {action} NAME`, with NAME among {', '.join(recipes())}")
    if action == "show":
        return _show([find_recipe(name) for name in names], model, config=config)
    chosen = _chosen(names)
    for each in chosen:
        each.corpus(source)  # a list that is missing is told before hours are spent on the others
    outcomes = [_run(each, source, pictures, markdown, as_json=as_json) for each in chosen]
    if as_json:
        print_json([to_dict(outcome) for outcome in outcomes])
    return 0 if all(outcome.within_bounds for outcome in outcomes) else 1


def _list(*, as_json: bool) -> int:
    rows = [(each.name, "quick" if each.quick else "slow", each.title) for each in recipes().values()]
    if as_json:
        print_json([{"name": name, "speed": speed, "title": title} for name, speed, title in rows])
    else:
        print_rows(["recipe", "speed", "what"], rows)
    return 0


def _show(chosen: list[Recipe], model: str | None, *, config: bool) -> int:
    for each in chosen:
        if not config:
            print_words([f"# {each.name}", each.toml.rstrip("\n")])
            continue
        runs = {run.name: run for run in each.run}
        if model is not None and model not in runs:
            raise SettingError(f"the recipe {each.name} has no model '{model}'; it has {', '.join(runs)}")
        sys.stdout.write(tomli_w.dumps(each.config(runs[model] if model else each.run[0])))
    return 0


def _chosen(names: tuple[str, ...]) -> list[Recipe]:
    if "all" in names:
        return list(recipes().values())
    quick = [each for each in recipes().values() if each.quick] if "quick" in names else []
    named = [find_recipe(name) for name in names if name != "quick"]
    return list({each.name: each for each in [*quick, *named]}.values())


def _run(
    chosen: Recipe, source: Path | None, pictures: Path | None, markdown: Path | None, *, as_json: bool
) -> RecipeResult:
    console = person()
    console.print(Text(f"{chosen.name}: {chosen.title}"))
    with progress_of() as draw:
        outcome = run_recipe(chosen, source, on_event=lambda _, event: draw(event))
    if not as_json:
        print_rows(["figure", "published", "must be", "ours", "within"], result_rows(outcome))
    if pictures is not None:
        _draw(outcome, pictures)
    if markdown is not None:
        _write(outcome, markdown)
    return outcome


def _draw(outcome: RecipeResult, folder: Path) -> None:
    from morelike.pictures.style import save

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MorelikeError(f"the folder '{folder}' cannot be made: {error.strerror}") from None
    for name, figure in outcome.pictures.items():
        save(figure, folder / f"{outcome.recipe.name}-{name.replace(' ', '-')}.html")


def _write(outcome: RecipeResult, path: Path) -> None:
    try:
        before = path.read_text("utf-8") if path.is_file() else ""
        path.write_text(replace_section(before, outcome.recipe.name, to_markdown(outcome)), "utf-8")
    except OSError as error:
        raise MorelikeError(f"'{path}' cannot be written: {error.strerror}") from None
