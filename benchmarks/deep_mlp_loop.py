"""The training loop of the deep MLP with BatchNorm (224,097 parameters, batch 32, SGD, names) against PyTorch's."""

from __future__ import annotations

from typing import Any

from benchmarks import loops

__all__ = ["measure"]


def measure() -> dict[str, Any]:
    """Return both speeds, their ratio, and the mean dev losses."""
    return loops.measure(loops.DEEP_MLP)
