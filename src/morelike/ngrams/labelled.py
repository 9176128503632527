"""Counting under labels: a label's own lines and all lines, mixed by EM on held-out lines (Jelinek and Mercer 1980).

p(w | c, label) = sum of lambda_m p_m(w | c) over the estimates from all lines and from the label's own

So a label with few lines leans on the whole list, and one with many goes its own way. The weights of a label are drawn
towards those that suit the dev lines of all labels together, as if `FIRM` characters had said so.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture.contract import CountedArchitecture
from morelike.architecture.label_table import LABELS
from morelike.arrays import Float, Weights
from morelike.ngrams.label_overlay import OWN, align_to
from morelike.ngrams.look_ahead import Backward
from morelike.ngrams.smoothing import expectation_maximisation
from morelike.text.vocabulary import TokenLines

__all__ = ["LabelledCounts"]

FIRM = 100.0
MIXTURE = "mixture"


class LabelledCounts(CountedArchitecture):
    """A counted architecture that is a mixture of estimates: what is counted is to be written, labels follow.

    Weights: those of all lines; with labels, for label i `labels.i.NAME`, which are those of its own lines, and
    `labels.i.mixture`, the weights of the estimates from all lines and then of those from its own.
    """

    takes_labels: ClassVar[bool] = True
    order: int

    @property
    @abstractmethod
    def components(self) -> list[tuple[str, int]]:
        """The estimates that are mixed, by name and order."""

    @abstractmethod
    def counted(self, lines: TokenLines, vocabulary_size: int) -> Weights:
        """Return all weights but the mixture's."""

    @abstractmethod
    def along(self, weights: Weights, lines: TokenLines) -> tuple[Float[NDArray[Any], "N M"], Any]:
        """Return each estimate's probability of each character of the lines, and what each character weighs, if so."""

    @abstractmethod
    def fits_counts(self, weights: Weights, vocabulary_size: int) -> bool:
        """Return whether weights from a file are what these settings need, labels apart."""

    @abstractmethod
    def backward(self, weights: Weights) -> Backward:
        """Return what backward probabilities are computed from; its contexts are those of the state."""

    @final
    def mixed(self, weights: Weights) -> list[tuple[str, int]]:
        """Return the estimates that these weights mix: given a label those from its own lines come last."""
        own = [(OWN + name, order) for name, order in self.components]
        return [*self.components, *own][: len(weights[MIXTURE])]

    @final
    def fit(self, train: TokenLines, dev: TokenLines, vocabulary_size: int) -> Weights:
        weights = self.counted(train, vocabulary_size)
        weights[MIXTURE] = _even(len(self.components))
        if len(self.components) > 1 and len(dev):
            weights[MIXTURE] = expectation_maximisation(*self.along(weights, dev))
        return weights if train.labels is None else weights | self._of_labels(weights, train, dev)

    @final
    def labels_in(self, weights: Weights) -> int:
        return sum(name.startswith(f"{LABELS}.") and name.endswith(f".{MIXTURE}") for name in weights)

    @final
    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        own = _own(weights, label)
        shares = own.pop(MIXTURE)
        kept = {name: array for name, array in weights.items() if not name.startswith(f"{LABELS}.")}
        spread = align_to(kept, own, self.order) if own else {}  # of a label without a line in train there is nothing
        return self.prepare(kept | spread | {MIXTURE: shares})

    @final
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        count = self.labels_in(weights)
        kept = {name: array for name, array in weights.items() if not name.startswith(f"{LABELS}.")}
        own = [_own(weights, label) for label in range(count)]
        return (
            len(weights) == len(kept) + sum(map(len, own))
            and self.fits_counts(kept, vocabulary_size)
            and all(self._fits_label(kept, each, vocabulary_size) for each in own)
        )

    def _fits_label(self, kept: Weights, own: Weights, vocabulary_size: int) -> bool:
        shares, single = own.get(MIXTURE), len(self.components)
        if shares is None:
            return False
        if len(own) == 1:  # a label without a line in train
            return self.fits_counts(kept | own, vocabulary_size)
        whole = own | {"symbols": kept["symbols"], MIXTURE: shares[:single]}
        return (
            shares.shape == (2 * single,)
            and bool(np.all(np.isfinite(shares)))
            and self.fits_counts(whole, vocabulary_size)
        )

    def _of_labels(self, weights: Weights, train: TokenLines, dev: TokenLines) -> Weights:
        """Return the weights of all labels."""
        result: Weights = {}
        seen: dict[int, tuple[Any, Any]] = {}
        for label in range(train.label_count):
            lines = train.take(np.flatnonzero(train.labels == label))
            own: Weights = self.counted(lines, int(weights["symbols"])) if len(lines) else {}
            own[MIXTURE] = _even(2 * len(self.components)) if len(lines) else weights[MIXTURE]
            result |= {f"{LABELS}.{label}.{name}": array for name, array in own.items() if name != "symbols"}
            held_out = dev.take(np.flatnonzero(dev.labels == label)) if len(dev) else dev
            if len(lines) and len(held_out):
                seen[label] = self.along(self.conditioned_on(weights | result, label), held_out)
        if not seen:
            return result
        pooled = expectation_maximisation(*_joined(list(seen.values())))
        for label in range(train.label_count):
            if f"{LABELS}.{label}.keys.1" in result:
                shares = expectation_maximisation(*seen[label], prior=FIRM * pooled) if label in seen else pooled
                result[f"{LABELS}.{label}.{MIXTURE}"] = shares
        return result


def _own(weights: Weights, label: int) -> Weights:
    prefix = f"{LABELS}.{label}."
    return {name[len(prefix) :]: array for name, array in weights.items() if name.startswith(prefix)}


def _joined(seen: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    weights = [weight for _, weight in seen if weight is not None]
    return np.concatenate([p for p, _ in seen]), np.concatenate(weights) if weights else None


def _even(count: int) -> Float[NDArray[Any], " M"]:
    return np.full(count, 1 / count)
