"""`morelike picture`: one picture of a run, a model or a list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from morelike.cli.shared.output import Json, RunsFolder, print_json, print_words
from morelike.errors import SettingError

__all__ = ["EXAMPLES", "picture"]

EXAMPLES = """\
Pictures:

  loss, log-loss, train-dev, rate           of a run's training
  activations, gradients, ratios            of what happens inside a run
  curves, leader-board                      of several runs together
  embedding, network, weights, surprisal    of a model
  novelty                                   of the samples of one model or more
  lengths, counts, bigrams                  of a list, or of a run's

Examples:

  morelike picture loss -o loss.html
  morelike picture counts names -o counts.html
  morelike picture surprisal runs/A --word emma --word xqzt -o emma.html
  morelike picture leader-board runs/A runs/B -o board.json
"""


def picture(
    kind: Annotated[str, Parameter(help="what to draw, see below")],
    /,
    *sources: Annotated[str, Parameter(help="a run, a model or a list; `latest` by default")],
    output: Annotated[
        Path, Parameter(name=["--output", "-o"], help="the file: .html opens in a browser, .json is plotly's own form")
    ],
    word: Annotated[list[str] | None, Parameter(help="of `surprisal`, a word to spell; may be given again")] = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Draw one picture, and print its path.

    What has just been measured is drawn by its own command: `morelike lr --picture`. All that a run has to show stands
    in its report.
    """
    if output.suffix.lower() not in (".html", ".json"):
        raise SettingError(f"the picture '{output}': name a file that ends in .html or .json")
    from morelike.pictures.style import save
    from morelike.reports.picture_registry import draw

    names = list(sources) or ["latest"]
    save(draw(kind, names, Path(out), word or []), output)
    if as_json:
        print_json({"picture": str(output), "kind": kind, "sources": names})
    else:
        print_words([str(output)])
    return 0
