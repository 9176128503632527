"""The bodies of requests that make words, checked. The settings of sampling are declared where they are used."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from morelike.errors import ListError
from morelike.language_model.sample_settings import Novelty
from morelike.play.bodies import Body, Name
from morelike.play.limits import LONGEST_LINE
from morelike.sampling.constraints.excluded import as_differences
from morelike.text.words import check_list
from morelike.web.bodies import LARGEST_SEED, Label, ShortTexts, WordSettings
from morelike.workflows.stimuli.words import By

MOST_EDITS = 100
MOST_KEPT = 5_000
"""Words that are starred, rejected or edited in one run; 29 million distances to a list take seconds."""
MOST_EXCLUDED = 2 * MOST_KEPT
MOST_LISTS = 20
MOST_TEXT = 1 << 20


def _one_word(text: str) -> str:
    """Return a word, cleaned.

    Raises:
        ListError: it is empty, or it is not one line.
    """
    (word,) = check_list([text], keep_blank=True).words
    if not word:
        raise ListError("one of the words is empty: give it a character or more")
    return word


Word = Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(_one_word)]
Differences = Annotated[tuple[str, ...], BeforeValidator(as_differences)]


class SampleBody(WordSettings):
    """The settings of new words: those of the server of models, and those that compare with the list of the run."""

    edits: int = Field(0, ge=0, le=MOST_EDITS, description=Novelty.model_fields["edits"].description)
    not_in: Annotated[tuple[Word, ...], Field(max_length=MOST_EXCLUDED, strict=False)] = Field(
        (), description="words to leave out"
    )
    novel_ignoring: Annotated[ShortTexts, BeforeValidator(as_differences)] = Field(
        (), description="differences that make no word new, compared with the list and `not_in`: case, accents or both"
    )


class BlendBody(SampleBody):
    """The settings of new words of a blend; `share` is the share of the other run, from 0 to 1."""

    other: Name
    share: float = Field(0.5, ge=0, le=1)


class NearBody(Body):
    """A word, and how the words that resemble it are found."""

    word: Word
    count: Annotated[int, Field(ge=1)] = 20
    how: Literal["similar", "pseudowords"] = "similar"
    by: By | None = None
    seed: Annotated[int | None, Field(ge=0, le=LARGEST_SEED)] = None


class ScoreBody(Body):
    """Words to score, such as words that a person edited."""

    words: list[Word]
    label: Label = None


class CheckBody(Body):
    """Words to look for in lists, and texts, one a line, that no word may contain."""

    words: list[Word]
    lists: Annotated[list[Name], Field(max_length=MOST_LISTS)] = Field(default_factory=list)
    blocked: Annotated[str, Field(max_length=MOST_TEXT)] = ""
    ignoring: Differences = ("case",)


class Edited(Body):
    """A word that a person changed."""

    model_config = ConfigDict(serialize_by_alias=True)

    before: Word = Field(alias="from")
    to: Word


class Kept(Body):
    """What a person keeps of the words of a run.

    `version` counts the changes. A page sends the version that it has read.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    starred: Annotated[list[Word], Field(max_length=MOST_KEPT)] = Field(default_factory=list)
    rejected: Annotated[list[Word], Field(max_length=MOST_KEPT)] = Field(default_factory=list)
    edited: Annotated[list[Edited], Field(max_length=MOST_KEPT)] = Field(default_factory=list)
    version: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 0
