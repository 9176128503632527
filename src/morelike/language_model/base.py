"""What a language model holds, and what follows from it: its labels, its files, and what is run when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from morelike.architecture import Architecture
from morelike.arrays import Weights
from morelike.ensembles.label_marginal import Marginal
from morelike.errors import SettingError
from morelike.language_model.card import model_card
from morelike.language_model.model_files import Contents, read_model, write_model
from morelike.text.known_words import KnownWords
from morelike.text.labels import label_ids
from morelike.text.vocabulary import Vocabulary
from morelike.text.words import Form

if TYPE_CHECKING:
    from morelike.language_model.ngram_proxy import NgramProxy

__all__ = ["ModelBase", "PreparedModel"]

Model = TypeVar("Model", bound="ModelBase")


class PreparedModel(NamedTuple):
    """The architecture that is run when a model is used, and its weights, prepared for many steps."""

    architecture: Architecture
    weights: Weights


@dataclass(frozen=True)
class ModelBase:
    """A vocabulary, an architecture and its weights.

    `form` says what it models: words, each with an end ("lines"), or one running text without ends ("text").
    `facts` says where it comes from (list, split, losses); it is written into the model card. `labels` holds each label
    of its list with its share of train, in the order of their numbers; `label` is the one that is given, if one is.
    """

    vocabulary: Vocabulary
    architecture: Architecture
    weights: Weights
    known: KnownWords
    facts: Mapping[str, Any] = field(default_factory=dict)
    form: Form = "lines"
    labels: Mapping[str, float] = field(default_factory=dict)
    label: str | None = None

    @property
    def parameters(self) -> int:
        """Numbers in the weights that were learned; running statistics are not among them."""
        return sum(array.size for name, array in self.weights.items() if self.architecture.is_parameter(name))

    def conditioned_on(self: Model, label: str | None) -> Model:
        """Return the model given a label, for everything that it can be asked; the model itself given None.

        Without a label it is the model of all of them, each weighed by its share.

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
        if not self.labels:
            raise SettingError(f"label = '{label}': the model learned from a list without labels, so it takes none")
        label_ids([label], list(self.labels))
        model: Model = self._conditioned.setdefault(label, replace(self, label=label))
        return model

    @property
    def mixes_labels(self) -> bool:
        """Whether the model has labels and none of them is given."""
        return bool(self.labels) and self.label is None

    def save(self, folder: str | Path) -> Path:
        """Write the model as one folder and return its path; it appears whole or not at all.

        Raises:
            ModelError: the place holds something else, or cannot be written.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     saved = model.save(f"{folder}/names")
        ...     sorted(path.name for path in saved.iterdir())[:3]
        ['MANIFEST.json', 'README.md', 'config.json']
        """
        text = model_card(self.architecture, self.vocabulary.size, self.parameters, self.facts, self.labels)
        return write_model(
            Path(folder),
            Contents(self.vocabulary, self.architecture, self.weights, self.known, self.facts, self.form, self.labels),
            text,
        )

    @classmethod
    def load(cls: type[Model], folder: str | Path) -> Model:
        """Return the model in a folder; no code runs, and every file is checked against its SHA-256.

        Raises:
            ModelError: missing, damaged, or of a format that this version does not read; it names the file.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = morelike.LanguageModel.load(model.save(f"{folder}/names"))
        >>> again.sample(5) == model.sample(5)
        True
        """
        return cls(*read_model(Path(folder)))

    @cached_property
    def prepared(self) -> PreparedModel:
        """What is run when the model is used: given its label, if it has one, or over all of them."""
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
            make_ngram_proxy,  # counting takes time to import; few ask for it
        )

        return make_ngram_proxy(*self.prepared, self.vocabulary.size)

    @cached_property
    def _conditioned(self) -> dict[str, Any]:
        return {}
