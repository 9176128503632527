"""Faults that a person puts into a run, to see what they do, and their mending."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, TypeAlias, get_args

from morelike.architecture import Architecture, find, kinds
from morelike.errors import SettingError
from morelike.runs.plan import Plan

Fault: TypeAlias = Literal["wrong_sign", "rate_100", "unscaled"]
"""Updates with the wrong sign; a learning rate a hundred times too high; initial matrices that are not scaled down."""
FACTOR = 100.0
NORMAL, SCALED = {"initialization": "normal"}, {"initialization": "scaled"}


def faults_of(kind: str) -> list[Fault]:
    """Return the faults that a kind of model can have.

    >>> faults_of("gru"), faults_of("wavenet"), faults_of("ngram")
    (['wrong_sign', 'rate_100', 'unscaled'], ['wrong_sign', 'rate_100'], [])
    """
    if find(kind).learned_by != "gradients":
        return []
    return [fault for fault in get_args(Fault) if fault != "unscaled" or "initialization" in find(kind).model_fields]


def broken(plan: Plan, fault: Fault) -> Plan:
    """Return a plan with a fault, as settings of the run.

    Raises:
        SettingError: a model of this kind cannot have this fault.
    """
    plan.architecture.as_trained("there is nothing to break")
    if fault not in faults_of(plan.kind):
        others = [kind for kind in kinds() if fault in faults_of(kind)]
        raise SettingError(
            f"{fault}: the initial weights of a {plan.kind} have no other scale: choose {', '.join(others[:-1])} or "
            f"{others[-1]}"
        )
    return _with(plan, fault, wrong_sign=True, factor=FACTOR, initialization=NORMAL)


def mended(plan: Plan, fault: Fault) -> Plan:
    """Return the plan of a broken run without its fault."""
    return _with(plan, fault, wrong_sign=False, factor=1 / FACTOR, initialization=SCALED)


def _with(plan: Plan, fault: Fault, *, wrong_sign: bool, factor: float, initialization: dict[str, Any]) -> Plan:
    if fault == "unscaled":
        architecture: Architecture = plan.architecture.model_copy(update=initialization)
        return replace(plan, architecture=architecture)
    rate = float(f"{plan.training.learning_rate * factor:.12g}")
    changed = {"wrong_sign": wrong_sign} if fault == "wrong_sign" else {"learning_rate": rate}
    return replace(plan, training=plan.training.model_copy(update=changed))
