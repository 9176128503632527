"""Names growing up: words from the same random numbers at every look, so that each word changes with the weights."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from morelike.arrays import random_generator
from morelike.language_model.model import LanguageModel
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling.candidates import draw_words, plain_models
from morelike.language_model.sampling_report import SamplingReport
from morelike.language_model.threads import one_thread
from morelike.panels.look import Look
from morelike.panels.plain import LONGEST_WORD

MOST_WORDS = 100
LARGEST_SEED = 1_000_000
TEXT_LENGTH = 60
"""Characters of a sample of running text."""

ENDLESS = "endless"
"""The mark of a word that does not end within 100 characters. It is left out."""


def samples(
    look: Look,
    *,
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED, description="the same seed gives the same random numbers")] = 0,
    count: Annotated[int, Field(ge=1, le=MOST_WORDS, description="the number of words")] = 10,
    temperature: Annotated[float, Field(gt=0, le=100, description="1 leaves the distribution as it is")] = 1.0,
) -> dict[str, Any]:
    """Return sampled words, each marked as train, dev, test or new.

    Each word has random numbers of its own, one for each character, whatever the other words are. At another look the
    word is the same up to the first character that the new weights choose otherwise.
    """
    model, settings = look.model, SampleSettings(novel=False, unique=False, temperature=temperature)
    if model.form == "text":
        texts = [model.write(TEXT_LENGTH, seed=_seed(seed, i), temperature=temperature) for i in range(count)]
        return {"seed": seed, "words": [{"word": text, "mark": "new", "note": None} for text in texts]}
    with one_thread():
        drawn = [_word(model, settings, _seed(seed, i)) for i in range(count)]
    words = [word for word in drawn if word is not None]
    marks = dict(zip(words, model.known.splits_of(words), strict=True))
    return {"seed": seed, "words": [_marked(word, marks) for word in drawn]}


def _seed(seed: int, word: int) -> int:
    """Return the seed of one word. No two words of two seeds share it."""
    return seed * MOST_WORDS + word


def _word(model: LanguageModel, settings: SampleSettings, seed: int) -> str | None:
    """Return the first candidate of `morelike sample` with this seed, drawn alone; None if it has no end."""
    rng = random_generator(seed)
    drawn = draw_words(plain_models(model, settings, rng, map), settings, rng, SamplingReport())(1)
    return drawn[0] if drawn else None


def _marked(word: str | None, marks: dict[str, str]) -> dict[str, Any]:
    if word is None:
        return {"word": "", "mark": ENDLESS, "note": "no end within 100 characters"}
    note = f"the first {LONGEST_WORD} of {len(word):,} characters are shown" if len(word) > LONGEST_WORD else None
    return {"word": word[:LONGEST_WORD], "mark": marks[word], "note": note}
