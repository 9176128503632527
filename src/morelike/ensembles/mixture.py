"""A mixture of models: linear or log-linear interpolation of their next-character distributions.

p(w | c) = sum of lambda_m p_m(w | c)      lambda found by EM on held-out text, or given (Jelinek and Mercer 1980)

The log-linear mean is in `log_linear`.

A mixture is not trained: its members are trained, then mixed. A member may know only some of the characters. It gives
the others probability 0, so every linear step is the plain weighted mean. After a character that a member does not
know, its state starts again as at the beginning of a word, because it has no state for such a context. Instead, a
member may read another character in its place: the same letter in the other case, say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar, Literal, final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from morelike.architecture.contract import Architecture, LearnedBy, MixtureMember, TrainedArchitecture
from morelike.architecture.discovery import MIXTURE, build
from morelike.architecture.prefixes import log_probabilities_by_steps
from morelike.arrays import Array, Float, Int, State, Weights, join_rows, log_softmax, namespace
from morelike.ensembles.log_linear import (
    POSITIONS,
    Feature,
    context_features,
    feature_count,
    log_linear_mean,
    member_log_probabilities,
)
from morelike.errors import SettingError
from morelike.text.examples.packed_rows import IGNORED
from morelike.text.vocabulary import END

MIXTURE_WEIGHTS = "mixture"
EXPONENTS = "exponents"
IDS = "ids."
LARGEST_EXPONENT = 1e6
UNKNOWN = -1
"""The id, in a member, of a character that it does not know. An id below, -2 - k, is a character that the member does
not know and reads as its character k."""


@final
class Mixture(Architecture):
    """The weighted mean of the distributions of several models; a linear one takes labels if all members do.

    Weights: `members.m.NAME` for member m; `mixture` float64 [members], with sum 1; and, for a member with another
    vocabulary, `ids.m` int32 [V], the member's id of each character, `UNKNOWN`, or an id to read in its place.

    A log-linear mixture has `exponents` float64 [members, features] too, and `mixture` is only each member's share of
    the mean weight. Its members have its own vocabulary. Its state begins with the position of each line [B, 1].
    """

    learned_by: ClassVar[LearnedBy] = "mixing"
    takes_labels: ClassVar[bool] = True

    members: tuple[dict[str, Any], ...] = Field((), description="kind and settings of each member")
    interpolation: Literal["linear", "log-linear"] = Field("linear", description="which mean of the distributions")
    features: tuple[Feature, ...] = Field((), description="what the weights of a log-linear mixture depend on")

    @model_validator(mode="after")
    def _refuse_nested_mixtures(self) -> Mixture:
        for settings in self.members:
            averaged = settings.get("kind") == MIXTURE and settings.get("interpolation", "linear") == "linear"
            if (
                not isinstance(settings.get("kind"), str)
                or averaged
                or (self.log_linear and settings["kind"] == MIXTURE)
            ):
                raise ValueError("each member is a kind with its settings, and no mixture of the same interpolation")
        if self.features != tuple(dict.fromkeys(self.features)) or (self.features and not self.log_linear):
            raise ValueError("features: each once, and only of a log-linear mixture")
        return self

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """The members by their kinds alone: their settings would take a page."""
        yield "members", ", ".join(str(each["kind"]) for each in self.members)
        yield "interpolation", self.interpolation

    @property
    def log_linear(self) -> bool:
        """Whether the interpolation is log-linear."""
        return self.interpolation == "log-linear"

    @cached_property
    def architectures(self) -> list[Architecture]:
        """The members."""
        return [build(each["kind"], {k: v for k, v in each.items() if k != "kind"}) for each in self.members]

    @property
    def receptive_field(self) -> int | None:
        fields = [member.receptive_field for member in self.architectures if member.block_length is None]
        fields += [POSITIONS - 1] if "position" in self.features else []
        return None if None in fields else max((field for field in fields if field is not None), default=None)

    @property
    def block_length(self) -> int | None:
        lengths = (member.block_length for member in self.architectures)
        return min((length for length in lengths if length is not None), default=None)

    @staticmethod
    def join(
        members: Sequence[tuple[Architecture, Weights]],
        mixture_weights: Float[NDArray[Any], " M"],
        ids: Sequence[Int[NDArray[Any], " V"] | None] = (),
        exponents: Float[NDArray[Any], "M F"] | None = None,
        features: Sequence[Feature] = (),
    ) -> tuple[Mixture, Weights]:
        """Return the mixture of these members, and its arrays; it is log-linear if there are `exponents`.

        `ids` holds each member's ids of the characters; None for a member with the vocabulary of the mixture.
        """
        mixture = Mixture(
            members=tuple({"kind": each.kind, **each.model_dump()} for each, _ in members),
            interpolation="linear" if exponents is None else "log-linear",
            features=tuple(features),
        )
        weights = {f"members.{m}.{name}": a for m, (_, each) in enumerate(members) for name, a in each.items()}
        weights |= {f"{IDS}{m}": each.astype(np.int32) for m, each in enumerate(ids) if each is not None}
        if exponents is not None:
            weights[EXPONENTS] = np.asarray(exponents, dtype=np.float64)
        return mixture, weights | {MIXTURE_WEIGHTS: np.asarray(mixture_weights, dtype=np.float64)}

    def members_with_weights(self, weights: Weights) -> Iterator[tuple[Architecture, Weights]]:
        """Yield each member with its weights."""
        for m, architecture in enumerate(self.architectures):
            prefix = f"members.{m}."
            yield architecture, {name[len(prefix) :]: a for name, a in weights.items() if name.startswith(prefix)}

    def is_parameter(self, name: str) -> bool:
        if name in (MIXTURE_WEIGHTS, EXPONENTS):
            return True
        if name.startswith(IDS):
            return False
        member, _, member_name = name.removeprefix("members.").partition(".")
        return self.architectures[int(member)].is_parameter(member_name)

    def prepare(self, weights: Weights) -> Weights:
        prepared = {
            f"members.{m}.{name}": array
            for m, (architecture, member_weights) in enumerate(self.members_with_weights(weights))
            for name, array in architecture.prepare(member_weights).items()
        }
        return prepared | _shared(weights)

    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        mixture_weights = weights.get(MIXTURE_WEIGHTS)
        members = list(self.members_with_weights(weights))
        ids = self.ids(weights)
        return (
            mixture_weights is not None
            and mixture_weights.shape == (len(self.members),)
            and bool(np.all(mixture_weights >= 0) and abs(mixture_weights.sum() - 1) < 1e-6)
            and len(weights)
            == 1 + self.log_linear + sum(len(each) for _, each in members) + sum(each is not None for each in ids)
            and (not self.log_linear or self._fits_log_linear(weights))
            and all(each is None or _are_ids(each, vocabulary_size) for each in ids)
            and all(
                architecture.fits(each, vocabulary_size if member_ids is None else int(member_ids.max()) + 1)
                for (architecture, each), member_ids in zip(members, ids, strict=True)
            )
        )

    def _fits_log_linear(self, weights: Weights) -> bool:
        exponents = weights.get(EXPONENTS)
        return (
            exponents is not None
            and exponents.dtype == np.float64
            and exponents.shape == (len(self.members), feature_count(self.features, len(self.members)))
            and bool(np.all((exponents >= 0) & (exponents <= LARGEST_EXPONENT)))
            and not any(each is not None for each in self.ids(weights))
            and self.labels_in(weights) == 0
        )

    def labels_in(self, weights: Weights) -> int:
        return min((member.labels_in(each) for member, each in self.members_with_weights(weights)), default=0)

    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        result = _shared(weights)
        for m, (architecture, each) in enumerate(self.members_with_weights(weights)):
            result |= {f"members.{m}.{name}": array for name, array in architecture.conditioned_on(each, label).items()}
        return result

    def mixture_members(self, weights: Weights) -> list[MixtureMember]:
        members = zip(
            self.members_with_weights(weights), self.ids(weights), weights[MIXTURE_WEIGHTS].tolist(), strict=True
        )
        return [MixtureMember(*member, ids, weight) for member, ids, weight in members]

    def as_trained(self, consequence: str) -> TrainedArchitecture:
        members = ", ".join(member.kind for member in self.architectures)
        raise SettingError(
            f"a mixture is not trained as one, so {consequence}: look at its members ({members}), each in its own run"
        )

    def ids(self, weights: Weights) -> list[Int[Any, " V"] | None]:
        """Return each member's ids of the characters; None for a member with the vocabulary of the mixture."""
        return [weights.get(f"{IDS}{m}") for m in range(len(self.members))]

    def start(self, weights: Weights, batch: int) -> State:
        states = tuple(architecture.start(each, batch) for architecture, each in self.members_with_weights(weights))
        return (np.zeros((batch, 1), dtype=np.int32), *states) if self.log_linear else states

    def join_states(self, states: Sequence[State]) -> State:
        joined = list(zip(*states, strict=True))
        positions = [join_rows(joined.pop(0))] if self.log_linear else []
        by_member = zip(self.architectures, joined, strict=True)
        return (*positions, *(architecture.join_states(each) for architecture, each in by_member))

    def step(self, weights: Weights, state: State, token: Int[Any, " B"]) -> tuple[State, Float[Any, "B V"]]:
        if self.log_linear:
            return self._log_linear_step(weights, state, token)
        xp = namespace(weights[MIXTURE_WEIGHTS])
        p, states = 0.0, []
        for m, (architecture, member_weights) in enumerate(self.members_with_weights(weights)):
            ids = weights.get(f"{IDS}{m}")
            member_token = _member_tokens(ids, token)
            member_state, logits = architecture.step(member_weights, state[m], member_token)
            member_p = xp.exp(log_softmax(logits))
            if ids is not None:  # UNKNOWN selects the last column, which is 0
                member_p = xp.pad(member_p, ((0, 0), (0, 1)))[:, xp.maximum(ids, UNKNOWN)]
            p = p + weights[MIXTURE_WEIGHTS][m] * member_p
            states.append(member_state)
        return tuple(states), xp.log(p).astype(xp.float32)

    def _log_linear_step(self, weights: Weights, state: State, token: Int[Any, " B"]) -> tuple[State, Array]:
        xp = namespace(weights[EXPONENTS])
        position = xp.where(token[:, None] == END, 0, state[0] + 1)
        states, log_p = [], []
        for (architecture, each), member_state in zip(self.members_with_weights(weights), state[1:], strict=True):
            member_state, logits = architecture.step(each, member_state, token)
            states.append(member_state)
            log_p.append(member_log_probabilities(logits))
        member_weights = context_features(self.features, log_p, position[:, 0]) @ weights[EXPONENTS].T
        return (position, *states), log_linear_mean(member_weights, log_p).astype(xp.float32)

    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        if self.log_linear:  # the normalisation needs whole distributions
            return log_probabilities_by_steps(partial(self.step, weights), self.start(weights, 1), tokens)
        p = np.zeros(tokens.shape)
        for weight, ids, (member, member_weights) in self._weighted_members(weights):
            log_p = member.log_probabilities(member_weights, _member_tokens(ids, tokens))
            p += weight * _known_only(ids, tokens, log_p)
        return np.log(p)

    def target_log_probabilities(
        self, weights: Weights, inputs: Int[NDArray[Any], "B T"], targets: Int[NDArray[Any], "B T"]
    ) -> Float[NDArray[Any], "B T"]:
        if self.log_linear:
            return super().target_log_probabilities(weights, inputs, targets)
        p, predicted = np.zeros(targets.shape), targets != IGNORED
        for weight, ids, (member, member_weights) in self._weighted_members(weights):
            member_targets = np.where(predicted, _member_tokens(ids, targets), IGNORED)
            log_p = member.target_log_probabilities(member_weights, _member_tokens(ids, inputs), member_targets)
            p += weight * _known_only(ids, targets, log_p)
        return np.log(p, out=np.zeros(p.shape), where=predicted)

    def _weighted_members(self, weights: Weights) -> Iterator[tuple[Any, Any, tuple[Architecture, Weights]]]:
        """Yield each member's mixture weight, its ids of the characters, and its architecture with its weights."""
        yield from zip(weights[MIXTURE_WEIGHTS], self.ids(weights), self.members_with_weights(weights), strict=True)


def replace_members(weights: Weights, members: Sequence[Weights]) -> Weights:
    """Return the arrays of a mixture with other weights of its members; all else is kept."""
    kept = {name: array for name, array in weights.items() if not name.startswith("members.")}
    return kept | {f"members.{m}.{name}": array for m, each in enumerate(members) for name, array in each.items()}


def _shared(weights: Weights) -> Weights:
    """Return the arrays that belong to no member."""
    return {name: array for name, array in weights.items() if not name.startswith("members.")}


def _member_tokens(ids: Int[Array, " V"] | None, token: Int[Array, "*shape"]) -> Int[Array, "*shape"]:
    """Return the ids that a member reads; an unknown one becomes `END`, after which the member's state starts again."""
    if ids is None:
        return token
    xp = namespace(ids)
    read = xp.where(ids < UNKNOWN, read_as(ids), ids)
    return xp.where(read == UNKNOWN, END, read)[token]


def read_as(ids: Int[Array, "*shape"]) -> Int[Array, "*shape"]:
    """Return the code of "not known, but read as this id" for each id, or the id for each code.

    >>> read_as(np.array([3])).tolist(), read_as(read_as(np.array([3]))).tolist()
    ([-5], [3])
    """
    return UNKNOWN - 1 - ids


def _known_only(
    ids: Int[Array, " V"] | None, tokens: Int[NDArray[Any], "B T"], log_p: Float[NDArray[Any], "B T"]
) -> Float[NDArray[Any], "B T"]:
    """Return a member's probabilities of tokens: 0 for a token that it does not know."""
    p: NDArray[np.float64] = np.exp(log_p.astype(np.float64))
    return p if ids is None else np.where(ids[tokens] < 0, 0.0, p)


def _are_ids(ids: NDArray[Any], vocabulary_size: int) -> bool:
    """Return whether these are ids of a member: each of its characters occurs once, and the end symbol is first.

    A character that the member does not know may be read as one that it knows.
    """
    if ids.dtype != np.int32 or ids.shape != (vocabulary_size,) or ids[END] != END:
        return False
    known, read = np.sort(ids[ids >= 0]), read_as(ids[ids < UNKNOWN])
    return bool(np.array_equal(known, np.arange(len(known))) and np.all((read > END) & (read < len(known))))
