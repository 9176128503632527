"""An n-gram model as a proxy of another model: it guides sampling under constraints.

LookAhead probabilities are exact for n-grams, so an n-gram model guides itself. For any other model, the n-grams are
estimated from words that it generates. At each character the model's whole distribution is counted, not only the drawn
character (Rao and Blackwell), so that few words suffice. Let n be how often a context c was seen, m(w | c) the mean
distribution after it, and c' the context without its first symbol:

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
from morelike.ngrams.counting import ABSENT, find_nodes
from morelike.ngrams.labelled import LabelledCounts
from morelike.ngrams.look_ahead import LookAhead
from morelike.sampling.filters import sample_tokens
from morelike.text.vocabulary import END

WORDS = 1000
ORDER = 4
MAX_LENGTH = 100
COUNTED_SYMBOLS = 64
"""Symbols of a distribution that are counted, the most probable ones; a shorter context gives the others."""
MIN_PROBABILITY = 1e-3
"""Least mean probability of an n-gram that is kept."""


@dataclass(frozen=True)
class NgramProxy:
    """N-grams that approximate a model; `exact` if they are the model itself."""

    architecture: Architecture
    weights: Weights
    look_ahead: LookAhead
    exact: bool


def make_ngram_proxy(architecture: Architecture, weights: Weights, symbols: int) -> NgramProxy:
    """Return the n-grams that guide a model under constraints."""
    if isinstance(architecture, LabelledCounts):
        return NgramProxy(architecture, weights, architecture.look_ahead(weights), exact=True)
    return estimate_ngrams(architecture, weights, symbols, ORDER)


def estimate_ngrams(architecture: Architecture, weights: Weights, symbols: int, order: int) -> NgramProxy:
    """Return n-grams of an order that are estimated from words of any model."""
    ngram = NGram(order=order, smoothing="witten-bell")
    with one_thread():
        expected = _expectations(architecture, weights, np.random.default_rng(0), order)
    estimated = _ngram_weights(expected, symbols, order)
    return NgramProxy(ngram, ngram.prepare(estimated), ngram.look_ahead(estimated), exact=False)


@dataclass
class _Expectations:
    """Contexts [N, n - 1] in generated words, and the most probable symbols after each [N, P] with probabilities p."""

    contexts: list[Array] = field(default_factory=list)
    symbols: list[Array] = field(default_factory=list)
    p: list[Array] = field(default_factory=list)

    def add(self, contexts: Int[NDArray[Any], "B n"], p: Float[NDArray[Any], "B V"]) -> None:
        counted = min(COUNTED_SYMBOLS, p.shape[-1])
        symbols = np.argpartition(-p, counted - 1, axis=-1)[:, :counted]
        self.contexts.append(contexts)
        self.symbols.append(symbols)
        self.p.append(np.take_along_axis(p, symbols, axis=-1))


def _expectations(architecture: Architecture, weights: Weights, rng: np.random.Generator, order: int) -> _Expectations:
    """Return the model's distribution after each context of words that it generates."""
    expected = _Expectations()
    contexts = np.full((WORDS, order - 1), END, dtype=np.int64)
    token = np.full(WORDS, END, dtype=np.int32)
    state = architecture.start(weights, WORDS)
    for _ in range(MAX_LENGTH):
        state, logits = architecture.step(weights, state, token)
        expected.add(contexts, softmax(logits.astype(np.float64)))
        token = sample_tokens(logits, rng).astype(np.int32)
        active = np.flatnonzero(token != END)
        if not len(active):
            break
        state, token = rows(state, active), token[active]
        contexts = np.concatenate([contexts[active], token[:, None]], axis=1)[:, 1:]
    return expected


def _ngram_weights(expected: _Expectations, symbols: int, order: int) -> Weights:
    """Return the weights of an interpolated n-gram model with these expectations."""
    contexts, following, p = (np.concatenate(each) for each in (expected.contexts, expected.symbols, expected.p))
    weights: Weights = {"symbols": np.array(symbols), "mixture": np.ones(1)}
    for k in range(1, order + 1):
        nodes = _nodes(weights, contexts[:, contexts.shape[1] - (k - 1) :])
        keys, first, inverse = np.unique(nodes[:, None] * symbols + following, return_index=True, return_inverse=True)
        parents = keys // symbols
        count = len(weights[f"keys.{k - 1}"]) if k > 1 else 1
        times = np.bincount(nodes, minlength=count)
        mean = np.bincount(inverse.ravel(), p.ravel()) / times[parents]
        met = np.empty(0, dtype=np.int64)
        if k < order:  # a context of the next level must be an n-gram of this one, even an improbable one
            longer = contexts[:, contexts.shape[1] - k :]
            met = np.unique(_nodes(weights, longer[:, :-1]) * symbols + longer[:, -1])
        kept = ((mean >= MIN_PROBABILITY) & _has_suffix(weights, contexts, following, k)[first]) | np.isin(keys, met)
        a = mean * (times / (times + 1))[parents]
        all_keys = np.union1d(keys[kept], met)
        weights[f"keys.{k}"] = all_keys
        weights[f"witten-bell.a.{k}"] = np.zeros(len(all_keys))
        weights[f"witten-bell.a.{k}"][np.searchsorted(all_keys, keys[kept])] = a[kept]
        weights[f"witten-bell.b.{k}"] = 1 - np.bincount(parents[kept], a[kept], count)
    return weights


def _nodes(weights: Weights, contexts: Int[NDArray[Any], "N n"]) -> Int[NDArray[Any], " N"]:
    """Return the nodes of n-grams; all of them must be known."""
    nodes = np.zeros(len(contexts), dtype=np.int64)
    for k, token in enumerate(contexts.T, 1):
        nodes = find_nodes(weights[f"keys.{k}"], nodes * int(weights["symbols"]) + token)
    return nodes


def _has_suffix(
    weights: Weights, contexts: Int[NDArray[Any], "N n"], following: Int[NDArray[Any], "N P"], k: int
) -> NDArray[np.bool_]:
    """Return for each n-gram of length k, in the order of `following`, whether it is known without its first symbol."""
    if k == 1:
        return np.ones(following.size, dtype=bool)
    shorter = _nodes(weights, contexts[:, contexts.shape[1] - (k - 2) :])
    suffixes = shorter[:, None] * int(weights["symbols"]) + following
    return np.asarray(find_nodes(weights[f"keys.{k - 1}"], suffixes.ravel()) != ABSENT)
