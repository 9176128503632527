"""What a tracker does: it takes the figures and words of one run, and keeps or shows them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Tracked:
    """A run as a tracker knows it: its name, the folder for the tracker's files, and its settings."""

    name: str
    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    project: str = "morelike"


class Tracker(ABC):
    """The run of a tracker. Its constructor takes a `Tracked`, and begins the run or goes on with it.

    Any method may raise any exception: the listener reports it once, and the training goes on without the tracker.
    """

    @abstractmethod
    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Keep figures (nats per character, rates) by their names at a step; the steps never fall."""

    @abstractmethod
    def log_words(self, step: int, words: Sequence[str]) -> None:
        """Keep words that the model made after a step."""

    @abstractmethod
    def close(self, summary: Mapping[str, float]) -> None:
        """Keep the final figures, and end the run; they are empty if the run was interrupted or failed."""
