"""How much memory and how many cores training takes, and how many operations: said before it begins."""

from __future__ import annotations

import os
from math import prod

from morelike.architecture import TrainedArchitecture
from morelike.errors import TrainingError
from morelike.language_model.threads import cores
from morelike.runs.config import TrainingConfig, width_of
from morelike.text.examples.packing import count_rows
from morelike.text.vocabulary import TokenLines

__all__ = ["bytes_needed", "cores_for", "examples_and_cost", "note_of_memory", "parameters_of", "refuse_too_much"]

COPIES = 6
"""Numbers held for each parameter: itself, its gradient, two moments, the best so far, and the new one."""
LOGITS_HELD = 1 << 24
"""Logits of a step at most: where there were more, they are made for a few positions at a time."""
WORTH_SAYING = 200_000_000
WORTH_SHARING = 1e8
"""Operations of a step, forward and backward, from which on two cores share it: about 3 ms of one."""
CHARACTERS_OF_SHARE = 128
"""Characters in each core's share at least: what each does alone, the update of all weights, then counts little."""

SHARED_PARAMETERS = 2**18
"""Parameters up to which steps are shared: all cores read all of them, which must not be what a step waits for.

XLA itself splits the products of larger models, by their columns, so that each core reads a part.
"""


def parameters_of(architecture: TrainedArchitecture, symbols: int) -> int:
    """Return how many numbers the weights hold, without making them."""
    return sum(prod(shape) for shape in architecture.shapes(symbols).values())


def bytes_needed(architecture: TrainedArchitecture, config: TrainingConfig, symbols: int) -> int:
    """Return about how much memory training takes beside the list, the interpreter and the compiler (bytes).

    >>> from morelike.architecture import build
    >>> bytes_needed(build("bigram", {}), TrainingConfig(), 13_667) > 4e9  # V x V, six times
    True
    """
    places = config.batch * (1 if architecture.window else width_of(config))
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


def cores_for(operations: float, characters: float, parameters: int) -> int:
    """Return how many cores are to share a step of so many operations on so many characters.

    >>> cores_for(1e6, 32.0, 10_000)
    1
    """
    if operations < WORTH_SHARING or parameters > SHARED_PARAMETERS:
        return 1
    return max(1, min(cores(), int(2 * operations / WORTH_SHARING), int(characters / CHARACTERS_OF_SHARE)))


def examples_and_cost(
    architecture: TrainedArchitecture,
    config: TrainingConfig,
    train: TokenLines,
    vocabulary_size: int,
    *,
    text: bool = False,
) -> tuple[int, float]:
    """Return how many examples a list makes, and about how many operations training on one takes."""
    parameters = parameters_of(architecture, vocabulary_size)
    characters = len(train.tokens)
    if text:  # its first character is not predicted, nor an end
        characters -= 2
        examples = characters if architecture.window else max(characters // width_of(config), 1)
    else:
        examples = characters if architecture.window else count_rows(train, width_of(config))
    return examples, 6.0 * parameters * characters / examples
