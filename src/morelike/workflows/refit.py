"""Refit: the chosen model is trained anew on train, dev and test together, after its losses are known.

The settings, the number of steps and the mixture weights are those that dev chose. The losses describe the model before
the refit, which is kept. A refit uses words that were held out, so no words are left to measure the final model on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from morelike.architecture import Architecture
from morelike.arrays import Weights
from morelike.ensembles.mixture import replace_members
from morelike.errors import SettingError
from morelike.language_model.threads import one_thread
from morelike.runs.events import Event, Finished, Noted
from morelike.runs.plan import Plan
from morelike.runs.settings import LENGTHS
from morelike.text.corpus import Corpus
from morelike.text.vocabulary import TokenLines
from morelike.training.experiment import ExperimentEvent, ExperimentFinished, fit
from morelike.training.preparation import prepare
from morelike.training.result import Result

LARGEST_LIST = 5000
"""Lines. The model of a shorter list is trained anew on all lines by default: the held-out lines are missed there."""


def wants_refit(corpus: Corpus, given: bool | None, *, by_default: bool) -> bool:
    """Return whether the final model learns from all lines: as given, else for a short list if `by_default`.

    Raises:
        SettingError: it is asked for a store or a running text.
    """
    if given and (corpus.store or corpus.form == "text"):
        what = "a store" if corpus.store else "running text"
        raise SettingError(f"refit trains anew on all lines of a list in memory, not on {what}: leave out --refit")
    if given is not None:
        return given
    return by_default and not corpus.store and corpus.form == "lines" and len(corpus.words) < LARGEST_LIST


def refit(plan: Plan, result: Result, should_stop: Callable[[], bool]) -> Iterator[ExperimentEvent]:
    """Yield the events of a refit, and last the result whose model learned from all lines.

    If it is interrupted, the model stays as it was.

    Raises:
        TrainingError: as training does.
    """
    if not (result.splits.dev or result.splits.test):
        yield ExperimentFinished(result)
        return
    model, everything = result.model, prepare(replace(plan, split="none"), result.model.vocabulary)
    lines, symbols = everything.train, everything.vocabulary.size
    learned: list[Weights] = []
    for member in model.architecture.mixture_members(model.weights):
        weights: Weights | None = None
        events = _learn_anew(plan, member.architecture, member.weights, lines, symbols, result.best_step, should_stop)
        for event in events if not should_stop() else ():
            if isinstance(event, Finished):
                weights = event.weights if event.reason == "completed" else None
            else:
                yield event
        if weights is None:
            note = "the refit was interrupted: the model learned from train alone"
            yield Noted(note)
            yield ExperimentFinished(replace(result, notes=[*result.notes, note]))
            return
        learned.append(weights)
    mixed = model.architecture.learned_by == "mixing"
    facts = {**model.facts, "refit": True, "learned_lines": len(lines)}
    final = replace(model, weights=replace_members(model.weights, learned) if mixed else learned[0], facts=facts)
    note = (
        f"after its losses were measured, the model was trained anew on all {len(lines):,} lines; the losses are those "
        "of the model before (--no-refit keeps that model)"
    )
    yield Noted(note)
    yield ExperimentFinished(replace(result, model=final, judged=model, notes=[*result.notes, note]))


def _learn_anew(
    plan: Plan,
    architecture: Architecture,
    weights: Weights,
    lines: TokenLines,
    symbols: int,
    steps: int,
    should_stop: Callable[[], bool],
) -> Iterator[Event]:
    """Yield the events of counting or training an architecture on all lines; `steps` are those of a network."""
    if architecture.learned_by == "counting":
        with one_thread():
            counted = architecture.as_counted().refit(weights, lines, symbols)
        yield Finished(1, "completed", counted, 0.0)
        return
    lengths = {**dict.fromkeys(LENGTHS), "steps": steps, "evaluate_every": steps, "patience": 0}
    plan = replace(plan, architecture=architecture, training=plan.training.model_copy(update=lengths))
    yield from fit(plan, lines, lines.take(np.arange(0)), symbols, None, should_stop)
