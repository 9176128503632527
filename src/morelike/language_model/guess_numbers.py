"""Guess numbers of words under a model of words of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morelike.errors import SettingError
from morelike.evaluation.guesses import GuessNumber, Ranking
from morelike.language_model.encoding import UnknownPolicy
from morelike.language_model.model import LanguageModel
from morelike.text.words import Words, check_words

MAX_LENGTH = 1000
"""Greatest number of characters of a sample; longer words have no weight in an estimate."""


@dataclass(frozen=True)
class Guesser:
    """A model with samples from it; it computes guess numbers of any number of words."""

    model: LanguageModel
    ranking: Ranking
    log_nonempty: float

    @classmethod
    def of(cls, model: LanguageModel, samples: int = 10_000, seed: int = 0) -> Guesser:
        """Return a guesser from a number of unfiltered samples of the model.

        Raises:
            SettingError: a model of running text, or fewer than two samples.
            SamplingError: the words of the model have no end.
        """
        if model.form != "lines":
            raise SettingError("a model of running text has no words, so there is no guess number")
        if samples < 2:
            raise SettingError(f"samples = {samples}: a guess number is estimated from two samples or more")
        return cls.from_samples(
            model, model.sample(samples, novel=False, unique=False, max_length=MAX_LENGTH, seed=seed)
        )

    @classmethod
    def from_samples(cls, model: LanguageModel, sampled: Sequence[str]) -> Guesser:
        """Return a guesser from words that were sampled from the model, copied and repeated ones too."""
        log_nonempty = float(np.log1p(-model.next("")[""]))  # no sample is empty: the other words share its probability
        distinct = list(dict.fromkeys(sampled))
        log_p = dict(zip(distinct, model.log_probability(distinct).tolist(), strict=True))
        return cls(model, Ranking.of(sampled, np.array([log_p[word] for word in sampled]) - log_nonempty), log_nonempty)

    def guess(self, words: Words, unknown: UnknownPolicy = "error") -> list[GuessNumber]:
        """Return the guess number of each word.

        With `unknown="skip"` unknown characters are left out, but those of a word that has no others are reserved.

        Raises:
            SettingError: an empty word.
            VocabularyError: an unknown character, under `unknown="error"`; the model never guesses such a word.
        """
        words = check_words(words)
        if "" in words:
            raise SettingError("an empty word has no guess number: a model never guesses it")
        log_p = self.model.log_probability(words, unknown=unknown)
        if unknown == "skip":
            nothing_left = [not self.model.vocabulary.drop_unknown(word) for word in words]
            log_p = np.where(nothing_left, self.model.log_probability(words, unknown="reserve"), log_p)
        return self.ranking.of_words(words, log_p - self.log_nonempty)


def guess_number(model: LanguageModel, words: Words, *, samples: int = 10_000, seed: int = 0) -> list[GuessNumber]:
    """Return how many words the model would guess before each word, with 95 % intervals, also in bits.

    A model guesses the most probable word first. The number of more probable words is estimated by Monte Carlo
    (Dell'Amico and Filippone 2015).

    Args:
        model: a model of words, of any kind; mixtures too.
        words: one or more words.
        samples: the number of samples for the estimate; the interval narrows with its square root.
        seed: the seed of the samples.

    Raises:
        SettingError: a model of running text, an empty word, or fewer than two samples.
        VocabularyError: an unknown character.
        SamplingError: the words of the model have no end.

    >>> import morelike
    >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
    >>> anna, hhhh = guess_number(model, ["anna", "hhhh"], samples=1000)
    >>> anna.guesses < 10 < 100 < hhhh.guesses
    True
    """
    words = check_words(words)
    return Guesser.of(model, samples, seed).guess(words)
