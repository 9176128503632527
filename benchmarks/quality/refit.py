"""The gain of a refit on five lists of 50 to 5,000 lines: the loss on as many lines that are held out.

The default model learns from one half of the lines of each list, once without a refit (from its train split alone) and
once with it (from all lines of the half). Both are evaluated on the other half, which neither has seen.
"""

from __future__ import annotations

import random
from typing import Any

import morelike
from benchmarks.harness.benchmark import Target

LISTS = (("names", 50), ("mots", 200), ("names", 700), ("mots", 2000), ("names", 4900))
"""The shipped lists and the numbers of lines that are learned; as many others are held out, or all that are left."""
TARGETS = (
    Target(
        "gain of the refit on lists of 50 to 4,900 lines, the mean over five lists",
        "mean gain", 0.01, "nats",
        "the default model with and without a refit, on the other half of the lines", bound="a fifth more lines",
    ),
    Target(
        "gain of the refit on the list where it is smallest",
        "least gain", 0.0, "nats",
        "as above", bound="a fifth more lines",
    ),
)  # fmt: skip


def measure(lists: tuple[tuple[str, int], ...] = LISTS, **settings: Any) -> dict[str, Any]:
    """Return the held-out losses without and with a refit (nats per character), by list, and the gains."""
    figures: dict[str, Any] = {}
    for name, size in lists:
        words = list(dict.fromkeys(morelike.read_lines(name)))
        random.Random(size).shuffle(words)
        learned, held_out = words[:size], words[size : 2 * size]
        alphabet = set("".join(learned))
        held_out = [word for word in held_out if set(word) <= alphabet]
        before, after = (
            morelike.train(learned, refit=refit, **settings).evaluate(held_out).nats_per_character
            for refit in (False, True)
        )
        figures[f"{name}, {size:,} lines"] = {"without": before, "with": after, "gain": before - after}
    gains = [each["gain"] for each in figures.values()]
    return {**figures, "mean gain": sum(gains) / len(gains), "least gain": min(gains)}
