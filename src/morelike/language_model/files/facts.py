"""What a model file states about a model besides its weights, checked before it is used."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from morelike.text.count_weights import CountWeighting

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
HIDDEN = "test_hidden"
"""The fact that the loss on test is not computed yet, in the facts of a model and in meta.json."""
LOOKED_AT = "test_looked_at"
"""When a hidden loss on test was computed, in the same places."""
ORIGIN = ("list_name", "lines", "split", "fingerprint")


class _Stated(BaseModel):
    """Known names have the right types, without conversion; unknown names may have any value."""

    model_config = ConfigDict(strict=True, extra="allow", defer_build=True)


class LossFacts(_Stated):
    """The loss on a split, as `Evaluation.as_dict` gives it."""

    nats: FiniteFloat
    bits: FiniteFloat
    interval: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)]
    lines: Count
    characters: Count
    occurrences: Count | None = None
    unseen: LossFacts | None = None
    labels: dict[str, LossFacts] = {}


class BlendFacts(_Stated):
    """A member of a blend."""

    list_name: str = Field(alias="list")
    kind: str
    weight: Share


class Facts(_Stated):
    """The origin of a model; all is optional, but a list comes with its size, split and fingerprint."""

    list_name: str | None = Field(None, alias="list")
    lines: Count | None = None
    learned_lines: Count = 0
    split: str | None = None
    fingerprint: str | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    steps: Count = 0
    count_weighting: CountWeighting = "counts"
    losses: dict[str, LossFacts] = {}
    refit: bool = False
    test_hidden: bool = False
    test_looked_at: str | None = None
    blend: list[BlendFacts] | None = None

    @model_validator(mode="after")
    def _has_a_whole_origin(self) -> Facts:
        if self.list_name is not None and (missing := [name for name in ORIGIN if getattr(self, name) is None]):
            raise ValueError(f"a list comes with its {missing[0]}")
        return self


class ModelConfig(_Stated):
    """The content of config.json."""

    architecture: dict[str, Any]
    facts: Facts
    form: Literal["lines", "text"] = "lines"
    labels: dict[str, Share] = {}


class VocabularyFile(_Stated):
    """The content of vocabulary.json."""

    characters: list[str]


class MemberFacts(Facts):
    """The origin of a model of a classifier, and the numbers of its held-out words."""

    dev: Count = 0
    test: Count = 0


class ClassifierFacts(_Stated):
    """The origin of a classifier."""

    fpr: Share | None = None
    in_both: Count = 0
    left_out: Count = 0
    notes: list[str] = []
    good: MemberFacts | None = None
    bad: MemberFacts | None = None


def check(stated: type[BaseModel], value: object) -> None:
    """Return if a value has the right types.

    Raises:
        ValueError: it does not; the message names the first entry, in one line.
    """
    try:
        stated.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place[:80]}: {first['msg']}" if place else first["msg"]) from None
