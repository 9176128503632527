"""Which interpolation suits the members of a mixture: linear or log-linear, judged by cross-validation inside dev.

Each form is fitted on four fifths of the units of dev (lines, or stretches of a running text) and judged on the fifth
that is left, five times. The simplest form wins that the best one does not beat beyond chance, by the paired bootstrap
over units. The form that wins is then fitted on all of dev.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Int, Weights
from morelike.ensembles.log_linear import (
    Feature,
    context_features,
    fit_exponents,
    log_linear_mean,
    member_log_probabilities,
)
from morelike.evaluation.intervals import compare
from morelike.ngrams.expectation_maximisation import expectation_maximisation
from morelike.text.examples.packed_rows import IGNORED, PackedRows
from morelike.text.vocabulary import END, TokenLines

Interpolation: TypeAlias = Literal["auto", "linear", "log-linear"]
"""How the members are mixed; with `auto` dev decides."""

FOLDS = 5
FEWEST_UNITS = 30
"""Units of dev from which on forms are compared: with fewer, an interval of the bootstrap is too narrow."""
SEED = 0  # of the folds
CHARACTERS = 1 << 15
"""Characters of dev that are read at most: enough for some tens of exponents."""
LOG_PROBABILITIES = 1 << 23
"""Log-probabilities that are in memory at once, of all members; it bounds the characters for a large alphabet."""
ROWS_AT_ONCE = 512

LINEAR = "linear"
FORMS: dict[str, tuple[Feature, ...]] = {
    "log-linear": (),
    "log-linear by entropy": ("entropy",),
    "log-linear by position": ("position",),
    "log-linear by position and entropy": ("position", "entropy"),
}
"""The forms of log-linear interpolation, the simplest first, with the features on which the weights depend."""


class HeldOut(NamedTuple):
    """Characters that no member learned from, with each member's log-probabilities [N, V] (float32) of all symbols.

    `units` numbers the line or stretch of each character from 0; `times` is how many equal characters it stands for.
    """

    log_p: list[Float[NDArray[Any], "N V"]]
    targets: Int[NDArray[Any], " N"]
    positions: Int[NDArray[Any], " N"]
    units: Int[NDArray[Any], " N"]
    times: Int[NDArray[Any], " N"]

    def take(self, chosen: NDArray[Any]) -> HeldOut:
        """Return the chosen characters only."""
        return HeldOut([each[chosen] for each in self.log_p], *(each[chosen] for each in self[1:]))


@dataclass(frozen=True)
class FittedInterpolation:
    """The form that won, its exponents (none if it is linear), each member's share of the mean weight, and the losses.

    `losses` are nats per character by form, from the cross-validation; there are none if nothing was compared.
    """

    form: str
    exponents: Float[NDArray[Any], "M F"] | None
    shares: Float[NDArray[Any], " M"] | None
    losses: dict[str, float]

    @property
    def features(self) -> tuple[Feature, ...]:
        """What the weights depend on."""
        return FORMS.get(self.form, ())


def fit_interpolation(held_out: HeldOut, interpolation: Interpolation, *, lines: bool) -> FittedInterpolation:
    """Return the form of interpolation that suits members, fitted on held-out characters.

    Args:
        held_out: the characters, from `held_out_lines` or `held_out_text`.
        interpolation: `auto` compares all forms; `log-linear` leaves linear interpolation out.
        lines: whether the characters are in lines, so that their positions have a meaning.
    """
    forms = {form: features for form, features in FORMS.items() if lines or "position" not in features}
    units = int(held_out.units.max(initial=-1)) + 1
    if units < FEWEST_UNITS:
        forms = {} if interpolation == "auto" else {"log-linear": ()}
    fitted = {form: _fitted(held_out, features) for form, features in forms.items()}
    form, losses = (LINEAR, *fitted)[interpolation != "auto"], dict[str, float]()
    if units >= FEWEST_UNITS:
        form, losses = _cross_validated(held_out, fitted, units, linear=interpolation == "auto")
    if form == LINEAR:
        return FittedInterpolation(LINEAR, None, None, losses)
    mean = held_out.times @ (_values(held_out, FORMS[form]) @ fitted[form].T)
    shares = mean / mean.sum() if mean.sum() else np.full(len(mean), 1 / len(mean))
    return FittedInterpolation(form, fitted[form], shares, losses)


def held_out_lines(members: Sequence[tuple[Architecture, Weights]], lines: TokenLines, symbols: int) -> HeldOut:
    """Return the held-out characters of lines; of a long list, those of lines at even distances."""
    every = -(-len(lines.tokens) // _most_characters(len(members), symbols))
    lines = lines.take(np.arange(0, len(lines), every))
    columns = np.arange(lines.lengths.max())
    inside = columns < lines.lengths[:, None]
    targets = np.full(inside.shape, IGNORED, dtype=np.int32)
    targets[inside] = lines.tokens
    inputs = np.where(inside, np.pad(targets, ((0, 0), (1, 0)), constant_values=END)[:, :-1], END)
    units, positions = np.nonzero(inside)
    times = np.ones(len(units), dtype=np.int64) if lines.weights is None else lines.weights[units]
    return HeldOut(_log_probabilities(members, inputs, targets), lines.tokens, positions, units, times)


def held_out_text(members: Sequence[tuple[Architecture, Weights]], rows: PackedRows, symbols: int) -> HeldOut:
    """Return the held-out characters of a running text in rows, which are the units."""
    every = -(-int(np.sum(rows.targets != IGNORED)) // _most_characters(len(members), symbols))
    inputs, targets = rows.inputs[::every], rows.targets[::every]
    units, positions = np.nonzero(targets != IGNORED)
    log_p = _log_probabilities(members, inputs, targets)
    return HeldOut(log_p, targets[units, positions], positions, units, np.ones(len(units), dtype=np.int64))


def _most_characters(members: int, symbols: int) -> int:
    return max(min(CHARACTERS, LOG_PROBABILITIES // (members * symbols)), 1)


def _log_probabilities(
    members: Sequence[tuple[Architecture, Weights]], inputs: Int[NDArray[Any], "R T"], targets: Int[NDArray[Any], "R T"]
) -> list[Float[NDArray[Any], "N V"]]:
    """Return each member's log-probabilities at the targets that are not `IGNORED`, row by row."""
    return [
        np.concatenate(
            [
                _of_rows(architecture, weights, inputs[i : i + ROWS_AT_ONCE], targets[i : i + ROWS_AT_ONCE])
                for i in range(0, len(inputs), ROWS_AT_ONCE)
            ]
        )
        for architecture, weights in members
    ]


def _of_rows(
    architecture: Architecture, weights: Weights, inputs: Int[NDArray[Any], "R T"], targets: Int[NDArray[Any], "R T"]
) -> Float[NDArray[Any], "N V"]:
    predicted = targets != IGNORED
    index = np.cumsum(predicted).reshape(predicted.shape) - 1
    state, found = architecture.start(weights, len(inputs)), np.empty(0)
    for t in range(inputs.shape[1]):
        state, logits = architecture.step(weights, state, inputs[:, t])
        if not len(found):
            found = np.empty((predicted.sum(), logits.shape[-1]), dtype=np.float32)
        chosen = predicted[:, t]
        found[index[chosen, t]] = member_log_probabilities(logits[chosen])
    return found


def _values(held_out: HeldOut, features: Sequence[Feature]) -> Float[NDArray[Any], "N F"]:
    values: NDArray[Any] = context_features(features, held_out.log_p, held_out.positions)
    return values


def _fitted(
    held_out: HeldOut, features: Sequence[Feature], start: Float[NDArray[Any], "M F"] | None = None
) -> Float[NDArray[Any], "M F"]:
    values = _values(held_out, features)
    return fit_exponents(held_out.log_p, held_out.targets, values, held_out.times, start)


def _cross_validated(
    held_out: HeldOut, fitted: Mapping[str, Float[NDArray[Any], "M F"]], units: int, *, linear: bool
) -> tuple[str, dict[str, float]]:
    """Return the form that wins, and the loss of each form (nats per character).

    `fitted` holds the exponents of each log-linear form, fitted on all folds: Newton's method starts from them.
    """
    fold = (np.random.default_rng(SEED).permutation(units) % FOLDS)[held_out.units]
    losses = {form: np.empty(len(fold)) for form in ([LINEAR] if linear else []) + list(fitted)}
    for i in range(FOLDS):
        rest, judged = held_out.take(fold != i), held_out.take(fold == i)
        if linear:
            weights = expectation_maximisation(_target_probabilities(rest), rest.times)
            losses[LINEAR][fold == i] = -np.log(_target_probabilities(judged) @ weights)
        for form, start in fitted.items():
            exponents = _fitted(rest, FORMS[form], start)
            weights = (_values(judged, FORMS[form]) @ exponents.T).astype(np.float32)
            mixed = log_linear_mean(weights, judged.log_p)
            losses[form][fold == i] = -mixed[np.arange(len(mixed)), judged.targets]
    times, lengths = np.zeros(units, dtype=np.int64), np.bincount(held_out.units, minlength=units)
    times[held_out.units] = held_out.times
    nats = {form: np.bincount(held_out.units, each, minlength=units) for form, each in losses.items()}
    figures = {form: float(times @ each / (times @ lengths)) for form, each in nats.items()}
    return _simplest_of_the_best(nats, figures, lengths, times), figures


def _target_probabilities(held_out: HeldOut) -> Float[NDArray[Any], "N M"]:
    at = np.arange(len(held_out.targets))
    log_p = np.stack([each[at, held_out.targets] for each in held_out.log_p], axis=-1)
    p: NDArray[np.float64] = np.exp(log_p.astype(np.float64))
    return p


def _simplest_of_the_best(
    nats: dict[str, NDArray[Any]], figures: dict[str, float], lengths: NDArray[Any], weight: NDArray[Any]
) -> str:
    """Return the first form that the best one does not beat beyond chance, and that no form before it beats."""
    best, lowest = min(figures, key=lambda form: figures[form]), float("inf")
    for form, figure in figures.items():
        if form == best or (figure < lowest and not compare(nats[form], nats[best], lengths, weight).decided):
            break
        lowest = min(lowest, figure)
    return form
