"""What there is to say of a list before a model learns from it, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from morelike.text.corpus import Corpus
from morelike.text.count_weights import note_of_weights
from morelike.text.splits import Split

if TYPE_CHECKING:
    from morelike.runs.plan import Plan

__all__ = ["notes_of"]

MOST_SHOWN = 10


def notes_of(plan: Plan, parts: Split) -> list[str]:
    """Return what there is to say of a list before training on it."""
    corpus, block = plan.corpus, plan.architecture.block_length
    notes = [plan.choice["sentence"]] if plan.choice and "counted" not in plan.choice else []  # said once
    notes += [parts.note] if parts.note else []
    if corpus.blank:
        notes.append(f"{corpus.blank:,} blank line{'s' if corpus.blank > 1 else ''} left out")
    if corpus.counts is not None:
        notes.append(note_of_weights(corpus.counts, plan.training.weights))
    if corpus.labels is not None:
        notes.append(_note_of_labels(plan, parts))
    if block and corpus.form == "lines" and (long := _longer_than(corpus, block)):
        notes.append(
            f"{long:,} of the words and their ends have more than {block} characters: {plan.architecture.kind} begins "
            f"anew after each {block}, without memory of those before; a longer --context sees them whole"
        )
    return notes


def _longer_than(corpus: Corpus, characters: int) -> int:
    """Return how many words have more characters than this, their ends counted."""
    return corpus.store.longer_than(characters) if corpus.store else sum(len(w) >= characters for w in corpus.words)


def _note_of_labels(plan: Plan, parts: Split) -> str:
    """Return what the labels of a list do, and which of them nothing is learned of."""
    if not plan.labels:
        return "the labels of the list condition nothing, as asked"
    learned = set(parts.labels["train"])
    lacking = [label or "(none)" for label in plan.labels if label not in learned]
    shown = ", ".join(lacking[:MOST_SHOWN]) + (", ..." if len(lacking) > MOST_SHOWN else "")
    alone = f"; of these no line is in train, so nothing is learned of them: {shown}" if lacking else ""
    empty = ", that of lines without one among them" if "" in plan.labels else ""
    return f"{len(plan.labels):,} labels condition the model{empty}{alone}"
