"""Several kinds of model trained on one list under one budget, and how they rank."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from morelike.architecture import Labelled, TrainedArchitecture, build, kinds
from morelike.errors import SettingError, did_you_mean
from morelike.evaluation.intervals import Comparison, compare
from morelike.runs.plan import Plan
from morelike.runs.settings import configure
from morelike.text.corpus import Corpus
from morelike.text.count_weights import line_weights
from morelike.training.experiment import ExperimentEvent, run_experiment, start_run
from morelike.training.preparation import prepare
from morelike.training.result import Result

__all__ = ["Budget", "Ranked", "chosen", "rank", "train_kinds"]

NOVELTY_SAMPLES = 1000
FEWEST_STEPS = 20
CALIBRATION = 0.5  # seconds over which the speed of a kind is measured


@dataclass(frozen=True)
class Budget:
    """What each kind may spend: seconds of training (compiling not counted), steps, or epochs."""

    amount: float
    unit: str

    @classmethod
    def of(cls, text: str) -> Budget:
        """Return the budget that a text says.

        Raises:
            SettingError: no such unit, or nothing to spend.

        >>> Budget.of("30s"), Budget.of("2m"), Budget.of("500 steps")
        (Budget(amount=30.0, unit='seconds'), Budget(amount=120.0, unit='seconds'), Budget(amount=500.0, unit='steps'))
        """
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|seconds|m|minutes|steps|epochs)\s*", text)
        if not found or float(found[1]) <= 0:
            raise SettingError(f"the budget '{text}': say for example 20s, 2m, 2000steps or 5epochs")
        amount, unit = float(found[1]), found[2]
        if unit in ("m", "minutes"):
            return cls(60 * amount, "seconds")
        return cls(amount, "seconds" if unit == "s" else unit)


@dataclass(frozen=True)
class Ranked:
    """One kind's place: its result, the share of its samples that are new, and its difference to the best on test.

    `behind` is this kind's loss minus the best's on the same words, in nats per character; None for the best.
    """

    result: Result
    novelty: float
    behind: Comparison | None

    @property
    def kind(self) -> str:
        """The kind of model."""
        return self.result.model.architecture.kind


def chosen(named: Sequence[str]) -> list[str]:
    """Return the kinds that are named, each once; all there are where none is.

    Raises:
        SettingError: no such kind.

    >>> chosen(["gru", "ngram", "gru"])
    ['gru', 'ngram']
    """
    for kind in named:
        if kind not in kinds():
            raise SettingError(
                f"no model is called '{kind}'; there are {', '.join(kinds())}{did_you_mean(kind, kinds())}"
            )
    return list(dict.fromkeys(named)) or kinds()


def train_kinds(
    corpus: Corpus, named: Sequence[str], budget: Budget, *, split: str, seed: int = 0, out: Path | None = None
) -> Iterator[tuple[Plan, ExperimentEvent]]:
    """Yield the events of each kind's run in turn, with its plan; every kind has the settings that suit it.

    Of a list with labels, kinds that take none learn without them.

    Raises:
        MorelikeError: as training does.
    """
    for kind in named:
        architecture = build(kind, {})
        settings = {"seed": seed, "labelled": isinstance(architecture, Labelled)}
        plan = Plan(corpus, architecture, configure(architecture, settings), None, split)
        if isinstance(architecture, TrainedArchitecture):
            plan = replace(plan, training=configure(architecture, settings | _length(plan, budget)))
        run = start_run(plan, out) if out else None
        for event in run_experiment(plan, run):
            yield plan, event


def rank(results: Sequence[Result]) -> list[Ranked]:
    """Return the results from the best to the worst on test, each with its paired difference to the best.

    Where nothing was held out the loss on train decides.
    """
    part = "test" if all("test" in result.losses for result in results) else "train"
    ordered = sorted(results, key=lambda result: result.losses[part].nats_per_character)
    words = getattr(ordered[0].splits, part)
    labels = ordered[0].splits.labels.get(part)
    best, lengths = ordered[0].model.unit_losses(words, labels=labels)
    counts, weighting = ordered[0].splits.counts.get(part), ordered[0].model.facts.get("count_weighting", "none")
    weights = line_weights(counts, weighting)
    ranked = []
    for i, result in enumerate(ordered):
        behind = None
        if i and len(lengths) > 1:
            behind = compare(result.model.unit_losses(words, labels=labels)[0], best, lengths, weights)
        ranked.append(Ranked(result, _novelty(result), behind))
    return ranked


def _length(plan: Plan, budget: Budget) -> dict[str, float | int]:
    """Return the setting of training that spends the budget; seconds are turned into steps by a short calibration."""
    if budget.unit == "epochs":
        return {"epochs": budget.amount}
    if budget.unit == "steps":
        return {"steps": max(int(budget.amount), 1)}
    return {"steps": max(ceil(budget.amount / _seconds_per_step(plan)), FEWEST_STEPS)}


def _seconds_per_step(plan: Plan) -> float:
    from morelike.training.jax.engine import Engine  # JAX is imported when training starts, never before

    assert isinstance(plan.architecture, TrainedArchitecture)
    prepared = prepare(plan)
    config = prepared.plan.training
    text = plan.corpus.form == "text"
    engine = Engine(plan.architecture, config, prepared.train, prepared.dev, prepared.vocabulary.size, text=text)
    chunk = config.chunk or 1
    state = engine.run(engine.initial_state(), 0, chunk).state  # compiles
    began, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < CALIBRATION or not done:
        state, done = engine.run(state, chunk + done, chunk).state, done + chunk
    return spent / done


def _novelty(result: Result) -> float:
    """Return the share of a model's samples, as they come, that stand in no part of the list."""
    model = result.model
    if model.form == "text":
        return 1.0
    words = model.sample(NOVELTY_SAMPLES, novel=False, unique=False)
    return sum(model.known.split_of(word) == "new" for word in words) / len(words)
