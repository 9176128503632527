"""The layout of a graph's boxes: in layers from top to bottom (Sugiyama, Tagawa and Toda 1981).

Four steps: choose a layer for each node; order each layer, so that few edges cross; place the vertices from left to
right, so that edges are short and nothing overlaps; spread the ends of the edges along their boxes. An edge that passes
layers has a narrow dummy vertex in each of them, so that no box covers it.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

HEIGHT = 62.0  # of a box
GAP = 22.0  # between neighbours in a layer
DUMMY_WIDTH = 10.0  # width of an edge where it passes a layer
SWEEPS = 12
SETTLING = 40
INPUTS_PULL = 3.0
PORT = 18.0  # between the ends of edges at one box, if the box is wide enough
MOST_VERTICES = 20_000

Path = list[tuple[float, float]]
"""The points of an edge, from the bottom of one box to the top of another. Between two points the edge crosses a gap or
passes a layer vertically."""


@dataclass(frozen=True)
class Layout:
    """The centres and tops of the boxes, the paths of the edges in their given order, and the size of the picture."""

    centres: list[float]
    tops: list[float]
    paths: list[Path]
    width: float
    height: float


def layout(inputs: Sequence[Sequence[int]], widths: Sequence[float], limit: float = inf) -> Layout:
    """Return the layout of nodes of these widths. `inputs` holds the indices of each node's inputs.

    The inputs of a node come before it. The last node is the result. If the picture is wider than `limit` pixels, its
    layers are folded into narrower ones. A picture of very many long edges may stay wider.

    Raises:
        ValueError: too many and too long edges for a picture.

    >>> placed = layout([[], [], [0, 1]], [50, 50, 50])
    >>> placed.centres, placed.tops[0] == placed.tops[1] < placed.tops[2]
    ([25.0, 97.0, 61.0], True)
    """
    found = _arrange(_LayeredGraph(inputs, widths, _ranks(inputs)))
    if found.width <= limit:
        return found
    try:
        folded = _arrange(_LayeredGraph(inputs, widths, _folded_ranks(inputs, widths, limit)), limit)
    except ValueError:  # its edges pass too many layers
        return found
    return min(found, folded, key=lambda each: each.width)


def _arrange(graph: _LayeredGraph, limit: float = inf) -> Layout:
    _order(graph)
    centres = _settle(graph, limit)
    tops, height = _tops(graph, centres)
    paths = _paths(graph, centres, tops)
    count = graph.nodes
    return Layout(centres[:count], tops[:count], paths, max(map(max, _right_ends(graph, centres))), height)


class _LayeredGraph:
    """Vertices in layers, with the neighbours of each above and below. The nodes come first, then the dummies."""

    def __init__(self, inputs: Sequence[Sequence[int]], widths: Sequence[float], ranks: Sequence[int]) -> None:
        self.rank = list(ranks)
        self.nodes = len(inputs)
        self.widths = list(widths)
        dummies = sum(self.rank[i] - self.rank[j] - 1 for i, ins in enumerate(inputs) for j in ins)
        if self.nodes + dummies > MOST_VERTICES:
            raise ValueError(
                f"a picture of {self.nodes:,} nodes, whose edges pass {dummies:,} others, is unreadable: draw less"
            )
        self.above: list[list[int]] = [[] for _ in inputs]
        self.below: list[list[int]] = [[] for _ in inputs]
        self.chains = [self._chain(j, i) for i, ins in enumerate(inputs) for j in ins]
        self.layers: list[list[int]] = [[] for _ in range(max(self.rank) + 1)]

    def _chain(self, source: int, target: int) -> list[int]:
        dummies = range(len(self.rank), len(self.rank) + self.rank[target] - self.rank[source] - 1)
        chain = [source, *dummies, target]
        for step, _ in enumerate(dummies, start=1):
            self.rank.append(self.rank[source] + step)
            self.widths.append(DUMMY_WIDTH)
            self.above.append([])
            self.below.append([])
        for upper, lower in pairwise(chain):
            self.below[upper].append(lower)
            self.above[lower].append(upper)
        return chain


def _ranks(inputs: Sequence[Sequence[int]]) -> list[int]:
    """Return the layer of each node: one below its lowest input. A node without inputs is just above its first use."""
    ranks = [0] * len(inputs)
    for i, ins in enumerate(inputs):
        ranks[i] = max((ranks[j] + 1 for j in ins), default=0)
    first_use: dict[int, int] = {}
    for i, ins in enumerate(inputs):
        for j in ins:
            first_use[j] = min(first_use.get(j, ranks[i]), ranks[i])
    return [first_use[i] - 1 if not ins and i in first_use else ranks[i] for i, ins in enumerate(inputs)]


def _folded_ranks(inputs: Sequence[Sequence[int]], widths: Sequence[float], limit: float) -> list[int]:
    """Return layers that are narrower than `limit`, as far as possible, filled upwards from the result.

    A node can be placed if everything that uses it stands below. Each layer takes such nodes while there is room, those
    without inputs first and then the latest ones, so that the operations of one neuron stay together (a list schedule,
    as of Coffman and Graham 1972). An edge to a node that waits needs room in the layer, too.
    """
    uses = [sum(ins.count(j) for ins in inputs) for j in range(len(inputs))]
    waiting, levels = {len(inputs) - 1: 0}, [0] * len(inputs)  # nodes that can be placed, with their edges from below
    edges = dict.fromkeys(range(len(inputs)), 0)  # edges from below that wait for their node
    for level in range(len(inputs)):
        room = limit - (DUMMY_WIDTH + GAP) * sum(edges.values())
        placed: list[int] = []
        latest_first = list(waiting)[::-1]
        for node in sorted(latest_first, key=lambda node: bool(inputs[node])):
            needed = widths[node] + GAP - (DUMMY_WIDTH + GAP) * edges[node]
            if needed <= room or not placed:
                placed.append(node)
                room -= needed
        for node in placed:
            del waiting[node]
            levels[node], edges[node] = level, 0
        for node in placed:
            for operand in inputs[node]:
                edges[operand] += 1
                uses[operand] -= 1
                if not uses[operand]:
                    waiting[operand] = level
        if not waiting:
            break
    return [max(levels) - level for level in levels]


def _order(graph: _LayeredGraph) -> None:
    """Order each layer: first by a walk up from the result, then by barycentres, downwards and upwards in turn."""
    seen, waiting = set(), [graph.nodes - 1]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            graph.layers[graph.rank[here]].append(here)
            waiting.extend(reversed(graph.above[here]))
    best, fewest = [list(layer) for layer in graph.layers], _crossings(graph)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        neighbours = graph.above if downwards else graph.below
        for layer in graph.layers if downwards else reversed(graph.layers):
            _by_barycentre(layer, neighbours, graph)
        if (crossings := _crossings(graph)) < fewest:
            best, fewest = [list(layer) for layer in graph.layers], crossings
    graph.layers = best


def _by_barycentre(layer: list[int], neighbours: list[list[int]], graph: _LayeredGraph) -> None:
    index = {
        vertex: i for neighbour in _adjacent_layers(layer, neighbours, graph) for i, vertex in enumerate(neighbour)
    }
    mean = {}
    for i, vertex in enumerate(layer):
        adjacent = [index[other] for other in neighbours[vertex]]
        mean[vertex] = sum(adjacent) / len(adjacent) if adjacent else i
    layer.sort(key=mean.__getitem__)


def _adjacent_layers(layer: list[int], neighbours: list[list[int]], graph: _LayeredGraph) -> list[list[int]]:
    """Return the layer that holds the neighbours of this layer, if there is one."""
    adjacent = next((neighbours[vertex][0] for vertex in layer if neighbours[vertex]), None)
    return [] if adjacent is None else [graph.layers[graph.rank[adjacent]]]


def _crossings(graph: _LayeredGraph) -> int:
    """Return the number of pairs of edges that cross: their ends have opposite orders above and below."""
    total = 0
    for upper, lower in pairwise(graph.layers):
        index = {vertex: i for i, vertex in enumerate(lower)}
        ends: list[int] = []
        for vertex in upper:
            below = sorted(index[other] for other in graph.below[vertex])
            total += sum(len(ends) - bisect_right(ends, end) for end in below)
            for end in below:
                insort(ends, end)
    return total


def _settle(graph: _LayeredGraph, limit: float = inf) -> list[float]:
    """Return centres that minimise the squared horizontal lengths of the edges, by sweeps over the layers.

    Two dummies pull each other eight times as hard as two boxes, so that long edges are straight. Inputs pull a result
    harder than its uses, so that it stands between its inputs. No layer reaches beyond `limit` if it has room before.
    """
    centres = [0.0] * len(graph.rank)
    for layer in graph.layers:
        for vertex, offset in zip(layer, _offsets(layer, graph.widths), strict=True):
            centres[vertex] = offset
    neighbours = [
        [(other, INPUTS_PULL * _pull(vertex, other, graph.nodes)) for other in graph.above[vertex]]
        + [(other, _pull(vertex, other, graph.nodes)) for other in graph.below[vertex]]
        for vertex in range(len(centres))
    ]
    for sweep in range(SETTLING):
        for layer in graph.layers if sweep % 2 else reversed(graph.layers):
            targets, weights = [], []
            for vertex in layer:
                weight = sum(pull for _, pull in neighbours[vertex])
                targets.append(
                    sum(pull * centres[other] for other, pull in neighbours[vertex]) / weight
                    if weight
                    else centres[vertex]
                )
                weights.append(weight or 1.0)
            offsets = _offsets(layer, graph.widths)
            free = _isotonic([target - offset for target, offset in zip(targets, offsets, strict=True)], weights)
            rest = max(limit - offsets[-1] - graph.widths[layer[-1]] / 2, 0.0)
            for vertex, at, offset in zip(layer, free, offsets, strict=True):
                centres[vertex] = (at if limit == inf else min(max(at, 0.0), rest)) + offset
    left = min(centres[layer[0]] - graph.widths[layer[0]] / 2 for layer in graph.layers)
    return [centre - left for centre in centres]


def _pull(vertex: int, other: int, nodes: int) -> float:
    dummies = (vertex >= nodes) + (other >= nodes)
    return (1.0, 2.0, 8.0)[dummies]


def _offsets(layer: Sequence[int], widths: Sequence[float]) -> list[float]:
    """Return the centres of a layer's vertices when they stand as close as allowed."""
    offsets, at = [], 0.0
    for vertex in layer:
        offsets.append(at + widths[vertex] / 2)
        at += widths[vertex] + GAP
    return offsets


def _isotonic(targets: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the non-decreasing numbers nearest to the targets (isotonic regression by pooling neighbours).

    >>> _isotonic([1.0, 4.0, 2.0], [1.0, 1.0, 1.0])
    [1.0, 3.0, 3.0]
    """
    pools: list[tuple[float, float, int]] = []  # mean, weight, members
    for target, weight in zip(targets, weights, strict=True):
        pools.append((target, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (upper, heavy, many), (lower, light, few) = pools.pop(-2), pools.pop()
            pools.append(((upper * heavy + lower * light) / (heavy + light), heavy + light, many + few))
    return [mean for mean, _, members in pools for _ in range(members)]


def _tops(graph: _LayeredGraph, centres: Sequence[float]) -> tuple[list[float], float]:
    """Return the top of each vertex, and the height. Layers are further apart if edges run far to the side."""
    tops = [0.0] * len(centres)
    top = 0.0
    for layer in graph.layers:
        for vertex in layer:
            tops[vertex] = top
        aside = max(
            (abs(centres[vertex] - centres[other]) for vertex in layer for other in graph.below[vertex]), default=0
        )
        top += HEIGHT + min(max(40.0, 0.15 * aside), 140.0)
    return tops, tops[graph.layers[-1][0]] + HEIGHT


def _paths(graph: _LayeredGraph, centres: Sequence[float], tops: Sequence[float]) -> list[Path]:
    leaving: list[list[tuple[float, int]]] = [[] for _ in range(graph.nodes)]
    arriving: list[list[tuple[float, int]]] = [[] for _ in range(graph.nodes)]
    for k, chain in enumerate(graph.chains):
        leaving[chain[0]].append((centres[chain[1]], k))
        arriving[chain[-1]].append((centres[chain[-2]], k))
    starts, ends = (
        {k: x for node, edges in enumerate(side) for k, x in _ports(edges, centres[node], graph.widths[node])}
        for side in (leaving, arriving)
    )
    paths = []
    for k, (source, *dummies, target) in enumerate(graph.chains):
        past = [(centres[dummy], tops[dummy] + down) for dummy in dummies for down in (0.0, HEIGHT)]
        paths.append([(starts[k], tops[source] + HEIGHT), *past, (ends[k], tops[target])])
    return paths


def _ports(edges: list[tuple[float, int]], centre: float, width: float) -> list[tuple[int, float]]:
    """Return the edges at one side of a box with the position of each, in the order of their other ends."""
    apart = min(PORT, 0.8 * width / max(len(edges), 1))
    return [(k, centre + apart * (i - (len(edges) - 1) / 2)) for i, (_, k) in enumerate(sorted(edges))]


def _right_ends(graph: _LayeredGraph, centres: Sequence[float]) -> list[list[float]]:
    return [[centres[vertex] + graph.widths[vertex] / 2 for vertex in layer] for layer in graph.layers]
