"""A look: a model at one step of its training, with the list from which it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import build
from morelike.arrays import Float
from morelike.errors import SettingError
from morelike.evaluation.loss import Evaluation
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import evaluated
from morelike.language_model.threads import one_thread
from morelike.runs.plan import Plan
from morelike.text.count_weights import Counts
from morelike.text.known_words import KnownWords
from morelike.text.labels import label_shares
from morelike.text.splits import Split
from morelike.text.vocabulary import TokenLines
from morelike.training.preparation import Prepared, prepare
from morelike.training.result import model_facts
from morelike.workflows.diagnosis import train_split

COUNTED: Mapping[str, Mapping[str, Any]] = {
    "bigram": {"order": 2, "smoothing": "add", "alpha": 1.0},
    "kneser_ney": {"smoothing": "kneser-ney", "order": 5},
    "ngram": {},
}
"""The settings of the counted models with which a network is compared: bigrams with one added to each count, modified
Kneser-Ney, and the mixture of n-grams, which is the default of the kind."""

MOST_HELD_OUT = 20_000
"""Words of dev, or of test, on which losses are measured at most. More words hardly narrow the interval."""


@dataclass(frozen=True)
class Background:
    """What all looks of one run have in common: its plan, and its list in splits and as tokens.

    `metrics` are the lines of the metrics.jsonl of the run, None without a run.
    """

    prepared: Prepared
    metrics: Sequence[Mapping[str, Any]] | None = None

    @classmethod
    def of(cls, plan: Plan, metrics: Sequence[Mapping[str, Any]] | None = None) -> Background:
        """Return the background of a plan: its list is split and encoded.

        Raises:
            SettingError, ListError: as `training.preparation.prepare`.
        """
        return cls(prepare(plan), metrics)

    @property
    def plan(self) -> Plan:
        """The plan of the run, with all lengths written out."""
        return self.prepared.plan

    @property
    def splits(self) -> Split:
        """The list in its splits."""
        return self.prepared.splits

    @cached_property
    def untrained(self) -> LanguageModel:
        """The model of the plan without its weights."""
        plan, splits, vocabulary, train, _ = self.prepared
        labels = {} if train.labels is None else label_shares(train.labels, plan.labels, train.weights)
        known, facts = KnownWords.of(splits), model_facts(plan, splits, 0)
        return LanguageModel(vocabulary, plan.architecture, {}, known, facts, plan.corpus.form, labels)

    @cached_property
    def counted(self) -> dict[str, LanguageModel]:
        """The counted models of `COUNTED`, counted on the same list, by name."""
        with one_thread():
            return {name: self._count(settings) for name, settings in COUNTED.items()}

    def _count(self, settings: Mapping[str, Any]) -> LanguageModel:
        architecture = build("ngram", settings).as_counted()
        weights = architecture.fit(self.prepared.train, self.prepared.dev, self.prepared.vocabulary.size)
        return replace(self.untrained, architecture=architecture, weights=weights)

    @cached_property
    def counted_losses(self) -> dict[str, Evaluation]:
        """The losses of the counted models on dev, by name.

        Raises:
            SettingError: no word is held out.
        """
        return {name: self.evaluate(model) for name, model in self.counted.items()}

    @cached_property
    def diagnosed_lines(self) -> TokenLines:
        """The lines of train on which a model is diagnosed, as tokens."""
        plan, _, vocabulary, _, _ = self.prepared
        return train_split(plan.corpus, plan.split, vocabulary, plan.labels)

    def held_out(self, part: str = "dev") -> tuple[Sequence[str], Counts | None, Sequence[str] | None]:
        """Return the words of dev or test with their counts and labels, at most `MOST_HELD_OUT` of them.

        Raises:
            SettingError: the split has no such part.
        """
        splits = self.splits
        if part not in splits.parts:
            raise SettingError(
                f"the split '{splits.name}' leaves no words for {part}, so there is no loss on new words: give a list "
                "of ten words or more"
            )
        words, counts, labels = splits.parts[part], splits.counts.get(part), splits.labels.get(part)
        if self.plan.corpus.form == "text":
            return words, counts, labels
        first = slice(MOST_HELD_OUT)
        return words[first], None if counts is None else counts[first], None if labels is None else labels[first]

    def evaluate(self, model: LanguageModel, part: str = "dev") -> Evaluation:
        """Return the loss of a model on dev or test.

        Raises:
            SettingError: as `held_out`.
        """
        words, counts, labels = self.held_out(part)
        return evaluated(model, words, counts, labels=labels)


@dataclass(frozen=True)
class Look:
    """A model with the weights of one step, and the background of its run.

    `earlier` are the weights of the look before this one, with its step, and `earlier_embeddings` the embeddings C of
    all looks before this one, oldest first. `others` are looks of other
    runs by name, for panels that compare.
    """

    model: LanguageModel
    background: Background
    step: int = 0
    earlier_embeddings: Sequence[Float[NDArray[Any], "V E"]] = ()
    others: Mapping[str, Look] = field(default_factory=dict)
    earlier: tuple[int, Mapping[str, NDArray[Any]]] | None = None

    @classmethod
    def of(cls, background: Background, weights: Mapping[str, NDArray[Any]], step: int = 0, **more: Any) -> Look:
        """Return the look of a run at a step, from its weights."""
        return cls(replace(background.untrained, weights=dict(weights)), background, step, **more)

    @cached_property
    def has_diverged(self) -> bool:
        """Whether a weight is no longer a finite number."""
        return not all(bool(np.isfinite(array).all()) for array in self.model.weights.values())

    def require_finite(self) -> None:
        """Refuse a look whose weights have diverged.

        Raises:
            SettingError: a weight is no longer a finite number.
        """
        if self.has_diverged:
            raise SettingError(
                f"the weights at step {self.step:,} are no longer finite numbers: go back to an earlier look, and "
                "lower the learning rate"
            )
