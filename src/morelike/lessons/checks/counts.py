"""Checks of lesson 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.lessons.checks import register

Table = NDArray[Any]


def is_close(got: Any, expected: float, *_: Any) -> bool:
    """Return whether a loss is right to 5e-7, the last digit of the published figure."""
    return bool(abs(got - expected) < 5e-7)


@register("2.1", agrees=is_close)
def smoothed_losses(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return tables of counts with some zeros, and what is added to each."""
    return [(rng.poisson(3.0, size=(size, size)) + np.eye(size), alpha) for size, alpha in ((3, 1.0), (5, 0.1), (4, 2))]


def is_finite(table: Any) -> bool:
    """Return whether all numbers of a table are finite."""
    return bool(np.isfinite(table).all())


def sums_to_one(table: Any) -> bool:
    """Return whether each row of a table sums to 1, as exactly as float32 can."""
    return bool(np.allclose(np.sum(table, axis=1), 1, rtol=0, atol=1e-6))


def keeps_order(table: Any, counts: Table) -> bool:
    """Return whether no pair has a lower probability than a pair of its row with a lower count."""
    return all(
        bool((np.diff(probabilities[np.lexsort((probabilities, row))]) >= -1e-12).all())
        for probabilities, row in zip(np.asarray(table), counts, strict=True)
    )


def is_uniform(table: Any, counts: Table) -> bool:
    """Return whether the counts have no influence, although a row of them is not even."""
    return bool(np.allclose(table, 1 / counts.shape[1]))


def of_table(symptom: Callable[[Any, Table], bool]) -> Callable[..., bool]:
    """Return a symptom that only a result with the shape of the counts can have."""
    return lambda got, _, counts: np.shape(got) == counts.shape and symptom(got, counts)


def is_smoothing(got: Any, _: Any, counts: Table) -> bool:
    """Return whether a table is a smoothing of the counts."""
    return (
        np.shape(got) == counts.shape
        and is_finite(got)
        and bool((np.asarray(got) > 0).all())
        and sums_to_one(got)
        and not is_uniform(got, counts)
        and keeps_order(got, counts)
    )


@register(
    "2.2",
    agrees=is_smoothing,
    shows_expected=False,
    symptoms={
        "nan": of_table(lambda got, counts: not is_finite(got)),
        "zero": of_table(lambda got, counts: bool((np.asarray(got) <= 0).any())),
        "sums": of_table(lambda got, counts: not sums_to_one(got)),
        "uniform": of_table(is_uniform),
        "order": of_table(lambda got, counts: not keeps_order(got, counts)),
    },
)
def count_tables(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return tables of counts with zeros; the last row of each has no counts."""
    tables = [rng.poisson(2.0, size=(size, size)).astype(float) for size in (4, 6, 5)]
    for table in tables:
        table[0, :2], table[-1] = (0, 9), 0
    return [(table,) for table in tables]
