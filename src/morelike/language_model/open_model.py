"""The open bench: a model's forward pass, its gradients, and single steps of gradient descent.

The forward pass needs NumPy alone. The gradients come from the code that training compiles; it is imported by its name
when it is first used, because models in use do not depend on training.
"""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Int, Weights
from morelike.errors import SettingError, TrainingError, excerpt
from morelike.evaluation.diagnostics import Examples
from morelike.language_model.base import ModelBase
from morelike.language_model.forward import ForwardPass, NamedArrays, stepwise_forward, trained_forward
from morelike.text.examples.contexts import contexts
from morelike.text.examples.dataset import Dataset
from morelike.text.examples.packed_rows import IGNORED, text_rows
from morelike.text.labels import label_symbols
from morelike.text.vocabulary import END, TokenLines
from morelike.text.words import Words, check_words

GRADIENTS = "morelike.training.jax.example_gradients"


class Derivatives(NamedTuple):
    """The mean loss of some examples (nats per character), its gradients, and the measured running statistics."""

    loss: float
    gradients: dict[str, NDArray[np.float64]]
    measured: Weights


class OpenModel(ModelBase):
    """A model that shows its intermediate results, and that takes single steps."""

    def forward(self, words: Words | Dataset, *, training: bool = False) -> ForwardPass:
        """Return the forward pass on words: every intermediate array by name, and the mean loss.

        Shapes: with N examples, K characters of context, E, H and V as in `weights`: a model with a fixed context has
        `inputs` [N, K], `targets` [N], `embeddings` [N, K, E], `hidden` [N, H], `logits` and `probabilities` [N, V],
        `losses` [N]. Other models read a word as a row: `inputs` and `targets` [B, T], `logits` [B, T, V]; gates and
        states of recurrent layers, such as `layers.0.r` and `layers.0.h`, are [B, T, H]; the attention of a
        transformer's heads, such as `blocks.0.attention.weights`, is [B, heads, T, T]. Behind the end of a shorter
        word, the target is -1 and the loss is nan. All arrays but the ids are float64.

        Args:
            words: the words; or examples of `build_dataset`, for a model with a fixed context.
            training: whether BatchNorm uses the statistics of these examples, as in `gradients` and `step`, instead of
                its running statistics. Nothing is ever dropped.

        Raises:
            ListError, VocabularyError: invalid words, or an unknown character.
            SettingError: no words, examples that do not suit the model, or a model that mixes its labels.

        >>> import morelike
        >>> model = morelike.build("mlp", ["anna", "hanna", "anne"], embedding=2, hidden=4)
        >>> model.forward(["anna"])  # doctest: +ELLIPSIS
        inputs          (5, 3)
        targets         (5,)
        embeddings      (5, 3, 2)
        concatenated    (5, 6)
        preactivations  (5, 4)
        hidden          (5, 4)
        logits          (5, 5)
        probabilities   (5, 5)
        losses          (5,)
        loss = ... nats per character
        """
        if self.architecture.learned_by != "gradients":
            return stepwise_forward(*self.prepared, self._rows(self._encoded(words)))
        network = self.architecture.as_trained("it has no layers")
        return trained_forward(network, self.weights, self._examples(network, words), training=training)

    def gradients(self, words: Words | Dataset) -> NamedArrays:
        """Return the gradient of the mean loss on words by each learned weight: float64, in the weight's shape.

        BatchNorm uses the statistics of these examples, and nothing is dropped: `forward(words, training=True).loss` is
        the loss.

        Raises:
            ListError, VocabularyError: as `forward`.
            SettingError: as `forward`; also a model that is not learned by gradient descent.

        >>> import morelike
        >>> model = morelike.build("bigram", ["anna", "hanna", "anne"])
        >>> model.gradients(["anna"])
        W  (5, 5)
        """
        return NamedArrays(self._differentiate(words).gradients)

    def step(self, words: Words | Dataset, rate: float) -> float:
        """Change the weights by one step of plain gradient descent, and return the loss before it (nats per character).

        Each weight w becomes w - rate * gradient, rounded to float32; running statistics of BatchNorm become what
        training makes of them. The model itself changes, whether it is fresh, trained or loaded; its folder does not,
        nor do arrays that were read from `weights` before. The losses that training stated no longer describe the
        model, so `facts` drops them. For another start, build or load the model again.

        Args:
            words: as in `forward`.
            rate: the learning rate. A negative rate climbs.

        Raises:
            ListError, VocabularyError, SettingError: as `gradients`; also a rate that is no finite number.
            TrainingError: a weight would no longer be a finite number. The weights are then unchanged.

        >>> import morelike
        >>> model = morelike.build("bigram", ["anna", "hanna", "anne"])
        >>> losses = [model.step(["anna"], 1.0) for _ in range(5)]
        >>> losses == sorted(losses, reverse=True)
        True
        """
        if isinstance(rate, bool) or not isinstance(rate, int | float | np.number) or not isfinite(rate):
            raise SettingError(f"rate = {excerpt(rate)}: give a finite number, such as 0.1")
        loss, gradients, measured = self._differentiate(words)
        with np.errstate(over="ignore", invalid="ignore"):
            changed = {
                name: (array - rate * gradients[name] if name in gradients else measured[name]).astype(np.float32)
                for name, array in self.weights.items()
            }
        if not (isfinite(loss) and self.architecture.fits(changed, self.vocabulary.size)):
            raise TrainingError(
                f"a step with rate = {rate:g} from a loss of {loss:.4g} leads to weights that are not finite: give a "
                "smaller rate, or smaller weights; the weights are unchanged"
            )
        self._put(changed)
        return loss

    def _differentiate(self, words: Words | Dataset) -> Derivatives:
        network = self.architecture.as_trained("it has no gradients")
        examples = self._examples(network, words)
        return Derivatives(*import_module(GRADIENTS).training_gradients(network, self.weights, *examples))

    def _put(self, weights: Weights) -> None:
        """Replace the weights, and forget all that was computed from the earlier ones."""
        for name in vars(self).keys() - {each.name for each in fields(self)}:
            del vars(self)[name]
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "facts", {name: fact for name, fact in self.facts.items() if name != "losses"})

    def _examples(self, network: TrainedArchitecture, words: Words | Dataset) -> Examples:
        """Return words, or the examples of a data set, as the network reads them."""
        if isinstance(words, Dataset):
            return self._checked(network, words)
        lines = self._encoded(words)
        if self.mixes_labels:
            label = next(iter(self.labels))
            raise SettingError(
                f"the model mixes its labels: choose one, as in model.conditioned_on({excerpt(label)}).forward(words)"
            )
        if network.window is None:
            return self._rows(lines)
        examples = Examples(*contexts(lines, network.window))
        if self.form == "text":  # a text's first character follows nothing, and its end is not predicted
            return Examples(examples.inputs[1:-1], examples.targets[1:-1])
        return examples

    def _checked(self, network: TrainedArchitecture, dataset: Dataset) -> Examples:
        if network.window is None:
            raise SettingError(f"{network.kind} reads whole words, not contexts of one length: give it words")
        if network.window != dataset.context:
            raise SettingError(
                f"the model reads contexts of {network.window} characters, and the data set has {dataset.context}: "
                f"build the data set with context = {network.window}"
            )
        if dataset.vocabulary != self.vocabulary:
            raise SettingError(
                "the data set has other characters than the model: build it with vocabulary = model.vocabulary"
            )
        if not len(dataset):
            raise SettingError("the data set has no examples: give at least one")
        return Examples(dataset.X, dataset.Y)

    def _encoded(self, words: Words | Dataset) -> TokenLines:
        if isinstance(words, Dataset):
            raise SettingError(f"{self.architecture.kind} reads whole words, not a data set of contexts: give it words")
        checked = check_words(words, self.form)
        if not len(checked):
            raise SettingError("there are no words: give at least one")
        if self.form == "text":
            text = "\n".join(checked)
            if len(text) < 2:
                raise SettingError(f"the text {excerpt(text)} has no next character: give at least two characters")
            return self.vocabulary.encode_text(text)
        return self.vocabulary.encode_lines(list(checked))

    def _rows(self, lines: TokenLines) -> Examples:
        """Return each word as a row, padded with `END` and `IGNORED`; a running text as rows that overlap."""
        if self.form == "text":
            rows = text_rows(lines, self.architecture.receptive_field, self.architecture.block_length)
            return Examples(rows.inputs, rows.targets)
        inside = np.arange(lines.lengths.max()) < lines.lengths[:, None]
        targets: Int[NDArray[Any], "B T"] = np.full(inside.shape, IGNORED, dtype=np.int32)
        targets[inside] = lines.tokens
        inputs = np.full(inside.shape, END, dtype=np.int32)
        inputs[:, 1:] = np.maximum(targets[:, :-1], END)
        if self.label is not None and self.architecture.learned_by == "gradients":
            inputs[:, 0] = label_symbols(np.array([list(self.labels).index(self.label)]))
        return Examples(inputs, targets)
