"""The language model of the public interface: sampling, scoring, evaluation and inspection, with NumPy alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int, softmax, take
from morelike.errors import SettingError
from morelike.evaluation.loss import Evaluation
from morelike.language_model import scoring
from morelike.language_model.encoding import UnknownPolicy, context_tokens, normalized
from morelike.language_model.open_model import OpenModel
from morelike.language_model.sample_settings import Novelty, SampleSettings
from morelike.language_model.sampling.words import sample_words, write_text
from morelike.language_model.sampling_report import SamplingReport
from morelike.renamed_settings import accept_old_names
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.sampling.search import SearchProgress
from morelike.sampling.settings import takes_settings
from morelike.text.count_weights import CountWeighting
from morelike.text.words import WordCounts, WordLabels, Words, check_labels, check_words


@dataclass(frozen=True, repr=False)
class LanguageModel(OpenModel):
    """A model: it samples, scores and evaluates. `ModelBase` holds its data, `OpenModel` shows what it computes.

    >>> import morelike
    >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="bigram", steps=1)
    >>> model
    LanguageModel(kind='bigram', list='words', parameters=25, characters=4)
    >>> model.next("ann")  # doctest: +ELLIPSIS
    {...}
    >>> float(sum(model.next("ann").values()).__round__(6))
    1.0
    """

    @takes_settings(SamplingConfig, Constraints, Novelty)
    def sample(
        self,
        count: int | None = None,
        *,
        not_in: Words = (),
        far_from: Words = (),
        label: str | None = None,
        seed: int | None = 0,
        on_report: Callable[[SamplingReport], None] | None = None,
        **settings: Any,
    ) -> list[str]:
        """Return words sampled from the model.

        Args:
            count: how many words; by default 20, or 1 if the most probable character is always taken.
            not_in: words that are not wanted; `novel_ignoring` says in which differences they are not wanted either.
            far_from: words from which each word is at least `edits` edits away.
            label: the label of the words, for a model with labels; by default each word draws one, by its share of
                train.
            seed: the same seed gives the same words; None gives other words each time.
            on_report: a function that receives the report on how the words were sampled.
            {settings}

        Raises:
            SettingError: an unknown setting, or an invalid value.
            VocabularyError: a constraint with unknown characters.
            SamplingError: no word satisfies the constraints, or there are too few; the error's `found` attribute holds
                the words so far.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> words = model.sample(3, prefix="an", max_length=9)
        >>> [word.startswith("an") and word not in ("anna", "anne") for word in words]
        [True, True, True]
        """
        on_report = settings.pop("on_account", on_report)  # the parameter's former name
        given = SampleSettings.of(**settings)
        words, report = sample_words(
            self.conditioned_on(label),
            given.default_count if count is None else count,
            given,
            not_in=[word for word in check_words(not_in, name="not_in") if word],
            far_from=[word for word in check_words(far_from, name="far_from") if word],
            seed=seed,
        )
        if on_report:
            on_report(report)
        return words

    @takes_settings(Constraints)
    def top(
        self,
        count: int | None = 100,
        *,
        least: float = 0.0,
        novel: bool = False,
        label: str | None = None,
        on_progress: Callable[[SearchProgress], None] | None = None,
        **constraints: Any,
    ) -> Iterator[tuple[str, float, bool]]:
        """Yield the most probable words in order: word, ln p (nats), and whether the order is proven so far.

        Best-first search finds them exactly. If memory cannot hold all open prefixes, the least probable are discarded,
        and words that may be out of order are not proven. Rare constraints are found by look-ahead, as in `sample`; if
        it is approximate, its words are not proven.

        Args:
            count: how many words at most, None for all.
            least: the least probability of a word.
            novel: only words that are in none of train, dev and test.
            label: the label of the words, for a model with labels.
            on_progress: a function that receives the progress of the search, several times a second.
            {settings}

        Raises:
            SettingError, VocabularyError, SamplingError: as `sample` does; also neither a count nor a least
                probability. A SamplingError comes after the last word if the search ended before `count` words.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> word, nats, proven = next(model.top(1, suffix="na"))
        >>> word, proven
        ('anna', True)
        """
        from morelike.language_model.sampling.ranking import most_probable_words  # its import is slow, seldom needed

        settings = SampleSettings.of(novel=novel, **Constraints.of(**constraints).model_dump())
        return most_probable_words(self.conditioned_on(label), count, settings, least=least, on_progress=on_progress)

    @takes_settings(SamplingConfig)
    def write(self, characters: int = 500, *, prefix: str = "", seed: int | None = 0, **settings: Any) -> str:
        """Return a prefix and the text after it, for a model of running text.

        Without a prefix the text begins after a line end; if the model knows no line end, after its first character.

        Args:
            characters: how many characters after the prefix.
            prefix: how the text begins.
            seed: the same seed gives the same text; None gives another text each time.
            {settings}

        Raises:
            SettingError: an unknown setting, an invalid value, or a model of words.
            VocabularyError: a prefix with unknown characters.

        >>> import morelike
        >>> model = morelike.train("abcabcabcabcabc", kind="ngram", form="text", split="none", order=3)
        >>> model.write(6, prefix="ab", greedy=True)
        'abcabcab'
        """
        return write_text(self, prefix, characters, SamplingConfig.of(**settings), seed)

    def log_probability(
        self, words: Words, *, label: str | None = None, unknown: UnknownPolicy = "error"
    ) -> Float[NDArray[np.float64], " words"]:
        """Return ln p of each word (nats, its end included), under a label if one is given.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            SettingError: a label that the model does not have.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> anna, nnaa = model.log_probability(["anna", "nnaa"])
        >>> bool(anna > nnaa)
        True
        """
        losses, _ = self.conditioned_on(label).losses(words, unknown=unknown)
        return -losses

    def label_probabilities(
        self, words: Words, *, unknown: UnknownPolicy = "error"
    ) -> Float[NDArray[np.float64], "words labels"]:
        """Return p(label | word) of each word for each of `labels`, in their order; each row sums to 1 (Bayes).

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            SettingError: the model has no labels.

        >>> import morelike
        >>> words, labels = ["anna", "hanna", "bob", "rob"], ["girl", "girl", "boy", "boy"]
        >>> model = morelike.train(words, labels=labels, kind="ngram")
        >>> boy, girl = model.label_probabilities(["hannah"])[0]
        >>> bool(girl > 0.9)
        True
        """
        return scoring.label_probabilities(self, check_words(words, self.form), unknown)

    def losses(
        self, words: Words, *, unknown: UnknownPolicy = "error"
    ) -> tuple[Float[NDArray[np.float64], " words"], Int[NDArray[np.int64], " words"]]:
        """Return -ln p of each word (nats), and its number of counted characters, the end included.

        In a running text all characters count except the first, which has no context.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> nats, characters = model.losses(["anna", "hannah"])
        >>> characters.tolist()
        [5, 7]
        """
        return scoring.losses(self, check_words(words, self.form), unknown)

    def unit_losses(
        self, words: Words, *, labels: WordLabels | None = None, unknown: UnknownPolicy = "error"
    ) -> tuple[Float[NDArray[np.float64], " units"], Int[NDArray[np.int64], " units"]]:
        """Return -ln p (nats) and the number of characters of each unit that the bootstrap draws.

        The units of a list are its words; the units of a running text are stretches of 192 characters. `labels` holds
        the label of each word; a model without labels ignores them.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            SettingError: a label that the model does not have.
        """
        checked = check_words(words, self.form)
        labelled = None if labels is None else check_labels(labels, len(checked), self.form)
        return scoring.unit_losses(self, checked, unknown, labelled)

    def surprisal(self, word: str, *, unknown: UnknownPolicy = "error") -> Float[NDArray[np.float64], " characters"]:
        """Return -ln p of each character of a word and, last, of its end (nats).

        For a running text, return -ln p of each character except the first, and no end. With `unknown="skip"` an
        unknown character of a word has nan.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> model.surprisal("anna").shape
        (5,)
        """
        return scoring.surprisal(self, normalized(self.form, word), unknown)

    def next(self, prefix: str = "", *, label: str | None = None) -> dict[str, float]:
        """Return the probability of each next character, the most probable first; `""` is the end.

        Raises:
            VocabularyError: an unknown character.
            SettingError: a label that the model does not have.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> next(iter(model.next("han")))
        'n'
        """
        p = softmax(self.conditioned_on(label).logits(prefix).astype(np.float64))
        characters = ("", *self.vocabulary.characters)
        return {characters[i]: float(p[i]) for i in np.argsort(-p, kind="stable")}

    def logits(self, prefix: str = "") -> Float[NDArray[Any], " V"]:
        """Return the logits of the character after `prefix`, by id.

        Raises:
            VocabularyError: an unknown character.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> model.vocabulary.decode([int(model.logits("han").argmax())])
        'n'
        """
        architecture, weights = self.prepared
        state = architecture.start(weights, 1)
        for token in context_tokens(self.vocabulary, self.form, prefix):
            state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
        row: NDArray[Any] = logits[0]
        return row

    def embed(self, word: str) -> Float[NDArray[Any], "T E"]:
        """Return the embedding of each character of a word: the rows of C at its ids.

        Raises:
            SettingError: the model has no embedding.
            VocabularyError: an unknown character.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne"], kind="mlp", steps=1, embedding=2, hidden=4)
        >>> model.embed("anna").shape
        (4, 2)
        """
        if "C" not in self.weights:
            raise SettingError(f"a model of kind {self.architecture.kind} with these settings has no embedding C")
        rows: NDArray[Any] = take(
            self.weights["C"], np.array(self.vocabulary.encode(normalized(self.form, word)), dtype=int)
        )
        return rows

    @accept_old_names
    def evaluate(
        self,
        words: Words,
        *,
        counts: WordCounts | None = None,
        count_weighting: CountWeighting | None = None,
        labels: WordLabels | None = None,
        unknown: UnknownPolicy = "error",
        seed: int = 0,
    ) -> Evaluation:
        """Return the loss on words per character with its 95 % interval, and the loss on words that are not in train.

        If more than half of the words are in train, a `UserWarning` says so: the loss on learned words is too low.

        Args:
            words: one or more words, or passages of running text. A blank word is scored as the empty word.
            counts: how often each word was seen.
            count_weighting: how counts become weights, by default as in training.
            labels: the label of each word, `""` for none. A model with labels scores each word under its label, and
                returns the loss of each label too.
            unknown: the policy for unknown characters.
            seed: the seed of the interval's bootstrap.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            ListError: invalid words, counts or labels, or not a count or a label for each word.
            SettingError: no words, or a label that the model does not have.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> loss = model.evaluate(["hanne", "anna"])
        >>> loss.lines, loss.characters, loss.unseen.lines
        (2, 11, 1)
        """
        found = scoring.evaluated(self, words, counts, count_weighting, labels, unknown, seed)
        if note := found.learned_note:
            warnings.warn(note, UserWarning, stacklevel=3)
        return found
