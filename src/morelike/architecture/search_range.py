"""The values of a setting that `morelike tune` tries: declared at the setting's field, or derived from its bounds.

hidden: Annotated[int, sizes(64, 512)] = Field(160, ge=1, description="...")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, log2
from types import NoneType
from typing import Any, Literal, TypeAlias, get_args, get_origin

from pydantic.fields import FieldInfo

Scale: TypeAlias = Literal["linear", "log", "powers of two"]

PARTS = 10
"""Equal parts into which a derived range between two bounds is divided."""
FACTOR = 4
"""A derived range of sizes reaches from a default divided by this factor to the default times this factor."""
RATE_FACTOR = 10
"""The same for positive numbers that are no sizes."""


@dataclass(frozen=True)
class SearchRange:
    """The numbers from `low` to `high`, both included.

    The scale "powers of two" is for sizes. A size is a shape of arrays, and JAX compiles programs for each combination
    of shapes: with few sizes, a compiled program is used again. `step` is the distance between the values of a linear
    scale; by default whole numbers have the step 1, and other numbers have no step.
    """

    low: int | float
    high: int | float
    scale: Scale = "linear"
    step: int | float | None = None

    @property
    def exponents(self) -> tuple[int, int]:
        """The exponents of the lowest and the highest power of two in the range."""
        return ceil(log2(self.low)), floor(log2(self.high))


def sizes(low: int, high: int) -> SearchRange:
    """Return the powers of two from `low` to `high`."""
    return SearchRange(low, high, "powers of two")


@dataclass(frozen=True)
class Choices:
    """The values of a setting that has no order."""

    values: tuple[Any, ...]


NOT_TUNED = Choices(())
"""Declares that a setting of an architecture is not tuned unless a range is given for it."""

Values: TypeAlias = SearchRange | Choices


def declared_values(field: FieldInfo) -> Values | None:
    """Return the values that a field declares, None if it declares none."""
    return next((each for each in field.metadata if isinstance(each, SearchRange | Choices)), None)


def search_values(field: FieldInfo) -> Values:
    """Return the values that a field declares; otherwise values that follow from its choices, bounds and default.

    A setting that does not change the result (`exclude`) has no values.

    >>> from pydantic import BaseModel, Field
    >>> class Example(BaseModel):
    ...     hidden: int = Field(100, ge=1)
    ...     share: float = Field(0.1, ge=0, le=1)
    ...     tied: bool = False
    >>> [search_values(field) for field in Example.model_fields.values()]  # doctest: +NORMALIZE_WHITESPACE
    [SearchRange(low=25, high=400, scale='powers of two', step=None),
     SearchRange(low=0.0, high=1.0, scale='linear', step=0.1), Choices(values=(False, True))]
    """
    if (declared := declared_values(field)) is not None:
        return declared
    if field.exclude:
        return NOT_TUNED
    if get_origin(field.annotation) is Literal:
        return Choices(get_args(field.annotation))
    if field.annotation is bool:
        return Choices((False, True))
    return _of_numbers(field) if isinstance(field.default, int | float) else NOT_TUNED


def _of_numbers(field: FieldInfo) -> Values:
    low, high = _bound(field, "ge", "gt"), _bound(field, "le", "lt")
    if field.annotation is int:
        low, high = (low or 0) + (_bound(field, "gt") is not None), high if high is not None else float("inf")
        low, high = max(low, field.default // FACTOR), min(high, FACTOR * max(field.default, 1))
        powers = SearchRange(low, high, "powers of two")
        return powers if low >= 1 and powers.exponents[1] > powers.exponents[0] else SearchRange(low, high)
    if low is not None and high is not None:
        step = (high - low) / PARTS
        first = low + step * (_bound(field, "gt") is not None)
        return SearchRange(float(first), float(high - step * (_bound(field, "lt") is not None)), step=step)
    if not field.default > 0:
        return NOT_TUNED
    wanted = field.default / RATE_FACTOR, field.default * RATE_FACTOR
    return SearchRange(max(wanted[0], low or 0.0), wanted[1] if high is None else min(wanted[1], high), "log")


def _bound(field: FieldInfo, *names: str) -> int | float | None:
    """Return the bound of a field that has one of these names, such as "ge"."""
    return next(_bounds(field, names), None)


def _bounds(field: FieldInfo, names: tuple[str, ...]) -> Iterator[Any]:
    for each in field.metadata:
        for name in names:
            if getattr(each, name, None) is not None:
                yield getattr(each, name)


def value_type(field: FieldInfo) -> Any:
    """Return the type of a field's values, without None."""
    others = [each for each in get_args(field.annotation) if each is not NoneType]
    return field.annotation if get_origin(field.annotation) is Literal or len(others) != 1 else others[0]
