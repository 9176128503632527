"""A leader board: several kinds of model, trained on one list with one budget and ranked by their loss."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from pathlib import Path

from morelike.architecture import build, kinds
from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.evaluation.intervals import Comparison, compare
from morelike.runs.plan import Plan
from morelike.runs.settings import configure
from morelike.text.corpus import Corpus
from morelike.text.count_weights import line_weights
from morelike.training.experiment import ExperimentEvent, run_experiment, start_run
from morelike.training.preparation import prepare
from morelike.training.result import Result

NOVELTY_SAMPLES = 1000
FEWEST_STEPS = 20
SPEED_TEST_SECONDS = 0.5


@dataclass(frozen=True)
class Budget:
    """The budget of each kind: seconds of training (without compiling), steps, or epochs."""

    amount: float
    unit: str

    @classmethod
    def of(cls, text: str) -> Budget:
        """Return the budget that a text states.

        Raises:
            SettingError: an unknown unit, or an amount of 0.

        >>> Budget.of("30s"), Budget.of("2m"), Budget.of("500 steps")
        (Budget(amount=30.0, unit='seconds'), Budget(amount=120.0, unit='seconds'), Budget(amount=500.0, unit='steps'))
        """
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|seconds|m|minutes|steps|epochs)\s*", text)
        if not found or not 0 < float(found[1]) < inf:
            raise SettingError(f"the budget {excerpt(text)}: say for example 20s, 2m, 2000steps or 5epochs")
        amount, unit = float(found[1]), found[2]
        if unit in ("m", "minutes"):
            return cls(60 * amount, "seconds")
        return cls(amount, "seconds" if unit == "s" else unit)


@dataclass(frozen=True)
class RankedModel:
    """One row of the leader board.

    `novelty` is the share of the model's samples that stand in no split of the list. `behind` compares the model's loss
    with the best model's loss on the same words (nats per character); None for the best model.
    """

    result: Result
    novelty: float
    behind: Comparison | None

    @property
    def kind(self) -> str:
        """The kind of model."""
        return self.result.model.architecture.kind


def select_kinds(names: Sequence[str]) -> list[str]:
    """Return the kinds of these names, each once; all kinds if there are no names.

    Raises:
        SettingError: an unknown kind.

    >>> select_kinds(["gru", "ngram", "gru"])
    ['gru', 'ngram']
    """
    for kind in names:
        if kind not in kinds():
            raise SettingError(
                f"no model is called {excerpt(kind)}; there are {', '.join(kinds())}{did_you_mean(kind, kinds())}"
            )
    return list(dict.fromkeys(names)) or kinds()


def train_kinds(
    corpus: Corpus, names: Sequence[str], budget: Budget, *, split: str, seed: int = 0, out: Path | None = None
) -> Iterator[tuple[Plan, ExperimentEvent]]:
    """Yield the events of each kind's run, one kind after the other, each event with the plan of its run.

    Every kind is trained with its own default settings. Kinds that take no labels ignore the labels of a list.

    Raises:
        MorelikeError: as training does.
    """
    for kind in names:
        architecture = build(kind, {})
        settings = {"seed": seed, "labelled": architecture.takes_labels}
        plan = Plan(corpus, architecture, configure(architecture, settings), None, split)
        if architecture.learned_by == "gradients":
            plan = replace(plan, training=configure(architecture, settings | _length(plan, budget)))
        run = start_run(plan, out) if out else None
        for event in run_experiment(plan, run):
            yield plan, event


def rank(results: Sequence[Result]) -> list[RankedModel]:
    """Return the results from the lowest loss on test to the highest, each with its paired difference to the best.

    If nothing was held out, the loss on train decides.
    """
    split = "test" if all("test" in result.losses for result in results) else "train"
    ordered = sorted(results, key=lambda result: result.losses[split].nats_per_character)
    words = getattr(ordered[0].splits, split)
    labels = ordered[0].splits.labels.get(split)
    best, lengths = ordered[0].model.unit_losses(words, labels=labels)
    counts, weighing = ordered[0].splits.counts.get(split), ordered[0].model.facts.get("count_weighting", "none")
    weights = line_weights(counts, weighing)
    ranked = []
    for i, result in enumerate(ordered):
        behind = None
        if i and len(lengths) > 1:
            behind = compare(result.model.unit_losses(words, labels=labels)[0], best, lengths, weights)
        ranked.append(RankedModel(result, _novelty(result), behind))
    return ranked


def _length(plan: Plan, budget: Budget) -> dict[str, float | int]:
    """Return the training setting that uses the budget; a short speed test turns seconds into steps."""
    if budget.unit == "epochs":
        return {"epochs": budget.amount}
    if budget.unit == "steps":
        return {"steps": max(int(budget.amount), 1)}
    return {"steps": max(ceil(budget.amount / _seconds_per_step(plan)), FEWEST_STEPS)}


def _seconds_per_step(plan: Plan) -> float:
    from morelike.training.jax.engine import Engine  # importing JAX takes a second

    architecture = plan.architecture.as_trained("it has no steps to time")
    prepared = prepare(plan)
    config = prepared.plan.training
    text = plan.corpus.form == "text"
    engine = Engine(architecture, config, prepared.train, prepared.dev, prepared.vocabulary.size, text=text)
    chunk = config.chunk or 1
    state = engine.run(engine.initial_state(), 0, chunk).state  # compiles
    began, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < SPEED_TEST_SECONDS or not done:
        state, done = engine.run(state, chunk + done, chunk).state, done + chunk
    return spent / done


def _novelty(result: Result) -> float:
    """Return the share of a model's samples that stand in no split of the list; samples may repeat."""
    model = result.model
    if model.form == "text":
        return 1.0
    words = model.sample(NOVELTY_SAMPLES, novel=False, unique=False)
    return sum(model.known.split_of(word) == "new" for word in words) / len(words)
