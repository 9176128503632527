"""A mixture of models: linear interpolation of their next-character distributions (Jelinek and Mercer 1980).

p(w | c) = sum of lambda_m p_m(w | c)      lambda found by EM on held-out text

Not a kind to train: its members are trained, then mixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from morelike.architecture.contract import Architecture
from morelike.architecture.discovery import MIXTURE, build
from morelike.arrays import Float, Int, State, Weights, log_softmax, namespace

__all__ = ["Mixture"]

SHARES = "mixture"


@final
class Mixture(Architecture):
    """Several models over one vocabulary, their probabilities averaged.

    Weights: those of member m as `members.m.NAME`, and `mixture` float64 [members], which sums to 1.
    """

    members: tuple[dict[str, Any], ...] = Field((), description="kind and settings of each member")

    @field_validator("members")
    @classmethod
    def _hold_no_mixture(cls, members: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        for settings in members:
            if not isinstance(settings.get("kind"), str) or settings["kind"] == MIXTURE:
                raise ValueError("each member is a kind with its settings, and no mixture itself")
        return members

    @cached_property
    def architectures(self) -> list[Architecture]:
        """The members."""
        return [build(each["kind"], {k: v for k, v in each.items() if k != "kind"}) for each in self.members]

    @property
    def reach(self) -> int | None:
        reaches = [member.reach for member in self.architectures if member.block is None]
        return None if None in reaches else max((reach for reach in reaches if reach is not None), default=None)

    @property
    def block(self) -> int | None:
        return min((member.block for member in self.architectures if member.block is not None), default=None)

    @staticmethod
    def join(members: list[tuple[Architecture, Weights]], shares: Float[NDArray[Any], " M"]) -> tuple[Mixture, Weights]:
        """Return the mixture of these members with these shares, and its weights."""
        mixture = Mixture(members=tuple({"kind": each.kind, **each.model_dump()} for each, _ in members))
        weights = {f"members.{m}.{name}": a for m, (_, own) in enumerate(members) for name, a in own.items()}
        return mixture, weights | {SHARES: np.asarray(shares, dtype=np.float64)}

    def parts(self, weights: Weights) -> Iterator[tuple[Architecture, Weights]]:
        """Yield each member with its weights."""
        for m, architecture in enumerate(self.architectures):
            prefix = f"members.{m}."
            yield architecture, {name[len(prefix) :]: a for name, a in weights.items() if name.startswith(prefix)}

    def is_parameter(self, name: str) -> bool:
        if name == SHARES:
            return True
        member, _, own = name.removeprefix("members.").partition(".")
        return self.architectures[int(member)].is_parameter(own)

    def prepare(self, weights: Weights) -> Weights:
        prepared = {
            f"members.{m}.{name}": array
            for m, (architecture, own) in enumerate(self.parts(weights))
            for name, array in architecture.prepare(own).items()
        }
        return prepared | {SHARES: weights[SHARES]}

    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        shares = weights.get(SHARES)
        parts = list(self.parts(weights))
        return (
            shares is not None
            and shares.shape == (len(self.members),)
            and bool(np.all(shares >= 0) and abs(shares.sum() - 1) < 1e-6)
            and len(weights) == 1 + sum(len(own) for _, own in parts)
            and all(architecture.fits(own, vocabulary_size) for architecture, own in parts)
        )

    def start(self, weights: Weights, batch: int) -> State:
        return tuple(architecture.start(own, batch) for architecture, own in self.parts(weights))

    def step(self, weights: Weights, state: State, token: Int[Any, " B"]) -> tuple[State, Float[Any, "B V"]]:
        xp = namespace(weights[SHARES])
        steps = [
            architecture.step(own, each, token)
            for (architecture, own), each in zip(self.parts(weights), state, strict=True)
        ]
        p = sum(share * xp.exp(log_softmax(logits)) for share, (_, logits) in zip(weights[SHARES], steps, strict=True))
        return tuple(each for each, _ in steps), xp.log(p).astype(xp.float32)

    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        p = np.zeros(tokens.shape)
        for share, (architecture, own) in zip(weights[SHARES], self.parts(weights), strict=True):
            p += share * np.exp(architecture.log_probabilities(own, tokens).astype(np.float64))
        return np.log(p)
