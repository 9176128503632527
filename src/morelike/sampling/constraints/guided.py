"""Sampling words that an automaton accepts: each character is chosen with a view to how words can end.

A guide is an n-gram model with its backward probabilities through the automaton: how likely a word begun like this is
to be accepted. Where the guide is the model itself, the words follow the model's distribution given the constraints
exactly, and every try is one. Else it is an approximation of the model, each try has an importance weight, and tries
are resampled by it (Rubin 1988).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Int, MapFunction, State, Weights, rows, softmax, unique_states
from morelike.sampling.constraints.automaton import DEAD, Automaton
from morelike.sampling.filters import SamplingConfig, choose, shape
from morelike.sampling.generate import UNENDED, lines_of
from morelike.sampling.states import step_rows
from morelike.text.vocabulary import END, TokenLines

if TYPE_CHECKING:
    from morelike.ngrams.look_ahead import LookAhead

__all__ = ["Candidates", "Guide", "ImportanceWeights", "tries"]

LEAST = 1e-30
"""Share below which a guide is not believed that a state leads nowhere."""


@dataclass(frozen=True)
class Guide:
    """An n-gram model beside an automaton; `exact` where it is the very model that is sampled, as it is."""

    architecture: Architecture
    weights: Weights
    look_ahead: LookAhead
    automaton: Automaton
    ending_well: Float[NDArray[Any], "S C"]
    exact: bool

    @property
    def probability(self) -> float:
        """The probability that a word of the guide's model is accepted."""
        start = self.architecture.start(self.weights, 1)
        return float(self.ending_well[0, self.look_ahead.context_of(start)][0])

    def ahead(self, nodes: State, states: Int[NDArray[Any], " B"]) -> Float[NDArray[Any], "B V"]:
        """Return the probability of acceptance behind each next symbol, 0 where there is no way."""
        after = self.automaton.after[states]
        found = self.ending_well[after, self.look_ahead.next_contexts(nodes)]
        possible = (after != DEAD) & self.automaton.alive[after]
        found = np.where(possible, np.maximum(found, LEAST), 0.0)
        found[:, END] = self.automaton.accepts[states]
        return found


@dataclass(frozen=True)
class Candidates:
    """Words as lines of ids, each with the logarithm of its importance weight."""

    lines: TokenLines
    weights: Float[NDArray[Any], " N"]


def tries(
    architecture: Architecture,
    weights: Weights,
    count: int,
    rng: np.random.Generator,
    *,
    shaping: SamplingConfig,
    guide: Guide,
    max_length: int,
    map_function: MapFunction = map,
) -> Candidates:
    """Return `count` words that the guide's automaton accepts, but for those longer than `max_length`.

    Top-k, top-p and min-p choose among the characters that can lead to an accepted word. Words that begin alike share
    a row of the states until they part.
    """
    line, lengths, total = np.arange(count), np.full(count, UNENDED), np.zeros(count)
    row = np.zeros(count, dtype=np.int64)  # of each line: its row in all that follows
    states, believed = np.zeros(1, dtype=np.int64), np.ones(1)
    state, logits = architecture.step(weights, architecture.start(weights, 1), np.array([END], dtype=np.int32))
    nodes = state if guide.exact else guide.architecture.start(guide.weights, 1)
    columns: list[tuple[NDArray[Any], NDArray[Any]]] = []
    for length in range(max_length + 1):
        ahead = guide.ahead(nodes, states)
        p = _choices(logits, ahead, shaping)
        with np.errstate(divide="ignore"):
            chosen = choose(np.log(p), rng, row)
        total[line] += (np.log(p.sum(axis=-1)) - np.log(believed))[row]
        lengths[line[chosen == END]] = length
        going = np.flatnonzero(chosen != END)
        line, row, chosen = line[going], row[going], chosen[going]
        if not len(line) or length == max_length:
            break
        columns.append((line, chosen))
        first, onward = unique_states(row * p.shape[-1] + chosen)
        before, token, row = row[first], chosen[first].astype(np.int32), onward
        believed = ahead[before, token]
        states = guide.automaton.after[states[before], token]
        state, logits = step_rows(architecture, weights, state, before, token, map_function)
        nodes = state if guide.exact else guide.architecture.step(guide.weights, rows(nodes, before), token)[0]
    return Candidates(lines_of((), columns, lengths), total[lengths != UNENDED])


def _choices(
    logits: Float[NDArray[Any], "B V"], ahead: Float[NDArray[Any], "B V"], shaping: SamplingConfig
) -> Float[NDArray[Any], "B V"]:
    """Return the probability of each next symbol times what the guide sees behind it."""
    possible = np.where(ahead > 0, logits, -np.inf)
    if shaping.deterministic:
        return (shape(possible, shaping) > -np.inf).astype(np.float64)
    cuts = (shaping.top_k, shaping.top_p, shaping.min_p) != (None, None, None)
    p = softmax(shape(possible if cuts else logits, shaping).astype(np.float64))
    return np.asarray(p * ahead)


@dataclass
class ImportanceWeights:
    """The importance weights of all tries so far, summed on a scale that their greatest sets."""

    top: float = -np.inf
    sum: float = 0.0
    squares: float = 0.0

    @property
    def effective(self) -> float:
        """The effective sample size (Kong 1992): how many unweighted tries these are worth."""
        return self.sum**2 / self.squares if self.squares else 0.0

    def resampled(
        self, weights: Float[NDArray[Any], " N"], rng: np.random.Generator, *, thinned: float = 1.0
    ) -> list[int]:
        """Return which of further tries, of these log weights, are kept: each in proportion to its weight.

        As many are kept as all tries are worth, by systematic resampling; of equal weights each once, and only a try
        that weighs more than most is taken twice. They come in the order of the tries. Where copies do harm, so many
        times fewer are kept that hardly any try is taken twice.
        """
        if not len(weights):
            return []
        top = max(self.top, float(weights.max()))
        share = np.exp(weights - top)
        faded = np.exp(self.top - top) if self.sum else 0.0
        self.sum = self.sum * faded + float(share.sum())
        self.squares = self.squares * faded**2 + float((share**2).sum())
        self.top = top
        copies = np.diff(np.floor(np.cumsum(share * self.sum / self.squares / thinned) + rng.random()), prepend=0.0)
        return np.repeat(np.arange(len(weights)), copies.astype(np.int64)).tolist()
