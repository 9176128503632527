"""N-gram models: counts of the last n - 1 characters and the next one, smoothed.

With c a context and c' the same context without its first character, all smoothings share one form:

    p(w | c) = a(c w) + b(c) p(w | c'),        p(w | nothing) = a(w) + b / V

Each file of `ngrams/smoothings/` holds one smoothing with its formula and its paper. The default is `mixture`: several
smoothings at several orders, weighted by EM on held-out lines (Jelinek and Mercer 1980).
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias, final, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from morelike.architecture import NOT_TUNED, SearchRange
from morelike.arrays import Array, Float, Int, State, Weights, unique_states
from morelike.errors import did_you_mean
from morelike.ngrams.counting import ABSENT, MEMORY, count_ngrams, find_nodes, rows_within
from morelike.ngrams.interpolation import interpolated, mixed_distribution, to_node
from morelike.ngrams.labelled import LabelledCounts
from morelike.ngrams.smoothing import Component, Smoothing, find_smoothing, mixture_components, smoothings
from morelike.ngrams.tables import are_tables, model_tables
from morelike.text.examples.packing import pieces_with_context
from morelike.text.vocabulary import END, TokenLines

PIECE_LENGTH = 256  # characters: a longer line is read as several pieces side by side
LONG_LINE = 4 * PIECE_LENGTH
EM_CHARACTERS = 1 << 19  # characters of dev that EM reads at most: enough for 14 mixture weights
INDEXED_CONTEXTS = 1 << 20  # contexts of a level, up to which `prepare` stores where the n-grams of each begin
PROBABILITIES_AT_ONCE = 1 << 20  # lines side by side times V
Floats = NDArray[np.float64]
if TYPE_CHECKING:
    SmoothingName: TypeAlias = str
else:
    SmoothingName = Literal[("mixture", *smoothings())]


@final
class NGram(LabelledCounts):
    """Counted n-grams.

    Weights, for each level k from 1: `keys.k` int64 (the sorted n-grams, see `Level`), and for each estimate NAME of
    the smoothings `NAME.a.k` float64 (a number for each n-gram) and `NAME.b.k` float64 (a number for each context);
    `mixture` float64, the weight of each component; `symbols`, V.
    """

    lines_at_once: ClassVar[int] = 8192  # many, for few calls to NumPy: the tables fit no cache in any case

    order: Annotated[int, SearchRange(3, 10)] = Field(
        8, ge=1, le=32, description="longest n-gram: characters of context plus one"
    )
    smoothing: SmoothingName = Field("mixture", description="how unseen n-grams get their probability")
    # The settings with `exclude` say how to count. The model does not depend on them, so it does not keep them.
    alpha: Annotated[float, SearchRange(1e-3, 1, "log")] = Field(0.1, gt=0, description="what `add` adds to each count")
    min_count: Annotated[int, NOT_TUNED] = Field(
        1, ge=1, le=1 << 50, description="n-grams of two characters or more seen fewer times are left out"
    )
    memory: int = Field(
        MEMORY, ge=16, le=1 << 20, exclude=True, description="MB that counting holds at once; the rest is on disk"
    )
    threads: int = Field(
        1, ge=1, le=64, exclude=True, description="threads that count; the result does not depend on it"
    )

    @field_validator("smoothing", mode="before")
    @classmethod
    def _is_known(cls, smoothing: object) -> object:
        names = get_args(SmoothingName)
        if isinstance(smoothing, str) and smoothing not in names:
            raise ValueError(f"there are {', '.join(names)}{did_you_mean(smoothing, names)}")
        return smoothing

    @cached_property
    def components(self) -> list[Component]:
        """The smoothings and orders that are mixed; one alone if the smoothing is not `mixture`."""
        if self.smoothing == "mixture":
            return mixture_components(self.order)
        return [Component(find_smoothing(self.smoothing), self.order)]

    @property
    def _smoothings(self) -> list[Smoothing]:
        return list(dict.fromkeys(component.smoothing for component in self.components))

    def idle_settings(self) -> dict[str, str]:
        takes_alpha = any(smoothing.takes_alpha for smoothing in self._smoothings)
        idle = {} if takes_alpha else {"alpha": f"smoothing = {self.smoothing}"}
        return idle | ({"min_count": "order = 1"} if self.order == 1 else {})

    @property
    def receptive_field(self) -> int:
        return self.order - 1

    def count(self, lines: TokenLines, vocabulary_size: int) -> Weights:
        rows = rows_within(self.memory, self.threads, self.order, vocabulary_size)
        levels = count_ngrams(lines, self.order, vocabulary_size, memory=self.memory, threads=self.threads)
        tables = model_tables(levels, self._smoothings, vocabulary_size, self.alpha, self.min_count, rows)
        return {"symbols": np.array(vocabulary_size), **tables}

    def prepare(self, weights: Weights) -> Weights:
        symbols = int(weights["symbols"])
        for k in range(1, self.order + 1):
            contexts = len(weights[f"keys.{k - 1}"]) if k > 1 else 1
            if contexts > INDEXED_CONTEXTS:
                break
            weights = weights | {f"first.{k}": np.searchsorted(weights[f"keys.{k}"], np.arange(contexts + 1) * symbols)}
        return weights

    def fits_counts(self, weights: Weights, vocabulary_size: int) -> bool:
        orders = range(1, self.order + 1)
        estimates = [[name for each in self._smoothings for name in each.estimates(k, self.order)] for k in orders]
        return are_tables(weights, estimates, len(self.components), vocabulary_size)

    def start(self, weights: Weights, batch: int) -> State:
        nodes = [0]  # the node of the empty context, then those of 1, 2, ... end symbols
        for k in range(1, self.order):
            nodes.append(int(find_nodes(weights[f"keys.{k}"], np.array(nodes[-1] * int(weights["symbols"]) + END))))
        return np.tile(np.array(nodes), (batch, 1))

    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        if "first.1" not in weights:
            weights = self.prepare(weights)
        nodes = self._extend(weights, state, token)[:, :-1]
        state = np.where(token[:, None] == END, self.start(weights, 1), nodes)
        logits = np.empty((len(state), int(weights["symbols"])), dtype=np.float32)
        rows = max(PROBABILITIES_AT_ONCE // logits.shape[1], 1)
        for first in range(0, len(state), rows):
            logits[first : first + rows] = np.log(self._distribution(weights, state[first : first + rows]))
        return state, logits

    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        if tokens.shape[1] > LONG_LINE:
            return self._in_pieces(weights, tokens)
        state, symbols = self.start(weights, 1), int(weights["symbols"])
        row = np.zeros(len(tokens), dtype=np.int64)  # lines with the same beginning share a row
        result = np.empty(tokens.shape)
        for t in range(tokens.shape[1]):
            first, onward = unique_states(row * symbols + tokens[:, t])
            state, token = state[row[first]], tokens[first, t]
            nodes = self._extend(weights, state, token)
            result[:, t] = np.log(self._of_nodes(weights, state, nodes) @ weights["mixture"])[onward]
            state, row = np.where(token[:, None] == END, self.start(weights, 1), nodes[:, :-1]), onward
        return result

    def _in_pieces(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        """Return `log_probabilities` of long lines, read in pieces side by side, each after the context that counts."""
        (lines, length), context = tokens.shape, self.receptive_field
        pieces = -(-length // PIECE_LENGTH)
        padded = np.full((lines, context + pieces * PIECE_LENGTH), END, dtype=tokens.dtype)
        padded[:, context : context + length] = tokens
        windows = np.lib.stride_tricks.sliding_window_view(padded, context + PIECE_LENGTH, axis=1)[:, ::PIECE_LENGTH]
        found = self.log_probabilities(weights, windows.reshape(lines * pieces, -1))[:, context:]
        return found.reshape(lines, -1)[:, :length]

    def _extend(self, weights: Weights, state: State, token: Int[Array, " B"]) -> Array:
        """Return the nodes [B, n + 1] of the n-grams of length 0 to n that end in `token`."""
        nodes = np.full((len(state), self.order + 1), ABSENT, dtype=np.int64)
        nodes[:, 0] = 0
        for k in range(1, self.order + 1):
            wanted = np.where(state[:, k - 1] == ABSENT, ABSENT, state[:, k - 1] * weights["symbols"] + token)
            nodes[:, k] = find_nodes(weights[f"keys.{k}"], wanted)
        return nodes

    def component_probabilities(self, weights: Weights, lines: TokenLines) -> tuple[Floats, Array | None]:
        """Return each component's probability of each character, and the characters' weights, None if all are 1.

        Long lines are read in pieces side by side, each with the characters before it that the model sees. Beyond
        `EM_CHARACTERS` characters, only lines or pieces at even distances are read.
        """
        every = -(-len(lines.tokens) // EM_CHARACTERS)
        first, end, counted = (
            each[::every] for each in pieces_with_context(lines.offsets, PIECE_LENGTH, self.receptive_field)
        )
        state = self.start(weights, len(first))
        probabilities, positions = [], []
        for t in range(int((end - first).max())):
            going = np.flatnonzero(end - first > t)
            nodes = self._extend(weights, state[going], lines.tokens[first[going] + t])
            in_piece = first[going] + t >= counted[going]
            probabilities.append(self._of_nodes(weights, state[going][in_piece], nodes[in_piece]))
            positions.append((first[going] + t)[in_piece])
            state[going] = nodes[:, :-1]
        character_weights = lines.character_weights
        weighted = None if character_weights is None else character_weights[np.concatenate(positions)]
        return np.concatenate(probabilities), weighted

    def _of_nodes(self, weights: Weights, contexts: Array, nodes: Array) -> Floats:
        """Return each component's probability of the n-grams at `nodes` [B, n + 1] after `contexts` [B, n]."""
        uniform = np.full(len(nodes), 1 / int(weights["symbols"]))
        extend = partial(to_node, weights, contexts, nodes)
        return np.stack(list(interpolated(self.components_of(weights), uniform, extend)), axis=-1)

    def _distribution(self, weights: Weights, contexts: Array) -> Floats:
        """Return the mixture's distribution [B, V] after `contexts` [B, n]."""
        return mixed_distribution(weights, self.components_of(weights), weights["mixture"], contexts)
