"""The model with which a run makes words now: the saved one after its end, and its last look before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from morelike.errors import ModelError, MorelikeError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.panels.look import Look
from morelike.play.limits import PlayLimits
from morelike.play.runs import LiveRun
from morelike.play.views import Views
from morelike.runs.unfinished import best_model
from morelike.storage.atomic_files import MANIFEST

MOST_MODELS = 8
"""Models in memory, those of other runs for blends among them."""


@dataclass(frozen=True)
class CurrentModel:
    """A model, the step of its weights, and the words from which it learns.

    `listed` holds each word of the list once, `train` those of its train part. Both are empty if the list is gone or
    too large for the page.
    """

    model: LanguageModel
    step: int
    listed: Sequence[str] = ()
    train: Sequence[str] = ()


class CurrentModels:
    """The current models of the runs of a server. Several threads may use it."""

    def __init__(self, limits: PlayLimits) -> None:
        self._limits = limits
        self._kept: OrderedDict[str, tuple[Any, CurrentModel]] = OrderedDict()
        self._lock = Lock()

    def of(self, run: LiveRun, views: Views) -> CurrentModel:
        """Return the current model of a run.

        Raises:
            SettingError: a model of running text, or weights that are no longer finite numbers.
            ModelError: the run has no model yet, or it is damaged.
        """
        with self._lock:
            state = _state(run)
            known = self._kept.get(run.id)
            if known is None or known[0] != state:
                self._kept[run.id] = known = state, self._open(run, views, state)
            self._kept.move_to_end(run.id)
            while len(self._kept) > MOST_MODELS:
                self._kept.popitem(last=False)
            return known[1]

    def _open(self, run: LiveRun, views: Views, state: tuple[str, int]) -> CurrentModel:
        how, step = state
        background = None
        with suppress(MorelikeError):  # the list may be gone: a finished model needs none
            background = views.background
        if how == "saved":
            model = LanguageModel.load(run.folder.model)
            step = _step_of_saved(run, model)
        elif how == "look":
            look = Look.of(views.background, run.looks.weights(step), step)
            look.require_finite()
            model = look.model
        elif run.folder.has_best_model:  # a run of the command line, which keeps no looks
            model, _ = best_model(run.folder)
            step = int(model.facts["steps"])
        else:
            raise ModelError("this run has no model yet: it makes words from its first look on")
        if model.form != "lines":
            raise SettingError("this run learns running text, and here words are made: choose a run of a list of words")
        _ = model.prepared  # once, before several threads use it
        if background is None or len(background.plan.corpus.words) > self._limits.lines:
            return CurrentModel(model, step)
        return CurrentModel(model, step, [*dict.fromkeys(background.plan.corpus.words)], background.splits.train)


def _state(run: LiveRun) -> tuple[str, int]:
    """Return what changes when the current model of a run does."""
    manifest = run.folder.model / MANIFEST
    with suppress(OSError):
        return "saved", manifest.stat().st_mtime_ns
    if steps := run.looks.steps():
        return "look", steps[-1]
    return "checkpoint", run.step


def _step_of_saved(run: LiveRun, model: LanguageModel) -> int:
    """Return the step of the weights of a saved model: that of the lowest loss on dev, or the last."""
    last = int(model.facts.get("steps", 0))
    measured: list[Mapping[str, Any]] = [line for line in run.folder.metrics() if "dev" in line]
    if not measured or run.folder.judged.exists():  # trained anew on all lines at the end
        return last
    return int(min(measured, key=lambda line: float(line["dev"]))["step"])
