"""Words under constraints and the most probable words: seconds of the whole command, in a process of its own.

`python -m benchmarks generation` uses the n-grams and a quick GRU on the shipped names. Before timing, it checks words
against their constraints, and the most probable words against the order of their scores.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness.errors import FailedError
from benchmarks.harness.processes import morelike, run

RUNS = 3
COUNT = 1000
BEST = 100
CONSTRAINTS = {
    "prefix, suffix, lengths": ["--prefix", "el", "--suffix", "a", "--min-length", "4", "--max-length", "9"],
    "suffix": ["--suffix", "son"],
    "expression": ["--regex", "(mc|mac)[a-z]{3,6}"],
}


def measure() -> dict[str, Any]:
    """Return the median seconds of each command for both kinds of model."""
    import morelike as library

    names = library.read_lines("names")
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for model in (library.train(names, "ngram"), library.train(names, "gru", quick=True)):
            kind = model.architecture.kind
            place = model.save(Path(folder) / kind)
            _check(model)
            for name, asked in CONSTRAINTS.items():
                found[f"{kind}: {COUNT:,} new words, {name}"] = _seconds("sample", place, "-n", str(COUNT), *asked)
            found[f"{kind}: the {BEST} most probable words"] = _seconds("top", place, "-n", str(BEST))
    return found


def _check(model: Any) -> None:
    words = model.sample(200, prefix="el", suffix="a", min_length=4, max_length=9)
    if not all(word.startswith("el") and word.endswith("a") and 4 <= len(word) <= 9 for word in words):
        raise FailedError("a word does not keep its constraints")
    best = [word for word, _, proven in model.top(BEST) if proven]
    scores = model.log_probability(best).tolist()
    common = model.log_probability(model.sample(2000, novel=False)).max()
    if len(best) < BEST or scores != sorted(scores, reverse=True) or common > scores[0] + 1e-4:
        raise FailedError("the most probable words are out of order")


def _seconds(command: str, model: Path, *arguments: str) -> float:
    taken = [run(morelike(command, str(model), *arguments)).seconds for _ in range(RUNS)]
    return round(statistics.median(taken), 2)
