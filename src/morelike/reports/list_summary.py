"""The list of a run: its splits, its word lengths, and its pairs of characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import MorelikeError
from morelike.ngrams.pairs import count_pairs
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.text.splits import Split
from morelike.text.vocabulary import Vocabulary
from morelike.training.preparation import encode_words, split_corpus
from morelike.training.store_samples import in_memory

MOST_SYMBOLS = 40


@dataclass(frozen=True)
class ListSummary:
    """A list and its splits. `lengths` and `pairs` count the train split; `symbols` name the rows of `pairs`."""

    corpus: Corpus
    splits: Split
    distinct: int
    longest: str
    lengths: Counter[int]
    symbols: list[str]
    pairs: Int[NDArray[Any], "S S"]

    @property
    def mean_length(self) -> float:
        """The mean length of the words of train, in characters."""
        return sum(length * count for length, count in self.lengths.items()) / max(self.lengths.total(), 1)


def list_of_run(run: RunFolder, config: Mapping[str, Mapping[str, Any]]) -> ListSummary:
    """Return the list of a run. A mixture takes it from the first member whose run still has its list.

    Raises:
        MorelikeError: the list is missing or has changed.
    """
    members = config.get("mixture", {}).get("members")
    if members is None:
        plan = plan_of_run(run)
        return summarize_list(plan.corpus, plan.split)
    failure: MorelikeError | KeyError = MorelikeError("no member of the mixture has a run with its list")
    for member in members:
        try:
            plan = plan_of_run(RunFolder(Path(member).parent))
            return summarize_list(plan.corpus, plan.split)
        except (MorelikeError, KeyError) as error:
            failure = error
    raise failure


def summarize_list(corpus: Corpus, split_rule: str) -> ListSummary:
    """Return the summary of a list, split by the rule of this name. A stored list is summarized by a sample of it."""
    corpus = in_memory(corpus)
    splits = split_corpus(corpus, split_rule)
    vocabulary = Vocabulary.of(corpus.words)
    lines = encode_words(vocabulary, corpus.form, splits.train)
    ids, pairs = count_pairs(lines, vocabulary.size, MOST_SYMBOLS, text=corpus.form == "text")
    characters = ("", *vocabulary.characters)
    return ListSummary(
        corpus=corpus,
        splits=splits,
        distinct=len(set(corpus.words)),
        longest=max(corpus.words, key=len),
        lengths=Counter(map(len, splits.train)),
        symbols=[characters[i] for i in ids],
        pairs=pairs,
    )
