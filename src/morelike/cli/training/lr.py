"""`morelike lr`: the learning-rate range test, as a suggestion, a curve and a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from morelike.cli.shared.kind_flags import KindName
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import PLAIN_LISTS, FormName, Json, ListFlags, ListName, SplitRule, option
from morelike.runs.plan import DEFAULT_KIND, make_plan
from morelike.text.reading import read_corpus
from morelike.workflows.learning_rate_test import range_test, refuse_swept


def lr(
    words: ListName = "names",
    /,
    *,
    model: KindName = None,
    low: Annotated[float, option("the rate of the first step")] = 1e-3,
    high: Annotated[float, option("the rate of the last step")] = 1.0,
    form: FormName = None,
    split: SplitRule = None,
    lists: ListFlags = PLAIN_LISTS,
    picture: Annotated[Path | None, option("write the curve to this file: .html, .json, .png or .svg")] = None,
    as_json: Json = False,
    settings: dict[str, Any],
) -> int:
    """Find a learning rate: a short run in which the rate rises from step to step, evenly in its logarithm.

    The suggested rate is that at which the smoothed loss is least. In a pipe the curve comes out as tab-separated
    values: rate, loss, smoothed loss. 1,000 steps, or as many as --steps says.

    Examples:
      morelike lr names
      morelike lr my-list.txt --model mlp --optimizer sgd --hidden 300
      morelike lr names --picture curve.html > curve.tsv
    """
    refuse_swept(settings)
    if picture is not None:
        from morelike.pictures.figure import require_ending

        require_ending(picture)
    steps = settings.pop("steps", 1000)
    corpus = read_corpus(words, form or "lines", lists.reading)
    plan = make_plan(corpus, model or DEFAULT_KIND, split=split, settings=settings)
    found = range_test(plan, low=low, high=high, steps=steps)
    if picture is not None:
        from morelike.pictures.figure import save
        from morelike.pictures.learning_rate import range_test_figure

        save(range_test_figure(found.rates, found.losses, found.smoothed, found.suggestion), picture)
    curve = list(zip(found.rates.tolist(), found.losses.tolist(), found.smoothed.tolist(), strict=True))
    if as_json:
        rows = [{"rate": rate, "loss": loss, "smoothed": smoothed} for rate, loss, smoothed in curve]
        print_json({"suggestion": found.suggestion, "reason": found.reason, "curve": rows})
        return 0
    shown = curve[:: max(len(curve) // 20, 1)] if sys.stdout.isatty() else curve
    print_rows(["rate", "loss", "smoothed"], ([f"{r:.6g}", f"{x:.4f}", f"{s:.4f}"] for r, x, s in shown))
    print_note(f"Suggested: --learning-rate {found.suggestion:g}: {found.reason}.")
    return 0
