"""`morelike evaluate`: the loss of a model on a list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from morelike import api
from morelike.cli.shared.output import LIST_NAME, Json, LabelName, RunsFolder, losses_table, print_json, with_labels
from morelike.cli.shared.scores import UnknownPolicy
from morelike.errors import SettingError
from morelike.text.count_weights import CountWeighting
from morelike.text.reading import read_corpus

__all__ = ["EXAMPLES", "evaluate"]

EXAMPLES = """\
Examples:

  morelike evaluate latest held-out.txt
  morelike evaluate runs/A held-out.txt --against runs/B
"""


def evaluate(
    model: Annotated[str, Parameter(help="a run (folder or name), a model folder, or `latest`")],
    words: Annotated[str, LIST_NAME],
    /,
    *,
    against: Annotated[str | None, Parameter(help="a second model, compared on the same words")] = None,
    count_weighting: Annotated[
        CountWeighting | None,
        Parameter(help="how a list's counts are weighed: counts, log, none [default: as in training, or counts]"),
    ] = None,
    label: LabelName = None,
    unknown: UnknownPolicy = "error",
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Measure a model's loss on a list, exactly: every character once, ends included.

    The interval is a bootstrap over words. `unseen` are the words that are not in the model's training list. A model
    of running text reads the list as such a text. A model with labels judges each word given the list's label, or
    given --label, or, where there is none, over all labels.
    """
    loaded = api.load(model, out=Path(out)).conditioned_on(label)
    corpus = read_corpus(words, loaded.form)
    if corpus.counts is None and count_weighting not in (None, "none"):
        raise SettingError(
            f"--count-weighting {count_weighting}: the list '{corpus.name}' has no counts; give it a second column"
        )
    listed: dict[str, Any] = {
        "counts": corpus.counts,
        "count_weighting": count_weighting or loaded.facts.get("count_weighting", "counts"),
        "labels": corpus.labels,
        "unknown": unknown,
    }
    loss = loaded.evaluate(corpus.words, **listed)
    other = api.load(against, out=Path(out)) if against else None
    if other and other.labels:
        other = other.conditioned_on(label)
    comparison = api.compare(loaded, other, corpus.words, **listed) if other else None
    if as_json:
        facts = {"list": corpus.name, **loss.as_dict()}
        if comparison:
            facts["against"] = {
                "difference": comparison.difference,
                "interval": list(comparison.interval),
                "standard_error": comparison.standard_error,
            }
        print_json(facts)
        return 0
    console = Console(highlight=False, markup=False, emoji=False)
    parts = {corpus.name: loss}
    if loss.unseen:
        parts["unseen"] = loss.unseen
    losses = {loaded.architecture.kind: with_labels(parts, corpus.name)}
    if other and against:
        losses[f"{other.architecture.kind} ({against})"] = {corpus.name: other.evaluate(corpus.words, **listed)}
    console.print(losses_table(losses))
    if comparison:
        low, high = comparison.interval
        verdict = "decided" if comparison.decided else "not decided: the interval holds zero"
        console.print(
            f"difference {comparison.difference:+.4f} nats/char, 95 % interval {low:+.4f} to {high:+.4f}: {verdict}"
        )
    return 0
