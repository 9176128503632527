"""The work of each route: from a checked request to a model's answer."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import numpy as np
from fastapi import HTTPException, Query, Request

from morelike.cancellation import check_cancelled
from morelike.errors import SamplingError, SettingError, did_you_mean, excerpt
from morelike.language_model.encoding import normalized
from morelike.language_model.model import LanguageModel
from morelike.web.bodies import (
    MOST_CHARACTERS,
    GenerationSettings,
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
from morelike.web.jobs import Jobs, run_for_client

QUICK_WORDS, QUICK_CHARACTERS = 32, 1000
"""The most words, and characters in all, whose scores count as quick work."""


class Service:
    """The models by name, the default first, and the jobs that use them: quick ones and long ones.

    A model is read-only and each job has its own random numbers, so one model serves several threads without a lock.
    """

    def __init__(self, models: Mapping[str, LanguageModel], quick: Jobs, long: Jobs) -> None:
        self._models = dict(models)
        self._quick, self._long = quick, long
        for model in self._models.values():
            model.next()  # prepares the weights once, before several threads use them

    async def sample(self, request: SampleRequest, connection: Request) -> Sampled:
        """Make new words."""
        return await run_for_client(self._long, connection, partial(_sampled, *self._find(request.model), request))

    async def write(self, request: WriteRequest, connection: Request) -> Written:
        """Continue a text with a model of running text."""
        return await run_for_client(self._long, connection, partial(_written, *self._find(request.model), request))

    async def score(self, request: ScoreRequest, connection: Request) -> Scored:
        """Score how well words fit the list that a model learned from."""
        few = len(request.words) <= QUICK_WORDS and sum(map(len, request.words)) <= QUICK_CHARACTERS
        jobs = self._quick if few else self._long
        return await run_for_client(jobs, connection, partial(_scored, *self._find(request.model), request))

    async def next(self, request: Annotated[NextRequest, Query()], connection: Request) -> Next:
        """Return the distribution of the next character after a prefix."""
        return await run_for_client(self._quick, connection, partial(_next, *self._find(request.model), request))

    async def models(self) -> Models:
        """List the served models."""
        return Models(models=[_model(name, model) for name, model in self._models.items()])

    def _find(self, name: str | None) -> tuple[str, LanguageModel]:
        if name is None:
            return next(iter(self._models.items()))
        if name not in self._models:
            known = ", ".join(self._models)
            raise HTTPException(
                404, f"no model is called {excerpt(name)}; there are {known}{did_you_mean(name, self._models)}"
            )
        return name, self._models[name]


def _settings(request: GenerationSettings) -> tuple[int, dict[str, Any]]:
    """Return the seed (a new one if the request has none), and the parameters of the model's method by name."""
    seed = secrets.randbits(32) if request.seed is None else request.seed
    return seed, {**request.model_dump(exclude={"model"}), "seed": seed}


def _sampled(name: str, model: LanguageModel, request: SampleRequest) -> Sampled:
    seed, settings = _settings(request)
    note = None
    try:
        words = model.sample(**settings)
    except SamplingError as error:
        words, note = error.found, str(error)
    words_by_part = [SampledWord.model_validate({"word": word, "in": model.known.split_of(word)}) for word in words]
    return Sampled(model=name, seed=seed, words=words_by_part, note=note)


def _written(name: str, model: LanguageModel, request: WriteRequest) -> Written:
    seed, settings = _settings(request)
    return Written(model=name, seed=seed, text=model.write(**settings))


def _scored(name: str, model: LanguageModel, request: ScoreRequest) -> Scored:
    if (characters := sum(map(len, request.words))) > MOST_CHARACTERS:
        raise SettingError(f"{characters:,} characters in all: score {MOST_CHARACTERS:,} at most in one request")
    model = model.conditioned_on(request.label)
    words = [normalized(model.form, word) for word in request.words]
    losses, counts = model.losses(words, unknown=request.unknown)
    if 0 in counts:
        raise SettingError(
            "the first character of a running text is not scored: give passages of two characters or more"
        )
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
            "surprisal": _surprisals(model, word, request) if request.detail else None,
        }
        for word, nats, bits, perplexity in figures
    ]
    return Scored(model=name, words=[ScoredWord.model_validate(each) for each in scored])


def _surprisals(model: LanguageModel, word: str, request: ScoreRequest) -> list[Surprisal]:
    check_cancelled()
    bits = model.surprisal(word, unknown=request.unknown) / math.log(2)
    text = model.vocabulary.drop_unknown(word) if request.unknown == "skip" else word
    characters = [*word, ""] if model.form == "lines" else [*text[1:]]
    return [Surprisal(character=c, bits=_finite(b)) for c, b in zip(characters, bits.tolist(), strict=True)]


def _next(name: str, model: LanguageModel, request: NextRequest) -> Next:
    following = model.next(request.prefix, label=request.label)
    probabilities = [Probability(character=character, probability=p) for character, p in following.items()]
    return Next(model=name, prefix=normalized("text", request.prefix), next=probabilities)


def _model(name: str, model: LanguageModel) -> Model:
    return Model(
        name=name,
        kind=model.architecture.kind,
        form=model.form,
        parameters=model.parameters,
        characters="".join(model.vocabulary.characters),
        list=model.facts.get("list"),
        lines=model.facts.get("lines"),
        refit=bool(model.facts.get("refit", False)),
        labels=dict(model.labels),
        settings=model.architecture.model_dump(),
    )


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
