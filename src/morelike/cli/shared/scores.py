"""What `morelike score` says of words: their figures, and, beside held-out words, whether they are alike."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
from cyclopts import Parameter

from morelike.errors import MorelikeError, SettingError
from morelike.evaluation.calibration import Calibration
from morelike.language_model.model import LanguageModel
from morelike.text.reading import read_lines
from morelike.text.words import SHORTEST_TEXT, clean
from morelike.workflows.calibration import calibrate

__all__ = ["Judge", "UnknownPolicy"]

UnknownPolicy = Annotated[
    Literal["error", "skip", "reserve"],
    Parameter(
        help="characters that the model does not know: refuse the word, leave them out, or give each one in "
        "10,000 of the probability"
    ),
]

BY_SHARE = "fpr="


@dataclass(frozen=True)
class Judge:
    """A model, what is asked of it, and what is usual among held-out words, where that is needed.

    `limit` is the most bits per character that are alike, None where no threshold is asked for; `share` the share of
    real words that it calls unlike, where it comes from one.
    """

    model: LanguageModel
    unknown: Any
    percentile: bool
    detail: bool
    labels: bool
    limit: float | None
    share: float | None
    usual: Calibration | None = None
    unmarked: str = ""
    pooled: set[int] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        model: LanguageModel,
        unknown: str,
        *,
        percentile: bool,
        threshold: str | None,
        detail: bool,
        labels: bool = False,
    ) -> Judge:
        """Return a judge for these options.

        Raises:
            SettingError: a threshold that is neither `fpr=SHARE` nor a number, or labels of a model without.
        """
        by_share = (threshold or "").startswith(BY_SHARE)
        try:
            number = None if threshold is None else float(threshold.removeprefix(BY_SHARE))
        except ValueError:
            number = math.nan
        if number is not None and math.isnan(number):
            raise SettingError(f"--threshold {threshold}: give `fpr=0.01`, or a number of bits per character")
        if labels and not model.labels:
            raise SettingError("--labels: the model learned from a list without labels, so it has none to tell apart")
        return cls(
            model, unknown, percentile, detail, labels, None if by_share else number, number if by_share else None
        )

    @property
    def compares(self) -> bool:
        """Whether held-out words are of use: for percentiles, a threshold by a share, the marks of odd characters."""
        return self.percentile or self.share is not None or (self.detail and self.model.form == "lines")

    def beside(self, name: str, listed: str | None, out: str) -> Judge:
        """Return the judge with what is usual among held-out words of the list of the model `name`, or of one given.

        Raises:
            SettingError: no held-out words are found, where more than marks depends on them.
        """
        try:
            usual = calibrate(name, None if listed is None else read_lines(listed), out=out)
        except MorelikeError as error:
            if self.percentile or self.share is not None or listed is not None:
                hint = " (see --list)" if listed is None and "the list too" in str(error) else ""
                raise type(error)(f"{error}{hint}") from None
            return replace(self, unmarked=f"No odd characters are marked: {error}.")
        return replace(self, usual=usual, limit=self.limit if self.share is None else usual.threshold(self.share))

    def rows(self, words: Sequence[str]) -> list[dict[str, Any]]:
        """Return the figures of each word, under the names of the command line's JSON.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            SettingError: a running text of one character.
        """
        read = [self._as_read(word) for word in words]
        if self.model.form == "text" and (short := [text for text in read if len(text) < SHORTEST_TEXT]):
            raise SettingError(f"{short[0]!r}: of a running text the first character is given, so give it two or more")
        nats, characters = self.model.losses(read, unknown=self.unknown)
        per_character = nats / characters
        bits = per_character / math.log(2)
        with np.errstate(over="ignore"):
            columns: dict[str, list[Any]] = {
                "word": read,
                "nats": nats.tolist(),
                "bits_per_character": bits.tolist(),
                "perplexity": np.exp(per_character).tolist(),
                "in": self.model.known.splits_of(read),
            }
        if self.labels:
            columns |= self._labels_of(read)
        if self.percentile and self.usual:
            lengths = characters - 1
            columns["percentile"] = self.usual.percentiles(lengths, bits).tolist()
            columns["peers"] = [self._peers(length) for length in lengths.tolist()]
        if self.limit is not None:
            columns["alike"] = (bits <= self.limit).tolist()
        if self.detail:
            columns["surprisal"] = [self._characters(word) for word in read]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def refuses(self, word: str) -> bool:
        """Return whether this word is one for which `rows` raises."""
        read = self._as_read(word)
        if self.model.form == "text" and len(read) < SHORTEST_TEXT:
            return True
        return self.unknown == "error" and len(self.model.vocabulary.only_known(read)) < len(read)

    def remarks(self) -> Iterator[str]:
        """Yield what is to be said to a person, once all words are judged."""
        if self.unmarked:
            yield self.unmarked
        if self.share is not None and self.usual:
            yield (
                f"Alike: at most {self.limit:.4f} bits/char, which {100 * self.share:.3g} % of "
                f"{len(self.usual.bits):,} held-out words exceed."
            )
        if self.pooled:
            some = sorted(self.pooled)
            lengths = ", ".join(map(str, some[:10])) + (", ..." if len(some) > 10 else "")
            yield f"Few held-out words have {lengths} characters: percentiles there are among neighbouring lengths too."

    def _labels_of(self, words: Sequence[str]) -> dict[str, list[Any]]:
        """Return the most probable label of each word, its probability, and those of all of them."""
        names = list(self.model.labels)
        p = self.model.label_probabilities(words, unknown=self.unknown)
        return {
            "label": [names[i] for i in p.argmax(axis=1)],
            "label_probability": p.max(axis=1).tolist(),
            "labels": [dict(zip(names, row, strict=True)) for row in p.tolist()],
        }

    def _as_read(self, word: str) -> str:
        """Return a word or a passage as the model reads it: white space around a passage belongs to it."""
        if self.model.form == "lines":
            return clean(word)
        text = unicodedata.normalize("NFC", word)
        return self.model.vocabulary.only_known(text) if self.unknown == "skip" else text

    def _peers(self, length: int) -> dict[str, Any]:
        assert self.usual
        peers = self.usual.peers(length)
        if peers.pooled:
            self.pooled.add(length)
        return {"words": len(peers.bits), "lengths": [peers.shortest, peers.longest]}

    def _characters(self, word: str) -> list[dict[str, Any]]:
        """Return the surprisal of each character in bits, and whether it is odd, where that is known."""
        bits = (self.model.surprisal(word, unknown=self.unknown) / math.log(2)).tolist()
        characters = [*word, ""] if self.model.form == "lines" else [*word[1:]]
        marks = [{"odd": each > self.usual.odd_above} for each in bits] if self.usual else [{}] * len(bits)
        return [{"character": c, "bits": b, **mark} for c, b, mark in zip(characters, bits, marks, strict=True)]
