"""Pseudowords: new words that resemble a given word in its length, its shape and all lexical measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.errors import SamplingError, SettingError, excerpt
from morelike.evaluation.lexical import Lexicon, Measures
from morelike.evaluation.matching import distances, spread
from morelike.language_model.model import LanguageModel
from morelike.sampling.constraints.settings import DEFAULT_MAX_LENGTH, Constraints
from morelike.sampling.settings import takes_settings
from morelike.text.words import Words, check_word
from morelike.workflows.stimuli.words import Model, clean_words, measure_words, open_with_list


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


@takes_settings(Constraints)
def pseudowords(
    model: Model,
    word: str,
    among: Words | None = None,
    *,
    count: int = 10,
    candidates: int = 1000,
    seed: int = 0,
    out: str | Path = "runs",
    **constraints: Any,
) -> Pseudowords:
    """Return new words that resemble a word: of the same length and shape, and close to it in all other measures.

    The model makes candidates of the word's length that are neither in its list nor in `among`. They have letters where
    the word has letters, capitals where it has capitals, digits where it has digits, and its other characters in the
    same places. The candidates with the smallest standardised distance from the word are returned.

    Args:
        model, among: as in `measure`.
        word: the word to match; it need not be in the list.
        count: the number of words.
        candidates: the number of words that the model makes, from which the closest are chosen.
        seed: the same seed gives the same words.
        {settings}

    Raises:
        SettingError: as `measure`, fewer candidates than words, a word of more than 100 characters, or a constraint
            that does not fit the word's length.
        VocabularyError: an unknown character.
        SamplingError: the model makes too few words of this length, or no word satisfies the constraints.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
    >>> model = morelike.train(words, kind="ngram", order=3)
    >>> made = morelike.pseudowords(model, "anna", words, count=3, candidates=20)
    >>> [len(word) for word in made.found.words], set(made.found.words) & set(words)
    ([4, 4, 4], set())
    """
    return pseudowords_each(
        model, [check_word(word)], among, count=count, candidates=candidates, seed=seed, out=out, **constraints
    )[0]


@takes_settings(Constraints)
def pseudowords_each(
    model: Model,
    words: Words,
    among: Words | None = None,
    *,
    count: int = 10,
    candidates: int = 1000,
    seed: int = 0,
    out: str | Path = "runs",
    **constraints: Any,
) -> list[Pseudowords]:
    """Return the result of `pseudowords` for each of several words. The list is read once.

    Raises:
        SettingError, VocabularyError, SamplingError, ListError: as `pseudowords`.
    """
    if not 1 <= count <= candidates:
        raise SettingError(
            f"count = {count}, candidates = {candidates}: ask for 1 word or more, and at least as many candidates"
        )
    given = Constraints.of(**constraints)
    cleaned = clean_words(words)
    fitted = [_fitted(given, word) for word in cleaned]
    loaded, listed = open_with_list(model, among, Path(out))
    lexicon = Lexicon(listed)
    bases = measure_words(loaded, cleaned, lexicon)
    return [
        _resembling(loaded, bases.take(np.array([i])), lexicon, count, candidates, seed, each)
        for i, each in enumerate(fitted)
    ]


def _fitted(constraints: Constraints, word: str) -> Constraints:
    """Return the constraints with the length of a word and, unless a shape is given, with its shape.

    Raises:
        SettingError: the word is too long, or the given limits exclude its length.
    """
    if len(word) > DEFAULT_MAX_LENGTH:
        raise SettingError(
            f"pseudowords resemble a word of up to {DEFAULT_MAX_LENGTH} characters, and {excerpt(word)} has "
            f"{len(word):,}: give a shorter word"
        )
    limits = constraints.model_dump(include={"min_length", "max_length"}, exclude_defaults=True)
    if not limits.get("min_length", 0) <= len(word) <= limits.get("max_length", len(word)):
        given = " and ".join(f"{name} = {value}" for name, value in limits.items())
        raise SettingError(
            f"pseudowords have the length of their word, and {excerpt(word)} has {len(word)}: leave out {given}"
        )
    return constraints.model_copy(
        update={"min_length": len(word), "max_length": len(word), "shape": constraints.shape or word}
    )


def _resembling(
    model: LanguageModel,
    base: Measures,
    lexicon: Lexicon,
    count: int,
    candidates: int,
    seed: int,
    constraints: Constraints,
) -> Pseudowords:
    (word,) = base.words
    made = _sample(model, candidates, [word, *lexicon.words], seed, constraints)
    if len(made) < count:
        raise SamplingError(
            f"the model makes only {len(made):,} new words with the length and the shape of {excerpt(word)}: "
            "ask for fewer, give more candidates, or drop a constraint",
            made,
        )
    table = measure_words(model, made, lexicon)
    distance = distances(table.values, base.values, spread(table.values))
    order = np.argsort(distance, kind="stable")[:count]
    return Pseudowords(base, table.take(order), distance[order], len(made))


def _sample(
    model: LanguageModel, count: int, excluded: Sequence[str], seed: int, constraints: Constraints
) -> list[str]:
    """Return up to `count` new words that satisfy the constraints, and at least one.

    Raises:
        SamplingError: there is none.
    """
    try:
        return model.sample(count, not_in=excluded, seed=seed, **constraints.model_dump())
    except SamplingError as error:
        if not error.found:
            raise
        return error.found
