"""Where the boxes of a graph go: in layers from top to bottom (Sugiyama, Tagawa and Toda 1981).

Four steps: a layer for each node; the order within each layer, so that few edges cross; the places from left to right,
so that edges are short and nothing overlaps; the ends of the edges, side by side along their boxes. An edge over
several layers holds a narrow place in each layer between, so that no box is laid upon it.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Layout", "Path", "layout"]

HEIGHT = 62.0  # of a box
GAP = 22.0  # between neighbours in a layer
LANE = 10.0  # width that an edge takes on its way past a layer
SWEEPS = 12
SETTLING = 40
INPUTS_PULL = 3.0
PORT = 18.0  # between the ends of edges at one box, where there is room
MOST_PLACES = 20_000

Path = list[tuple[float, float]]
"""The points of an edge, from the bottom of one box to the top of another; between each two it runs through a gap, or
straight down past a layer."""


@dataclass(frozen=True)
class Layout:
    """Centres and tops of the boxes, the edges in the order in which they were given, and the size of it all."""

    centres: list[float]
    tops: list[float]
    paths: list[Path]
    width: float
    height: float


def layout(inputs: Sequence[Sequence[int]], widths: Sequence[float]) -> Layout:
    """Return where to draw nodes of these widths; each comes behind its inputs, to which its edges lead up.

    Raises:
        ValueError: edges so long and so many that no picture can hold them.

    >>> placed = layout([[], [], [0, 1]], [50, 50, 50])
    >>> placed.centres, placed.tops[0] == placed.tops[1] < placed.tops[2]
    ([25.0, 97.0, 61.0], True)
    """
    places = _Places(inputs, widths)
    _order(places)
    centres = _settle(places)
    tops, height = _tops(places, centres)
    paths = _paths(places, centres, tops)
    count = len(inputs)
    return Layout(centres[:count], tops[:count], paths, max(map(max, _right_ends(places, centres))), height)


class _Places:
    """Nodes and lanes in their layers, numbered on from the nodes, with what each is tied to above and below."""

    def __init__(self, inputs: Sequence[Sequence[int]], widths: Sequence[float]) -> None:
        self.rank = _ranks(inputs)
        self.nodes = len(inputs)
        self.widths = list(widths)
        lanes = sum(self.rank[i] - self.rank[j] - 1 for i, ins in enumerate(inputs) for j in ins)
        if self.nodes + lanes > MOST_PLACES:
            raise ValueError(
                f"a picture of {self.nodes:,} nodes whose edges pass {lanes:,} others cannot be read: draw a part of it"
            )
        self.above: list[list[int]] = [[] for _ in inputs]
        self.below: list[list[int]] = [[] for _ in inputs]
        self.chains = [self._chain(j, i) for i, ins in enumerate(inputs) for j in ins]
        self.layers: list[list[int]] = [[] for _ in range(max(self.rank) + 1)]

    def _chain(self, source: int, target: int) -> list[int]:
        lanes = range(len(self.rank), len(self.rank) + self.rank[target] - self.rank[source] - 1)
        chain = [source, *lanes, target]
        for step, _ in enumerate(lanes, start=1):
            self.rank.append(self.rank[source] + step)
            self.widths.append(LANE)
            self.above.append([])
            self.below.append([])
        for upper, lower in pairwise(chain):
            self.below[upper].append(lower)
            self.above[lower].append(upper)
        return chain


def _ranks(inputs: Sequence[Sequence[int]]) -> list[int]:
    """Return the layer of each node: one below the lowest of its inputs; what has none is just above its first use."""
    ranks = [0] * len(inputs)
    for i, ins in enumerate(inputs):
        ranks[i] = max((ranks[j] + 1 for j in ins), default=0)
    first_use: dict[int, int] = {}
    for i, ins in enumerate(inputs):
        for j in ins:
            first_use[j] = min(first_use.get(j, ranks[i]), ranks[i])
    return [first_use[i] - 1 if not ins and i in first_use else ranks[i] for i, ins in enumerate(inputs)]


def _order(places: _Places) -> None:
    """Fill the layers: first as a walk up from the result meets them, then by barycentres, down and up in turn."""
    seen, waiting = set(), [places.nodes - 1]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            places.layers[places.rank[here]].append(here)
            waiting.extend(reversed(places.above[here]))
    best, fewest = [list(layer) for layer in places.layers], _crossings(places)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        ties = places.above if downwards else places.below
        for layer in places.layers if downwards else reversed(places.layers):
            _by_barycentre(layer, ties, places)
        if (crossings := _crossings(places)) < fewest:
            best, fewest = [list(layer) for layer in places.layers], crossings
    places.layers = best


def _by_barycentre(layer: list[int], ties: list[list[int]], places: _Places) -> None:
    index = {place: i for neighbour in _beside(layer, ties, places) for i, place in enumerate(neighbour)}
    mean = {}
    for i, place in enumerate(layer):
        tied = [index[other] for other in ties[place]]
        mean[place] = sum(tied) / len(tied) if tied else i
    layer.sort(key=mean.__getitem__)


def _beside(layer: list[int], ties: list[list[int]], places: _Places) -> list[list[int]]:
    """Return the layer that this one is tied to, if there is one."""
    tied = next((ties[place][0] for place in layer if ties[place]), None)
    return [] if tied is None else [places.layers[places.rank[tied]]]


def _crossings(places: _Places) -> int:
    """Return how many pairs of edges cross: those whose ends stand in opposite orders above and below."""
    total = 0
    for upper, lower in pairwise(places.layers):
        index = {place: i for i, place in enumerate(lower)}
        ends: list[int] = []
        for place in upper:
            own = sorted(index[other] for other in places.below[place])
            total += sum(len(ends) - bisect_right(ends, end) for end in own)
            for end in own:
                insort(ends, end)
    return total


def _settle(places: _Places) -> list[float]:
    """Return the centres that make the edges short in the least-squares sense, layer by layer until they rest.

    Lanes pull one another eight times as hard as two boxes do, so that long edges run straight; what a result is
    computed from pulls it harder than what uses it, so that it stands between its inputs.
    """
    centres = [0.0] * len(places.rank)
    for layer in places.layers:
        for place, offset in zip(layer, _offsets(layer, places.widths), strict=True):
            centres[place] = offset
    ties = [
        [(other, INPUTS_PULL * _pull(place, other, places.nodes)) for other in places.above[place]]
        + [(other, _pull(place, other, places.nodes)) for other in places.below[place]]
        for place in range(len(centres))
    ]
    for sweep in range(SETTLING):
        for layer in places.layers if sweep % 2 else reversed(places.layers):
            wished, weights = [], []
            for place in layer:
                weight = sum(pull for _, pull in ties[place])
                wished.append(
                    sum(pull * centres[other] for other, pull in ties[place]) / weight if weight else centres[place]
                )
                weights.append(weight or 1.0)
            offsets = _offsets(layer, places.widths)
            free = _rising([wish - offset for wish, offset in zip(wished, offsets, strict=True)], weights)
            for place, at, offset in zip(layer, free, offsets, strict=True):
                centres[place] = at + offset
    left = min(centres[layer[0]] - places.widths[layer[0]] / 2 for layer in places.layers)
    return [centre - left for centre in centres]


def _pull(place: int, other: int, nodes: int) -> float:
    lanes = (place >= nodes) + (other >= nodes)
    return (1.0, 2.0, 8.0)[lanes]


def _offsets(layer: Sequence[int], widths: Sequence[float]) -> list[float]:
    """Return the centres of a layer's places when they stand as close as they may."""
    offsets, at = [], 0.0
    for place in layer:
        offsets.append(at + widths[place] / 2)
        at += widths[place] + GAP
    return offsets


def _rising(wished: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the numbers nearest to those wished for that never fall (isotonic regression by pooling neighbours).

    >>> _rising([1.0, 4.0, 2.0], [1.0, 1.0, 1.0])
    [1.0, 3.0, 3.0]
    """
    pools: list[tuple[float, float, int]] = []  # mean, weight, members
    for wish, weight in zip(wished, weights, strict=True):
        pools.append((wish, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (upper, heavy, many), (lower, light, few) = pools.pop(-2), pools.pop()
            pools.append(((upper * heavy + lower * light) / (heavy + light), heavy + light, many + few))
    return [mean for mean, _, members in pools for _ in range(members)]


def _tops(places: _Places, centres: Sequence[float]) -> tuple[list[float], float]:
    """Return the top of each place, and the height; where edges run far to the side, layers stand further apart."""
    tops = [0.0] * len(centres)
    top = 0.0
    for layer in places.layers:
        for place in layer:
            tops[place] = top
        aside = max(
            (abs(centres[place] - centres[other]) for place in layer for other in places.below[place]), default=0
        )
        top += HEIGHT + min(max(40.0, 0.15 * aside), 140.0)
    return tops, tops[places.layers[-1][0]] + HEIGHT


def _paths(places: _Places, centres: Sequence[float], tops: Sequence[float]) -> list[Path]:
    leaving: list[list[tuple[float, int]]] = [[] for _ in range(places.nodes)]
    arriving: list[list[tuple[float, int]]] = [[] for _ in range(places.nodes)]
    for k, chain in enumerate(places.chains):
        leaving[chain[0]].append((centres[chain[1]], k))
        arriving[chain[-1]].append((centres[chain[-2]], k))
    starts, ends = (
        {k: x for node, edges in enumerate(side) for k, x in _ports(edges, centres[node], places.widths[node])}
        for side in (leaving, arriving)
    )
    paths = []
    for k, (source, *lanes, target) in enumerate(places.chains):
        past = [(centres[lane], tops[lane] + down) for lane in lanes for down in (0.0, HEIGHT)]
        paths.append([(starts[k], tops[source] + HEIGHT), *past, (ends[k], tops[target])])
    return paths


def _ports(edges: list[tuple[float, int]], centre: float, width: float) -> list[tuple[int, float]]:
    """Return the edges at one side of a box with the place of each, in the order of where they go."""
    apart = min(PORT, 0.8 * width / max(len(edges), 1))
    return [(k, centre + apart * (i - (len(edges) - 1) / 2)) for i, (_, k) in enumerate(sorted(edges))]


def _right_ends(places: _Places, centres: Sequence[float]) -> list[list[float]]:
    return [[centres[place] + places.widths[place] / 2 for place in layer] for layer in places.layers]
