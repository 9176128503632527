"""What the panels of a run show at each of its looks; the newest answers are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from morelike.arrays import Weights
from morelike.errors import MorelikeError, SettingError, excerpt
from morelike.panels.look import Background, Look
from morelike.panels.plain import UnfitError
from morelike.panels.registry import show
from morelike.play.runs import LiveRun
from morelike.runs.lookup import open_model
from morelike.runs.plan import plan_of_run

KEPT = 500
LAST = "last"


class Views:
    """The panels of one run."""

    def __init__(self, run: LiveRun) -> None:
        self.run = run
        self._answers: OrderedDict[Any, dict[str, Any]] = OrderedDict()
        self._embeddings: dict[int, NDArray[Any]] = {}
        self._preparing = Lock()
        self._lock = Lock()

    @cached_property
    def _background(self) -> Background:
        return Background.of(plan_of_run(self.run.folder), self.run.folder.metrics())

    @property
    def background(self) -> Background:
        """The list of the run in its splits, and its model without weights; made once."""
        with self._preparing:
            return self._background

    def panel(self, step: str, name: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return a panel at a step, or at the last look, as plain values.

        Raises:
            SettingError: a wrong step, panel or parameter.
            ModelError: the run has no such look.
        """
        steps = self.run.looks.steps()
        if step == LAST and steps:
            step = str(steps[-1])
        if step != LAST and not step.isdecimal():
            raise SettingError(f"step = {excerpt(step)}: give the step of a look, or {LAST}")
        key = (step, name, tuple(sorted(query.items())))
        with self._lock:
            if step != LAST and key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        look = self._look(step)
        if name == "embedding" and step != LAST:
            look = replace(look, earlier_embeddings=self._embeddings_before(int(step)))
        if name in ("health", "verdict") and step != LAST:
            look = replace(look, earlier=self._weights_before(int(step)))
        found = {"step": None if step == LAST else int(step), **show(name, look, query)}
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return found

    def best_look(self) -> Look:
        """Return the best model of the run on dev so far, which is its model if it has ended.

        Raises:
            ModelError: the run has no model yet.
        """
        model = open_model(self.run.folder.path)
        return Look(model, self.background, int(model.facts.get("steps", 0)))

    def _look(self, step: str) -> Look:
        if step == LAST:  # a run without looks: of counts, or of the command line
            return self.best_look()
        return Look.of(self.background, self.run.looks.weights(int(step)), int(step))

    def _weights_before(self, step: int) -> tuple[int, Weights] | None:
        """Return the look before a step: its step and its weights; None before the first."""
        earlier = [each for each in self.run.looks.steps() if each < step]
        return (earlier[-1], self.run.looks.weights(earlier[-1])) if earlier else None

    def _embeddings_before(self, step: int) -> list[NDArray[Any]]:
        """Return the embeddings of the looks before a step, oldest first: each plane keeps the axes before it."""
        earlier = [each for each in self.run.looks.steps() if each < step]
        for each in earlier:
            if each not in self._embeddings and (table := self.run.looks.weights(each).get("C")) is not None:
                self._embeddings[each] = table
        return [self._embeddings[each] for each in earlier if each in self._embeddings]


def or_refusal(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a panel shows, or why it shows nothing: this is an answer too, and no fault of the request.

    `unfit` says that no other word and no other look helps: the kind of the model cannot have this panel.
    """
    try:
        return work()
    except MorelikeError as error:
        return {"refused": str(error), "unfit": isinstance(error, UnfitError)}
