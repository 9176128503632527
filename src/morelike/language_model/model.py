"""The language model that a user holds: sampling, scoring, evaluating and looking inside, on NumPy alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int, softmax, take
from morelike.errors import SettingError
from morelike.evaluation.loss import Evaluation
from morelike.language_model import scoring
from morelike.language_model.base import ModelBase
from morelike.language_model.encoding import Unknown, cleaned, fed
from morelike.language_model.sampling import Refusals, SamplingReport, make, most_probable_words, write_on
from morelike.renamed_settings import accept_old_names
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.text.count_weights import Counts, CountWeighting

__all__ = ["LanguageModel", "Unknown"]


@dataclass(frozen=True)
class LanguageModel(ModelBase):
    """A model that one can ask: what it holds are `ModelBase`.

    >>> import morelike
    >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
    >>> model.next("ann")  # doctest: +ELLIPSIS
    {...}
    >>> float(sum(model.next("ann").values()).__round__(6))
    1.0
    """

    def sample(
        self,
        count: int = 20,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        greedy: bool = False,
        prefix: str = "",
        suffix: str = "",
        contains: Sequence[str] = (),
        not_contains: Sequence[str] = (),
        regex: str = "",
        pattern: str = "",
        allowed: str = "",
        banned: str = "",
        similar: str = "",
        within: int = 2,
        min_length: int = 1,
        max_length: int = 100,
        novel: bool = True,
        unique: bool = True,
        not_in: Collection[str] = (),
        far_from: Sequence[str] = (),
        edits: int = 0,
        label: str | None = None,
        seed: int | None = 0,
        on_report: Callable[[SamplingReport], None] | None = None,
    ) -> list[str]:
        """Return words made by the model.

        Args:
            count: how many.
            temperature: below 1 safer, above 1 bolder; 0 is greedy.
            top_k: choose among the k most probable characters only.
            top_p: choose among the fewest characters that hold this share (Holtzman et al. 2020).
            min_p: leave out characters less probable than this share of the most probable (Nguyen et al. 2024).
            greedy: always the most probable character: one word.
            prefix: how each word begins.
            suffix: how each word ends.
            contains: what each word holds; all of them if several are given.
            not_contains: what no word holds.
            regex: an expression for the whole word, in the dialect of `sampling.constraints.regex`.
            pattern: a word with blanks, such as "_a__o": each _ is one character.
            allowed: the only characters that words are made of.
            banned: characters that no word holds.
            similar: a word that each one is within `within` edits of.
            within: edits from `similar`.
            min_length: characters that a word has at least.
            max_length: characters that a word has at most.
            novel: only words that are in none of train, dev and test.
            unique: no word twice.
            not_in: words that are not wanted.
            far_from: words from which each one is `edits` edits or more.
            edits: from the words of `far_from`.
            label: that of the words, of a model with labels; by default each try draws one, by its share of train.
            seed: the same seed gives the same words; None draws a fresh one.
            on_report: called with how the words were made, and how exact that is.

        Raises:
            SettingError: a setting that makes no sense.
            VocabularyError: a constraint with unknown characters.
            SamplingError: no word keeps the constraints, or they run out; its `found` attribute holds those made.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> words = model.sample(3, prefix="an", max_length=9)
        >>> [word.startswith("an") and word not in ("anna", "anne") for word in words]
        [True, True, True]
        """
        constraints = Constraints.of(
            prefix=prefix,
            suffix=suffix,
            contains=contains,
            not_contains=not_contains,
            regex=regex,
            pattern=pattern,
            allowed=allowed,
            banned=banned,
            similar=similar,
            within=within,
            min_length=min_length,
            max_length=max_length,
        )
        shaping = SamplingConfig.of(temperature=0 if greedy else temperature, top_k=top_k, top_p=top_p, min_p=min_p)
        refusals = Refusals(novel=novel, block=frozenset(not_in), far_from=far_from, edits=edits)
        words, account = make(
            self.conditioned_on(label),
            count,
            constraints=constraints,
            shaping=shaping,
            refusals=refusals,
            unique=unique,
            seed=seed,
        )
        if on_report:
            on_report(account)
        return words

    def top(
        self,
        count: int | None = 100,
        *,
        least: float = 0.0,
        novel: bool = False,
        label: str | None = None,
        **constraints: Any,
    ) -> Iterator[tuple[str, float, bool]]:
        """Yield the most probable words, from the first on: word, ln p (nats), whether the order is proven so far.

        Best-first search finds them exactly. Where more beginnings of words wait than memory is set aside for, the
        least probable are given up, and words that may come out of order are no longer proven.

        Args:
            count: how many at most, None for all.
            least: the probability below which no word comes.
            novel: only words that are in none of train, dev and test.
            label: that of the words, of a model with labels.
            constraints: those of `sample`: prefix, suffix, contains, regex, ...

        Raises:
            SettingError, VocabularyError, SamplingError: as `sample` does; neither a count nor a least probability.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> word, nats, proven = next(model.top(1, suffix="na"))
        >>> word, proven
        ('anna', True)
        """
        asked = Constraints.of(**constraints)
        return most_probable_words(self.conditioned_on(label), count, least=least, novel=novel, constraints=asked)

    def write(
        self,
        characters: int = 500,
        *,
        prefix: str = "",
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        greedy: bool = False,
        seed: int | None = 0,
    ) -> str:
        """Return text that goes on from a prefix, for a model of running text; the prefix stands at its beginning.

        Without a prefix it begins after a line end, or, where the text had none, with the first of the characters.
        The other settings are those of `sample`.

        Raises:
            SettingError: a setting that makes no sense, or a model of words.
            VocabularyError: a prefix with unknown characters.

        >>> import morelike
        >>> model = morelike.train("abcabcabcabcabc", kind="ngram", form="text", split="none", order=3)
        >>> model.write(6, prefix="ab", greedy=True)
        'abcabcab'
        """
        shaping = SamplingConfig.of(temperature=0 if greedy else temperature, top_k=top_k, top_p=top_p, min_p=min_p)
        return write_on(self, prefix, characters, shaping=shaping, seed=seed)

    def log_probability(
        self, words: Sequence[str], *, label: str | None = None, unknown: Unknown = "error"
    ) -> Float[NDArray[np.float64], " words"]:
        """Return ln p of each word (nats, its end included), given a label if one is named.

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
        self, words: Sequence[str], *, unknown: Unknown = "error"
    ) -> Float[NDArray[np.float64], "words labels"]:
        """Return p(label | word) of each word and each of `labels`, in their order; each row sums to 1 (Bayes).

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
        return scoring.label_probabilities(self, words, unknown)

    def losses(
        self, words: Sequence[str], *, unknown: Unknown = "error"
    ) -> tuple[Float[NDArray[np.float64], " words"], Int[NDArray[np.int64], " words"]]:
        """Return -ln p of each word (nats), and how many of its characters count, its end included.

        Of a running text all characters count but the first, which nothing comes before.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> nats, characters = model.losses(["anna", "hannah"])
        >>> characters.tolist()
        [5, 7]
        """
        return scoring.losses(self, words, unknown)

    def unit_losses(
        self, words: Sequence[str], *, labels: Sequence[str] | None = None, unknown: Unknown = "error"
    ) -> tuple[Float[NDArray[np.float64], " units"], Int[NDArray[np.int64], " units"]]:
        """Return -ln p (nats) and the number of characters of each unit that the bootstrap draws.

        The units of a list are its words, those of a running text stretches of 192 characters. `labels` are those of
        the words, to be judged under; a model without labels has no use for them.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            SettingError: a label that the model does not have.
        """
        return scoring.unit_losses(self, words, unknown, labels)

    def surprisal(self, word: str, *, unknown: Unknown = "error") -> Float[NDArray[np.float64], " characters"]:
        """Return -ln p of each character of a word and, last, of its end (nats).

        Of a running text, -ln p of each character but the first, and of no end. Under `unknown="skip"` an unknown
        character of a word has nan.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> model.surprisal("anna").shape
        (5,)
        """
        return scoring.surprisal(self, word, unknown)

    def next(self, prefix: str = "", *, label: str | None = None) -> dict[str, float]:
        """Return the probability of each character that may follow, most probable first; `""` is the end.

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
        for token in fed(self.vocabulary, self.form, prefix):
            state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
        row: NDArray[Any] = logits[0]
        return row

    def embed(self, word: str) -> Float[NDArray[Any], "T E"]:
        """Return the embedding of each character of a word: the rows of C that its ids choose.

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
            self.weights["C"], np.array(self.vocabulary.encode(cleaned(self.form, word)), dtype=int)
        )
        return rows

    @accept_old_names
    def evaluate(
        self,
        words: Sequence[str],
        *,
        counts: Counts | None = None,
        count_weighting: CountWeighting | None = None,
        labels: Sequence[str] | None = None,
        unknown: Unknown = "error",
        seed: int = 0,
    ) -> Evaluation:
        """Return the loss on words per character, its 95 % interval, and the same on those not in train.

        `counts` holds how often each word was seen; `count_weighting` weighs the counts, by default as in training.
        `labels` holds the label of each word, `""` for none: a model with labels scores each word under its label, and
        returns the loss of each label too.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            ListError: counts that cannot weigh anything; not a count or a label for each word.
            SettingError: no words, or a label that the model does not have.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> loss = model.evaluate(["hanne", "anna"])
        >>> loss.lines, loss.characters, loss.unseen.lines
        (2, 11, 1)
        """
        return scoring.evaluated(self, words, counts, count_weighting, labels, unknown, seed)
