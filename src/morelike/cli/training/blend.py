"""`morelike blend`: models of several lists as one, with given weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from morelike import api
from morelike.cli.shared.output import Json, Report, RunsFolder, person, print_json, print_rows
from morelike.cli.shared.training_output import written_report
from morelike.errors import SettingError
from morelike.runs.run_folder import model_folder
from morelike.workflows.blending import blend as blend_models
from morelike.workflows.blending import missing_characters, save_blend

__all__ = ["EXAMPLES", "blend"]

EXAMPLES = """\
Examples:

  morelike blend runs/GREEK runs/TECH --weights 0.7,0.3
  morelike blend models/names models/mots models/towns
  morelike sample latest -n 50
"""

SHOWN = 40


def blend(
    *models: Annotated[str, Parameter(help="runs (folders or names) or model folders: two or more")],
    weights: Annotated[
        str | None, Parameter(help="a number for each, such as 0.7,0.3; their shares count [default: equal]")
    ] = None,
    report: Report = True,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Blend models of several lists into one: each next character's probability is the weighted mean of theirs.

    The words melt the styles, character by character. (For some words of one list and some of another, sample each
    model alone.) The lists may have different characters: all can occur; a model gives probability 0 to those that it
    does not know, and begins anew after one of them. New words are those that no list holds. The blend is kept as a run
    of its own under `--out`; it samples, scores and evaluates like any other model. `morelike mix` finds the weights
    itself, for models of one list.
    """
    if len(models) < 2:
        raise SettingError("a blend takes two models or more: name them")
    folders = [model_folder(name, Path(out)) for name in models]
    loaded = [api.load(folder) for folder in folders]
    blended = blend_models(loaded, _numbers(weights))
    run = save_blend(blended, Path(out), [str(folder) for folder in folders])
    members = [
        {"model": name, **told, "lacks": lacks}
        for name, told, lacks in zip(models, blended.facts["blend"], missing_characters(loaded), strict=True)
    ]
    characters = blended.vocabulary.characters
    if as_json:
        print_json(
            {
                "run": str(run.path),
                "model": str(run.model),
                "characters": "".join(characters),
                "members": members,
                "report": written_report(run) if report else None,
            }
        )
        return 0
    rows = [[each["model"], each["list"], each["kind"], f"{each['weight']:.3f}"] for each in members]
    print_rows(["model", "list", "kind", "weight"], rows)
    console = person()
    alphabets = "all models know them" if not any(each["lacks"] for each in members) else "the union of the alphabets"
    console.print(Text(f"\n{len(characters):,} characters: {alphabets}."))
    for each in members:
        if lacks := each["lacks"]:
            shown = lacks if len(lacks) <= SHOWN else lacks[:SHOWN] + "…"
            console.print(Text(f"{each['model']} does not know {len(lacks):,} of them: {shown}"))
    console.print(Text(f"\nMore: morelike sample {run.path} -n 100"))
    if report and (written := written_report(run)):
        console.print(Text(f"Report: {written}"))
    return 0


def _numbers(weights: str | None) -> list[float] | None:
    """Return the numbers between commas.

    Raises:
        SettingError: something else stands there.
    """
    if weights is None:
        return None
    try:
        return [float(number) for number in weights.split(",")]
    except ValueError:
        raise SettingError(f"--weights {weights}: give numbers between commas, such as 0.7,0.3") from None
