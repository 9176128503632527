"""Transformer (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762) in GPT-2's form (Radford et al. 2019).

x      = C[x_t] + P[t]
x      = x + attention(LayerNorm(x))      in each block, then
x      = x + GELU(LayerNorm(x) W1 + b1) W2 + b2
logits = LayerNorm(x) Wo
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, final

import numpy as np
from pydantic import Field, model_validator

from morelike.architecture import (
    LABELS,
    NOT_TUNED,
    USE,
    Mode,
    SearchRange,
    SequenceArchitecture,
    condition_on_label,
    input_table_and_ids,
    layer_norm,
    positions_and_mask,
    sizes,
    split_blocks,
)
from morelike.arrays import Array, Float, Int, State, Weights, gelu, join_rows, namespace
from morelike.text.vocabulary import END


@final
class Transformer(SequenceArchitecture):
    """Causal self-attention over the line so far.

    After `context` characters, a line continues anew: it does not see the characters before.

    Weights: C [V, E], P [context, E]; for each block `blocks.i.` attention.gain, attention.bias [E],
    Wqkv [E, 3E], bqkv [3E], Wp [E, E], bp [E], mlp.gain, mlp.bias [E], W1 [E, 4E], b1 [4E], W2 [4E, E], b2 [E];
    last.gain, last.bias [E]; Wo [E, V]; with labels, `labels` [L, E].
    """

    takes_labels: ClassVar[bool] = True
    training: ClassVar[dict[str, Any]] = {"epochs": 10, "batch_size": 32, "learning_rate": 4e-3, "weight_decay": 0.05}
    quick: ClassVar[dict[str, Any]] = {
        "layers": 2,
        "embedding": 48,
        "epochs": 2,
        "max_steps": 600,
        "learning_rate": 6e-3,
        "warmup": 0.1,
    }

    context: Annotated[int, NOT_TUNED] = Field(
        64, ge=1, le=4096, description="positions: a longer line continues anew, without memory"
    )
    embedding: Annotated[int, sizes(32, 128)] = Field(
        64, ge=1, description="width of a character's embedding and of the blocks"
    )
    layers: Annotated[int, sizes(2, 8)] = Field(4, ge=1, le=100, description="blocks, one after the other")
    heads: Annotated[int, sizes(2, 8)] = Field(
        4, ge=1, description="attention heads; each takes an equal share of the width of the embedding"
    )
    dropout: Annotated[float, SearchRange(0, 0.5, step=0.1)] = Field(
        0.0, ge=0.0, lt=1.0, description="share of each block's output that is dropped in training"
    )

    @model_validator(mode="after")
    def _heads_divide_the_width(self) -> Transformer:
        if self.embedding % self.heads:
            raise ValueError(
                f"heads = {self.heads} do not divide embedding = {self.embedding}: each head takes an equal share of it"
            )
        return self

    @property
    def block_length(self) -> int:
        return self.context

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        width = self.embedding
        block: dict[str, tuple[int, ...]] = {
            **{f"{norm}.{name}": (width,) for norm in ("attention", "mlp") for name in ("gain", "bias")},
            "Wqkv": (width, 3 * width),
            "bqkv": (3 * width,),
            "Wp": (width, width),
            "bp": (width,),
            "W1": (width, 4 * width),
            "b1": (4 * width,),
            "W2": (4 * width, width),
            "b2": (width,),
        }
        return {
            "C": (vocabulary_size, width),
            "P": (self.context, width),
            **{f"blocks.{i}.{name}": shape for i in range(self.layers) for name, shape in block.items()},
            "last.gain": (width,),
            "last.bias": (width,),
            "Wo": (width, vocabulary_size),
        }

    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        weights: Weights = {}
        for name, shape in self.shapes(vocabulary_size).items():
            last = name.rpartition(".")[2]
            if len(shape) == 1:
                weights[name] = np.full(shape, float(last == "gain"), dtype=np.float32)
                continue
            scale = {"C": 0.5, "P": 0.1, "Wo": 0.1 * self.embedding**-0.5}.get(last, shape[0] ** -0.5)
            if last in ("Wp", "W2"):  # so that the sum over the blocks has one scale for any number of them
                scale *= (2 * self.layers) ** -0.5
            weights[name] = np.float32(scale) * rng.standard_normal(shape, dtype=np.float32)
        return weights

    def prepare(self, weights: Weights) -> Weights:
        return weights

    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        rows, _ = input_table_and_ids(weights, "C", np.array(END))
        kept = {name: array for name, array in weights.items() if name != LABELS}
        return kept | {"C": condition_on_label(rows, len(weights["C"]), label)}

    def start(self, weights: Weights, batch: int) -> State:
        """Return an empty cache: keys, values [blocks, past, B, E], and the number of past characters [B, 1]."""
        xp = namespace(weights["C"])
        empty = xp.zeros((self.layers, 0, batch, self.embedding), dtype=weights["C"].dtype)
        return empty, empty, xp.zeros((batch, 1), dtype=xp.int32)

    def join_states(self, states: Sequence[State]) -> State:
        """Return one cache for the lines of all; a shorter past is padded at its start, where no position looks."""
        longest = max(keys.shape[1] for keys, _, _ in states)

        def padded(cache: Array) -> Array:
            return np.pad(cache, ((0, 0), (longest - cache.shape[1], 0), (0, 0), (0, 0)))

        return join_rows([(padded(keys), padded(values), past) for keys, values, past in states])

    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        xp = namespace(weights["C"])
        keys, values, past = state
        past = xp.where((token == END)[:, None] | (past >= self.context), 0, past)
        kept = max(keys.shape[1] - self.context + 1, 0)
        keys, values = keys[:, kept:], values[:, kept:]
        age = xp.arange(keys.shape[1], -1, -1)  # of each character in the cache; the current one has age 0
        sees = (age <= past)[:, None, :]
        x = weights["C"][token] + weights["P"][past[:, 0]]
        cached: list[tuple[Array, Array]] = []
        for i in range(self.layers):
            name = f"blocks.{i}"
            q, k, v = self._qkv(weights, name, x[:, None], USE)
            k = xp.concatenate([xp.swapaxes(keys[i], 0, 1), k], axis=1)
            v = xp.concatenate([xp.swapaxes(values[i], 0, 1), v], axis=1)
            cached.append((xp.swapaxes(k, 0, 1), xp.swapaxes(v, 0, 1)))
            x = x + self._attention(weights, name, q, k, v, sees, USE)[:, 0]
            x = x + self._mlp(weights, name, x, USE)
        keys, values = (xp.stack(each) for each in zip(*cached, strict=True))
        return (keys, values, past + 1), layer_norm(weights, "last", x, USE) @ weights["Wo"]

    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T E"]:
        position, sees = positions_and_mask(tokens, self.context)
        e = mode.look_up(*input_table_and_ids(weights, "C", tokens)) + mode.look_up(weights["P"], position)
        x = mode.record("embeddings", e, diagnosed=False)
        for i in range(self.layers):
            name = f"blocks.{i}"
            attention = self._attention(weights, name, *self._qkv(weights, name, x, mode), sees, mode)
            x = x + mode.drop(f"{name}.attention", mode.record(f"{name}.attention", attention), self.dropout)
            widened = self._mlp(weights, name, x, mode)
            x = x + mode.drop(f"{name}.mlp", mode.record(f"{name}.mlp", widened), self.dropout)
        return layer_norm(weights, "last", x, mode)

    def output(self, weights: Weights, features: Float[Array, "*B E"], mode: Mode) -> Float[Array, "*B V"]:
        return mode.product(features, weights["Wo"])

    def _qkv(self, weights: Weights, name: str, x: Float[Array, "B T E"], mode: Mode) -> tuple[Array, Array, Array]:
        """Return queries, keys and values of a block, each [B, T, E]."""
        x = layer_norm(weights, f"{name}.attention", x, mode)
        each = zip(split_blocks(weights[f"{name}.Wqkv"], 3), split_blocks(weights[f"{name}.bqkv"], 3), strict=True)
        q, k, v = (mode.product(x, matrix) + bias for matrix, bias in each)
        return q, k, v

    def _attention(
        self, weights: Weights, name: str, q: Array, k: Array, v: Array, sees: Array, mode: Mode
    ) -> Float[Array, "B T E"]:
        """Return the attention of q [B, T, E] to those positions of k and v [B, S, E] that `sees` [B, T, S] allows."""
        xp = namespace(q)
        q, k, v = (xp.swapaxes(x.reshape(*x.shape[:2], self.heads, -1), 1, 2) for x in (q, k, v))
        scores = mode.product(q, xp.swapaxes(k, 2, 3)) / q.shape[-1] ** 0.5
        shares = mode.softmax(xp.where(sees[:, None], scores, -1e30))
        for part, x in {"queries": q, "keys": k, "values": v, "weights": shares}.items():
            mode.record(f"{name}.attention.{part}", x, diagnosed=False)
        joined = xp.swapaxes(mode.product(shares, v), 1, 2).reshape(len(q), -1, self.embedding)
        return mode.product(joined, weights[f"{name}.Wp"]) + weights[f"{name}.bp"]

    def _mlp(self, weights: Weights, name: str, x: Float[Array, "*B E"], mode: Mode) -> Float[Array, "*B E"]:
        x = layer_norm(weights, f"{name}.mlp", x, mode)
        hidden = mode.record(f"{name}.hidden", gelu(mode.product(x, weights[f"{name}.W1"]) + weights[f"{name}.b1"]))
        return mode.product(hidden, weights[f"{name}.W2"]) + weights[f"{name}.b2"]
