"""Measurements inside a model: activations, weights and batch statistics, as plain numbers and small histograms.

Everything runs on NumPy. `workflows.diagnosis` computes the gradients and updates with JAX and passes them in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import log, nan
from typing import Any, Literal, NamedTuple, TypeAlias, final, get_args

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture, Use
from morelike.arrays import EPSILON, Float, Int, Weights, log_softmax, random_generator
from morelike.display import Summarized, Summary
from morelike.text.vocabulary import END, TokenLines

SATURATED = 0.97
"""A tanh above this, or below its negative, passes less than 6 % of its gradient."""

POSITIONS = 2048
"""Characters that are measured: a share of the activations is then exact to about 1 %, in a few milliseconds."""

MOST_LOGITS = 1 << 23
"""Logits of all measured characters (32 MB): with a large vocabulary fewer characters are measured."""

BINS = 50
CONSTANT_RANGE = 1e-6
"""A unit is constant if the range of its values is smaller than this."""

Verdict: TypeAlias = Literal["good", "watch", "bad"]


@dataclass(frozen=True)
class Reading:
    """One figure with its verdict, a sentence that explains it, and advice if the verdict is not good (else "")."""

    what: str
    where: str
    value: float
    verdict: Verdict
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class Histogram:
    """The number of values in each bin. The edges are one more than the counts."""

    counts: list[int]
    edges: list[float]


@dataclass(frozen=True)
class Activation:
    """The activations of one layer over all examples.

    `saturated` is the share beyond `SATURATED`, None for unbounded activations; `dead` of the `units` never vary.
    """

    name: str
    mean: float
    deviation: float
    saturated: float | None
    dead: int
    units: int


@dataclass(frozen=True)
class BatchStatistics:
    """The difference between the running statistics of a BatchNorm and the statistics of the examples.

    `mean_gap` is the mean distance of the means, in standard deviations of the examples. `variance_factor` is the
    geometric mean of the factors, each 1 or more, by which the variances differ.
    """

    name: str
    mean_gap: float
    variance_factor: float


@dataclass(frozen=True)
class Start:
    """Fresh weights on the same examples: their loss, ln V (both in nats per character), and their activations."""

    loss: float
    uniform: float
    activations: list[Activation]


@dataclass(frozen=True)
class Weight:
    """The standard deviations of one weight, of its gradient, and of its update by one step of the optimiser.

    `largest_gradient` is the largest absolute value in the gradient. The ratios are None if the weight is constant.
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
class Movement:
    """What `steps` steps of training change: the losses on the examples, in nats per character, and the matrices.

    `opposite` is the loss of the weights that the same change with the other sign would give. `update_to_data` holds
    the standard deviation of the change of each matrix for one step, divided by that of its new values: a matrix that
    starts near zero must grow. It is empty if `Diagnosis.weights` hold such ratios.
    """

    steps: int
    before: float
    after: float
    opposite: float
    update_to_data: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Diagnosis(Summarized):
    """The measurements inside a model, and the readings with their verdicts.

    The update was taken at `learning_rate`, the highest of the run's schedule. `optimizer` names the optimiser and the
    origin of its state. `first_step` is true for the first step of AdamW, which is longer than later ones. The
    histograms are called "activations/NAME", "weights/NAME" and "gradients/NAME".

    `settings` are those that the run has, for advice. `loss` is the loss of the weights on the examples (nats per
    character). `settled` is true if the training loss of the run hardly fell in its second half. `movement` is the next
    step of training, or the steps from an earlier look to this one; None if neither is known.
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
    settings: Mapping[str, Any] = field(default_factory=dict)
    loss: float = nan
    settled: bool = False
    movement: Movement | None = None

    def _summary(self) -> Summary:
        verdicts = Counter(reading.verdict for reading in self.readings)
        facts = {"kind": self.kind, "loss": self.loss, **{name: verdicts[name] for name in get_args(Verdict)}}
        rows = [(each.what, each.where, each.value, each.verdict, each.advice) for each in self.readings]
        return Summary(
            facts,
            {"optimizer": self.optimizer, "learning rate": self.learning_rate},
            ("what", "where", "value", "verdict", "advice"),
            sorted(rows, key=lambda row: get_args(Verdict).index(row[3]), reverse=True),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the diagnosis as plain values for JSON."""
        return asdict(self)


class Examples(NamedTuple):
    """Inputs of a model, int32 contexts [N, K] or rows [B, T], and the character that follows each position.

    A target is `IGNORED` where nothing is predicted; a diagnosis has no such positions.
    """

    inputs: Int[NDArray[Any], "N T"]
    targets: Int[NDArray[Any], " *N"]


class RecordedActivation(NamedTuple):
    """The values of one activation at all positions; bounded values lie in -1 to 1."""

    values: Float[NDArray[Any], "N H"]
    bounded: bool


@final
@dataclass(frozen=True)
class Recording(Use):
    """A model on NumPy that keeps its activations, and compares the statistics of its BatchNorms, by name.

    If `batch_moments` is true, BatchNorm uses the statistics of the batch, as in training; else the running statistics.
    """

    batch_moments: bool = False
    activations: dict[str, RecordedActivation] = field(default_factory=dict)
    statistics: dict[str, BatchStatistics] = field(default_factory=dict)

    def record(
        self, name: str, x: Float[NDArray[Any], "*shape"], *, bounded: bool = False, diagnosed: bool = True
    ) -> Float[NDArray[Any], "*shape"]:
        """Keep x if it is the output of a layer, and return it."""
        if not diagnosed:
            return x
        self.activations[name] = RecordedActivation(x.reshape(-1, x.shape[-1]), bounded)
        return x

    def moments(
        self, name: str, x: Float[NDArray[Any], "*shape H"], mean: Float[Any, " H"], variance: Float[Any, " H"]
    ) -> tuple[Float[Any, " H"], Float[Any, " H"]]:
        """Compare the running statistics with those of the batch, and return one of the two."""
        axes = tuple(range(x.ndim - 1))
        batch_mean, batch_variance = x.mean(axes), x.var(axes)
        gap = np.abs(mean - batch_mean) / np.sqrt(batch_variance + EPSILON)
        factor = np.abs(np.log((variance + EPSILON) / (batch_variance + EPSILON)))
        self.statistics[name] = BatchStatistics(name, float(gap.mean()), float(np.exp(factor.mean())))
        return (batch_mean, batch_variance) if self.batch_moments else (mean, variance)


class Measurements(NamedTuple):
    """Measurements of one model on examples: the loss (nats per character), the layers, and the histograms."""

    loss: float
    activations: list[Activation]
    batch_statistics: list[BatchStatistics]
    histograms: dict[str, Histogram]


def draw_examples(
    architecture: TrainedArchitecture,
    lines: TokenLines,
    vocabulary_size: int,
    *,
    row_length: int,
    text: bool,
    seed: int,
) -> Examples:
    """Return about 2,000 positions, drawn from lines, as the architecture's examples. None is padding.

    Rows of `row_length` begin at the start of a line and continue with the next lines; in a running text they begin
    anywhere.
    """
    rng = random_generator(seed)
    wanted = max(min(POSITIONS, MOST_LOGITS // vocabulary_size), 1)
    count = len(lines.tokens) - 2 * text  # a text's first character follows nothing, and its end is not predicted
    if architecture.window:
        at = _draw(count, wanted, rng) + text
        on_line = at - lines.offsets[np.searchsorted(lines.offsets, at, side="right") - 1]
        back = np.arange(architecture.window, 0, -1)
        context = np.where(back <= on_line[:, None], lines.tokens[np.maximum(at[:, None] - back, 0)], END)
        return Examples(context.astype(np.int32), lines.tokens[at])
    row_length = min(row_length, count)
    rows, columns = max(wanted // row_length, 1), np.arange(row_length)
    if text:
        at = _draw(count - row_length + 1, rows, rng)[:, None] + columns
        return Examples(lines.tokens[at], lines.tokens[at + 1])
    at = (lines.offsets[_draw(len(lines), rows, rng)][:, None] + columns) % count
    return Examples(lines.tokens[at - 1], lines.tokens[at])  # tokens[-1] is END, which begins the first line


def measure_model(
    architecture: TrainedArchitecture, weights: Weights, examples: Examples, *, batch_moments: bool = False
) -> Measurements:
    """Return measurements of a model on examples. `batch_moments` is explained at `Recording`."""
    mode = Recording(batch_moments)
    with np.errstate(over="ignore", invalid="ignore"):
        log_p = log_softmax(architecture.example_logits(weights, examples.inputs, mode))
        picked = np.take_along_axis(log_p, examples.targets[..., None], -1)
        activations = [_measure_activation(name, *recorded) for name, recorded in mode.activations.items()]
    return Measurements(
        loss=-float(picked.mean(dtype=np.float64)),
        activations=activations,
        batch_statistics=list(mode.statistics.values()),
        histograms={f"activations/{name}": histogram(x, bounded=b) for name, (x, b) in mode.activations.items()},
    )


def measure_start(architecture: TrainedArchitecture, fresh: Weights, examples: Examples, vocabulary_size: int) -> Start:
    """Return measurements of fresh weights, and ln V: the loss of a model that knows nothing."""
    found = measure_model(architecture, fresh, examples, batch_moments=True)
    return Start(found.loss, log(vocabulary_size), found.activations)


def measure_movement(
    architecture: TrainedArchitecture,
    before: Weights,
    changes: Mapping[str, NDArray[Any]],
    examples: Examples,
    steps: int = 1,
) -> Movement:
    """Return the movement of weights by `changes`, the change of each parameter in `steps` steps."""
    after, opposite = (
        before | {name: np.asarray(before[name] + sign * change) for name, change in changes.items()}
        for sign in (np.float32(1), np.float32(-1))
    )
    at_first, then, mirrored = (measure_model(architecture, each, examples).loss for each in (before, after, opposite))
    matrices = [name for name in changes if before[name].ndim > 1 and name != "start"]
    deviations = {name: float(after[name].std(dtype=np.float64)) for name in matrices}
    of_changes = {name: float(changes[name].std(dtype=np.float64)) for name in matrices}
    ratios = {name: of_changes[name] / deviation / steps for name, deviation in deviations.items() if deviation}
    return Movement(steps, at_first, then, mirrored, ratios)


def measure_weight(
    name: str,
    data: Float[NDArray[Any], "*shape"],
    gradient: Float[NDArray[Any], "*shape"],
    update: Float[NDArray[Any], "*shape"],
) -> Weight:
    """Return the standard deviations of a weight, of its gradient and of its update, and their ratios."""
    with np.errstate(over="ignore", invalid="ignore"):
        deviation, of_gradient, of_update = (float(each.std(dtype=np.float64)) for each in (data, gradient, update))
    return Weight(
        name=name,
        shape=list(data.shape),
        deviation=deviation,
        gradient=of_gradient,
        largest_gradient=float(np.abs(gradient).max()),
        update=of_update,
        gradient_to_data=of_gradient / deviation if deviation else None,
        update_to_data=of_update / deviation if deviation else None,
    )


def histogram(values: Float[NDArray[Any], "*shape"], *, bounded: bool = False) -> Histogram:
    """Return the counts of the finite values in 50 bins of equal width, symmetric about 0; bounded: from -1 to 1.

    >>> sum(histogram(np.array([-1.0, 0.5, 3.0])).counts)
    3
    """
    finite = values[np.isfinite(values)]
    limit = float(np.abs(finite).max(initial=0)) or 1.0
    if bounded:
        limit = max(limit, 1.0)
    counts, edges = np.histogram(finite, BINS, (-limit, limit))
    return Histogram(counts.tolist(), edges.tolist())


def _measure_activation(name: str, x: Float[NDArray[Any], "N H"], bounded: bool) -> Activation:
    saturated = np.abs(x) > SATURATED
    constant = np.ptp(x, axis=0) < CONSTANT_RANGE
    return Activation(
        name=name,
        mean=float(x.mean(dtype=np.float64)),
        deviation=float(x.std(dtype=np.float64)),
        saturated=float(saturated.mean()) if bounded else None,
        dead=int(np.sum(constant | saturated.all(axis=0) if bounded else constant)),
        units=x.shape[1],
    )


def _draw(count: int, wanted: int, rng: np.random.Generator) -> Int[NDArray[Any], " drawn"]:
    """Return `wanted` distinct numbers below `count`, drawn at random; all numbers if there are not more."""
    return np.arange(count) if count <= wanted else rng.choice(count, wanted, replace=False)
