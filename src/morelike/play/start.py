"""What the page shows at first: the runs that the command names, or a new run of a list."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread

from morelike.errors import MorelikeError, RunError
from morelike.play.lists import Lists
from morelike.play.race.races import check_race
from morelike.play.runs import LiveRun, Runs
from morelike.runs.lookup import find_run
from morelike.runs.plan import DEFAULT_KIND, hiding_test, make_plan, plan_of_run, source_of
from morelike.runs.run_folder import RunFolder
from morelike.text.reading import read_corpus


def begin(names: Sequence[str], runs: Runs, lists: Lists) -> list[LiveRun]:
    """Open the run of one name, or begin a quick run of the list of this name; several names are runs that race.

    Raises:
        ListError: one name, and there is neither a run nor a list of it.
        RunError: several names, and one of them is no run.
        SettingError: the list is too large for the page, or the runs cannot race.
    """
    if len(names) > 1:
        opened = [_open(find_run(name, runs.out), runs, lists) for name in names]
        check_race(opened)
        return opened
    (name,) = names
    with suppress(RunError):
        return [_open(find_run(name, runs.out), runs, lists)]
    source = source_of(name)
    corpus = read_corpus(name)
    lists.add(corpus, source)
    plan = make_plan(corpus, DEFAULT_KIND, source=source, quick=True, settings={})
    begun = runs.begin(hiding_test(plan))
    begun.given = {}
    return [begun]


def _open(run: RunFolder, runs: Runs, lists: Lists) -> LiveRun:
    with suppress(MorelikeError):  # the list may be gone: the page then shows the run without it
        plan = plan_of_run(run)
        lists.add(plan.corpus, plan.source)
    return runs.open(run)


def watch_over(runs: Runs, seconds: float = 1.0) -> None:
    """Stop runs that nobody watches, or that have used up their time, until this process ends."""

    def watch() -> None:
        while True:
            time.sleep(seconds)
            runs.stop_unwatched()

    Thread(target=watch, name="morelike play", daemon=True).start()
