"""How time grows with a list: building its store, counting n-grams, a step of the gru; 10^4 to 10^7 characters.

The lists are artificial. Sizes are measured in turn, `ROUNDS` times, so that a busy machine slows all alike.
`python -m benchmarks scaling` prints the medians for each character or step.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from morelike.models.ngram import NGram
from morelike.runs.plan import make_plan
from morelike.text.store.build import build_store
from morelike.text.store.format import Store
from morelike.training.preparation import prepare

SIZES = (10**4, 10**5, 10**6, 10**7)
ROUNDS = 3
ORDER = 4
STEPS = 50
CHUNKS = 3
SETTINGS = {"hidden": 64, "batch_size": 32, "row_length": 32, "steps": STEPS * (CHUNKS + 1), "chunk": STEPS}


def measure() -> dict[str, Any]:
    """Return the times of each size: microseconds a character, milliseconds a step."""
    with tempfile.TemporaryDirectory() as folder:
        lists = [_written(Path(folder) / f"{size}.txt", size) for size in SIZES]
        stores = [build_store(path, path.with_suffix(".store")) for path in lists]
        build, fit, step = ([list[float]() for _ in SIZES] for _ in range(3))
        steps = [_stepping(store) for store in stores]
        for _ in range(ROUNDS):
            for i, (path, store) in enumerate(zip(lists, stores, strict=True)):
                build[i].append(_seconds(_building(path)) / SIZES[i])
                fit[i].append(_seconds(_fitting(store)) / SIZES[i])
                step[i].append(_seconds(steps[i]) / (STEPS * CHUNKS))
    return {
        "characters": list(SIZES),
        "build_us_per_character": _medians(build, 1e6),
        "ngram_us_per_character": _medians(fit, 1e6),
        "gru_ms_per_step": _medians(step, 1e3),
    }


def _written(path: Path, size: int) -> Path:
    """Write a list of about this many characters, words of one to four syllables."""
    rng = np.random.default_rng(size)
    syllables = np.array([a + b for a in "bdfgklmnprstvz" for b in "aeiou"])
    words, characters = [], 0
    while characters < size:
        chosen = rng.choice(syllables, size=(10_000, 4))
        lengths = rng.integers(1, 5, 10_000)
        for row, length in zip(chosen, lengths, strict=True):
            words.append("".join(row[:length]))
            characters += 2 * int(length)
            if characters >= size:
                break
    path.write_text("\n".join(words) + "\n")
    return path


def _building(path: Path) -> Callable[[], Any]:
    return lambda: build_store(path, path.with_suffix(".again"), force=True)


def _fitting(store: Store) -> Callable[[], Any]:
    train, dev = store.lines("train"), store.lines("dev")
    return lambda: NGram(order=ORDER, smoothing="kneser-ney").fit(train, dev, store.vocabulary.size)


def _stepping(store: Store) -> Callable[[], None]:
    """Return a function that takes some steps of the gru; the steps are already compiled."""
    from morelike.training.jax.engine import Engine

    prepared = prepare(make_plan(store.corpus, "gru", settings=SETTINGS))
    architecture, config = prepared.plan.architecture, prepared.plan.training
    engine = Engine(architecture, config, prepared.train, prepared.dev, store.vocabulary.size)  # type: ignore[arg-type]
    engine.run(engine.initial_state(), 0, STEPS)

    def steps() -> None:
        state = engine.initial_state()
        for chunk in range(CHUNKS):
            state = engine.run(state, chunk * STEPS, STEPS).state

    return steps


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _medians(times: list[list[float]], unit: float) -> list[float]:
    return [round(unit * statistics.median(each), 3) for each in times]
