"""What each route does: from a checked request to the figures of a model."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import numpy as np
from fastapi import HTTPException, Query

from morelike.cancellation import check_cancelled
from morelike.errors import SamplingError, SettingError, did_you_mean
from morelike.language_model.encoding import normalized
from morelike.language_model.model import LanguageModel
from morelike.web.bodies import (
    MOST_CHARACTERS,
    Choice,
    Model,
    Models,
    Next,
    NextRequest,
    Probability,
    Sampled,
    SampledWord,
    SampleRequest,
    Scored,
    ScoredWord,
    ScoreRequest,
    Surprisal,
    WriteRequest,
    Written,
)
from morelike.web.jobs import Jobs

__all__ = ["Service"]


class Service:
    """Models by name, the default first, and the jobs that ask them.

    A model is read-only and each job has its own random numbers, so one model serves several threads without a lock.
    """

    def __init__(self, models: Mapping[str, LanguageModel], jobs: Jobs) -> None:
        self._models = dict(models)
        self._jobs = jobs
        for model in self._models.values():
            model.next()  # what is prepared once is prepared before threads come

    async def sample(self, asked: SampleRequest) -> Sampled:
        """Make new words."""
        return await self._jobs.run(partial(_sampled, *self._named(asked.model), asked))

    async def write(self, asked: WriteRequest) -> Written:
        """Write on, with a model of running text."""
        return await self._jobs.run(partial(_written, *self._named(asked.model), asked))

    async def score(self, asked: ScoreRequest) -> Scored:
        """Say how alike words are to what a model learned."""
        return await self._jobs.run(partial(_scored, *self._named(asked.model), asked))

    async def next(self, asked: Annotated[NextRequest, Query()]) -> Next:
        """Say what may follow a beginning."""
        return await self._jobs.run(partial(_next, *self._named(asked.model), asked))

    async def models(self) -> Models:
        """List the models that are served."""
        return Models(models=[_model(name, model) for name, model in self._models.items()])

    def _named(self, name: str | None) -> tuple[str, LanguageModel]:
        if name is None:
            return next(iter(self._models.items()))
        if name not in self._models:
            known = ", ".join(self._models)
            raise HTTPException(
                404, f"no model is called {name!r}; there are {known}{did_you_mean(name, self._models)}"
            )
        return name, self._models[name]


def _settings(asked: Choice) -> tuple[int, dict[str, Any]]:
    """Return the seed, a fresh one if none was given, and the parameters of the model's method by name."""
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    return seed, {**asked.model_dump(exclude={"model"}), "seed": seed}


def _sampled(name: str, model: LanguageModel, asked: SampleRequest) -> Sampled:
    seed, settings = _settings(asked)
    note = None
    try:
        words = model.sample(**settings)
    except SamplingError as error:
        words, note = error.found, str(error)
    marked = [SampledWord.model_validate({"word": word, "in": model.known.split_of(word)}) for word in words]
    return Sampled(model=name, seed=seed, words=marked, note=note)


def _written(name: str, model: LanguageModel, asked: WriteRequest) -> Written:
    seed, settings = _settings(asked)
    return Written(model=name, seed=seed, text=model.write(**settings))


def _scored(name: str, model: LanguageModel, asked: ScoreRequest) -> Scored:
    if (characters := sum(map(len, asked.words))) > MOST_CHARACTERS:
        raise SettingError(f"{characters:,} characters in all: score {MOST_CHARACTERS:,} at most in one request")
    model = model.conditioned_on(asked.label)
    words = [normalized(model.form, word) for word in asked.words]
    losses, counts = model.losses(words, unknown=asked.unknown)
    if 0 in counts:
        raise SettingError("of a running text the first character is given: score passages of two or more")
    per_character = losses / counts
    with np.errstate(over="ignore"):
        perplexities = np.exp(per_character)
    figures = zip(words, losses.tolist(), (per_character / math.log(2)).tolist(), perplexities.tolist(), strict=True)
    scored = [
        {
            "word": word,
            "in": model.known.split_of(word),
            "nats": _finite(nats),
            "bits_per_character": _finite(bits),
            "perplexity": _finite(perplexity),
            "surprisal": _surprisals(model, word, asked) if asked.detail else None,
        }
        for word, nats, bits, perplexity in figures
    ]
    return Scored(model=name, words=[ScoredWord.model_validate(each) for each in scored])


def _surprisals(model: LanguageModel, word: str, asked: ScoreRequest) -> list[Surprisal]:
    check_cancelled()
    bits = model.surprisal(word, unknown=asked.unknown) / math.log(2)
    text = model.vocabulary.drop_unknown(word) if asked.unknown == "skip" else word
    characters = [*word, ""] if model.form == "lines" else [*text[1:]]
    return [Surprisal(character=c, bits=_finite(b)) for c, b in zip(characters, bits.tolist(), strict=True)]


def _next(name: str, model: LanguageModel, asked: NextRequest) -> Next:
    following = model.next(asked.prefix, label=asked.label)
    each = [Probability(character=character, probability=p) for character, p in following.items()]
    return Next(model=name, prefix=normalized(model.form, asked.prefix), next=each)


def _model(name: str, model: LanguageModel) -> Model:
    return Model(
        name=name,
        kind=model.architecture.kind,
        form=model.form,
        parameters=model.parameters,
        characters="".join(model.vocabulary.characters),
        list=model.facts.get("list"),
        lines=model.facts.get("lines"),
        labels=dict(model.labels),
        settings=model.architecture.model_dump(),
    )


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
