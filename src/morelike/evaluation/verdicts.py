"""Verdicts on the measurements inside a model: each figure is compared with a guide line and explained in a sentence.

The guide lines come from practice (Karpathy's lectures on activations and gradients, 2022; Glorot and Bengio 2010).
They are wide: no kind with its default settings gets the verdict "bad". They test no theory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf, isfinite, log10
from statistics import median
from typing import TypeAlias

from morelike.architecture import TrainedArchitecture
from morelike.evaluation.advice import Adviser, either
from morelike.evaluation.diagnostics import SATURATED, Activation, BatchStatistics, Diagnosis, Reading, Verdict, Weight
from morelike.evaluation.readings.guide_lines import (
    EXCESS,
    FIRST_STEP,
    UPDATE_HIGH,
    UPDATE_LINE,
    GuideLine,
    make_reading,
    verdict_on,
)
from morelike.evaluation.readings.movement import direction, largest_change, loss

# Each guide line is a pair: a figure is good up to the first number, to be watched up to the second, and bad above it.
# "Defaults" states the figures of runs of 150 steps (transformer: 40) on names, every kind with its default settings.
SATURATION_AT_START = 0.3, 0.6
"""Share. Inputs of a tanh usually have the standard deviation 5/3, which saturates a fifth. Defaults: 0.18 or less."""

SATURATION = 0.5, 0.9
"""Share after training. Training may saturate a layer as long as some gradient passes. Defaults: 0.43 or less."""

DEAD = 0.0, 0.1
"""Share of the units. One dead unit is a waste; a tenth is a fault. Defaults: 0."""

MEAN = 0.3, 0.8
"""Absolute mean of bounded activations (-1 to 1). At 0.8 a tanh passes a third of its gradient. Defaults: 0.03."""

MEAN_IN_DEVIATIONS = 3.0, inf
"""Absolute mean of unbounded activations, in standard deviations. Above 3 nearly all values have one sign, which a bias
can correct."""

NARROW = -0.05, -0.001
"""Negated standard deviation: smaller is worse. Below 0.001 a layer is constant. Defaults: a deviation of 0.4 or more.
"""

WIDE = 100.0, 1e4
"""Standard deviation; 1 is usual. A float32 near 1 keeps three digits when 1e4 is added. Defaults: 1.2 or less."""

MEAN_GAP = 0.2, 1.0
"""In standard deviations of the examples. At 1 the inputs of a tanh lie on another part of its curve. Defaults: 0.02.
"""

VARIANCE_FACTOR = 1.3, 3.0
"""A layer in use is scaled wrongly by the square root of this factor. Defaults: 1.04."""

GRADIENT_OFF = 2.0, 4.0
"""Powers of ten below the median of all matrices. Above the median, one more is allowed: the last layer has by far the
largest gradient, since no layer lies between it and the loss (defaults: 60 times the median)."""

UPDATE_LOW = -1e-4, -1e-5
"""Negated: smaller is worse. At 1e-5 thousands of steps hardly change the matrix. Defaults: 0.001 or more."""

LEAST_RAISE = 1.5
"""The least factor by which advice raises the learning rate."""

LEARNED = 0.01
"""Share of ln V. Below this loss nothing is left to learn, and small gradients and updates are right."""

SHOWN_ALONE = 2
"""The most good readings of one sort that are shown one by one."""

MEND_LAYERS = "mend the saturated or dead layers first: they pass no gradient"

TABLES = "C", "P"
"""Weights whose rows are looked up: the embeddings of characters and of positions."""

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]


def judge(diagnosis: Diagnosis, architecture: TrainedArchitecture, symbols: int) -> list[Reading]:
    """Return all readings of a diagnosis, in the order in which a person should read them."""
    shapes, adviser = architecture.shapes(symbols), Adviser(diagnosis.settings)
    readings = [_first_loss(diagnosis, adviser, _last_layer(shapes, symbols))]
    readings += direction(diagnosis, adviser)
    readings += [*loss(diagnosis, adviser, readings)]
    fresh = {each.name: each for each in diagnosis.start.activations}
    readings += [_saturation_at_start(each, shapes, adviser) for each in fresh.values() if each.saturated is not None]
    for activation in diagnosis.activations:
        readings += _activation(activation, fresh.get(activation.name), shapes, diagnosis.examples, adviser)
    blocked = any(each.verdict == "bad" and each.what in ("saturation", "dead units") for each in readings)
    matrices = [each for each in diagnosis.weights if len(each.shape) > 1 and each.name != "start"]
    gradients = [_gradient(each, adviser) for each in diagnosis.weights]
    raised = _raised_rate(matrices, diagnosis, adviser)
    gradients += _gradients_to_data(matrices, MEND_LAYERS if blocked else "", raised, adviser)
    longer = "" if diagnosis.loss > diagnosis.start.uniform else adviser.longer()  # not if it has diverged
    for statistics in diagnosis.batch_statistics:
        readings += _batch_statistics(statistics, longer or adviser.rate())
    readings += gradients
    readings += _updates(matrices, diagnosis, adviser) if matrices else largest_change(diagnosis, adviser)
    return [reading if _needs_advice(reading, diagnosis) else replace(reading, advice="") for reading in readings]


def _needs_advice(reading: Reading, diagnosis: Diagnosis) -> bool:
    """Return whether a change could help: not once the loss is near zero; if it has settled, only against a fault."""
    if diagnosis.loss <= LEARNED * diagnosis.start.uniform:
        return False
    return reading.verdict == "bad" or not diagnosis.settled


def overall(readings: list[Reading]) -> Verdict:
    """Return the worst verdict among readings.

    >>> overall([Reading("a", "b", 1.0, "good", ""), Reading("a", "c", 2.0, "watch", "")])
    'watch'
    """
    verdicts = {reading.verdict for reading in readings}
    return "bad" if "bad" in verdicts else "watch" if "watch" in verdicts else "good"


def condensed(readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings for a person: more than two good readings of one sort become one, with their median.

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


def _first_loss(diagnosis: Diagnosis, adviser: Adviser, last: str) -> Reading:
    start = diagnosis.start
    advice = adviser.start(f"scale the weights of the last layer ({last}) down")
    figures = f"{start.loss:.2f} nats, and ln V = {start.uniform:.2f}"
    return make_reading(
        "initial loss",
        "fresh weights",
        start.loss,
        verdict_on(start.loss - start.uniform, EXCESS),
        (
            f"{figures}: the fresh model predicts all characters about equally",
            f"{figures}: the fresh model is sure of wrong answers, and must unlearn them first",
        ),
        advice,
    )


def _saturation_at_start(activation: Activation, shapes: Shapes, adviser: Adviser) -> Reading:
    advice = adviser.start(f"scale the weights that feed it ({_fed_by(activation, shapes)}) down")
    return _saturation("saturation at the start", activation, SATURATION_AT_START, advice)


def _saturation(what: str, activation: Activation, line: GuideLine, advice: str) -> Reading:
    share = inf if activation.saturated is None else activation.saturated
    figures = f"{share:.0%} of the activations are above {SATURATED} or below -{SATURATED}"
    explained = f"{figures}, where hardly any gradient passes"
    return make_reading(what, activation.name, share, verdict_on(share, line), (figures, explained), advice)


def _activation(
    activation: Activation, fresh: Activation | None, shapes: Shapes, examples: int, adviser: Adviser
) -> Iterator[Reading]:
    """Yield the readings of a layer. If its fresh activations had the same fault, the start is to be changed."""
    bounded = activation.saturated is not None
    before = f"the weights before it ({_fed_by(activation, shapes)})" if bounded else "the weights before it"
    mean = _mean_verdict(activation)
    yield make_reading(
        "activation mean",
        activation.name,
        activation.mean,
        mean,
        (f"{activation.mean:.2g}: near zero", f"{activation.mean:.2g}: far from zero"),
        adviser.start("start with smaller biases") if fresh and _mean_verdict(fresh) == mean else adviser.rate(),
    )
    yield _spread(activation, fresh, before, adviser)
    if bounded:
        fault_at_start = fresh and verdict_on(fresh.saturated or 0.0, SATURATION_AT_START) != "good"
        scaled = adviser.start(f"scale the weights that feed it ({_fed_by(activation, shapes)}) down")
        yield _saturation("saturation", activation, SATURATION, scaled if fault_at_start else adviser.rate())
    dead, units = activation.dead, activation.units
    are = "is" if dead == 1 else "are"
    figures = f"{dead:,} of {units:,} units {are} constant, or saturated, on all {examples:,} examples"
    yield make_reading(
        "dead units",
        activation.name,
        float(dead),
        verdict_on(dead / units, DEAD),
        (f"none of {units:,}", f"{figures}, and learn{'s' if dead == 1 else ''} nothing more"),
        adviser.start(f"scale {before}, and the biases there, down") if fresh and fresh.dead else adviser.rate(),
    )


def _mean_verdict(activation: Activation) -> Verdict:
    mean, spread = abs(activation.mean), activation.deviation
    if activation.saturated is not None:
        return verdict_on(mean, MEAN)
    return verdict_on(mean / spread if spread else inf, MEAN_IN_DEVIATIONS)


def _spread(activation: Activation, fresh: Activation | None, before: str, adviser: Adviser) -> Reading:
    spread = activation.deviation
    narrow, wide = verdict_on(-spread, NARROW), verdict_on(spread, WIDE)
    is_narrow = narrow != "good"
    at_start = (
        fresh and (verdict_on(-fresh.deviation, NARROW) if is_narrow else verdict_on(fresh.deviation, WIDE)) != "good"
    )
    if at_start:
        advice = adviser.start(f"scale {before} {'up' if is_narrow else 'down'}")
    else:
        advice = (adviser.decay() if is_narrow else "") or adviser.rate()
    return make_reading(
        "activation spread",
        activation.name,
        spread,
        max(narrow, wide, key=("good", "watch", "bad").index),
        (
            f"a standard deviation of {spread:.2g}",
            f"a standard deviation of {spread:.2g}: {'nearly constant' if is_narrow else 'too large'}",
        ),
        advice,
    )


def _batch_statistics(statistics: BatchStatistics, advice: str) -> Iterator[Reading]:
    gap, factor = statistics.mean_gap, statistics.variance_factor
    yield make_reading(
        "running mean",
        statistics.name,
        gap,
        verdict_on(gap, MEAN_GAP),
        (
            f"{gap:.2g} standard deviations from the mean of the examples",
            f"{gap:.2g} standard deviations from the mean of the examples: in use the layer gets other inputs than in "
            "training",
        ),
        advice,
    )
    yield make_reading(
        "running variance",
        statistics.name,
        factor,
        verdict_on(factor, VARIANCE_FACTOR),
        (
            f"within a factor of {factor:.3g} of the variance of the examples",
            f"wrong by a factor of {factor:.3g}: in use the layer has another scale than in training",
        ),
        advice,
    )


def _gradient(weight: Weight, adviser: Adviser) -> Reading:
    """Return the reading that says whether a gradient reaches a weight."""
    reached = weight.largest_gradient > 0 and isfinite(weight.largest_gradient)
    problem = (
        "no gradient reaches it: it learns nothing" if weight.largest_gradient == 0 else "its gradient is not finite"
    )
    return make_reading(
        "gradient",
        weight.name,
        weight.gradient,
        "good" if reached else "bad",
        (f"a standard deviation of {weight.gradient:.2g}", problem),
        MEND_LAYERS if weight.largest_gradient == 0 else either(adviser.rate(), adviser.clip()),
    )


def _gradients_to_data(matrices: list[Weight], first: str, raised: str, adviser: Adviser) -> Iterator[Reading]:
    """Yield readings that compare the gradients of the matrices, each divided by the deviation of its matrix.

    `first` is advice that goes before all other. A matrix with a large gradient that hardly changes needs a higher
    rate: `raised` is that advice.
    """
    hardly_change = {each.name for each in matrices if (each.update_to_data or 0.0) < -UPDATE_LOW[0]}
    ratios = {each.name: each.gradient_to_data for each in matrices if each.gradient_to_data}
    typical = median(ratios.values()) if ratios else 0.0
    for name, ratio in ratios.items():
        powers = log10(ratio / typical) if isfinite(ratio) and isfinite(typical) else inf
        side = "smaller" if powers < 0 else "larger"
        scaled = adviser.start(f"use {'larger weights in' if powers < 0 else 'smaller weights after'} {name}")
        waiting = raised if name in hardly_change else ""
        yield make_reading(
            "gradient:data",
            name,
            ratio,
            verdict_on(-powers if powers < 0 else powers - 1, GRADIENT_OFF),
            (
                f"{ratio:.2g}; the median of all matrices is {typical:.2g}",
                f"{ratio:.2g}, {10 ** abs(powers):,.0f} times {side} than the median of all matrices, {typical:.2g}",
            ),
            first or (scaled if powers < 0 else adviser.decay() or waiting or scaled),
        )


def _updates(matrices: list[Weight], diagnosis: Diagnosis, adviser: Adviser) -> Iterator[Reading]:
    """Yield readings that compare one step at the highest learning rate with the guide line.

    One rate serves all matrices: to lower it is advised at the matrix with the largest ratio.
    """
    rate, scale = diagnosis.learning_rate, FIRST_STEP if diagnosis.first_step else 1.0
    ratios = {each.name: each.update_to_data for each in matrices if each.update_to_data is not None}
    largest = max(ratios.values(), default=inf)
    raised = _raised_rate(matrices, diagnosis, adviser)
    for name, ratio in ratios.items():
        high, low = verdict_on(ratio / scale, UPDATE_HIGH), verdict_on(-ratio, UPDATE_LOW)
        too_high = high != "good"
        verdict = high if too_high else low
        far = "far " if verdict == "bad" else ""
        figures = f"{ratio:.2g} at the highest rate, {rate:g}"
        line = f"the guide line for the mean of a run is {UPDATE_LINE:g}"
        explained = f"{figures}, {far}{'above' if too_high else 'below'} the usual range; {line}"
        if verdict == "bad":
            explained += ": each step destroys learned values" if too_high else ": the matrix hardly changes"
        advice = ""
        if too_high and not ratio < largest and (verdict == "bad" or adviser.has_begun):
            lowered = adviser.rate(rate * UPDATE_LINE / ratio * 10 * scale if isfinite(ratio) else None)
            advice = adviser.decay() or lowered
        elif ratio and not too_high:
            advice = raised
        yield make_reading("update:data", name, ratio, verdict, (f"{figures}; {line}", explained), advice)


def _raised_rate(matrices: list[Weight], diagnosis: Diagnosis, adviser: Adviser) -> str:
    """Return the advice to raise the rate as far as the largest ratio allows; empty if the loss has settled."""
    largest = max((each.update_to_data or 0.0 for each in matrices), default=0.0)
    room = UPDATE_HIGH[0] / largest if largest else inf
    if diagnosis.settled or not room > LEAST_RAISE:
        return ""
    return adviser.rate(diagnosis.learning_rate * room)


def _last_layer(shapes: Shapes, symbols: int) -> str:
    """Return the weight of the output layer: the last matrix with a column for each symbol, else the embedding."""
    outputs = [name for name, shape in shapes.items() if len(shape) > 1 and shape[-1] == symbols and _unnumbered(name)]
    return outputs[-1] if outputs else "C"


def _fed_by(activation: Activation, shapes: Shapes) -> str:
    """Return the matrices before a bounded activation: those of its layer, else the first with as many columns.

    Tables of embeddings come before any layer, and may have as many columns by chance.
    """
    matrices = {name: shape for name, shape in shapes.items() if len(shape) > 1}
    in_layer = [name for name in matrices if name.startswith(f"{activation.name}.")]
    as_wide = [
        name
        for name, shape in matrices.items()
        if shape[-1] == activation.units and _unnumbered(name) and name not in TABLES
    ]
    return ", ".join(in_layer or as_wide[:1])


def _unnumbered(name: str) -> bool:
    """Return whether the name has no layer number. The learned start states are left out, too."""
    return "." not in name and name != "start"
