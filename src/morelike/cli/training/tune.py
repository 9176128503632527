"""`morelike tune`: settings chosen for a list by trials on dev, and one run with the best of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from rich.progress import TextColumn

from morelike.cli.shared.interrupts import Interrupts
from morelike.cli.shared.kind_flags import KindName
from morelike.cli.shared.output import plain_table, print_json, print_note, progress_bar
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    FormName,
    HideTest,
    Json,
    ListFlags,
    ListName,
    Report,
    SplitRule,
    option,
)
from morelike.cli.shared.training_output import draw_progress, print_outcome, result_as_dict, write_report
from morelike.errors import SettingError, excerpt
from morelike.runs.plan import DEFAULT_KIND, source_of, split_rule
from morelike.runs.run_folder import RunFolder
from morelike.text.reading import read_corpus
from morelike.workflows.tuning import (
    StudyOpened,
    TrialEnded,
    TrialProgress,
    TrialStarted,
    Tuning,
    TuningEvent,
    TuningFinished,
    parse_space,
    search_space,
    study_folder,
)
from morelike.workflows.tuning import tune as run_trials

SECONDS_OF_UNIT = {"s": 1, "m": 60, "h": 3600}
IMPORTANCE = "importance.html"


def tune(
    words: ListName = "names",
    /,
    *,
    model: KindName = None,
    budget: Annotated[str, option("the time for all trials and the last run, such as 90s, 10m or 8h")] = "10m",
    trials: Annotated[
        int | None, option("the most trials that this process begins; 0: only the run of the best settings so far")
    ] = None,
    space: Annotated[
        tuple[str, ...],
        option(
            "the values of one setting, NAME=LOW..HIGH or NAME=VALUE,VALUE; may be repeated; the other settings keep "
            "their own"
        ),
    ] = (),
    study: Annotated[str, option("the name of the search [default: LIST-KIND]")] = "",
    storage: Annotated[
        str | None,
        option(
            "where trials are kept: postgresql://USER@HOST/DATABASE, for any number of machines, or a file [default: a "
            "journal file in the folder of the study]"
        ),
    ] = None,
    form: FormName = None,
    split: SplitRule = None,
    lists: ListFlags = PLAIN_LISTS,
    out: Annotated[Path, option("the folder of the run and of the study")] = RUNS,
    hide_test: HideTest = False,
    report: Report = True,
    as_json: Json = False,
    settings: dict[str, Any],
) -> int:
    """Choose settings for a list: train many models briefly, judge them on dev, and train the best one as a run.

    Optuna (pip install 'morelike[tune]') chooses the settings of each trial and ends bad trials early. The space of a
    setting is declared at the setting. A setting that is given as a flag is the same in all trials. Test is used once,
    by the run at the end, or with --hide-test not at all.

    The same command again goes on with the search, also after Ctrl-C. Give it in several terminals, or with a
    PostgreSQL storage on several machines, and all work on one search.

    Examples:
      morelike tune my-list.txt
      morelike tune my-list.txt --model lstm --budget 1h --space hidden=128..512 --space dropout=0..0.5
      morelike tune my-list.txt --model ngram --trials 30
      morelike tune my-list.txt --model mlp --context 4 --threads 1
      morelike tune my-list.txt --storage postgresql://anna@server/tuning --study my-list
      morelike tune my-list.txt --trials 0
    """
    seconds = _seconds(budget)
    if trials is not None and trials < 0:
        raise SettingError(f"--trials {trials}: give 0 or more")
    kind = model or DEFAULT_KIND
    given = parse_space(kind, space)
    corpus = read_corpus(words, form or "lines", lists.reading)
    tuning = Tuning(
        corpus,
        kind,
        split_rule(corpus, split),
        search_space(kind, settings, given),
        settings,
        source_of(words),
        out,
        study,
        storage,
        hide_test,
    )
    study_folder(tuning.study_name, out)
    finished: TuningFinished | None = None
    with Interrupts() as interrupts:
        events = run_trials(tuning, seconds, trials=trials, should_stop=lambda: interrupts.received is not None)
        with _draw_trials(seconds) as draw:
            for event in events:
                draw(event)
                if isinstance(event, TuningFinished):
                    finished = event
        assert finished
        _show(finished, tuning, as_json=as_json, report=report)
    return interrupts.status if finished.interrupted else 0


def _seconds(budget: str) -> float:
    """Return the seconds of a budget.

    Raises:
        SettingError: it is no time.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh])\s*", budget)
    if not found or not 0 < float(found[1]) < float("inf"):
        raise SettingError(f"the budget {excerpt(budget)}: say for example 90s, 10m or 8h")
    return float(found[1]) * SECONDS_OF_UNIT[found[2]]


@contextmanager
def _draw_trials(budget: float) -> Iterator[Callable[[TuningEvent], None]]:
    """Yield a function that draws an event: a line for each trial, and a bar of the current one on a terminal."""
    with progress_bar("starting", TextColumn("{task.fields[figures]}"), figures="") as bar, draw_progress() as draw_run:
        best = ""

        def draw(event: TuningEvent) -> None:
            nonlocal best
            if isinstance(event, StudyOpened):
                if event.trials:
                    print_note(f"The study '{event.name}' goes on after {event.trials:,} complete trials.")
                best = _best(event.best)
            elif isinstance(event, TrialStarted) and bar:
                bar.update(bar.task_ids[0], description=f"trial {event.number}", total=1, completed=0, figures=best)
            elif isinstance(event, TrialProgress) and bar:
                bar.update(bar.task_ids[0], completed=event.share, figures=f"dev {event.loss:.4f}{best}")
            elif isinstance(event, TrialEnded):
                best = _best(event.best)
                print_note(_sentence(event))
            elif not isinstance(event, StudyOpened | TrialStarted | TrialProgress | TuningFinished):
                draw_run(event)

        yield draw


def _best(loss: float | None) -> str:
    return "" if loss is None else f"  best so far {loss:.4f}"


def _sentence(event: TrialEnded) -> str:
    loss = f"dev {event.loss:.4f}" if event.loss is not None else event.state
    if event.state == "repeated":
        return f"trial {event.number}: {loss}, with the settings of an earlier trial"
    reason = f" ({event.reason})" if event.reason else ""
    best = f", best so far {event.best:.4f} (trial {event.best_number})" if event.best is not None else ""
    return f"trial {event.number}: {loss} after {event.seconds:.1f} s{best}{reason}"


def _show(finished: TuningFinished, tuning: Tuning, *, as_json: bool, report: bool) -> None:
    """Print the outcome, and write the report of the run and the picture of the importances."""
    picture = _write_picture(finished.importance, tuning)
    written = None
    if finished.result:
        if not as_json:
            print_outcome(finished.result)
        written = write_report(RunFolder(finished.run)) if report and finished.run else None
    if as_json:
        print_json(_facts(finished, tuning, picture, written))
        return
    _print_settings(finished.settings, finished.importance)
    print_note(*_sentences(finished, tuning))
    for name, path in (("Importance of the settings", picture), ("Report", written)):
        if path:
            print_note(f"{name}: {path}")


def _write_picture(importance: Mapping[str, float], tuning: Tuning) -> str | None:
    if not importance:
        return None
    from morelike.pictures.figure import save
    from morelike.pictures.importance import importance_figure

    path = tuning.folder / IMPORTANCE
    save(importance_figure(importance, tuning.study_name), path)
    return str(path)


def _print_settings(settings: Mapping[str, Any], importance: Mapping[str, float]) -> None:
    """Print the best settings, the most important first."""
    names = sorted(settings, key=lambda name: -importance.get(name, 0.0))
    rows = ([name, str(settings[name]), f"{importance[name]:.0%}" if name in importance else ""] for name in names)
    if settings:
        print_note("", plain_table(["setting", "best", "importance"], rows), "")


def _sentences(finished: TuningFinished, tuning: Tuning) -> Iterator[str]:
    counts = ", ".join(f"{number:,} {state}" for state, number in finished.trials.items())
    best = f"; the best has dev {finished.best:.4f}" if finished.best is not None else ""
    yield f"Study '{tuning.study_name}': {counts or 'no'} trials{best}."
    if finished.interrupted:
        yield "interrupted; every trial is kept. Go on with the same command."
    elif finished.others:
        yield (
            f"Trials of other processes that are at work: {finished.others:,}. The last process makes the run of the "
            "best settings."
        )
    elif finished.result is None:
        yield f"The best settings have not changed since their run: {finished.run}"
    if finished.config:
        yield f"Repeat it with: morelike train --config {finished.config}"


def _facts(finished: TuningFinished, tuning: Tuning, picture: str | None, report: str | None) -> dict[str, Any]:
    result = result_as_dict(finished.result) | {"report": report} if finished.result else None
    return {
        "study": tuning.study_name,
        "trials": dict(finished.trials),
        "best": {"dev": finished.best, "settings": dict(finished.settings)},
        "importance": dict(finished.importance),
        "config": str(finished.config) if finished.config else None,
        "picture": picture,
        "run": str(finished.run) if finished.run else None,
        "interrupted": finished.interrupted,
        "others": finished.others,
        "result": result,
    }
