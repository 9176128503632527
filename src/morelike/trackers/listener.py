"""The listener between the events of a run and its trackers."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from morelike.errors import MorelikeError, SettingError, did_you_mean, excerpt
from morelike.runs.events import Evaluated, Finished, Progress, Sampled, Started
from morelike.trackers.tracker import Tracked, Tracker
from morelike.training.experiment import ExperimentEvent, ExperimentFinished

TRACKERS: Mapping[str, tuple[str, str, str]] = {
    "tensorboard": ("tensorboard", "TensorBoard", "tensorboardX"),
    "trackio": ("dashboard", "Trackio", "trackio"),
    "wandb": ("dashboard", "WeightsAndBiases", "wandb"),
    "mlflow": ("mlflow", "MLflow", "mlflow"),
}
"""Each tracker's module, class and package. The name of the tracker is that of the extra, too."""
LONGEST_REASON = 200


def track(
    name: str,
    run: str,
    folder: str | Path,
    *,
    project: str = "morelike",
    settings: Mapping[str, Any] | None = None,
    note: Callable[[str], None] | None = None,
) -> Listener:
    """Return a listener that hands the events of one run to a tracker; give it as `on_event` to `morelike.train`.

    Args:
        name: "tensorboard", "trackio", "wandb" or "mlflow".
        run: the name of the run in the tracker. A run of this name is continued.
        folder: where the tracker keeps its files, if it keeps any.
        project: the project or experiment of the run.
        settings: what the tracker shows as the settings of the run.
        note: called with one sentence if the tracker fails, and the training goes on; default: a `RuntimeWarning`.

    Raises:
        SettingError: there is no such tracker.
        MorelikeError: its package is missing.
    """
    module, kind, _ = require_tracker(name)
    tracked = Tracked(run, Path(folder), dict(settings or {}), project)

    def begin() -> Tracker:
        made: Tracker = getattr(import_module(f"morelike.trackers.{module}"), kind)(tracked)
        return made

    return Listener(name, begin, note or (lambda sentence: warnings.warn(sentence, RuntimeWarning, stacklevel=2)))


def require_tracker(name: str) -> tuple[str, str, str]:
    """Return the module, class and package of a tracker.

    Raises:
        SettingError: there is no such tracker.
        MorelikeError: its package is missing.
    """
    if name not in TRACKERS:
        raise SettingError(
            f"there is no tracker {excerpt(name)}: give {', '.join(TRACKERS)}{did_you_mean(name, TRACKERS)}"
        )
    if find_spec(TRACKERS[name][2]) is None:
        raise MorelikeError(f"the tracker {name} needs {TRACKERS[name][2]}: pip install 'morelike[{name}]'")
    return TRACKERS[name]


class Listener:
    """Hands the events of one run to a tracker.

    If the tracker fails, one sentence says so, and it gets no further event.

    Args:
        name: what the sentence calls the tracker.
        begin: returns the tracker; called at the first event.
        note: called with the sentence.
    """

    def __init__(self, name: str, begin: Callable[[], Tracker], note: Callable[[str], None]) -> None:
        self._name, self._begin, self._note = name, begin, note
        self._tracker: Tracker | None = None
        self._failed = False
        self._prefix, self._offset, self._last = "", 0, 0
        self._waiting: dict[str, float] = {}  # the loss on dev, which comes before the steps that lead to it
        self._ended = False

    def __call__(self, event: ExperimentEvent) -> None:
        """Take an event. No exception of the tracker passes."""
        if self._failed or self._ended:
            return
        try:
            with redirect_stdout(sys.stderr):  # stdout holds the words and figures of the run alone
                self._tracker = self._tracker or self._begin()
                self._take(self._tracker, event)
        except Exception as error:  # a run of hours must not be lost because of its tracker
            self._fail(error)

    def close(self) -> None:
        """End a run that has not come to its end."""
        if self._tracker and not (self._failed or self._ended):
            self._ended = True
            try:
                with redirect_stdout(sys.stderr):
                    self._tracker.close({})
            except Exception as error:
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._failed = True
        reason = " ".join(str(error).split())[:LONGEST_REASON].rstrip(".") or type(error).__name__
        self._note(f"{self._name} shows no more of this run: {reason}; the training goes on")

    def _take(self, tracker: Tracker, event: ExperimentEvent) -> None:
        match event:
            case Started():
                if self._last > self._offset + event.step:  # the final model is trained anew on all lines
                    self._prefix, self._offset = "refit/", self._last
            case Evaluated():
                self._waiting[f"{self._prefix}loss/dev"] = event.loss
            case Progress():
                for step, figures in _curve(event):
                    named = {f"{self._prefix}{name}": value for name, value in figures.items()}
                    self._log(tracker, step, named | (self._waiting if step == event.step else {}))
                self._waiting = {}
            case Sampled():
                tracker.log_words(self._offset + event.step, event.words)
            case Finished() if self._waiting:
                self._log(tracker, event.step, self._waiting)
                self._waiting = {}
            case ExperimentFinished():
                self._ended = True
                losses = event.result.losses
                tracker.close({f"final/{split}": loss.nats_per_character for split, loss in losses.items()})

    def _log(self, tracker: Tracker, step: int, figures: Mapping[str, float]) -> None:
        self._last = max(self._last, self._offset + step)
        tracker.log(self._offset + step, {name: value for name, value in figures.items() if math.isfinite(value)})


def _curve(event: Progress) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield the step at the end of each block of a chunk, with the mean loss and rate of the block."""
    if not event.blocks:
        yield event.step, {"loss/train": event.loss, "learning_rate": event.learning_rate}
        return
    step = event.step - sum(event.blocks)
    for length, loss, rate in zip(event.blocks, event.losses, event.rates, strict=True):
        step += length
        yield step, {"loss/train": loss, "learning_rate": rate}
