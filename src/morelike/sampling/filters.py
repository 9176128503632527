"""Filters: functions from logits to logits that change which characters may be drawn, and how probable they are.

A new filter takes a function, a line in `FILTERS` and a setting in `SamplingConfig`. The command line, the server and
`LanguageModel.sample` read the setting from there; plain and constrained sampling read the filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from morelike.arrays import Float, Int, softmax
from morelike.sampling.settings import FrozenSettings

GREEDY_BELOW = 1e-6
"""A temperature below this equals 0 in effect; a division by it would overflow."""

Logits: TypeAlias = Float[NDArray[Any], "B V"]
Filter: TypeAlias = Callable[[Logits, Any], Logits]


class SamplingConfig(FrozenSettings):
    """The settings of the filters; the defaults leave the model's distribution unchanged."""

    temperature: float = Field(
        1.0, ge=0, le=100, description="below 1 safer, above 1 bolder; 0 always takes the most probable character"
    )
    top_k: int | None = Field(None, ge=1, description="choose among the K most probable characters only")
    top_p: float | None = Field(
        None, gt=0, le=1, description="choose among the fewest characters that hold this share of the probability"
    )
    min_p: float | None = Field(
        None, ge=0, le=1, description="leave out characters less probable than this share of the most probable one"
    )
    greedy: bool = Field(default=False, description="always the most probable character: one word")

    @property
    def deterministic(self) -> bool:
        """Whether the most probable character is always taken."""
        return self.greedy or self.temperature < GREEDY_BELOW

    @property
    def unchanged(self) -> bool:
        """Whether the model's distribution stays as it is."""
        return not self.deterministic and not [*self.active_filters()]

    @property
    def truncates(self) -> bool:
        """Whether a filter other than the temperature is active, so that some characters may be left out."""
        return self.deterministic or any(apply is not temperature for apply, _ in self.active_filters())

    def active_filters(self) -> Iterator[tuple[Filter, Any]]:
        """Yield each filter whose setting differs from its default, with the value, in the order of `FILTERS`."""
        for name, apply in FILTERS.items():
            if (value := getattr(self, name)) != SamplingConfig.model_fields[name].default:
                yield apply, value


def temperature(logits: Logits, value: float) -> Logits:
    """Return logits divided by the temperature.

    >>> temperature(np.array([[1.0, 3.0]]), 2.0).tolist()
    [[0.5, 1.5]]
    """
    return logits.astype(np.float64) / value


def top_k(logits: Logits, k: int) -> Logits:
    """Return logits with -inf for all but the k highest; of equal logits the lower id stays.

    >>> top_k(np.array([[1.0, 3.0, 2.0]]), 2).tolist()
    [[-inf, 3.0, 2.0]]
    """
    return np.where(_rank(logits) < k, logits, -np.inf)


def top_p(logits: Logits, p: float) -> Logits:
    """Return logits with -inf for all but the fewest that together hold probability p (Holtzman et al. 2020).

    >>> top_p(np.log(np.array([[0.5, 0.3, 0.2]])), 0.6).round(2).tolist()
    [[-0.69, -1.2, -inf]]
    """
    rank = _rank(logits)
    ordered = np.sort(softmax(logits), axis=-1)[:, ::-1]
    before = np.cumsum(ordered, axis=-1) - ordered  # the probability of all that rank higher
    kept = (np.take_along_axis(before, rank, axis=-1) < p) | (rank == 0)  # in float32 the least p is 0
    return np.where(kept, logits, -np.inf)


def min_p(logits: Logits, share: float) -> Logits:
    """Return logits with -inf where p is below `share` times the highest p of the row (Nguyen et al. 2024).

    >>> min_p(np.log(np.array([[0.5, 0.3, 0.1]])), 0.5).round(2).tolist()
    [[-0.69, -1.2, -inf]]
    """
    if share == 0:
        return logits
    return np.where(logits >= logits.max(axis=-1, keepdims=True) + np.log(share), logits, -np.inf)


FILTERS: Mapping[str, Filter] = {
    "temperature": temperature,
    "top_k": top_k,
    "top_p": top_p,
    "min_p": min_p,
}
"""Each filter by the name of its setting, in the order in which they are applied."""


def apply_filters(logits: Logits, config: SamplingConfig) -> Logits:
    """Return logits after all active filters; a character that they leave out has -inf."""
    if config.deterministic:
        return top_k(logits, 1)
    for apply, value in config.active_filters():
        logits = apply(logits, value)
    return logits


def sample_tokens(
    logits: Logits, rng: np.random.Generator, row: Int[NDArray[Any], " N"] | None = None
) -> Int[NDArray[Any], " N"]:
    """Return one id for each row, drawn with its probability (inverse transform sampling).

    With `row`, the i-th id is drawn from row `row[i]`; a row may occur several times.
    """
    cumulative = np.cumsum(np.exp(logits - logits.max(axis=-1, keepdims=True)), axis=-1, dtype=np.float64)
    if row is not None:
        cumulative = cumulative[row]
    drawn = rng.random(len(cumulative)) * cumulative[:, -1]  # below 1, and so below the last even when rounded
    tokens: NDArray[np.int64] = np.argmax(cumulative > drawn[:, None], axis=-1)
    return tokens


def _rank(logits: Logits) -> Int[NDArray[Any], "B V"]:
    """Return each logit's rank in its row, 0 for the highest."""
    order = np.argsort(-logits, axis=-1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(logits.shape[-1])[None, :], axis=-1)
    return rank
