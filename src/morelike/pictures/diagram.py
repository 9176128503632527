"""The diagram of an architecture: layers of neurons and the matrices between them, derived from its shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from morelike.architecture import Architecture

LAYER_NAMES = {"C": "embedding", "Wqkv": "queries, keys, values", "Wp": "attention"}
"""Names of layers by the matrix before them. The other layers are called hidden."""
MOST_LAYERS = 8
"""Layers that fit a page. In a longer network, repeated blocks are drawn once."""


@dataclass(frozen=True)
class DiagramLayer:
    """A column of neurons: `groups` positions of `neurons` each. `loop` describes the matrix of its recurrence."""

    name: str
    neurons: int
    groups: int = 1
    loop: str = ""


@dataclass(frozen=True)
class Matrix:
    """A matrix between two layers: its name and shape."""

    name: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name}  {' × '.join(f'{size:,}' for size in self.shape)}"


@dataclass(frozen=True)
class Diagram:
    """Layers, and a matrix between each layer and the next.

    `repeated` describes the blocks that are drawn once: the first layer, the last layer, and how often they repeat.
    """

    layers: tuple[DiagramLayer, ...]
    matrices: tuple[Matrix, ...]
    repeated: tuple[tuple[int, int, int], ...] = ()


def diagram_of(architecture: Architecture, vocabulary_size: int) -> Diagram:
    """Return the diagram of a network for an alphabet of this size.

    Raises:
        SettingError: the architecture is a model of counts or a mixture.

    >>> from morelike.architecture import build
    >>> [layer.neurons for layer in diagram_of(build("mlp", {}), 27).layers]
    [27, 10, 200, 27]
    """
    network = architecture.as_trained("there are no neurons to draw")
    matrices = [Matrix(name, shape) for name, shape in network.layer_matrices(vocabulary_size).items()]
    loops = {
        _block_name(name): Matrix(_base_name(name), shape)
        for name, shape in network.loop_matrices(vocabulary_size).items()
    }
    groups = network.window or 1
    start = DiagramLayer("characters" if groups > 1 else "character", vocabulary_size, groups)
    return _connect_layers(start, matrices, loops)


def _connect_layers(start: DiagramLayer, matrices: Sequence[Matrix], loops: dict[str, Matrix]) -> Diagram:
    """Return the layers that these matrices connect. Repeated blocks of a long network are drawn once."""
    layers, drawn, repeated = [start], [], []
    for block, times in _group_blocks(matrices):
        first = len(layers)
        for matrix in block:
            previous, last = layers[-1], matrix is matrices[-1]
            rows, columns = matrix.shape
            joined = max(rows // previous.neurons, 1)  # positions that are concatenated
            name = "next character" if last else LAYER_NAMES.get(_base_name(matrix.name), "hidden")
            loop = loops.get(_block_name(matrix.name))
            neurons = loop.shape[0] if loop else columns  # the columns of a recurrent matrix hold all gates
            layers.append(DiagramLayer(name, neurons, max(previous.groups // joined**times, 1), str(loop or "")))
            drawn.append(_without_block(matrix))
        if times > 1:
            repeated.append((first, len(layers) - 1, times))
    return Diagram(tuple(layers), tuple(drawn), tuple(repeated))


def _group_blocks(matrices: Sequence[Matrix]) -> Iterator[tuple[list[Matrix], int]]:
    """Yield the matrices of each block (`layers.0.`, `blocks.1.`) and the number of equal blocks in a row."""
    blocks = [list(block) for _, block in groupby(matrices, key=lambda matrix: _block_name(matrix.name) or matrix.name)]
    if len(matrices) < MOST_LAYERS:
        yield from ((block, 1) for block in blocks)
        return
    for _, group in groupby(blocks, key=lambda block: [(_base_name(matrix.name), matrix.shape) for matrix in block]):
        equal = list(group)
        yield equal[0], len(equal)


def _without_block(matrix: Matrix) -> Matrix:
    return replace(matrix, name=_base_name(matrix.name))


def _block_name(name: str) -> str:
    return name.rpartition(".")[0]


def _base_name(name: str) -> str:
    return name.rpartition(".")[2]
