"""Checks of lessons 13 and 14: the context of a pattern, the states of an Elman network, and the step of a GRU."""

from __future__ import annotations

from typing import Any

import numpy as np

from morelike.lessons.checks import register


@register("13.1")
def patterns(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the lesson's pattern, and texts of a few letters in runs."""
    texts = [_runs(rng) for _ in range(5)]
    return [("aaaaabbbbbccccacdddddaaaa",), ("abcabcabdabcabcabd" * 2,), *((text,) for text in texts)]


def _runs(rng: np.random.Generator) -> str:
    """Return runs of letters; runs of two letters return, so that a context occurs twice with the same follower."""
    runs = "".join(letter * int(rng.integers(1, 7)) for letter in rng.choice(list("abcd"), rng.integers(5, 9)))
    return f"{runs}ef{runs[:3]}ef"


@register("13.2")
def elman_inputs(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return characters by their numbers, and the weights of Elman networks."""
    cases = []
    for symbols, hidden in ((4, 3), (3, 5), (6, 2)):
        ids = rng.integers(symbols, size=rng.integers(3, 8)).tolist()
        weights = rng.normal(size=(symbols, hidden)), rng.normal(size=(hidden, hidden)), rng.normal(size=hidden)
        cases.append((ids, *weights))
    return cases


def equal_to_five_digits(got: Any, expected: Any, *_: Any) -> bool:
    """Return whether two arrays differ by at most 1e-5."""
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    return got.shape == expected.shape and bool((np.abs(got - expected) <= 1e-5).all())


@register("14.1", agrees=equal_to_five_digits)
def gru_inputs(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return an embedding, a state, and the weights of a GRU: Wx, Wh, b, bn."""
    cases = []
    for width, hidden in ((3, 4), (5, 2), (2, 3)):
        shapes = ((width,), (hidden,), (width, 3 * hidden), (hidden, 3 * hidden), (3 * hidden,), (hidden,))
        x, h, *weights = (rng.normal(size=shape) for shape in shapes)
        cases.append((x, np.tanh(h), *weights))
    return cases
