"""Why there is no figure."""

from __future__ import annotations


class SkippedError(Exception):
    """What a benchmark needs is not there; the reason is one plain sentence."""


class FailedError(Exception):
    """A benchmark could not be measured; the reason is one plain sentence."""


class DiffersError(FailedError):
    """The two sides do not compute the same thing, so their speeds say nothing."""
