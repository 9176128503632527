"""What came out of a run: the model judged beside a count baseline, and the new words that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from morelike.architecture import build
from morelike.errors import SamplingError
from morelike.evaluation.loss import Evaluation
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.runs.events import Finished
from morelike.runs.plan import Plan
from morelike.text.splits import Split
from morelike.text.vocabulary import TokenLines
from morelike.training.store_samples import judged

__all__ = ["Result", "facts_of", "figures_of", "judge", "new_words", "unjudged"]

BASELINE = "ngram"
SAMPLES = 20
TEXT_SAMPLE = 500


@dataclass(frozen=True)
class Result:
    """What came out: the model, the exact losses of each part, the baseline's, new words, and how long it took."""

    model: LanguageModel
    losses: dict[str, Evaluation]
    baseline: dict[str, Evaluation]
    parts: Split
    samples: list[str]
    steps: int
    training_seconds: float
    seconds: float
    steps_per_second: float
    reason: str = "completed"
    notes: list[str] = field(default_factory=list)
    run: Path | None = None


def judge(
    plan: Plan, model: LanguageModel, parts: Split, train: TokenLines, dev: TokenLines, finished: Finished
) -> Result:
    """Return the result: exact losses, the baseline's, and new words; of a store some are of samples (see `judged`)."""
    whole, (parts, train, dev, notes) = parts, judged(parts, train, dev)
    losses = {name: _evaluated(model, parts, name) for name in parts.parts}
    baseline = {}
    if plan.architecture.kind != BASELINE and parts.dev:
        counts = build(BASELINE, {}).as_counted()
        with one_thread():
            weights = counts.fit(train, dev, model.vocabulary.size)
        counted = replace(model, architecture=counts, weights=weights)
        baseline = {name: _evaluated(counted, parts, name) for name in parts.parts if name != "train"}
    figures = {name: loss.as_dict() for name, loss in losses.items()}
    model = replace(model, facts={**model.facts, "losses": figures})
    samples, troubles = new_words(model, plan.training.seed)
    plain = unjudged(model, whole, finished)
    return replace(plain, losses=losses, baseline=baseline, samples=samples, notes=[*notes, *troubles])


def unjudged(model: LanguageModel, parts: Split, finished: Finished) -> Result:
    """Return the result of a process that does not lead: the model alone."""
    return Result(model, {}, {}, parts, [], finished.step, finished.seconds, 0.0, 0.0, finished.reason)


def new_words(model: LanguageModel, seed: int) -> tuple[list[str], list[str]]:
    """Return what a fresh model makes, and a note if it made less than was asked."""
    try:
        return [model.write(TEXT_SAMPLE, seed=seed)] if model.form == "text" else model.sample(SAMPLES, seed=seed), []
    except SamplingError as error:
        return error.found, [f"new words: {error}"]


def _evaluated(model: LanguageModel, parts: Split, name: str) -> Evaluation:
    return model.evaluate(parts.parts[name], counts=parts.counts.get(name), labels=parts.labels.get(name))


def figures_of(result: Result) -> dict[str, Any]:
    """Return what meta.json keeps of a result."""
    return {
        "seconds": round(result.seconds, 3),
        "training_seconds": round(result.training_seconds, 3),
        "steps": result.steps,
        "ended": result.reason,
        "losses": {name: loss.as_dict() for name, loss in result.losses.items()},
        "baseline": {name: loss.as_dict() for name, loss in result.baseline.items()},
        "leaks": {"dev": result.parts.leaks.dev, "test": result.parts.leaks.test},
        "notes": result.notes,
    }


def facts_of(plan: Plan, steps: int) -> Mapping[str, Any]:
    """Return what a model keeps of the plan that it came from."""
    return {
        **({} if plan.corpus.counts is None else {"weights": plan.training.weights}),
        "list": plan.corpus.name,
        "lines": len(plan.corpus.words),
        "fingerprint": plan.corpus.fingerprint,
        "split": plan.split,
        "seed": plan.training.seed,
        "steps": steps,
    }
