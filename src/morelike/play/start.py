"""What the page shows at first: the run that the command names, or a new run of a list."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Thread

from morelike.errors import MorelikeError, RunError
from morelike.play.lists import Lists
from morelike.play.runs import LiveRun, Runs
from morelike.runs.lookup import find_run
from morelike.runs.plan import DEFAULT_KIND, hiding_test, make_plan, plan_of_run, source_of
from morelike.text.reading import read_corpus


def begin(name: str, runs: Runs, lists: Lists) -> LiveRun:
    """Open the run of this name; if there is none, begin a quick run of the list of this name.

    Raises:
        ListError: there is neither.
        SettingError: the list is too large for the page.
    """
    with suppress(RunError):
        run = find_run(name, runs.out)
        with suppress(MorelikeError):  # the list may be gone: the page then shows the run without it
            plan = plan_of_run(run)
            lists.add(plan.corpus, plan.source)
        return runs.open(run)
    source = source_of(name)
    corpus = read_corpus(name)
    lists.add(corpus, source)
    plan = make_plan(corpus, DEFAULT_KIND, source=source, quick=True, settings={})
    return runs.begin(hiding_test(plan))


def watch_over(runs: Runs, seconds: float = 1.0) -> None:
    """Stop runs that nobody watches, or that have used up their time, until this process ends."""

    def watch() -> None:
        while True:
            time.sleep(seconds)
            runs.stop_unwatched()

    Thread(target=watch, name="morelike play", daemon=True).start()
