"""Guide lines that several readings share, and how a figure becomes a verdict."""

from __future__ import annotations

from typing import TypeAlias

from morelike.evaluation.diagnostics import Reading, Verdict

GuideLine: TypeAlias = tuple[float, float]
"""A figure is good up to the first number, to be watched up to the second, and bad above it."""

UPDATE_LINE = 1e-3
"""The ratio of a step's update to the values of a matrix, both as standard deviations, on average over a run."""

EXCESS = 0.1, 0.3
"""Nats of the first loss above ln V. Random logits with standard deviation s add about s^2 / 2. Defaults: 0.03 or less.
"""

UPDATE_HIGH = 0.05, 0.3
"""At the highest rate of the schedule, which a run uses for a short time. At 0.3 a few steps replace the matrix.
Defaults: 0.046 or less."""

FIRST_STEP = 5.0
"""The first step of AdamW may be this many times longer: its mean of gradients has one gradient only."""


def verdict_on(value: float, line: GuideLine) -> Verdict:
    """Return the verdict on a figure. A higher figure is worse, and NaN is bad."""
    good, watch = line
    return "good" if value <= good else "watch" if value <= watch else "bad"


def make_reading(
    what: str, where: str, value: float, verdict: Verdict, sentences: tuple[str, str], advice: str
) -> Reading:
    """Return a reading with the first sentence if the verdict is good, else with the second one and the advice."""
    good = verdict == "good"
    return Reading(what, where, value, verdict, sentences[0] if good else sentences[1], "" if good else advice)
