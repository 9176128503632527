"""`--to hub`: a folder that the Hugging Face Hub takes as it is, and that `hub:owner/name` loads from there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import AfterValidator, Field

from morelike.errors import ExportError
from morelike.exports.format import Format
from morelike.exports.hub_card import Holds, Provenance, hub_card
from morelike.language_model.files.model_files import write_model
from morelike.language_model.model import LanguageModel
from morelike.sampling.settings import FrozenSettings
from morelike.text.known_words import KnownWords

NO_WORDS = KnownWords(*(np.empty(0, dtype=np.uint64) for _ in range(3)))


def _like(pattern: str, expected: str) -> AfterValidator:
    """Return a check that a text matches a pattern. Its error shows what was expected."""

    def check(value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(f"give {expected}")
        return value

    return AfterValidator(check)


class HubSettings(FrozenSettings):
    """What the model card says besides the model, and whether the list's hashes go along."""

    repository: Annotated[str, _like(r"[\w-][\w.-]*/[\w-][\w.-]*", "OWNER/NAME, such as anna/names")] = Field(
        "OWNER/NAME",
        description="the name of the model on the hub, for the commands of the card",
    )
    license: Annotated[str | None, _like(r"[a-z0-9.-]+", "a licence as the hub calls it, such as mit or cc-by-4.0")] = (
        Field(None, description="the licence of the model, as the hub calls it, such as mit")
    )
    language: Annotated[str | None, _like(r"[a-z]{2,3}(,[a-z]{2,3})*", "codes of languages, such as en or fr,it")] = (
        Field(
            None,
            description="the languages of the list by code, such as en or fr,it",
        )
    )
    data_license: str | None = Field(None, description="the licence of the list")
    holds: Holds | None = Field(
        None, description="what the list holds: for people and for passwords, the card warns of misuse"
    )
    with_list: bool = Field(
        default=False,
        description="put a hash of each word of the list into the folder, so that new words are told from copied ones; "
        "anyone with the folder can test whether a word was in the list",
    )


class Hub(Format):
    """A model folder with a card for the Hugging Face Hub."""

    summary: ClassVar[str] = "a folder for the Hugging Face Hub, with a model card"
    path: ClassVar[str] = "hub-model"
    mark: ClassVar[bytes] = b"--- library_name:"
    packages: ClassVar[Sequence[str]] = ["huggingface_hub"]
    settings: ClassVar[type[FrozenSettings]] = HubSettings

    def write(self, model: LanguageModel, path: Path, settings: HubSettings) -> Sequence[str]:
        if model.label is not None:
            raise ExportError("the folder for the hub holds the model with all its labels: leave out the label")
        provenance = Provenance.of(model, settings.language, settings.data_license, settings.holds)
        card = hub_card(model, settings.repository, settings.license, provenance, with_list=settings.with_list)
        known = model.known if settings.with_list else NO_WORDS
        write_model(path, replace(model, known=known).contents, card)
        notes = [f"Upload it with `hf upload {settings.repository} {shlex.quote(str(path))}`."]
        if settings.with_list:
            notes.append("The folder discloses which words were in the list: it holds a hash of each.")
        missing = {
            "the licence of the model": (settings.license, "--license"),
            "the language": (provenance.languages, "--language"),
            "the licence of the list": (provenance.data_license, "--data-license"),
            "whether the list holds people or passwords": (provenance.holds, "--holds"),
        }
        notes += [
            f"The card does not state {what}: give {flag}." for what, (value, flag) in missing.items() if not value
        ]
        return notes
