"""N-grams that imitate a model: what guides it under constraints, since they can be looked through to a word's end.

An n-gram model is its own guide. Of any other, the n-grams are estimated from words that it makes: at each character
not the one drawn is counted but the model's whole distribution, its expectation (Rao and Blackwell), so that few words
tell much. With n times a context c seen, mean distribution m(w | c), and c' the context without its first symbol,

    p(w | c) = s m(w | c) + (1 - s) p(w | c'),        s = n / (n + 1)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Array, Float, Int, Weights, rows, softmax
from morelike.language_model.threads import one_thread
from morelike.models.ngram import NGram
from morelike.ngrams.counting import find_nodes
from morelike.ngrams.labelled import LabelledCounts
from morelike.ngrams.look_ahead import LookAhead
from morelike.sampling.filters import choose
from morelike.text.vocabulary import END

__all__ = ["NgramProxy", "make_ngram_proxy"]

WORDS = 1000
ORDER = 4
LONGEST = 100
PROBABLE = 64
"""Symbols of a distribution that are counted, the most probable ones; the others share what a shorter context gives."""
LEAST = 1e-3
"""Mean probability of an n-gram that is kept."""


@dataclass(frozen=True)
class NgramProxy:
    """N-grams that stand for a model; of an n-gram model it is the model itself."""

    architecture: Architecture
    weights: Weights
    look_ahead: LookAhead
    itself: bool


def make_ngram_proxy(architecture: Architecture, weights: Weights, symbols: int) -> NgramProxy:
    """Return the n-grams that guide a model under constraints."""
    if isinstance(architecture, LabelledCounts):
        return NgramProxy(architecture, weights, architecture.look_ahead(weights), itself=True)
    counted = NGram(order=ORDER, smoothing="witten-bell")
    with one_thread():
        seen = _expectations(architecture, weights, np.random.default_rng(0))
    estimated = _estimated(seen, symbols)
    return NgramProxy(counted, counted.prepare(estimated), counted.look_ahead(estimated), itself=False)


@dataclass
class _Expected:
    """Contexts [N, n - 1] that a model met in its own words, and the probable symbols after each [N, P]."""

    contexts: list[Array] = field(default_factory=list)
    symbols: list[Array] = field(default_factory=list)
    p: list[Array] = field(default_factory=list)

    def add(self, contexts: Int[NDArray[Any], "B n"], p: Float[NDArray[Any], "B V"]) -> None:
        probable = min(PROBABLE, p.shape[-1])
        symbols = np.argpartition(-p, probable - 1, axis=-1)[:, :probable]
        self.contexts.append(contexts)
        self.symbols.append(symbols)
        self.p.append(np.take_along_axis(p, symbols, axis=-1))


def _expectations(architecture: Architecture, weights: Weights, rng: np.random.Generator) -> _Expected:
    """Return what a model expects after each context of words that it makes."""
    seen = _Expected()
    contexts = np.full((WORDS, ORDER - 1), END, dtype=np.int64)
    token = np.full(WORDS, END, dtype=np.int32)
    state = architecture.start(weights, WORDS)
    for _ in range(LONGEST):
        state, logits = architecture.step(weights, state, token)
        seen.add(contexts, softmax(logits.astype(np.float64)))
        token = choose(logits, rng).astype(np.int32)
        going = np.flatnonzero(token != END)
        if not len(going):
            break
        state, token = rows(state, going), token[going]
        contexts = np.concatenate([contexts[going, 1:], token[:, None]], axis=1)
    return seen


def _estimated(seen: _Expected, symbols: int) -> Weights:
    """Return the weights of an interpolated n-gram model with these expectations."""
    contexts, following, p = (np.concatenate(parts) for parts in (seen.contexts, seen.symbols, seen.p))
    weights: Weights = {"symbols": np.array(symbols), "mixture": np.ones(1)}
    for k in range(1, ORDER + 1):
        nodes = _nodes(weights, contexts[:, contexts.shape[1] - (k - 1) :])
        keys, inverse = np.unique(nodes[:, None] * symbols + following, return_inverse=True)
        parents = keys // symbols
        count = len(weights[f"keys.{k - 1}"]) if k > 1 else 1
        times = np.bincount(nodes, minlength=count)
        mean = np.bincount(inverse.ravel(), p.ravel()) / times[parents]
        met = np.empty(0, dtype=np.int64)
        if k < ORDER:  # a context of the next level is an n-gram of this one, however improbable
            longer = contexts[:, contexts.shape[1] - k :]
            met = np.unique(_nodes(weights, longer[:, :-1]) * symbols + longer[:, -1])
        kept = (mean >= LEAST) | np.isin(keys, met)
        a = mean * (times / (times + 1))[parents]
        every = np.union1d(keys[kept], met)
        weights[f"keys.{k}"] = every
        weights[f"witten-bell.a.{k}"] = np.zeros(len(every))
        weights[f"witten-bell.a.{k}"][np.searchsorted(every, keys[kept])] = a[kept]
        weights[f"witten-bell.b.{k}"] = 1 - np.bincount(parents[kept], a[kept], count)
    return weights


def _nodes(weights: Weights, contexts: Int[NDArray[Any], "N n"]) -> Int[NDArray[Any], " N"]:
    """Return the nodes of n-grams that are all known."""
    nodes = np.zeros(len(contexts), dtype=np.int64)
    for k, token in enumerate(contexts.T, 1):
        nodes = find_nodes(weights[f"keys.{k}"], nodes * int(weights["symbols"]) + token)
    return nodes
