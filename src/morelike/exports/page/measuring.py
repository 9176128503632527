"""The loss of a trace: of the numbers that a page holds, beside those of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morelike.architecture.prefixes import log_probabilities_by_steps
from morelike.arrays import random_generator
from morelike.errors import MorelikeError
from morelike.exports.tracing import Runner, Trace
from morelike.language_model.model import LanguageModel
from morelike.language_model.origin import Origin
from morelike.runs.provenance import list_of
from morelike.runs.run_folder import RunFolder
from morelike.sampling.filters import sample_tokens
from morelike.text.splits import split_cleaned
from morelike.text.vocabulary import END, TokenLines

MOST_WORDS = 1000
"""Words of a list on which losses are measured; more hardly change the difference of two losses."""
LARGE_LIST = 1_000_000
"""Lines of a list that is not read again to measure losses."""
MADE_WORDS, LONGEST = 200, 40
"""Words that the model makes if its list is not known, and the most characters of each."""


@dataclass(frozen=True)
class Yardstick:
    """The words on which losses are measured: of dev, or else made by the model."""

    lines: TokenLines
    of_dev: bool
    learned: bool = False
    """Whether the model was trained anew on these words too: its loss is then lower than that on the card."""

    @property
    def source(self) -> str:
        """Which words they are, for a reader."""
        of_dev = "of dev (the model was trained anew on them too)" if self.learned else "of dev"
        return f"{len(self.lines):,} words " + (
            of_dev if self.of_dev else "that the model made (its list is unknown here)"
        )

    def loss(self, trace: Trace) -> float:
        """Return the mean -ln p of a character (nats), word ends included; nan if the trace gives no probabilities."""
        runner, lengths = Runner(trace), self.lines.lengths
        counted = np.arange(lengths.max()) < lengths[:, None]
        tokens = np.full(counted.shape, END, dtype=np.int32)  # after its end, a line is read on without being counted
        tokens[counted] = self.lines.tokens
        with np.errstate(all="ignore"):  # numbers that a precision cannot hold give no number
            log_p = log_probabilities_by_steps(runner.step, runner.start(1), tokens)
        return -float(log_p[counted].mean(dtype=np.float64))


def yardstick(model: LanguageModel) -> Yardstick:
    """Return words of dev, of the model's label if it has one; where its list is not known, words of the model."""
    if words := _dev_words(model):
        chosen = words[:: -(-len(words) // MOST_WORDS)]
        return Yardstick(model.vocabulary.encode_lines(chosen), of_dev=True, learned=bool(model.facts.get("refit")))
    return Yardstick(_made_words(model), of_dev=False)


def _made_words(model: LanguageModel) -> TokenLines:
    """Return words that the model makes, also of a model that hardly ever ends one."""
    architecture, weights = model.prepared
    rng, state = random_generator(0), architecture.start(weights, MADE_WORDS)
    columns = [np.full(MADE_WORDS, END, dtype=np.int32)]
    for _ in range(LONGEST):
        state, logits = architecture.step(weights, state, columns[-1])
        columns.append(sample_tokens(logits, rng).astype(np.int32))
    made = np.stack([*columns[1:], columns[0]], axis=1)
    return TokenLines.of([line[: int(np.argmax(line == END))].tolist() for line in made])


def _dev_words(model: LanguageModel) -> list[str]:
    """Return the words of dev, those of the model's label if it has one; none if they are not those of the model."""
    origin, rule = model.origin or Origin(), model.facts.get("split")
    if model.facts.get("lines", 0) > LARGE_LIST:
        return []
    try:
        corpus = origin.corpus or list_of(model, RunFolder(origin.run) if origin.run else None)
        split = split_cleaned(corpus.words, str(rule), labels=corpus.labels)
    except MorelikeError:
        return []
    if "new" in model.known.splits_of(split.dev):
        return []
    labels: Sequence[str | None] = split.labels.get("dev") or [model.label] * len(split.dev)
    return [word for word, label in zip(split.dev, labels, strict=True) if model.label in (None, label)]
