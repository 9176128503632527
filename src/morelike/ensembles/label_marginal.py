"""A model with labels, used without one: what it says under each label, weighed by the label's share.

p(word) = sum of p(label) p(word | label)      so, character by character,
p(w | c) = sum of p(label | c) p(w | c, label)      p(label | c w) = p(label | c) p(w | c, label) / p(w | c)

The sum is over whole words: one label speaks a whole line, where a `Mixture` might change between two characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture.contract import Architecture, LearnedBy
from morelike.arrays import Array, Float, Int, State, Weights, join_rows, log_softmax
from morelike.text.vocabulary import END

__all__ = ["Marginal"]

PRIOR = "prior"


@final
class Marginal(Architecture):
    """A model of the labels of another: it is made for use, on NumPy, and never saved.

    Weights: `prior` float64 [L], ln p of each label; those given label i as `given.i.NAME`. The state is that under
    each label, and before them ln p(label | the line so far) [B, L].
    """

    learned_by: ClassVar[LearnedBy] = "mixing"

    member: Architecture

    @staticmethod
    def of(member: Architecture, weights: Weights, shares: Float[NDArray[Any], " L"]) -> tuple[Architecture, Weights]:
        """Return the model whose labels have these shares, and its weights; labels without a share are left out.

        Where one label has all, it is the member given that label.
        """
        there = np.flatnonzero(shares)
        if len(there) == 1:
            return member, member.conditioned_on(weights, int(there[0]))
        joined: Weights = {PRIOR: np.log(shares[there])}
        for i, label in enumerate(there.tolist()):
            joined |= {f"given.{i}.{name}": array for name, array in member.conditioned_on(weights, label).items()}
        return Marginal(member=member), joined

    @property
    def receptive_field(self) -> int | None:
        return None  # the label is learned from the whole line so far

    @property
    def block_length(self) -> int | None:
        return self.member.block_length

    def prepare(self, weights: Weights) -> Weights:
        return weights

    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        return all(self.member.fits(own, vocabulary_size) for own in _parts(weights))

    def start(self, weights: Weights, batch: int) -> State:
        labels = len(weights[PRIOR])
        nothing = np.zeros((labels, batch, 1))  # what each label said of the next character; the first one fed is END
        states = (self.member.start(own, batch) for own in _parts(weights))
        return np.broadcast_to(weights[PRIOR], (batch, labels)), nothing, *states

    def join_states(self, states: Sequence[State]) -> State:
        posterior, said, *members = zip(*states, strict=True)
        return *(join_rows(each) for each in (posterior, said)), *map(self.member.join_states, members)

    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        posterior, said, *states = state
        posterior = _after(posterior, said[:, np.arange(len(token)), token].T, token, weights[PRIOR])
        after, ahead = [], []
        for own, each in zip(_parts(weights), states, strict=True):
            each, logits = self.member.step(own, each, token)
            after.append(each)
            ahead.append(log_softmax(logits.astype(np.float64)))
        said = np.stack(ahead)
        mixed = np.logaddexp.reduce(posterior.T[:, :, None] + said)
        return (posterior, said, *after), mixed.astype(np.float32)

    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        said = np.stack([self.member.log_probabilities(own, tokens) for own in _parts(weights)], axis=-1)
        posterior = np.broadcast_to(weights[PRIOR], said[:, 0].shape)
        result = np.empty(tokens.shape)
        for t in range(tokens.shape[1]):
            result[:, t] = np.logaddexp.reduce(posterior + said[:, t], axis=-1)
            posterior = _after(posterior, said[:, t].astype(np.float64), tokens[:, t], weights[PRIOR])
        return result


def _after(posterior: Array, said: Array, token: Array, prior: Array) -> Float[NDArray[Any], "B L"]:
    """Return ln p of the labels after one more character, of which each label said this; `END` begins a new line."""
    joint = posterior + said
    joint = joint - np.logaddexp.reduce(joint, axis=-1, keepdims=True)
    kept: NDArray[Any] = np.where(token[:, None] == END, prior, joint)
    return kept


def _parts(weights: Weights) -> list[Weights]:
    """Return the weights of the member given each label."""
    parts: list[Weights] = [{} for _ in weights[PRIOR]]
    for name, array in weights.items():
        if name != PRIOR:
            _, label, own = name.split(".", 2)
            parts[int(label)][own] = array
    return parts
