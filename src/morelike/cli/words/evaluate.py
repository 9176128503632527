"""`morelike evaluate`: the loss of a model on a list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from morelike import api
from morelike.cli.shared.output import losses_table, print_json, print_note, stdout_console, with_labels
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    Json,
    LabelName,
    ListFlags,
    ModelName,
    OptionalListName,
    RunsFolder,
    UnknownPolicy,
    option,
)
from morelike.cli.shared.training_output import write_report
from morelike.errors import SettingError
from morelike.evaluation.intervals import Comparison
from morelike.language_model.scoring import evaluated
from morelike.runs.lookup import open_model, run_of
from morelike.text.count_weights import CountWeighting, line_weights
from morelike.text.reading import read_corpus
from morelike.workflows.hidden_test import look_at_test


def evaluate(
    model: ModelName,
    words: OptionalListName = None,
    /,
    *,
    test: Annotated[
        bool,
        option(
            "the loss on the test part of the run's own list, which a run of `--hide-test` then shows too", negative=""
        ),
    ] = False,
    against: Annotated[str | None, option("a second model, compared on the same words")] = None,
    count_weighting: Annotated[
        CountWeighting | None, option("how counts weight the words [default: as in training]")
    ] = None,
    lists: ListFlags = PLAIN_LISTS,
    label: LabelName = None,
    unknown: UnknownPolicy = "error",
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Compute a model's exact loss on a list: every character counts once, and so does the end of each word.

    The interval is a bootstrap over words. `unseen` is the loss on the words that are not in the model's training list.
    A model of running text reads the list as one running text. A model with labels scores each word given its label in
    the list, or given --label; a word without a label is scored over all labels.

    Examples:
      morelike evaluate latest held-out.txt
      morelike evaluate runs/A held-out.txt --against runs/B
      morelike evaluate runs/A --test
    """
    if test:
        if against or label or count_weighting or unknown != "error":
            raise SettingError(
                "--test computes the loss of a run on its own test part: give no --against, --label, --count-weighting "
                "or --unknown with it"
            )
        _evaluate_test(model, words, lists, out, as_json=as_json)
        return
    if words is None:
        raise SettingError("which list? Name the words to evaluate on, or give --test for the run's own test part")
    loaded = api.load(model, out=out).conditioned_on(label)
    other = api.load(against, out=out) if against else None
    corpus = read_corpus(words, loaded.form, lists.reading)
    if corpus.counts is None and count_weighting not in (None, "none"):
        raise SettingError(
            f"--count-weighting {count_weighting}: the list '{corpus.name}' has no counts; give it a second column"
        )
    data: dict[str, Any] = {
        "counts": corpus.counts,
        "count_weighting": count_weighting or loaded.facts.get("count_weighting", "counts"),
        "labels": corpus.labels,
        "unknown": unknown,
    }
    line_weights(corpus.counts, data["count_weighting"], corpus.zero_count)
    loss = evaluated(loaded, corpus.words, **data)
    if other and other.labels:
        other = other.conditioned_on(label)
    comparison = api.compare(loaded, other, corpus.words, **data) if other else None
    if loss.learned_note:
        print_note(f"Note: {loss.learned_note}.")
    if as_json:
        facts = {"list": corpus.name, **loss.as_dict()}
        if comparison:
            facts["against"] = _comparison_facts(comparison)
        print_json(facts)
        return
    console = stdout_console()
    parts = {corpus.name: loss} | ({"unseen": loss.unseen} if loss.unseen else {})
    losses = {loaded.architecture.kind: with_labels(parts, corpus.name)}
    if other:
        losses[f"{other.architecture.kind} ({against})"] = {corpus.name: evaluated(other, corpus.words, **data)}
    console.print(losses_table(losses))
    if comparison:
        console.print(_comparison_sentence(comparison))


def _comparison_facts(comparison: Comparison) -> dict[str, Any]:
    return {
        "difference": comparison.difference,
        "interval": list(comparison.interval),
        "standard_error": comparison.standard_error,
    }


def _comparison_sentence(comparison: Comparison) -> str:
    low, high = comparison.interval
    verdict = "decided" if comparison.decided else "not decided: the interval contains zero"
    return f"difference {comparison.difference:+.4f} nats/char, 95 % interval {low:+.4f} to {high:+.4f}: {verdict}"


def _evaluate_test(model: str, words: str | None, lists: ListFlags, out: Path, *, as_json: bool) -> None:
    """Print the loss on test of a run, and when it was looked at first; the report is written anew if it changes."""
    loaded, run = open_model(model, out), run_of(model, out)
    look = look_at_test(loaded, run, read_corpus(words, loaded.form, lists.reading) if words else None)
    if run and look.first and run.report.exists():
        write_report(run)
    print_note(f"{look.sentence[0].upper()}{look.sentence[1:]}.")
    if as_json:
        print_json({"test": look.loss.as_dict(), "looked_at": look.looked_at, "first": look.first})
    else:
        stdout_console().print(losses_table({loaded.architecture.kind: with_labels({"test": look.loss}, "test")}))
