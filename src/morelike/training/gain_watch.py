"""Ending a long training that hardly improves the model any more: once a minute of steps, a loss on dev is looked at.

A network that will be mixed with an n-gram is judged by the mixture: a linear one, whose weights EM finds on the same
characters of dev. This is cheap, since the n-gram's probabilities of them are computed once, and close enough to see a
gain. When the training ends early, the learning rate has not fallen yet as its schedule plans. It then falls to zero
in a short tail of steps (as in Hägele et al. 2024), whose length is `tail_steps`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np

from morelike.architecture import Architecture
from morelike.arrays import Weights
from morelike.evaluation.loss import character_losses
from morelike.language_model.threads import one_thread
from morelike.ngrams.expectation_maximisation import expectation_maximisation
from morelike.text.vocabulary import TokenLines

MINUTE = 60.0
WATCHED_CHARACTERS = 1 << 15
"""Characters of dev that are looked at; the gain is a paired difference, so these are enough."""
TAIL = 0.15
"""The steps of the tail, as a share of the steps before it."""


class GainWatch:
    """Looks at a loss once a minute of steps, and says when the minute has gained less than `least_gain` nats."""

    def __init__(self, least_gain: float, loss: Callable[[Weights], float]) -> None:
        self.gain = float("inf")
        self._least_gain, self._loss = least_gain, loss
        self._last_loss, self._last_seconds = float("inf"), 0.0

    def is_over(self, seconds: float, weights: Weights) -> bool:
        """Return whether training should end; `seconds` of steps have been taken so far."""
        passed = seconds - self._last_seconds
        if passed < MINUTE:
            return False
        loss = self._loss(weights)
        self.gain = (self._last_loss - loss) * MINUTE / passed
        self._last_loss, self._last_seconds = loss, seconds
        return self.gain < self._least_gain

    def sentence(self, step: int, tail: int) -> str:
        """Return what is noted when training ends at a step, after a tail of steps."""
        return (
            f"a minute of steps lowered the loss on dev by {max(self.gain, 0.0):.4f}, less than {self._least_gain:g}: "
            f"training ends at step {step + tail:,}, and the learning rate falls to zero until then"
        )


def tail_steps(step: int, chunk: int) -> int:
    """Return the number of steps, in whole chunks, in which the rate falls to zero after `step`.

    >>> tail_steps(1000, 40)
    160
    """
    return ceil(TAIL * step / chunk) * chunk


def mixture_loss(
    network: Architecture, counts: Callable[[], tuple[Architecture, Weights]], dev: TokenLines
) -> Callable[[Weights], float]:
    """Return a function from a network's weights to the loss of its linear mixture with an n-gram (nats per character).

    The n-gram is asked for at the first call.
    """
    lines = dev.take(np.arange(0, len(dev), -(-len(dev.tokens) // WATCHED_CHARACTERS)))
    counted: list[np.ndarray] = []

    def loss(weights: Weights) -> float:
        with one_thread():
            if not counted:
                counted.append(character_losses(*counts(), lines))
            arrays = {name: np.asarray(array) for name, array in weights.items()}
            p = np.exp(-np.stack([counted[0], character_losses(network, arrays, lines)], axis=-1))
            mixed = p @ expectation_maximisation(p, lines.character_weights)
        return float(np.average(-np.log(mixed), weights=lines.character_weights))

    return loss
