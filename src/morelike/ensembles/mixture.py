"""A mixture of models: linear interpolation of their next-character distributions (Jelinek and Mercer 1980).

p(w | c) = sum of lambda_m p_m(w | c)      lambda found by EM on held-out text, or given

Not a kind to train: its members are trained, then mixed. A member may know some of the characters only. It gives the
others probability 0, so that every step is the weighted mean, and nothing is scaled; after one of them it begins anew,
as after the end of a word, since what it would say of such a past is not defined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from morelike.architecture.contract import Architecture, LearnedBy, MixtureMember, TrainedArchitecture
from morelike.architecture.discovery import MIXTURE, build
from morelike.arrays import Array, Float, Int, State, Weights, log_softmax, namespace
from morelike.errors import SettingError
from morelike.text.vocabulary import END

__all__ = ["IDS", "SHARES", "UNKNOWN", "Mixture"]

SHARES = "mixture"
IDS = "ids."
UNKNOWN = -1
"""The id, within a member, of a character that it does not know."""


@final
class Mixture(Architecture):
    """Several models, their probabilities averaged; it takes labels where all of its members do.

    Weights: those of member m as `members.m.NAME`; `mixture` float64 [members], which sums to 1; and, for a member with
    a vocabulary of its own, `ids.m` int32 [V], its id of each character, `UNKNOWN` where it has none.
    """

    learned_by: ClassVar[LearnedBy] = "mixing"
    takes_labels: ClassVar[bool] = True

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
    def receptive_field(self) -> int | None:
        fields = [member.receptive_field for member in self.architectures if member.block_length is None]
        return None if None in fields else max((field for field in fields if field is not None), default=None)

    @property
    def block_length(self) -> int | None:
        lengths = (member.block_length for member in self.architectures)
        return min((length for length in lengths if length is not None), default=None)

    @staticmethod
    def join(
        members: Sequence[tuple[Architecture, Weights]],
        shares: Float[NDArray[Any], " M"],
        ids: Sequence[Int[NDArray[Any], " V"] | None] = (),
    ) -> tuple[Mixture, Weights]:
        """Return the mixture of these members with these shares, and its weights.

        `ids` holds each member's ids of the characters, None for one that knows them all under the same ids.
        """
        mixture = Mixture(members=tuple({"kind": each.kind, **each.model_dump()} for each, _ in members))
        weights = {f"members.{m}.{name}": a for m, (_, own) in enumerate(members) for name, a in own.items()}
        weights |= {f"{IDS}{m}": own.astype(np.int32) for m, own in enumerate(ids) if own is not None}
        return mixture, weights | {SHARES: np.asarray(shares, dtype=np.float64)}

    def parts(self, weights: Weights) -> Iterator[tuple[Architecture, Weights]]:
        """Yield each member with its weights."""
        for m, architecture in enumerate(self.architectures):
            prefix = f"members.{m}."
            yield architecture, {name[len(prefix) :]: a for name, a in weights.items() if name.startswith(prefix)}

    def is_parameter(self, name: str) -> bool:
        if name == SHARES:
            return True
        if name.startswith(IDS):
            return False
        member, _, own = name.removeprefix("members.").partition(".")
        return self.architectures[int(member)].is_parameter(own)

    def prepare(self, weights: Weights) -> Weights:
        prepared = {
            f"members.{m}.{name}": array
            for m, (architecture, own) in enumerate(self.parts(weights))
            for name, array in architecture.prepare(own).items()
        }
        return prepared | {name: array for name, array in weights.items() if name == SHARES or name.startswith(IDS)}

    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        shares = weights.get(SHARES)
        parts = list(self.parts(weights))
        ids = self.ids(weights)
        return (
            shares is not None
            and shares.shape == (len(self.members),)
            and bool(np.all(shares >= 0) and abs(shares.sum() - 1) < 1e-6)
            and len(weights) == 1 + sum(len(own) for _, own in parts) + sum(own is not None for own in ids)
            and all(own is None or _are_ids(own, vocabulary_size) for own in ids)
            and all(
                architecture.fits(own, vocabulary_size if mine is None else int(mine.max()) + 1)
                for (architecture, own), mine in zip(parts, ids, strict=True)
            )
        )

    def labels_in(self, weights: Weights) -> int:
        members = self.parts(weights)
        return min((each.labels_in(own) for each, own in members), default=0)

    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        result = {name: array for name, array in weights.items() if name == SHARES or name.startswith(IDS)}
        for m, (architecture, own) in enumerate(self.parts(weights)):
            result |= {f"members.{m}.{name}": array for name, array in architecture.conditioned_on(own, label).items()}
        return result

    def mixture_members(self, weights: Weights) -> list[MixtureMember]:
        parts = zip(self.parts(weights), self.ids(weights), weights[SHARES].tolist(), strict=True)
        return [MixtureMember(*member, ids, weight) for member, ids, weight in parts]

    def as_trained(self, consequence: str) -> TrainedArchitecture:
        members = ", ".join(member.kind for member in self.architectures)
        raise SettingError(
            f"a mixture is not trained as one, so {consequence}: look at its members ({members}), each in its own run"
        )

    def ids(self, weights: Weights) -> list[Int[Any, " V"] | None]:
        """Return each member's ids of the characters, None for one that knows them all under the same ids."""
        return [weights.get(f"{IDS}{m}") for m in range(len(self.members))]

    def start(self, weights: Weights, batch: int) -> State:
        return tuple(architecture.start(own, batch) for architecture, own in self.parts(weights))

    def join_states(self, states: Sequence[State]) -> State:
        each = zip(self.architectures, zip(*states, strict=True), strict=True)
        return tuple(architecture.join_states(mine) for architecture, mine in each)

    def step(self, weights: Weights, state: State, token: Int[Any, " B"]) -> tuple[State, Float[Any, "B V"]]:
        xp = namespace(weights[SHARES])
        p, states = 0.0, []
        for m, (architecture, own) in enumerate(self.parts(weights)):
            ids = weights.get(f"{IDS}{m}")
            after, logits = architecture.step(own, state[m], token if ids is None else _fed(ids, token))
            each = xp.exp(log_softmax(logits))
            if ids is not None:  # the last column, at UNKNOWN, is that of every character without a column of its own
                each = xp.pad(each, ((0, 0), (0, 1)))[:, ids]
            p = p + weights[SHARES][m] * each
            states.append(after)
        return tuple(states), xp.log(p).astype(xp.float32)

    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        p = np.zeros(tokens.shape)
        for share, ids, (architecture, own) in zip(
            weights[SHARES], self.ids(weights), self.parts(weights), strict=True
        ):
            fed = tokens if ids is None else _fed(ids, tokens)
            each = np.exp(architecture.log_probabilities(own, fed).astype(np.float64))
            p += share * (each if ids is None else np.where(ids[tokens] == UNKNOWN, 0.0, each))
        return np.log(p)


def _fed(ids: Int[Array, " V"], token: Int[Array, "*shape"]) -> Int[Array, "*shape"]:
    """Return what a member is fed: its own ids, and `END`, after which it begins anew, for what it does not know."""
    xp = namespace(ids)
    return xp.where(ids[token] == UNKNOWN, END, ids[token])


def _are_ids(ids: NDArray[Any], vocabulary_size: int) -> bool:
    """Return whether these are ids of a member: of each of its own characters once, and the end symbol's first."""
    if ids.dtype != np.int32 or ids.shape != (vocabulary_size,) or ids[END] != END:
        return False
    known = np.sort(ids[ids != UNKNOWN])
    return bool(np.array_equal(known, np.arange(len(known))))
