"""Training by several processes as one plan: what must be the same in all of them before they begin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from morelike.architecture import TrainedArchitecture
from morelike.errors import SettingError
from morelike.runs.plan import Plan
from morelike.training.joining import joined
from morelike.training.places import Place
from morelike.training.preparation import prepare
from morelike.training.processes import ALONE, Cluster, Processes

__all__ = ["SECONDS", "together"]

SECONDS = 300.0
"""How long processes wait for each other, unless told otherwise: queues and pulls of images take minutes."""


@contextmanager
def together(place: Place | None, plan: Plan, seconds: float = SECONDS) -> Iterator[Processes]:
    """Give the processes that train a plan, once all are there; without a place there is but this one.

    Raises:
        SettingError: a kind that is counted, or processes that were not started with the same list and settings.
        TrainingError: some did not come in time.
    """
    if place is None:
        yield ALONE
        return
    if not isinstance(plan.architecture, TrainedArchitecture):
        raise SettingError(f"{plan.architecture.kind} is counted, which one process does: leave out --hosts")
    with joined(place, _facts(plan), seconds) as ties:
        yield Cluster(ties)


def _facts(plan: Plan) -> dict[str, Any]:
    """Return what decides a run, with all lengths written out, so that a resumed one is compared as well."""
    plan = prepare(plan).plan
    lines = f"{len(plan.corpus.words):,} lines" if plan.corpus.form == "lines" else "one text"
    prints = [print_[:16] for print_ in (plan.corpus.fingerprint, plan.corpus.counts_fingerprint) if print_]
    versions = {f"the version of {package}": version(package) for package in ("morelike", "jax", "numpy")}
    return {
        "list": f"{lines} (sha256 {', '.join(prints)})",
        "split": plan.split,
        "model": plan.architecture.kind,
        **plan.architecture.model_dump(),
        **plan.training.model_dump(exclude={"threads"}),  # each process has one
        **versions,
    }
