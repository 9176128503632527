"""The events of tuning, as values: the command line draws them, tests read them as a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from morelike.training.experiment import ExperimentEvent
from morelike.training.result import Result

TrialState: TypeAlias = Literal["complete", "pruned", "failed", "put back", "repeated", "too slow"]


@dataclass(frozen=True)
class StudyOpened:
    """The study is ready: its name and folder, and the trials that it holds already, as after a second start."""

    name: str
    folder: Path
    trials: int
    best: float | None


@dataclass(frozen=True)
class TrialStarted:
    """A trial begins, with these settings."""

    number: int
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class TrialProgress:
    """A trial was evaluated on dev (nats per character) after `share` of its steps."""

    number: int
    share: float
    loss: float


@dataclass(frozen=True)
class TrialEnded:
    """A trial has ended. `loss` is its exact loss on dev if it is complete; `best` is the lowest of the study so far.

    A trial that is "put back" was interrupted: it is trained again from its beginning. `reason` says why a trial failed
    or is too slow.
    """

    number: int
    state: TrialState
    loss: float | None
    seconds: float
    best: float | None
    best_number: int | None
    reason: str = ""


@dataclass(frozen=True)
class TuningFinished:
    """The last event of tuning.

    `result` is the run of the best settings, None if there is no new run: tuning was interrupted, other processes are
    still at work (`others`), or the best settings have had their run already (`run`). `importance` is each setting's
    share of the differences in loss; empty with few complete trials.
    """

    result: Result | None
    interrupted: bool
    others: int
    trials: Mapping[str, int]
    best: float | None
    settings: Mapping[str, Any]
    config: Path | None
    importance: Mapping[str, float] = field(default_factory=dict)
    run: Path | None = None


TuningEvent: TypeAlias = StudyOpened | TrialStarted | TrialProgress | TrialEnded | TuningFinished | ExperimentEvent
