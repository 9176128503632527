"""A forward pass to look at: every intermediate array of a model by name, in float64, on NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture, Blocks, Cell, TrainedArchitecture, Use, split_blocks
from morelike.architecture.mode import cell_steps
from morelike.arrays import Array, Bool, Float, Weights, log_softmax
from morelike.errors import did_you_mean, excerpt
from morelike.evaluation.diagnostics import Examples
from morelike.text.examples.packed_rows import IGNORED


class NamedArrays(Mapping[str, NDArray[Any]]):
    """Arrays by name. In a notebook or at the prompt, a table of their names and shapes is shown.

    An array is found by `arrays["hidden"]`, and as `arrays.hidden` if its name has no dot.

    >>> NamedArrays({"C": np.zeros((27, 2)), "b": np.zeros(27)})
    C  (27, 2)
    b  (27,)
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = dict(arrays)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._arrays:
            known = ", ".join(self._arrays)
            raise KeyError(f"no array is called {excerpt(name)}{did_you_mean(name, self._arrays)}; there are {known}")
        return self._arrays[name]

    def __getattr__(self, name: str) -> NDArray[Any]:
        if name.startswith("_") or name not in self._arrays:
            raise AttributeError(f"{type(self).__name__} has no attribute and no array {name!r}")
        return self._arrays[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name for name in self._arrays if name.isidentifier())]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each array by name."""
        return {name: array.shape for name, array in self._arrays.items()}

    def __repr__(self) -> str:
        width = max(map(len, self._arrays), default=0)
        return "\n".join(f"{name:<{width}}  {shape}" for name, shape in self.shapes.items())


class ForwardPass(NamedArrays):
    """The intermediate arrays of a forward pass by name, in the order of the computation, and the mean loss.

    All passes have `inputs` and `targets` (ids), `logits` and `probabilities` [..., V], and `losses`: -ln p of each
    target (nats), nan where nothing is predicted. `loss` is their mean (nats per character).
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super().__init__(arrays)
        self.loss = float(np.nanmean(self["losses"]))
        """The mean of the losses (nats per character)."""

    def __repr__(self) -> str:
        return f"{super().__repr__()}\nloss = {self.loss:.4f} nats per character"


@final
@dataclass(frozen=True)
class Recorder(Use):
    """A model on NumPy that keeps every array that its architecture records, with the lines or examples first.

    Args:
        batch_axis: the axis of the recorded arrays that counts the lines.
        training: whether BatchNorm uses the statistics of the batch, as in training, or the running ones.
    """

    batch_axis: int = 0
    training: bool = False
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)

    def record(
        self, name: str, x: Float[NDArray[Any], "*shape"], *, bounded: bool = False, diagnosed: bool = True
    ) -> Float[NDArray[Any], "*shape"]:
        """Keep x and return it. An array that has a name already is not kept again."""
        shown = np.swapaxes(x, 0, self.batch_axis)
        if not any(_same(shown, kept) for kept in self.arrays.values()):
            self.arrays[name] = shown
        return x

    def moments(
        self, name: str, x: Float[NDArray[Any], "*shape H"], mean: Float[Any, " H"], variance: Float[Any, " H"]
    ) -> tuple[Float[Any, " H"], Float[Any, " H"]]:
        """Return the statistics that normalise x: those of the batch in training, else the running ones."""
        axes = tuple(range(x.ndim - 1))
        return (x.mean(axes), x.var(axes)) if self.training else (mean, variance)

    def scan_cell(
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Blocks
    ) -> Float[Array, "T B H"]:
        """Keep the gates and the blocks of the state at each time, and return the first block."""
        steps = list(cell_steps(cell, layer, start, begins, x))
        gates = [cell.gate_values(layer, step.before, step.u, step.x) for step in steps]
        for gate, values in zip(cell.gates, zip(*gates, strict=True), strict=False):  # some cells declare no gates
            self.record(f"{name}.{gate}", np.stack(values))
        states = split_blocks(np.stack([step.state for step in steps]), len(cell.state_inputs))
        for block, values in zip(cell.state_inputs, states, strict=True):
            self.record(f"{name}.{block}", values)
        return states[0]


def trained_forward(
    architecture: TrainedArchitecture, weights: Weights, examples: Examples, *, training: bool = False
) -> ForwardPass:
    """Return the forward pass of a network on examples, with the recorded intermediates."""
    recorder = Recorder(architecture.batch_axis, training)
    precise = {name: array.astype(np.float64) for name, array in weights.items()}
    logits = architecture.example_logits(precise, examples.inputs, recorder)
    return _pass(examples, recorder.arrays, logits)


def stepwise_forward(architecture: Architecture, weights: Weights, rows: Examples) -> ForwardPass:
    """Return the forward pass of a model of any kind on rows [B, T], without intermediates of its own."""
    state, logits = architecture.start(weights, len(rows.inputs)), []
    for t in range(rows.inputs.shape[1]):
        state, now = architecture.step(weights, state, rows.inputs[:, t])
        logits.append(now)
    return _pass(rows, {}, np.stack(logits, axis=1).astype(np.float64))


def _pass(examples: Examples, recorded: Mapping[str, NDArray[Any]], logits: Float[NDArray[Any], "*N V"]) -> ForwardPass:
    log_p = log_softmax(logits)
    predicted = examples.targets != IGNORED
    picked = np.take_along_axis(log_p, np.maximum(examples.targets, 0)[..., None], axis=-1)[..., 0]
    ends = {"probabilities": np.exp(log_p), "losses": np.where(predicted, -picked, np.nan)}
    return ForwardPass({"inputs": examples.inputs, "targets": examples.targets, **recorded, "logits": logits, **ends})


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Return whether two arrays are one and the same: the same numbers in memory in the same shape."""
    return one.__array_interface__ == other.__array_interface__
