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
from morelike.arrays import Bool, Float, Int, Weights, rows, unique_states
from morelike.ensembles.exponents import Contexts, FittedExponents, fit_exponents
from morelike.ensembles.log_linear import Feature, context_features, member_log_probabilities
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
ROWS_AT_ONCE = 2048

LINEAR = "linear"
FORMS: dict[str, tuple[Feature, ...]] = {
    "log-linear": (),
    "log-linear by entropy": ("entropy",),
    "log-linear by position": ("position",),
    "log-linear by position and entropy": ("position", "entropy"),
}
"""The forms of log-linear interpolation, the simplest first, with the features on which the weights depend."""


class HeldOut(NamedTuple):
    """Characters that no member learned from, and their contexts, which characters with equal pasts share.

    Attributes:
        log_p: each member's log-probabilities [V, C] of all symbols in each context.
        positions: the position in its line of each context.
        contexts: the context of each character.
        targets: the characters.
        units: the line or stretch of each character, from 0.
        times: how many equal characters each character stands for.
    """

    log_p: list[Float[NDArray[Any], "V C"]]
    positions: Int[NDArray[Any], " C"]
    contexts: Int[NDArray[Any], " N"]
    targets: Int[NDArray[Any], " N"]
    units: Int[NDArray[Any], " N"]
    times: Int[NDArray[Any], " N"]

    def take(self, chosen: NDArray[Any]) -> HeldOut:
        """Return the chosen characters only; all contexts stay."""
        return HeldOut(self.log_p, self.positions, *(each[chosen] for each in self[2:]))

    @property
    def target_log_p(self) -> Float[NDArray[Any], "M N"]:
        """Each member's log-probability of each character, in float64."""
        return np.stack([each[self.targets, self.contexts] for each in self.log_p]).astype(np.float64)

    def values(self, features: Sequence[Feature]) -> Float[NDArray[Any], "C F"]:
        """Return the features of the contexts."""
        values: NDArray[Any] = context_features(features, [each.T for each in self.log_p], self.positions)
        return values.astype(np.float64)


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
    fitted = _fitted_forms(held_out, forms)
    form, losses = (LINEAR, *fitted)[interpolation != "auto"], dict[str, float]()
    if units >= FEWEST_UNITS:
        form, losses = _cross_validated(held_out, fitted, units, linear=interpolation == "auto")
    if form == LINEAR:
        return FittedInterpolation(LINEAR, None, None, losses)
    contexts, (exponents, _) = fitted[form]
    mean = contexts.times @ (contexts.values @ exponents.T)
    shares = mean / mean.sum() if mean.sum() else np.full(len(mean), 1 / len(mean))
    return FittedInterpolation(form, exponents, shares, losses)


def held_out_lines(members: Sequence[tuple[Architecture, Weights]], lines: TokenLines, symbols: int) -> HeldOut:
    """Return the held-out characters of lines; of a long list, those of lines at even distances."""
    every = -(-len(lines.tokens) // _most_characters(len(members), symbols))
    lines = lines.take(np.arange(0, len(lines), every))
    inside = np.arange(lines.lengths.max()) < lines.lengths[:, None]
    targets = np.full(inside.shape, IGNORED, dtype=np.int32)
    targets[inside] = lines.tokens
    inputs = np.where(inside, np.pad(targets, ((0, 0), (1, 0)), constant_values=END)[:, :-1], END)
    return _held_out(members, inputs, targets, symbols, lines.character_weights)


def held_out_text(members: Sequence[tuple[Architecture, Weights]], rows: PackedRows, symbols: int) -> HeldOut:
    """Return the held-out characters of a running text in rows, which are the units."""
    every = -(-int(np.sum(rows.targets != IGNORED)) // _most_characters(len(members), symbols))
    return _held_out(members, rows.inputs[::every], rows.targets[::every], symbols)


def _most_characters(members: int, symbols: int) -> int:
    return max(min(CHARACTERS, LOG_PROBABILITIES // (members * symbols)), 1)


def _held_out(
    members: Sequence[tuple[Architecture, Weights]],
    inputs: Int[NDArray[Any], "R T"],
    targets: Int[NDArray[Any], "R T"],
    symbols: int,
    times: Int[NDArray[Any], " N"] | None = None,
) -> HeldOut:
    """Return the characters of rows, which are the units, without the targets that are `IGNORED`."""
    predicted = targets != IGNORED
    numbers = np.empty(targets.shape, dtype=np.int64)
    log_p: list[list[NDArray[Any]]] = [[] for _ in members]
    positions: list[NDArray[Any]] = []
    for i in range(0, len(inputs), ROWS_AT_ONCE):
        block = slice(i, i + ROWS_AT_ONCE)
        plan = _shared_contexts(inputs[block], predicted[block], symbols)
        numbers[block] = plan.numbers + sum(map(len, positions))
        positions.append(plan.positions)
        for found, (architecture, weights) in zip(log_p, members, strict=True):
            found.append(_log_probabilities(architecture, weights, plan))
    units = np.nonzero(predicted)[0]
    return HeldOut(
        [np.concatenate(each, axis=1) for each in log_p],
        np.concatenate(positions),
        numbers[predicted],
        targets[predicted],
        units,
        np.ones(len(units), dtype=np.int64) if times is None else times,
    )


class _Contexts(NamedTuple):
    """The distinct pasts of rows, time by time, and the number of the context at each place of the rows.

    Attributes:
        steps: at each time, the symbol that is read in each distinct past, and the number, at the time before, of the
            past without this symbol.
        chosen: at each time, the distinct pasts after which a character is predicted: they are the contexts.
    """

    steps: list[tuple[Int[NDArray[Any], " S"], Int[NDArray[Any], " S"]]]
    chosen: list[Int[NDArray[Any], " K"]]
    numbers: Int[NDArray[Any], "R T"]
    positions: Int[NDArray[Any], " C"]


def _shared_contexts(inputs: Int[NDArray[Any], "R T"], predicted: Bool[NDArray[Any], "R T"], symbols: int) -> _Contexts:
    """Return the contexts of rows; rows with the same beginning share them."""
    ends = inputs.shape[1] - np.argmax(predicted[:, ::-1], axis=1)
    numbers = np.zeros(inputs.shape, dtype=np.int64)
    past, count = np.zeros(len(inputs), dtype=np.int64), 0
    found = _Contexts([], [], numbers, np.empty(0, dtype=np.int64))
    for t in range(inputs.shape[1]):
        rows_left = np.flatnonzero(ends > t)
        first, own = unique_states(past[rows_left] * symbols + inputs[rows_left, t])
        first = rows_left[first]
        found.steps.append((inputs[first, t], past[first]))
        past[rows_left] = own
        chosen, number = np.unique(own[predicted[rows_left, t]], return_inverse=True)
        numbers[rows_left[predicted[rows_left, t]], t] = count + number
        found.chosen.append(chosen)
        count += len(chosen)
    return found._replace(positions=np.repeat(np.arange(inputs.shape[1]), list(map(len, found.chosen))))


def _log_probabilities(architecture: Architecture, weights: Weights, contexts: _Contexts) -> Float[NDArray[Any], "V C"]:
    """Return a member's log-probabilities of all symbols in each context."""
    state, found = architecture.start(weights, 1), []
    for (token, past), chosen in zip(contexts.steps, contexts.chosen, strict=True):
        state, logits = architecture.step(weights, rows(state, past), token)
        found.append(member_log_probabilities(logits[chosen]).astype(np.float32).T)
    return np.concatenate(found, axis=1)


Fitted: TypeAlias = tuple[Contexts, FittedExponents]
"""The contexts with the features of a form, and its exponents, fitted to all characters."""


def _fitted_forms(held_out: HeldOut, forms: Mapping[str, tuple[Feature, ...]]) -> dict[str, Fitted]:
    """Return the fit of each form. Those with features start from the fit without, which they contain."""
    fitted: dict[str, Fitted] = {}
    simplest: FittedExponents | None = None
    for form, features in forms.items():
        values = held_out.values(features)
        contexts = Contexts.of(held_out.log_p, values, held_out.contexts, held_out.target_log_p, held_out.times)
        start = simplest
        if simplest:  # the features of a context have one sum everywhere, so these exponents mean the same weights
            exponents = np.repeat(simplest.exponents / values[0].sum(), values.shape[1], axis=1)
            start = FittedExponents(exponents, simplest.moments)
        fitted[form] = contexts, fit_exponents(contexts, start)
        simplest = simplest or fitted[form][1]
    return fitted


def _cross_validated(
    held_out: HeldOut, fitted: Mapping[str, Fitted], units: int, *, linear: bool
) -> tuple[str, dict[str, float]]:
    """Return the form that wins, and the loss of each form (nats per character).

    `fitted` holds the fit of each log-linear form to all folds: Newton's method starts from it.
    """
    fold = (np.random.default_rng(SEED).permutation(units) % FOLDS)[held_out.units]
    target_log_p = held_out.target_log_p
    target_p = np.exp(target_log_p).T
    losses = {form: np.empty(len(fold)) for form in ([LINEAR] if linear else []) + list(fitted)}
    for i in range(FOLDS):
        rest, judged = np.flatnonzero(fold != i), np.flatnonzero(fold == i)
        if linear:
            weights = expectation_maximisation(target_p[rest], held_out.times[rest])
            losses[LINEAR][judged] = -np.log(target_p[judged] @ weights)
        at = held_out.contexts[judged]
        for form, (contexts, start) in fitted.items():
            others = contexts.followed_by(held_out.contexts[rest], target_log_p[:, rest], held_out.times[rest])
            exponents, moments = fit_exponents(others, start)
            log_p = np.sum(exponents @ contexts.values[at].T * target_log_p[:, judged], axis=0)
            losses[form][judged] = moments.log_z[at] - log_p
    times, lengths = np.zeros(units, dtype=np.int64), np.bincount(held_out.units, minlength=units)
    times[held_out.units] = held_out.times
    nats = {form: np.bincount(held_out.units, each, minlength=units) for form, each in losses.items()}
    figures = {form: float(times @ each / (times @ lengths)) for form, each in nats.items()}
    return _simplest_of_the_best(nats, figures, lengths, times), figures


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
