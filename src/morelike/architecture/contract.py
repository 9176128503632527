"""The abstract kinds of architecture: what each must write, and what follows from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from morelike.architecture.labelled import LABELS, Labelled, begins_line, rows_and_ids, with_first_row
from morelike.architecture.mode import USE, Cell, Mode, parts, products
from morelike.arrays import Array, Float, Int, State, Weights, log_softmax, namespace, rows, take, unique_states
from morelike.text.vocabulary import END, TokenLines

__all__ = [
    "Architecture",
    "CountedArchitecture",
    "RecurrentArchitecture",
    "SequenceArchitecture",
    "TrainedArchitecture",
    "WindowArchitecture",
]


class Architecture(BaseModel, ABC):
    """Hyper-parameters and the maths; weights are handed in, a flat dict by the names of the model file."""

    lines_at_once: ClassVar[int] = 512
    """Lines judged side by side: what a network makes on the way stays in a core's caches (4,096 took three times as
    long)."""

    # Only the kinds that are used build what checks their settings.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @property
    def kind(self) -> str:
        """The name of the architecture: its file's."""
        return type(self).__module__.rpartition(".")[2]

    @abstractmethod
    def prepare(self, weights: Weights) -> Weights:
        """Return weights with tables folded that many steps use; `step` takes either."""

    @abstractmethod
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        """Return whether weights from a file are what these settings need: names, shapes, finite numbers."""

    @abstractmethod
    def start(self, weights: Weights, batch: int) -> State:
        """Return the state before the first character, for `batch` lines side by side."""

    @abstractmethod
    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        """Return the state after one more character and the next one's logits; `END` begins a new line."""

    def is_parameter(self, name: str) -> bool:
        """Return whether a weight is a parameter, to be learned, and no statistic that is measured on the way."""
        return not name.endswith((".mean", ".variance"))

    @property
    def reach(self) -> int | None:
        """How many characters back the model sees; None if no limit is built in."""
        return None

    @property
    def block(self) -> int | None:
        """After how many characters of a line the model begins anew, without memory; None if it never does."""
        return None

    @abstractmethod
    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        """Return ln p of each character given those before it on its line (nats, NumPy only)."""


class CountedArchitecture(Architecture):
    """An architecture whose weights are counted, not descended to."""

    @abstractmethod
    def fit(self, train: TokenLines, dev: TokenLines, vocabulary_size: int) -> Weights:
        """Return the weights for these lines; `dev`, which may be empty, serves to weigh what train cannot."""


class TrainedArchitecture(Architecture):
    """An architecture whose weights are found by gradient descent.

    `training` holds the settings of training that suit it where they differ from the general ones; `quick` those of a
    quick run, its own among them. Both were chosen on the dev part of the names list.
    """

    training: ClassVar[Mapping[str, Any]] = {}
    quick: ClassVar[Mapping[str, Any]] = {}

    @abstractmethod
    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each of the weights, by name."""

    @abstractmethod
    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        """Return fresh weights in float32, drawn from `rng`."""

    @abstractmethod
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        """Return, for each position, the logits of the character that follows it."""

    @property
    def table(self) -> str:
        """The weight whose rows symbols choose as input, to which a label adds a row."""
        return "C"

    @final
    def init_labels(self, rng: np.random.Generator, weights: Weights, labels: int) -> Weights:
        """Return fresh rows of labels, as large as those of the characters in fresh weights."""
        table = weights[self.table]
        return {LABELS: np.std(table) * rng.standard_normal((labels, table.shape[1]), dtype=np.float32)}

    @final
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        wanted = self.shapes(vocabulary_size)
        if isinstance(self, Labelled) and (count := self.labels_in(weights)):
            wanted = wanted | {LABELS: (count, wanted[self.table][1])}
        return weights.keys() == wanted.keys() and all(
            array.shape == wanted[name] and array.dtype == np.float32 and bool(np.all(np.isfinite(array)))
            for name, array in weights.items()
        )

    @final
    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        state, token = self.start(weights, 1), np.full(1, END, dtype=tokens.dtype)
        row = np.zeros(len(tokens), dtype=np.int64)  # lines that begin alike share one, until they part
        result = np.empty(tokens.shape, dtype=np.float32)
        for t in range(tokens.shape[1]):
            state, logits = self.step(weights, state, token)
            result[:, t] = log_softmax(logits)[row, tokens[:, t]]
            first, onward = unique_states(row * logits.shape[-1] + tokens[:, t])
            state, token, row = rows(state, row[first]), tokens[first, t], onward
        return result


class SequenceArchitecture(TrainedArchitecture):
    """All positions of a line at once, in two steps: a large alphabet's logits are then taken for a few at a time."""

    @abstractmethod
    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T H"]:
        """Return, for each position, what the output layer reads."""

    @abstractmethod
    def output(self, weights: Weights, features: Float[Array, "*B H"], mode: Mode) -> Float[Array, "*B V"]:
        """Return the logits of features."""

    @final
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        return self.output(weights, self.features(weights, tokens, mode), mode)


class WindowArchitecture(TrainedArchitecture):
    """The next character from the last `context` characters: only `predict` is to be written."""

    context: int = Field(3, ge=1, le=1000, description="characters of context that the model sees")

    @property
    def reach(self) -> int:
        return self.context

    @abstractmethod
    def predict(self, weights: Weights, context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        """Return the logits of the character that follows each context."""

    @final
    def prepare(self, weights: Weights) -> Weights:
        return weights

    @final
    def start(self, weights: Weights, batch: int) -> State:
        return np.full((batch, self.context), END, dtype=np.int32)

    @final
    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        xp = namespace(token)
        shifted = xp.concatenate([state[:, 1:], token[:, None]], axis=1)
        state = xp.where(token[:, None] == END, END, shifted)
        return state, self.predict(weights, state, USE)

    @final
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        xp = namespace(tokens)
        columns = [tokens]
        for _ in range(self.context - 1):  # one column further back: END, once a line's start has been passed
            back = xp.pad(columns[-1][:, :-1], ((0, 0), (1, 0)), constant_values=END)
            columns.append(xp.where(columns[-1] == END, END, back))
        context = xp.stack(columns[::-1], axis=-1).reshape(-1, self.context)
        return self.predict(weights, context, mode).reshape(*tokens.shape, -1)


class RecurrentArchitecture(SequenceArchitecture, Cell):
    """A state that each character updates: only `cell` and the weights of one layer are to be written.

    Weights: C [V, E] embedding (none with one-hot input); `start` [layers, S] the learned state before a line; for each
    layer `layers.i.Wx` [inputs, G H] and `layers.i.b` [G H], `layers.i.Wh` [H, G H], gate after gate, and what else the
    cell needs; Wo [H, V] (C transposed, where they are tied), bo [V]. From the second layer on, a layer's input is
    added to its output. The first H numbers of a state are what the layer shows: to the next layer, and to itself
    through Wh. A kind that takes labels has `labels` [L, E] too (with one-hot input [L, G H]).
    """

    embedding: int = Field(32, ge=1, description="width of a character's embedding")
    hidden: int = Field(160, ge=1, description="width of the hidden state")
    layers: int = Field(
        1, ge=1, le=16, description="recurrent layers, one above the other, residual from the second on"
    )
    one_hot: bool = Field(default=False, description="feed characters as one-hot vectors, without an embedding")
    tied: bool = Field(default=False, description="the output weights are the embedding's (Press and Wolf 2017)")
    dropout: float = Field(0.0, ge=0.0, lt=1.0, description="share of each layer's outputs dropped in training")
    input_dropout: float = Field(
        0.0, ge=0.0, lt=1.0, description="share of the embedding's outputs dropped in training"
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> RecurrentArchitecture:
        if self.tied and (self.one_hot or self.embedding != self.hidden):
            raise ValueError(
                f"tied = True needs an embedding as wide as the hidden state: give embedding = {self.hidden}"
                + (" and one_hot = False" if self.one_hot else "")
            )
        if self.one_hot and self.input_dropout:
            raise ValueError("input_dropout drops parts of an embedding: there is none with one_hot = True")
        return self

    @abstractmethod
    def layer_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes of one layer's weights, by name."""

    @abstractmethod
    def init_layer(self, rng: np.random.Generator, inputs: int) -> Weights:
        """Return fresh weights of one layer, Wx, b and Wh among them."""

    @property
    def state_width(self) -> int:
        """Numbers in the state of one layer and line, S."""
        return len(self.state_inputs) * self.hidden

    @final
    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        layers = [self.layer_shapes(inputs) for inputs in self._inputs(vocabulary_size)]
        return {
            **({} if self.one_hot else {"C": (vocabulary_size, self.embedding)}),
            **{f"layers.{i}.{name}": shape for i, layer in enumerate(layers) for name, shape in layer.items()},
            **({} if self.tied else {"Wo": (self.hidden, vocabulary_size)}),
            "bo": (vocabulary_size,),
            "start": (self.layers, self.state_width),
        }

    @final
    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        weights: Weights = {}
        small = np.float32(0.1 / self.hidden**0.5)  # so that the first logits are near zero
        if not self.one_hot:
            weights["C"] = rng.standard_normal((vocabulary_size, self.embedding), dtype=np.float32)
            weights["C"] *= small if self.tied else 1
        for i, inputs in enumerate(self._inputs(vocabulary_size)):
            layer = self.init_layer(rng, inputs)
            weights |= {f"layers.{i}.{name}": array for name, array in layer.items()}
        if not self.tied:
            weights["Wo"] = small * rng.standard_normal((self.hidden, vocabulary_size), dtype=np.float32)
        weights["bo"] = np.zeros(vocabulary_size, dtype=np.float32)
        weights["start"] = np.zeros((self.layers, self.state_width), dtype=np.float32)
        return weights

    @property
    def table(self) -> str:
        return "layers.0.Wx" if self.one_hot else "C"

    @final
    def prepare(self, weights: Weights) -> Weights:
        rows, _ = rows_and_ids(weights, self.table, np.array(END))
        matrix = rows if self.one_hot else weights["layers.0.Wx"]
        return weights | {"layers.0.table": self._table(rows, matrix, weights["layers.0.b"])}

    @final
    def labels_in(self, weights: Weights) -> int:
        """Return how many labels the weights know (see `Labelled`, which a kind that takes labels is as well)."""
        return len(weights.get(LABELS, ()))

    @final
    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        """Return the prepared weights given a label: its row stands where that of `END` stood."""
        prepared = self.prepare(weights)
        table = with_first_row(prepared["layers.0.table"], len(weights["bo"]), label)
        return {name: array for name, array in prepared.items() if name != LABELS} | {"layers.0.table": table}

    @final
    def start(self, weights: Weights, batch: int) -> State:
        xp = namespace(weights["start"])
        return xp.broadcast_to(weights["start"][:, None, :], (self.layers, batch, self.state_width))

    @final
    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        xp = namespace(weights["start"])
        begins = (token == END)[:, None]
        states: list[Array] = []
        below: Array | None = None
        for i, layer in enumerate(self._layers(weights)):
            if below is not None:
                x = below @ layer["Wx"] + layer["b"]
            elif "table" in layer:
                x = take(layer["table"], token)
            else:
                x = take(self._table(weights[self.table], layer["Wx"], layer["b"]), token)
            before = xp.where(begins, weights["start"][i], state[i])
            states.append(self.cell(layer, before, products(layer["Wh"], before), parts(x, len(self.gates))))
            shown = states[-1][:, : self.hidden]
            below = shown if below is None else below + shown
        return xp.stack(states), self.output(weights, below, USE)

    @final
    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T H"]:
        xp = namespace(weights["start"])
        begins = begins_line(tokens.T)  # time comes first, as recurrence wants it
        rows, ids = rows_and_ids(weights, self.table, tokens.T)
        below: Array | None = None
        for i, layer in enumerate(self._layers(weights)):
            inputs = rows if i == 0 and self.one_hot else layer["Wx"]
            gates = list(zip(parts(inputs, len(self.gates)), parts(layer["b"], len(self.gates)), strict=True))
            if i == 0 and self.input_dropout:
                e = mode.drop("embedding", mode.look_up(rows, ids), self.input_dropout)
                x = tuple(mode.product(e, matrix) + bias for matrix, bias in gates)
            elif below is None:  # the product of the few rows of C, looked up, is that of all the rows looked up
                x = tuple(mode.look_up(self._table(rows, matrix, bias), ids) for matrix, bias in gates)
            else:
                x = tuple(mode.product(below, matrix) + bias for matrix, bias in gates)
            shown = mode.scan_cell(f"layers.{i}", self, layer, weights["start"][i], begins, x)
            shown = mode.record(f"layers.{i}", shown, bounded=True)
            shown = mode.drop(f"layers.{i}", shown, self.dropout)
            below = shown if below is None else below + shown
        return xp.swapaxes(below, 0, 1)

    @final
    def output(self, weights: Weights, features: Float[Array, "*B H"], mode: Mode) -> Float[Array, "*B V"]:
        return mode.product(features, weights["C"].T if self.tied else weights["Wo"]) + weights["bo"]

    def _inputs(self, vocabulary_size: int) -> list[int]:
        """Return the width of each layer's input."""
        return [vocabulary_size if self.one_hot else self.embedding, *(self.hidden for _ in range(self.layers - 1))]

    def _table(self, rows: Array, matrix: Array, bias: Array) -> Float[Array, "rows GH"]:
        """Return what each symbol gives to the first layer: of one-hot input the rows of the matrix itself."""
        return (matrix if self.one_hot else rows @ matrix) + bias

    def _layers(self, weights: Weights) -> Iterator[Weights]:
        for i in range(self.layers):
            prefix = f"layers.{i}."
            yield {name[len(prefix) :]: array for name, array in weights.items() if name.startswith(prefix)}
