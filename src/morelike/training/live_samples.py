"""A few words from the present weights of a network in training, for the person who watches."""

from __future__ import annotations

from dataclasses import replace

from morelike.arrays import Weights, random_generator
from morelike.language_model.model import LanguageModel
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling.candidates import draw_words, plain_models
from morelike.language_model.sampling_report import SamplingReport
from morelike.language_model.threads import one_thread
from morelike.runs.events import Sampled

WORDS = 5
CHARACTERS = 60


def sample_now(untrained: LanguageModel, seed: int, step: int, weights: Weights) -> Sampled:
    """Return words, or a piece of running text, drawn once from a model with these weights.

    No word is drawn again, so the cost is small with any weights: a word that does not end is left out.
    """
    model = replace(untrained, weights=weights)
    if model.form == "text":
        return Sampled(step, (model.write(CHARACTERS, seed=seed),), (False,))
    settings, rng = SampleSettings(novel=False, unique=False), random_generator(seed)
    with one_thread():
        words = draw_words(plain_models(model, settings, rng, map), settings, rng, SamplingReport())(WORDS)
    copied = (split != "new" for split in model.known.splits_of(words))
    return Sampled(step, tuple(words), tuple(copied))
