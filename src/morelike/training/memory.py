"""How much memory training will take, said before it begins."""

from __future__ import annotations

import os
from math import prod

from morelike.architecture import TrainedArchitecture, WindowArchitecture
from morelike.errors import TrainingError
from morelike.training.config import TrainingConfig, width_of

__all__ = ["bytes_needed", "note_of_memory", "parameters_of", "refuse_too_much"]

COPIES = 6
"""Numbers held for each parameter: itself, its gradient, two moments, the best so far, and the new one."""
LOGITS_HELD = 1 << 24
"""Logits of a step at most: where there were more, they are made for a few positions at a time."""
WORTH_SAYING = 200_000_000


def parameters_of(architecture: TrainedArchitecture, symbols: int) -> int:
    """Return how many numbers the weights hold, without making them."""
    return sum(prod(shape) for shape in architecture.shapes(symbols).values())


def bytes_needed(architecture: TrainedArchitecture, config: TrainingConfig, symbols: int) -> int:
    """Return about how much memory training takes beside the list, the interpreter and the compiler (bytes).

    >>> from morelike.architecture import build
    >>> bytes_needed(build("bigram", {}), TrainingConfig(), 13_667) > 4e9  # V x V, six times
    True
    """
    places = config.batch * (1 if isinstance(architecture, WindowArchitecture) else width_of(config))
    logits = min(places * symbols, LOGITS_HELD)
    copies = COPIES * (config.threads or 1)  # each core that shares the steps has its own
    return 4 * (copies * parameters_of(architecture, symbols) + 3 * logits)


def note_of_memory(architecture: TrainedArchitecture, config: TrainingConfig, symbols: int) -> str:
    """Return what there is to say of the memory of a large model or alphabet, empty of an ordinary one."""
    needed = bytes_needed(architecture, config, symbols)
    if needed < WORTH_SAYING:
        return ""
    return (
        f"{symbols:,} symbols and {parameters_of(architecture, symbols):,} parameters: training takes about "
        f"{needed / 1e9:.1f} GB beside the list"
    )


def refuse_too_much(needed: int) -> None:
    """Return if the machine has so much memory (bytes).

    Raises:
        TrainingError: it has less; nothing was begun.
    """
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > whole:
        raise TrainingError(
            f"these settings need {needed / 1e9:.1f} GB, and this machine has {whole / 1e9:.1f}: make --batch, --row, "
            "or the model smaller, or choose a kind without a table of all pairs of symbols"
        )
