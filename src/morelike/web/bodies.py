"""What requests ask for and what responses hold: declared once, checked, and described in /openapi.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from morelike.language_model.model import UnknownPolicy
from morelike.sampling.constraints.settings import MAX_EDITS, Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.text.words import Form

__all__ = [
    "MOST_CHARACTERS",
    "Choice",
    "Model",
    "Models",
    "Next",
    "NextRequest",
    "Probability",
    "Problem",
    "SampleRequest",
    "Sampled",
    "SampledWord",
    "ScoreRequest",
    "Scored",
    "ScoredWord",
    "Surprisal",
    "WriteRequest",
    "Written",
]

MOST_WORDS = 10_000
MOST_CHARACTERS = 100_000
"""Characters in all the words of one request."""
LONGEST_WORD = 1000
LONGEST_NAME = 200
LONGEST_PART = 100
MOST_PARTS = 100
LARGEST_SEED = 2**53 - 1
"""Every client's numbers are exact up to here; JavaScript's are doubles."""

ModelName = Annotated[
    str | None, Field(max_length=LONGEST_NAME, description="one of /v1/models; by default the first of them")
]
Label = Annotated[
    str | None,
    Field(
        max_length=LONGEST_NAME, description="of a model with labels: the one given; by default all, by their shares"
    ),
]
Prefix = Annotated[str, Field(max_length=LONGEST_WORD, description="how each word, or the text, begins")]
Seed = Annotated[
    int | None, Field(ge=0, le=LARGEST_SEED, description="the same seed gives the same words; by default a fresh one")
]
Part = Annotated[str, Field(max_length=LONGEST_PART)]
Parts = Annotated[tuple[Part, ...], Field(max_length=MOST_PARTS, strict=False)]
ASKS = {name: field.description or "" for name, field in Constraints.model_fields.items()}
Where = Literal["train", "dev", "test", "new"]


class Choice(SamplingConfig):
    """What sampling words and writing text have in common."""

    model_config = ConfigDict(strict=True)

    model: ModelName = None
    prefix: Prefix = ""
    seed: Seed = None

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, given: Any) -> Any:
        """JSON has one sort of number: 5.0 is as whole as 5."""
        if not isinstance(given, dict):
            return given
        return {name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in given.items()}


class SampleRequest(Choice):
    """Words wanted; each field is the parameter of `LanguageModel.sample` of that name."""

    count: int = Field(20, ge=0, le=MOST_WORDS, description="how many words")
    suffix: Part = Field("", description=ASKS["suffix"])
    contains: Parts = Field((), description=ASKS["contains"])
    not_contains: Parts = Field((), description=ASKS["not_contains"])
    regex: Part = Field("", description=ASKS["regex"])
    pattern: Part = Field("", description=ASKS["pattern"])
    allowed: Part = Field("", description=ASKS["allowed"])
    banned: Part = Field("", description=ASKS["banned"])
    similar: Part = Field("", description=ASKS["similar"])
    within: int = Field(2, ge=0, le=MAX_EDITS, description="edits (a character more, less or other) from `similar`")
    min_length: int = Field(1, ge=0, le=LONGEST_WORD, description=ASKS["min_length"])
    max_length: int = Field(100, ge=0, le=LONGEST_WORD, description=ASKS["max_length"])
    novel: bool = Field(
        default=True, description="only words that are not in the list, its dev and test parts included"
    )
    unique: bool = Field(default=True, description="no word twice")
    not_in: Parts = Field((), description="words that are not wanted")
    label: Label = None


class WriteRequest(Choice):
    """Text wanted of a model of running text; each field is the parameter of `LanguageModel.write` of that name."""

    characters: int = Field(500, ge=0, le=MOST_WORDS, description="how long a text to write")


class ScoreRequest(BaseModel):
    """Words to score."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: ModelName = None
    words: list[Annotated[str, Field(max_length=MOST_CHARACTERS)]] = Field(
        max_length=MOST_WORDS,
        description=f"words, or passages for a model of running text; {MOST_CHARACTERS:,} characters at most in all",
    )
    unknown: UnknownPolicy = Field(
        "error",
        description="characters that the model does not know: refuse the word, leave them out, or give each one in "
        "10,000 of the probability",
    )
    detail: bool = Field(default=False, description="the surprisal of each character as well")
    label: Label = None


class NextRequest(BaseModel):
    """A beginning, of which the next character is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelName = None
    prefix: Prefix = ""
    label: Label = None


class Problem(BaseModel):
    """What went wrong and the way out, in one sentence."""

    error: str


class SampledWord(BaseModel):
    """A word and the part of the list that holds it."""

    model_config = ConfigDict(validate_by_name=True)

    word: str
    where: Where = Field(alias="in")


class Sampled(BaseModel):
    """Words made; `note` says why, if they are fewer than were asked for."""

    model: str
    seed: int
    words: list[SampledWord]
    note: str | None


class Written(BaseModel):
    """A text written, which begins with the prefix."""

    model: str
    seed: int
    text: str


class Surprisal(BaseModel):
    """-log2 p of a character, `""` being the end; null where that is not finite or the character was left out."""

    character: str
    bits: float | None


class ScoredWord(SampledWord):
    """How likely a word is: -ln p of the whole, and per character, its end included; null where not finite."""

    nats: float | None
    bits_per_character: float | None
    perplexity: float | None
    surprisal: list[Surprisal] | None = None


class Scored(BaseModel):
    """Words with their figures, in the order in which they came."""

    model: str
    words: list[ScoredWord]


class Probability(BaseModel):
    """The probability of a character, `""` being the end."""

    character: str
    probability: float


class Next(BaseModel):
    """What may follow a beginning, the most probable first."""

    model: str
    prefix: str
    next: list[Probability]


class Model(BaseModel):
    """What a model is and what it learned from."""

    name: str
    kind: str
    form: Form
    parameters: int
    characters: str
    list: str | None
    lines: int | None
    labels: dict[str, float] = Field(description="each label of its list with its share of train; none, if it had none")
    settings: dict[str, Any]


class Models(BaseModel):
    """The models that are served, the default first."""

    models: list[Model]
