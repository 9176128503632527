"""`morelike mix`: several trained models as one model, the mean of their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from morelike import api
from morelike.cli.shared.output import losses_table, print_json, print_note
from morelike.cli.shared.parameters import PLAIN_LISTS, RUNS, HideTest, Json, ListFlags, Report, RunsFolder, option
from morelike.cli.shared.training_output import hidden_note, print_next_steps, write_report
from morelike.errors import MorelikeError, SettingError
from morelike.language_model.files.facts import HIDDEN
from morelike.language_model.model import LanguageModel
from morelike.runs.lookup import model_folder
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.text.reading import read_corpus
from morelike.workflows.interpolation import Interpolation
from morelike.workflows.mixing import mix_on, save_mixture


def mix(
    *models: Annotated[str, option("two or more runs (folders or names) or model folders")],
    words: Annotated[str | None, option("the list of the models, if no model is in a run folder", "--list")] = None,
    interpolation: Annotated[
        Interpolation,
        option("linear: the mean of the probabilities; log-linear: their normalised geometric mean; auto: dev decides"),
    ] = "auto",
    lists: ListFlags = PLAIN_LISTS,
    hide_test: HideTest = False,
    report: Report = True,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Mix trained models into one model: the mean of their probabilities, with weights found on the dev part.

    The mean is linear, or log-linear where this is better on dev beyond chance. The models must know the same
    characters and share one list and one split. The mixture is saved as a run under `--out`; it samples, scores and
    evaluates like any other model.

    Examples:
      morelike mix runs/A runs/B
      morelike mix models/gru models/ngram --list names.txt
    """
    if len(models) < 2:
        raise SettingError("a mixture takes two models or more: name them")
    folders = [model_folder(name, out) for name in models]
    loaded = [api.load(folder) for folder in folders]
    split = str(loaded[0].facts.get("split", ""))
    corpus = read_corpus(words, loaded[0].form, lists.reading) if words else _find_corpus(folders)
    mixture = mix_on(loaded, corpus, split, interpolation, hide_test=hide_test)
    run = save_mixture(mixture, out, [str(folder) for folder in folders])
    members = list(zip(_member_weights(mixture.weights, loaded), mixture.members, strict=True))
    if as_json:
        print_json(
            {
                "run": str(run.path),
                "model": str(run.model),
                "members": [
                    {"model": name, "weight": weight, **{part: loss.as_dict() for part, loss in losses.items()}}
                    for name, (weight, losses) in zip(models, members, strict=True)
                ],
                "interpolation": mixture.interpolation,
                **{part: loss.as_dict() for part, loss in mixture.losses.items()},
                "report": write_report(run) if report else None,
            }
        )
        return
    table = {
        f"{i}. {model.architecture.kind}, weight {weight:.3f}": losses
        for i, (model, (weight, losses)) in enumerate(zip(loaded, members, strict=True), 1)
    }
    print_note(losses_table({**table, "mixture": mixture.losses}))
    if mixture.model.facts.get(HIDDEN):
        print_note(hidden_note(run.path))
    print_note(f"interpolation: {mixture.sentence}")
    print_next_steps(run, report=report)


def _find_corpus(folders: Sequence[Path]) -> Corpus:
    """Return the list of the first model that is in its run folder.

    Raises:
        SettingError: no model is.
    """
    for folder in folders:
        try:
            return plan_of_run(RunFolder(folder.parent)).corpus
        except (MorelikeError, KeyError):
            continue
    raise SettingError("none of these models is in its run folder, which names the list: give the list with --list")


def _member_weights(weights: Sequence[float], models: Sequence[LanguageModel]) -> list[float]:
    """Return the weight of each given model; the weight of a mixture is the sum of its members' weights."""
    result, start = [], 0
    for model in models:
        members = len(getattr(model.architecture, "members", ())) or 1
        result.append(sum(weights[start : start + members]))
        start += members
    return result
