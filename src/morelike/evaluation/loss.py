"""Exact losses of lines under a model: each character counts once, and so does the end symbol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Bool, Float, Int, MapFunction, Weights
from morelike.display import Summarized, Summary
from morelike.evaluation.intervals import ratio_interval
from morelike.text.examples.packed_rows import IGNORED, PackedRows
from morelike.text.vocabulary import END, TokenLines

SORTED = 4  # characters; few of ten thousand names share a longer prefix
STRETCH = 192  # characters of a running text
LOGITS_AT_ONCE = 1 << 23  # numbers; bounds the memory for an alphabet of any size
TOKENS_AT_ONCE = 1 << 20  # with padding; bounds the memory for lines of any length


@dataclass(frozen=True, repr=False)
class Evaluation(Summarized):
    """The loss of a model on lines, in nats and bits per character, with its 95 % interval (bootstrap over lines).

    `unseen` is the evaluation on the lines that are not in the training list; None if all or none of them are in it.
    `occurrences` is the sum of the lines' weights, None without weights; `lines` and `characters` count each line once.
    `labels` maps each label to the evaluation on its lines; it is empty without labels. `learned` is the number of
    lines that are in the training list.
    """

    nats_per_character: float
    interval: tuple[float, float]
    lines: int
    characters: int
    unseen: Evaluation | None = None
    occurrences: int | None = None
    labels: Mapping[str, Evaluation] = field(default_factory=dict)
    learned: int = 0

    def _summary(self) -> Summary:
        facts = {
            "nats_per_character": self.nats_per_character,
            "interval": self.interval,
            "lines": self.lines,
            "characters": self.characters,
            "occurrences": self.occurrences,
        }
        details = {
            "bits per character": self.bits_per_character,
            "perplexity": self.perplexity,
            "nats per character of lines that are not in train": self.unseen and self.unseen.nats_per_character,
            "note": self.learned_note or None,
        }
        rows = [(label, each.nats_per_character, each.interval, each.lines) for label, each in self.labels.items()]
        return Summary(facts, details, ("label", "nats per character", "95 %", "lines"), rows)

    @property
    def learned_note(self) -> str:
        """A sentence if more than half of the lines are in the training list; else `""`."""
        if 2 * self.learned <= self.lines:
            return ""
        way_out = "`unseen` is the loss on the others" if self.unseen else "evaluate on words that were held out"
        return (
            f"the model learned {self.learned:,} of these {self.lines:,} words, so the loss does not show how it does "
            f"on new words: {way_out}"
        )

    @property
    def bits_per_character(self) -> float:
        """The loss in bits: nats / ln 2."""
        return self.nats_per_character / log(2)

    @property
    def perplexity(self) -> float:
        """exp(nats): the number of equally likely characters with the same loss; infinite after divergence."""
        try:
            return exp(self.nats_per_character)
        except OverflowError:
            return inf

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names that the command line's JSON uses."""
        facts = {
            "nats": self.nats_per_character,
            "bits": self.bits_per_character,
            "perplexity": self.perplexity,
            "interval": list(self.interval),
            "lines": self.lines,
            "characters": self.characters,
        }
        if self.occurrences is not None:
            facts["occurrences"] = self.occurrences
        if self.labels:
            facts["labels"] = {label: loss.as_dict() for label, loss in self.labels.items()}
        return facts if self.unseen is None else facts | {"unseen": self.unseen.as_dict()}


def evaluation_of(figures: Mapping[str, Any]) -> Evaluation:
    """Return the evaluation of the figures that `Evaluation.as_dict` gave.

    >>> loss = Evaluation(2.0, (1.9, 2.1), 10, 70)
    >>> evaluation_of(loss.as_dict()) == loss
    True
    """
    return Evaluation(
        figures["nats"],
        tuple(figures["interval"]),
        figures["lines"],
        figures["characters"],
        evaluation_of(figures["unseen"]) if "unseen" in figures else None,
        figures.get("occurrences"),
        {label: evaluation_of(each) for label, each in figures.get("labels", {}).items()},
    )


def line_losses(
    architecture: Architecture, weights: Weights, lines: TokenLines, map_function: MapFunction = map
) -> Float[NDArray[Any], " lines"]:
    """Return -ln p of each line (nats, its end included): float32 characters, summed in float64."""
    if not len(lines):
        return np.zeros(0)
    return np.add.reduceat(character_losses(architecture, weights, lines, map_function), lines.offsets[:-1])


def character_losses(
    architecture: Architecture, weights: Weights, lines: TokenLines, map_function: MapFunction = map
) -> Float[NDArray[Any], " N"]:
    """Return -ln p of each character of lines (nats), ends included, in the order of `lines.tokens`.

    `map_function` computes the batches, perhaps in threads; the batches do not depend on it.
    """
    losses = np.zeros(len(lines.tokens))

    def compute(numbers_and_tokens: tuple[NDArray[Any], NDArray[Any]]) -> None:
        batch, tokens = numbers_and_tokens
        columns = np.arange(tokens.shape[1])
        inside = columns < lines.lengths[batch, None]
        at = lines.offsets[batch, None] + columns
        losses[at[inside]] = -architecture.log_probabilities(weights, tokens)[inside]

    size = int(min(architecture.lines_at_once, 1 + LOGITS_AT_ONCE // _symbols(lines)))
    for _ in map_function(compute, list(batches_by_length(lines, size))):
        pass
    return losses


def stretches(
    losses: Float[NDArray[Any], " N"],
) -> tuple[Float[NDArray[Any], " S"], Int[NDArray[Any], " S"]]:
    """Return the sums of a text's character losses over stretches of `STRETCH` characters, and the stretches' lengths.

    Stretches are the units of the bootstrap, since neighbouring characters of a text are not independent.
    """
    first = np.arange(0, len(losses), STRETCH)
    if not len(first):
        return np.zeros(0), first
    return np.add.reduceat(losses, first), np.diff(np.append(first, len(losses)))


def text_losses(architecture: Architecture, weights: Weights, rows: PackedRows) -> Float[NDArray[Any], " N"]:
    """Return -ln p of each character of a running text but the first (nats), from its rows (see `text_rows`)."""
    predicted = rows.targets != IGNORED
    log_p = np.zeros(rows.targets.shape)
    symbols = int(rows.inputs.max(initial=0)) + 1
    size = int(min(architecture.lines_at_once, 1 + LOGITS_AT_ONCE // symbols))
    for first in range(0, len(rows), size):
        batch = slice(first, first + size)
        log_p[batch] = architecture.target_log_probabilities(weights, rows.inputs[batch], rows.targets[batch])
    losses: Float[NDArray[Any], " N"] = -log_p[predicted]
    return losses


def batches_by_length(
    lines: TokenLines, size: int
) -> Iterator[tuple[Int[NDArray[Any], " B"], Int[NDArray[Any], "B T"]]]:
    """Yield all lines in batches of about equal length: their indices, and their tokens padded with `END`.

    Lines of the same length are sorted by their first characters, so that many lines of a batch have the same prefix.
    A batch has at most `size` lines. If they are long it has fewer, so that it holds at most `TOKENS_AT_ONCE` tokens;
    a longer line is a batch by itself.
    """
    last = len(lines.tokens) - 1
    beginnings = [lines.tokens[np.minimum(lines.offsets[:-1] + i, last)] for i in range(SORTED)]
    order = np.lexsort([*reversed(beginnings), lines.lengths])
    first = 0
    while first < len(order):
        batch = order[first : first + size]
        padded = lines.lengths[batch] * np.arange(1, len(batch) + 1)
        batch = batch[: max(int(np.searchsorted(padded, TOKENS_AT_ONCE, side="right")), 1)]
        first += len(batch)
        lengths = lines.lengths[batch]
        columns = np.arange(lengths[-1])
        inside = columns < lengths[:, None]
        at = np.where(inside, lines.offsets[batch, None] + columns, 0)
        yield batch, np.where(inside, lines.tokens[at], END)


def evaluate(
    losses: Float[NDArray[Any], " lines"],
    lengths: Int[NDArray[Any], " lines"],
    seen: Bool[NDArray[Any], " lines"] | None = None,
    *,
    weights: Int[NDArray[Any], " lines"] | None = None,
    labels: Sequence[str] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Return the loss per character of lines, with its interval.

    Args:
        losses: -ln p of each line (nats).
        lengths: the number of characters of each line.
        seen: for each line whether it is in train too.
        weights: how many equal lines each line represents. The bootstrap draws lines with their weights, because the
            repetitions of a word are not independent.
        labels: the label of each line, for the losses of each label.
        seed: the seed of the bootstrap.
    """
    unseen = None
    if seen is not None and seen.any() and not seen.all():
        rest = None if weights is None else weights[~seen]
        unseen = evaluate(losses[~seen], lengths[~seen], weights=rest, seed=seed)
    by_label = {}
    for label in sorted(set(labels or ())):
        labelled = np.array([each == label for each in labels or ()])
        by_label[label] = evaluate(
            losses[labelled],
            lengths[labelled],
            weights=None if weights is None else weights[labelled],
            seed=seed,
        )
    weighted, counted = (losses, lengths) if weights is None else (losses * weights, lengths * weights)
    return Evaluation(
        nats_per_character=float(weighted.sum() / counted.sum()),
        interval=ratio_interval(weighted, counted, seed=seed),
        lines=len(losses),
        characters=int(lengths.sum()),
        unseen=unseen,
        occurrences=None if weights is None else int(weights.sum()),
        labels=by_label,
        learned=0 if seen is None else int(seen.sum()),
    )


def _symbols(lines: TokenLines) -> int:
    return int(lines.tokens.max(initial=0)) + 1
