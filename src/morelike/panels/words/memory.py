"""The memory meter: how much of its list a model has memorised, and how many guesses it needs for a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from morelike.arrays import random_generator
from morelike.errors import SettingError
from morelike.evaluation.intervals import binomial_interval
from morelike.evaluation.memorisation import audit
from morelike.language_model.guess_numbers import Guesser
from morelike.panels.look import Look
from morelike.panels.plain import MOST_CHARACTERS, require_words, rounded, shortened
from morelike.text.splits import Split
from morelike.workflows.memorisation import sample_log_probability, unfiltered_samples

MOST_LINES, LONGEST_LINE = 100_000, 500
"""Words of a list that is read at a look, and characters of the longest of them."""

LARGEST_ALPHABET = 1000
"""Symbols up to which samples take seconds, even of a model that has learned nothing."""

QUICKLY = 500
"""Words of each split whose probabilities are computed, unless the whole list is asked for."""

MOST_SAMPLES = 10_000


def memory(
    look: Look,
    *,
    word: Annotated[
        str, Field(max_length=MOST_CHARACTERS, description="a word whose guess number is estimated; without it none is")
    ] = "",
    samples: Annotated[int, Field(ge=2, le=MOST_SAMPLES, description="the number of samples")] = 500,
    seed: Annotated[int, Field(ge=0, le=2**32, description="the same seed gives the same samples")] = 0,
    full: Annotated[bool, Field(description="whether the probabilities of all words of the list are computed")] = False,
) -> dict[str, Any]:
    """Return the share of copied words, the gap between words of train and of test, and the guess number of a word.

    `copied` is the share of the samples that are words of train, with its 95 % interval. The `gap` says how many times
    as probable a word of train typically is as an unseen word; None if no word is held out. It is measured on 500
    words of each split, or with `full` on all. `expected` is the share by the exact probabilities, None unless all
    words are measured. With `full` the figures are those of `morelike audit`; `word` has those of `morelike guess`.

    Raises:
        VocabularyError: an unknown character of the word.
        SettingError: a model of running text, or a list of more than 100,000 words, with a word of more than 500
            characters, or with more than 1,000 symbols.
        SamplingError: the words of the model have no end yet.
    """
    require_words(look.model)
    model, splits = look.model, look.background.splits
    listed = look.background.plan.corpus.words
    if (symbols := model.vocabulary.size) > LARGEST_ALPHABET:
        raise SettingError(
            f"the list has {symbols:,} symbols: memory is measured at a look for {LARGEST_ALPHABET:,} at most, and by "
            "`morelike audit` for any list"
        )
    if len(listed) > MOST_LINES:
        raise SettingError(
            f"the list has {len(listed):,} words: memory is measured at a look for {MOST_LINES:,} at most, and by "
            "`morelike audit` for any list"
        )
    if (longest := max(map(len, listed))) > LONGEST_LINE:
        raise SettingError(
            f"the list has a word of {longest:,} characters: memory is measured at a look for words of "
            f"{LONGEST_LINE:,} at most, and by `morelike audit` for any list"
        )
    shown, shortening = shortened(model, word)
    model.vocabulary.encode(shown)  # an unknown character is an error before the long work
    sampled = unfiltered_samples(model, listed, samples, seed)
    measured = splits if full else thinned(splits)
    found = audit(sampled, measured, sample_log_probability(model))
    origins = Counter(model.known.splits_of(sampled))
    thinning = f"the gap is measured on {QUICKLY:,} words of a split at most" if measured is not splits else None
    return {
        "samples": samples,
        "copied": rounded(origins["train"] / samples),
        "interval": rounded(binomial_interval(origins["train"], samples)),
        "expected": None if thinning else rounded(found.shares[0].expected),
        "shares": {part: rounded(origins[part] / samples) for part in (*splits.parts, "new")},
        "gap": rounded(asdict(found.gap)) if found.gap else None,
        "reading": found.reading,
        "word": rounded(Guesser.from_samples(model, sampled).guess([shown])[0].as_dict()) if shown else None,
        "note": "; ".join(filter(None, (shortening, thinning))) or None,
    }


def thinned(splits: Split) -> Split:
    """Return a split with 500 words of each part at most, drawn at random among the words that occur once."""
    if all(len(words) <= QUICKLY for words in splits.parts.values()):
        return splits
    counts = Counter(word for words in splits.parts.values() for word in words)
    train, dev, test = (_drawn(words, counts) for words in (splits.train, splits.dev, splits.test))
    return Split(splits.name, train, dev, test)


def _drawn(words: Sequence[str], counts: Counter[str]) -> list[str]:
    once = [word for word in words if counts[word] == 1]
    return [once[i] for i in random_generator(0).permutation(len(once))[:QUICKLY].tolist()]
