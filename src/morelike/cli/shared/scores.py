"""The rows of `morelike score`: each word's figures, and its comparison with held-out words."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from morelike.errors import MorelikeError, SettingError, excerpt
from morelike.evaluation.calibration import MIN_PEERS, Calibration, peers_for
from morelike.language_model.encoding import UnknownPolicy
from morelike.language_model.model import LanguageModel
from morelike.text.formats.options import DEFAULTS, ReadingOptions
from morelike.text.reading import read_lines
from morelike.text.words import MIN_TEXT_LENGTH, clean
from morelike.workflows.calibration import calibrate

BY_RATE = "fpr="


@dataclass(frozen=True)
class Scorer:
    """A model, the figures to compute for each word, and the calibration on held-out words if a figure needs it.

    A word is `alike` if it has at most `limit` bits per character, or, with a `false_positive_rate`, at most the bits
    that this share of the held-out words of its length exceeds. None and None ask for no such answer.
    """

    model: LanguageModel
    unknown: UnknownPolicy
    percentile: bool = False
    detail: bool = False
    labels: bool = False
    limit: float | None = None
    false_positive_rate: float | None = None
    calibration: Calibration | None = None
    calibration_note: str = ""
    pooled_lengths: set[int] = field(default_factory=set)
    limits: set[float] = field(default_factory=set)

    def with_threshold(self, threshold: str) -> Scorer:
        """Return the scorer with a threshold: `fpr=RATE` or a number of bits per character.

        Raises:
            SettingError: neither of them.
        """
        by_rate = threshold.startswith(BY_RATE)
        try:
            number = float(threshold.removeprefix(BY_RATE))
        except ValueError:
            number = math.nan
        if math.isnan(number):
            raise SettingError(f"--threshold {threshold}: give `fpr=0.01`, or a number of bits per character")
        return replace(self, false_positive_rate=number) if by_rate else replace(self, limit=number)

    @property
    def needs_calibration(self) -> bool:
        """Whether a figure depends on held-out words; only the marks of odd characters may do without them."""
        return self.percentile or self.false_positive_rate is not None

    def calibrated(self, name: str, list_name: str | None, runs: Path, reading: ReadingOptions = DEFAULTS) -> Scorer:
        """Return the scorer calibrated on the held-out words of a list; by default the list of the model `name`.

        Raises:
            SettingError: no held-out words are found, although a figure needs them.
        """
        if not self.needs_calibration and not (self.detail and self.model.form == "lines"):
            return self
        try:
            calibration = calibrate(name, None if list_name is None else read_lines(list_name, reading), out=runs)
        except MorelikeError as error:
            if self.needs_calibration or list_name is not None:
                hint = " (see --list)" if list_name is None and "the list too" in str(error) else ""
                raise type(error)(f"{error}{hint}") from None
            return replace(self, calibration_note=f"No odd characters are marked: {error}.")
        if self.false_positive_rate is not None:
            calibration.threshold(self.false_positive_rate)  # a rate that makes no sense is refused before any word
        return replace(self, calibration=calibration)

    def rows(self, words: Sequence[str]) -> list[dict[str, Any]]:
        """Return the figures of each word, under their names in the command line's JSON.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            SettingError: a running text of one character.
        """
        texts = [self._as_read(word) for word in words]
        if self.model.form == "text" and (short := [text for text in texts if len(text) < MIN_TEXT_LENGTH]):
            raise SettingError(
                f"{excerpt(short[0])}: the first character of a running text is not scored: give two characters or more"
            )
        nats, characters = self.model.losses(texts, unknown=self.unknown)
        per_character = nats / characters
        bits = per_character / math.log(2)
        with np.errstate(over="ignore"):
            columns: dict[str, list[Any]] = {
                "word": texts,
                "nats": nats.tolist(),
                "bits_per_character": bits.tolist(),
                "perplexity": np.exp(per_character).tolist(),
                "in": self.model.known.splits_of(texts),
            }
        if self.labels:
            columns |= self._label_columns(texts)
        if self.percentile and self.calibration:
            lengths = characters - 1
            columns["percentile"] = self.calibration.percentiles(lengths, bits, self._min_peers).tolist()
            columns["peers"] = [self._peers(length) for length in lengths.tolist()]
        if self.limit is not None:
            columns["alike"] = (bits <= self.limit).tolist()
        elif self.false_positive_rate is not None and self.calibration:
            limits = self.calibration.thresholds(characters - 1, self.false_positive_rate)
            self.limits.update(limits.tolist())
            columns["alike"] = (bits <= limits).tolist()
        if self.detail:
            columns["surprisal"] = [self._surprisals(text) for text in texts]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    @property
    def _min_peers(self) -> int:
        """The held-out words with which a word is compared: the same for its percentile and for its threshold."""
        return MIN_PEERS if self.false_positive_rate is None else peers_for(self.false_positive_rate)

    def rejects(self, word: str) -> bool:
        """Return whether `rows` raises an error for this word."""
        text = self._as_read(word)
        if self.model.form == "text" and len(text) < MIN_TEXT_LENGTH:
            return True
        return self.unknown == "error" and len(self.model.vocabulary.drop_unknown(text)) < len(text)

    def notes(self) -> Iterator[str]:
        """Yield the notes about all rows so far."""
        if self.calibration_note:
            yield self.calibration_note
        if self.limits:
            low, high = (f"{limit:.4f}" for limit in (min(self.limits), max(self.limits)))
            yield (
                f"Alike: at most {low if low == high else f'{low} to {high}, by length,'} bits/char; "
                f"{100 * (self.false_positive_rate or 0):.3g} % of the held-out words of like length have more."
            )
        if self.pooled_lengths:
            first, more = sorted(self.pooled_lengths)[:10], len(self.pooled_lengths) > 10
            lengths = ", ".join(map(str, first)) + (", ..." if more else "")
            yield (
                f"Few held-out words have {lengths} characters: the percentiles of these lengths include words of "
                "neighbouring lengths."
            )

    def _label_columns(self, texts: Sequence[str]) -> dict[str, list[Any]]:
        """Return each word's most probable label, its probability, and the probabilities of all labels."""
        names = list(self.model.labels)
        p = self.model.label_probabilities(texts, unknown=self.unknown)
        return {
            "label": [names[i] for i in p.argmax(axis=1)],
            "label_probability": p.max(axis=1).tolist(),
            "labels": [dict(zip(names, row, strict=True)) for row in p.tolist()],
        }

    def _as_read(self, word: str) -> str:
        """Return a word or a passage as the model reads it. A passage keeps the white space around it."""
        if self.model.form == "lines":
            return clean(word)
        text = unicodedata.normalize("NFC", word)
        return self.model.vocabulary.drop_unknown(text) if self.unknown == "skip" else text

    def _peers(self, length: int) -> dict[str, Any]:
        assert self.calibration
        peers = self.calibration.peers(length, self._min_peers)
        if peers.pooled:
            self.pooled_lengths.add(length)
        return {"words": len(peers.bits), "lengths": [peers.shortest, peers.longest]}

    def _surprisals(self, text: str) -> list[dict[str, Any]]:
        """Return each character's surprisal in bits and, after calibration, whether it is odd."""
        bits = (self.model.surprisal(text, unknown=self.unknown) / math.log(2)).tolist()
        characters = [*text, ""] if self.model.form == "lines" else [*text[1:]]
        found = [{"character": c, "bits": b} for c, b in zip(characters, bits, strict=True)]
        if self.calibration:
            found = [each | {"odd": each["bits"] > self.calibration.odd_above} for each in found]
        return found
