"""The model card of a page, and the sentences that the command prints: which figures changed, and what is disclosed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from morelike.exports.page.measuring import Yardstick
from morelike.exports.page.precision import BITS, Precision
from morelike.exports.tracing import Trace
from morelike.language_model.model import LanguageModel
from morelike.text.splits import SPLIT_NAMES


@dataclass(frozen=True)
class Changes:
    """What a page holds of a model, and its loss (nats per character) on the words of `yardstick`.

    `whole` is the loss of the model, `pruned` that of its trace with fewer n-grams, `rounded` that of the page, which
    holds `trace` in a `precision`. `known` is the number of words whose hashes it holds.
    """

    yardstick: Yardstick
    trace: Trace
    precision: Precision
    whole: float
    pruned: float
    rounded: float
    all_ngrams: int
    kept_ngrams: int
    known: int = 0

    @property
    def bits(self) -> int:
        """Bits of each weight; tables of n-grams have at least 8."""
        return BITS[self.precision]

    def sentences(self) -> list[str]:
        """Return the changes for the user of the command."""
        found = []
        if self.kept_ngrams < self.all_ngrams:
            found.append(
                f"n-grams: {self.kept_ngrams:,} of {self.all_ngrams:,} are kept; on {self.yardstick.source} the loss "
                f"was {self.whole:.4f} nats per character and is {self.pruned:.4f}"
            )
        found.append(
            f"weights of {self.bits} bits: on {self.yardstick.source} the loss changes by "
            f"{self.rounded - self.pruned:+.4f} nats per character, from {self.pruned:.4f} to {self.rounded:.4f}"
        )
        if self.known:
            found.append(
                f"warning: the page holds a hash of each of {self.known:,} words of the list; anyone with the page can "
                "test whether a word was in the list"
            )
        else:
            found.append(
                "the page does not hold the list, so it cannot make new words only; `--with-list` adds a hash of each "
                "word of the list"
            )
        return found

    def notes(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the names of the page's sentences, each with its values; a number stands with its decimals."""
        words = {"words": (len(self.yardstick.lines), 0)}
        on = "dev" if self.yardstick.of_dev else "made"
        found: list[tuple[str, dict[str, Any]]] = []
        if self.kept_ngrams < self.all_ngrams:
            counts = {"kept": (self.kept_ngrams, 0), "all": (self.all_ngrams, 0)}
            found.append((f"note_pruned_{on}", words | counts | {"after": (self.pruned, 4), "before": (self.whole, 4)}))
        bits = {"bits": (self.bits, 0), "after": (self.rounded, 4), "before": (self.pruned, 4)}
        found.append((f"note_rounded_{on}", words | bits))
        if self.yardstick.learned:
            found.append(("note_learned", {}))
        found.append(("warning_list", {"count": (self.known, 0)}) if self.known else ("note_no_list", {}))
        return [*found, ("note_trying", {})]


def card_of(model: LanguageModel, changes: Changes) -> dict[str, Any]:
    """Return the card of a model: facts by name, the loss of each part with its interval, and notes."""
    members = model.architecture.mixture_members(model.weights)
    facts = {
        "kind": model.architecture.kind,
        "members": ", ".join(each.architecture.kind for each in members) if len(members) > 1 else None,
        "list": model.facts.get("list"),
        "label": model.label,
        "lines": model.facts.get("lines"),
        "split": model.facts.get("split"),
        "characters": len(model.vocabulary.characters),
        "parameters": model.parameters,
    }
    losses = model.facts.get("losses", {})
    return {
        "facts": [[name, value] for name, value in facts.items() if value is not None],
        "losses": [[part, losses[part]["nats"], *losses[part]["interval"]] for part in SPLIT_NAMES if part in losses],
        "notes": changes.notes(),
    }


def title_of(model: LanguageModel) -> str:
    """Return the name of the list and the label, for the title of a page."""
    name = str(model.facts.get("list") or model.architecture.kind)
    return f"{name} ({model.label})" if model.label else name
