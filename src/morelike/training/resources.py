"""Estimates of the memory, cores and operations that training takes, made before it begins."""

from __future__ import annotations

import os
from functools import cache
from math import prod
from pathlib import Path
from typing import Literal

from morelike.architecture import TrainedArchitecture
from morelike.errors import TrainingError
from morelike.language_model.threads import cores
from morelike.runs.settings import TrainingConfig, row_length_of
from morelike.text.examples.row_index import count_rows
from morelike.text.vocabulary import TokenLines

COPIES = 6
"""Numbers held for each parameter: its value, gradient, two moments, best value so far and new value."""
LOGITS_HELD = 1 << 24
"""Most logits held at once: more are computed for a few positions at a time."""
LARGE = 200_000_000
SHARED_OPERATIONS = 1e8
"""Operations of a step, forward and backward, from which on two cores share it: about 3 ms on one core."""
CHARACTERS_PER_CORE = 128
"""Fewest characters for each core: every core also updates all weights, which then takes little of its time."""

SHARED_PARAMETERS = 2**18
"""Most parameters of a model whose steps are shared: each core reads all of them, which takes time.

XLA itself splits the products of larger models by their columns, so each core reads a part.
"""

BFLOAT16_OPERATIONS = 4e6
BFLOAT16_PARAMETERS = 16_000
"""Operations of a step, and parameters, from which on products of bfloat16 save more time than rounding takes."""


def parameters_of(architecture: TrainedArchitecture, symbols: int) -> int:
    """Return the number of parameters, without creating the weights."""
    return sum(prod(shape) for shape in architecture.shapes(symbols).values())


def bytes_needed(architecture: TrainedArchitecture, config: TrainingConfig, symbols: int) -> int:
    """Return an estimate of the memory of training (bytes), without the list, the interpreter and the compiler.

    >>> from morelike.architecture import build
    >>> bytes_needed(build("bigram", {}), TrainingConfig(), 13_667) > 4e9  # V x V, six times
    True
    """
    places = config.batch_size * (1 if architecture.window else row_length_of(config))
    logits = min(places * symbols, LOGITS_HELD)
    copies = COPIES * (config.threads or 1)  # each core that shares the steps has its copies
    return 4 * (copies * parameters_of(architecture, symbols) + 3 * logits)


def note_of_memory(architecture: TrainedArchitecture, config: TrainingConfig, symbols: int) -> str:
    """Return a note on the memory of a large model or alphabet; empty for an ordinary one."""
    needed = bytes_needed(architecture, config, symbols)
    if needed < LARGE:
        return ""
    return (
        f"{symbols:,} symbols and {parameters_of(architecture, symbols):,} parameters: training takes about "
        f"{needed / 1e9:.1f} GB in addition to the list"
    )


def refuse_too_much(needed: int) -> None:
    """Raise an error if the machine has less memory than this (bytes).

    Raises:
        TrainingError: it has less.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > memory:
        raise TrainingError(
            f"these settings need {needed / 1e9:.1f} GB, and this machine has {memory / 1e9:.1f}: make --batch-size, "
            "--row-length or the model smaller, or choose a kind without a table of all pairs of symbols"
        )


def cores_for(operations: float, characters: float, parameters: int) -> int:
    """Return how many cores should share a step, given its operations, its characters and the model's parameters.

    >>> cores_for(1e6, 32.0, 10_000)
    1
    """
    if operations < SHARED_OPERATIONS or parameters > SHARED_PARAMETERS:
        return 1
    return max(1, min(cores(), int(2 * operations / SHARED_OPERATIONS), int(characters / CHARACTERS_PER_CORE)))


def precision_for(operations: float, parameters: int) -> Literal["float32", "bfloat16"]:
    """Return what this processor multiplies faster in steps of so many operations, for a model of so many parameters.

    >>> precision_for(1e6, 10_000)
    'float32'
    """
    large = operations >= BFLOAT16_OPERATIONS and parameters >= BFLOAT16_PARAMETERS
    return "bfloat16" if large and has_bfloat16_products() else "float32"


@cache
def has_bfloat16_products() -> bool:
    """Return whether the processor multiplies matrices of bfloat16 (AMX); only Linux tells."""
    information = Path("/proc/cpuinfo")
    return information.is_file() and " amx_bf16 " in information.read_text("utf-8").replace("\n", " ")


def examples_and_cost(
    architecture: TrainedArchitecture,
    config: TrainingConfig,
    train: TokenLines,
    vocabulary_size: int,
    *,
    text: bool = False,
) -> tuple[int, float]:
    """Return the number of examples in a list, and an estimate of the operations of training on one."""
    parameters = parameters_of(architecture, vocabulary_size)
    characters = len(train.tokens)
    if text:  # its first character and its end are not predicted
        characters -= 2
        examples = characters if architecture.window else max(characters // row_length_of(config), 1)
    else:
        examples = characters if architecture.window else count_rows(train, row_length_of(config))
    return examples, 6.0 * parameters * characters / examples
