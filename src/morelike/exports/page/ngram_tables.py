"""Tables of n-grams in few bytes: an n-gram is its last character, and probabilities are codes on a logarithmic scale.

The n-grams of a level stand in the order of their contexts, so the number of n-grams after each context says which
context each has. a and b of a context sum to 1, so a page reads codes and divides by their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Weights
from morelike.errors import ExportError
from morelike.exports.tracing import Table, Trace
from morelike.ngrams.labelled import LabelledCounts
from morelike.ngrams.smoothing import Component, estimates_at

LEAST = 1e-8
"""A smaller probability than this becomes the least one that has a code."""
MOST_SYMBOLS, MOST_NODES = 65_535, 1 << 24
"""A character has at most two bytes in a page, and a float32, which holds nodes, whole numbers up to 2^24."""
CODES = {False: 255, True: 65_535}
"""The highest code of one byte, and of two."""


@dataclass(frozen=True)
class EncodedLevel:
    """The n-grams of one length.

    Shapes: counts [C], how many n-grams each context has; tokens [M]; for each estimate, the codes of b [C] and a [M].
    """

    counts: NDArray[Any]
    tokens: NDArray[Any]
    codes: dict[str, tuple[NDArray[Any], NDArray[Any]]]


@dataclass(frozen=True)
class EncodedTable:
    """A table as a page stores it. `wide` codes have two bytes."""

    table: Table
    levels: tuple[EncodedLevel, ...]
    wide: bool

    @property
    def step(self) -> float:
        """The distance of two codes, as a ratio of probabilities (in nats)."""
        return -log(LEAST) / (CODES[self.wide] - 1)

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of each estimate."""
        return {name: place for place, name in enumerate(dict.fromkeys(n for each in self.levels for n in each.codes))}

    def packed(self) -> bytes:
        """Return the bytes, in the order in which `model.js` reads them."""
        symbols = int(self.table.weights["symbols"])
        of_symbols, of_codes = ("<u2" if symbols > CODES[False] else "u1"), ("<u2" if self.wide else "u1")
        parts = []
        for level in self.levels:
            parts += [level.counts.astype(of_symbols), level.tokens.astype(of_symbols)]
            parts += [code.astype(of_codes) for pair in level.codes.values() for code in pair]
        return b"".join(each.tobytes() for each in parts)

    def described(self) -> dict[str, Any]:
        """Return what a page must know of the table beside its bytes."""
        weights, architecture = self.table.weights, self.table.architecture
        components, levels = components_of(self.table), []
        for k, level in enumerate(self.levels, 1):
            below = estimates_at(components, k)
            levels.append(
                {
                    "size": len(level.tokens),
                    "estimates": [
                        [self.places[name], -1 if k == 1 or below[name] is None else self.places[str(below[name])]]
                        for name in level.codes
                    ],
                    "begins": [
                        [self.places[each.highest_order], float(weight)]
                        for each, weight in zip(components, weights["mixture"], strict=True)
                        if each.order == k
                    ],
                }
            )
        start = architecture.start(weights, 1)[0].tolist()
        return {"levels": levels, "places": len(self.places), "start": start, "wide": self.wide, "step": self.step}


def components_of(table: Table) -> Sequence[Component]:
    """Return the estimates that a table mixes."""
    return cast(LabelledCounts, table.architecture).components_of(table.weights)


def ngrams_in(trace: Trace) -> int:
    """Return the number of n-grams of all tables."""
    return sum(len(each.weights[f"keys.{k}"]) for each in trace.tables for k in range(1, _order(each) + 1))


def encode_table(table: Table, *, wide: bool) -> EncodedTable:
    """Return a table as codes of one byte or two.

    Raises:
        ExportError: an alphabet or a level that is too large for the numbers of a page.
    """
    weights, levels = table.weights, []
    symbols, contexts = int(weights["symbols"]), 1
    if symbols > MOST_SYMBOLS:
        raise ExportError(f"n-grams of {symbols:,} different characters: a page holds at most {MOST_SYMBOLS:,}")
    if (longest := max(len(weights[f"keys.{k}"]) for k in range(1, _order(table) + 1))) > MOST_NODES:
        raise ExportError(
            f"{longest:,} n-grams of one length: a page holds at most {MOST_NODES:,}; train with a larger `--min-count`"
        )
    for k in range(1, _order(table) + 1):
        keys = weights[f"keys.{k}"]
        parents, tokens = np.divmod(keys, symbols)
        names = estimates_at(components_of(table), k)
        counts = np.bincount(parents, minlength=contexts)
        codes = {
            name: (
                np.where(counts > 0, _codes(weights[f"{name}.b.{k}"], wide), 0),
                _codes(weights[f"{name}.a.{k}"], wide),
            )
            for name in names
        }
        levels.append(EncodedLevel(counts, tokens, codes))
        contexts = len(keys)
    return EncodedTable(table, tuple(levels), wide)


def decoded_table(encoded: EncodedTable) -> Weights:
    """Return the weights that a page reads from an encoded table, prepared."""
    old = encoded.table.weights
    symbols = int(old["symbols"])
    weights: Weights = {"symbols": old["symbols"], "mixture": old["mixture"]}
    for k, level in enumerate(encoded.levels, 1):
        parents = np.repeat(np.arange(len(level.counts)), level.counts)
        weights[f"keys.{k}"] = parents * symbols + level.tokens
        for name, (b_codes, a_codes) in level.codes.items():
            a, b = (_probabilities(codes, encoded.step) for codes in (a_codes, b_codes))
            total = np.bincount(parents, a, len(b)) + b
            a /= total[parents]
            b = np.divide(b, total, out=np.ones(len(b)), where=total > 0)
            weights |= {f"{name}.a.{k}": a, f"{name}.b.{k}": b}
    return encoded.table.architecture.prepare(weights)


def _codes(p: NDArray[Any], wide: bool) -> NDArray[Any]:
    highest = CODES[wide]
    step = -log(LEAST) / (highest - 1)
    codes = 1 + np.rint(np.log(np.clip(p, LEAST, 1)) / -step)
    return np.where(p <= 0, 0, codes).astype(np.int64)


def _probabilities(codes: NDArray[Any], step: float) -> NDArray[np.float64]:
    return np.where(codes == 0, 0.0, np.exp((1 - codes) * step))


def _order(table: Table) -> int:
    return max(each.order for each in components_of(table))
