"""The model card of a folder for the Hugging Face Hub: Markdown with front matter that the hub reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from morelike.language_model.files.card import model_card
from morelike.language_model.model import LanguageModel
from morelike.text.lists.catalogue import NamedList, external_lists, shipped_lists

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

Holds: TypeAlias = Literal["people", "passwords", "other"]
CONFIDENCE = 0.95
HELD: dict[Holds, re.Pattern[str]] = {
    "passwords": re.compile(r"passw|rockyou|\bpins?\b|leak", re.IGNORECASE),
    "people": re.compile(r"names?(\b|_)|people|person|pr[ée]noms?|cognomi|surname", re.IGNORECASE),
}
"""Names of lists that hold passwords, or names of people."""
WARNINGS: dict[Holds, str] = {
    "people": (
        "**The list holds names of people.** The model may make the name of a real person. How well a name fits says "
        "nothing about the person who bears it: do not decide about people by it."
    ),
    "passwords": (
        "**The list holds passwords that people chose.** The model makes strings that people may use as passwords, and "
        "may repeat some of the list. Use it to refuse weak passwords and to study them; do not try its strings on an "
        "account that is not yours."
    ),
}
USE = """## Use

```sh
pip install 'morelike[hub]'
morelike sample hub:{repository} -n 20
morelike score hub:{repository} emma xqzt
```

```python
import morelike

model = morelike.load("hub:{repository}")  # "hub:{repository}@REVISION" pins a commit or a tag
print(model.sample(20))
```

Only the safetensors and JSON files of the model are downloaded, no code runs, and each file is checked by its SHA-256.
"""
KNOWN = (
    "`known.safetensors` holds a hash of each word of the list, to distinguish new words from copied ones. Anyone can "
    "test whether a given word was in the list."
)
NOT_KNOWN = (
    "The model comes without the hashes of its list: it cannot distinguish new words from those of the list, and some "
    "of the words that it makes are in the list."
)


@dataclass(frozen=True)
class Provenance:
    """What is known of the list of a model: the codes of its languages, its licence, and what it holds."""

    languages: Sequence[str]
    data_license: str | None
    holds: Holds | None

    @classmethod
    def of(
        cls, model: LanguageModel, language: str | None, data_license: str | None, holds: Holds | None
    ) -> Provenance:
        """Return what the user states; for the rest, what the catalogue of lists says, or the name of the list."""
        name = str(model.facts.get("list") or "")
        found = _catalogued(name, model.facts.get("lines"))
        guessed: Any = (
            found.holds if found else next((held for held, names in HELD.items() if names.search(name)), None)
        )
        languages = (language or (found.language if found else "")).split(",")
        return cls(
            [each for each in languages if each], data_license or (found.licence if found else None), holds or guessed
        )


def hub_card(
    model: LanguageModel, repository: str, licence: str | None, provenance: Provenance, *, with_list: bool
) -> str:
    """Return the card of a model on the hub.

    Args:
        model: the model.
        repository: its name on the hub.
        licence: its licence, as the hub calls it.
        provenance: what is known of its list.
        with_list: whether the hashes of the list's words go along.
    """
    from huggingface_hub import ModelCardData

    results = list(_results(model))
    named: dict[str, Any] = {"model_name": repository, "eval_results": results} if results else {}
    if provenance.data_license:
        named["data_license"] = provenance.data_license
    front_matter = ModelCardData(
        language=[*provenance.languages] or None,
        license=licence,
        library_name="morelike",
        pipeline_tag="text-generation",
        tags=["morelike", "character-language-model", model.architecture.kind, *_tags(provenance.holds)],
        **named,
    )
    body = model_card(
        model.architecture,
        model.vocabulary.size,
        model.parameters,
        model.facts,
        model.labels,
        _ending(repository, provenance, with_list=with_list),
    )
    return f"---\n{front_matter.to_yaml()}\n---\n\n{body}"


def _ending(repository: str, provenance: Provenance, *, with_list: bool) -> str:
    parts = [WARNINGS[provenance.holds]] if provenance.holds in WARNINGS else []
    if provenance.data_license:
        parts.append(f"The licence of the list: {' '.join(provenance.data_license.split())}.")
    return "\n\n".join([*parts, KNOWN if with_list else NOT_KNOWN, USE.format(repository=repository)])


def _tags(holds: Holds | None) -> list[str]:
    return {"people": ["names"], "passwords": ["passwords", "not-for-all-audiences"]}.get(holds or "", [])


def _results(model: LanguageModel) -> Iterator[EvalResult]:
    """Yield the losses of the model that are known, with their 95 % intervals."""
    from huggingface_hub import EvalResult

    name = str(model.facts.get("list") or "words")
    for split, figures in model.facts.get("losses", {}).items():
        low, high = figures["interval"]
        for kind, title, value, interval in (
            ("cross-entropy", "nats per character", figures["nats"], (low, high)),
            ("perplexity", "perplexity per character", exp(figures["nats"]), (exp(low), exp(high))),
        ):
            yield EvalResult(
                task_type="text-generation",
                dataset_type=re.sub(r"[^\w.-]+", "-", name),
                dataset_name=name,
                dataset_split=split,
                metric_type=kind,
                metric_name=title,
                metric_value=round(value, 4),
                metric_args={"interval": [round(end, 4) for end in interval], "confidence": CONFIDENCE},
            )


def _catalogued(name: str, lines: int | None) -> NamedList | None:
    """Return the list of the catalogue that has this name and this number of lines."""
    found: NamedList | None = (shipped_lists() | external_lists()).get(name)
    return found if found and found.lines == lines else None
