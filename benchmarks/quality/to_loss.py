"""Seconds of whole processes to a published loss: ours with its own settings, and the recipe's plain loop.

Ours starts without compiled programs, trains until the dev loss reaches a value that was chosen with the settings, and
then evaluates test. The loss of the published split must be at most the published loss. The plain loop takes all steps
of the recipe. Since each step costs the same, some steps are timed and scaled; the final loss of the recipe is in
docs/results.md. `python -m benchmarks.quality.to_loss TASK` is our process.
"""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.harness.errors import DiffersError
from benchmarks.harness.machine import benchmark_list
from benchmarks.harness.processes import run, with_empty_cache
from benchmarks.loops.comparison import Loop, better_threads, same_work, workers

PART_SECONDS = 5.0
ROUNDS = 3


@dataclass(frozen=True)
class Race:
    """The published loss on `part`, our settings with the dev loss at which they stop, and the recipe."""

    list: str
    published: float
    part: str
    settings: dict[str, Any]
    dev_mark: float
    recipe: Loop
    recipe_steps: int


def race(race: Race) -> dict[str, Any]:
    """Return the seconds of both sides, the median ratio, and the final losses of ours.

    Raises:
        DiffersError: ours ends above the published loss, or the plain loop is not the recipe.
    """
    with workers(race.recipe) as (engine, plain):
        same_work(engine, plain)
        threads = better_threads(plain)
        turns = [
            (_ours(race), _theirs(race, plain.ask("speed", seconds=PART_SECONDS, threads=threads), plain))
            for _ in range(ROUNDS)
        ]
    worst = max(mine[race.part] for mine, _ in turns)
    if worst > race.published:
        raise DiffersError(f"ours ends at {worst:.4f} on {race.part}, above the published {race.published}")
    return {
        "ratio": round(statistics.median(theirs / mine["seconds"] for mine, theirs in turns), 2),
        "morelike_seconds": round(statistics.median(mine["seconds"] for mine, _ in turns), 2),
        "morelike": turns[-1][0],
        "torch_seconds": round(statistics.median(theirs for _, theirs in turns), 1),
        "torch_threads": threads,
        "recipe_steps": race.recipe_steps,
        "published": {race.part: race.published},
    }


def _ours(race: Race) -> dict[str, Any]:
    task = {key: value for key, value in asdict(race).items() if key != "recipe"}
    with with_empty_cache() as environment:
        ran = run([sys.executable, "-m", "benchmarks.quality.to_loss", json.dumps(task)], environment=environment)
    found: dict[str, Any] = json.loads(ran.printed)
    return {"seconds": round(ran.seconds, 2), "processor_seconds": round(ran.processor_seconds, 2), **found}


def _theirs(race: Race, part: dict[str, float], plain: Any) -> float:
    """Return the seconds of the whole plain loop, from the start of its process."""
    return float(plain.start_seconds + race.recipe_steps * part["seconds"] / part["steps"])


def train_to(task: dict[str, Any]) -> dict[str, Any]:
    """Train until an evaluation of dev is at or below the mark; return the losses and steps."""
    from morelike.evaluation.loss import evaluate, line_losses
    from morelike.runs.events import Evaluated, Finished
    from morelike.runs.plan import make_plan
    from morelike.text.reading import read_corpus
    from morelike.training.experiment import fit
    from morelike.training.preparation import prepare

    settings = dict(task["settings"])
    corpus = read_corpus(str(benchmark_list(task["list"])))
    prepared = prepare(make_plan(corpus, settings.pop("kind"), settings=settings))
    dev: list[float] = []
    for event in fit(
        prepared.plan, prepared.train, prepared.dev, prepared.vocabulary.size,
        should_stop=lambda: bool(dev) and dev[-1] <= task["dev_mark"],
    ):  # fmt: skip
        if isinstance(event, Evaluated):
            dev.append(event.loss)
        if isinstance(event, Finished):
            finished = event
    lines = prepared.vocabulary.encode_lines(prepared.splits.test)
    losses = line_losses(prepared.plan.architecture, finished.weights, lines)
    test = evaluate(losses, lines.lengths).nats_per_character
    return {"steps": finished.step, "dev": round(dev[-1], 4), "test": round(test, 4)}


if __name__ == "__main__":
    print(json.dumps(train_to(json.loads(sys.argv[1]))))
