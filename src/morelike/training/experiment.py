"""One experiment: split a list, train, evaluate next to a count baseline, sample new words, save everything."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

from morelike.arrays import Weights
from morelike.errors import MorelikeError, RunError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.language_model.origin import Origin
from morelike.runs.events import Evaluated, Event, Finished, Noted, Progress, Sampled, Started
from morelike.runs.knobs import Knobs
from morelike.runs.plan import Plan
from morelike.runs.run_folder import RunFolder
from morelike.runs.unfinished import save_untrained
from morelike.text.known_words import KnownWords
from morelike.text.labels import label_shares
from morelike.text.vocabulary import TokenLines
from morelike.training.counting import fit_counts
from morelike.training.distributed.processes import ALONE, Processes
from morelike.training.gain_watch import mixture_loss
from morelike.training.live_samples import sample_now
from morelike.training.loop import Watch, gradient_descent
from morelike.training.notes import training_notes
from morelike.training.preparation import prepare
from morelike.training.resources import bytes_needed, note_of_memory, refuse_too_much
from morelike.training.result import (
    Result,
    count_member,
    make_result,
    model_facts,
    result_figures,
    result_with_counts,
    unevaluated_result,
)


@dataclass(frozen=True)
class ExperimentFinished:
    """The last event of an experiment."""

    result: Result


ExperimentEvent: TypeAlias = Event | ExperimentFinished
Completion: TypeAlias = Callable[[Plan, Result, Callable[[], bool]], Iterator[ExperimentEvent]]
"""Yields the events of work that completes the result of a resolved plan, `ExperimentFinished` last; the function says
whether to stop."""


def start_run(plan: Plan, out: Path) -> RunFolder:
    """Make the run folder of a plan; a list that has no file of its own is saved in it.

    Raises:
        RunError: `out` cannot be written.
        TrainingError: the plan names a device that is not there.
    """
    if plan.training.device == "gpu":  # found out before anything is written
        from morelike.training.jax.session import use_device

        use_device("gpu")
    corpus = plan.corpus
    run = RunFolder.create(
        out,
        f"{corpus.name}-{plan.kind}",
        plan.as_config(),
        {
            "kind": plan.kind,
            "list": corpus.name,
            "seed": plan.training.seed,
            "data": corpus.facts,
            "cores": os.cpu_count(),
        },
    )
    if plan.selection:
        run.update_meta(choice=plan.selection)
    if plan.source is None:
        run.save_list(corpus.words, corpus.counts, corpus.labels)
    return run


def run_experiment(
    plan: Plan,
    run: RunFolder | None = None,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    processes: Processes = ALONE,
    budget: float | None = None,
    complete: Completion | None = None,
    samples: bool = False,
    watch_weights: Watch | None = None,
    knobs: Knobs | None = None,
) -> Iterator[ExperimentEvent]:
    """Yield the events of an experiment, `ExperimentFinished` last unless it was interrupted.

    Training ends early when its steps have taken `budget` seconds. `complete` makes the final result from the
    network's: it mixes the network with the n-gram of the plan, and trains anew on all splits. With `samples`, a few
    words are drawn now and then while a network is trained (`Sampled`). `watch_weights` sees the weights after each
    chunk; see `gradient_descent`. `knobs` are by default those of the run.

    With a `run`, everything is written to its folder; a run that has begun is resumed. Of several `processes` only
    process 0 has a run and evaluates the model.

    Raises:
        MorelikeError: a bad list or setting, a loss that is not finite, a folder that cannot be written.
    """
    with run.locked() if run else nullcontext():
        try:
            yield from _run_experiment(
                plan, run, should_stop, processes, budget, complete, watch_weights, knobs, samples=samples
            )
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
                run.mark_failed(str(failure))
        raise failure


def _run_experiment(
    plan: Plan,
    run: RunFolder | None,
    should_stop: Callable[[], bool],
    processes: Processes,
    budget: float | None,
    complete: Completion | None,
    watch_weights: Watch | None,
    knobs: Knobs | None,
    *,
    samples: bool,
) -> Iterator[ExperimentEvent]:
    began = time.perf_counter()
    if plan.corpus.store:
        plan.corpus.store.verify()
    plan, splits, vocabulary, train, dev = prepare(plan)
    notes = training_notes(plan, splits) + _notes_of_memory(plan, vocabulary.size)
    labels = {} if train.labels is None else label_shares(train.labels, plan.labels, train.weights)
    facts = model_facts(plan, splits, 0)
    origin = Origin(run.path) if run else Origin(corpus=plan.corpus)
    known, form = KnownWords.of(splits), plan.corpus.form
    untrained = LanguageModel(vocabulary, plan.architecture, {}, known, facts, form, labels, origin=origin)
    if run:
        notes += _begin(run, plan, untrained)
    yield from map(Noted, notes)
    finished, first = None, 0
    counts = cache(partial(count_member, plan, train, dev, vocabulary.size))  # while training, if it is watched
    joint = complete is not None and plan.mixed_with is not None
    watched = mixture_loss(plan.architecture, counts, dev) if joint and form == "lines" and not labels else None
    keep = run.append_metrics if run else origin.append
    sample = partial(sample_now, untrained, plan.training.seed) if samples and processes.leads else None
    knobs = knobs or (Knobs(run.knobs) if run else None)
    hooks = (keep, watched, sample, watch_weights, knobs)
    for event in fit(plan, train, dev, vocabulary.size, run, should_stop, processes, budget, *hooks):
        if isinstance(event, Finished):
            finished = event
        if isinstance(event, Noted):
            notes.append(event.sentence)
        if isinstance(event, Started):
            first = event.step
            if run and event.device:
                run.update_meta(device=event.device)
        yield event
    assert finished is not None
    if finished.reason == "interrupted":
        if run:
            run.update_meta(status="interrupted")
        return
    model = replace(untrained, weights=finished.weights, facts=model_facts(plan, splits, finished.step))
    if not processes.leads:
        yield ExperimentFinished(unevaluated_result(model, splits, finished))
        return
    if joint:
        result = result_with_counts(model, splits, finished, *counts())
    else:
        result = make_result(plan, model, splits, train, dev, finished)
    if complete:
        result = yield from _completed(complete(plan, result, should_stop), result)
    result = replace(
        result,
        first_step=first,
        seconds=time.perf_counter() - began,
        steps_per_second=(finished.step - first) / finished.seconds if finished.seconds else 0.0,
        run=run.path if run else None,
        notes=[*notes, *result.notes],
    )
    if run:
        _finish(run, result)
    yield ExperimentFinished(result)


def _completed(events: Iterator[ExperimentEvent], result: Result) -> Generator[ExperimentEvent, None, Result]:
    """Yield the events of work that completes a result, and return the completed result."""
    for event in events:
        if isinstance(event, ExperimentFinished):
            result = event.result
        else:
            yield event
    return result


def _notes_of_memory(plan: Plan, symbols: int) -> list[str]:
    """Return a note if training takes much memory.

    Raises:
        TrainingError: it takes more than there is.
    """
    if plan.architecture.learned_by != "gradients":
        return []
    network = plan.architecture.as_trained("it has no training settings")
    refuse_too_much(bytes_needed(network, plan.training, symbols))
    note = note_of_memory(network, plan.training, symbols)
    return [note] if note else []


def threads_of(plan: Plan) -> int:
    """Return the number of threads of a resolved plan: those that share a step, or those that count."""
    counting = getattr(plan.architecture, "threads", 1)
    return counting if plan.architecture.learned_by == "counting" else plan.training.threads or 1


def _begin(run: RunFolder, plan: Plan, untrained: LanguageModel) -> list[str]:
    """Write what a run needs from its beginning, and return notes on the checkpoint from which it goes on.

    Raises:
        SettingError: the run has taken more steps than the plan wants.
    """
    newest = run.checkpoints.newest()
    step = newest.facts["step"] if newest else 0
    if plan.training.steps and step > plan.training.steps:
        raise SettingError(
            f"the run '{run.path}' has taken {step:,} steps, more than {plan.training.steps:,}: give more --steps or "
            "--epochs"
        )
    run.write_config(plan.as_config())
    run.remove_metrics_after(step)
    if plan.architecture.learned_by == "gradients":
        save_untrained(run, untrained)
    run.update_meta(status="stopped", threads=threads_of(plan))  # what the status is if the process ends without a word
    where = f"step {step:,}" if newest else "the beginning"
    return [f"{damage}; training goes on from {where}" for damage in run.checkpoints.damaged]


def _finish(run: RunFolder, result: Result) -> None:
    """Write the result of a run."""
    if result.judged:
        result.judged.save(run.judged)
    result.model.save(run.model)
    shutil.rmtree(run.untrained, ignore_errors=True)
    run.save_samples(result.samples)
    run.update_meta(status="finished", kind=result.model.architecture.kind, **result_figures(result))


def fit(
    plan: Plan,
    train: TokenLines,
    dev: TokenLines,
    symbols: int,
    run: RunFolder | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    processes: Processes = ALONE,
    budget: float | None = None,
    keep: Callable[..., None] | None = None,
    watched_loss: Callable[[Weights], float] | None = None,
    sample: Callable[[int, Weights], Sampled] | None = None,
    watch_weights: Watch | None = None,
    knobs: Knobs | None = None,
) -> Iterator[Event]:
    """Yield the events of counting or training by a resolved plan.

    `keep` gets the metrics of each chunk. A new run begins with the weights that its folder holds, if there are any.
    The other functions are explained in `gradient_descent`.
    """
    if plan.architecture.learned_by == "counting":
        yield from fit_counts(plan.architecture.as_counted(), train, dev, symbols)
        return
    evaluated: dict[str, float] = {}
    for event in gradient_descent(
        plan.architecture.as_trained("there is nothing to train"),
        plan.training,
        train,
        dev,
        symbols,
        checkpoints=run.checkpoints if run else None,
        should_stop=should_stop,
        text=plan.corpus.form == "text",
        processes=processes,
        budget=budget,
        watched_loss=watched_loss,
        sample=sample,
        watch_weights=watch_weights,
        knobs=knobs,
        first_weights=run.first_weights() if run else None,
    ):
        if isinstance(event, Evaluated):  # it comes before the progress of its step, so its line is written once
            evaluated = {"dev": event.loss}
        if isinstance(event, Progress):
            if keep:
                keep(
                    step=event.step,
                    loss=event.loss,
                    losses=event.losses,
                    blocks=event.blocks,
                    rates=event.rates,
                    learning_rate=event.learning_rate,
                    **evaluated,
                )
            evaluated = {}
        yield event
