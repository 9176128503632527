"""`morelike picture`: one picture of a run, a model or a list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from morelike.cli.shared.output import print_json, print_words
from morelike.cli.shared.parameters import RUNS, Json, RunsFolder, option


def picture(
    kind: Annotated[str, option("the picture to draw: see below")],
    /,
    *sources: Annotated[str, option("runs, models or lists [default: latest]")],
    output: Annotated[
        Path, option("the file: .html, .json for plotly's own format, or an image, .png or .svg", "--output", "-o")
    ],
    word: Annotated[
        list[str] | None,
        option("a word for `surprisal`; give the option again for more words", negative="--empty-word"),
    ] = None,
    slide: Annotated[bool, option("for a slide: 16:9 and large type")] = False,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Draw one picture and print its path.

    `morelike lr --picture` draws the learning-rate range test. The report of a run shows all its pictures. A page
    (.html) fills its window and saves itself as SVG or PNG by its buttons. Images (.png, .svg) need kaleido and a
    Chromium: pip install 'morelike[images]'.

    Examples:
      morelike picture loss -o loss.html
      morelike picture counts names -o counts.html
      morelike picture surprisal runs/A --word emma --word xqzt -o emma.html
      morelike picture leader-board runs/A runs/B -o board.json
      morelike picture network -o network.svg
      morelike picture loss --slide -o slide.html

    Pictures:
      loss, log-loss, train-dev, rate           the training of a run
      activations, gradients, ratios            the inside of a run
      curves, leader-board                      several runs together
      embedding, network, weights, surprisal    a model
      novelty                                   the samples of one model or more
      lengths, counts, bigrams                  a list, or the list of a run
    """
    from morelike.pictures.figure import require_ending, save
    from morelike.reports.picture_registry import draw

    require_ending(output)
    names = list(sources) or ["latest"]
    save(draw(kind, names, out, word or []), output, slide=slide)
    if as_json:
        print_json({"picture": str(output), "kind": kind, "sources": names})
    else:
        print_words([str(output)])
