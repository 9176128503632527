"""The races of a server: runs on one list, split and seed that begin together, or runs that are there already."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from morelike.architecture import kinds
from morelike.errors import ModelError, SettingError, UnfinishedRunWarning, excerpt
from morelike.panels.look import Look
from morelike.panels.losses.race import MOST_RUNS, differences
from morelike.panels.registry import show
from morelike.play.lists import Lists
from morelike.play.runs import LiveRun, Runs
from morelike.play.views import Views
from morelike.runs.plan import hiding_test, make_plan, plan_of_run
from morelike.runs.settings import configure_kind, read_config

CHOSEN = ("learning_rate", "hidden")
"""The settings of a lane that a person chooses on the page."""


@dataclass
class Race:
    """Runs side by side, each in its lane. New runs of the race are quick or not, as the first ones."""

    id: str
    runs: list[LiveRun]
    quick: bool = True


class Races:
    """The races of a server, by their ids; `views_of` returns the panels of a run."""

    def __init__(self, runs: Runs, lists: Lists, views_of: Callable[[str], Views]) -> None:
        self._runs, self._lists, self._views_of = runs, lists, views_of
        self._races: dict[str, Race] = {}

    def begin(self, name: str, lanes: Sequence[tuple[str, Mapping[str, Any]]], seed: int, *, quick: bool) -> Race:
        """Begin a run for each lane, a kind with its settings, on the list of this id.

        Raises:
            SettingError: no such list, kind or setting, or too many runs.
        """
        corpus, source = self._lists.find(name)
        plans = []
        for kind, settings in lanes:
            plan = make_plan(corpus, kind, source=source, quick=quick, settings={**settings, "seed": seed})
            plans.append(hiding_test(plan))
        return self._keep(Race(self._new_id(), self._runs.queue(plans), quick))

    def open(self, runs: Sequence[LiveRun]) -> Race:
        """Show runs that are there already side by side.

        Raises:
            SettingError: too many or too few runs, or runs of other lists or splits.
        """
        check_race(runs)
        return self._keep(Race(self._new_id(), list(runs)))

    def find(self, name: str) -> Race | None:
        """Return the race of this id, None if there is none."""
        return self._races.get(name)

    @property
    def newest(self) -> Race | None:
        """The newest race, None before the first."""
        return next(reversed(self._races.values()), None)

    def _new_id(self) -> str:
        return str(len(self._races) + 1)

    def _keep(self, race: Race) -> Race:
        self._races[race.id] = race
        return race

    def begin_again(self, race: Race, lane: int, kind: str, settings: Mapping[str, Any]) -> None:
        """Begin the run of a lane anew, on the list, split and seed of the race; its old run is saved and stopped.

        Raises:
            SettingError: no such lane, kind or setting, or too many runs.
        """
        if not 0 <= lane < len(race.runs):
            raise SettingError(f"there is no lane {lane + 1}: this race has {len(race.runs)}")
        old = race.runs[lane]
        before = plan_of_run(old.folder)
        settings = {**settings, "seed": before.training.seed}
        plan = make_plan(
            before.corpus, kind, source=before.source, split=before.split, quick=race.quick, settings=settings
        )
        self._runs.leave_queue(old)
        old.close()
        (race.runs[lane],) = self._runs.queue([hiding_test(plan)])

    def facts(self, race: Race) -> dict[str, Any]:
        """Return the runs of a race, their chosen settings, and each setting in which they differ with its values."""
        configs = [read_config(run.folder.path / "config.toml") for run in race.runs]
        settings = [{**config["architecture"], **config["training"]} for config in configs]
        return {
            "id": race.id,
            "runs": [run.facts() for run in race.runs],
            "settings": [{name: each[name] for name in CHOSEN if name in each} for each in settings],
            "differs": differences(configs),
        }

    def result(self, race: Race) -> dict[str, Any]:
        """Return the best run, the loss of each run on dev, and the paired difference of the best to each other run.

        A run counts with its best model on dev. A run that has none yet is left out.

        Raises:
            SettingError: fewer than two runs have a model.
        """
        looks: dict[str, Look] = {}
        for run in race.runs:
            with suppress(ModelError), warnings.catch_warnings():
                warnings.simplefilter("ignore", UnfinishedRunWarning)
                looks[run.id] = self._views_of(run.id).best_look()
        if len(looks) < 2:
            raise SettingError("fewer than two runs of this race have a model: wait until they have learned")
        losses = {name: look.background.evaluate(look.model).nats_per_character for name, look in looks.items()}
        best = min(losses, key=losses.__getitem__)
        look = looks.pop(best)
        return {"best": best, "losses": losses, **show("race", replace(look, others=looks))}


def check_race(runs: Sequence[LiveRun]) -> None:
    """Refuse runs that cannot race.

    Raises:
        SettingError: too many or too few runs, one of them twice, or runs of other lists or splits.
    """
    if not 2 <= len(runs) <= MOST_RUNS:
        raise SettingError(f"{len(runs)} runs: a race has two to {MOST_RUNS}")
    if len({run.id for run in runs}) < len(runs):
        raise SettingError("a run cannot race against itself: give each run once")
    first = runs[0]
    for run in runs[1:]:
        if _list_of(run) != _list_of(first):
            raise SettingError(
                f"the runs {excerpt(first.id)} and {excerpt(run.id)} learn from different lists or splits: "
                "a race needs one list and one split"
            )


def _list_of(run: LiveRun) -> tuple[Any, ...]:
    config = read_config(run.folder.path / "config.toml")
    return run.folder.meta()["data"], config["data"]["split"], config["data"].get("as")


def lane_settings(*, quick: bool) -> dict[str, dict[str, Any]]:
    """Return the defaults of the settings that a person chooses for a lane, of each kind; a kind may lack some."""
    found = {}
    for kind in kinds():
        architecture, training = configure_kind(kind, {}, quick=quick)
        values = architecture.model_dump()
        if architecture.learned_by == "gradients":
            values |= training.model_dump()
        found[kind] = {name: values[name] for name in CHOSEN if name in values}
    return found
