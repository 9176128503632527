"""Stimuli for psycholinguists and name makers: similar words, lexical measures, matched sets (see also `pseudowords`).

Each function compares with a list of words: the one that the model learned from, or a given one. Needs NumPy only.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.errors import ListError, SettingError, did_you_mean, excerpt
from morelike.evaluation.lexical import COLUMNS, Lexicon, Measures
from morelike.evaluation.matching import Balance, Matched, balance, match_sets
from morelike.evaluation.nearest import edits
from morelike.language_model.model import LanguageModel
from morelike.language_model.word_embeddings import Embed, cosines, embed_words, embedding_source
from morelike.runs.lookup import open_model, run_of
from morelike.runs.provenance import list_of
from morelike.text.words import Words, check_list, check_word, check_words, clean

By: TypeAlias = Literal["embedding", "edits"]
"""The similarity of words: the cosine of their embeddings, or the number of edits between them."""

SAME_DIRECTION = 0.9998
"""The cosine from which two vectors are all but equal."""

Model: TypeAlias = LanguageModel | str | Path


@dataclass(frozen=True)
class Similar:
    """A word of a list with its `edits` (Levenshtein distance) and its `cosine`, None if by edits."""

    word: str
    cosine: float | None
    edits: int


@dataclass(frozen=True)
class MatchedWords:
    """Sets of words, one word from each list, the closest sets first.

    `sets[l]` holds the words of list l, one for each set. `before[l][c]` and `after[l][c]` are the balance of the lists
    in column `COLUMNS[c]` before and after matching; the test after matching is paired. `distances` [sets] are the
    largest distances between two words of a set (see `match_sets`).
    """

    lists: list[str]
    on: list[str]
    sets: list[Measures]
    distances: Float[NDArray[Any], " sets"]
    before: list[list[Balance]]
    after: list[list[Balance]]


def similar(
    model: Model,
    word: str,
    words: Words | None = None,
    *,
    by: By | None = None,
    embed: Embed = "mean",
    count: int = 20,
    out: str | Path = "runs",
) -> list[Similar]:
    """Return the words of a list that are most similar to a word. The word itself is never among them.

    A warning says so if the embedding does not separate words: if a word that is no anagram of `word` has its vector.

    Args:
        model: a run, a model folder, `"latest"` for the newest run in `out`, or a loaded model.
        word: the word to compare with; it need not be in the list.
        words: the list; by default the one that the model learned from, found as in `audit`.
        by: "embedding" for the cosine of word embeddings (see `embed_words`), or "edits". By default the embedding, or
            edits for a kind without one. Equally similar words keep the order of the list.
        embed: the "mean" of a recurrent network's states, or the "last" state.
        count: the number of words; all words if the list has fewer.

    Raises:
        SettingError: by embedding, a kind without embeddings; a model of running text, or an unknown list and no
            `words`.
        VocabularyError: by embedding, an unknown character in the word or in the list.
        ListError: an empty list.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "otto"]
    >>> model = morelike.train(words, kind="ngram")
    >>> [found.word for found in morelike.similar(model, "hana", words, count=2)]
    ['hanna', 'anna']
    """
    word = check_word(word)
    (found,) = similar_each(model, [word], words, by=by, embed=embed, count=count, out=out)
    if note := inseparable_note([word], [found]):
        warnings.warn(note, UserWarning, stacklevel=2)
    return found


def similar_each(
    model: Model,
    queries: Words,
    words: Words | None = None,
    *,
    by: By | None = None,
    embed: Embed = "mean",
    count: int = 20,
    out: str | Path = "runs",
) -> list[list[Similar]]:
    """Return the result of `similar` for each of several words. The list is read once.

    Raises:
        SettingError, VocabularyError, ListError: as `similar`.
    """
    if count < 1:
        raise SettingError(f"count = {count}: ask for 1 word or more")
    loaded, listed = open_with_list(model, words, Path(out))
    queries = clean_words(queries)
    by = by or ("embedding" if embedding_source(loaded) else "edits")
    vectors = embed_words(loaded, [*queries, *listed], embed) if by == "embedding" else None
    results = []
    for i, query in enumerate(queries):
        distance = edits(query, listed)
        cosine = None if vectors is None else cosines(vectors[len(queries) :], vectors[i])
        order = np.argsort(distance if cosine is None else -cosine, kind="stable")
        nearest = [int(j) for j in order[: count + 1] if listed[j] != query][:count]
        results.append(
            [Similar(listed[j], None if cosine is None else float(cosine[j]), int(distance[j])) for j in nearest]
        )
    return results


def inseparable_note(queries: Sequence[str], found: Sequence[Sequence[Similar]]) -> str:
    """Return a sentence if other words have the vectors of queries, apart from anagrams; "" if none has."""
    same = [
        each.word
        for query, words in zip(queries, found, strict=True)
        for each in words
        if each.cosine is not None and each.cosine >= SAME_DIRECTION and sorted(each.word) != sorted(clean(query))
    ]
    if not same:
        return ""
    return (
        f"the embedding does not separate the words: the vector of {excerpt(same[0])} has almost the same "
        "direction as the given word's; compare by edits, or use a model with a larger embedding"
    )


def measure(model: Model, words: Words, among: Words | None = None, *, out: str | Path = "runs") -> Measures:
    """Return the lexical measures of words: length, OLD20, Coltheart's N, n-gram frequencies, surprisal.

    Args:
        model: as in `similar`; it computes the surprisal.
        words: the words to measure; they need not be in the list.
        among: the list to compare with; by default the one that the model learned from.

    Raises:
        SettingError: a model of running text, or an unknown list and no `among`.
        VocabularyError: an unknown character.
        ListError: no words, or a list without two different words.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "otto"]
    >>> model = morelike.train(words, kind="ngram")
    >>> (enna,) = morelike.measure(model, ["enna"], words).rows()
    >>> enna["length"], enna["old20"], enna["neighbours"]  # the four nearest: anna 1, hanna 2, anne 2, hannah 3
    (4, 2.0, 1)
    """
    loaded, listed = open_with_list(model, among, Path(out))
    return measure_words(loaded, clean_words(words), Lexicon(listed))


def match(
    model: Model,
    lists: Mapping[str, Words],
    among: Words | None = None,
    *,
    count: int,
    on: Words = COLUMNS,
    out: str | Path = "runs",
) -> MatchedWords:
    """Return sets of words, one word from each list, that are matched on lexical measures.

    Args:
        model, among: as in `measure`.
        lists: two or more lists of words by name. No word is in two lists.
        count: the number of sets.
        on: the columns to match on, with equal weights. The result holds all columns.

    Raises:
        SettingError: as `measure`; too few lists, an unknown column, or more sets than can be matched.
        VocabularyError: an unknown character.
        ListError: an empty list, or a word in two of them.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen"]
    >>> model = morelike.train(words, kind="ngram")
    >>> lists = {"old": ["anna", "hen"], "new": ["hannen", "nen", "enna"]}
    >>> [each.words for each in morelike.match(model, lists, words, count=2, on=["length"]).sets]
    [['anna', 'hen'], ['enna', 'nen']]
    """
    on = check_words(on, name="columns")
    if unknown := next((column for column in on if column not in COLUMNS), None):
        raise SettingError(
            f"no column is called {excerpt(unknown)}: there are {', '.join(COLUMNS)}{did_you_mean(unknown, COLUMNS)}"
        )
    if not on:
        raise SettingError(f"no column to match on: choose among {', '.join(COLUMNS)}")
    loaded, listed = open_with_list(model, among, Path(out))
    distinct = _distinct_words(lists)
    lexicon = Lexicon(listed)
    tables = [measure_words(loaded, words, lexicon) for words in distinct.values()]
    used = [COLUMNS.index(column) for column in dict.fromkeys(on)]
    matched: Matched = match_sets([table.values[:, used] for table in tables], count)
    sets = [table.take(matched.sets[:, i]) for i, table in enumerate(tables)]
    return MatchedWords(
        list(distinct),
        [COLUMNS[c] for c in used],
        sets,
        matched.distances,
        balance([table.values for table in tables]),
        balance([table.values for table in sets], paired=True),
    )


def open_with_list(model: Model, words: Words | None, out: Path) -> tuple[LanguageModel, list[str]]:
    """Return the model, and the distinct words of the given list or of the list that it learned from.

    Raises:
        SettingError: a model of running text, or an unknown list and no `words`.
        ListError: an empty list.
    """
    run = None if isinstance(model, LanguageModel) else run_of(model, out)
    loaded = model if isinstance(model, LanguageModel) else open_model(model, out)
    if loaded.form != "lines":
        raise SettingError("a model of words is needed: this is a model of running text")
    listed = list(dict.fromkeys(check_list(list_of(loaded, run).words if words is None else words).words))
    if not listed:
        raise ListError("the list to compare with is empty: give at least one word")
    return loaded, listed


def clean_words(words: Words, name: str = "words") -> list[str]:
    """Return the words without white space at their ends.

    Raises:
        ListError: no words, an empty word, or a value that is no word.
    """
    cleaned = list(check_words(words, name=name))
    if not cleaned:
        raise ListError("no words: give at least one")
    if "" in cleaned:
        raise ListError("one of the words is empty: give it a character or more")
    return cleaned


def _distinct_words(lists: Mapping[str, Words]) -> dict[str, list[str]]:
    """Return the distinct words of each list; refuse a word that is in two lists."""
    if not isinstance(lists, Mapping):
        raise ListError(f"the lists are no mapping: {excerpt(lists)}; give the words of each list by its name")
    distinct = {
        name: list(dict.fromkeys(clean_words(words, f"words of {excerpt(name)}"))) for name, words in lists.items()
    }
    list_of_word: dict[str, str] = {}
    for name, words in distinct.items():
        for word in words:
            if list_of_word.setdefault(word, name) != name:
                raise ListError(
                    f"{excerpt(word)} stands in '{list_of_word[word]}' and in '{name}': take it out of one of them"
                )
    return distinct


def measure_words(model: LanguageModel, words: list[str], lexicon: Lexicon) -> Measures:
    """Return the measures of words; the model computes the surprisal."""
    nats, characters = model.losses(words)
    return lexicon.measure(words, nats / characters / log(2))
