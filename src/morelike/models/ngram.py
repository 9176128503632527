"""N-gram models: counts of the last n - 1 characters and the next, smoothed.

All smoothings here are interpolated and share one form: with c the context and c' the context without its first symbol,

    p(w | c) = a(c w) + b(c) p(w | c'),        p(w | nothing) = a(w) + b / V

`add` (Lidstone): (count + alpha) / (total + alpha V), the longest context alone.
`witten-bell` (Bell, Cleary and Witten 1990): b(c) = T / (N + T), with T the distinct symbols seen after c.
`kneser-ney` (Chen and Goodman 1999, modified): discounts D1, D2, D3+ by count; below the highest order, counts of the
distinct symbols seen before. Orders 1 to n - 1 of the former and 2 to n of the latter, weighed by EM on held-out lines
(Jelinek and Mercer 1980), are the `mixture`: the default.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal, final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from morelike.arrays import Array, Float, Int, State, Weights, unique_states
from morelike.ngrams.counting import ABSENT, MEMORY, are_finite, are_keys, count_ngrams, find_nodes, rows_within
from morelike.ngrams.interpolation import interpolated, to_all, to_node
from morelike.ngrams.labelled import LabelledCounts
from morelike.ngrams.look_ahead import Backward
from morelike.ngrams.smoothing import chains
from morelike.ngrams.tables import model_tables
from morelike.text.examples.contexts import pieces_with_past
from morelike.text.vocabulary import END, TokenLines

__all__ = ["NGram"]

PIECE = 256  # characters of a long line, read side by side with the others
WEIGHED = 1 << 19  # characters of dev that EM takes at most: 14 shares need no more
FOLDED = 1 << 20  # contexts of a level up to which it is remembered where the n-grams of each begin
AT_ONCE = 1 << 20  # probabilities made at once: lines side by side times V
Floats = NDArray[np.float64]


@final
class NGram(LabelledCounts):
    """Counted n-grams.

    Weights, for each level k from 1: `keys.k` int64 (the sorted n-grams, see `Level`), and per smoothing `NAME.a.k`
    float64 (one for each n-gram) and `NAME.b.k` float64 (one for each context); `mixture` float64, a weight for each
    component; `symbols`, V.
    """

    lines_at_once: ClassVar[int] = 8192  # looking up takes few calls to NumPy then, and tables fit no cache anyway

    order: int = Field(8, ge=1, le=32, description="longest n-gram: characters of context plus one")
    smoothing: Literal["mixture", "kneser-ney", "witten-bell", "add"] = Field(
        "mixture", description="how what was never seen gets its share"
    )
    # Those that are excluded say how to count and not what: a model does not depend on them, nor keep them.
    alpha: float = Field(0.1, gt=0, description="what `add` adds to each count")
    min_count: int = Field(
        1, ge=1, le=1 << 50, description="n-grams of two characters or more seen fewer times are left out"
    )
    memory: int = Field(
        MEMORY, ge=16, le=1 << 20, exclude=True, description="MB that counting holds at once; the rest waits on disk"
    )
    threads: int = Field(1, ge=1, le=64, exclude=True, description="threads that count; any number gives the same")

    @property
    def components(self) -> list[tuple[str, int]]:
        """The smoothings and orders that are mixed; one alone if the smoothing is not `mixture`."""
        if self.smoothing != "mixture":
            return [(self.smoothing, self.order)]
        shorter = [("witten-bell", n) for n in range(1, max(self.order, 2))]
        return shorter + [("kneser-ney", n) for n in range(2, self.order + 1)]

    @property
    def receptive_field(self) -> int:
        return self.order - 1

    def counted(self, lines: TokenLines, vocabulary_size: int) -> Weights:
        rows = rows_within(self.memory, self.threads, self.order, vocabulary_size)
        levels = count_ngrams(lines, self.order, vocabulary_size, memory=self.memory, threads=self.threads)
        added, names = self.alpha * vocabulary_size, {name for name, _ in self.components}
        tables = model_tables(levels, names, vocabulary_size, added=added, min_count=self.min_count, rows=rows)
        return {"symbols": np.array(vocabulary_size), **tables}

    def backward(self, weights: Weights) -> Backward:
        return Backward(weights, self.mixed(weights))

    def prepare(self, weights: Weights) -> Weights:
        symbols = int(weights["symbols"])
        for k in range(1, self.order + 1):  # where the n-grams of each context begin
            contexts = len(weights[f"keys.{k - 1}"]) if k > 1 else 1
            if contexts > FOLDED:
                break
            weights = weights | {f"first.{k}": np.searchsorted(weights[f"keys.{k}"], np.arange(contexts + 1) * symbols)}
        return weights

    def fits_counts(self, weights: Weights, vocabulary_size: int) -> bool:
        nodes = [1, *(weights.get(f"keys.{k}", np.empty(0)).size for k in range(1, self.order + 1))]
        shapes: dict[str, tuple[int, ...]] = {"symbols": (), "mixture": (len(self.components),)}
        for k in range(1, self.order + 1):
            shapes[f"keys.{k}"] = (nodes[k],)
            for chain in {chain for name, _ in self.components for chain in chains(name, k, self.order)}:
                shapes |= {f"{chain}.a.{k}": (nodes[k],), f"{chain}.b.{k}": (nodes[k - 1],)}
        return (
            {name: array.shape for name, array in weights.items()} == shapes
            and int(weights["symbols"]) == vocabulary_size
            and all(array.dtype == (np.int64 if _is_key(name) else np.float64) for name, array in weights.items())
            and all(are_finite(array) for array in weights.values())
            and all(are_keys(weights[f"keys.{k}"], nodes[k - 1] * vocabulary_size) for k in range(1, self.order + 1))
        )

    def start(self, weights: Weights, batch: int) -> State:
        nodes = [0]  # of the empty context, then of one end symbol, of two, ...
        for k in range(1, self.order):
            nodes.append(int(find_nodes(weights[f"keys.{k}"], np.array(nodes[-1] * int(weights["symbols"]) + END))))
        return np.tile(np.array(nodes), (batch, 1))

    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        if "first.1" not in weights:
            weights = self.prepare(weights)
        nodes = self._extend(weights, state, token)[:, :-1]
        state = np.where(token[:, None] == END, self.start(weights, 1), nodes)
        logits = np.empty((len(state), int(weights["symbols"])), dtype=np.float32)
        rows = max(AT_ONCE // logits.shape[1], 1)
        for first in range(0, len(state), rows):
            logits[first : first + rows] = np.log(self._distribution(weights, state[first : first + rows]))
        return state, logits

    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        state, symbols = self.start(weights, 1), int(weights["symbols"])
        row = np.zeros(len(tokens), dtype=np.int64)  # lines that begin alike share one, until they part
        result = np.empty(tokens.shape)
        for t in range(tokens.shape[1]):
            first, onward = unique_states(row * symbols + tokens[:, t])
            state, token = state[row[first]], tokens[first, t]
            nodes = self._extend(weights, state, token)
            result[:, t] = np.log(self._of_nodes(weights, state, nodes) @ weights["mixture"])[onward]
            state, row = np.where(token[:, None] == END, self.start(weights, 1), nodes[:, :-1]), onward
        return result

    def _extend(self, weights: Weights, state: State, token: Int[Array, " B"]) -> Array:
        """Return the nodes [B, n + 1] of the n-grams of length 0 to n that end in `token`."""
        nodes = np.full((len(state), self.order + 1), ABSENT, dtype=np.int64)
        nodes[:, 0] = 0
        for k in range(1, self.order + 1):
            wanted = np.where(state[:, k - 1] == ABSENT, ABSENT, state[:, k - 1] * weights["symbols"] + token)
            nodes[:, k] = find_nodes(weights[f"keys.{k}"], wanted)
        return nodes

    def along(self, weights: Weights, lines: TokenLines) -> tuple[Floats, Array | None]:
        """Return each component's probability of each character of the lines, [N, components], and what each weighs.

        A long line, as of a running text, is taken in pieces side by side, each after what the model sees before it.
        Of more than `WEIGHED` characters only some lines or pieces are taken, at even distances.
        """
        every = -(-len(lines.tokens) // WEIGHED)
        first, end, own = (each[::every] for each in pieces_with_past(lines.offsets, PIECE, self.receptive_field))
        state = self.start(weights, len(first))
        rows, at = [], []
        for t in range(int((end - first).max())):
            going = np.flatnonzero(end - first > t)
            nodes = self._extend(weights, state[going], lines.tokens[first[going] + t])
            counted = first[going] + t >= own[going]
            rows.append(self._of_nodes(weights, state[going][counted], nodes[counted]))
            at.append((first[going] + t)[counted])
            state[going] = nodes[:, :-1]
        weighed = lines.character_weights
        return np.concatenate(rows), None if weighed is None else weighed[np.concatenate(at)]

    def _of_nodes(self, weights: Weights, contexts: Array, nodes: Array) -> Floats:
        """Return each component's probability of the n-grams at `nodes` [B, n + 1] after `contexts` [B, n]."""
        first = np.full(len(nodes), 1 / int(weights["symbols"]))
        extend = partial(to_node, weights, contexts, nodes)
        return np.stack(list(interpolated(self.mixed(weights), first, extend)), axis=-1)

    def _distribution(self, weights: Weights, contexts: Array) -> Floats:
        """Return the mixture's distribution [B, V] after `contexts` [B, n]."""
        symbols = int(weights["symbols"])
        uniform = np.full((len(contexts), symbols), 1 / symbols)
        components = interpolated(self.mixed(weights), uniform, partial(to_all, weights, contexts))
        mixed: Floats = sum(share * p for share, p in zip(weights["mixture"], components, strict=True))
        return mixed


def _is_key(name: str) -> bool:
    return name == "symbols" or name.startswith("keys.")
