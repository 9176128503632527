"""One whole experiment: split a list, train, judge beside a count baseline, make new words, keep it all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from morelike.errors import MorelikeError, RunError
from morelike.language_model.model import LanguageModel
from morelike.runs.events import Evaluated, Event, Finished, Noted, Progress, Started
from morelike.runs.plan import Plan
from morelike.runs.run_folder import Run
from morelike.text.known_words import KnownWords
from morelike.text.labels import label_shares
from morelike.text.vocabulary import TokenLines
from morelike.training.counting import count
from morelike.training.loop import descend
from morelike.training.notes import notes_of
from morelike.training.preparation import prepare
from morelike.training.processes import ALONE, Processes
from morelike.training.resources import bytes_needed, note_of_memory, refuse_too_much
from morelike.training.result import Result, facts_of, figures_of, judge, unjudged

__all__ = ["ExperimentEvent", "ExperimentFinished", "learn", "perform", "start_run"]


@dataclass(frozen=True)
class ExperimentFinished:
    """The last event of an experiment."""

    result: Result


ExperimentEvent: TypeAlias = Event | ExperimentFinished


def start_run(plan: Plan, out: Path) -> Run:
    """Make the run folder of a plan; a list that has no file of its own is kept in it.

    Raises:
        RunError: `out` cannot be written.
    """
    corpus = plan.corpus
    run = Run.create(
        out,
        f"{corpus.name}-{plan.architecture.kind}",
        plan.as_config(),
        {
            "kind": plan.architecture.kind,
            "list": corpus.name,
            "seed": plan.training.seed,
            "data": corpus.facts,
            "threads": os.cpu_count(),
        },
    )
    if plan.choice:
        run.update_meta(choice=plan.choice)
    if plan.source is None:
        run.keep_list(corpus.words, corpus.counts, corpus.labels)
    return run


def perform(
    plan: Plan,
    run: Run | None = None,
    *,
    stopping: Callable[[], bool] = lambda: False,
    processes: Processes = ALONE,
) -> Iterator[ExperimentEvent]:
    """Yield the events of an experiment, `ExperimentFinished` last unless it was interrupted.

    With a `run`, everything is written there, and what it already holds is gone on from. Of several `processes` the
    first alone has a run and judges what came out.

    Raises:
        MorelikeError: a bad list or setting, a loss that is no number, a folder that cannot be written.
    """
    with run.locked() if run else nullcontext():
        try:
            yield from _perform(plan, run, stopping, processes)
        except OSError as error:
            failure: MorelikeError = RunError(
                f"the run '{run.path if run else ''}' cannot be written: {error.strerror}"
            )
        except MorelikeError as error:
            failure = error
        else:
            return
        if run:
            with suppress(OSError):
                run.update_meta(status="failed", error=str(failure))
        raise failure


def _perform(
    plan: Plan, run: Run | None, stopping: Callable[[], bool], processes: Processes
) -> Iterator[ExperimentEvent]:
    began = time.perf_counter()
    if plan.corpus.store:
        plan.corpus.store.verify()
    prepared = prepare(plan)
    plan, parts, vocabulary, train, dev = prepared
    notes = notes_of(plan, parts)
    if plan.architecture.learned_by == "gradients":
        network = plan.architecture.as_trained("it has no training settings")
        refuse_too_much(bytes_needed(network, plan.training, vocabulary.size))
        notes += filter(None, [note_of_memory(network, plan.training, vocabulary.size)])
    if run:
        run.write_config(plan.as_config())
        newest = run.checkpoints.newest()
        where = f"step {newest.facts['step']:,}" if newest else "the beginning"
        notes += [f"{damage}; training goes on from {where}" for damage in run.checkpoints.damaged]
        run.forget_metrics_after(newest.facts["step"] if newest else 0)
        run.update_meta(status="running")
    yield from map(Noted, notes)
    finished, first = None, 0
    for event in learn(plan, train, dev, vocabulary.size, run, stopping, processes):
        if isinstance(event, Finished):
            finished = event
        if isinstance(event, Started):
            first = event.step
        yield event
    assert finished is not None
    if finished.reason == "interrupted":
        if run:
            run.update_meta(status="interrupted")
        return
    model = LanguageModel(
        vocabulary,
        plan.architecture,
        finished.weights,
        KnownWords.of(parts),
        facts_of(plan, finished.step),
        plan.corpus.form,
        {} if train.labels is None else label_shares(train.labels, plan.labels, train.weights),
    )
    if not processes.leads:
        yield ExperimentFinished(unjudged(model, parts, finished))
        return
    result = judge(plan, model, parts, train, dev, finished)
    seconds = time.perf_counter() - began
    speed = (finished.step - first) / finished.seconds if finished.seconds else 0.0
    result = replace(
        result,
        seconds=seconds,
        steps_per_second=speed,
        run=run.path if run else None,
        notes=[*notes, *result.notes],
    )
    if run:
        result.model.save(run.model)
        run.keep_samples(result.samples)
        run.update_meta(status="finished", **figures_of(result))
    yield ExperimentFinished(result)


def learn(
    plan: Plan,
    train: TokenLines,
    dev: TokenLines,
    symbols: int,
    run: Run | None = None,
    stopping: Callable[[], bool] = lambda: False,
    processes: Processes = ALONE,
) -> Iterator[Event]:
    """Yield the events of counting or training by a plan with all lengths written out."""
    if plan.architecture.learned_by == "counting":
        yield from count(plan.architecture.as_counted(), train, dev, symbols)
        return
    checkpoints = run.checkpoints if run else None
    looked: dict[str, float] = {}
    text = plan.corpus.form == "text"
    for event in descend(
        plan.architecture.as_trained("there is nothing to train"),
        plan.training,
        train,
        dev,
        symbols,
        checkpoints=checkpoints,
        stopping=stopping,
        text=text,
        processes=processes,
    ):
        if isinstance(event, Evaluated):  # comes before the progress of its step, so that a line is written once
            looked = {"dev": event.loss}
        if isinstance(event, Progress):
            if run:
                run.append_metrics(
                    step=event.step,
                    loss=event.loss,
                    losses=event.losses,
                    learning_rate=event.learning_rate,
                    **looked,
                )
            looked = {}
        yield event
