"""Fitting a classifier of two lists: two models over the characters of both, a threshold and a calibration on dev."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from morelike.errors import SettingError
from morelike.evaluation.classification import judge, threshold_at
from morelike.evaluation.label_calibration import Features, LabelCalibration
from morelike.evaluation.ngram_regression import NgramRegression
from morelike.language_model.classifier import Classifier, lengths
from morelike.language_model.model import LanguageModel
from morelike.runs.events import Event, Finished, Noted
from morelike.runs.plan import Plan
from morelike.text.known_words import KnownWords
from morelike.text.vocabulary import Vocabulary
from morelike.training import experiment
from morelike.training.preparation import Prepared, prepare
from morelike.training.result import model_facts


@dataclass(frozen=True)
class ClassifierFinished:
    """The last event of a fit."""

    classifier: Classifier


ClassifyingEvent: TypeAlias = Event | ClassifierFinished


def fit(good: Plan, bad: Plan, *, fpr: float = 0.01, features: Features = "ratio") -> Iterator[ClassifyingEvent]:
    """Yield the events of two trainings, one for each list, then `ClassifierFinished`.

    Each model learns from the train split of its list; its vocabulary holds the characters of both lists. The threshold
    and the calibration are fitted on dev, and the figures come from test. Words that stand in both lists or in a train
    split are left out of dev and test. If dev or test is empty, notes say what was done instead. Labels are ignored.

    Args:
        good, bad: the plans of the two models.
        fpr: the false-positive rate on dev that the threshold allows: the share of bad words classified as good.
        features: the features of the calibration, see `LabelCalibration`.

    Raises:
        SettingError: running text, `fpr` outside [0, 1), a kind that cannot be trained, or "ngrams" without dev.
        TrainingError: the loss is no longer a number.
    """
    if not 0 <= fpr < 1:
        raise SettingError(f"fpr = {fpr:g}: the share of bad words taken for good is at least 0 and below 1")
    if "text" in (good.corpus.form, bad.corpus.form):
        raise SettingError("a classifier takes two lists of words: one of these is running text")
    good, bad = (replace(plan, corpus=replace(plan.corpus, labels=None)) for plan in (good, bad))
    vocabulary = Vocabulary.of([*good.corpus.words, *bad.corpus.words])
    prepared = prepare(good, vocabulary), prepare(bad, vocabulary)
    models = (yield from _train(prepared[0])), (yield from _train(prepared[1]))
    held_out = _held_out(*prepared)
    if features == "ngrams" and not all(held_out.dev):
        raise SettingError("features = ngrams needs held-out words of both lists: give more words, or another split")
    regression = NgramRegression.fit(*_train_words(*prepared)) if features == "ngrams" else None
    classifier = _fit_on_held_out(*models, held_out, fpr, features, regression)
    yield from map(Noted, classifier.facts["notes"])
    yield ClassifierFinished(classifier)


def _train(prepared: Prepared) -> Generator[Event, None, LanguageModel]:
    """Yield the events of one training and return its model."""
    plan, splits, vocabulary, train, dev = prepared
    if splits.note:
        yield Noted(f"{plan.corpus.name}: {splits.note}")
    if plan.corpus.counts is not None:
        yield Noted(
            f"{plan.corpus.name}: the model is trained with count_weighting = {plan.training.count_weighting}; the "
            "threshold and the figures on test count each word once"
        )
    for event in experiment.fit(plan, train, dev, vocabulary.size):
        yield event
    assert isinstance(event, Finished)
    known, facts = KnownWords.of(splits), model_facts(plan, splits, event.step)
    return LanguageModel(vocabulary, plan.architecture, event.weights, known, facts)


def _train_words(good: Prepared, bad: Prepared) -> tuple[list[str], list[str]]:
    """Return the distinct words of each train split that are in one list only."""
    in_both = set(good.plan.corpus.words) & set(bad.plan.corpus.words)
    distinct = [[word for word in dict.fromkeys(each.splits.train) if word not in in_both] for each in (good, bad)]
    return distinct[0], distinct[1]


class HeldOut(NamedTuple):
    """The held-out words of both lists (good, bad), how many words stand in both lists, how many were left out."""

    dev: tuple[list[str], list[str]]
    test: tuple[list[str], list[str]]
    in_both: int
    left_out: int


def _held_out(good: Prepared, bad: Prepared) -> HeldOut:
    in_both = set(good.plan.corpus.words) & set(bad.plan.corpus.words)
    excluded = in_both.union(good.splits.train, bad.splits.train)

    def unseen(words: Sequence[str]) -> list[str]:
        return [word for word in words if word not in excluded]

    dev = unseen(good.splits.dev), unseen(bad.splits.dev)
    test = unseen(good.splits.test), unseen(bad.splits.test)
    total = sum(len(words) for each in (good, bad) for words in (each.splits.dev, each.splits.test))
    return HeldOut(dev, test, len(in_both), total - sum(map(len, (*dev, *test))))


def _fit_on_held_out(
    good: LanguageModel,
    bad: LanguageModel,
    held_out: HeldOut,
    fpr: float,
    features: Features,
    regression: NgramRegression | None,
) -> Classifier:
    """Return the classifier of two models: threshold and calibration fitted on dev, figures computed on test."""
    classifier = Classifier(good, bad, threshold=0.0, calibration=LabelCalibration.none(), regression=regression)
    notes = []
    if held_out.left_out:
        notes.append(
            f"{held_out.in_both:,} words stand in both lists; these words, and words that stand in train, "
            f"{held_out.left_out:,} in all, are left out of dev and test"
        )
    if all(held_out.dev):
        words = [*held_out.dev[0], *held_out.dev[1]]
        labels = np.repeat([True, False], list(map(len, held_out.dev)))
        log_odds = regression.log_odds(words) if regression else None
        calibration = LabelCalibration.fit(classifier.log_ratio(words), lengths(words), labels, features, log_odds)
        classifier = replace(classifier, calibration=calibration)
        bad_scores = classifier.score(held_out.dev[1])
        classifier = replace(classifier, threshold=threshold_at(bad_scores, fpr))
        if 0 < fpr * len(bad_scores) < 1:
            notes.append(
                f"dev has {len(bad_scores):,} bad words, too few for a rate of {fpr:g}: the threshold is set so that "
                "none of them is classified as good"
            )
    else:
        notes.append("no words are held out to choose a threshold on: it is 0, and probabilities assume equal classes")
    if all(held_out.test):
        p = classifier.probability([*held_out.test[0], *held_out.test[1]])
        good_scores, bad_scores = map(classifier.score, held_out.test)
        classifier = replace(classifier, judged=judge(good_scores, bad_scores, classifier.threshold, p))
    facts: dict[str, Any] = {"fpr": fpr, "in_both": held_out.in_both, "left_out": held_out.left_out, "notes": notes}
    for name, model, dev, test in zip(("good", "bad"), (good, bad), held_out.dev, held_out.test, strict=True):
        facts[name] = {**model.facts, "dev": len(dev), "test": len(test)}
    return replace(classifier, facts=facts)
