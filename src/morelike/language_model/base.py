"""The data of a language model, its labels, its files, and the prepared weights with which it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from morelike.architecture import Architecture
from morelike.arrays import Weights
from morelike.display import Plots, Summarized, Summary
from morelike.ensembles.label_marginal import Marginal
from morelike.errors import SettingError, excerpt
from morelike.language_model.files.card import model_card
from morelike.language_model.files.model_files import Contents, read_model, write_model
from morelike.language_model.origin import Origin
from morelike.language_model.threads import one_thread
from morelike.text.known_words import KnownWords
from morelike.text.labels import label_ids
from morelike.text.vocabulary import Vocabulary
from morelike.text.words import Form, check_word

if TYPE_CHECKING:
    from morelike.language_model.ngram_proxy import NgramProxy
    from morelike.sampling.letter_pairs import LetterPairs

Model = TypeVar("Model", bound="ModelBase")


LOSS_COLUMNS = ("split", "nats per character", "95 %", "perplexity")


class PreparedModel(NamedTuple):
    """The architecture that runs when a model is used, and its weights, prepared for many steps."""

    architecture: Architecture
    weights: Weights


@dataclass(frozen=True, repr=False)
class ModelBase(Summarized):
    """A vocabulary, an architecture and its weights.

    `form` is "lines" for a model of words, which have an end, and "text" for a model of one running text. `facts` holds
    its origin (list, split, losses) for the model card. `labels` maps each label of its list, in the order of the ids,
    to its share of train. `label` is the label on which the model is conditioned, if any. `origin` is known until the
    process ends, or if the model is in a run; it is neither saved nor pickled with the model.
    """

    vocabulary: Vocabulary
    architecture: Architecture
    weights: Weights
    known: KnownWords
    facts: Mapping[str, Any] = field(default_factory=dict)
    form: Form = "lines"
    labels: Mapping[str, float] = field(default_factory=dict)
    label: str | None = None
    origin: Origin | None = field(default=None, compare=False)

    plot = Plots()

    def _summary(self) -> Summary:
        facts = {
            "kind": self.architecture.kind,
            "list": self.facts.get("list"),
            "parameters": self.parameters,
            "characters": len(self.vocabulary.characters),
            "label": self.label,
        }
        details = {
            "members": _members(self.architecture, self.weights),
            "lines": self.facts.get("lines"),
            "split": self.facts.get("split"),
            "steps": self.facts.get("steps"),
            "seed": self.facts.get("seed"),
            "labels": ", ".join(self.labels) or None,
            "run": self.origin.run if self.origin else None,
        }
        return Summary(facts, details, LOSS_COLUMNS, _loss_rows(self.facts.get("losses", {})))

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for pickle and copies: without the list of the origin, which the user may not share."""
        return {**self.__dict__, "origin": None}

    @property
    def parameters(self) -> int:
        """How many numbers of the weights were learned; running statistics do not count."""
        return sum(array.size for name, array in self.weights.items() if self.architecture.is_parameter(name))

    def conditioned_on(self: Model, label: str | None) -> Model:
        """Return the model conditioned on a label; for None, the model itself, which mixes all labels.

        Raises:
            SettingError: the model has no such label, or none at all.

        >>> import morelike
        >>> words, labels = ["anna", "hanna", "bob", "rob"], ["girl", "girl", "boy", "boy"]
        >>> model = morelike.train(words, labels=labels, kind="ngram")
        >>> model.labels
        {'boy': 0.5, 'girl': 0.5}
        >>> boy, girl = (model.conditioned_on(label).log_probability(["bobo"]) for label in model.labels)
        >>> bool(boy > girl)
        True
        """
        if label is None:
            return self
        label = check_word(label, "label")
        if not self.labels:
            raise SettingError(
                f"label = {excerpt(label)}: the model learned from a list without labels, so it takes none"
            )
        label_ids([label], list(self.labels))
        model: Model = self._conditioned.setdefault(label, replace(self, label=label))
        return model

    @property
    def mixes_labels(self) -> bool:
        """Whether the model has labels and is conditioned on none of them."""
        return bool(self.labels) and self.label is None

    def save(self, folder: str | Path) -> Path:
        """Write the model as one folder, atomically, and return its path.

        Raises:
            ModelError: the path holds something else, or cannot be written.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     saved = model.save(f"{folder}/names")
        ...     sorted(path.name for path in saved.iterdir())[:3]
        ['MANIFEST.json', 'README.md', 'config.json']
        """
        text = model_card(self.architecture, self.vocabulary.size, self.parameters, self.facts, self.labels)
        return write_model(Path(folder), self.contents, text)

    @property
    def contents(self) -> Contents:
        """All that the model's files hold."""
        return Contents(*(getattr(self, name) for name in Contents._fields))

    @classmethod
    def load(cls: type[Model], folder: str | Path) -> Model:
        """Return the model in a folder; no code runs, and the SHA-256 of every file is checked.

        Raises:
            ModelError: a file is missing, damaged, or has an unknown format; the message names it.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = morelike.LanguageModel.load(model.save(f"{folder}/names"))
        >>> again.sample(5) == model.sample(5)
        True
        """
        run = Path(folder).absolute().parent
        origin = Origin(run=run) if (run / "meta.json").is_file() else None
        return cls(*read_model(Path(folder)), origin=origin)

    @cached_property
    def prepared(self) -> PreparedModel:
        """The architecture and weights that run: conditioned on the label, or the mixture over all labels."""
        architecture = self.architecture
        if not self.labels:
            return PreparedModel(architecture, architecture.prepare(self.weights))
        if self.label is None:
            return PreparedModel(*Marginal.of(architecture, self.weights, np.array(list(self.labels.values()))))
        return PreparedModel(
            architecture, architecture.conditioned_on(self.weights, list(self.labels).index(self.label))
        )

    @cached_property
    def ngram_proxy(self) -> NgramProxy:
        """The n-grams that guide this model under constraints."""
        from morelike.language_model.ngram_proxy import (
            make_ngram_proxy,  # its import is slow and seldom needed
        )

        return make_ngram_proxy(*self.prepared, self.vocabulary.size)

    @cached_property
    def letter_pairs(self) -> LetterPairs:
        """The surprisal of each pair of letters in the model's words."""
        from morelike.sampling.letter_pairs import letter_pairs  # seldom needed

        with one_thread():
            return letter_pairs(*self.prepared, self.vocabulary.size)

    def shorter_ngram_proxy(self, order: int) -> NgramProxy:
        """Return approximate n-grams of this order that guide the model where `ngram_proxy` would be too large."""
        from morelike.language_model.ngram_proxy import estimate_ngrams

        return estimate_ngrams(*self.prepared, self.vocabulary.size, order)

    given = conditioned_on  # former names
    in_use = property(lambda self: self.prepared, doc="The former name of `prepared`.")
    imitation = property(lambda self: self.ngram_proxy, doc="The former name of `ngram_proxy`.")

    @cached_property
    def _conditioned(self) -> dict[str, Any]:
        return {}


def _members(architecture: Architecture, weights: Weights) -> str | None:
    """Return the kinds of the members of a mixture with their weights; None for another model."""
    members = architecture.mixture_members(weights)
    if len(members) < 2:
        return None
    return ", ".join(f"{member.architecture.kind} ({member.weight:.2f})" for member in members)


def _loss_rows(losses: Mapping[str, Mapping[str, Any]]) -> list[Sequence[Any]]:
    """Return the losses of the splits, as the facts of a model hold them, for a table."""
    return [
        (name, figures["nats"], tuple(map(float, figures["interval"])), figures["perplexity"])
        for name, figures in losses.items()
    ]
