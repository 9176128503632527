"""`morelike train`: the settings of the chosen model as plain flags, the run with its progress, and what came out."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeAlias

from morelike.cli.shared.exits import ImmediateExit, exit_at_once_on_error
from morelike.cli.shared.extras import require_server
from morelike.cli.shared.interrupts import Interrupts
from morelike.cli.shared.kind_flags import ChosenKindName
from morelike.cli.shared.live_page import live_page
from morelike.cli.shared.output import print_json, print_note
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    FormName,
    HideTest,
    Json,
    ListFlags,
    OptionalListName,
    Report,
    option,
)
from morelike.cli.shared.training_output import (
    LogEvery,
    draw_progress,
    print_outcome,
    refuse_log_every,
    result_as_dict,
    write_report,
)
from morelike.cli.training.estimate import print_estimate
from morelike.cli.training.tracking import Track, require_trackers, tracked
from morelike.errors import ListError, LostError, RunError, SettingError
from morelike.runs.events import Finished, Progress
from morelike.runs.looks import Looks, LookWriter
from morelike.runs.lookup import find_run
from morelike.runs.plan import Plan, hiding_test, plan_of_run, read_plan, source_of
from morelike.runs.run_folder import RunFolder
from morelike.text.reading import read_corpus
from morelike.text.words import Form
from morelike.training.distributed.launcher import AUTO as AUTOMATIC
from morelike.training.distributed.launcher import process_spec
from morelike.training.distributed.processes import Processes
from morelike.training.distributed.start import SECONDS, start
from morelike.training.experiment import ExperimentEvent, ExperimentFinished, run_experiment, start_run
from morelike.training.result import Result
from morelike.workflows.dry_run import estimate
from morelike.workflows.model_selection import AUTO, auto_plan, complete
from morelike.workflows.refit import wants_refit

DEFAULT_KIND = AUTO
PATIENCE = 1.5  # seconds that a first Ctrl-C waits for the first chunk, which may be compiling

Hosts: TypeAlias = Annotated[
    str,
    option(
        "the machines that train together, separated by commas, the first as HOST:PORT; auto: read them from Slurm, "
        "Open MPI or MORELIKE_ variables; none: train in this process alone"
    ),
]
ProcessId: TypeAlias = Annotated[int | None, option("which of the hosts this is, from 0")]
Wait: TypeAlias = Annotated[float, option("seconds that processes wait for each other to join")]


def train(
    words: OptionalListName = None,
    /,
    *,
    model: ChosenKindName = None,
    split: Annotated[
        str | None,
        option(
            "how the list is divided into train, dev and test: shuffle-42, hash, makemore, first-N, none; "
            "a text: contiguous, none [default: shuffle-42, contiguous]"
        ),
    ] = None,
    form: FormName = None,
    refit: Annotated[
        bool | None,
        option(
            "after the losses are measured, train the final model anew on train, dev and test together; --no-refit: "
            "leave it as it was measured [default: for lists of fewer than 5,000 lines, if no --model is given]"
        ),
    ] = None,
    hide_test: HideTest = False,
    quick: Annotated[bool, option("a smaller model or fewer steps: 500 to 1,500, however long the list")] = False,
    config: Annotated[Path | None, option("settings from a run's config.toml; flags given here override it")] = None,
    resume: Annotated[
        str | None,
        option(
            "go on with a run that was interrupted: its folder, name, or `latest`; more steps or epochs train it longer"
        ),
    ] = None,
    moved_list: Annotated[
        str | None, option("with --resume: where the run's list is now, if it has moved", "--list")
    ] = None,
    dry_run: Annotated[
        bool, option("say what the run would take (parameters, memory, seconds), and do not begin")
    ] = False,
    lists: ListFlags = PLAIN_LISTS,
    out: Annotated[Path, option("where the run folder is made")] = Path("runs"),
    hosts: Hosts = AUTOMATIC,
    process_id: ProcessId = None,
    wait: Wait = SECONDS,
    log_every: LogEvery = None,
    watch: Annotated[
        bool, option("show the run on the live page while it trains (see `morelike play`)", negative="")
    ] = False,
    track: Track = None,
    report: Report = True,
    as_json: Json = False,
    settings: dict[str, Any],
) -> int:
    """Learn from a list: train a model, judge it on words that it has not seen, make 20 new words.

    Everything is kept in a run folder under `--out`; Ctrl-C saves it, and `--resume` goes on from there. An interrupted
    run samples, scores and reports with its best weights so far.

    Examples:
      morelike train names
      morelike train my-list.txt --quick
      morelike train my-list.txt --model gru
      morelike train my-list.txt --log-every 100 2> training.log
      morelike train my-list.txt --watch
      morelike train my-list.txt --track tensorboard
      morelike train my-list.txt --model lstm --hidden 512 --dry-run
      morelike train my-list.txt --model mlp --context 4 --hidden 300 --epochs 20
      cat words.txt | morelike train - --json > result.json
      morelike train words-and-counts.tsv --count-weighting log
      morelike train prose.txt --as text --epochs 2
      morelike train my-large.store --epochs 1
      morelike train --resume runs/MY-RUN
      morelike train --resume runs/MY-RUN --steps 20000
      morelike train --resume runs/MY-RUN --list moved/my-list.txt
      morelike train --config runs/MY-RUN/config.toml --seed 1
      morelike train my-list.txt --hosts node0:7461,node1 --process-id 0    and on node1 the same with --process-id 1
    """
    refuse_log_every(log_every)
    require_trackers(track or ())
    if watch:
        require_server("the page")
    spec = process_spec(hosts, process_id, os.environ)
    asked: dict[str, Any] = {
        "words": words,
        "config": config,
        "model": model,
        "split": split,
        "form": form,
        "refit": refit,
    }
    run: RunFolder | None = None
    if resume is not None:
        others = settings.keys() - {"steps", "epochs"} or lists != PLAIN_LISTS or quick or dry_run or hide_test
        if others or any(value is not None for value in asked.values()):
            raise SettingError(
                "--resume goes on with a run as it was begun: give no other settings than --steps, --epochs and --list"
            )
        run = find_run(resume, out)
        plan = _resumed_plan(run, moved_list, settings)
    else:
        if moved_list is not None:
            raise SettingError(
                "--list names the list of a run that is resumed; a new run takes its list without a flag"
            )
        plan = _new_plan(**asked, lists=lists, quick=quick, settings=settings, alone=spec is None)
        plan = hiding_test(plan) if hide_test else plan
        if dry_run:
            print_estimate(estimate(plan), as_json=as_json)
            return 0
    with exit_at_once_on_error() if spec else nullcontext():
        processes = start(spec, plan, wait)
        if not processes.leads:
            return _follow(plan, processes)
        run = run or start_run(plan, out)
        with live_page(run if watch else None):
            return _train(plan, run, processes, log_every, track or (), looks=watch, as_json=as_json, report=report)


def _train(
    plan: Plan,
    run: RunFolder,
    processes: Processes,
    log_every: int | None,
    track: Sequence[str],
    *,
    looks: bool,
    as_json: bool,
    report: bool,
) -> int:
    """Train, print the result, and return the exit status."""
    with Interrupts() as interrupts, _told_how_to_go_on(run):
        result = _watch(plan, run, interrupts, processes, log_every, track, looks=looks)
    if result is None:
        print_note(f"interrupted; everything is saved. Go on with: morelike train --resume {run.path}")
        return interrupts.status
    with Interrupts() as later:  # the report is a matter of seconds: a first Ctrl-C lets it be written
        _show(result, as_json=as_json, report=report)
    return next((each.status for each in (interrupts, later) if each.received is not None), 0)


def _new_plan(
    *,
    words: str | None,
    model: str | None,
    form: Form | None,
    split: str | None,
    config: Path | None,
    refit: bool | None,
    lists: ListFlags,
    quick: bool,
    settings: dict[str, Any],
    alone: bool,
) -> Plan:
    """Return the plan of a new run: of the default model, counts and a network, or of the kind that is named.

    Raises:
        SettingError: a setting that does not exist or makes no sense; or the default model with several processes
            (not `alone`), or with a file that names a kind.
    """
    if model == AUTO and not alone:
        raise SettingError("auto mixes models in one process: name a kind, or leave out --hosts")
    if model == AUTO and config is not None:
        raise SettingError(f"'{config}' names a kind and its settings, which auto chooses: leave out one of the two")
    if model == AUTO or (model is None and config is None and alone):
        name = words or "names"
        corpus = read_corpus(name, form or "lines", lists.reading)
        return auto_plan(corpus, split, source=source_of(name), quick=quick, refit=refit, settings=settings)
    reading = None if lists == PLAIN_LISTS else lists.reading
    plan = read_plan(
        words, model, form=form, split=split, config=config, quick=quick, settings=settings, reading=reading
    )
    asked = refit if refit is not None else plan.refit or None
    return replace(plan, refit=wants_refit(plan.corpus, asked, by_default=False))


def _resumed_plan(run: RunFolder, moved_list: str | None, length: dict[str, Any]) -> Plan:
    """Return the plan of a run that is to be resumed, with its new length if one is given.

    Raises:
        RunError: the run is finished and not to be longer, or its list has changed.
        ListError: its list is not where it was.
    """
    if run.meta()["status"] == "finished" and not length:
        raise RunError(
            f"the run '{run.path}' is finished: sample from it with `morelike sample {run.path}`, or train it longer "
            "with --steps or --epochs"
        )
    try:
        return plan_of_run(run, moved_list, length)
    except ListError as error:
        if moved_list is not None:
            raise
        raise ListError(f"{error}; if the list has moved, name its place with --list") from None


@contextmanager
def _told_how_to_go_on(run: RunFolder) -> Iterator[None]:
    try:
        yield
    except LostError as error:
        raise LostError(f"{error}. Go on from the last checkpoint with: morelike train --resume {run.path}") from None


def _follow(plan: Plan, processes: Processes) -> int:
    """Train together with process 0, which keeps the run and reports it; print errors only."""
    with Interrupts() as interrupts:
        result = _watch(plan, None, interrupts, processes)
    return 0 if result else interrupts.status


def _show(result: Result, *, as_json: bool, report: bool) -> None:
    """Print what came out, and write the report."""
    try:
        if not as_json:
            print_outcome(result)
    finally:  # the report is written even if nobody reads the words any more, as after `| head`
        written = write_report(RunFolder(result.run)) if report and result.run else None
    if as_json:
        print_json({**result_as_dict(result), "report": written})
    elif written:
        print_note(f"Report: {written}")


def _watch(
    plan: Plan,
    run: RunFolder | None,
    interrupts: Interrupts,
    processes: Processes,
    log_every: int | None = None,
    track: Sequence[str] = (),
    *,
    looks: bool = False,
) -> Result | None:
    """Return the result of the run, drawing its progress if it is kept here; None if it was interrupted.

    The run has a thread of its own, so that signals are heard even while a program is compiled.
    """
    events: queue.Queue[ExperimentEvent | BaseException | None] = queue.Queue()

    def work() -> None:
        try:
            for event in run_experiment(
                plan,
                run,
                should_stop=lambda: interrupts.received is not None,
                processes=processes,
                complete=complete if processes.count == 1 else None,
                samples=log_every is not None or bool(track),
                watch_weights=LookWriter(Looks(run)) if looks and run else None,
            ):
                events.put(event)
        except BaseException as error:
            events.put(error)
        events.put(None)

    threading.Thread(target=work, daemon=True).start()
    result = None
    drawing = draw_progress(log_every) if processes.leads else nullcontext(lambda _: None)
    with tracked(track, run) as hand_over, drawing as draw:
        for event in _heard(events, interrupts, run):
            if isinstance(event, BaseException):
                raise event
            with suppress(OSError):  # a terminal that has been closed: the run goes on and is saved
                draw(event)
            hand_over(event)
            if isinstance(event, ExperimentFinished):
                result = event.result
    return result


def _heard(
    events: queue.Queue[ExperimentEvent | BaseException | None], interrupts: Interrupts, run: RunFolder | None
) -> Iterator[ExperimentEvent | BaseException]:
    """Yield the events until the run ends; exit if it is interrupted before there is anything to save."""
    begun = False
    deadline = float("inf")
    while True:
        try:
            event = events.get(timeout=0.1)
        except queue.Empty:
            if interrupts.received is not None and not begun:
                deadline = min(deadline, time.monotonic() + PATIENCE)
            if time.monotonic() > deadline:
                _exit_before_the_first_steps(interrupts, run)
            continue
        if event is None:
            return
        begun = begun or isinstance(event, Progress | Finished)
        yield event


def _exit_before_the_first_steps(interrupts: Interrupts, run: RunFolder | None) -> NoReturn:
    if run:
        run.update_meta(status="interrupted")
        print_note(f"interrupted before the first steps. Begin again with: morelike train --resume {run.path}")
    raise ImmediateExit(interrupts.status)
