"""Checks of lesson 10: a model that beats a figure on dev, and a split without leaks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np

from morelike.language_model.model import LanguageModel
from morelike.lessons.checks import register, register_value
from morelike.text.reading import read_lines
from morelike.text.splits import split

TO_BEAT = 2.0609
"""The loss on dev of `mots` with the network of the recipe civil-mlp."""


def beats_the_figure(model: Any, *_: Any) -> bool:
    """Return whether an answer is a model of `mots` that learned from its train part alone and is better on dev."""
    return not any(fault(model) for fault in MODEL_FAULTS.values())


def is_no_model(answer: Any, *_: Any) -> bool:
    """Return whether an answer is no language model."""
    return not isinstance(answer, LanguageModel)


def lacks_characters(model: LanguageModel, *_: Any) -> bool:
    """Return whether a model does not know all characters of `mots`, as a model of another list."""
    return not {*"".join(_mots())} <= {*model.vocabulary.characters}


def knows_dev(model: LanguageModel, *_: Any) -> bool:
    """Return whether a model learned words of dev."""
    return bool(model.known.in_train(_dev()).any()) or bool(model.facts.get("refit"))


def saw_test(model: LanguageModel, *_: Any) -> bool:
    """Return whether the loss on test is written in a model."""
    return "test" in model.facts.get("losses", {})


def is_no_better(model: LanguageModel, *_: Any) -> bool:
    """Return whether a model does not beat the figure on dev."""
    nats, characters = model.losses(_dev())
    return bool(nats.sum() / characters.sum() >= TO_BEAT)


@cache
def _mots() -> Sequence[str]:
    return read_lines("mots")


@cache
def _dev() -> Sequence[str]:
    return split(_mots(), "shuffle-42").dev


MODEL_FAULTS = {
    "no_model": is_no_model,
    "other_list": lacks_characters,
    "knows_dev": knows_dev,
    "saw_test": saw_test,
    "no_better": is_no_better,
}
register_value("10.1", agrees=beats_the_figure, symptoms=MODEL_FAULTS)


def split_twice(answer: Any, words: list[str], seed: int) -> list[list[list[str]]] | None:
    """Return the parts that an answer makes, twice with one seed and once with another; None if it makes none."""
    made = [answer(list(words), each) for each in (seed, seed, seed + 1)]
    return None if made[0] is None else [[list(part) for part in parts] for parts in made]


def _loses_lines(got: Any, expected: Any, words: list[str], seed: int) -> bool:
    return any(len(parts) != 3 or sorted(chain(*parts)) != sorted(words) for parts in got)


def _changes(got: Any, *_: Any) -> bool:
    return bool(got[0] != got[1])


def _ignores_the_seed(got: Any, *_: Any) -> bool:
    return bool(got[0] == got[2])


def _leaks(got: Any, *_: Any) -> bool:
    train, dev, test = map(set, got[0])
    return bool(train & dev or train & test or dev & test)


def _has_wrong_sizes(got: Any, expected: Any, *_: Any) -> bool:
    return any(abs(len({*part}) - len({*wanted})) > 1 for part, wanted in zip(got[0], expected[0], strict=True))


SPLIT_FAULTS = {
    "loses_lines": _loses_lines,
    "changes": _changes,
    "ignores_the_seed": _ignores_the_seed,
    "leaks": _leaks,
    "sizes": _has_wrong_sizes,
}


def is_honest(*arguments: Any) -> bool:
    """Return whether a split has none of the faults."""
    return not any(fault(*arguments) for fault in SPLIT_FAULTS.values())


@register("10.2", agrees=is_honest, call=split_twice, symptoms=SPLIT_FAULTS, shows_expected=False)
def repeated_words(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return sorted lists in which four words of ten stand twice, and seeds."""
    lists = []
    for _ in range(3):
        different = sorted({"".join(rng.choice(list("abcdefghij"), rng.integers(3, 7))) for _ in range(80)})
        words = [word for word in different for _ in range(1 + int(rng.random() < 0.4))]
        lists.append((words, int(rng.integers(1000))))
    return lists
