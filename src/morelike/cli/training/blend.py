"""`morelike blend`: models of several lists as one model, with given weights."""

from __future__ import annotations

from typing import Annotated

from morelike import api
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import RUNS, Json, Report, RunsFolder, option
from morelike.cli.shared.training_output import print_next_steps, write_report
from morelike.errors import SettingError
from morelike.runs.lookup import model_folder
from morelike.workflows.blending import blend as blend_models
from morelike.workflows.blending import missing_characters, save_blend

MOST_SHOWN = 40


def blend(
    *models: Annotated[str, option("two or more runs (folders or names) or model folders")],
    weights: Annotated[str | None, option("a number for each model; only their ratios matter [default: equal]")] = None,
    fold_case: Annotated[
        bool, option("a model reads a letter that it knows in the other case only as the letter that it knows")
    ] = False,
    report: Report = True,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Blend models of several lists: the probability of each next character is the weighted mean of the models'.

    Each word mixes the styles character by character. (To get some words of one list and some of another, sample each
    model alone.) The lists may have different characters, and a word may use all of them: a model gives a character
    that it does not know the probability 0, and starts anew after it. With --fold-case it goes on after an unknown
    capital as after the small letter, and the other way round. New words are in none of the lists. The blend is saved
    as a run under `--out`; it samples, scores and evaluates like any other model. `morelike mix` finds the weights
    itself, for models of one list.

    Examples:
      morelike blend runs/GREEK runs/TECH --weights 0.7,0.3
      morelike blend models/names models/mots models/towns
      morelike blend runs/TOWNS runs/LOWER-CASE-NAMES --fold-case
      morelike sample latest -n 50
    """
    if len(models) < 2:
        raise SettingError("a blend takes two models or more: name them")
    folders = [model_folder(name, out) for name in models]
    loaded = [api.load(folder) for folder in folders]
    blended = blend_models(loaded, _parse_weights(weights), fold_case=fold_case)
    run = save_blend(blended, out, [str(folder) for folder in folders], fold_case=fold_case)
    members = [
        {"model": name, **facts, "lacks": lacks}
        for name, facts, lacks in zip(models, blended.facts["blend"], missing_characters(loaded), strict=True)
    ]
    characters = blended.vocabulary.characters
    if as_json:
        print_json(
            {
                "run": str(run.path),
                "model": str(run.model),
                "characters": "".join(characters),
                "members": members,
                "report": write_report(run) if report else None,
            }
        )
        return
    rows = [[each["model"], each["list"], each["kind"], f"{each['weight']:.3f}"] for each in members]
    print_rows(["model", "list", "kind", "weight"], rows)
    differ = any(each["lacks"] for each in members)
    alphabets = "the union of the models' characters" if differ else "all models know all of them"
    print_note(f"\n{len(characters):,} characters: {alphabets}.")
    for each in members:
        if lacks := each["lacks"]:
            shown = lacks if len(lacks) <= MOST_SHOWN else lacks[:MOST_SHOWN] + "…"
            print_note(f"{each['model']} does not know {len(lacks):,} of them: {shown}")
    print_next_steps(run, report=report)


def _parse_weights(weights: str | None) -> list[float] | None:
    """Return the numbers between the commas.

    Raises:
        SettingError: a text that is not a number.
    """
    try:
        return None if weights is None else [float(number) for number in weights.split(",")]
    except ValueError:
        raise SettingError(f"--weights {weights}: give numbers between commas, such as 0.7,0.3") from None
