"""Folding a large graph, so that its picture can be read: neurons into one box each, or layers into one box each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Fold: TypeAlias = Literal["auto", "none", "neurons", "layers"]
"""What a picture folds.

`none` draws each value. `neurons` draws activations and values that are used several times, each with the values that
are used for it alone. `layers` draws the neurons of one depth as one box. `auto` takes the first of these that fits.
"""


@dataclass(frozen=True)
class Group:
    """The nodes of one box: its results, the nodes that are folded into it, and the indices of the groups before it."""

    results: list[int]
    folded: list[int]
    inputs: tuple[int, ...]


def unfolded(inputs: Sequence[Sequence[int]]) -> list[Group]:
    """Return a group for each node."""
    return [Group([i], [], tuple(ins)) for i, ins in enumerate(inputs)]


def fold_neurons(inputs: Sequence[Sequence[int]], activations: Collection[int] = ()) -> list[Group]:
    """Return a group for each activation, for each other computed node that several nodes use, and for the result.

    A group also has the nodes that lead to its result alone, and its constants and parameters. The inputs of a node
    come before it; the last node is the result. `activations` are the nodes that are the outputs of neurons.

    >>> fold_neurons([[], [], [0, 1], [2], [2, 3]])  # node 2 is used twice
    [Group(results=[2], folded=[0, 1], inputs=()), Group(results=[4], folded=[3], inputs=(0,))]
    """
    users: list[set[int]] = [set() for _ in inputs]
    for i, ins in enumerate(inputs):
        for j in ins:
            users[j].add(i)
    last = len(inputs) - 1
    results = [i for i, ins in enumerate(inputs) if i == last or (ins and (len(users[i]) > 1 or i in activations))]
    index = {node: group for group, node in enumerate(results)}
    groups = []
    for result in results:
        folded: set[int] = set()
        before: set[int] = set()
        waiting = list(inputs[result])
        while waiting:
            node = waiting.pop()
            if node in index:
                before.add(index[node])
            elif node not in folded:
                folded.add(node)
                waiting.extend(inputs[node])
        groups.append(Group([result], sorted(folded), tuple(sorted(before))))
    return groups


def fold_layers(groups: Sequence[Group]) -> list[Group]:
    """Return a group for each depth: the groups that are equally many steps away from the first ones.

    >>> neurons = [Group([0], [], ()), Group([2], [1], ()), Group([4], [3], (0, 1))]
    >>> fold_layers(neurons)
    [Group(results=[0, 2], folded=[1], inputs=()), Group(results=[4], folded=[3], inputs=(0,))]
    """
    depths: list[int] = []
    for group in groups:
        depths.append(max((depths[j] + 1 for j in group.inputs), default=0))
    layers: list[list[Group]] = [[] for _ in range(max(depths) + 1)]
    for group, depth in zip(groups, depths, strict=True):
        layers[depth].append(group)
    return [
        Group(
            [node for group in layer for node in group.results],
            sorted({node for group in layer for node in group.folded}),
            tuple(sorted({depths[j] for group in layer for j in group.inputs})),
        )
        for layer in layers
    ]
