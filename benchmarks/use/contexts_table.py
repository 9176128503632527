"""Contexts of all 32,033 names as arrays against the notebooks' double loop in plain Python."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import DiffersError
from benchmarks.harness.machine import benchmark_list

LENGTH = 3
ROUNDS = 5
REPEATS = 10
TARGETS = (
    Target(
        "contexts of 3 characters of names_32033, from words to arrays, against a plain Python loop",
        "ratio", 100, "x", "the two tables are equal; processor time of one thread, turns, median of ratios",
        bound="half of the time is reading the words' characters into one array of numbers",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return the milliseconds of both sides and the median ratio."""
    import numpy as np

    import morelike
    from morelike.text.examples.contexts import contexts
    from morelike.text.vocabulary import Vocabulary

    words = morelike.read_lines(benchmark_list("names_32033.txt"))
    vocabulary = Vocabulary.of(words)
    ids = {character: i for i, character in enumerate(sorted(set("".join(words))), 1)}

    def ours() -> tuple[Any, Any]:
        return contexts(vocabulary.encode_lines(words), LENGTH)

    def plain() -> tuple[Any, Any]:
        inputs, targets = double_loop(words, ids)
        return np.array(inputs), np.array(targets)

    if not all(np.array_equal(a, b) for a, b in zip(ours(), plain(), strict=True)):
        raise DiffersError("the two tables of contexts are not equal")
    turns = [(_seconds(ours, REPEATS), _seconds(plain)) for _ in range(ROUNDS)]
    return {
        "ratio": round(statistics.median(b / a for a, b in turns), 1),
        "morelike_milliseconds": round(1000 * statistics.median(a for a, _ in turns), 1),
        "python_milliseconds": round(1000 * statistics.median(b for _, b in turns), 1),
    }


def double_loop(words: list[str], ids: dict[str, int]) -> tuple[list[list[int]], list[int]]:
    """Return contexts and targets as the notebooks build them."""
    inputs, targets = [], []
    for word in words:
        context = [0] * LENGTH
        for character in [*word, ""]:
            token = ids.get(character, 0)
            inputs.append(context)
            targets.append(token)
            context = [*context[1:], token]
    return inputs, targets


def _seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """Return the processor seconds of one call: both sides use one thread."""
    began = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - began) / repeats
