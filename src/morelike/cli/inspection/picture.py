"""`morelike picture`: one picture of a run, a model or a list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from morelike.cli.shared.output import print_json, print_words
from morelike.cli.shared.parameters import RUNS, Json, RunsFolder, require_picture_ending

__all__ = ["picture"]


def picture(
    kind: Annotated[str, Parameter(help="the picture to draw: see below")],
    /,
    *sources: Annotated[str, Parameter(help="runs, models or lists [default: latest]")],
    output: Annotated[
        Path,
        Parameter(name=["--output", "-o"], help="the file: .html opens in a browser, .json is plotly's own format"),
    ],
    word: Annotated[
        list[str] | None,
        Parameter(
            negative="--empty-word", help="a word for `surprisal` to spell; give the option again for more words"
        ),
    ] = None,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Draw one picture and print its path.

    `morelike lr --picture` draws the learning-rate range test. The report of a run shows all its pictures.

    Examples:
      morelike picture loss -o loss.html
      morelike picture counts names -o counts.html
      morelike picture surprisal runs/A --word emma --word xqzt -o emma.html
      morelike picture leader-board runs/A runs/B -o board.json

    Pictures:
      loss, log-loss, train-dev, rate           the training of a run
      activations, gradients, ratios            the inside of a run
      curves, leader-board                      several runs together
      embedding, network, weights, surprisal    a model
      novelty                                   the samples of one model or more
      lengths, counts, bigrams                  a list, or the list of a run
    """
    require_picture_ending(output)
    from morelike.pictures.style import save
    from morelike.reports.picture_registry import draw

    names = list(sources) or ["latest"]
    save(draw(kind, names, out, word or []), output)
    if as_json:
        print_json({"picture": str(output), "kind": kind, "sources": names})
    else:
        print_words([str(output)])
