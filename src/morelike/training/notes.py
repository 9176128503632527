"""Notes on a list before a model learns from it, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from morelike.text.corpus import Corpus
from morelike.text.count_weights import weighting_note
from morelike.text.splits import Split

if TYPE_CHECKING:
    from morelike.runs.plan import Plan

MOST_SHOWN = 10


def training_notes(plan: Plan, splits: Split) -> list[str]:
    """Return the notes on a plan and the split of its list."""
    corpus, block = plan.corpus, plan.architecture.block_length
    notes = [plan.selection["sentence"]] if plan.selection and "counted" not in plan.selection else []  # said once
    notes += [*plan.notes, *([splits.note] if splits.note else [])]
    if plan.training.patience and not splits.dev and plan.architecture.learned_by == "gradients":
        notes.append("patience has no effect: nothing is held out to evaluate the model on")
    if corpus.blank:
        notes.append(f"{corpus.blank:,} blank line{'s' if corpus.blank > 1 else ''} left out")
    if corpus.trimmed:
        words = "1 word" if corpus.trimmed == 1 else f"{corpus.trimmed:,} words"
        notes.append(f"{words} had white space at the ends, which is left out")
    if corpus.counts is not None:
        notes.append(weighting_note(corpus.counts, plan.training.count_weighting))
    if corpus.labels is not None:
        notes.append(_note_of_labels(plan, splits))
    if block and corpus.form == "lines" and (long := _longer_than(corpus, block)):
        notes.append(
            f"{long:,} words have more than {block} characters, their ends counted: {plan.architecture.kind} starts "
            f"again after every {block} characters and forgets those before; a longer --context avoids that"
        )
    return notes


def _longer_than(corpus: Corpus, characters: int) -> int:
    """Return the number of words with more characters than this, their ends counted."""
    return corpus.store.longer_than(characters) if corpus.store else sum(len(w) >= characters for w in corpus.words)


def _note_of_labels(plan: Plan, splits: Split) -> str:
    """Return a note on the labels of a list; it names the labels without a line in train."""
    if not plan.labels:
        return "the labels of the list are ignored (labelled = false)"
    in_train = set(splits.labels["train"])
    missing = [label or "(none)" for label in plan.labels if label not in in_train]
    shown = ", ".join(missing[:MOST_SHOWN]) + (", ..." if len(missing) > MOST_SHOWN else "")
    unlearned = f"; these have no line in train, and nothing is learned of them: {shown}" if missing else ""
    empty = ", including the label of lines without one" if "" in plan.labels else ""
    return f"{len(plan.labels):,} labels condition the model{empty}{unlearned}"
