"""The abstract kinds of architecture: the methods that a new kind must write, and the methods that follow from them.

Read `Architecture` first, then the kind that suits yours. `arrays` explains the axis names B, T, K, V, E, H, N.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from morelike.architecture.label_table import LABELS, condition_on_label, input_table_and_ids, is_line_start
from morelike.architecture.mode import USE, Cell, Mode, parts, products
from morelike.arrays import (
    Array,
    Float,
    Int,
    State,
    Weights,
    join_rows,
    log_softmax,
    namespace,
    rows,
    take,
    unique_states,
)
from morelike.errors import SettingError
from morelike.text.vocabulary import END, TokenLines

__all__ = [
    "Architecture",
    "CountedArchitecture",
    "MixtureMember",
    "RecurrentArchitecture",
    "SequenceArchitecture",
    "TrainedArchitecture",
    "WindowArchitecture",
]


class Architecture(BaseModel, ABC):
    """Hyper-parameters, and the mathematics of a model as methods.

    The fields are the hyper-parameters; each has a default, bounds and a description, and becomes a flag of the command
    line. An architecture holds no weights. Every method takes them as a flat dict, by the names in the model file.

    The class variables and the methods with a body describe the kind to the rest of the package. A kind overrides
    those whose default does not suit it.
    """

    learned_by: ClassVar[Literal["counting", "gradients", "mixing"]]
    """How the weights are found: by counting, by gradient descent, or by mixing trained models."""

    takes_labels: ClassVar[bool] = False
    """Whether the label of a line may condition the model (see `label_table`)."""

    training: ClassVar[Mapping[str, Any]] = {}
    """Training settings that suit the kind, where they differ from the defaults of `TrainingConfig`."""

    quick: ClassVar[Mapping[str, Any]] = {}
    """Settings of a quick run: hyper-parameters of the kind and training settings."""

    lines_at_once: ClassVar[int] = 512
    """Lines that are scored as one batch. With 512 lines the intermediate results of a network fit a core's caches;
    4,096 lines took three times as long."""

    # A kind builds its validators on first use: most runs use one kind.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @property
    def kind(self) -> str:
        """The name of the architecture, which is the name of its file."""
        return type(self).__module__.rpartition(".")[2]

    @abstractmethod
    def prepare(self, weights: Weights) -> Weights:
        """Return weights with results added that every step would compute again. `step` takes either."""

    @abstractmethod
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        """Return whether weights from a file suit these settings: the names, the shapes, and only finite numbers."""

    @abstractmethod
    def start(self, weights: Weights, batch: int) -> State:
        """Return the state of `batch` lines before their first character.

        A state is an array or a tuple of arrays; in each, the lines lie along the axis before the last.
        """

    @abstractmethod
    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        """Return the state after one more character of each line, and the logits of the next character.

        The token `END` begins a new line, whatever the state. Logits are float32.
        """

    @abstractmethod
    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        """Return ln p (nats) of each character, given the characters before it on its line. Uses NumPy only."""

    def join_states(self, states: Sequence[State]) -> State:
        """Return one state with the lines of all these states, in order."""
        return join_rows(states)

    def hidden_state(self, state: State) -> Float[Array, "B H"] | None:
        """Return the vectors [B, H] that the output layer reads from a state; None if the state has no such vectors."""
        return None

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name; nothing if the shapes depend on the list (counts)."""
        return {}

    def is_parameter(self, name: str) -> bool:
        """Return whether this weight is learned. The others are running statistics of BatchNorm."""
        return not name.endswith((".mean", ".variance"))

    @property
    def receptive_field(self) -> int | None:
        """The number of characters before the next one that can change its probability; None without a limit."""
        return None

    @property
    def block_length(self) -> int | None:
        """The number of characters of a line after which the model starts again without memory; None if it never does.

        Within a block the model sees all characters of the block.
        """
        return None

    def labels_in(self, weights: Weights) -> int:
        """Return the number of labels that the weights know; 0 for a model without labels."""
        return 0

    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        """Return the prepared weights of the model given a label. They know no labels any more.

        Raises:
            SettingError: the kind takes no labels.
        """
        raise SettingError(f"{self.kind} takes no labels")

    def mixture_members(self, weights: Weights) -> list[MixtureMember]:
        """Return the models whose probabilities this model averages: the model itself, unless it is a mixture."""
        return [MixtureMember(self, weights)]

    def as_counted(self) -> CountedArchitecture:
        """Return this architecture, if its weights are counted.

        Raises:
            SettingError: they are not.
        """
        raise SettingError(f"{self.kind} is not learned by counting")

    def as_trained(self, consequence: str) -> TrainedArchitecture:
        """Return this architecture, if gradient descent finds its weights.

        Raises:
            SettingError: it does not. `consequence` ends the message, as in "it has no learning rate".
        """
        raise SettingError(f"{self.kind} is counted, not trained: {consequence}")


class MixtureMember(NamedTuple):
    """One model of a mixture.

    `ids` int32 [V] are the member's own ids of the mixture's characters, None if they are the same. `weight` is its
    share of the probability.
    """

    architecture: Architecture
    weights: Weights
    ids: Int[NDArray[Any], " V"] | None = None
    weight: float = 1.0


class CountedArchitecture(Architecture):
    """An architecture whose weights are counted."""

    learned_by: ClassVar[Literal["counting", "gradients", "mixing"]] = "counting"

    @abstractmethod
    def fit(self, train: TokenLines, dev: TokenLines, vocabulary_size: int) -> Weights:
        """Return the weights for the lines of `train`.

        The lines of `dev` decide what `train` cannot, such as the weights of a mixture; there may be none.
        """

    @final
    def as_counted(self) -> CountedArchitecture:
        return self


class TrainedArchitecture(Architecture):
    """An architecture whose weights are found by gradient descent. Write a subclass of one of its three kinds.

    The settings in `training` and `quick` were chosen on the dev split of the names list.
    """

    learned_by: ClassVar[Literal["counting", "gradients", "mixing"]] = "gradients"

    batch_axis: ClassVar[int] = 0
    """The axis of recorded and dropped activations along which the lines of a batch lie."""

    @abstractmethod
    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name, in the order in which the network uses the weights."""

    @abstractmethod
    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        """Return fresh float32 weights, drawn from `rng`. With them the loss should be near ln V nats."""

    @abstractmethod
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        """Return, for each position of the rows, the logits of the character that follows it.

        A row holds lines one after another; an `END`, or the symbol of a label, begins each line.
        """

    @abstractmethod
    def example_logits(self, weights: Weights, inputs: Int[Array, "N T"], mode: Mode) -> Float[Array, "N *T V"]:
        """Return the logits of the characters that follow training examples.

        The examples are contexts [N, K] with one next character each, or rows [N, T] with one at each position.
        """

    @property
    def window(self) -> int | None:
        """The number of characters in each training example if examples are contexts; None if they are packed rows."""
        return None

    @property
    def input_table(self) -> str:
        """The name of the weight whose rows are the inputs of the network, one row for each symbol."""
        return "C"

    def carried_shapes(self, batch: int) -> dict[str, tuple[int, int]]:
        """Return the shape [B, S] of the state that each recurrent layer carries through a running text.

        The keys are the names of the layers, as `Mode.scan_cell` gets them. A kind without recurrence carries nothing.
        """
        return {}

    def layer_matrices(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the matrices [inputs, outputs] from each layer to the next, by name, as a diagram draws them."""
        shapes = self.shapes(vocabulary_size)
        return {name: shape for name, shape in shapes.items() if len(shape) == 2 and name != "P"}

    def loop_matrices(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the matrices from a layer back to itself, by name; nothing for a kind without recurrence."""
        return {}

    @final
    def as_trained(self, consequence: str) -> TrainedArchitecture:
        return self

    @final
    def init_labels(self, rng: np.random.Generator, weights: Weights, labels: int) -> Weights:
        """Return fresh rows for labels. Their standard deviation is that of the characters' rows in `weights`."""
        table = weights[self.input_table]
        return {LABELS: np.std(table) * rng.standard_normal((labels, table.shape[1]), dtype=np.float32)}

    @final
    def labels_in(self, weights: Weights) -> int:
        return len(weights.get(LABELS, ())) if self.takes_labels else 0

    @final
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        shapes = self.shapes(vocabulary_size)
        if count := self.labels_in(weights):
            shapes = shapes | {LABELS: (count, shapes[self.input_table][1])}
        return weights.keys() == shapes.keys() and all(
            array.shape == shapes[name] and array.dtype == np.float32 and bool(np.all(np.isfinite(array)))
            for name, array in weights.items()
        )

    @final
    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        state, token = self.start(weights, 1), np.full(1, END, dtype=tokens.dtype)
        row = np.zeros(len(tokens), dtype=np.int64)  # lines with the same beginning share one row of the state
        result = np.empty(tokens.shape, dtype=np.float32)
        for t in range(tokens.shape[1]):
            state, logits = self.step(weights, state, token)
            result[:, t] = log_softmax(logits)[row, tokens[:, t]]
            first, onward = unique_states(row * logits.shape[-1] + tokens[:, t])
            state, token, row = rows(state, row[first]), tokens[first, t], onward
        return result


class SequenceArchitecture(TrainedArchitecture):
    """A network that reads all positions of a row at once. Write `features`, `output`, `start` and `step`.

    The logits are computed in two steps so that training can take those of a large alphabet for a few positions at a
    time.
    """

    @abstractmethod
    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T H"]:
        """Return the input of the output layer at each position."""

    @abstractmethod
    def output(self, weights: Weights, features: Float[Array, "*B H"], mode: Mode) -> Float[Array, "*B V"]:
        """Return the logits of features."""

    @final
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        return self.output(weights, self.features(weights, tokens, mode), mode)

    @final
    def example_logits(self, weights: Weights, inputs: Int[Array, "N T"], mode: Mode) -> Float[Array, "N T V"]:
        return self.logits(weights, inputs, mode)


class WindowArchitecture(TrainedArchitecture):
    """A network that predicts the next character from the last `context` characters. Write `predict`."""

    context: int = Field(3, ge=1, le=1000, description="characters of context that the model sees")

    @property
    def receptive_field(self) -> int:
        return self.context

    @property
    def window(self) -> int:
        return self.context

    @abstractmethod
    def predict(self, weights: Weights, context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        """Return the logits of the character that follows each context.

        `END` fills a context that reaches back beyond the start of its line.
        """

    @final
    def example_logits(self, weights: Weights, inputs: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        return self.predict(weights, inputs, mode)

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
        for _ in range(self.context - 1):  # each column is one character further back: END before the line's start
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

    batch_axis: ClassVar[int] = 1  # time comes first

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

    def hidden_state(self, state: State) -> Float[Array, "B H"]:
        return state[..., : self.hidden].sum(axis=0)  # each layer above the first adds to the one below

    def carried_shapes(self, batch: int) -> dict[str, tuple[int, int]]:
        return {f"layers.{i}": (batch, self.state_width) for i in range(self.layers)}

    def layer_matrices(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        matrices = super().layer_matrices(vocabulary_size)
        onward = {n: shape for n, shape in matrices.items() if n != "start" and not n.endswith(".Wh")}
        return onward | ({"C transposed": (self.embedding, vocabulary_size)} if self.tied else {})

    def loop_matrices(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        return {n: shape for n, shape in self.shapes(vocabulary_size).items() if n.endswith(".Wh")}

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
    def input_table(self) -> str:
        return "layers.0.Wx" if self.one_hot else "C"

    @final
    def prepare(self, weights: Weights) -> Weights:
        rows, _ = input_table_and_ids(weights, self.input_table, np.array(END))
        matrix = rows if self.one_hot else weights["layers.0.Wx"]
        return weights | {"layers.0.table": self._table(rows, matrix, weights["layers.0.b"])}

    @final
    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        prepared = self.prepare(weights)
        table = condition_on_label(prepared["layers.0.table"], len(weights["bo"]), label)
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
                x = take(self._table(weights[self.input_table], layer["Wx"], layer["b"]), token)
            before = xp.where(begins, weights["start"][i], state[i])
            states.append(self.cell(layer, before, products(layer["Wh"], before), parts(x, len(self.gates))))
            shown = states[-1][:, : self.hidden]
            below = shown if below is None else below + shown
        return xp.stack(states), self.output(weights, below, USE)

    @final
    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T H"]:
        xp = namespace(weights["start"])
        begins = is_line_start(tokens.T)  # time comes first, as recurrence wants it
        rows, ids = input_table_and_ids(weights, self.input_table, tokens.T)
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
