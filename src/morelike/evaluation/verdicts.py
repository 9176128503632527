"""Verdicts on what was measured inside a model: each figure beside its guide line, in a sentence, with what to change.

The lines come from practice (Karpathy's lectures on activations and gradients, 2022; Glorot and Bengio 2010), set wide
enough that a run of any kind with its default settings crosses none of them badly. They are no tests of a theory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, isfinite, log10
from statistics import median
from typing import TypeAlias

from morelike.architecture import TrainedArchitecture
from morelike.evaluation.diagnostics import SATURATED, Activation, BatchStatistics, Diagnosis, Reading, Verdict, Weight

__all__ = ["UPDATE_LINE", "condensed", "judge", "overall"]

UPDATE_LINE = 1e-3
"""By what share of its own spread a step should change a matrix, on the average of a run: the order of this."""

# Up to the first number a figure is good, up to the second it is to be watched, beyond it is bad. "Defaults" are runs
# of 150 steps (transformer: 40) on names, of every kind with its own settings: the first number lets them pass.
EXCESS = 0.1, 0.3
"""Nats of the first loss above ln V: random logits of deviation s add about s^2 / 2. Defaults: at most 0.03."""

SATURATION_AT_START = 0.3, 0.6
"""Share: inputs of deviation 5/3 to a tanh, as is usual, saturate a fifth. Defaults: at most 0.18."""

SATURATION = 0.5, 0.9
"""Share after training, which may sharpen a layer, as long as some gradient passes. Defaults: at most 0.43."""

DEAD = 0.0, 0.1
"""Share of the units: one is a waste, a tenth a fault. Defaults: none."""

MEAN = 0.3, 0.8
"""Of bounded activations, which lie in -1 to 1: at 0.8 a tanh passes on a third of its gradient. Defaults: 0.03."""

MEAN_IN_DEVIATIONS = 3.0, inf
"""Of unbounded ones: to one side of zero nearly always. No fault in itself, since a bias can take it away."""

NARROW = -0.05, -0.001
"""Deviations, negative so that the smaller is the worse: below 0.001 a layer is a constant. Defaults: 0.4 or more."""

WIDE = 100.0, 1e4
"""Deviations, of which 1 is usual: added to 1e4, a float32 near 1 keeps three of its digits. Defaults: at most 1.2."""

MEAN_GAP = 0.2, 1.0
"""In deviations of the examples: at 1 the input of a tanh lies in another part of its curve. Defaults: 0.02."""

VARIANCE_FACTOR = 1.3, 3.0
"""A layer in use is scaled otherwise by the root of this. Defaults: 1.04."""

GRADIENT_OFF = 2.0, 4.0
"""Powers of ten from the median of all matrices, below it. Above it one more: the last layer has the most by far, since
nothing lies between it and the loss (defaults: 60 times the median)."""

UPDATE_HIGH = 0.05, 0.3
"""At the highest rate of the schedule, which a run leaves soon. Defaults: at most 0.046; at 0.3 a few steps replace the
matrix."""

UPDATE_LOW = -1e-4, -1e-5
"""Negative as above. At 1e-5 thousands of steps hardly move the matrix. Defaults: 0.001 or more."""

FIRST_STEP = 5.0
"""How many times as long as its later steps AdamW's first is: its mean of gradients has only one to average."""

SHOWN_ALONE = 2
"""Good readings of one sort that are shown one by one."""

TABLES = "C", "P"
"""Weights of which rows are looked up, for characters and for positions."""

Lines: TypeAlias = tuple[float, float]
Shapes: TypeAlias = Mapping[str, tuple[int, ...]]


def judge(diagnosis: Diagnosis, architecture: TrainedArchitecture, symbols: int) -> list[Reading]:
    """Return all readings of a diagnosis, in the order in which one should look at them."""
    shapes = architecture.shapes(symbols)
    readings = [_first_loss(diagnosis, architecture, _last_layer(shapes, symbols))]
    at_start = [each for each in diagnosis.start.activations if each.saturated is not None]
    readings += [_saturation(each, shapes, at_start=True) for each in at_start]
    for activation in diagnosis.activations:
        readings += _activation(activation, shapes, diagnosis.examples)
    for statistics in diagnosis.batch_statistics:
        readings += _batch_statistics(statistics)
    matrices = [each for each in diagnosis.weights if len(each.shape) > 1 and each.name != "start"]
    readings += [_gradient(each) for each in diagnosis.weights]
    readings += _gradients_to_data(matrices)
    readings += [_update(each, each.update_to_data, diagnosis) for each in matrices if each.update_to_data is not None]
    return readings


def overall(readings: list[Reading]) -> Verdict:
    """Return the worst verdict among readings.

    >>> overall([Reading("a", "b", 1.0, "good", ""), Reading("a", "c", 2.0, "watch", "")])
    'watch'
    """
    verdicts = {reading.verdict for reading in readings}
    return "bad" if "bad" in verdicts else "watch" if "watch" in verdicts else "good"


def condensed(readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings as a person reads them: of each sort more than two good ones are one, with their median.

    >>> many = [Reading("spread", f"layers.{i}", i / 10, "good", "") for i in range(1, 4)]
    >>> condensed(many)[0]
    Reading(what='spread', where='all 3', value=0.2, verdict='good', sentence='from 0.1 to 0.3', advice='')
    """
    shown: list[Reading] = []
    for what in dict.fromkeys(reading.what for reading in readings):
        same = [reading for reading in readings if reading.what == what]
        good = [reading for reading in same if reading.verdict == "good"]
        if len(good) > SHOWN_ALONE:
            values = [reading.value for reading in good]
            which = f"all {len(same)}" if len(good) == len(same) else f"{len(good)} of {len(same)}"
            low, high = f"{min(values):.2g}", f"{max(values):.2g}"
            span = f"from {low} to {high}" if low != high else f"{low} each"
            shown.append(Reading(what, which, median(values), "good", span))
            same = [reading for reading in same if reading.verdict != "good"]
        shown += same
    return shown


def _verdict(value: float, lines: Lines) -> Verdict:
    """Return the verdict on a figure that is the worse the higher it is; one that is no number is bad."""
    good, watch = lines
    return "good" if value <= good else "watch" if value <= watch else "bad"


def _reading(what: str, where: str, value: float, verdict: Verdict, says: tuple[str, str], advice: str) -> Reading:
    """Return a reading with the first sentence where it is good, else the second and the advice."""
    good = verdict == "good"
    return Reading(what, where, value, verdict, says[0] if good else says[1], "" if good else advice)


def _first_loss(diagnosis: Diagnosis, architecture: TrainedArchitecture, last: str) -> Reading:
    start = diagnosis.start
    advice = f"scale the weights of the last layer ({last}) down at the start, so that all logits begin near zero"
    if getattr(architecture, "initialization", "") == "normal":
        advice += ": --initialization scaled does that"
    figures = f"{start.loss:.2f} nats beside ln V = {start.uniform:.2f}"
    return _reading(
        "initial loss",
        "fresh weights",
        start.loss,
        _verdict(start.loss - start.uniform, EXCESS),
        (
            f"{figures}: it begins as one who knows nothing",
            f"{figures}: it begins sure of wrong answers, and must first unlearn them",
        ),
        advice,
    )


def _saturation(activation: Activation, shapes: Shapes, *, at_start: bool) -> Reading:
    share = inf if activation.saturated is None else activation.saturated
    fed_by = _fed_by(activation, shapes)
    figures = f"{share:.0%} of the activations lie beyond {SATURATED} on either side"
    return _reading(
        "saturation at the start" if at_start else "saturation",
        activation.name,
        share,
        _verdict(share, SATURATION_AT_START if at_start else SATURATION),
        (figures, f"{figures}, where hardly any gradient passes"),
        f"scale the weights that feed it ({fed_by}) down at the start"
        if at_start
        else f"the weights that feed it ({fed_by}) are too large: begin with smaller ones, "
        "lower the learning rate, or give more weight decay",
    )


def _activation(activation: Activation, shapes: Shapes, examples: int) -> Iterator[Reading]:
    bounded = activation.saturated is not None
    before = f"the weights before it ({_fed_by(activation, shapes)})" if bounded else "the weights before it"
    mean, spread = abs(activation.mean), activation.deviation
    yield _reading(
        "activation mean",
        activation.name,
        activation.mean,
        _verdict(mean, MEAN) if bounded else _verdict(mean / spread if spread else inf, MEAN_IN_DEVIATIONS),
        (f"{activation.mean:.2g}: near the middle", f"{activation.mean:.2g}: far to one side"),
        "lower the learning rate, or begin with smaller biases",
    )
    narrow = _verdict(-spread, NARROW)
    wide = _verdict(spread, WIDE)
    yield _reading(
        "activation spread",
        activation.name,
        spread,
        max(narrow, wide, key=("good", "watch", "bad").index),
        (
            f"a deviation of {spread:.2g}",
            f"a deviation of {spread:.2g}: {'it says hardly anything' if narrow != 'good' else 'it runs away'}",
        ),
        f"scale {before} {'up' if narrow != 'good' else 'down'} at the start",
    )
    if bounded:
        yield _saturation(activation, shapes, at_start=False)
    dead, units = activation.dead, activation.units
    are = "is" if dead == 1 else "are"
    figures = f"{dead:,} of {units:,} units {are} the same, or saturated, on all {examples:,} examples"
    yield _reading(
        "dead units",
        activation.name,
        float(dead),
        _verdict(dead / units, DEAD),
        (f"none of {units:,}", f"{figures}, and learn{'s' if dead == 1 else ''} nothing more"),
        f"scale {before}, and the biases there, down at the start, or lower the learning rate",
    )


def _batch_statistics(statistics: BatchStatistics) -> Iterator[Reading]:
    advice = "train for longer before the model is used, with a larger batch or a lower rate at the end"
    gap, factor = statistics.mean_gap, statistics.variance_factor
    yield _reading(
        "running mean",
        statistics.name,
        gap,
        _verdict(gap, MEAN_GAP),
        (
            f"{gap:.2g} deviations from that of the examples",
            f"{gap:.2g} deviations from that of the examples: in use the layer sees other numbers than in training",
        ),
        advice,
    )
    yield _reading(
        "running variance",
        statistics.name,
        factor,
        _verdict(factor, VARIANCE_FACTOR),
        (
            f"within a factor of {factor:.3g} of that of the examples",
            f"off by a factor of {factor:.3g}: in use the layer is scaled otherwise than in training",
        ),
        advice,
    )


def _gradient(weight: Weight) -> Reading:
    """Return whether any gradient arrives."""
    arrives = weight.largest_gradient > 0 and isfinite(weight.largest_gradient)
    nothing = "no gradient arrives: it learns nothing" if weight.largest_gradient == 0 else "its gradient is no number"
    return _reading(
        "gradient",
        weight.name,
        weight.gradient,
        "good" if arrives else "bad",
        (f"a deviation of {weight.gradient:.2g}", nothing),
        "look at the layers behind it: one that is saturated or dead passes nothing on"
        if weight.largest_gradient == 0
        else "lower the learning rate, or clip the gradients (--clip 1)",
    )


def _gradients_to_data(matrices: list[Weight]) -> Iterator[Reading]:
    """Yield how each matrix's gradient, in units of its own spread, compares with those of the others."""
    ratios = {each.name: each.gradient_to_data for each in matrices if each.gradient_to_data}
    middle = median(ratios.values()) if ratios else 0.0
    for name, ratio in ratios.items():
        powers = log10(ratio / middle) if isfinite(ratio) and isfinite(middle) else inf
        side = "smaller" if powers < 0 else "larger"
        yield _reading(
            "gradient:data",
            name,
            ratio,
            _verdict(-powers if powers < 0 else powers - 1, GRADIENT_OFF),
            (
                f"{ratio:.2g}, of the order of the other weights' ({middle:.2g})",
                f"{ratio:.2g}, {10 ** abs(powers):,.0f} times {side} than the other weights' ({middle:.2g})",
            ),
            "begin with larger weights there, normalise the layers, or take fewer of them"
            if powers < 0
            else "begin with smaller weights behind it, or clip the gradients (--clip 1)",
        )


def _update(weight: Weight, ratio: float, diagnosis: Diagnosis) -> Reading:
    """Return how far one step at the highest learning rate moves a matrix, beside the guide line."""
    rate, scale = diagnosis.learning_rate, FIRST_STEP if diagnosis.first_step else 1.0
    high, low = _verdict(ratio / scale, UPDATE_HIGH), _verdict(-ratio, UPDATE_LOW)
    too_high = high != "good"
    verdict = high if too_high else low
    far = "far " if verdict == "bad" else ""
    figures = f"{ratio:.2g} at the highest rate, {rate:g}"
    line = f"the guide line, for the mean of a run, is {UPDATE_LINE:g}"
    says = f"{figures}, {far}{'above' if too_high else 'below'} what is usual; {line}"
    if verdict == "bad":
        says += ": each step throws away what was learned" if too_high else ": it hardly moves"
    wanted = rate * UPDATE_LINE / ratio * (10 * scale if too_high else 1.0) if ratio else inf
    change = f"{'lower' if too_high else 'raise'} the learning rate"
    advice = f"{change}: this weight would take about {wanted:.1g}" if 0 < wanted < inf else change
    return _reading("update:data", weight.name, ratio, verdict, (f"{figures}; {line}", says), advice)


def _last_layer(shapes: Shapes, symbols: int) -> str:
    """Return the weight that makes the logits: the last matrix with a column for each symbol, else the embedding."""
    made = [name for name, shape in shapes.items() if len(shape) > 1 and shape[-1] == symbols and _alone(name)]
    return made[-1] if made else "C"


def _fed_by(activation: Activation, shapes: Shapes) -> str:
    """Return the matrices before a bounded activation: those of its own layer, else the first as wide as it is.

    Tables of embeddings come before any layer, and may be as wide by chance.
    """
    matrices = {name: shape for name, shape in shapes.items() if len(shape) > 1}
    own = [name for name in matrices if name.startswith(f"{activation.name}.")]
    wide = [
        name
        for name, shape in matrices.items()
        if shape[-1] == activation.units and _alone(name) and name not in TABLES
    ]
    return ", ".join(own or wide[:1])


def _alone(name: str) -> bool:
    """Return whether a weight belongs to no layer among several, and is no start state."""
    return "." not in name and name != "start"
