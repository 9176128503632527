"""Sampling words that an automaton accepts: each character is weighted by the probability of acceptance after it.

A guide is an n-gram model with its backward probabilities through the automaton: the probability that a word with a
given beginning will be accepted. If the guide is the model itself, the words follow the model's distribution under the
constraints exactly. Otherwise the guide approximates the model: each candidate has an importance weight, and candidates
are resampled by their weights (Rubin 1988).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Int, MapFunction, State, Weights, rows, softmax, unique_states
from morelike.cancellation import check_cancelled
from morelike.sampling.constraints.automaton import DEAD, Automaton
from morelike.sampling.constraints.combination import allowed_lines
from morelike.sampling.filters import SamplingConfig, apply_filters, sample_tokens
from morelike.sampling.generate import UNFINISHED, assemble_lines
from morelike.sampling.states import step_rows
from morelike.text.vocabulary import END, TokenLines

if TYPE_CHECKING:
    from morelike.ngrams.look_ahead import Acceptance, LookAhead

MIN_ACCEPTANCE = 1e-30
"""Lower bound of the guide's probability for a state from which a word can be accepted."""


@dataclass(frozen=True)
class Guide:
    """An n-gram model and an automaton; `exact` if the n-gram model is the sampled model itself, without filters.

    `acceptance` holds the probability that a word in a state with a context will be accepted.
    """

    architecture: Architecture
    weights: Weights
    look_ahead: LookAhead
    automaton: Automaton
    acceptance: Acceptance
    exact: bool

    @property
    def probability(self) -> float:
        """The probability that a word of the guide's model is accepted."""
        start = self.architecture.start(self.weights, 1)
        return float(self.acceptance.of(np.zeros(1, dtype=np.int64), self.look_ahead.context_of(start))[0])

    def next_acceptance(self, nodes: State, states: Int[NDArray[Any], " B"]) -> Float[NDArray[Any], "B V"]:
        """Return the probability of acceptance after each next symbol; 0 if the automaton forbids the symbol."""
        after = self.automaton.transitions[states]
        acceptance = self.acceptance.of(after, self.look_ahead.next_contexts(nodes))
        possible = (after != DEAD) & self.automaton.live[after]
        acceptance = np.where(possible, np.maximum(acceptance, MIN_ACCEPTANCE), 0.0)
        acceptance[:, END] = self.automaton.accepting[states]
        return acceptance


@dataclass(frozen=True)
class Candidates:
    """Words as lines of ids, each with the logarithm of its importance weight."""

    lines: TokenLines
    log_weights: Float[NDArray[Any], " N"]

    def allowed_by(self, automata: Sequence[Automaton]) -> Candidates:
        """Return the candidates that all automata allow."""
        kept = np.flatnonzero(allowed_lines(automata, self.lines))
        return Candidates(self.lines.take(kept), self.log_weights[kept]) if automata else self


def guided_candidates(
    architecture: Architecture,
    weights: Weights,
    count: int,
    rng: np.random.Generator,
    *,
    config: SamplingConfig,
    guide: Guide,
    max_length: int,
    map_function: MapFunction = map,
) -> Candidates:
    """Return `count` words that the guide's automaton accepts; words longer than `max_length` are dropped.

    Top-k, top-p and min-p choose among the characters after which a word can be accepted. Words with the same beginning
    share a row of the states.
    """
    line, lengths, log_weights = np.arange(count), np.full(count, UNFINISHED), np.zeros(count)
    row = np.zeros(count, dtype=np.int64)  # of each line: its row in the arrays below
    states, predicted = np.zeros(1, dtype=np.int64), np.ones(1)
    state, logits = architecture.step(weights, architecture.start(weights, 1), np.array([END], dtype=np.int32))
    nodes = state if guide.exact else guide.architecture.start(guide.weights, 1)
    columns: list[tuple[NDArray[Any], NDArray[Any]]] = []
    for length in range(max_length + 1):
        check_cancelled()
        acceptance = guide.next_acceptance(nodes, states)
        p = _proposal(logits, acceptance, config)
        total = p.sum(axis=-1)
        possible = total[row] > 0  # after divergence the model may give every allowed character the probability 0
        line, row = line[possible], row[possible]
        if not len(line):
            break
        with np.errstate(divide="ignore"):
            tokens = sample_tokens(np.log(p), rng, row)
        log_weights[line] += np.log(total[row]) - np.log(predicted[row])
        lengths[line[tokens == END]] = length
        active = np.flatnonzero(tokens != END)
        line, row, tokens = line[active], row[active], tokens[active]
        if not len(line) or length == max_length:
            break
        columns.append((line, tokens))
        first, next_row = unique_states(row * p.shape[-1] + tokens)
        previous, token, row = row[first], tokens[first].astype(np.int32), next_row
        predicted = acceptance[previous, token]
        states = guide.automaton.transitions[states[previous], token]
        state, logits = step_rows(architecture, weights, state, previous, token, map_function)
        nodes = state if guide.exact else guide.architecture.step(guide.weights, rows(nodes, previous), token)[0]
    return Candidates(assemble_lines((), columns, lengths), log_weights[lengths != UNFINISHED])


def _proposal(
    logits: Float[NDArray[Any], "B V"], acceptance: Float[NDArray[Any], "B V"], config: SamplingConfig
) -> Float[NDArray[Any], "B V"]:
    """Return the filtered probability of each next symbol times the probability of acceptance after it."""
    possible = np.where(acceptance > 0, logits, -np.inf)
    if config.deterministic:
        return (apply_filters(possible, config) > -np.inf).astype(np.float64)
    p = softmax(apply_filters(possible if config.truncates else logits, config).astype(np.float64))
    return np.asarray(p * acceptance)


@dataclass
class ImportanceWeights:
    """Sums of the importance weights of all candidates so far, scaled by the largest weight."""

    log_scale: float = -np.inf
    sum: float = 0.0
    squares: float = 0.0

    @property
    def effective(self) -> float:
        """The effective sample size (Kong 1992): an equal number of unweighted samples has the same precision."""
        return self.sum**2 / self.squares if self.squares else 0.0

    def resampled(
        self, log_weights: Float[NDArray[Any], " N"], rng: np.random.Generator, *, thinned: float = 1.0
    ) -> list[int]:
        """Return the indices of the candidates to keep, in their order: each in proportion to its weight.

        Systematic resampling keeps as many candidates as their effective sample size. With equal weights each is kept
        once; a candidate is kept twice only if it weighs much more than the others. `thinned` divides the number of
        kept candidates, for a use in which copies do harm.
        """
        if not len(log_weights):
            return []
        log_scale = max(self.log_scale, float(log_weights.max()))
        relative = np.exp(log_weights - log_scale)
        rescale = np.exp(self.log_scale - log_scale) if self.sum else 0.0
        self.sum = self.sum * rescale + float(relative.sum())
        self.squares = self.squares * rescale**2 + float((relative**2).sum())
        self.log_scale = log_scale
        expected = np.cumsum(relative * self.sum / self.squares / thinned)
        copies = np.diff(np.floor(expected + rng.random()), prepend=0.0)
        return np.repeat(np.arange(len(log_weights)), copies.astype(np.int64)).tolist()
