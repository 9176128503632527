"""Making words with a model: plainly, or under constraints, with what was done to be told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from math import inf, log
from typing import NamedTuple

import numpy as np

from morelike.arrays import MapFunction
from morelike.errors import SamplingError, SettingError
from morelike.evaluation.nearest import nearer_than
from morelike.language_model.base import ModelBase
from morelike.language_model.encoding import cleaned, fed
from morelike.language_model.threads import one_thread, thread_map
from morelike.sampling.constraints.automaton import Automaton
from morelike.sampling.constraints.guided import Guide, ImportanceWeights, tries
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.sampling.generate import generate, most_at_once, sample_words, write_text
from morelike.sampling.search import most_probable
from morelike.text.vocabulary import END

__all__ = ["Refusals", "SamplingReport", "make", "most_probable_words", "write_on"]

MOST_NUMBERS = 50_000_000
"""States times contexts of a guide: 400 MB of backward probabilities."""
THINNED = 4.0
GUIDED = 10
"""How much more a guided try costs than a plain one, at most."""
COUNTED = 10_000
"""A constraint that allows fewer words than this tells how many."""


@dataclass(frozen=True)
class Refusals:
    """Whole words that are not wanted, which no automaton is made for: they are refused when they come."""

    novel: bool = True
    block: Collection[str] = frozenset()
    far_from: Sequence[str] = ()
    edits: int = 0

    def allow(self, model: ModelBase, words: Sequence[str]) -> list[bool]:
        """Return of each word whether it is wanted."""
        places = model.known.places(words) if self.novel else ["new"] * len(words)
        return [
            place == "new"
            and word not in self.block
            and (self.edits < 1 or not nearer_than(word, self.far_from, self.edits))
            for word, place in zip(words, places, strict=True)
        ]


@dataclass
class SamplingReport:
    """How words were made.

    `method` is "plain", "exact" or "resampled"; `probability` that of the constraints under the model, where it is
    exact, else under its imitation; `tried` words were made, `kept` of them by resampling.
    """

    method: str = "plain"
    states: int = 0
    probability: float = 1.0
    tried: int = 0
    kept: int = 0
    weighing: ImportanceWeights = field(default_factory=ImportanceWeights)

    @property
    def effective(self) -> float:
        """The effective sample size: how many unweighted tries all of them were worth."""
        return self.weighing.effective if self.method == "resampled" else float(self.tried)

    def sentence(self) -> str:
        """Return how exact the words are, as a person reads it."""
        if self.method == "plain":
            return "exact: each character was drawn as the model gives it"
        odds = f"one word in {1 / max(self.probability, 1e-300):,.0f} keeps the constraints"
        beside = f"through an automaton of {self.states:,} states"
        if self.method == "exact":
            return (
                f"exact: drawn from the model's own words that keep the constraints, {beside}; of all its words {odds}"
            )
        return (
            f"by look-ahead {beside}, guided by n-grams that imitate the model ({odds}), and resampled by importance: "
            f"{self.tried:,} tries were worth {self.effective:,.0f}, {self.kept:,} were kept"
        )


def make(
    model: ModelBase,
    count: int,
    *,
    constraints: Constraints,
    shaping: SamplingConfig,
    refusals: Refusals,
    unique: bool,
    seed: int | None,
) -> tuple[list[str], SamplingReport]:
    """Return `count` words that keep the constraints and are not refused, and how they were made.

    Raises:
        VocabularyError: a constraint with a character that the model does not know.
        SettingError: a constraint that makes no sense, or one too large.
        SamplingError: no word keeps them, or they run out; its `found` holds those that were made.
    """
    if model.form == "text":
        raise SettingError("this model writes running text, which has no words: ask it for a number of characters")
    if count < 0:
        raise SettingError(f"count = {count}: ask for 0 words or more")
    rng = np.random.default_rng(seed)
    account = SamplingReport()
    automaton: Automaton | None = None
    at_once = most_at_once(*model.prepared, constraints.max_length)
    found: list[str] = []
    with thread_map() as map_function:
        if constraints.plain:
            draw = _plainly(model, constraints, shaping, rng, account, map_function)
        else:
            automaton = constraints.automaton(model.vocabulary.ids)
            speakers = _speakers(model, shaping, automaton)
            guides = [_guide(each.model, automaton, constraints.max_length, shaping) for each in speakers]
            draw = _guided(speakers, guides, constraints.max_length, shaping, rng, account, map_function, unique=unique)
        cost = max(constraints.max_length, 1) * model.vocabulary.size * (GUIDED if automaton else 1)
        accept = partial(refusals.allow, model)
        try:
            found.extend(sample_words(draw, count, accept=accept, unique=unique, cost=cost, at_once=at_once))
        except SamplingError as error:
            why = _way_out(shaping, refusals, unique=unique, automaton=automaton)
            raise SamplingError(f"{error}{why}", found) from None
    return found, account


def write_on(model: ModelBase, prefix: str, characters: int, *, shaping: SamplingConfig, seed: int | None) -> str:
    """Return a prefix with so many characters of running text after it.

    Raises:
        SettingError: a model of words, or fewer characters than none.
        VocabularyError: a prefix with unknown characters.
    """
    if model.form != "text":
        raise SettingError("this model makes words: ask it for some with `sample`")
    if characters < 0:
        raise SettingError(f"characters = {characters}: ask for 0 characters or more")
    start = fed(model.vocabulary, model.form, prefix)
    rng = np.random.default_rng(seed)
    with one_thread():
        written = write_text(*model.prepared, start, characters, rng, shaping=shaping)
    return cleaned(model.form, prefix) + model.vocabulary.decode(written)


def most_probable_words(
    model: ModelBase, count: int | None, *, least: float, novel: bool, constraints: Constraints
) -> Iterator[tuple[str, float, bool]]:
    """Yield words with their ln p (nats) and whether the order is proven, the most probable first (see `search`)."""
    if model.form == "text":
        raise SettingError("this model writes running text: there are no words among which one is the most probable")
    if not 0 <= least <= 1 or (count is not None and count < 0):
        raise SettingError(
            f"count = {count} and least = {least}: give a number of words, and a probability from 0 to 1"
        )
    if count is None and least == 0:
        raise SettingError("all words without end: give a count, or the least probability that they have")
    automaton = constraints.automaton(model.vocabulary.ids)
    floor = log(least) if least else -inf
    found = most_probable(*model.prepared, automaton, max_length=constraints.max_length, least=floor)
    words = ((model.vocabulary.decode(best.word), best.log_probability, best.proven) for best in found)
    wanted = (each for each in words if not novel or model.known.where(each[0]) == "new")
    return islice(wanted, count)


class LabelledModel(NamedTuple):
    """A model that makes some of the words, and the share of the tries that it is to make."""

    model: ModelBase
    share: float


def _speakers(model: ModelBase, shaping: SamplingConfig, automaton: Automaton | None = None) -> list[LabelledModel]:
    """Return the model under each of its labels, with the labels' shares; alone where it has none, or one is given.

    Greedily there is one word, the most probable step by step whatever its label.

    Raises:
        SettingError: guides through the automaton, one for each, would need too much memory.
    """
    if not model.mixes_labels or shaping.deterministic:
        return [LabelledModel(model, 1.0)]
    speakers = [LabelledModel(model.conditioned_on(label), share) for label, share in model.labels.items() if share]
    if automaton is not None:
        numbers = automaton.states * sum(each.model.ngram_proxy.look_ahead.contexts for each in speakers)
        if numbers > MOST_NUMBERS:
            raise SettingError(f"the constraints need {numbers:,} numbers for all labels together: name one label")
    return speakers


def _shared_out(count: int, shares: Sequence[float], rng: np.random.Generator) -> list[int]:
    """Return how many of so many tries each speaker makes."""
    if len(shares) == 1:
        return [count]
    tries: list[int] = rng.multinomial(count, np.array(shares) / sum(shares)).tolist()
    return tries


def _mingled(count: int, speakers: Sequence[LabelledModel], rng: np.random.Generator) -> list[int]:
    """Return in what order to take so many words, which stand speaker by speaker: whoever takes the first favours none.

    Candidates are independent, so any order of theirs is as probable as any other.
    """
    order: list[int] = list(range(count)) if len(speakers) == 1 else rng.permutation(count).tolist()
    return order


def _plainly(
    model: ModelBase,
    constraints: Constraints,
    shaping: SamplingConfig,
    rng: np.random.Generator,
    account: SamplingReport,
    map_function: MapFunction,
) -> Callable[[int], list[str]]:
    """Return a function that makes words from a prefix on, longer ones dropped."""
    start = model.vocabulary.encode(constraints.prefix)
    speakers = _speakers(model, shaping)
    shares = [speaker.share * _p_of_beginning(speaker.model, start) for speaker in speakers] if speakers[1:] else [1.0]

    def draw(count: int) -> list[str]:
        count = 1 if shaping.deterministic else count
        words: list[str] = []
        for speaker, asked in zip(speakers, _shared_out(count, shares, rng), strict=True):
            made = generate(
                *speaker.model.prepared,
                asked,
                rng,
                shaping=shaping,
                prefix=start,
                min_length=1,
                max_length=constraints.max_length,
                map_function=map_function,
            )
            words += model.vocabulary.decode_lines(made)
        account.tried += count
        account.kept += len(words)
        return [words[i] for i in _mingled(len(words), speakers, rng)] if speakers[1:] else words

    return draw


def _p_of_beginning(model: ModelBase, tokens: Sequence[int]) -> float:
    """Return the probability that a word begins so, and does not end before its first character."""
    architecture, weights = model.prepared
    asked = np.array([tokens or [END]], dtype=np.int32)
    p = float(np.exp(architecture.log_probabilities(weights, asked).astype(np.float64).sum()))
    return p if tokens else 1 - p


def _guided(
    speakers: Sequence[LabelledModel],
    guides: Sequence[Guide],
    max_length: int,
    shaping: SamplingConfig,
    rng: np.random.Generator,
    account: SamplingReport,
    map_function: MapFunction,
    *,
    unique: bool,
) -> Callable[[int], list[str]]:
    """Return a function that makes words which the guides' automaton accepts.

    A speaker is chosen by how often its words are accepted; a try weighs more where that was misjudged.
    """
    exact = all(guide.exact for guide in guides)
    account.method, account.states = "exact" if exact else "resampled", guides[0].automaton.states
    accepted = [speaker.share * guide.probability for speaker, guide in zip(speakers, guides, strict=True)]
    account.probability = sum(accepted)
    shares = accepted if account.probability > 0 else [speaker.share for speaker in speakers]

    def draw(count: int) -> list[str]:
        count = 1 if shaping.deterministic else count
        words: list[str] = []
        weights = [np.zeros(0)]
        asked = zip(speakers, guides, shares, _shared_out(count, shares, rng), strict=True)
        for speaker, guide, share, tried in asked:
            found = tries(
                *speaker.model.prepared,
                tried,
                rng,
                shaping=shaping,
                guide=guide,
                max_length=max_length,
                map_function=map_function,
            )
            words += speaker.model.vocabulary.decode_lines(found.lines)
            weights.append(found.weights + np.log(speaker.share / share) if tried else found.weights)
        order = _mingled(len(words), speakers, rng)
        thinned = 1.0 if unique or exact else THINNED  # of a word that comes once, copies do no harm
        kept = account.weighing.resampled(np.concatenate(weights)[order], rng, thinned=thinned)
        account.tried += count
        account.kept += len(kept)
        return [words[order[i]] for i in kept]

    return draw


def _guide(model: ModelBase, automaton: Automaton, max_length: int, shaping: SamplingConfig) -> Guide:
    """Return the n-grams beside the automaton.

    Raises:
        SettingError: they would need too much memory.
    """
    ngram_proxy = model.ngram_proxy
    if automaton.states * ngram_proxy.look_ahead.contexts > MOST_NUMBERS:
        raise SettingError(
            f"the constraints need {automaton.states:,} states beside {ngram_proxy.look_ahead.contexts:,} contexts of "
            "the model: allow fewer edits, shorter words, or simpler expressions"
        )
    ending_well = ngram_proxy.look_ahead.acceptance(automaton.after, automaton.accepts, max_length + 1)
    exact = ngram_proxy.itself and shaping == SamplingConfig()
    return Guide(ngram_proxy.architecture, ngram_proxy.weights, ngram_proxy.look_ahead, automaton, ending_well, exact)


def _way_out(shaping: SamplingConfig, refusals: Refusals, *, unique: bool, automaton: Automaton | None) -> str:
    if shaping.deterministic:
        return ": the greedy choice makes a single word" + (", which is in the list" if refusals.novel else "")
    if automaton is not None and (size := automaton.size(COUNTED)) is not None:
        return f": the constraints allow {size:,} in all; loosen them, or ask for fewer"
    reasons = {
        "in the list": refusals.novel,
        "blocked": bool(refusals.block),
        "too near to it": refusals.edits > 0,
        "made before": unique,
        "too long": True,
    }
    refused = [reason for reason, given in reasons.items() if given]
    why = ", ".join(refused[:-1]) + (" or " if len(refused) > 1 else "") + refused[-1]
    return f"; the others were {why}: ask for fewer, raise the temperature, or allow longer words"
