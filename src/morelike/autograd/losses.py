"""Losses: the mean over the examples of the difference between predictions and targets, as one `Value`."""

from __future__ import annotations

from collections.abc import Sequence, Sized

from morelike.autograd.engine import Value


def squared_error(predictions: Sequence[Value], targets: Sequence[float]) -> Value:
    """Return the mean of (prediction - target) ** 2.

    >>> squared_error([Value(1.0), Value(4.0)], [1.0, 2.0]).data
    2.0
    """
    _check_examples(predictions, targets)
    return _mean([(prediction - target) ** 2 for prediction, target in zip(predictions, targets, strict=True)])


def hinge(scores: Sequence[Value], targets: Sequence[float]) -> Value:
    """Return the mean of max(0, 1 - target * score). A target is 1 or -1; the sign of a score is its predicted class.

    >>> hinge([Value(3.0), Value(0.5)], [1, -1]).data
    0.75
    """
    _check_examples(scores, targets)
    for target in targets:
        if target not in (1, -1):
            raise ValueError(f"{target!r} is not a class of a hinge loss: give 1 or -1 for each example")
    return _mean([(1 - score * target).relu() for score, target in zip(scores, targets, strict=True)])


def cross_entropy(logits: Sequence[Sequence[Value]], targets: Sequence[int]) -> Value:
    """Return the mean of -ln softmax(row)[target] (nats) over rows of logits. A target is the number of its class.

    >>> round(cross_entropy([[Value(0.0), Value(0.0)], [Value(1000.0), Value(0.0)]], [0, 0]).data, 4)
    0.3466
    """
    _check_examples(logits, targets)
    for row, target in zip(logits, targets, strict=True):
        if not 0 <= target < len(row):
            raise ValueError(f"class {target} among {len(row)} logits: classes are counted from 0 to {len(row) - 1}")
    return _mean([_log_of_sum(row) - row[target] for row, target in zip(logits, targets, strict=True)])


def softmax(logits: Sequence[Value]) -> list[Value]:
    """Return exp(logit) / (sum of all exp(logit)) for each logit: probabilities with the sum 1.

    >>> [p.data for p in softmax([Value(-1000.0), Value(1000.0)])]
    [0.0, 1.0]
    """
    if not logits:
        raise ValueError("a softmax needs at least one logit: give one")
    largest = _largest(logits)
    powers = [(logit - largest).exp() for logit in logits]
    total = _sum(powers)
    return [power / total for power in powers]


def _log_of_sum(logits: Sequence[Value]) -> Value:
    """Return ln(sum of exp(logit)). The largest logit is subtracted first, so that no exponent is above 0."""
    largest = _largest(logits)
    return _sum([(logit - largest).exp() for logit in logits]).log() + largest


def _largest(logits: Sequence[Value]) -> float:
    return max(logit.data for logit in logits)  # a constant: subtracting it from all logits changes no probability


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
