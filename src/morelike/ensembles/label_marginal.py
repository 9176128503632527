"""A model with labels, used without a label: the mixture of its distributions under each label.

p(word) = sum of p(label) p(word | label)      so, character by character,
p(w | c) = sum of p(label | c) p(w | c, label)      p(label | c w) = p(label | c) p(w | c, label) / p(w | c)

The sum is over whole words: one label generates the whole line. A `Mixture` may change its member at each character.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture.contract import Architecture, LearnedBy
from morelike.arrays import Array, Float, Int, State, Weights, join_rows, log_softmax
from morelike.text.vocabulary import END

PRIOR = "prior"


@final
class Marginal(Architecture):
    """The mixture over the labels of a model; it exists for use with NumPy only and is never saved.

    Weights: `prior` float64 [L], ln p of each label, and `given.i.NAME`, the weights under label i. The state holds
    ln p(label | the line so far) [B, L], the last prediction of each label [L, B, V], and the state under each label.
    """

    learned_by: ClassVar[LearnedBy] = "mixing"

    member: Architecture

    @staticmethod
    def of(
        member: Architecture, weights: Weights, label_probabilities: Float[NDArray[Any], " L"]
    ) -> tuple[Architecture, Weights]:
        """Return the mixture over the labels, and its weights; a label with probability 0 is left out.

        If one label has probability 1, return the member under this label.
        """
        possible = np.flatnonzero(label_probabilities)
        if len(possible) == 1:
            return member, member.conditioned_on(weights, int(possible[0]))
        joined: Weights = {PRIOR: np.log(label_probabilities[possible])}
        for i, label in enumerate(possible.tolist()):
            joined |= {f"given.{i}.{name}": array for name, array in member.conditioned_on(weights, label).items()}
        return Marginal(member=member), joined

    @property
    def receptive_field(self) -> int | None:
        return None  # p(label) depends on the whole line so far

    @property
    def block_length(self) -> int | None:
        return self.member.block_length

    def prepare(self, weights: Weights) -> Weights:
        return weights

    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        return all(self.member.fits(each, vocabulary_size) for each in _weights_by_label(weights))

    def start(self, weights: Weights, batch: int) -> State:
        labels = len(weights[PRIOR])
        predicted = np.zeros((labels, batch, 1))  # before the first token, which is END
        states = (self.member.start(each, batch) for each in _weights_by_label(weights))
        return np.broadcast_to(weights[PRIOR], (batch, labels)), predicted, *states

    def join_states(self, states: Sequence[State]) -> State:
        posterior, predicted, *members = zip(*states, strict=True)
        return join_rows(posterior), join_rows(predicted), *map(self.member.join_states, members)

    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        posterior, predicted, *states = state
        observed = predicted[:, np.arange(len(token)), token].T
        posterior = _posterior(posterior, observed, token, weights[PRIOR])
        next_states, predictions = [], []
        for label_weights, label_state in zip(_weights_by_label(weights), states, strict=True):
            label_state, logits = self.member.step(label_weights, label_state, token)
            next_states.append(label_state)
            predictions.append(log_softmax(logits.astype(np.float64)))
        predicted = np.stack(predictions)
        mixed = np.logaddexp.reduce(posterior.T[:, :, None] + predicted)
        return (posterior, predicted, *next_states), mixed.astype(np.float32)

    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        by_label = [self.member.log_probabilities(each, tokens) for each in _weights_by_label(weights)]
        log_p = np.stack(by_label, axis=-1)
        posterior = np.broadcast_to(weights[PRIOR], log_p[:, 0].shape)
        result = np.empty(tokens.shape)
        for t in range(tokens.shape[1]):
            result[:, t] = np.logaddexp.reduce(posterior + log_p[:, t], axis=-1)
            posterior = _posterior(posterior, log_p[:, t].astype(np.float64), tokens[:, t], weights[PRIOR])
        return result


def _posterior(posterior: Array, log_p: Array, token: Array, prior: Array) -> Float[NDArray[Any], "B L"]:
    """Return ln p of the labels after a token with ln p under each label; after `END` a new line has the prior."""
    joint = posterior + log_p
    joint = joint - np.logaddexp.reduce(joint, axis=-1, keepdims=True)
    updated: NDArray[Any] = np.where(token[:, None] == END, prior, joint)
    return updated


def _weights_by_label(weights: Weights) -> list[Weights]:
    """Return the weights of the member under each label."""
    by_label: list[Weights] = [{} for _ in weights[PRIOR]]
    for name, array in weights.items():
        if name != PRIOR:
            _, label, member_name = name.split(".", 2)
            by_label[int(label)][member_name] = array
    return by_label
