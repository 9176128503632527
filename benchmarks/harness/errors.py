"""The reasons why a benchmark has no figure."""

from __future__ import annotations


class SkippedError(Exception):
    """Something that a benchmark needs is missing; the reason is one plain sentence."""


class FailedError(Exception):
    """A benchmark could not be measured; the reason is one plain sentence."""


class DiffersError(FailedError):
    """The two sides do not compute the same thing, so their speeds cannot be compared."""
