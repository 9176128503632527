"""What psycholinguists and name makers call: similar words, pseudowords, lexical measures, matched sets.

All compare with a list of words: the one that the model learned from, or another that is given. NumPy alone is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

__all__ = ["By", "MatchedWords", "Pseudowords", "Similar", "match", "measure", "pseudowords", "similar", "similar_each"]

By: TypeAlias = Literal["embedding", "edits"]
"""What makes words similar: the cosine of their embeddings, or how few edits lead from one to the other."""

Model: TypeAlias = LanguageModel | str | Path


@dataclass(frozen=True)
class Similar:
    """A word of a list, and how near it is: `edits` (Levenshtein), `cosine` None where no embedding was asked for."""

    word: str
    cosine: float | None
    edits: int


@dataclass(frozen=True)
class Pseudowords:
    """New words in the manner of `base`, the closest first.

    `base` holds one word. `distances` [words] are root mean squares, over the columns that vary among the candidates,
    of the differences from the base in standard deviations of the candidates. `candidates` were chosen among.
    """

    base: Measures
    found: Measures
    distances: Float[NDArray[Any], " words"]
    candidates: int


@dataclass(frozen=True)
class MatchedWords:
    """Sets of words, one from each list, the closest first, and how alike the lists were `before` and are `after`.

    `sets[l]` holds the words of list l, one for each set; `before[l][c]` and `after[l][c]` are of column `COLUMNS[c]`.
    `distances` are the largest between two words of a set (see `match_sets`).
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
    """Return the words of a list that are most similar to a word, which need not be in it and is never among them.

    Args:
        model: a run, a model folder or `"latest"` of the runs in `out`; or a model at hand.
        word: the word to compare with.
        words: the list; by default the one that the model learned from, found as in `audit`.
        by: "embedding", by the cosine of vectors of whole words (see `embed_words`), or "edits". Of equally similar
            ones the first listed comes first.
        embed: the "mean" of a recurrent network's states, or the "last".
        count: how many; all, where the list has fewer.

    Raises:
        SettingError: a kind without embeddings, a model of running text, a list that is not known and not given.
        VocabularyError: by embedding, an unknown character, in the word or in the list.
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
    """Return what `similar` does for each of several words; the list is read once.

    Raises:
        SettingError, VocabularyError, ListError: as `similar`.
    """
    if count < 1:
        raise SettingError(f"count = {count}: ask for 1 word or more")
    loaded, listed = _opened(model, words, Path(out))
    queries = _cleaned(queries)
    vectors = embed_words(loaded, [*queries, *listed], embed) if by == "embedding" else None
    found = []
    for i, query in enumerate(queries):
        apart = edits(query, listed)
        likeness = None if vectors is None else cosines(vectors[len(queries) :], vectors[i])
        order = np.argsort(apart if likeness is None else -likeness, kind="stable")
        others = [int(at) for at in order[: count + 1] if listed[at] != query][:count]
        found.append(
            [Similar(listed[at], None if likeness is None else float(likeness[at]), int(apart[at])) for at in others]
        )
    return found


def measure(
    model: Model, words: Sequence[str], among: Sequence[str] | None = None, *, out: str | Path = "runs"
) -> Measures:
    """Return the lexical measures of words: length, OLD20, Coltheart's N, n-gram frequencies, surprisal.

    Args:
        model: as in `similar`; it gives the surprisal.
        words: what is measured; none need be in the list.
        among: the list that they are measured against; by default the one that the model learned from.

    Raises:
        SettingError: a model of running text, or a list that is not known and not given.
        VocabularyError: an unknown character.
        ListError: no words, or a list without two different words.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "otto"]
    >>> model = morelike.train(words, kind="ngram")
    >>> (enna,) = morelike.measure(model, ["enna"], words).rows()
    >>> enna["length"], enna["old20"], enna["neighbours"]  # of four: anna 1, hanna 2, anne 2, hannah 3
    (4, 2.0, 1)
    """
    loaded, listed = _opened(model, among, Path(out))
    return _measured(loaded, _cleaned(words), Lexicon(listed))


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
    """Return new words in the manner of a word: as long, and as near as can be in all other measures.

    The model makes candidates of the word's length, none in its list nor in `among`; those stay whose standardised
    distance from the word is least.

    Args:
        model, among: as in `measure`.
        word: the word to match; it need not be in the list.
        count: how many.
        candidates: among how many the closest are chosen.
        seed: the same seed gives the same words.

    Raises:
        SettingError: as `measure`, or fewer candidates than words asked for.
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
    """Return what `pseudowords` does for each of several words; the list is read once.

    Raises:
        SettingError, VocabularyError, SamplingError, ListError: as `pseudowords`.
    """
    if not 1 <= count <= candidates:
        raise SettingError(f"count = {count} of candidates = {candidates}: ask for 1 word or more, of at least as many")
    loaded, listed = _opened(model, among, Path(out))
    lexicon = Lexicon(listed)
    bases = _measured(loaded, _cleaned(words), lexicon)
    return [
        _in_the_manner_of(loaded, bases.take(np.array([i])), lexicon, count, candidates, seed)
        for i in range(len(bases))
    ]


def match(
    model: Model,
    lists: Mapping[str, Sequence[str]],
    among: Sequence[str] | None = None,
    *,
    count: int,
    on: Sequence[str] = COLUMNS,
    out: str | Path = "runs",
) -> MatchedWords:
    """Return sets of words, one from each list, that are matched on lexical measures.

    Args:
        model, among: as in `measure`.
        lists: two or more lists of words by name, each word in one of them only.
        count: how many sets.
        on: the columns to match on, all of equal weight; all are reported.

    Raises:
        SettingError: as `measure`; too few lists, no such column, or more sets than can be matched.
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
    loaded, listed = _opened(model, among, Path(out))
    own = _apart(lists)
    lexicon = Lexicon(listed)
    tables = [_measured(loaded, words, lexicon) for words in own.values()]
    used = [COLUMNS.index(column) for column in dict.fromkeys(on)]
    found: Matched = match_sets([table.values[:, used] for table in tables], count)
    sets = [table.take(found.sets[:, i]) for i, table in enumerate(tables)]
    return MatchedWords(
        list(own),
        [COLUMNS[c] for c in used],
        sets,
        found.distances,
        balance([table.values for table in tables]),
        balance([table.values for table in sets]),
    )


def _opened(model: Model, words: Sequence[str] | None, out: Path) -> tuple[LanguageModel, list[str]]:
    """Return the model, and the different words of the list that is given or that it learned from."""
    loaded = open_model(model, out)
    if loaded.form != "lines":
        raise SettingError("a model of running text knows no words: this takes a model of a list")
    listed = list(dict.fromkeys(map(clean, list_of(loaded, run_of(model, out)).words if words is None else words)))
    listed = [word for word in listed if word]
    if not listed:
        raise ListError("the list to compare with is empty: give at least one word")
    return loaded, listed


def _cleaned(words: Sequence[str]) -> list[str]:
    if isinstance(words, str):
        raise ListError(f"the words came as one string: give a list of words, as [{words[:40]!r}]")
    cleaned = [clean(word) for word in words]
    if not cleaned:
        raise ListError("no words: give at least one")
    if "" in cleaned:
        raise ListError("one of the words is empty: give it a character or more")
    return cleaned


def _apart(lists: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the different words of each list; no word is in two."""
    own = {name: list(dict.fromkeys(_cleaned(words))) for name, words in lists.items()}
    home: dict[str, str] = {}
    for name, words in own.items():
        for word in words:
            if home.setdefault(word, name) != name:
                raise ListError(f"{word!r} stands in '{home[word]}' and in '{name}': take it out of one of them")
    return own


def _measured(model: LanguageModel, words: list[str], lexicon: Lexicon) -> Measures:
    nats, characters = model.losses(words)
    return lexicon.measure(words, nats / characters / log(2))


def _in_the_manner_of(
    model: LanguageModel, base: Measures, lexicon: Lexicon, count: int, candidates: int, seed: int
) -> Pseudowords:
    (word,) = base.words
    made = _made(lambda: model.sample(candidates, min_length=len(word), max_length=len(word), seed=seed))
    listed = {word, *lexicon.words}
    made = [each for each in made if each not in listed]
    if len(made) < count:
        raise SamplingError(
            f"the model makes only {len(made):,} new words as long as {word!r}: ask for fewer, or give more candidates",
            made,
        )
    table = _measured(model, made, lexicon)
    away = distances(table.values, base.values, spread(table.values))
    order = np.argsort(away, kind="stable")[:count]
    return Pseudowords(base, table.take(order), away[order], len(made))


def _made(sample: Callable[[], list[str]]) -> list[str]:
    """Return the words of a sample, of one that ran out those that were made."""
    try:
        return sample()
    except SamplingError as error:
        return error.found
