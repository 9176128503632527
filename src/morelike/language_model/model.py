"""The language model that a user holds: sampling, scoring, evaluating and looking inside, on NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Int, Weights, log_softmax, softmax, take
from morelike.errors import SamplingError, SettingError
from morelike.evaluation.loss import Evaluation, evaluate, line_losses, stretches, text_losses
from morelike.language_model.card import model_card
from morelike.language_model.known import KnownWords
from morelike.language_model.reading import RESERVED, Unknown, cleaned, encode_passage, encode_words, fed
from morelike.language_model.saved import Contents, read_model, write_model
from morelike.language_model.threads import one_thread
from morelike.sampling.filters import Shaping
from morelike.sampling.generate import generate, sample_words, write_text
from morelike.text.corpus import Form, clean
from morelike.text.examples import text_rows
from morelike.text.vocabulary import Vocabulary

__all__ = ["LanguageModel", "Unknown"]


@dataclass(frozen=True)
class LanguageModel:
    """A vocabulary, an architecture and its weights.

    `form` says what it models: words, each with an end ("lines"), or one running text without ends ("text").
    `facts` says where it comes from (list, split, losses); it is written into the model card.

    >>> import morelike
    >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
    >>> model.next("ann")  # doctest: +ELLIPSIS
    {...}
    >>> float(sum(model.next("ann").values()).__round__(6))
    1.0
    """

    vocabulary: Vocabulary
    architecture: Architecture
    weights: Weights
    known: KnownWords
    facts: Mapping[str, Any] = field(default_factory=dict)
    form: Form = "lines"

    @property
    def parameters(self) -> int:
        """Numbers in the weights that were learned; running statistics are not among them."""
        return sum(array.size for name, array in self.weights.items() if self.architecture.is_parameter(name))

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
        min_length: int = 1,
        max_length: int = 100,
        novel: bool = True,
        unique: bool = True,
        seed: int | None = 0,
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
            min_length: characters that a word has at least; its end is withheld until then.
            max_length: characters that a word has at most; longer ones are dropped.
            novel: only words that are in none of train, dev and test.
            unique: no word twice.
            seed: the same seed gives the same words; None draws a fresh one.

        Raises:
            SettingError: a setting that makes no sense.
            VocabularyError: a prefix with unknown characters.
            SamplingError: the words run out; its `found` attribute holds those that were made.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> words = model.sample(3, prefix="an", max_length=9)
        >>> [word.startswith("an") and word not in ("anna", "anne") for word in words]
        [True, True, True]
        """
        if self.form == "text":
            raise SettingError("this model writes running text, which has no words: ask it for a number of characters")
        if count < 0:
            raise SettingError(f"count = {count}: ask for 0 words or more")
        if not 0 <= min_length <= max_length:
            raise SettingError(f"min_length = {min_length} and max_length = {max_length}: no word has such a length")
        if len(clean(prefix)) > max_length:
            raise SettingError(f"the prefix {prefix!r} has more than max_length = {max_length} characters")
        shaping = Shaping.of(temperature=0 if greedy else temperature, top_k=top_k, top_p=top_p, min_p=min_p)
        start = self.vocabulary.encode(clean(prefix))
        rng = np.random.default_rng(seed)

        def draw(tries: int) -> list[str]:
            tries = 1 if shaping.temperature == 0 else tries
            tokens = generate(
                self.architecture,
                self._prepared,
                tries,
                rng,
                shaping=shaping,
                prefix=start,
                min_length=max(min_length, 1),
                max_length=max_length,
            )
            return [self.vocabulary.decode(word) for word in tokens]

        def accept(word: str) -> bool:
            return not novel or self.known.where(word) == "new"

        found: list[str] = []
        try:
            with one_thread():
                cost = max(max_length, 1) * self.vocabulary.size
                found.extend(sample_words(draw, count, accept=accept, unique=unique, cost=cost))
        except SamplingError as error:
            raise SamplingError(f"{error}{_way_out(shaping, novel=novel, unique=unique)}", found) from None
        return found

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
        if self.form != "text":
            raise SettingError("this model makes words: ask it for some with `sample`")
        if characters < 0:
            raise SettingError(f"characters = {characters}: ask for 0 characters or more")
        shaping = Shaping.of(temperature=0 if greedy else temperature, top_k=top_k, top_p=top_p, min_p=min_p)
        with one_thread():
            written = write_text(
                self.architecture,
                self._prepared,
                fed(self.vocabulary, self.form, prefix),
                characters,
                np.random.default_rng(seed),
                shaping=shaping,
            )
        return cleaned(self.form, prefix) + self.vocabulary.decode(written)

    def log_probability(
        self, words: Sequence[str], *, unknown: Unknown = "error"
    ) -> Float[NDArray[np.float64], " words"]:
        """Return ln p of each word (nats, its end included).

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> anna, nnaa = model.log_probability(["anna", "nnaa"])
        >>> bool(anna > nnaa)
        True
        """
        losses, _ = self.losses(words, unknown=unknown)
        return -losses

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
        if self.form == "text":
            each = [self._text_losses(text, unknown) for text in words]
            return np.array([nats.sum() for nats in each]), np.array([len(nats) for nats in each], dtype=np.int64)
        lines, left_out = encode_words(self.vocabulary, words, unknown)
        with one_thread():
            losses = line_losses(self.architecture, self._prepared, lines)
        if unknown != "reserve":
            return losses, lines.lengths
        reserved = lines.lengths * np.log1p(-RESERVED) + left_out * np.log(RESERVED)
        return losses - reserved, lines.lengths + left_out

    def unit_losses(
        self, words: Sequence[str], *, unknown: Unknown = "error"
    ) -> tuple[Float[NDArray[np.float64], " units"], Int[NDArray[np.int64], " units"]]:
        """Return -ln p (nats) and the number of characters of each unit that the bootstrap draws.

        The units of a list are its words, those of a running text stretches of 192 characters.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        if self.form == "lines":
            return self.losses(words, unknown=unknown)
        each = [stretches(self._text_losses(text, unknown)) for text in words]
        return np.concatenate([nats for nats, _ in each]), np.concatenate([counts for _, counts in each])

    def surprisal(self, word: str, *, unknown: Unknown = "error") -> Float[NDArray[np.float64], " characters"]:
        """Return -ln p of each character of a word and, last, of its end (nats).

        Of a running text, -ln p of each character but the first, and of no end. Under `unknown="skip"` an unknown
        character of a word has nan.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> model.surprisal("anna").shape
        (5,)
        """
        if self.form == "text":
            tokens = encode_passage(self.vocabulary, word, unknown).tokens[:-1]
            state, each = self.architecture.start(self._prepared, 1), np.empty(max(len(tokens) - 1, 0))
            for t, token in enumerate(tokens[:-1]):
                state, logits = self.architecture.step(self._prepared, state, token[None])
                each[t] = -log_softmax(logits)[0, tokens[t + 1]]
            return each
        word = clean(word)
        lines, _ = encode_words(self.vocabulary, [word], unknown)
        log_probabilities = self.architecture.log_probabilities(self._prepared, lines.tokens[None, :])[0]
        losses: NDArray[np.float64] = -log_probabilities.astype(np.float64)
        if unknown == "error":
            return losses
        known = [character in self.vocabulary.characters for character in word] + [True]
        result = np.full(len(word) + 1, np.nan if unknown == "skip" else -np.log(RESERVED))
        result[known] = losses if unknown == "skip" else losses - np.log1p(-RESERVED)
        return result

    def next(self, prefix: str = "") -> dict[str, float]:
        """Return the probability of each character that may follow, most probable first; `""` is the end.

        Raises:
            VocabularyError: an unknown character.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> next(iter(model.next("han")))
        'n'
        """
        p = softmax(self.logits(prefix).astype(np.float64))
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
        state = self.architecture.start(self._prepared, 1)
        for token in fed(self.vocabulary, self.form, prefix):
            state, logits = self.architecture.step(self._prepared, state, np.array([token], dtype=np.int32))
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

    def evaluate(self, words: Sequence[str], *, unknown: Unknown = "error", seed: int = 0) -> Evaluation:
        """Return the loss on words per character, its 95 % interval, and the same on those not in train.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
            SettingError: no words.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> loss = model.evaluate(["hanne", "anna"])
        >>> loss.lines, loss.characters, loss.unseen.lines
        (2, 11, 1)
        """
        if not words:
            raise SettingError("no words to evaluate: give at least one")
        losses, lengths = self.unit_losses(words, unknown=unknown)
        if not lengths.sum():
            raise SettingError("nothing to evaluate: a text has two characters or more")
        seen = self.known.in_train(words) if self.form == "lines" else None
        return evaluate(losses, lengths, seen, seed=seed)

    def save(self, folder: str | Path) -> Path:
        """Write the model as one folder and return its path; it appears whole or not at all.

        Raises:
            ModelError: the place holds something else, or cannot be written.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     saved = model.save(f"{folder}/names")
        ...     sorted(path.name for path in saved.iterdir())[:3]
        ['MANIFEST.json', 'README.md', 'config.json']
        """
        model_card_text = model_card(self.architecture, self.vocabulary.size, self.parameters, self.facts)
        return write_model(
            Path(folder),
            Contents(self.vocabulary, self.architecture, self.weights, self.known, self.facts, self.form),
            model_card_text,
        )

    @classmethod
    def load(cls, folder: str | Path) -> LanguageModel:
        """Return the model in a folder; no code runs, and every file is checked against its SHA-256.

        Raises:
            ModelError: missing, damaged, or of a format that this version does not read; it names the file.

        >>> import morelike
        >>> model = morelike.train(["anna", "hanna", "anne", "hannah"], kind="ngram")
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = morelike.LanguageModel.load(model.save(f"{folder}/names"))
        >>> again.sample(5) == model.sample(5)
        True
        """
        return cls(*read_model(Path(folder)))

    @cached_property
    def _prepared(self) -> Weights:
        return self.architecture.prepare(self.weights)

    def _text_losses(self, text: str, unknown: Unknown) -> NDArray[np.float64]:
        """Return the loss of each character of a running text but the first."""
        rows = text_rows(
            encode_passage(self.vocabulary, text, unknown), self.architecture.reach, self.architecture.block
        )
        with one_thread():
            return text_losses(self.architecture, self._prepared, rows)


def _way_out(shaping: Shaping, *, novel: bool, unique: bool) -> str:
    if shaping.temperature == 0:
        return ": the greedy choice makes a single word" + (", which is in the list" if novel else "")
    refused = " and ".join(reason for reason, given in (("in the list", novel), ("made before", unique)) if given)
    why = f"; the others were {refused} or too long" if refused else "; the others were too long"
    return f"{why}: ask for fewer, raise the temperature, or allow longer words"
