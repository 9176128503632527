"""From what a user asks for to the plan of a run: each setting goes where it belongs."""

from __future__ import annotations

from typing import Any

from morelike.architecture import MIXTURE, build, find, kinds
from morelike.errors import SettingError, did_you_mean
from morelike.runs.config import TrainingConfig, configure
from morelike.runs.plan import Plan
from morelike.text.corpus import Corpus, StoredList
from morelike.text.splits import TEXT_SPLIT_RULES, find_rule
from morelike.text.words import Form

__all__ = ["plan", "split_rule"]


def plan(
    corpus: Corpus,
    kind: str = "gru",
    *,
    source: str | None = None,
    split: str | None = None,
    quick: bool = False,
    settings: dict[str, Any],
) -> Plan:
    """Return the plan of a run; each setting goes to the architecture or to training, whichever has it.

    Raises:
        SettingError: neither has it, or a value makes no sense.
    """
    split = split_rule(split, corpus.form, corpus.store)
    if kind == MIXTURE:
        raise SettingError("a mixture is made of trained models: train them, then mix them")
    architecture_settings = find(kind).model_fields
    for setting in settings:
        if setting not in architecture_settings and setting not in TrainingConfig.model_fields:
            raise SettingError(_no_setting(kind, setting))
    if corpus.counts is None and settings.get("weights", "none") != "none":
        raise SettingError(
            f"weights = {settings['weights']}: the list '{corpus.name}' has no counts; give it a second column, "
            "word<TAB>count"
        )
    if corpus.labels is not None and settings.get("labelled", True) and not find(kind).takes_labels:
        takers = [other for other in kinds() if find(other).takes_labels]
        raise SettingError(
            f"{kind} takes no labels, and the list '{corpus.name}' has some: choose {', '.join(takers[:-1])} or "
            f"{takers[-1]}, or learn without them, with labelled = False"
        )
    suited = find(kind).quick if quick else {}
    architecture = build(
        kind, {key: value for key, value in {**suited, **settings}.items() if key in architecture_settings}
    )
    of_training = {key: settings[key] for key in settings if key not in architecture_settings}  # an n-gram's threads
    training = configure(architecture, of_training, quick=quick)
    return Plan(corpus, architecture, training, source, split)


def split_rule(name: str | None, form: Form, store: StoredList | None = None) -> str:
    """Return the name of a rule that splits a list or a text, its default where none is named.

    Raises:
        SettingError: no rule of this name, none for this form, or another than that of the store.
    """
    if store:
        if name not in (None, store.split.name):
            raise SettingError(f"a store is cut by '{store.split.name}' when it is built, not by '{name}'")
        return store.split.name
    if form == "lines":
        name = name or "shuffle-42"
        find_rule(name)
        return name
    name = name or "contiguous"
    if name not in TEXT_SPLIT_RULES:
        raise SettingError(f"a running text is not split by '{name}': choose among {', '.join(TEXT_SPLIT_RULES)}")
    return name


def _no_setting(kind: str, setting: str) -> str:
    known = [*find(kind).model_fields, *TrainingConfig.model_fields]
    others = [other for other in kinds() if setting in find(other).model_fields]
    hint = f"; it is a setting of {', '.join(others)}" if others else did_you_mean(setting, known)
    return f"{kind} has no setting '{setting}'{hint}. There are {', '.join(known)}"
