"""What goes on inside a model: activations, weights and batch statistics, as plain numbers and small histograms.

All is computed on NumPy; gradients and updates are handed in by whoever can take them (`workflows.diagnosis`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import log
from typing import Any, Literal, NamedTuple, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import USE, Cell, Mode, Parts, TrainedArchitecture, WindowArchitecture
from morelike.arrays import EPSILON, Bool, Float, Int, Weights, log_softmax
from morelike.text.vocabulary import END, TokenLines

__all__ = [
    "SATURATED",
    "Activation",
    "BatchStatistics",
    "Diagnosis",
    "Examples",
    "Histogram",
    "Inside",
    "Reading",
    "Recording",
    "Start",
    "Verdict",
    "Weight",
    "examples_of",
    "histogram",
    "look_at_start",
    "look_at_weight",
    "look_inside",
]

SATURATED = 0.97
"""A tanh beyond this, on either side, passes on less than 6 % of its gradient."""

POSITIONS = 2048
"""Characters that are looked at: a share of the activations is then known to about 1 %, in a few milliseconds."""

MOST_LOGITS = 1 << 23
"""With a large vocabulary fewer are looked at, so that their logits take 32 MB."""

BINS = 50
STILL = 1e-6
"""A unit whose values all lie within this of one another never varies."""

Verdict: TypeAlias = Literal["good", "watch", "bad"]


@dataclass(frozen=True)
class Reading:
    """One figure with its verdict in a sentence, and what to change where it is not good (`advice`, else "")."""

    what: str
    where: str
    value: float
    verdict: Verdict
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class Histogram:
    """How many values fall between each two of the edges, of which there is one more."""

    counts: list[int]
    edges: list[float]


@dataclass(frozen=True)
class Activation:
    """The activations of one layer over all examples; `saturated` is None where they are not bounded."""

    name: str
    mean: float
    deviation: float
    saturated: float | None
    dead: int
    units: int


@dataclass(frozen=True)
class BatchStatistics:
    """How far the running statistics of a BatchNorm are from those of the examples.

    `mean_gap` is the mean distance of the means, in deviations of the examples; `variance_factor` the factor, 1 or
    more, by which the variances typically differ.
    """

    name: str
    mean_gap: float
    variance_factor: float


@dataclass(frozen=True)
class Start:
    """Fresh weights on the same examples: their loss, ln V (both nats per character), and their activations."""

    loss: float
    uniform: float
    activations: list[Activation]


@dataclass(frozen=True)
class Weight:
    """One of the weights, its gradient and its update by one step of the optimiser, as standard deviations.

    `largest_gradient` is the largest number in the gradient, its sign left out. The ratios are None where all numbers
    of the weight are equal.
    """

    name: str
    shape: list[int]
    deviation: float
    gradient: float
    largest_gradient: float
    update: float
    gradient_to_data: float | None
    update_to_data: float | None


@dataclass(frozen=True)
class Diagnosis:
    """What was measured inside a model, and the readings with their verdicts.

    `learning_rate` is the highest of the run's schedule, at which the update was taken; `optimizer` says which, and
    where its state comes from; `first_step` that it is AdamW's first, which is longer than later ones. The histograms
    are called "activations/NAME", "weights/NAME" and "gradients/NAME".
    """

    kind: str
    examples: int
    optimizer: str
    first_step: bool
    learning_rate: float
    start: Start
    activations: list[Activation]
    batch_statistics: list[BatchStatistics]
    weights: list[Weight]
    histograms: dict[str, Histogram]
    readings: list[Reading] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values that JSON can hold."""
        return asdict(self)


class Examples(NamedTuple):
    """What is looked at: int32 contexts [N, K] or rows [B, T], and for each position what follows."""

    inputs: Int[NDArray[Any], "N T"]
    targets: Int[NDArray[Any], " *N"]


class Seen(NamedTuple):
    """One observed activation, flattened to [positions, units]."""

    x: Float[NDArray[Any], "N H"]
    bounded: bool


@final
@dataclass(frozen=True)
class Recording(Mode):
    """A model in use, on NumPy, with its activations and what its BatchNorms saw kept by name.

    `own` normalises a batch by its own statistics, as training does; else by the running ones.
    """

    own: bool = False
    seen: dict[str, Seen] = field(default_factory=dict)
    batches: dict[str, BatchStatistics] = field(default_factory=dict)

    def drop(self, name: str, x: Float[NDArray[Any], "*shape"], rate: float) -> Float[NDArray[Any], "*shape"]:
        """Return x: nothing is dropped."""
        return x

    def record(
        self, name: str, x: Float[NDArray[Any], "*shape"], *, bounded: bool = False
    ) -> Float[NDArray[Any], "*shape"]:
        """Return x, which is kept."""
        self.seen[name] = Seen(x.reshape(-1, x.shape[-1]), bounded)
        return x

    def moments(
        self, name: str, x: Float[NDArray[Any], "*shape H"], mean: Float[Any, " H"], variance: Float[Any, " H"]
    ) -> tuple[Float[Any, " H"], Float[Any, " H"]]:
        """Return the running statistics or the batch's own, after they were compared."""
        axes = tuple(range(x.ndim - 1))
        own_mean, own_variance = x.mean(axes), x.var(axes)
        gap = np.abs(mean - own_mean) / np.sqrt(own_variance + EPSILON)
        factor = np.abs(np.log((variance + EPSILON) / (own_variance + EPSILON)))
        self.batches[name] = BatchStatistics(name, float(gap.mean()), float(np.exp(factor.mean())))
        return (own_mean, own_variance) if self.own else (mean, variance)

    def look_up(self, table: Float[Any, "V E"], index: Int[Any, "*shape"]) -> Float[Any, "*shape E"]:
        """Return the rows of a table."""
        return USE.look_up(table, index)

    def product(self, x: Float[Any, "*shape K"], matrix: Float[Any, "*batch K N"]) -> Float[Any, "*shape N"]:
        """Return the product."""
        return USE.product(x, matrix)

    def softmax(self, x: Float[Any, "*shape N"]) -> Float[Any, "*shape N"]:
        """Return x as shares."""
        return USE.softmax(x)

    def standardize(self, x: Float[Any, "*shape E"]) -> Float[Any, "*shape E"]:
        """Return x with mean 0 and variance 1."""
        return USE.standardize(x)

    def scan_cell(
        self, name: str, cell: Cell, layer: Weights, start: Float[Any, " S"], begins: Bool[Any, "T B"], x: Parts
    ) -> Float[Any, "T B H"]:
        """Return what is shown along time."""
        return USE.scan_cell(name, cell, layer, start, begins, x)


class Inside(NamedTuple):
    """What one look inside gave: the loss (nats per character), the rows of the tables, and the histograms."""

    loss: float
    activations: list[Activation]
    batch_statistics: list[BatchStatistics]
    histograms: dict[str, Histogram]


def examples_of(
    architecture: TrainedArchitecture, lines: TokenLines, vocabulary_size: int, *, width: int, text: bool, seed: int
) -> Examples:
    """Return about 2,000 positions drawn from lines, none of them padding, as the architecture wants them.

    Rows of `width` begin at a line's start and go on into the lines behind it, those of a running text anywhere.
    """
    rng = np.random.default_rng(seed)
    wanted = max(min(POSITIONS, MOST_LOGITS // vocabulary_size), 1)
    count = len(lines.tokens) - 2 * text  # a text's first character follows nothing, and its end is not predicted
    if isinstance(architecture, WindowArchitecture):
        at = _some(count, wanted, rng) + text
        reach = at - lines.offsets[np.searchsorted(lines.offsets, at, side="right") - 1]
        back = np.arange(architecture.context, 0, -1)
        context = np.where(back <= reach[:, None], lines.tokens[np.maximum(at[:, None] - back, 0)], END)
        return Examples(context.astype(np.int32), lines.tokens[at])
    width = min(width, count)
    rows, columns = max(wanted // width, 1), np.arange(width)
    if text:
        at = _some(count - width + 1, rows, rng)[:, None] + columns
        return Examples(lines.tokens[at], lines.tokens[at + 1])
    at = (lines.offsets[_some(len(lines), rows, rng)][:, None] + columns) % count
    return Examples(lines.tokens[at - 1], lines.tokens[at])  # before the first line's first character stands an END


def look_inside(
    architecture: TrainedArchitecture, weights: Weights, examples: Examples, *, own_moments: bool = False
) -> Inside:
    """Return what happens inside a model on examples; `own_moments` normalises by the batch, as training does."""
    mode = Recording(own_moments)
    run = architecture.predict if isinstance(architecture, WindowArchitecture) else architecture.logits
    with np.errstate(over="ignore", invalid="ignore"):
        picked = np.take_along_axis(log_softmax(run(weights, examples.inputs, mode)), examples.targets[..., None], -1)
        rows = [_look_at_activation(name, *seen) for name, seen in mode.seen.items()]
    return Inside(
        loss=-float(picked.mean(dtype=np.float64)),
        activations=rows,
        batch_statistics=list(mode.batches.values()),
        histograms={f"activations/{name}": histogram(x, bounded=bounded) for name, (x, bounded) in mode.seen.items()},
    )


def look_at_start(architecture: TrainedArchitecture, fresh: Weights, examples: Examples, vocabulary_size: int) -> Start:
    """Return how fresh weights do, beside a model that knows nothing: its loss is ln V."""
    inside = look_inside(architecture, fresh, examples, own_moments=True)
    return Start(inside.loss, log(vocabulary_size), inside.activations)


def look_at_weight(
    name: str,
    data: Float[NDArray[Any], "*shape"],
    gradient: Float[NDArray[Any], "*shape"],
    update: Float[NDArray[Any], "*shape"],
) -> Weight:
    """Return the spread of a weight, of its gradient and of its update, and their ratios."""
    with np.errstate(over="ignore", invalid="ignore"):
        spread, of_gradient, of_update = (float(each.std(dtype=np.float64)) for each in (data, gradient, update))
    return Weight(
        name=name,
        shape=list(data.shape),
        deviation=spread,
        gradient=of_gradient,
        largest_gradient=float(np.abs(gradient).max()),
        update=of_update,
        gradient_to_data=of_gradient / spread if spread else None,
        update_to_data=of_update / spread if spread else None,
    )


def histogram(values: Float[NDArray[Any], "*shape"], *, bounded: bool = False) -> Histogram:
    """Return the counts of values in 50 bins of equal width: from -1 to 1 where bounded, else as far as they go.

    >>> sum(histogram(np.array([-1.0, 0.5, 3.0])).counts)
    3
    """
    finite = values[np.isfinite(values)]
    reach = float(np.abs(finite).max(initial=0)) or 1.0
    if bounded:
        reach = max(reach, 1.0)
    counts, edges = np.histogram(finite, BINS, (-reach, reach))
    return Histogram(counts.tolist(), edges.tolist())


def _look_at_activation(name: str, x: Float[NDArray[Any], "N H"], bounded: bool) -> Activation:
    beyond = np.abs(x) > SATURATED
    still = np.ptp(x, axis=0) < STILL
    return Activation(
        name=name,
        mean=float(x.mean(dtype=np.float64)),
        deviation=float(x.std(dtype=np.float64)),
        saturated=float(beyond.mean()) if bounded else None,
        dead=int(np.sum(still | beyond.all(axis=0) if bounded else still)),
        units=x.shape[1],
    )


def _some(count: int, wanted: int, rng: np.random.Generator) -> Int[NDArray[Any], " some"]:
    """Return `wanted` of the numbers below `count`, all of them where there are fewer."""
    return np.arange(count) if count <= wanted else rng.choice(count, wanted, replace=False)
