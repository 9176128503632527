"""The weights of a model under the names of an exported module, in the form in which PyTorch keeps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from morelike.architecture import LABELS, condition_on_label
from morelike.arrays import Weights
from morelike.language_model.model import LanguageModel

NORM = {"gain": "weight", "bias": "bias", "mean": "running_mean", "variance": "running_var"}
RECURRENT = {
    "C": "embedding.weight",
    "start": "start",
    "layers.#.Wx": "layers.#.weight_ih_l0.T",
    "layers.#.Wh": "layers.#.weight_hh_l0.T",
    "layers.#.b": "layers.#.bias_ih_l0",
    "Wo": "output.weight.T",
    "bo": "output.bias",
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "bigram": {"W": "logits.weight"},
    "mlp": {
        "C": "embedding.weight",
        "W1": "hidden.weight.T",
        "b1": "hidden.bias",
        "W2": "output.weight.T",
        "b2": "output.bias",
    },
    "deep_mlp": {
        "C": "embedding.weight",
        "layers.#.W": "linears.#.weight.T",
        **{f"layers.#.{ours}": f"norms.#.{theirs}" for ours, theirs in NORM.items()},
        "W": "output.weight.T",
        "b": "output.bias",
    },
    "wavenet": {
        "C": "embedding.weight",
        "levels.#.W": "linears.#.weight.T",
        **{f"levels.#.{ours}": f"norms.#.{theirs}" for ours, theirs in NORM.items()},
        "W": "output.weight.T",
        "b": "output.bias",
    },
    "rnn": RECURRENT,
    "gru": RECURRENT,
    "lstm": RECURRENT,
    "bow": {
        "C": "embedding.weight",
        "P": "positions.weight",
        "W1": "hidden.weight.T",
        "b1": "hidden.bias",
        "W2": "joined.weight.T",
        "b2": "joined.bias",
        "Wo": "output.weight.T",
        "bo": "output.bias",
    },
    "transformer": {
        "C": "embedding.weight",
        "P": "positions.weight",
        **{
            f"blocks.#.{norm}.{name}": f"blocks.#.{norm}_norm.{NORM[name]}"
            for norm in ("attention", "mlp")
            for name in ("gain", "bias")
        },
        "blocks.#.Wqkv": "blocks.#.queries_keys_values.weight.T",
        "blocks.#.bqkv": "blocks.#.queries_keys_values.bias",
        "blocks.#.Wp": "blocks.#.joined.weight.T",
        "blocks.#.bp": "blocks.#.joined.bias",
        "blocks.#.W1": "blocks.#.widened.weight.T",
        "blocks.#.b1": "blocks.#.widened.bias",
        "blocks.#.W2": "blocks.#.narrowed.weight.T",
        "blocks.#.b2": "blocks.#.narrowed.bias",
        "last.gain": "norm.weight",
        "last.bias": "norm.bias",
        "Wo": "output.weight.T",
    },
}  # fmt: skip
"""For each kind, the name in the exported module of each weight; `#` is the number of a layer, and `.T` says that the
weight is transposed: `nn.Linear` keeps [outputs, inputs]."""


def torch_weights(kind: str, weights: Weights, xp: ModuleType = np) -> dict[str, Any]:
    """Return the parameters and buffers of the exported module of a kind, by name.

    `weights` are arrays of `xp`: of `numpy`, or of `torch`, through which gradients flow back to them.
    """
    found: dict[str, Any] = {}
    weights = _with_label_rows(weights, xp)
    for name, array in weights.items():
        if name.endswith(".bn"):  # in the second bias of its layer
            continue
        number = re.search(r"\.(\d+)\.", name)
        theirs = NAMES[kind][re.sub(r"\.\d+\.", ".#.", name)].replace("#", number[1] if number else "")
        if "layers.0.Wx" in weights and "layers.1.Wx" not in weights:
            theirs = theirs.replace("layers.0.", "layer.")
        if name == "bo" and "Wo" not in weights:  # the output has the weights of the embedding, and its own bias
            theirs = "bias"
        found[theirs.removesuffix(".T")] = array.T if theirs.endswith(".T") else array
        if "bias_ih" in theirs:
            found[theirs.replace("bias_ih", "bias_hh")] = _second_bias(array, weights.get(f"{name}n"), xp)
        if "running_mean" in theirs:  # PyTorch counts the batches in training; the count has no effect
            found[theirs.replace("running_mean", "num_batches_tracked")] = xp.zeros((), dtype=xp.int64)
    return found


def of_its_label(model: LanguageModel) -> LanguageModel:
    """Return a model that is conditioned on a label as an ordinary model: `END` has the row of the label.

    Any other model is returned as it is.
    """
    if model.label is None:
        return model
    weights = {name: array for name, array in model.weights.items() if name != LABELS}
    architecture = model.architecture
    if "C" in weights and "Wo" not in weights:  # tied weights: the output keeps the row of END
        architecture, weights["Wo"] = architecture.model_copy(update={"tied": False}), weights["C"].T
    table = _input_table(weights)
    weights[table] = condition_on_label(
        np.concatenate([weights[table], model.weights[LABELS]]),
        model.vocabulary.size,
        [*model.labels].index(model.label),
    )
    return replace(model, architecture=architecture, weights=weights, labels={}, label=None)


def _with_label_rows(weights: Weights, xp: ModuleType) -> Weights:
    """Return the weights with the rows of the labels, if there are any, below the rows of the characters."""
    if LABELS not in weights:
        return weights
    table = _input_table(weights)
    rest = {name: array for name, array in weights.items() if name != LABELS}
    return rest | {table: xp.concatenate([weights[table], weights[LABELS]])}


def _input_table(weights: Weights) -> str:
    return "C" if "C" in weights else "layers.0.Wx"


def _second_bias(bias: Any, proposal: Any, xp: ModuleType) -> Any:
    """Return the bias that PyTorch adds to the product with the state: zero, but for the proposal of a GRU."""
    if proposal is None:
        return xp.zeros_like(bias)
    return xp.concatenate([xp.zeros_like(bias[: -len(proposal)]), proposal])
