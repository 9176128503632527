"""`--track`: the trackers that show the curves of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, TypeAlias

from morelike.cli.shared.output import print_note
from morelike.cli.shared.parameters import option
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import read_config
from morelike.trackers.listener import TRACKERS, require_tracker, track
from morelike.training.experiment import ExperimentEvent

Track: TypeAlias = Annotated[
    list[str] | None,
    option(
        f"also show the curves in a tracker, which is an extra; may be repeated: {', '.join(TRACKERS)}", negative=""
    ),
]


def require_trackers(names: Sequence[str]) -> None:
    """Raise an error for a tracker that does not exist or is not installed.

    Raises:
        SettingError, MorelikeError: as `require_tracker`.
    """
    for name in names:
        require_tracker(name)


@contextmanager
def tracked(names: Sequence[str], run: RunFolder | None) -> Iterator[Callable[[ExperimentEvent], None]]:
    """Yield a function that hands an event of a run to its trackers."""
    listeners = []
    if names and run:
        tables = read_config(run.path / "config.toml")
        settings = {name: value for table in tables.values() for name, value in table.items()}
        listeners = [track(name, run.path.name, run.path, settings=settings, note=print_note) for name in names]

    def take(event: ExperimentEvent) -> None:
        for listener in listeners:
            listener(event)

    try:
        yield take
    finally:
        for listener in listeners:
            listener.close()
