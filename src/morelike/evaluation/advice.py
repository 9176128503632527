"""Advice on a run: each sentence names only settings that the run has, with the value to try next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LARGEST_CHANGE = 10.0
"""The largest factor by which advice changes a setting: a diagnosis of the next run says whether more is needed."""
FEW_STEPS = 1000
"""Steps below which running statistics need a longer run."""
BEGINNING = 100
"""Steps after which updates are expected to be small: a last layer that starts near zero must grow first."""
STRONG_DECAY = 0.1
"""Weight decay above this keeps matrices smaller than most runs need."""


@dataclass(frozen=True)
class Adviser:
    """Writes advice for a run with these settings; a model without its run has no settings of training."""

    settings: Mapping[str, Any]

    def rate(self, wanted: float | None = None) -> str:
        """Return the advice to change the learning rate towards `wanted`, by default to a tenth."""
        rate = self.settings.get("learning_rate")
        if rate is None:
            return ""
        wanted = rate / LARGEST_CHANGE if wanted is None else wanted
        tried = min(max(wanted, rate / LARGEST_CHANGE), rate * LARGEST_CHANGE)
        change = "lower" if tried < rate else "raise"
        return f"{change} the learning rate (--learning-rate {_rounded(tried)})"

    def sign(self) -> str:
        """Return the advice to take updates with the right sign; empty if the run does."""
        return "leave out --wrong-sign" if self.settings.get("wrong_sign") else ""

    def start(self, change: str) -> str:
        """Return the advice to start with other weights; `change` says how, if no setting of the kind does it."""
        if self.settings.get("initialization") == "normal":
            return "start with scaled weights (--initialization scaled)"
        return f"{change} at the start, in the architecture's `init`"

    def decay(self) -> str:
        """Return the advice to let the weights decay less; empty if they hardly decay."""
        decay = self.settings.get("weight_decay") or 0.0
        return f"let the weights decay less (--weight-decay {_rounded(decay / 10)})" if decay > STRONG_DECAY else ""

    def clip(self) -> str:
        """Return the advice to clip the gradients; empty if they are clipped."""
        return "clip the gradients (--clip 1)" if self.settings.get("clip") == 0 else ""

    @property
    def has_begun(self) -> bool:
        """Whether the run has taken more than its first steps."""
        return (self.settings.get("steps") or BEGINNING) >= BEGINNING

    def longer(self) -> str:
        """Return the advice to train for longer; empty if the run was long."""
        steps = self.settings.get("steps") or FEW_STEPS
        return f"train for longer (--steps {round(LARGEST_CHANGE * steps)})" if steps < FEW_STEPS else ""


def either(*advice: str) -> str:
    """Return the advice, of which a person may follow any.

    >>> either("lower the rate", "", "clip")
    'lower the rate, or clip'
    """
    return ", or ".join(filter(None, advice))


def _rounded(value: float) -> str:
    """Return a number with two digits, as a flag takes it.

    >>> _rounded(0.0333), _rounded(142.0)
    ('0.033', '140')
    """
    return f"{float(f'{value:.2g}'):g}"
