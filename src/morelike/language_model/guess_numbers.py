"""The guess numbers of words under a model of words, of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morelike.errors import SettingError
from morelike.evaluation.guesses import GuessNumber, Ranking
from morelike.language_model.model import LanguageModel
from morelike.text.words import clean

__all__ = ["Guesser", "guess_number"]

LONGEST = 1000
"""Characters that a sample may have: what a model makes beyond has no weight in any estimate."""


@dataclass(frozen=True)
class Guesser:
    """A model with samples of it, ready for any number of words."""

    model: LanguageModel
    ranking: Ranking
    log_made: float

    @classmethod
    def of(cls, model: LanguageModel, samples: int = 10_000, seed: int = 0) -> Guesser:
        """Return a guesser from so many words that the model makes, unfiltered.

        Raises:
            SettingError: a model of running text, or fewer than two samples.
            SamplingError: the model makes words without end.
        """
        if model.form != "lines":
            raise SettingError("a model of running text makes no words, so none is guessed before another")
        if samples < 2:
            raise SettingError(f"samples = {samples}: a guess number is estimated from two samples or more")
        made = model.sample(samples, novel=False, unique=False, max_length=LONGEST, seed=seed)
        log_made = float(np.log1p(-model.next("")[""]))  # no sample is the empty word: the others share what it has
        distinct = list(dict.fromkeys(made))
        log_p = dict(zip(distinct, model.log_probability(distinct).tolist(), strict=True))
        return cls(model, Ranking.of(made, np.array([log_p[word] for word in made]) - log_made), log_made)

    def guess(self, words: Sequence[str]) -> list[GuessNumber]:
        """Return the guess number of each word.

        Raises:
            SettingError: an empty word.
            VocabularyError: an unknown character: the model never makes the word, however long it guesses.
        """
        words = [clean(word) for word in words]
        if "" in words:
            raise SettingError("an empty word has no guess number: a model never makes it")
        return self.ranking.of_words(words, self.model.log_probability(words) - self.log_made)


def guess_number(
    model: LanguageModel, words: Sequence[str], *, samples: int = 10_000, seed: int = 0
) -> list[GuessNumber]:
    """Return how many words the model would guess before each of these, with 95 % intervals, also in bits.

    Words are guessed from the most probable down; what is counted are those before it, by Monte Carlo (Dell'Amico and
    Filippone 2015).

    Args:
        model: a model of words, of any kind; mixtures too.
        words: one or more.
        samples: words that the model makes for the estimate; the interval narrows with their square root.
        seed: of the samples.

    Raises:
        SettingError: a model of running text, an empty word, or fewer than two samples.
        VocabularyError: an unknown character.
        SamplingError: the model makes words without end.

    >>> import morelike
    >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
    >>> anna, hhhh = guess_number(model, ["anna", "hhhh"], samples=1000)
    >>> anna.guesses < 10 < 100 < hhhh.guesses
    True
    """
    return Guesser.of(model, samples, seed).guess(words)
