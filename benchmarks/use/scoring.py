"""A million words scored in a stream: seconds and peak memory of the whole command, in a process of its own.

`python -m benchmarks scoring` scores two lists with the n-grams and the gru of default sizes: names drawn with
repetition from the shipped list, and different words, each made of two names and as long as a third. The weights of the
gru do not change its speed, so it is trained for a few steps only. Before timing, the scores of a block are compared
with the scores of its words one by one.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.harness.errors import FailedError
from benchmarks.harness.processes import morelike, run

WORDS = 1_000_000
SEED = 0
STEPS = 20
AGREEMENT = 1e-4  # nats of a word: float32 sums in another order


def measure() -> dict[str, Any]:
    """Return the figures of both kinds of model on both lists."""
    with tempfile.TemporaryDirectory() as folder:
        # A process counts the peak memory of its parent as its own, so this process stays small.
        run([sys.executable, "-m", "benchmarks.use.scoring", folder])
        return {"words": WORDS} | {
            f"{kind}, {words}": _score(Path(folder) / kind, Path(folder) / f"{words}.txt", Path(folder) / "scores.tsv")
            for kind in ("ngram", "gru")
            for words in ("repeated", "distinct")
        }


def prepare(folder: Path) -> None:
    """Write the lists and the models into a folder, and check that the models score a block like its single words."""
    import morelike as library

    names = library.read_lines("names")
    _write(folder / "repeated.txt", random.Random(SEED).choices(names, k=WORDS))
    _write(folder / "distinct.txt", islice(_distinct(names), WORDS))
    for model in (library.train(names, "ngram"), library.train(names, "gru", steps=STEPS)):
        together = model.log_probability(names[:500])
        for word, log_p in zip(names[:500], together.tolist(), strict=True):
            if abs(model.surprisal(word).sum() + log_p) > AGREEMENT:
                sys.exit(f"{word} alone and in a block differ by {model.surprisal(word).sum() + log_p:.2g} nats")
        model.save(folder / model.architecture.kind)


def _distinct(names: list[str]) -> Iterator[str]:
    rng, seen = random.Random(SEED), set[str]()
    while True:
        first, second, like = rng.choices(names, k=3)
        word = (first[: len(first) // 2] + second[len(second) // 2 :] + first)[: len(like)]
        if word not in seen:
            seen.add(word)
            yield word


def _write(path: Path, words: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(word + "\n" for word in words)


def _score(model: Path, source: Path, target: Path) -> dict[str, float]:
    """Return the wall and processor time and the peak resident memory of one command."""
    ran = run(morelike("score", str(model), "--in", str(source), "-o", str(target)))
    with target.open("rb") as file:
        lines = sum(1 for _ in file)
    if lines != WORDS + 1:
        raise FailedError(f"{lines:,} lines were written for {WORDS:,} words and a header")
    return {
        "seconds": round(ran.seconds, 1),
        "processor_seconds": round(ran.processor_seconds, 1),
        "peak_megabytes": ran.peak_megabytes,
    }


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
