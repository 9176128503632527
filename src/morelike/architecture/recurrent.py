"""The kind of architecture with a state that each character updates."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, final

import numpy as np
from pydantic import Field, model_validator

from morelike.architecture.cell import Cell, gate_products, split_blocks
from morelike.architecture.contract import SequenceArchitecture
from morelike.architecture.label_table import LABELS, condition_on_label, input_table_and_ids, is_line_start
from morelike.architecture.mode import USE, Mode
from morelike.architecture.search_range import NOT_TUNED, SearchRange, sizes
from morelike.arrays import Array, Float, Int, State, Weights, namespace, take
from morelike.text.vocabulary import END


class RecurrentArchitecture(SequenceArchitecture, Cell):
    """A recurrent network. Write `cell`, the declarations of `Cell`, `layer_shapes` and `init_layer`.

    The first H numbers of a layer's state are its output. The next layer reads the output, and the layer itself reads
    it at the next character, through Wh. From the second layer on, the input of a layer is added to its output.

    Weights: C [V, E] embedding (none with one-hot input); `start` [layers, S], the learned state before a line; for
    layer i, `layers.i.Wx` [inputs, G H], `layers.i.b` [G H] and `layers.i.Wh` [H, G H], gate after gate, and the other
    weights of the cell; Wo [H, V] (C transposed if they are tied), bo [V]. With labels, `labels` [L, E], or [L, G H]
    with one-hot input.
    """

    batch_axis: ClassVar[int] = 1  # time comes first

    embedding: Annotated[int, sizes(16, 64)] = Field(32, ge=1, description="width of a character's embedding")
    hidden: Annotated[int, sizes(64, 512)] = Field(160, ge=1, description="width of the hidden state")
    layers: Annotated[int, SearchRange(1, 2)] = Field(
        1, ge=1, le=16, description="recurrent layers, one above the other, residual from the second on"
    )
    one_hot: Annotated[bool, NOT_TUNED] = Field(
        default=False, description="feed characters as one-hot vectors, without an embedding"
    )
    tied: Annotated[bool, NOT_TUNED] = Field(
        default=False, description="the output weights are the embedding's (Press and Wolf 2017)"
    )
    initialization: Annotated[Literal["scaled", "normal"], NOT_TUNED] = Field(
        "scaled", description="initial matrices: scaled, so that the first loss is near ln V, or standard normal"
    )
    dropout: Annotated[float, SearchRange(0, 0.5, step=0.1)] = Field(
        0.0, ge=0.0, lt=1.0, description="share of each layer's outputs dropped in training"
    )
    input_dropout: Annotated[float, NOT_TUNED] = Field(
        0.0, ge=0.0, lt=1.0, description="share of the embedding's outputs dropped in training"
    )
    recurrent_dropout: Annotated[float, SearchRange(0, 0.4, step=0.1)] = Field(
        0.0, ge=0.0, lt=1.0, description="share of the recurrent weights dropped in each step (Merity et al. 2018)"
    )

    @model_validator(mode="after")
    def _check_widths(self) -> RecurrentArchitecture:
        if self.tied and (self.one_hot or self.embedding != self.hidden):
            raise ValueError(
                f"tied = True needs an embedding as wide as the hidden state: give embedding = {self.hidden}"
                + (" and one_hot = False" if self.one_hot else "")
            )
        if self.one_hot and self.input_dropout:
            raise ValueError("input_dropout drops values of an embedding: there is none with one_hot = True")
        return self

    def idle_settings(self) -> dict[str, str]:
        return dict.fromkeys(("embedding", "input_dropout"), "one_hot = True") if self.one_hot else {}

    @abstractmethod
    def layer_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight of a layer with this many inputs, by name: Wx, b, Wh and others."""

    @abstractmethod
    def init_layer(self, rng: np.random.Generator, inputs: int) -> Weights:
        """Return fresh float32 weights of a layer with this many inputs, in the shapes of `layer_shapes`."""

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
        """The number of values in the state of one layer and line, S."""
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
        small = np.float32(0.1 / self.hidden**0.5)  # the first logits are near zero
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
        if self.initialization == "normal":
            matrices = [name for name, array in weights.items() if array.ndim > 1 and name != "start"]
            weights |= {name: rng.standard_normal(weights[name].shape, dtype=np.float32) for name in matrices}
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
            states.append(
                self.cell(layer, before, gate_products(layer["Wh"], before), split_blocks(x, len(self.gates)))
            )
            output = states[-1][:, : self.hidden]
            below = output if below is None else below + output
        return xp.stack(states), self.output(weights, below, USE)

    @final
    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T H"]:
        xp = namespace(weights["start"])
        begins = is_line_start(tokens.T)  # time comes first
        rows, ids = input_table_and_ids(weights, self.input_table, tokens.T)
        below, count = None, len(self.gates)
        for i, layer in enumerate(self._layers(weights)):
            inputs = rows if i == 0 and self.one_hot else layer["Wx"]
            gates = list(zip(split_blocks(inputs, count), split_blocks(layer["b"], count), strict=True))
            if i == 0 and self.input_dropout:
                e = mode.drop("embedding", self._embedded(rows, ids, mode), self.input_dropout)
                x = tuple(mode.product(e, matrix) + bias for matrix, bias in gates)
            elif below is None:  # multiplying the rows of C before the look-up is cheaper than after it
                if not self.one_hot:
                    self._embedded(rows, ids, mode)  # recorded only: a compiled program leaves it out
                x = tuple(mode.look_up(self._table(rows, matrix, bias), ids) for matrix, bias in gates)
            else:
                x = tuple(mode.product(below, matrix) + bias for matrix, bias in gates)
            layer["Wh"] = mode.drop_weights(f"layers.{i}.Wh", layer["Wh"], self.recurrent_dropout)
            output = mode.scan_cell(f"layers.{i}", self, layer, weights["start"][i], begins, x)
            output = mode.record(f"layers.{i}", output, bounded=True)
            output = mode.drop(f"layers.{i}", output, self.dropout)
            below = output if below is None else below + output
        return xp.swapaxes(below, 0, 1)

    @final
    def output(self, weights: Weights, features: Float[Array, "*B H"], mode: Mode) -> Float[Array, "*B V"]:
        return mode.product(features, weights["C"].T if self.tied else weights["Wo"]) + weights["bo"]

    def _inputs(self, vocabulary_size: int) -> list[int]:
        """Return the number of inputs of each layer."""
        return [vocabulary_size if self.one_hot else self.embedding, *(self.hidden for _ in range(self.layers - 1))]

    def _table(self, rows: Array, matrix: Array, bias: Array) -> Float[Array, "rows GH"]:
        """Return the product of each symbol's row with Wx, plus b; with one-hot input the rows are the product."""
        return (matrix if self.one_hot else rows @ matrix) + bias

    def _embedded(self, rows: Array, ids: Int[Array, "T B"], mode: Mode) -> Float[Array, "T B E"]:
        return mode.record("embeddings", mode.look_up(rows, ids), diagnosed=False)

    def _layers(self, weights: Weights) -> Iterator[Weights]:
        for i in range(self.layers):
            prefix = f"layers.{i}."
            yield {name[len(prefix) :]: array for name, array in weights.items() if name.startswith(prefix)}
