"""What shapes the choice of the next character: small pure functions from logits to logits, composed by `shape`."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from morelike.architecture import plain_reason
from morelike.arrays import Float, Int, softmax
from morelike.errors import SettingError

__all__ = ["FrozenSettings", "SamplingConfig", "choose", "min_p", "shape", "top_k", "top_p"]

GREEDY_BELOW = 1e-6
"""Temperatures below this are as good as 0, and dividing by them would overflow."""

Logits = Float[NDArray[Any], "B V"]


Own = TypeVar("Own", bound="FrozenSettings")


class FrozenSettings(BaseModel):
    """Settings that a user gives: frozen, and refused in a plain sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def of(cls: type[Own], **settings: Any) -> Own:
        """Return these settings.

        Raises:
            SettingError: a value that makes no sense, named.
        """
        try:
            return cls(**settings)
        except ValidationError as error:
            raise SettingError(plain_reason(error)) from None


class SamplingConfig(FrozenSettings):
    """How far from the model's own distribution the choices may go; the defaults leave it as it is."""

    temperature: float = Field(
        1.0, ge=0, le=100, description="below 1 safer, above 1 bolder; 0 always takes the most probable"
    )
    top_k: int | None = Field(None, ge=1, description="choose among the K most probable characters only")
    top_p: float | None = Field(
        None, gt=0, le=1, description="choose among the fewest characters that hold this share of the probability"
    )
    min_p: float | None = Field(
        None, ge=0, le=1, description="leave out characters less probable than this share of the most probable one"
    )

    @property
    def deterministic(self) -> bool:
        """Whether the most probable character is always taken."""
        return self.temperature < GREEDY_BELOW


def shape(logits: Logits, shaping: SamplingConfig) -> Logits:
    """Return logits after temperature, top-k, top-p and min-p, in this order; what is left out is -inf."""
    if shaping.deterministic:
        return top_k(logits, 1)
    if shaping.temperature != 1:
        logits = logits.astype(np.float64) / shaping.temperature
    if shaping.top_k is not None:
        logits = top_k(logits, shaping.top_k)
    if shaping.top_p is not None:
        logits = top_p(logits, shaping.top_p)
    if shaping.min_p is not None:
        logits = min_p(logits, shaping.min_p)
    return logits


def top_k(logits: Logits, k: int) -> Logits:
    """Return logits with all but the k highest at -inf; of equal ones the lower id stays.

    >>> top_k(np.array([[1.0, 3.0, 2.0]]), 2).tolist()
    [[-inf, 3.0, 2.0]]
    """
    return np.where(_rank(logits) < k, logits, -np.inf)


def top_p(logits: Logits, p: float) -> Logits:
    """Return logits with all at -inf but the fewest that together hold probability p (Holtzman et al. 2020).

    >>> top_p(np.log(np.array([[0.5, 0.3, 0.2]])), 0.6).round(2).tolist()
    [[-0.69, -1.2, -inf]]
    """
    rank = _rank(logits)
    ordered = np.sort(softmax(logits), axis=-1)[:, ::-1]
    before = np.cumsum(ordered, axis=-1) - ordered  # the share of all that rank higher
    kept = (np.take_along_axis(before, rank, axis=-1) < p) | (rank == 0)  # in float32 the least p is 0
    return np.where(kept, logits, -np.inf)


def min_p(logits: Logits, share: float) -> Logits:
    """Return logits with all at -inf that are less probable than `share` of the most probable (Nguyen et al. 2024).

    >>> min_p(np.log(np.array([[0.5, 0.3, 0.1]])), 0.5).round(2).tolist()
    [[-0.69, -1.2, -inf]]
    """
    if share == 0:
        return logits
    return np.where(logits >= logits.max(axis=-1, keepdims=True) + np.log(share), logits, -np.inf)


def choose(
    logits: Logits, rng: np.random.Generator, row: Int[NDArray[Any], " N"] | None = None
) -> Int[NDArray[Any], " N"]:
    """Return one id per row, drawn with its probability: the inverse of the cumulative distribution.

    `row` holds, where several are drawn from one row or rows come in another order, the row of each that is drawn.
    """
    cumulative = np.cumsum(np.exp(logits - logits.max(axis=-1, keepdims=True)), axis=-1, dtype=np.float64)
    if row is not None:
        cumulative = cumulative[row]
    drawn = rng.random(len(cumulative)) * cumulative[:, -1]  # below 1, and so below the last even when rounded
    chosen: NDArray[np.int64] = np.argmax(cumulative > drawn[:, None], axis=-1)
    return chosen


def _rank(logits: Logits) -> Int[NDArray[Any], "B V"]:
    """Return each logit's rank in its row, 0 for the highest."""
    order = np.argsort(-logits, axis=-1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(logits.shape[-1])[None, :], axis=-1)
    return rank
