"""Counting under labels: estimates from a label's lines and from all lines, mixed by EM (Jelinek and Mercer 1980).

p(w | c, label) = sum of lambda_m p_m(w | c) over the estimates from all lines and from the label's lines

A label with few lines relies on the whole list, a label with many on its own lines. The mixture weights of a label have
a Dirichlet prior: the weights that suit the dev lines of all labels together, worth `PRIOR_CHARACTERS` characters.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture.contract import CountedArchitecture
from morelike.architecture.label_table import LABELS
from morelike.arrays import Float, Weights
from morelike.ngrams.counting import ABSENT, find_nodes
from morelike.ngrams.direct_draws import DirectDraws
from morelike.ngrams.expectation_maximisation import expectation_maximisation
from morelike.ngrams.look_ahead import LookAhead
from morelike.ngrams.smoothing import Component, estimates_at
from morelike.ngrams.tables import LARGEST_ERROR
from morelike.text.vocabulary import TokenLines

PRIOR_CHARACTERS = 100.0
MIXTURE = "mixture"
LABEL_COUNTS = "own."  # the names of a label's tables begin with it, once they are aligned with those of all lines


class LabelledCounts(CountedArchitecture):
    """A counted architecture that mixes estimates; a subclass writes how to count, and takes labels as well.

    Weights: those of all lines; for label i of a model with labels, `labels.i.NAME` are the weights counted from the
    label's lines, and `labels.i.mixture` those of the estimates from all lines, followed by those from its lines.
    """

    takes_labels: ClassVar[bool] = True

    @property
    @abstractmethod
    def components(self) -> Sequence[Component]:
        """The estimates that are mixed."""

    @abstractmethod
    def count(self, lines: TokenLines, vocabulary_size: int) -> Weights:
        """Return all weights but the mixture's."""

    @abstractmethod
    def component_probabilities(self, weights: Weights, lines: TokenLines) -> tuple[Float[NDArray[Any], "N M"], Any]:
        """Return each component's probability of each character, and the characters' weights [N], None if all are 1."""

    @abstractmethod
    def fits_counts(self, weights: Weights, vocabulary_size: int) -> bool:
        """Return whether weights from a file, without those of labels, are what these settings need."""

    @final
    def look_ahead(self, weights: Weights) -> LookAhead:
        """Return the look-ahead over these weights; its contexts are those of the state."""
        return LookAhead(weights, self.components_of(weights))

    @final
    def direct_draws(self, weights: Weights) -> DirectDraws:
        """Return draws of symbols from these weights; the state is that of the architecture."""
        return DirectDraws(weights, self.components_of(weights))

    @final
    def highest_order_share(self, weights: Weights) -> float:
        orders = np.array([component.order for component in self.components])
        return float(weights[MIXTURE][orders == orders.max()].sum())

    @final
    def components_of(self, weights: Weights) -> Sequence[Component]:
        """Return the estimates that these weights mix: given a label, those from the label's lines come last."""
        return self._with_label_counts[: len(weights[MIXTURE])]

    @cached_property
    def _with_label_counts(self) -> Sequence[Component]:
        return [*self.components, *(replace(component, prefix=LABEL_COUNTS) for component in self.components)]

    @final
    def fit(self, train: TokenLines, dev: TokenLines, vocabulary_size: int) -> Weights:
        weights = self.count(train, vocabulary_size)
        weights[MIXTURE] = _even(len(self.components))
        if len(self.components) > 1 and len(dev):
            weights[MIXTURE] = expectation_maximisation(*self.component_probabilities(weights, dev))
        return weights if train.labels is None else weights | self._fit_labels(weights, train, dev)

    @final
    def refit(self, weights: Weights, lines: TokenLines, vocabulary_size: int) -> Weights:
        counted = {**self.count(lines, vocabulary_size), MIXTURE: weights[MIXTURE]}
        for label in range(lines.label_count if lines.labels is not None else 0):
            own = lines.take(np.flatnonzero(lines.labels == label))
            kept = weights[f"{LABELS}.{label}.{MIXTURE}"]
            tables: Weights = self.count(own, vocabulary_size) if len(own) else {}
            if tables and len(kept) == len(self.components):  # the label had no line in train
                kept = np.concatenate([kept, np.zeros(len(kept))])
            tables[MIXTURE] = kept
            counted |= {f"{LABELS}.{label}.{name}": array for name, array in tables.items() if name != "symbols"}
        return counted

    @final
    def labels_in(self, weights: Weights) -> int:
        return next(label for label in itertools.count() if f"{LABELS}.{label}.{MIXTURE}" not in weights)

    @final
    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        full, label_counts = _of_all(weights), _of_label(weights, label)
        full[MIXTURE] = label_counts.pop(MIXTURE)
        if label_counts:  # a label without a line in train has no tables
            full |= _align_to(full, label_counts, self.components)
        return self.prepare(full)

    @final
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        full, labels = _of_all(weights), [_of_label(weights, label) for label in range(self.labels_in(weights))]
        return (
            len(weights) == len(full) + sum(map(len, labels))
            and self.fits_counts(full, vocabulary_size)
            and _sums_to_1(full[MIXTURE])
            and all(self._fits_label(full, label_counts, vocabulary_size) for label_counts in labels)
        )

    def _fits_label(self, full: Weights, label_counts: Weights, vocabulary_size: int) -> bool:
        mixture, single = label_counts[MIXTURE], len(self.components)
        if not _sums_to_1(mixture):
            return False
        if len(label_counts) == 1:  # a label without a line in train has a mixture alone
            return bool(mixture.dtype == np.float64 and mixture.shape == (single,))
        alone = label_counts | {"symbols": full["symbols"], MIXTURE: mixture[:single]}
        return mixture.shape == (2 * single,) and self.fits_counts(alone, vocabulary_size)

    def _fit_labels(self, weights: Weights, train: TokenLines, dev: TokenLines) -> Weights:
        """Return the weights of all labels."""
        result: Weights = {}
        held_out: dict[int, tuple[Any, Any]] = {}
        for label in range(train.label_count):
            lines = train.take(np.flatnonzero(train.labels == label))
            counted: Weights = self.count(lines, int(weights["symbols"])) if len(lines) else {}
            counted[MIXTURE] = _even(2 * len(self.components)) if len(lines) else weights[MIXTURE]
            result |= {f"{LABELS}.{label}.{name}": array for name, array in counted.items() if name != "symbols"}
            of_dev = dev.take(np.flatnonzero(dev.labels == label)) if len(dev) else dev
            if len(lines) and len(of_dev):
                conditioned = self.conditioned_on(weights | result, label)
                held_out[label] = self.component_probabilities(conditioned, of_dev)
        if not held_out:
            return result
        p, times = zip(*held_out.values(), strict=True)
        pooled = expectation_maximisation(np.concatenate(p), None if times[0] is None else np.concatenate(times))
        for label in range(train.label_count):
            mixture = f"{LABELS}.{label}.{MIXTURE}"
            if label in held_out:
                result[mixture] = expectation_maximisation(*held_out[label], prior=PRIOR_CHARACTERS * pooled)
            elif f"{LABELS}.{label}.keys.1" in result:
                result[mixture] = pooled
        return result


def _of_all(weights: Weights) -> Weights:
    return {name: array for name, array in weights.items() if not name.startswith(f"{LABELS}.")}


def _of_label(weights: Weights, label: int) -> Weights:
    prefix = f"{LABELS}.{label}."
    return {name[len(prefix) :]: array for name, array in weights.items() if name.startswith(prefix)}


def _sums_to_1(mixture: NDArray[Any]) -> bool:
    return bool(np.all(mixture >= 0) and np.abs(mixture.sum() - 1) < LARGEST_ERROR)


def _even(number: int) -> Float[NDArray[Any], " M"]:
    return np.full(number, 1 / number)


def _align_to(full: Weights, label_counts: Weights, components: Sequence[Component]) -> Weights:
    """Align a label's tables with the full model's: missing n-grams get a = 0, missing contexts b = 1.

    If rare n-grams are left out, a label may keep n-grams that the full model lacks: b of their context gets their a.
    """
    symbols, contexts = int(full["symbols"]), np.zeros(1, dtype=np.int64)  # the label's contexts, as nodes of `full`
    result: Weights = {}
    for k in range(1, max(component.order for component in components) + 1):
        parents, tokens = np.divmod(label_counts[f"keys.{k}"], symbols)
        wanted = np.where(contexts[parents] == ABSENT, ABSENT, contexts[parents] * symbols + tokens)
        nodes = find_nodes(full[f"keys.{k}"], wanted)
        found, known = nodes != ABSENT, contexts != ABSENT
        for name in estimates_at(components, k):
            a, b = label_counts[f"{name}.a.{k}"], label_counts[f"{name}.b.{k}"]
            lost = np.bincount(parents[~found], a[~found], len(b))
            aligned_a, aligned_b = np.zeros(len(full[f"keys.{k}"])), np.ones(len(full[f"{name}.b.{k}"]))
            aligned_a[nodes[found]], aligned_b[contexts[known]] = a[found], (b + lost)[known]
            result |= {f"{LABEL_COUNTS}{name}.a.{k}": aligned_a, f"{LABEL_COUNTS}{name}.b.{k}": aligned_b}
        contexts = nodes
    return result
