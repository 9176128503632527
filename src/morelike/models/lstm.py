"""Long short-term memory (Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735).

i  = sigmoid(x Wi + bi + h Ui)      the input gate
f  = sigmoid(x Wf + bf + h Uf)      the forget gate (Gers et al. 2000); its initial bias is 1
g  = tanh(x Wg + bg + h Ug)         the proposal
o  = sigmoid(x Wo + bo + h Uo)      the output gate
c' = f c + i g
h' = o tanh(c')
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, final

import numpy as np
from pydantic import Field

from morelike.architecture import Blocks, RecurrentArchitecture, SearchRange
from morelike.arrays import Array, Float, Weights, namespace, sigmoid


@final
class LSTM(RecurrentArchitecture):
    """A recurrent network with a memory cell; its state is h and c, concatenated.

    Weights of a layer: Wx [inputs, 4H], b [4H] and Wh [H, 4H] for i, f, g, o in this order.
    """

    takes_labels: ClassVar[bool] = True
    gates: ClassVar[tuple[str, ...]] = ("i", "f", "g", "o")
    state_inputs: ClassVar[Mapping[str, tuple[str, ...]]] = {"h": ("c", "i", "f", "g", "o"), "c": ("c", "i", "f", "g")}
    summed_gates: ClassVar[tuple[str, ...]] = ("i", "f", "g", "o")
    dropout: Annotated[float, SearchRange(0, 0.5, step=0.1)] = Field(
        0.1, ge=0.0, lt=1.0, description="share of each layer's outputs dropped in training"
    )
    training: ClassVar[dict[str, Any]] = {
        "epochs": 8,
        "batch_size": 64,
        "learning_rate": 1e-2,
        "weight_decay": 0.05,
        "warmup": 0.1,
    }
    quick: ClassVar[dict[str, Any]] = {"hidden": 96, "dropout": 0.0, "epochs": 3, "learning_rate": 1.5e-2}

    def layer_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        hidden = self.hidden
        return {"Wx": (inputs, 4 * hidden), "Wh": (hidden, 4 * hidden), "b": (4 * hidden,)}

    def init_layer(self, rng: np.random.Generator, inputs: int) -> Weights:
        hidden = self.hidden
        bound = hidden**-0.5
        bias = np.zeros(4 * hidden, dtype=np.float32)
        bias[hidden : 2 * hidden] = 1
        return {
            "Wx": rng.standard_normal((inputs, 4 * hidden), dtype=np.float32) / np.float32(inputs**0.5),
            "Wh": rng.uniform(-bound, bound, (hidden, 4 * hidden)).astype(np.float32),
            "b": bias,
        }

    def gate_values(self, layer: Weights, state: Float[Array, "*B S"], u: Blocks, x: Blocks) -> Blocks:
        i, f, o = (sigmoid(x[gate] + u[gate]) for gate in (0, 1, 3))
        return i, f, namespace(state).tanh(x[2] + u[2]), o

    def cell(self, layer: Weights, state: Float[Array, "*B S"], u: Blocks, x: Blocks) -> Float[Array, "*B S"]:
        xp = namespace(state)
        i, f, g, o = self.gate_values(layer, state, u, x)
        c = f * state[..., self.hidden :] + i * g
        return xp.concatenate([o * xp.tanh(c), c], axis=-1)
