"""The result of a run: the model, its losses next to those of a count baseline, and new words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from morelike.architecture import CountedArchitecture, build
from morelike.arrays import Weights
from morelike.display import Plots, Summarized, Summary
from morelike.errors import SamplingError
from morelike.evaluation.loss import Evaluation
from morelike.language_model.files.facts import HIDDEN
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import evaluated
from morelike.language_model.threads import one_thread
from morelike.runs.events import Finished
from morelike.runs.plan import Plan
from morelike.text.splits import Split
from morelike.text.vocabulary import TokenLines
from morelike.training.counting import fit_best_order
from morelike.training.store_samples import evaluation_parts

BASELINE = "ngram"
SAMPLES = 20
TEXT_SAMPLE = 500
TEST = "test"
SHOWN_SAMPLES = 10


@dataclass(frozen=True, repr=False)
class Result(Summarized):
    """The model, its exact losses on each part and those of the baseline, new words, and the times it took.

    `counted` is the n-gram to mix with the network, None if the plan has none. `members` are the losses of the models
    that were compared, by name; `choice` says which of them the model is, and why. `judged` is the model that the
    losses describe, None if it is `model` itself: after a refit it is the model before the refit.
    `step_seconds` are the seconds of the steps alone, without compiling and evaluating. The times and the speed of a
    resumed run begin at `first_step`, the step at which it was resumed.
    """

    model: LanguageModel
    losses: dict[str, Evaluation]
    baseline: dict[str, Evaluation]
    splits: Split
    samples: list[str]
    steps: int
    training_seconds: float
    seconds: float
    steps_per_second: float
    reason: str = "completed"
    notes: list[str] = field(default_factory=list)
    run: Path | None = None
    first_step: int = 0
    step_seconds: float = 0.0
    best_step: int = 0
    counted: LanguageModel | None = None
    members: dict[str, dict[str, Evaluation]] = field(default_factory=dict)
    choice: Mapping[str, Any] | None = None
    judged: LanguageModel | None = None

    plot = Plots()

    def _summary(self) -> Summary:
        kind = self.model.architecture.kind
        losses = {name: loss.nats_per_character for name, loss in self.losses.items() if name != "train"}
        facts = {"kind": kind, "steps": self.steps, "seconds": self.seconds, **losses, "reason": self.reason}
        details = {"run": self.run, "new words": ", ".join(self.samples[:SHOWN_SAMPLES]) or None}
        compared = {kind: self.losses, "n-gram counts": self.baseline}
        rows = [
            (name, split, loss.nats_per_character, loss.interval, loss.perplexity)
            for name, each in (self.members or compared).items()
            for split, loss in each.items()
        ]
        return Summary(facts, details, ("model", "split", "nats per character", "95 %", "perplexity"), rows)

    @property
    def parts(self) -> Split:
        """The former name of `splits`."""
        return self.splits


def make_result(
    plan: Plan, model: LanguageModel, splits: Split, train: TokenLines, dev: TokenLines, finished: Finished
) -> Result:
    """Return the result: exact losses, the losses of the baseline, and new words (see `evaluation_parts`)."""
    unevaluated = unevaluated_result(model, splits, finished)
    splits, train, dev, notes = evaluation_parts(splits, train, dev)
    judged = judged_parts(splits, hide_test=plan.hide_test)
    losses = {name: _evaluated(model, splits, name) for name in judged}
    baseline = {}
    if plan.architecture.kind != BASELINE and splits.dev:
        architecture = build(BASELINE, {}).as_counted()
        with one_thread():
            weights = architecture.fit(train, dev, model.vocabulary.size)
        counted = replace(model, architecture=architecture, weights=weights)
        baseline = {name: _evaluated(counted, splits, name) for name in judged if name != "train"}
    figures = {name: loss.as_dict() for name, loss in losses.items()}
    model = replace(model, facts={**model.facts, "losses": figures})
    samples, sampling_notes = new_words(model, plan.training.seed)
    notes = [*notes, *sampling_notes]
    return replace(unevaluated, model=model, losses=losses, baseline=baseline, samples=samples, notes=notes)


def judged_parts(splits: Split, *, hide_test: bool) -> list[str]:
    """Return the names of the parts whose losses are computed: all, or all but test."""
    return [name for name in splits.parts if not (hide_test and name == TEST)]


def unevaluated_result(model: LanguageModel, splits: Split, finished: Finished) -> Result:
    """Return a result with the model only, as in the processes that do not lead."""
    result = Result(model, {}, {}, splits, [], finished.step, finished.seconds, 0.0, 0.0, finished.reason)
    return replace(result, step_seconds=finished.step_seconds, best_step=finished.best_step)


def count_member(plan: Plan, train: TokenLines, dev: TokenLines, symbols: int) -> tuple[CountedArchitecture, Weights]:
    """Return the n-gram that a plan mixes with its network, and its weights."""
    assert plan.mixed_with
    architecture = plan.mixed_with.as_counted()
    if plan.any_order:
        return fit_best_order(architecture, train, dev, symbols)
    with one_thread():
        return architecture, architecture.fit(train, dev, symbols)


def result_with_counts(
    model: LanguageModel, splits: Split, finished: Finished, architecture: CountedArchitecture, weights: Weights
) -> Result:
    """Return the result of a network without losses, with the n-gram of its plan, counted on the same lines."""
    counted = replace(model, architecture=architecture, weights=weights, facts={**model.facts, "steps": 1})
    return replace(unevaluated_result(model, splits, finished), counted=counted)


def new_words(model: LanguageModel, seed: int) -> tuple[list[str], list[str]]:
    """Return samples of a new model, and a note if there are fewer than requested."""
    try:
        return [model.write(TEXT_SAMPLE, seed=seed)] if model.form == "text" else model.sample(SAMPLES, seed=seed), []
    except SamplingError as error:
        return error.found, [f"new words: {error}"]


def _evaluated(model: LanguageModel, splits: Split, name: str) -> Evaluation:
    return evaluated(model, splits.parts[name], splits.counts.get(name), labels=splits.labels.get(name))


def result_figures(result: Result) -> dict[str, Any]:
    """Return the figures of a result for meta.json."""
    return {
        "seconds": round(result.seconds, 3),
        "training_seconds": round(result.training_seconds, 3),
        "steps": result.steps,
        **({"resumed_at": result.first_step} if result.first_step else {}),
        "ended": result.reason,
        "losses": {name: loss.as_dict() for name, loss in result.losses.items()},
        "baseline": {name: loss.as_dict() for name, loss in result.baseline.items()},
        **({"members": members_as_dict(result)} if result.members else {}),
        **({"choice": result.choice} if result.choice else {}),
        **({"refit": True} if result.judged else {}),
        **({HIDDEN: True} if result.model.facts.get(HIDDEN) else {}),
        "leaks": {"dev": result.splits.leaks.dev, "test": result.splits.leaks.test},
        "notes": result.notes,
    }


def members_as_dict(result: Result) -> dict[str, dict[str, Any]]:
    """Return the losses of the models that were compared, for JSON."""
    return {kind: {name: loss.as_dict() for name, loss in losses.items()} for kind, losses in result.members.items()}


def model_facts(plan: Plan, splits: Split, steps: int) -> Mapping[str, Any]:
    """Return the facts of a plan that are saved with the model. `lines` counts the list, `learned_lines` train."""
    return {
        **({} if plan.corpus.counts is None else {"count_weighting": plan.training.count_weighting}),
        "list": plan.corpus.name,
        "lines": len(plan.corpus.words),
        "learned_lines": len(splits.train),
        "fingerprint": plan.corpus.fingerprint,
        "split": plan.split,
        "seed": plan.training.seed,
        "steps": steps,
        **({HIDDEN: True} if plan.hide_test and splits.test else {}),
    }
