"""A race of runs: the difference of each other run with its paired interval, and what differs in the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from morelike.errors import SettingError
from morelike.language_model.scoring import compared
from morelike.panels.look import Look
from morelike.panels.plain import rounded

MOST_RUNS = 4
TECHNICAL = ("chunk", "threads", "precision", "device", "evaluate_every")
"""Settings that say how steps are computed and watched, not what they learn."""


def race(look: Look) -> dict[str, Any]:
    """Return the difference between this run and each other run on the words of dev, with its paired interval.

    `difference` is in nats per character, this run minus the other: below zero, this run is better. If the interval
    excludes zero, the race is `decided`. `differs` names the settings in which the two runs differ.

    Raises:
        SettingError: no other run, more than four runs, or runs on other lists.
    """
    if not look.others:
        raise SettingError("a race needs another run: start a second one on the same list")
    if len(look.others) >= MOST_RUNS:
        raise SettingError(f"{len(look.others) + 1} runs: a race has {MOST_RUNS} at most")
    return {"step": look.step, "against": [_against(look, name, other) for name, other in look.others.items()]}


def _against(look: Look, name: str, other: Look) -> dict[str, Any]:
    plan, background = other.background.plan, look.background
    if plan.corpus.fingerprint != background.plan.corpus.fingerprint or plan.split != background.plan.split:
        raise SettingError(f"the run {name} learns from another list or another split: race runs on one list")
    words, counts, labels = background.held_out()
    weighting = background.plan.training.count_weighting
    found = compared(look.model, other.model, words, counts, weighting, labels, "error", 0)
    return {
        "name": name,
        "step": other.step,
        "difference": rounded(found.difference),
        "interval": rounded(found.interval),
        "decided": found.decided,
        "lines": found.lines,
        "differs": differences([background.plan.as_config(), plan.as_config()]),
    }


def differences(configs: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """Return the settings in which runs differ, each with its value in each run; None where a run has none.

    The configs are tables as in config.toml. Settings that only say how the steps are computed are left out.
    """
    settings = [{**config["architecture"], **config["training"]} for config in configs]
    names = {name: None for each in settings for name in each if name not in TECHNICAL}
    values = {name: [each.get(name) for each in settings] for name in names}
    return {name: found for name, found in values.items() if any(each != found[0] for each in found)}
