"""`morelike recipe`: list and show the published experiments, and compare their figures with new runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import tomli_w

from morelike.cli.shared.output import print_json, print_note, print_rows, print_words
from morelike.cli.shared.parameters import RUNS, Json, Report, RunsFolder, option
from morelike.cli.shared.training_output import draw_progress, write_report
from morelike.errors import MorelikeError, SettingError
from morelike.recipes.prepared import prepare_recipe
from morelike.recipes.recipe import Recipe, find_recipe, recipes
from morelike.recipes.results import replace_section, result_columns, result_rows, to_dict, to_markdown
from morelike.recipes.run import RecipeResult, run_recipe
from morelike.runs.run_folder import RunFolder


def recipe(
    action: Annotated[Literal["list", "show", "run"], option("the action")] = "list",
    /,
    *names: Annotated[str, option("recipes; for `run` also `quick` or `all`")],
    source: Annotated[
        Path | None,
        option(
            "a recipe's list, or the folder of the recipes' lists [default: this folder, then the lists that were "
            "fetched, then a shipped list of the same kind]",
            "--list",
        ),
    ] = None,
    config: Annotated[bool, option("show: print the settings as a file for `morelike train --config`")] = False,
    model: Annotated[str | None, option("show --config: a model of the recipe [default: the first]")] = None,
    pictures: Annotated[Path | None, option("run: write the recipes' pictures to this folder")] = None,
    markdown: Annotated[Path | None, option("run: update the tables of the recipes in this file")] = None,
    report: Report = True,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> int:
    """Repeat the published experiments, and compare each published figure with the figure of a new run.

    The lists of most recipes do not ship. Without its list, a recipe runs on a shipped list of the same kind and
    compares its figures with our own on that list. `morelike lists fetch names_32033` downloads the list of the
    published figures of the recipes on names. Each trained model is kept as a run, with its samples and its report.

    The exit status is 1 if a figure is not within its tolerance.

    Examples:
      morelike recipe list
      morelike recipe show civil-mlp
      morelike recipe show civil-mlp --config > config.toml
      morelike recipe run pattern-rnn
      morelike recipe run names-bigram
      morelike recipe run names-mlp --list names_32033.txt
    """
    if action == "list":
        _list(as_json=as_json)
        return 0
    if not names:
        raise SettingError(f"which recipe? `morelike recipe {action} NAME`; the names are {', '.join(recipes())}")
    if action == "show":
        _show([find_recipe(name) for name in names], model, config=config)
        return 0
    chosen = _chosen(names)
    for each in chosen:
        prepare_recipe(each, source)  # a missing list is an error before hours of work on the other recipes
    results = []
    for each in chosen:
        result = _run(each, source, out, as_json=as_json)
        results.append(result)
        if pictures is not None:
            _draw_pictures(result, pictures)
        if markdown is not None:
            _write_markdown(result, markdown)
        _show_runs(result, report=report)
    if as_json:
        print_json([to_dict(result) for result in results])
    return 0 if all(result.within_bounds for result in results) else 1


def _list(*, as_json: bool) -> None:
    rows = [(each.name, "quick" if each.quick else "slow", each.title) for each in recipes().values()]
    if as_json:
        print_json([{"name": name, "speed": speed, "title": title} for name, speed, title in rows])
    else:
        print_rows(["recipe", "speed", "what"], rows)


def _show(chosen: Sequence[Recipe], model: str | None, *, config: bool) -> None:
    for each in chosen:
        if not config:
            print_words([f"# {each.name}", each.toml.rstrip("\n")])
            continue
        runs = {run.name: run for run in each.run}
        if model is not None and model not in runs:
            raise SettingError(f"the recipe {each.name} has no model '{model}'; it has {', '.join(runs)}")
        sys.stdout.write(tomli_w.dumps(each.config(runs[model] if model else each.run[0])))


def _chosen(names: Sequence[str]) -> list[Recipe]:
    if "all" in names:
        return list(recipes().values())
    quick = [each for each in recipes().values() if each.quick] if "quick" in names else []
    named = [find_recipe(name) for name in names if name != "quick"]
    return list({each.name: each for each in [*quick, *named]}.values())


def _run(chosen: Recipe, source: Path | None, out: Path, *, as_json: bool) -> RecipeResult:
    print_note(f"{chosen.name}: {chosen.title}", *prepare_recipe(chosen, source).sentences)
    with draw_progress() as draw:
        result = run_recipe(chosen, source, out=out, on_event=lambda _, event: draw(event))
    if not as_json:
        print_rows(result_columns(result), result_rows(result))
        sys.stdout.flush()
    return result


def _show_runs(result: RecipeResult, *, report: bool) -> None:
    """Write the reports of the kept runs, and print where the runs are."""
    if not result.kept:
        print_note("No run is kept: the recipe leaves no language model.")
    for name, path in result.kept:
        run = RunFolder(path)
        written = write_report(run) if report else None
        print_note(f"Run of {name}: {path}" + (f", with {run.report.name}" if written else ""))


def _draw_pictures(result: RecipeResult, folder: Path) -> None:
    from morelike.pictures.figure import save

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MorelikeError(f"the folder '{folder}' cannot be made: {error.strerror}") from None
    for name, figure in result.pictures.items():
        save(figure, folder / f"{result.recipe.name}-{name.replace(' ', '-')}.html")


def _write_markdown(result: RecipeResult, path: Path) -> None:
    try:
        before = path.read_text("utf-8") if path.is_file() else ""
        path.write_text(replace_section(before, result.recipe.title_of_results, to_markdown(result)), "utf-8")
    except OSError as error:
        raise MorelikeError(f"'{path}' cannot be written: {error.strerror}") from None
