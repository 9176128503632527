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

Floats = NDArray[np.float64]
PACKAGE = "morelike.ngrams.smoothings"


@dataclass(frozen=True)
class ContextCounts:
    """The counts of all n-grams of some contexts; `alpha` is the setting of that name.

    Shapes: counts [M], parents [M] (the context of each n-gram, a number below `contexts`), contexts C.
    """

    counts: Any
    parents: Any
    contexts: int
    counts_of_counts: Any  # how many n-grams of the level have the counts 1, 2, 3 and 4
    vocabulary_size: int
    alpha: float

    @cached_property
    def total(self) -> NDArray[Any]:
        """The sum of the counts after each context, [C]."""
        return self.sum(self.counts)

    def sum(self, values: Any) -> NDArray[Any]:
        """Return the sum of the n-grams' values [M] for each context, [C]."""
        return np.bincount(self.parents, values, self.contexts)


class Smoothing(ABC):
    """A way to estimate probabilities from counts.

    An estimate is a pair of tables in the model file, `NAME.a.k` and `NAME.b.k` for level k. No two smoothings share
    the name of an estimate.
    """

    highest_order: ClassVar[str]
    """The name of the estimate at a component's own order."""
    lower_orders: ClassVar[str | None]
    """The name of the estimate at lower orders; None: the uniform distribution takes its place."""
    of_continuations: ClassVar[bool] = False
    """Whether lower orders count the distinct symbols before an n-gram (its continuations) and not its occurrences."""
    takes_alpha: ClassVar[bool] = False
    """Whether the estimate depends on the setting `alpha`."""

    @abstractmethod
    def estimate(self, counted: ContextCounts) -> tuple[Floats, Floats]:
        """Return a of each n-gram [M] and b of each context [C]: the a of a context sum to 1 - b."""

    @abstractmethod
    def mixture_orders(self, order: int) -> range:
        """Return the orders at which the smoothing takes part in the default model, the `mixture` of this order.

        An empty range leaves it out. A model file depends on these orders: a change makes older mixtures unreadable.
        """

    @final
    @property
    def name(self) -> str:
        """The name of its file, with - for _."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @final
    def estimates(self, k: int, order: int) -> dict[str, bool]:
        """Return the estimates in a model of this order at level k, and whether each counts continuations."""
        lower = {self.lower_orders: self.of_continuations} if self.lower_orders and k < order else {}
        return {self.highest_order: False} | lower


@dataclass(frozen=True)
class Component:
    """A smoothing at one order, as a member of a mixture; `prefix` begins the names of its estimates."""

    smoothing: Smoothing
    order: int
    prefix: str = ""

    @cached_property
    def highest_order(self) -> str:
        """The name of the estimate at this order."""
        return self.prefix + self.smoothing.highest_order

    @cached_property
    def lower_orders(self) -> str | None:
        """The name of the estimate at lower orders; None: the uniform distribution takes its place."""
        lower = self.smoothing.lower_orders
        return None if lower is None else self.prefix + lower


def estimates_at(components: Sequence[Component], k: int) -> dict[str, str | None]:
    """Return a dict for level k: the name of each estimate in use, with the name of its estimate at level k - 1.

    >>> estimates_at(mixture_components(2), 2), estimates_at(mixture_components(3), 2)
    ({'top': 'kneser-ney'}, {'witten-bell': 'witten-bell', 'top': 'kneser-ney', 'kneser-ney': 'kneser-ney'})
    """
    highest = {each.highest_order: each.lower_orders for each in components if each.order == k}
    return highest | {name: name for each in components if each.order > k and (name := each.lower_orders)}


def smoothings() -> list[str]:
    """Return the names of all smoothings, sorted.

    >>> "kneser-ney" in smoothings()
    True
    """
    package = importlib.import_module(PACKAGE)
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(package.__path__))


def find_smoothing(name: str) -> Smoothing:
    """Return the smoothing of this name, one of `smoothings()`.

    >>> find_smoothing("kneser-ney").mixture_orders(5)
    range(2, 6)
    """
    module = importlib.import_module(f"{PACKAGE}.{name.replace('-', '_')}")
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Smoothing)]
    (found,) = (each for each in classes if each.__module__ == module.__name__)
    return found()


def mixture_components(order: int) -> list[Component]:
    """Return the components of the mixture; the smoothing that begins at the lowest order comes first.

    >>> [(component.smoothing.name, component.order) for component in mixture_components(3)]
    [('witten-bell', 1), ('witten-bell', 2), ('kneser-ney', 2), ('kneser-ney', 3)]
    """
    every = sorted(map(find_smoothing, smoothings()), key=lambda smoothing: smoothing.mixture_orders(order).start)
    return [Component(smoothing, n) for smoothing in every for n in smoothing.mixture_orders(order)]
