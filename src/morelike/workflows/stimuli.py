"""Stimuli for psycholinguists and name makers: similar words, pseudowords, lexical measures, matched sets.

Each function compares with a list of words: the one that the model learned from, or a given one. Needs NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.errors import ListError, SamplingError, SettingError, did_you_mean
from morelike.evaluation.lexical import COLUMNS, Lexicon, Measures
from morelike.evaluation.matching import Balance, Matched, balance, distances, match_sets, spread
from morelike.evaluation.nearest import edits
from morelike.language_model.model import LanguageModel
from morelike.language_model.word_embeddings import Embed, cosines, embed_words
from morelike.runs.lookup import open_model, run_of
from morelike.runs.provenance import list_of
from morelike.text.words import clean

By: TypeAlias = Literal["embedding", "edits"]
"""The similarity of words: the cosine of their embeddings, or the number of edits between them."""

Model: TypeAlias = LanguageModel | str | Path


@dataclass(frozen=True)
class Similar:
    """A word of a list with its `edits` (Levenshtein distance) and its `cosine`, None if by edits."""

    word: str
    cosine: float | None
    edits: int


@dataclass(frozen=True)
class Pseudowords:
    """New words that resemble the word in `base`, the closest first.

    `distances` [words] are root mean squares of the differences from the base, over the columns that vary among the
    candidates; each column is divided by its standard deviation among the candidates. `candidates` is the number of
    words from which the closest were chosen.
    """

    base: Measures
    found: Measures
    distances: Float[NDArray[Any], " words"]
    candidates: int


@dataclass(frozen=True)
class MatchedWords:
    """Sets of words, one word from each list, the closest sets first.

    `sets[l]` holds the words of list l, one for each set. `before[l][c]` and `after[l][c]` are the balance of the lists
    in column `COLUMNS[c]` before and after matching. `distances` [sets] are the largest distances between two words of
    a set (see `match_sets`).
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
    words: Sequence[str] | None = None,
    *,
    by: By = "embedding",
    embed: Embed = "mean",
    count: int = 20,
    out: str | Path = "runs",
) -> list[Similar]:
    """Return the words of a list that are most similar to a word. The word itself is never among them.

    Args:
        model: a run, a model folder, `"latest"` for the newest run in `out`, or a loaded model.
        word: the word to compare with; it need not be in the list.
        words: the list; by default the one that the model learned from, found as in `audit`.
        by: "embedding" for the cosine of word embeddings (see `embed_words`), or "edits". Equally similar words keep
            the order of the list.
        embed: the "mean" of a recurrent network's states, or the "last" state.
        count: the number of words; all words if the list has fewer.

    Raises:
        SettingError: a kind without embeddings, a model of running text, or an unknown list and no `words`.
        VocabularyError: by embedding, an unknown character in the word or in the list.
        ListError: an empty list.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "otto"]
    >>> model = morelike.train(words, kind="ngram")
    >>> [found.word for found in morelike.similar(model, "hana", words, by="edits", count=2)]
    ['hanna', 'anna']
    """
    return similar_each(model, [word], words, by=by, embed=embed, count=count, out=out)[0]


def similar_each(
    model: Model,
    queries: Sequence[str],
    words: Sequence[str] | None = None,
    *,
    by: By = "embedding",
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
    loaded, listed = _open(model, words, Path(out))
    queries = _clean_words(queries)
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


def measure(
    model: Model, words: Sequence[str], among: Sequence[str] | None = None, *, out: str | Path = "runs"
) -> Measures:
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
    loaded, listed = _open(model, among, Path(out))
    return _measure(loaded, _clean_words(words), Lexicon(listed))


def pseudowords(
    model: Model,
    word: str,
    among: Sequence[str] | None = None,
    *,
    count: int = 10,
    candidates: int = 1000,
    seed: int = 0,
    out: str | Path = "runs",
) -> Pseudowords:
    """Return new words that resemble a word: of the same length, and close to it in all other measures.

    The model makes candidates of the word's length that are neither in its list nor in `among`. The candidates with the
    smallest standardised distance from the word are returned.

    Args:
        model, among: as in `measure`.
        word: the word to match; it need not be in the list.
        count: the number of words.
        candidates: the number of words that the model makes, from which the closest are chosen.
        seed: the same seed gives the same words.

    Raises:
        SettingError: as `measure`, or fewer candidates than words.
        VocabularyError: an unknown character.
        SamplingError: the model makes too few words of this length.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
    >>> model = morelike.train(words, kind="ngram", order=3)
    >>> made = morelike.pseudowords(model, "anna", words, count=3, candidates=20)
    >>> [len(word) for word in made.found.words], set(made.found.words) & set(words)
    ([4, 4, 4], set())
    """
    return pseudowords_each(model, [word], among, count=count, candidates=candidates, seed=seed, out=out)[0]


def pseudowords_each(
    model: Model,
    words: Sequence[str],
    among: Sequence[str] | None = None,
    *,
    count: int = 10,
    candidates: int = 1000,
    seed: int = 0,
    out: str | Path = "runs",
) -> list[Pseudowords]:
    """Return the result of `pseudowords` for each of several words. The list is read once.

    Raises:
        SettingError, VocabularyError, SamplingError, ListError: as `pseudowords`.
    """
    if not 1 <= count <= candidates:
        raise SettingError(
            f"count = {count}, candidates = {candidates}: ask for 1 word or more, and at least as many candidates"
        )
    loaded, listed = _open(model, among, Path(out))
    lexicon = Lexicon(listed)
    bases = _measure(loaded, _clean_words(words), lexicon)
    return [_resembling(loaded, bases.take(np.array([i])), lexicon, count, candidates, seed) for i in range(len(bases))]


def match(
    model: Model,
    lists: Mapping[str, Sequence[str]],
    among: Sequence[str] | None = None,
    *,
    count: int,
    on: Sequence[str] = COLUMNS,
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
    if unknown := next((column for column in on if column not in COLUMNS), None):
        raise SettingError(
            f"no column is called '{unknown}': there are {', '.join(COLUMNS)}{did_you_mean(unknown, COLUMNS)}"
        )
    if not on:
        raise SettingError(f"no column to match on: choose among {', '.join(COLUMNS)}")
    loaded, listed = _open(model, among, Path(out))
    distinct = _distinct_words(lists)
    lexicon = Lexicon(listed)
    tables = [_measure(loaded, words, lexicon) for words in distinct.values()]
    used = [COLUMNS.index(column) for column in dict.fromkeys(on)]
    matched: Matched = match_sets([table.values[:, used] for table in tables], count)
    sets = [table.take(matched.sets[:, i]) for i, table in enumerate(tables)]
    return MatchedWords(
        list(distinct),
        [COLUMNS[c] for c in used],
        sets,
        matched.distances,
        balance([table.values for table in tables]),
        balance([table.values for table in sets]),
    )


def _open(model: Model, words: Sequence[str] | None, out: Path) -> tuple[LanguageModel, list[str]]:
    """Return the model, and the distinct words of the given list or of the list that it learned from."""
    run = None if isinstance(model, LanguageModel) else run_of(model, out)
    loaded = model if isinstance(model, LanguageModel) else open_model(model, out)
    if loaded.form != "lines":
        raise SettingError("a model of words is needed: this is a model of running text")
    listed = list(dict.fromkeys(map(clean, list_of(loaded, run).words if words is None else words)))
    listed = [word for word in listed if word]
    if not listed:
        raise ListError("the list to compare with is empty: give at least one word")
    return loaded, listed


def _clean_words(words: Sequence[str]) -> list[str]:
    if isinstance(words, str):
        raise ListError(f"the words came as one string: give a list of words, as [{words[:40]!r}]")
    cleaned = [clean(word) for word in words]
    if not cleaned:
        raise ListError("no words: give at least one")
    if "" in cleaned:
        raise ListError("one of the words is empty: give it a character or more")
    return cleaned


def _distinct_words(lists: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the distinct words of each list; refuse a word that is in two lists."""
    distinct = {name: list(dict.fromkeys(_clean_words(words))) for name, words in lists.items()}
    list_of_word: dict[str, str] = {}
    for name, words in distinct.items():
        for word in words:
            if list_of_word.setdefault(word, name) != name:
                raise ListError(
                    f"{word!r} stands in '{list_of_word[word]}' and in '{name}': take it out of one of them"
                )
    return distinct


def _measure(model: LanguageModel, words: list[str], lexicon: Lexicon) -> Measures:
    nats, characters = model.losses(words)
    return lexicon.measure(words, nats / characters / log(2))


def _resembling(
    model: LanguageModel, base: Measures, lexicon: Lexicon, count: int, candidates: int, seed: int
) -> Pseudowords:
    (word,) = base.words
    excluded = {word, *lexicon.words}
    made = [each for each in _sample(model, candidates, len(word), seed) if each not in excluded]
    if len(made) < count:
        raise SamplingError(
            f"the model makes only {len(made):,} new words as long as {word!r}: ask for fewer, or give more candidates",
            made,
        )
    table = _measure(model, made, lexicon)
    distance = distances(table.values, base.values, spread(table.values))
    order = np.argsort(distance, kind="stable")[:count]
    return Pseudowords(base, table.take(order), distance[order], len(made))


def _sample(model: LanguageModel, count: int, length: int, seed: int) -> list[str]:
    """Return up to `count` new words of this length."""
    try:
        return model.sample(count, min_length=length, max_length=length, seed=seed)
    except SamplingError as error:
        return error.found
