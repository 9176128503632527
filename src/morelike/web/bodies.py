"""The fields of requests and responses: declared once, checked, and described in /openapi.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from morelike.language_model.encoding import UnknownPolicy
from morelike.sampling.constraints.settings import MAX_EDITS, Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.text.words import Form

MOST_WORDS = 10_000
MOST_CHARACTERS = 100_000
"""The most characters in all words of one request."""
LONGEST_WORD = 1000
LONGEST_NAME = 200
LONGEST_TEXT = 100
MOST_TEXTS = 100
LARGEST_SEED = 2**53 - 1
"""The greatest integer that every client represents exactly: JavaScript's numbers are doubles."""

ModelName = Annotated[
    str | None, Field(max_length=LONGEST_NAME, description="one of /v1/models; by default the first one")
]
Label = Annotated[
    str | None,
    Field(
        max_length=LONGEST_NAME,
        description="use this label, if the model has labels; by default all labels, weighted by their shares",
    ),
]
Prefix = Annotated[str, Field(max_length=LONGEST_WORD, description="the beginning of each word or of the text")]
Seed = Annotated[
    int | None,
    Field(ge=0, le=LARGEST_SEED, description="the same seed gives the same words; by default a new seed each time"),
]
ShortText = Annotated[str, Field(max_length=LONGEST_TEXT)]
ShortTexts = Annotated[tuple[ShortText, ...], Field(max_length=MOST_TEXTS, strict=False)]
DESCRIPTIONS = {name: field.description or "" for name, field in Constraints.model_fields.items()}
ListPart = Literal["train", "dev", "test", "new"]


class GenerationSettings(SamplingConfig):
    """The settings that sampling words and writing text have in common."""

    model_config = ConfigDict(strict=True)

    prefix: Prefix = ""
    seed: Seed = None

    @model_validator(mode="before")
    @classmethod
    def _accept_integral_floats(cls, given: Any) -> Any:
        """Accept 5.0 for 5: JSON has one type of number."""
        if not isinstance(given, dict):
            return given
        return {name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in given.items()}


class WordSettings(GenerationSettings):
    """The settings of new words; each field is a parameter of `LanguageModel.sample`."""

    count: int | None = Field(
        None, ge=0, le=MOST_WORDS, description="the number of words; by default 20, or 1 if `greedy`"
    )
    suffix: ShortText = Field("", description=DESCRIPTIONS["suffix"])
    contains: ShortTexts = Field((), description=DESCRIPTIONS["contains"])
    not_contains: ShortTexts = Field((), description=DESCRIPTIONS["not_contains"])
    not_contains_ignoring: ShortTexts = Field((), description=DESCRIPTIONS["not_contains_ignoring"])
    regex: ShortText = Field("", description=DESCRIPTIONS["regex"])
    pattern: ShortText = Field("", description=DESCRIPTIONS["pattern"])
    shape: ShortText = Field("", description=DESCRIPTIONS["shape"])
    one_script: bool = Field(default=False, description=DESCRIPTIONS["one_script"])
    pronounceable: bool = Field(default=False, description=DESCRIPTIONS["pronounceable"])
    allowed: ShortText = Field("", description=DESCRIPTIONS["allowed"])
    banned: ShortText = Field("", description=DESCRIPTIONS["banned"])
    similar: ShortText = Field("", description=DESCRIPTIONS["similar"])
    within: int = Field(
        2, ge=0, le=MAX_EDITS, description="the most edits (a character inserted, deleted or replaced) from `similar`"
    )
    min_length: int = Field(1, ge=0, le=LONGEST_WORD, description=DESCRIPTIONS["min_length"])
    max_length: int = Field(100, ge=0, le=LONGEST_WORD, description=DESCRIPTIONS["max_length"])
    novel: bool = Field(default=True, description="only words that are in no part of the list, train, dev or test")
    novel_ignoring: ShortTexts = Field(
        (), description="differences that make no word new, compared with the words of `not_in`: case, accents or both"
    )
    unique: bool = Field(default=True, description="no word twice")
    not_in: ShortTexts = Field((), description="words to leave out")
    label: Label = None


class SampleRequest(WordSettings):
    """A request for new words."""

    model: ModelName = None


class WriteRequest(GenerationSettings):
    """A request for text of a model of running text; each field is a parameter of `LanguageModel.write`."""

    model: ModelName = None
    characters: int = Field(500, ge=0, le=MOST_WORDS, description="the number of characters to write")


class ScoreRequest(BaseModel):
    """A request for the scores of words."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: ModelName = None
    words: list[Annotated[str, Field(max_length=MOST_CHARACTERS)]] = Field(
        max_length=MOST_WORDS,
        description=f"words, or passages for a model of running text; at most {MOST_CHARACTERS:,} characters in all",
    )
    unknown: UnknownPolicy = Field(
        "error",
        description="for characters that the model does not know: error refuses the word, skip leaves them out, "
        "reserve gives each the probability 1/10,000",
    )
    detail: bool = Field(default=False, description="return the surprisal of each character too")
    label: Label = None


class NextRequest(BaseModel):
    """A request for the distribution of the next character after a prefix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelName = None
    prefix: Prefix = ""
    label: Label = None


class Problem(BaseModel):
    """One sentence that says what is wrong and what to do."""

    error: str


class SampledWord(BaseModel):
    """A word, and the part of the list that holds it; `new` if no part does."""

    model_config = ConfigDict(validate_by_name=True)

    word: str
    where: ListPart = Field(alias="in")


class Sampled(BaseModel):
    """The new words; if they are fewer than requested, `note` gives the reason."""

    model: str
    seed: int
    words: list[SampledWord]
    note: str | None


class Written(BaseModel):
    """The text, which begins with the prefix."""

    model: str
    seed: int
    text: str


class Surprisal(BaseModel):
    """-log2 p of a character (`""` is the end); null if it is not finite or the character was left out."""

    character: str
    bits: float | None


class ScoredWord(SampledWord):
    """The scores of a word: -ln p of the word, and figures per character, its end included; null if not finite."""

    nats: float | None
    bits_per_character: float | None
    perplexity: float | None
    surprisal: list[Surprisal] | None = None


class Scored(BaseModel):
    """The scores of the words, in the order of the request."""

    model: str
    words: list[ScoredWord]


class Probability(BaseModel):
    """The probability of a character; `""` is the end."""

    character: str
    probability: float


class Next(BaseModel):
    """The characters that may follow a prefix, the most probable first."""

    model: str
    prefix: str
    next: list[Probability]


class Model(BaseModel):
    """The architecture, the list and the settings of a model."""

    name: str
    kind: str
    form: Form
    parameters: int
    characters: str
    list: str | None
    lines: int | None
    refit: bool = Field(description="whether it was trained anew on all lines after its losses were measured")
    labels: dict[str, float] = Field(
        description="the labels of its list with their shares of train; empty for a list without labels"
    )
    settings: dict[str, Any]


class Models(BaseModel):
    """The served models, the default first."""

    models: list[Model]
