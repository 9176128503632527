"""Readings of what training changes: the direction of its steps, their size, and the loss that they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from morelike.evaluation.advice import Adviser
from morelike.evaluation.diagnostics import Diagnosis, Reading
from morelike.evaluation.readings.guide_lines import (
    EXCESS,
    UPDATE_HIGH,
    UPDATE_LINE,
    make_reading,
    verdict_on,
)

WORSE_THAN_GUESSING = 0.0, 0.3
"""Nats of the loss above ln V. Defaults: far below 0."""

STRAIGHT = 2.0
"""A change of the weights has a direction if the loss rises, or falls, this many times more than its slope changes."""
NOTICEABLE = 1e-3
"""Nats. A smaller change of the loss says nothing about the direction."""


def direction(diagnosis: Diagnosis, adviser: Adviser) -> Iterator[Reading]:
    """Yield the reading that says whether training goes uphill: it raises the loss, and the opposite would lower it."""
    movement = diagnosis.movement
    if movement is None:
        return
    raised, lowered = movement.after - movement.before, movement.before - movement.opposite
    straight = raised + lowered > STRAIGHT * abs(raised - lowered) and min(raised, lowered) > NOTICEABLE
    uphill = straight and movement.after > diagnosis.start.loss
    change = "one step" if movement.steps == 1 else f"{movement.steps:,} steps"
    yield make_reading(
        "direction of the update",
        "all weights",
        raised,
        "bad" if uphill else "good",
        (
            f"{raised:+.2g} nats by {change}: training does not go uphill",
            f"{raised:+.2g} nats by {change}, and the opposite change would lower it: the update has the wrong sign",
        ),
        adviser.sign(),
    )


def loss(diagnosis: Diagnosis, adviser: Adviser, before: Sequence[Reading]) -> Iterator[Reading]:
    """Yield the reading of the loss, if it was measured. It has no advice if a bad reading `before` explains it."""
    if isnan(diagnosis.loss):
        return
    excess = diagnosis.loss - diagnosis.start.uniform
    explained = any(each.verdict == "bad" for each in before)
    figures = f"{diagnosis.loss:.2f} nats, and ln V = {diagnosis.start.uniform:.2f}"
    is_fresh = excess < EXCESS[0] and diagnosis.loss <= diagnosis.start.loss
    yield make_reading(
        "loss",
        "these weights",
        diagnosis.loss,
        "good" if is_fresh else verdict_on(excess, WORSE_THAN_GUESSING),
        (f"{figures}: better than guessing", f"{figures}: worse than guessing each character at random"),
        "" if explained else adviser.rate(),
    )


def largest_change(diagnosis: Diagnosis, adviser: Adviser) -> Iterator[Reading]:
    """Yield the reading of the matrix that changed most, if the weights of an earlier step are known."""
    movement = diagnosis.movement
    if movement is None or not movement.update_to_data:
        return
    name, ratio = max(movement.update_to_data.items(), key=lambda each: each[1])
    found = verdict_on(ratio, UPDATE_HIGH)
    figures = f"{ratio:.2g} in a step; the guide line for the mean of a run is {UPDATE_LINE:g}"
    explained = f"{figures}: each step destroys learned values" if found == "bad" else figures
    yield make_reading("update:data", name, ratio, found, (figures, explained), adviser.rate())
