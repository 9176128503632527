"""A leader board: several kinds of model, trained on one list with one budget and ranked by their loss."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from pathlib import Path

from morelike.architecture import build, kinds
from morelike.display import Summarized, Summary
from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.evaluation.intervals import Comparison, compare
from morelike.runs.events import Noted
from morelike.runs.plan import Plan, hiding_test
from morelike.runs.settings import EVALUATIONS, configure
from morelike.text.corpus import Corpus
from morelike.text.count_weights import line_weights
from morelike.training.experiment import ExperimentEvent, run_experiment, start_run
from morelike.training.preparation import prepare
from morelike.training.result import Result
from morelike.workflows.dry_run import estimate

NOVELTY_SAMPLES = 1000
FEWEST_CHUNKS = 2


@dataclass(frozen=True)
class Budget:
    """The budget of each kind: seconds of training steps (without compiling and evaluating), steps, or epochs."""

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


@dataclass(frozen=True, repr=False)
class RankedModel(Summarized):
    """One row of the leader board.

    `novelty` is the share of the model's samples that stand in no split of the list. `behind` compares the model's loss
    with the best model's loss on the same words (nats per character); None for the best model.
    """

    result: Result
    novelty: float
    behind: Comparison | None

    def _summary(self) -> Summary:
        losses = {name: self.loss(name) for name in self.result.losses if name != "train"}
        behind = self.behind.difference if self.behind else None
        return Summary({"kind": self.kind, **losses, "behind": behind, "new": self.novelty})

    def loss(self, split: str) -> float:
        """Return the loss on a split (nats per character)."""
        return self.result.losses[split].nats_per_character

    @property
    def kind(self) -> str:
        """The kind of model."""
        return self.result.model.architecture.kind


class LeaderBoard(Summarized, list[RankedModel]):
    """Ranked models, the best first: a list that a notebook shows as a table."""

    def _summary(self) -> Summary:
        splits = [name for name in ("dev", "test", "train") if all(name in each.result.losses for each in self)][:2]
        rows = [
            (
                each.kind,
                each.result.model.parameters,
                *map(each.loss, splits),
                each.behind and each.behind.difference,
                each.behind and each.behind.interval,
                f"{each.novelty:.0%}",
                each.result.step_seconds,
            )
            for each in self
        ]
        columns = ("kind", "parameters", *splits, "behind", "behind 95 %", "new", "seconds")
        return Summary({"models": len(self), "best": self[0].kind if self else None}, {}, columns, rows)


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
    corpus: Corpus,
    names: Sequence[str],
    budget: Budget,
    *,
    split: str,
    seed: int = 0,
    out: Path | None = None,
    hide_test: bool = False,
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
        plan = hiding_test(plan) if hide_test else plan
        most_seconds = budget.amount if budget.unit == "seconds" else None
        if architecture.learned_by == "gradients":
            length, note = _length(plan, budget)
            plan = replace(plan, training=configure(architecture, settings | length))
            yield from ((plan, Noted(sentence)) for sentence in note)
        run = start_run(plan, out) if out else None
        for event in run_experiment(plan, run, budget=most_seconds):
            yield plan, event


def rank(results: Sequence[Result]) -> LeaderBoard:
    """Return the results from the lowest loss on test to the highest, each with its paired difference to the best.

    If test is hidden the loss on dev decides, and if nothing was held out the loss on train.
    """
    parts = ("test", "dev", "train")
    split = next(name for name in parts if all(name in result.losses for result in results))
    ordered = sorted(results, key=lambda result: result.losses[split].nats_per_character)
    words = getattr(ordered[0].splits, split)
    labels = ordered[0].splits.labels.get(split)
    best, lengths = ordered[0].model.unit_losses(words, labels=labels)
    counts, weighing = ordered[0].splits.counts.get(split), ordered[0].model.facts.get("count_weighting", "none")
    weights = line_weights(counts, weighing)
    ranked = LeaderBoard()
    for i, result in enumerate(ordered):
        behind = None
        if i and len(lengths) > 1:
            behind = compare(result.model.unit_losses(words, labels=labels)[0], best, lengths, weights)
        ranked.append(RankedModel(result, _novelty(result), behind))
    return ranked


def _length(plan: Plan, budget: Budget) -> tuple[dict[str, float | int], list[str]]:
    """Return the training settings that use the budget, and notes on it; a short trial turns seconds into steps."""
    if budget.unit == "epochs":
        return {"epochs": budget.amount}, []
    if budget.unit == "steps":
        return {"steps": max(int(budget.amount), 1)}, []
    began = time.perf_counter()
    cost, resolved = estimate(plan), prepare(plan).plan.training
    assert resolved.chunk
    assert resolved.steps
    chunk, step = resolved.chunk, cost.training / cost.steps
    chunks = max(round(budget.amount / (step * chunk)), FEWEST_CHUNKS)
    steps, every = chunks * chunk, ceil(chunks / EVALUATIONS) * chunk  # whole chunks are compiled once
    in_all = time.perf_counter() - began + cost.compiling + steps * step + cost.evaluating
    note = (
        f"{plan.architecture.kind}: {steps:,} steps in about {steps * step:.1f} s; compiling takes about "
        f"{cost.compiling:.1f} s and evaluating {cost.evaluating:.1f} s; with a trial, about {in_all:.0f} s in all"
    )
    return {"steps": steps, "chunk": chunk, "evaluate_every": every}, [note]


def _novelty(result: Result) -> float:
    """Return the share of a model's samples that stand in no split of the list; samples may repeat."""
    model = result.model
    if model.form == "text":
        return 1.0
    words = model.sample(NOVELTY_SAMPLES, novel=False, unique=False)
    return sum(model.known.split_of(word) == "new" for word in words) / len(words)
