"""The settings of new words as the page's controls need them, from the fields that declare them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from morelike.play.make.bodies import SampleBody
from morelike.sampling.constraints.excluded import DIFFERENCES

LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxLength", "maxItems")
NULL = "null"


def setting_facts(most: int, labels: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return for each setting of `make/sample` its name, type, default, sentence, limits, and choices if it has some.

    The types, and the names of the limits, are those of JSON schema. `most` is the most words at once. `labels` are
    those of a model; a model without labels has no setting `label`.
    """
    choices: Mapping[str, Iterable[str] | None] = {
        **dict.fromkeys(("not_contains_ignoring", "novel_ignoring"), DIFFERENCES),
        "label": labels,
    }
    properties: Mapping[str, Any] = SampleBody.model_json_schema()["properties"]
    found = [
        _facts(name, each, choices.get(name))
        for name, each in properties.items()
        if name != "label" or labels is None or [*labels]
    ]
    return [each | {"maximum": most} if each["name"] == "count" else each for each in found]


def _facts(name: str, schema: Mapping[str, Any], choices: Iterable[str] | None) -> dict[str, Any]:
    (typed,) = [each for each in schema.get("anyOf", [schema]) if each.get("type") != NULL]
    return {
        "name": name,
        "type": typed["type"],
        "default": schema.get("default"),
        "sentence": schema.get("description", ""),
        **{limit: typed[limit] for limit in LIMITS if limit in typed},
        **({} if choices is None else {"choices": [*choices]}),
    }
