"""The settings of `LanguageModel.sample`: filters, constraints and novelty, each declared once in its own class."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from morelike.sampling.constraints.excluded import as_differences
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.sampling.settings import FrozenSettings

DEFAULT_COUNT = 20
"""Words that are made if no number is given."""


class Novelty(FrozenSettings):
    """Which words are new enough."""

    edits: int = Field(0, ge=0, description="the least number of edits between each word and every word in train")
    novel: bool = Field(
        default=True, description="only words that are not in the list, its dev and test parts included"
    )
    novel_ignoring: tuple[str, ...] = Field(
        (), description="differences that make no word new: case, accents or both; compared with the words of not_in"
    )
    unique: bool = Field(default=True, description="no word twice")

    @field_validator("novel_ignoring", mode="before")
    @classmethod
    def _split_at_commas(cls, given: Any) -> Any:
        return as_differences(given)


class SampleSettings(SamplingConfig, Constraints, Novelty):
    """All settings of `LanguageModel.sample` except its lists of words."""

    @property
    def default_count(self) -> int:
        """How many words are made if nobody says it: one if the settings allow a single word."""
        return 1 if self.deterministic or self.top_k == 1 else DEFAULT_COUNT
