"""What a smoothing is, and how smoothings are found: each is a file in `ngrams/smoothings/`.

All smoothings interpolate. With c a context, c' the same context without its first symbol, and w a symbol:

    p(w | c) = a(c w) + b(c) p(w | c'),        p(w | nothing) = a(w) + b / V

A smoothing states how a and b follow from counts. A new smoothing is one new file: the name of the file, with - for _,
becomes a value of the setting `smoothing`.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Component",
    "ContextCounts",
    "Estimate",
    "Smoothing",
    "estimates_at",
    "find_smoothing",
    "mixture_components",
    "smoothings",
]

Floats = NDArray[np.float64]
PACKAGE = "morelike.ngrams.smoothings"


@dataclass(frozen=True)
class Estimate:
    """The name of a pair of tables in the model file, `NAME.a.k` and `NAME.b.k`, and the counts that they smooth.

    The counts are those of the n-grams, or their continuations: the distinct symbols seen before each n-gram.
    """

    name: str
    of_continuations: bool = False


@dataclass(frozen=True)
class Component:
    """A smoothing at one order, as a member of a mixture, with the names of its estimates in the model file.

    `lower_orders` is None if the highest order is interpolated with the uniform distribution.
    """

    smoothing: str
    order: int
    highest_order: str
    lower_orders: str | None

    def with_prefix(self, prefix: str) -> Component:
        """Return the component whose estimates have names that begin with a prefix."""
        lower = None if self.lower_orders is None else prefix + self.lower_orders
        return Component(self.smoothing, self.order, prefix + self.highest_order, lower)


@dataclass(frozen=True)
class ContextCounts:
    """The counts of all n-grams of some contexts.

    Attributes:
        counts: [M], of each n-gram.
        parents: [M], the context of each n-gram, a number below `contexts`.
        contexts: number of contexts, C.
        counts_of_counts: how many n-grams of the level have the counts 1, 2, 3 and 4.
        vocabulary_size: V.
        alpha: the setting `alpha`.
    """

    counts: Any
    parents: Any
    contexts: int
    counts_of_counts: list[int]
    vocabulary_size: int
    alpha: float

    @cached_property
    def total(self) -> Floats:
        """The sum of the counts after each context, [C]."""
        return self.sum(self.counts)

    def sum(self, values: Any) -> Floats:
        """Return the sum of the n-grams' values for each context, [C]."""
        return np.bincount(self.parents, values, self.contexts)


class Smoothing(ABC):
    """A way to estimate probabilities from counts. No two smoothings share the name of an estimate."""

    highest_order: ClassVar[Estimate]
    """The estimate at a component's own order."""
    lower_orders: ClassVar[Estimate | None]
    """The estimate at each lower order; None: the highest order is interpolated with the uniform distribution."""

    @abstractmethod
    def estimate(self, counted: ContextCounts) -> tuple[Floats, Floats]:
        """Return a of each n-gram [M] and b of each context [C]; for each context, a sums to 1 - b."""

    @abstractmethod
    def mixture_orders(self, order: int) -> range:
        """Return the orders at which the smoothing is a component of the `mixture` of this order, the default model.

        An empty range leaves it out. A model file depends on these orders: a change makes older mixtures unreadable.
        """

    @final
    @property
    def name(self) -> str:
        """The name of its file, with - for _."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @final
    def estimates(self, k: int, order: int) -> list[Estimate]:
        """Return the estimates that a model of this order holds at level k."""
        lower = self.lower_orders if k < order else None
        return [self.highest_order] if lower in (None, self.highest_order) else [self.highest_order, lower]

    @final
    def component(self, order: int) -> Component:
        """Return the smoothing at one order."""
        lower = None if self.lower_orders is None else self.lower_orders.name
        return Component(self.name, order, self.highest_order.name, lower)


def estimates_at(components: Sequence[Component], k: int) -> dict[str, str | None]:
    """Return the names of the estimates that components use at level k, each with that of the estimate below it.

    >>> estimates_at([find_smoothing("kneser-ney").component(2)], 1)
    {'kneser-ney': 'kneser-ney'}
    """
    highest = {each.highest_order: each.lower_orders for each in components if each.order == k}
    lower = {each.lower_orders for each in components if each.order > k} - {None}
    return highest | {name: name for name in lower if name}


def smoothings() -> list[str]:
    """Return the names of all smoothings, sorted.

    >>> "kneser-ney" in smoothings()
    True
    """
    package = importlib.import_module(PACKAGE)
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(package.__path__))


def find_smoothing(name: str) -> Smoothing:
    """Return the smoothing of this name, one of `smoothings()`.

    >>> find_smoothing("kneser-ney").component(5)
    Component(smoothing='kneser-ney', order=5, highest_order='top', lower_orders='kneser-ney')
    """
    module = importlib.import_module(f"{PACKAGE}.{name.replace('-', '_')}")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Smoothing) and value.__module__ == module.__name__
    )
    return found()


def mixture_components(order: int) -> list[Component]:
    """Return the components of the mixture: first the smoothing that begins at the lowest order.

    >>> [(component.smoothing, component.order) for component in mixture_components(3)]
    [('witten-bell', 1), ('witten-bell', 2), ('kneser-ney', 2), ('kneser-ney', 3)]
    """
    every = sorted(map(find_smoothing, smoothings()), key=lambda smoothing: smoothing.mixture_orders(order).start)
    return [smoothing.component(n) for smoothing in every for n in smoothing.mixture_orders(order)]
