"""The memory meter: how much of its list a model has memorised, and how many guesses it needs for a word."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from morelike.errors import SettingError
from morelike.language_model.guess_numbers import Guesser
from morelike.panels.look import Look
from morelike.panels.plain import MOST_CHARACTERS, rounded, shortened
from morelike.workflows.memorisation import audit

MOST_LINES = 100_000
"""Words of a list whose probabilities are computed at a look."""

MOST_SAMPLES = 10_000


def memory(
    look: Look,
    *,
    word: Annotated[
        str, Field(max_length=MOST_CHARACTERS, description="a word whose guess number is estimated; without it none is")
    ] = "",
    samples: Annotated[int, Field(ge=2, le=MOST_SAMPLES, description="the number of samples")] = 1000,
    seed: Annotated[int, Field(ge=0, le=2**32, description="the same seed gives the same samples")] = 0,
) -> dict[str, Any]:
    """Return the share of copied words, the gap between words of train and of test, and the guess number of a word.

    `copied` is the share of the samples that are words of train, with its 95 % interval; `expected` is the share by
    the exact probabilities. The `gap` says how many times as probable a word of train typically is as an unseen word;
    None if no word is held out. These are the figures of `morelike audit` and `morelike guess`.

    Raises:
        VocabularyError: an unknown character of the word.
        SettingError: a model of running text, or a list of more than 100,000 words.
        SamplingError: the words of the model have no end yet.
    """
    corpus = look.background.plan.corpus
    if len(corpus.words) > MOST_LINES:
        raise SettingError(
            f"the list has {len(corpus.words):,} words: memory is measured at a look for {MOST_LINES:,} at "
            "most, and by `morelike audit` for any list"
        )
    found = audit(look.model, corpus, None, count=samples, seed=seed)
    shown, note = shortened(look.model, word)
    guessed = Guesser.of(look.model, samples, seed).guess([shown])[0].as_dict() if shown else None
    train = found.shares[0]
    return {
        "samples": found.samples,
        "copied": rounded(train.found),
        "interval": rounded(train.interval),
        "expected": rounded(train.expected),
        "new": rounded(found.new),
        "shares": rounded([asdict(share) for share in found.shares]),
        "gap": rounded(asdict(found.gap)) if found.gap else None,
        "reading": found.reading,
        "word": rounded(guessed),
        "note": note,
    }
