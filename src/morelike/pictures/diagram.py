"""What there is to draw of an architecture: layers of neurons, and the matrices between them, read off its shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from morelike.architecture import Architecture, RecurrentArchitecture, TrainedArchitecture, WindowArchitecture
from morelike.errors import SettingError

__all__ = ["Diagram", "Layer", "Matrix", "diagram_of"]

NAMES = {"C": "embedding", "Wqkv": "queries, keys, values", "Wp": "attention"}
"""Layers that are called after the matrix that leads to them; the others are hidden ones."""
POSITIONS = "P"
"""The table of positions, which is added to the embedding and leads to no layer of its own."""
MOST_LAYERS = 8
"""Columns that fit a page; of more, those that are equal are drawn once."""


@dataclass(frozen=True)
class Layer:
    """A column of neurons: `groups` positions of `neurons` each; `loop` is what leads back to it, in words."""

    name: str
    neurons: int
    groups: int = 1
    loop: str = ""


@dataclass(frozen=True)
class Matrix:
    """What leads from one layer to the next: its name and shape."""

    name: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name}  {' × '.join(f'{size:,}' for size in self.shape)}"


@dataclass(frozen=True)
class Diagram:
    """Layers and, between each and the next, a matrix.

    `repeated` are runs of layers, first and last, that stand one above the other several times.
    """

    layers: tuple[Layer, ...]
    matrices: tuple[Matrix, ...]
    repeated: tuple[tuple[int, int, int], ...] = ()


def diagram_of(architecture: Architecture, vocabulary_size: int) -> Diagram:
    """Return the diagram of an architecture that is trained, for an alphabet of this size.

    Raises:
        SettingError: a model of counts, or a mixture, which is no network.

    >>> from morelike.architecture import build
    >>> [layer.neurons for layer in diagram_of(build("mlp", {}), 27).layers]
    [27, 10, 200, 27]
    """
    if not isinstance(architecture, TrainedArchitecture):
        raise SettingError(f"{architecture.kind} is no network: there are no neurons to draw")
    shapes = architecture.shapes(vocabulary_size)
    matrices = [Matrix(name, shape) for name, shape in shapes.items() if len(shape) == 2 and name != POSITIONS]
    loops: dict[str, Matrix] = {}
    if isinstance(architecture, RecurrentArchitecture):
        matrices = [matrix for matrix in matrices if matrix.name != "start"]
        loops = {_stem(m.name): _short(m) for m in matrices if _last(m.name) == "Wh"}
        matrices = [matrix for matrix in matrices if _last(matrix.name) != "Wh"]
        if architecture.tied:
            matrices.append(Matrix("C transposed", (architecture.embedding, vocabulary_size)))
    groups = architecture.context if isinstance(architecture, WindowArchitecture) else 1
    start = Layer("characters" if groups > 1 else "character", vocabulary_size, groups)
    return _chained(start, matrices, loops)


def _chained(start: Layer, matrices: Sequence[Matrix], loops: dict[str, Matrix]) -> Diagram:
    """Return the layers that the matrices lead to, one after another; of too many, equal ones are drawn once."""
    layers, drawn, repeated = [start], [], []
    for block, times in _blocks(matrices):
        first = len(layers)
        for matrix in block:
            before, last = layers[-1], matrix is matrices[-1]
            rows, columns = matrix.shape
            joined = max(rows // before.neurons, 1)  # positions that are laid end to end
            name = "next character" if last else NAMES.get(_last(matrix.name), "hidden")
            loop = loops.get(_stem(matrix.name))
            neurons = loop.shape[0] if loop else columns  # a recurrent matrix is as wide as all gates together
            layers.append(Layer(name, neurons, max(before.groups // joined**times, 1), str(loop or "")))
            drawn.append(_short(matrix))
        if times > 1:
            repeated.append((first, len(layers) - 1, times))
    return Diagram(tuple(layers), tuple(drawn), tuple(repeated))


def _blocks(matrices: Sequence[Matrix]) -> Iterator[tuple[list[Matrix], int]]:
    """Yield the matrices by blocks (`layers.0.`, `blocks.1.`), each with how many equal ones follow one another."""
    blocks = [list(block) for _, block in groupby(matrices, key=lambda matrix: _stem(matrix.name) or matrix.name)]
    if len(matrices) < MOST_LAYERS:
        yield from ((block, 1) for block in blocks)
        return
    for _, group in groupby(blocks, key=lambda block: [(_last(matrix.name), matrix.shape) for matrix in block]):
        equal = list(group)
        yield equal[0], len(equal)


def _short(matrix: Matrix) -> Matrix:
    return replace(matrix, name=_last(matrix.name))


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _last(name: str) -> str:
    return name.rpartition(".")[2]
