"""Where a model comes from: its run, or the curves and the list of its training in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from morelike.text.corpus import Corpus


@dataclass(frozen=True)
class Origin:
    """The run of a model; or, if its training was not saved, its metrics and its list. It is saved with no model.

    `metrics` are as the lines of a run's metrics.jsonl.
    """

    run: Path | None = None
    metrics: list[Mapping[str, Any]] = field(default_factory=list)
    corpus: Corpus | None = None

    def append(self, **metrics: Any) -> None:
        """Keep the metrics of a chunk of steps."""
        self.metrics.append(metrics)
