"""Losses: one Value that says how far predictions are from what was wanted, as a mean over the examples."""

from __future__ import annotations

from collections.abc import Sequence, Sized

from morelike.autograd.engine import Value

__all__ = ["cross_entropy", "hinge", "softmax", "squared_error"]


def squared_error(predictions: Sequence[Value], targets: Sequence[float]) -> Value:
    """Return the mean of (prediction - target) ** 2.

    >>> squared_error([Value(1.0), Value(4.0)], [1.0, 2.0]).data
    2.0
    """
    _check_examples(predictions, targets)
    return _mean([(prediction - target) ** 2 for prediction, target in zip(predictions, targets, strict=True)])


def hinge(scores: Sequence[Value], targets: Sequence[float]) -> Value:
    """Return the mean of max(0, 1 - target * score); a target is +1 or -1, and the sign of a score is its class.

    >>> hinge([Value(3.0), Value(0.5)], [1, -1]).data
    0.75
    """
    _check_examples(scores, targets)
    for target in targets:
        if target not in (1, -1):
            raise ValueError(f"{target!r} is no class of a hinge loss: give 1 or -1 for each example")
    return _mean([(1 - score * target).relu() for score, target in zip(scores, targets, strict=True)])


def cross_entropy(logits: Sequence[Sequence[Value]], targets: Sequence[int]) -> Value:
    """Return the mean of -ln softmax(row)[target] in nats, over rows of logits and the numbers of the right classes.

    >>> round(cross_entropy([[Value(0.0), Value(0.0)], [Value(1000.0), Value(0.0)]], [0, 0]).data, 4)
    0.3466
    """
    _check_examples(logits, targets)
    for row, target in zip(logits, targets, strict=True):
        if not 0 <= target < len(row):
            raise ValueError(f"class {target} among {len(row)} logits: classes are counted from 0 to {len(row) - 1}")
    return _mean([_log_of_sum(row) - row[target] for row, target in zip(logits, targets, strict=True)])


def softmax(logits: Sequence[Value]) -> list[Value]:
    """Return exp(logit) / (sum of all exp(logit)) for each logit: probabilities, whose sum is 1.

    >>> [p.data for p in softmax([Value(-1000.0), Value(1000.0)])]
    [0.0, 1.0]
    """
    if not logits:
        raise ValueError("the softmax of nothing: give at least one logit")
    largest = _largest(logits)
    powers = [(logit - largest).exp() for logit in logits]
    total = _sum(powers)
    return [power / total for power in powers]


def _log_of_sum(logits: Sequence[Value]) -> Value:
    """Return ln(sum of exp(logit)); the largest is taken away first, so that no exponent is above 0."""
    largest = _largest(logits)
    return _sum([(logit - largest).exp() for logit in logits]).log() + largest


def _largest(logits: Sequence[Value]) -> float:
    return max(logit.data for logit in logits)  # a constant: what is taken from all changes no probability


def _sum(values: Sequence[Value]) -> Value:
    total, *rest = values
    for value in rest:
        total = total + value
    return total


def _mean(values: Sequence[Value]) -> Value:
    return _sum(values) / len(values)


def _check_examples(predictions: Sized, targets: Sized) -> None:
    if len(predictions) != len(targets) or not len(predictions):
        raise ValueError(
            f"{len(predictions)} predictions and {len(targets)} targets: give one target for each, and at least one"
        )
