"""The small MLP's training loop (3 x 2 - 100 - 41, batch 32, SGD, civil_mots) against the plain PyTorch loop."""

from __future__ import annotations

from typing import Any

from benchmarks import loops

__all__ = ["measure"]


def measure() -> dict[str, Any]:
    """Return both speeds, their ratio, and the mean dev losses."""
    return loops.measure(loops.SMALL_MLP)
