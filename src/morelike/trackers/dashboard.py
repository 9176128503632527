"""Weights & Biases, and Trackio, which has the same functions: one adapter for both."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from morelike.trackers.tracker import Tracked, Tracker


class Dashboard(Tracker):
    """A run of a package with `init`, `log` and `finish`."""

    package: ClassVar[str]

    def __init__(self, run: Tracked) -> None:
        module: Any = import_module(self.package)
        self._run = module.init(
            project=run.project, name=run.name, config=dict(run.settings), resume="allow", **self.options(run)
        )

    def options(self, run: Tracked) -> dict[str, Any]:
        """Return the arguments of `init` that this package has beside the common ones."""
        return {}

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log(dict(figures), step=step)

    def log_words(self, step: int, words: Sequence[str]) -> None:
        self._run.log({"words": "\n".join(words)}, step=step)

    def close(self, summary: Mapping[str, float]) -> None:
        if summary:
            self._run.log(dict(summary))
        self._run.finish()


class WeightsAndBiases(Dashboard):
    """Weights & Biases. It is offline: `wandb sync` sends the run later; with WANDB_MODE=online it is sent at once."""

    package = "wandb"

    def options(self, run: Tracked) -> dict[str, Any]:
        run.folder.mkdir(parents=True, exist_ok=True)
        quiet = {"console": "off", "silent": True, "disable_git": True, "disable_code": True}
        mode = os.environ.get("WANDB_MODE", "offline")
        return {"id": run.name, "dir": str(run.folder), "mode": mode, "settings": quiet}


class Trackio(Dashboard):
    """Trackio keeps runs on this machine; `trackio show --project morelike` shows them."""

    package = "trackio"
