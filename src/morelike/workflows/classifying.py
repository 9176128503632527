"""Making a classifier of two lists: two models over the characters of both, a threshold and a calibration on dev."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from morelike.architecture import CountedArchitecture, TrainedArchitecture
from morelike.errors import SettingError
from morelike.evaluation.classification import Features, LabelCalibration, judge, threshold_at
from morelike.language_model.classifier import Classifier, lengths
from morelike.language_model.model import LanguageModel
from morelike.runs.events import Event, Finished, Noted
from morelike.runs.plan import Plan
from morelike.text.known_words import KnownWords
from morelike.text.vocabulary import Vocabulary
from morelike.training.counting import fit_counts
from morelike.training.loop import gradient_descent
from morelike.training.preparation import Prepared, prepare
from morelike.training.result import model_facts

__all__ = ["Classified", "ClassifyingEvent", "fit"]


@dataclass(frozen=True)
class Classified:
    """The last event of a fit."""

    classifier: Classifier


ClassifyingEvent: TypeAlias = Event | Classified


def fit(good: Plan, bad: Plan, *, fpr: float = 0.01, features: Features = "ratio") -> Iterator[ClassifyingEvent]:
    """Yield the events of both trainings, and last the classifier.

    Each model learns from the train part of its list, over the characters of both. The threshold and the calibration
    are chosen on dev, and everything is judged on test, where words that stand in both lists or in a train part are
    left out of both. Where dev or test is empty, notes say what was done instead. Labels of words play no part.

    Raises:
        SettingError: running text, a rate that is none, a kind that cannot be trained.
        TrainingError: a loss that is no longer a number.
    """
    if not 0 <= fpr < 1:
        raise SettingError(f"fpr = {fpr:g}: the share of bad words taken for good is at least 0 and below 1")
    if "text" in (good.corpus.form, bad.corpus.form):
        raise SettingError("running text has no words to tell apart: give two lists")
    good, bad = (replace(plan, corpus=replace(plan.corpus, labels=None)) for plan in (good, bad))
    vocabulary = Vocabulary.of([*good.corpus.words, *bad.corpus.words])
    of_good, of_bad = prepare(good, vocabulary), prepare(bad, vocabulary)
    models = (yield from _trained(of_good)), (yield from _trained(of_bad))
    classifier = _joined(*models, _held_out(of_good, of_bad), fpr, features)
    yield from map(Noted, classifier.facts["notes"])
    yield Classified(classifier)


def _trained(prepared: Prepared) -> Generator[Event, None, LanguageModel]:
    """Yield the events of one training and return its model."""
    plan, splits = prepared.plan, prepared.splits
    if splits.note:
        yield Noted(f"{plan.corpus.name}: {splits.note}")
    if plan.corpus.counts is not None:
        yield Noted(
            f"{plan.corpus.name}: the model uses the counts (count_weighting = {plan.training.count_weighting}); the "
            "threshold and the figures on test take each word once"
        )
    finished = None
    for event in _events(prepared):
        if isinstance(event, Finished):
            finished = event
        yield event
    assert finished is not None
    return LanguageModel(
        prepared.vocabulary,
        plan.architecture,
        finished.weights,
        KnownWords.of(splits),
        model_facts(plan, finished.step),
    )


def _events(prepared: Prepared) -> Iterator[Event]:
    architecture, size = prepared.plan.architecture, prepared.vocabulary.size
    if isinstance(architecture, CountedArchitecture):
        yield from fit_counts(architecture, prepared.train, prepared.dev, size)
    elif isinstance(architecture, TrainedArchitecture):
        yield from gradient_descent(architecture, prepared.plan.training, prepared.train, prepared.dev, size)
    else:
        raise SettingError(f"{architecture.kind} can be neither counted nor trained")


class HeldOut(NamedTuple):
    """The words to choose on and to judge on, good and bad; how many stand in both lists, how many were left out."""

    dev: tuple[list[str], list[str]]
    test: tuple[list[str], list[str]]
    in_both: int
    left_out: int


def _held_out(good: Prepared, bad: Prepared) -> HeldOut:
    both = set(good.plan.corpus.words) & set(bad.plan.corpus.words)
    known = both.union(good.splits.train, bad.splits.train)

    def kept(words: list[str]) -> list[str]:
        return [word for word in words if word not in known]

    dev, test = ((kept(getattr(good.splits, part)), kept(getattr(bad.splits, part))) for part in ("dev", "test"))
    held = sum(len(words) for each in (good, bad) for words in (each.splits.dev, each.splits.test))
    return HeldOut(dev, test, len(both), held - sum(map(len, (*dev, *test))))


def _joined(good: LanguageModel, bad: LanguageModel, held: HeldOut, fpr: float, features: Features) -> Classifier:
    """Return the classifier of two models, its threshold and calibration chosen on dev, judged on test."""
    classifier = Classifier(good, bad, threshold=0.0, calibration=LabelCalibration.none())
    notes = []
    if held.left_out:
        notes.append(
            f"{held.in_both:,} words stand in both lists; these, and words that stand in train as well, "
            f"{held.left_out:,} in all, are left out of dev and test"
        )
    if all(held.dev):
        of_good, of_bad = map(classifier.log_ratio, held.dev)
        labels = np.repeat([True, False], [len(of_good), len(of_bad)])
        counted = lengths([*held.dev[0], *held.dev[1]])
        calibration = LabelCalibration.fit(np.concatenate([of_good, of_bad]), counted, labels, features)
        classifier = replace(classifier, threshold=threshold_at(of_bad, fpr), calibration=calibration)
        if 0 < fpr * len(of_bad) < 1:
            notes.append(f"dev has {len(of_bad):,} bad words, too few for a rate of {fpr:g}: none of them may pass")
    else:
        notes.append("nothing is held out to choose a threshold on: it is 0, and the probability that of equal classes")
    if all(held.test):
        p = classifier.probability([*held.test[0], *held.test[1]])
        of_good, of_bad = map(classifier.log_ratio, held.test)
        classifier = replace(classifier, judged=judge(of_good, of_bad, classifier.threshold, p))
    facts: dict[str, Any] = {"fpr": fpr, "in_both": held.in_both, "left_out": held.left_out, "notes": notes}
    for name, model, dev, test in zip(("good", "bad"), (good, bad), held.dev, held.test, strict=True):
        facts[name] = {**model.facts, "dev": len(dev), "test": len(test)}
    return replace(classifier, facts=facts)
