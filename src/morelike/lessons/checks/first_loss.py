"""Checks of lesson 4."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from morelike.language_model.fresh import build
from morelike.lessons.checks import register, register_value
from morelike.lessons.checks.contexts import random_words

LETTERS = "ABCDEF"
TRUE = {"A", "C", "E"}


def are_letters(got: Any) -> bool:
    """Return whether an answer is a set of letters of statements."""
    return isinstance(got, set | frozenset) and got <= {*LETTERS}


def has_a_false_one(letter: str) -> Any:
    """Return a symptom: the letter of a false statement is in the answer."""
    return lambda got, _: are_letters(got) and letter in got


def lacks_a_true_one(letter: str) -> Any:
    """Return a symptom: the letter of a true statement is not in the answer."""
    return lambda got, _: are_letters(got) and letter not in got


register_value(
    "4.1",
    symptoms={letter: lacks_a_true_one(letter) if letter in TRUE else has_a_false_one(letter) for letter in LETTERS}
    | {"letters": lambda got, _: not are_letters(got)},
)


def start(mend: Any, words: list[str], seed: int) -> Any:
    """Return what mended weights do: the first loss above ln V, the mean size of the hidden numbers, what changed."""
    settings: dict[str, Any] = {"context": 3, "embedding": 2, "hidden": 100}
    careless = build("mlp", words, initialization="normal", seed=seed, **settings)
    before = {name: np.array(weight) for name, weight in careless.weights.items()}
    mended = mend({name: weight.copy() for name, weight in before.items()})
    if mended is None or mended is ...:
        return None
    after = before | mended  # a weight that is left out stays as it was
    found = build("mlp", words, weights=after, **settings).forward(words)
    return {
        "gap": found.loss - log(careless.vocabulary.size),
        "hidden": float(np.abs(found["hidden"]).mean()),
        "changed": {name for name, weight in before.items() if not np.array_equal(weight, after[name])},
    }


def is_mended(got: Any) -> bool:
    """Return whether the first loss is near ln V."""
    return bool(abs(got["gap"]) < 0.05)


@register(
    "4.2",
    call=start,
    agrees=lambda got, *_: is_mended(got) and 0.05 < got["hidden"] < 0.95,
    shows_expected=False,
    symptoms={
        "unchanged": lambda got, *_: not got["changed"],
        "bias": lambda got, *_: got["changed"] == {"b2"} and not is_mended(got),
        "first": lambda got, *_: bool(got["changed"]) and "W2" not in got["changed"] and not is_mended(got),
        "halfway": lambda got, *_: "W2" in got["changed"] and not is_mended(got),
        "vanished": lambda got, *_: is_mended(got) and got["hidden"] <= 0.05,
    },
)
def careless_starts(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return lists of words, each with the seed of the careless weights."""
    return [(random_words(rng, 30), int(rng.integers(1000))) for _ in range(2)]
