"""Where training pauses for its events: a function of the settings and the step, so a resumed run pauses there too."""

from __future__ import annotations

from math import ceil

from morelike.runs.settings import TrainingConfig

FEWEST_CHUNKS = 50
"""Chunks, and so events, of a run; a run of fewer steps has an event at each step."""


def longest_chunk(config: TrainingConfig) -> int:
    """Return the most steps between two events, given resolved settings: the intervals of dev in equal parts.

    >>> longest_chunk(TrainingConfig(steps=2000, evaluate_every=200, chunk=200))
    40
    """
    assert config.steps
    assert config.chunk
    interval = _interval(config)
    return ceil(interval / ceil(interval / min(config.chunk, max(config.steps // FEWEST_CHUNKS, 1))))


def chunk_end(config: TrainingConfig, step: int) -> int:
    """Return the step at which the chunk that begins after `step` ends; the first ones end at steps 1, 2, 4, 8.

    >>> config, ends = TrainingConfig(steps=1000, evaluate_every=100, chunk=100), [0]
    >>> for _ in range(8):
    ...     ends.append(chunk_end(config, ends[-1]))
    >>> ends
    [0, 1, 2, 4, 8, 16, 20, 40, 60]
    """
    assert config.steps
    interval, longest = _interval(config), longest_chunk(config)
    evaluated = step - step % interval
    ends = [evaluated + interval, step - (step - evaluated) % longest + longest, config.steps]
    doubled = 1 << step.bit_length()
    return min(*ends, doubled) if doubled <= longest else min(ends)


def _interval(config: TrainingConfig) -> int:
    """Return the steps between two evaluations on dev."""
    assert config.steps
    assert config.evaluate_every
    return min(config.evaluate_every, config.steps)
