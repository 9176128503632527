"""A logistic regression on the character n-grams of words, with an L2 penalty: what separates two lists of words.

log odds(good | word) = bias + sum of weights over the distinct n-grams of the word

The likelihood ratio of two models asks how each list spells; the regression asks what tells them apart (Ng and Jordan
2001). It has the n-grams of 1 to 4 characters that two words or more have; the ends of a word count as a character.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, random_generator, sigmoid

LONGEST = 4
END = "\n"
"""Stands for the ends of a word: no word has a line break."""
MIN_WORDS = 2
PENALTY = 3.0
"""The L2 penalty: chosen on dev among 1, 3, 5, 10, 30 and 100."""
MAX_STEPS = 100
MAX_WORDS = 100_000
"""The words of each list that the regression learns from, drawn at random from longer lists."""


@dataclass(frozen=True)
class NgramRegression:
    """The n-grams with their weights [ngrams], and the bias: log odds in nats."""

    ngrams: tuple[str, ...]
    weights: Float[NDArray[np.float64], " ngrams"]
    bias: float

    @classmethod
    def fit(cls, good: Sequence[str], bad: Sequence[str]) -> NgramRegression:
        """Return the regression that separates the good words from the bad ones, by L-BFGS (Liu and Nocedal 1989)."""
        from scipy.optimize import minimize
        from scipy.sparse import csr_array

        words = [*_at_most(good), *_at_most(bad)]
        is_good = np.arange(len(words)) < min(len(good), MAX_WORDS)
        index: dict[str, int] = {}
        found = [[index.setdefault(ngram, len(index)) for ngram in _ngrams(word)] for word in words]
        columns = np.concatenate([np.array(each, dtype=np.int64) for each in found])
        rows = np.repeat(np.arange(len(words)), [len(each) for each in found])
        kept = np.bincount(columns, minlength=len(index)) >= MIN_WORDS
        selected = kept[columns]
        shape = len(words), int(kept.sum())
        cells = rows[selected], (np.cumsum(kept) - 1)[columns[selected]]
        x = csr_array((np.ones(len(cells[0])), cells), shape=shape)
        x_transposed = x.T.tocsr()

        def penalised(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            """Return the cross-entropy with the penalty, and its gradient; the bias comes first, without penalty."""
            logits = w[0] + x @ w[1:]
            error = sigmoid(logits) - is_good
            loss = np.sum(np.logaddexp(0, logits) - is_good * logits) + PENALTY / 2 * (w[1:] @ w[1:])
            return float(loss), np.concatenate([[error.sum()], x_transposed @ error + PENALTY * w[1:]])

        start = np.zeros(1 + shape[1])
        w = minimize(penalised, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS}).x
        ngrams = tuple(ngram for ngram, keep in zip(index, kept.tolist(), strict=True) if keep)
        return cls(ngrams, w[1:], float(w[0]))

    def log_odds(self, words: Iterable[str]) -> Float[NDArray[np.float64], " words"]:
        """Return ln p(good | word) - ln p(bad | word) of each word, at the shares of both lists."""
        weight = self._weight.get
        return np.array([self.bias + sum(weight(ngram, 0.0) for ngram in _ngrams(word)) for word in words], np.float64)

    @cached_property
    def _weight(self) -> Mapping[str, float]:
        return dict(zip(self.ngrams, self.weights.tolist(), strict=True))


def _ngrams(word: str) -> list[str]:
    """Return the distinct n-grams of a word, in order.

    >>> [ngram.replace(END, "|") for ngram in _ngrams("aa")]
    ['|', 'a', '|a', 'aa', 'a|', '|aa', 'aa|', '|aa|']
    """
    text = f"{END}{word}{END}"
    lengths = range(1, min(LONGEST, len(text)) + 1)
    return list(dict.fromkeys(text[i : i + n] for n in lengths for i in range(len(text) - n + 1)))


def _at_most(words: Sequence[str]) -> Sequence[Any]:
    if len(words) <= MAX_WORDS:
        return words
    return [words[i] for i in np.sort(random_generator(0).permutation(len(words))[:MAX_WORDS])]
