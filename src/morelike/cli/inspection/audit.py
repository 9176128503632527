"""`morelike audit`: how much of its list a model has memorised."""

from __future__ import annotations

import secrets

from morelike import api
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    Count,
    Json,
    ListFlags,
    ModelName,
    OptionalListName,
    RunsFolder,
    SampleSeed,
)
from morelike.cli.shared.word_lists import read_optional
from morelike.evaluation.memorisation import Audit


def audit(
    model: ModelName = "latest",
    words: OptionalListName = None,
    /,
    *,
    count: Count = 10_000,
    lists: ListFlags = PLAIN_LISTS,
    seed: SampleSeed = None,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Measure what a model has memorised: how often it samples words of its list, and how much it prefers train words.

    Words are sampled without filters. Their counts are compared with the exact expectation under the model's own
    probabilities. LIST is the list that the model learned from; a run names it itself. A gap between train and test
    shows memorisation. A count far from its expectation would show a fault of the sampler.

    Examples:
      morelike audit
      morelike audit runs/MY-RUN -n 50000
      morelike audit my-model my-list.txt --json
    """
    seed = secrets.randbits(32) if seed is None else seed
    found = api.audit(model, read_optional(words, lists.reading), count=count, seed=seed, out=out)
    if as_json:
        print_json({"seed": seed, **found.as_dict()})
        return
    print_rows(["what", "found", "95 % interval", "expected", "words"], _rows(found))
    print_note(found.reading)
    if unexpected := [share.part for share in found.shares if not share.agrees]:
        print_note(
            f"Not as expected: {', '.join(unexpected)}. One share in twenty is so by chance alone: try another seed."
        )


def _rows(found: Audit) -> list[list[str]]:
    shares = [(f"samples in {each.part}", each) for each in found.shares]
    coverage = [(f"unseen {each.part} words made", each) for each in found.coverage]
    again, (low, high) = found.duplicates, found.duplicates.interval
    expected_new = 1 - sum(each.expected for each in found.shares)
    return [
        *([name, *_percent(each.found, each.interval, each.expected), f"{each.words:,}"] for name, each in shares),
        ["samples that are new", f"{found.new:.2%}", "", f"{expected_new:.2%}", ""],
        *([name, *_percent(each.found, each.interval, each.expected), f"{each.words:,}"] for name, each in coverage),
        ["samples made before", f"{again.found:,}", f"{low:,.0f} to {high:,.0f}", f"{again.expected:,.0f}", ""],
    ]


def _percent(found: float, interval: tuple[float, float], expected: float) -> tuple[str, str, str]:
    low, high = interval
    return f"{found:.2%}", f"{low:.2%} to {high:.2%}", f"{expected:.2%}"
