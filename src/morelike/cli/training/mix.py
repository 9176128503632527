"""`morelike mix`: several trained models as one, their probabilities averaged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from morelike import api
from morelike.cli.shared.output import Json, Report, RunsFolder, losses_table, person, print_json
from morelike.cli.shared.training_output import written_report
from morelike.errors import MorelikeError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import Run, model_folder
from morelike.text.corpus import Corpus
from morelike.text.reading import read_corpus
from morelike.workflows.mixing import mix_on, save_mixture

__all__ = ["EXAMPLES", "mix"]

EXAMPLES = """\
Examples:

  morelike mix runs/A runs/B
  morelike mix models/gru models/ngram --list names.txt
"""


def mix(
    *models: Annotated[str, Parameter(help="runs (folders or names) or model folders: two or more")],
    words: Annotated[
        str | None,
        Parameter(name="--list", help="the list that they learned from, where no run says it"),
    ] = None,
    report: Report = True,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Mix trained models into one: the average of their probabilities, weighted by EM on the dev part.

    The models must know the same characters and have learned from one list and one split. The mixture is kept as a
    run of its own under `--out`; it samples, scores and evaluates like any other model.
    """
    if len(models) < 2:
        raise SettingError("a mixture takes two models or more: name them")
    folders = [model_folder(name, Path(out)) for name in models]
    loaded = [api.load(folder) for folder in folders]
    split = str(loaded[0].facts.get("split", ""))
    corpus = read_corpus(words, loaded[0].form) if words else _corpus(folders)
    mixed = mix_on(loaded, corpus, split)
    run = save_mixture(mixed, Path(out), [str(folder) for folder in folders])
    if as_json:
        members = [
            {"model": name, "weight": share, **{part: loss.as_dict() for part, loss in losses.items()}}
            for name, share, losses in zip(models, _shares(mixed.weights, loaded), mixed.members, strict=True)
        ]
        losses = {part: loss.as_dict() for part, loss in mixed.losses.items()}
        print_json(
            {
                "run": str(run.path),
                "model": str(run.model),
                "members": members,
                **losses,
                "report": written_report(run) if report else None,
            }
        )
        return 0
    console = person()
    shares = _shares(mixed.weights, loaded)
    table = {
        f"{i}. {model.architecture.kind}, weight {share:.3f}": losses
        for i, (model, share, losses) in enumerate(zip(loaded, shares, mixed.members, strict=True), 1)
    }
    console.print(losses_table({**table, "mixture": mixed.losses}))
    console.print(Text(f"\nMore: morelike sample {run.path} -n 100"))
    if report and (written := written_report(run)):
        console.print(Text(f"Report: {written}"))
    return 0


def _corpus(folders: list[Path]) -> Corpus:
    """Return the list of the first model that stands in a run.

    Raises:
        SettingError: none does.
    """
    for folder in folders:
        try:
            return plan_of_run(Run(folder.parent)).corpus
        except (MorelikeError, KeyError):
            continue
    raise SettingError("none of these models stands in its run, which names its list: give the list with --list")


def _shares(shares: list[float], models: list[LanguageModel]) -> list[float]:
    """Return the weight of each model given; that of a mixture is the sum of its members'."""
    result = []
    for model in models:
        count = len(getattr(model.architecture, "members", ())) or 1
        result.append(sum(shares[:count]))
        shares = shares[count:]
    return result
