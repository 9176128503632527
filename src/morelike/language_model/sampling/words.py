"""Sample words and running text from a model. The methods of `LanguageModel` explain the arguments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from morelike.arrays import random_generator
from morelike.errors import SamplingError, SettingError, excerpt
from morelike.evaluation.nearest import nearer_than
from morelike.language_model.base import ModelBase
from morelike.language_model.encoding import context_tokens, normalized
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling.candidates import draw_words, plain_models
from morelike.language_model.sampling.constrained import GUIDED_COST, ConstrainedDraw
from morelike.language_model.sampling_report import SamplingReport
from morelike.language_model.threads import one_thread, thread_map
from morelike.sampling.constraints.automaton import Automaton
from morelike.sampling.constraints.combination import join
from morelike.sampling.filters import SamplingConfig
from morelike.sampling.generate import accepted_words, generate_text, largest_batch_size
from morelike.text.words import clean, fold

MAX_COUNT = 10_000_000
"""Words, or characters of a text, that one call makes at most: all of them are in memory."""
COUNTED = 10_000
"""If the constraints allow at most this many words, an error states how many."""
COUNTED_STATES = 500
"""Words are counted in automata up to this size."""


def sample_words(
    model: ModelBase,
    count: int,
    settings: SampleSettings,
    *,
    not_in: Sequence[str],
    far_from: Sequence[str],
    seed: int | None,
) -> tuple[list[str], SamplingReport]:
    """Return `count` words that satisfy the settings, and how they were sampled.

    Raises:
        VocabularyError: a constraint with a character that the model does not know.
        SettingError: a constraint that is invalid or too large.
        SamplingError: no word satisfies the constraints, or there are too few; its `found` holds the words so far.
    """
    if model.form == "text":
        raise SettingError("this model writes running text, which has no words: ask it for a number of characters")
    if not 0 <= count <= MAX_COUNT:
        raise SettingError(f"count = {count}: ask for 0 to {MAX_COUNT:,} words; for more, ask again with another seed")
    rng, report = random_generator(seed), SamplingReport()
    accept = acceptance(model, settings, not_in=not_in, far_from=far_from)
    automata = settings.automata(model.vocabulary.ids) if settings.needs_automaton else []
    batch_size = largest_batch_size(*model.prepared, settings.max_length)
    found: list[str] = []
    with thread_map() as map_function:
        draw: Callable[[int], list[str]]
        if automata:
            draw = ConstrainedDraw(model, settings, automata, rng, map_function, report, batch_size, count)
        else:
            draw = draw_words(plain_models(model, settings, rng, map_function), settings, rng, report)
        if settings.deterministic:
            return _single_word(draw, accept, count, settings), report
        words = accepted_words(
            draw,
            count,
            accept=accept,
            unique=settings.unique,
            cost=max(settings.max_length, 1) * model.vocabulary.size * (GUIDED_COST if automata else 1),
            batch_size=batch_size,
        )
        try:
            found.extend(words)
        except SamplingError as error:
            raise SamplingError(
                f"{error}{_advice(settings, automata, excludes=bool(not_in), kept=report.kept)}", found
            ) from None
    return found, report


def acceptance(
    model: ModelBase, settings: SampleSettings, *, not_in: Collection[str], far_from: Sequence[str]
) -> Callable[[Sequence[str]], list[bool]]:
    """Return a function that says for each of several words whether it is clean, new, far and pronounceable enough.

    A string that `clean` changes is no word: lists are cleaned, and so are `not_in` and `far_from`.

    Raises:
        SettingError: differences to ignore, but no words to compare with.
    """
    ignored = settings.novel_ignoring
    if ignored and not not_in:
        raise SettingError(
            f"novel_ignoring = {','.join(ignored)}: a model keeps no words of its list, only their hashes; "
            "give the words to compare with as not_in"
        )
    excluded = frozenset(fold(word, ignored) for word in not_in) if ignored else frozenset(not_in)

    def accept(words: Sequence[str]) -> list[bool]:
        splits = model.known.splits_of(words) if settings.novel else ["new"] * len(words)
        easy = (
            model.letter_pairs.pronounceable(words, model.vocabulary) if settings.pronounceable else [True] * len(words)
        )
        # A model that knows spaces may make one at an end; one that knows combining marks, a decomposed letter.
        return [
            split == "new"
            and clean(word) == word
            and said
            and (fold(word, ignored) if ignored else word) not in excluded
            and (settings.edits < 1 or not nearer_than(word, far_from, settings.edits))
            for word, split, said in zip(words, splits, easy, strict=True)
        ]

    return accept


def _single_word(
    draw: Callable[[int], list[str]],
    accept: Callable[[Sequence[str]], list[bool]],
    count: int,
    settings: SampleSettings,
) -> list[str]:
    """Return the word that the most probable characters make, as often as it is asked for if it may be repeated.

    Raises:
        SamplingError: they make no end, the word is not accepted, or more words than one are asked for.
    """
    words = draw(1)
    accepted = [word for word, accepted in zip(words, accept(words), strict=True) if accepted]
    found = accepted[:count] if settings.unique else accepted * count
    if len(found) < count:
        reason = (
            f"a single word, {excerpt(words[0])}" if words else f"no word of up to {settings.max_length} characters"
        )
        if accepted:
            way_out = ": ask for one word, or leave out greedy"
        elif words:
            way_out = ", which is in the list or not allowed otherwise: allow it (no-novel), or leave out greedy"
        else:
            way_out = ": allow longer words, or leave out greedy"
        raise SamplingError(f"found {len(found)} of {count:,} words: the greedy choice makes {reason}{way_out}", found)
    return found


def write_text(model: ModelBase, prefix: str, characters: int, config: SamplingConfig, seed: int | None) -> str:
    """Return the prefix, followed by `characters` characters of running text.

    Raises:
        SettingError: a model of words, or a negative number of characters.
        VocabularyError: a prefix with unknown characters.
    """
    if model.form != "text":
        raise SettingError("this model makes words: ask it for some with `sample`")
    if not 0 <= characters <= MAX_COUNT:
        raise SettingError(f"characters = {characters}: ask for 0 to {MAX_COUNT:,} characters")
    start = context_tokens(model.vocabulary, model.form, prefix)
    rng = random_generator(seed)
    with one_thread():
        written = generate_text(*model.prepared, start, characters, rng, config=config)
    return normalized(model.form, prefix) + model.vocabulary.decode(written)


def _advice(settings: SampleSettings, automata: Sequence[Automaton], *, excludes: bool, kept: int) -> str:
    """Return the end of an error's sentence: why there are too few words, and the way out."""
    if automata and (allowed := _count_words(automata)) is not None:
        return f": the constraints allow {allowed:,} in all; loosen them, or ask for fewer"
    if automata and not kept:
        return "; none satisfied all constraints: drop some of them"
    reasons = {
        "in the list": settings.novel,
        "excluded": excludes,
        "too close to the list": settings.edits > 0,
        "hard to pronounce": settings.pronounceable,
        "repeated": settings.unique,
        "too long": True,
    }
    given = [reason for reason, applies in reasons.items() if applies]
    listed = ", ".join(given[:-1]) + (" or " if len(given) > 1 else "") + given[-1]
    return f"; the others were {listed}: ask for fewer, raise the temperature, or allow longer words"


def _count_words(automata: Sequence[Automaton]) -> int | None:
    """Return how many words all automata allow; None if they are many, or if counting would take long."""
    automaton, left_out = join(automata, COUNTED_STATES)
    return None if left_out or automaton.states > COUNTED_STATES else automaton.count_words(COUNTED)
