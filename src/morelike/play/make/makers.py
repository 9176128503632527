"""New words: sampled from a run, from a blend of two runs, or resembling a word."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from morelike.errors import SamplingError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.panels.plain import rounded
from morelike.play.limits import PlayLimits
from morelike.play.make.bodies import NearBody, SampleBody
from morelike.play.make.current import CurrentModel
from morelike.play.make.words import described
from morelike.workflows.blending import blend, missing_characters
from morelike.workflows.stimuli.pseudowords import pseudowords
from morelike.workflows.stimuli.words import inseparable_note, similar_each

MOST_SHOWN = 20
CANDIDATES = 1000


def sampled(current: CurrentModel, body: SampleBody, limits: PlayLimits) -> dict[str, Any]:
    """Return new words with their figures, the settings, and the seed that gives the same words again.

    If there are fewer words than asked for, `note` says why.

    Raises:
        SettingError, VocabularyError: as `LanguageModel.sample`; too many words, or a list that is gone.
    """
    limits.check_made(body.count or 0)
    seed = secrets.randbits(32) if body.seed is None else body.seed
    settings = body.model_dump(include={*SampleBody.model_fields})
    given, note = {**settings, "seed": seed}, None
    if body.edits > 0 or (body.novel and body.novel_ignoring):
        if not current.listed:
            raise SettingError("the list of this run cannot be read: leave out edits and novel_ignoring")
        given["not_in"] = [*body.not_in, *(current.listed if body.novel_ignoring else [])]
        given["far_from"] = current.train if body.edits > 0 else ()
    try:
        words = current.model.sample(**given)
    except SamplingError as error:
        words, note = list(error.found), f"{error}."
    return {
        "words": described(current, words, body.label),
        "settings": settings,
        "seed": seed,
        "step": current.step,
        "note": note,
    }


def blended(current: CurrentModel, other: CurrentModel, share: float) -> tuple[CurrentModel, str | None]:
    """Return the blend of two runs, and a sentence about characters that one of them lacks.

    The probability of each next character is (1 - share) times that of the first run, plus `share` times that of the
    other one. A word is new if it is in neither list.

    Raises:
        SettingError: labels, or no character in common.
    """
    models = current.model, other.model
    lacking = _lacking(*models)
    mixed = blend(models, [1 - share, share] if 0 < share < 1 else None)
    if share in (0, 1):  # 0 is no weight of a blend
        mixed = replace(models[round(share)], known=mixed.known)
    listed = [*dict.fromkeys([*current.listed, *other.listed])] if current.listed and other.listed else []
    return CurrentModel(mixed, current.step, listed, [*current.train, *other.train]), lacking


def _lacking(first: LanguageModel, second: LanguageModel) -> str | None:
    """Return a sentence about the characters that one of two models does not know, None if they know the same.

    Raises:
        SettingError: they have no character in common.
    """
    names = [model.facts.get("list", "words") for model in (first, second)]
    lacking = missing_characters([first, second])
    if not set(first.vocabulary.characters) & set(second.vocabulary.characters):
        raise SettingError(
            f"'{names[0]}' and '{names[1]}' have no character in common, so their words cannot be blended: choose two "
            "lists of one alphabet"
        )
    sentences = [
        f"'{name}' lacks {' '.join(missing[:MOST_SHOWN])}{' ...' if len(missing) > MOST_SHOWN else ''}"
        for name, missing in zip(names, lacking, strict=True)
        if missing
    ]
    if not sentences:
        return None
    return f"{' and '.join(sentences)}: after a character that a list lacks, its model begins a new word."


def near(current: CurrentModel, body: NearBody, limits: PlayLimits) -> dict[str, Any]:
    """Return words that resemble a word, the closest first: words of the list, or new ones.

    Similar words have their `cosine` (None if they are compared by edits) and `edits`; pseudowords their `distance`.

    Raises:
        SettingError, VocabularyError, SamplingError, ListError: as `similar` and `pseudowords`; or too many words.
    """
    limits.check_made(body.count)
    if not current.listed:
        raise SettingError("the list of this run cannot be read, so there are no words to compare with")
    seed, note = secrets.randbits(32) if body.seed is None else body.seed, None
    if body.how == "similar":
        (found,) = similar_each(current.model, [body.word], current.listed, by=body.by, count=body.count)
        words, note = [each.word for each in found], inseparable_note([body.word], [found]) or None
        figures = [{"cosine": rounded(each.cosine), "edits": each.edits} for each in found]
    else:
        made = pseudowords(current.model, body.word, current.listed, count=body.count, candidates=CANDIDATES, seed=seed)
        words = made.found.words
        figures = [{"distance": distance} for distance in rounded(made.distances)]
    shown = [{**word, **more} for word, more in zip(described(current, words), figures, strict=True)]
    return {"words": shown, "settings": body.model_dump(), "seed": seed, "step": current.step, "note": note}
