"""The embedding moves: the characters in the plane, with axes that keep their direction from look to look."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, principal_plane
from morelike.errors import SettingError
from morelike.ngrams.pairs import count_pairs
from morelike.panels.look import Look
from morelike.panels.plain import UnfitError, rounded

MOST_SYMBOLS = 200


def embedding(look: Look) -> dict[str, Any]:
    """Return the position of each character in the plane: its row of the embedding C.

    A wider embedding is projected on its two principal components (PCA). Each plane is turned, and reflected if need
    be, to lie as near as possible on the plane of the look before (Procrustes; Schönemann 1966), so that no axis flips.
    `explained` is the share of the variance in the plane; "" is the end of a word.

    Raises:
        SettingError: the model has no embedding, or one of one dimension.
    """
    table = look.model.weights.get("C")
    if table is None or table.ndim != 2:
        raise UnfitError(f"a model of kind {look.model.architecture.kind} with these settings has no embedding C")
    if table.shape[1] < 2:
        raise SettingError("an embedding of one dimension makes no plane: train with embedding = 2 or more")
    points, explained = aligned_plane([*look.earlier_embeddings, table])
    symbols = ("", *look.model.vocabulary.characters)
    train = look.background.prepared.train
    shown, _ = count_pairs(train, len(symbols), MOST_SYMBOLS, text=look.model.form == "text")
    some = f"the {len(shown)} commonest of {len(symbols):,} symbols are shown" if len(shown) < len(symbols) else None
    return {
        "symbols": [symbols[i] for i in shown],
        "points": rounded(points[shown]),
        "dimensions": int(table.shape[1]),
        "explained": rounded(explained),
        "note": some,
    }


def aligned_plane(tables: list[Float[NDArray[Any], "V E"]]) -> tuple[Float[NDArray[Any], "V 2"], float]:
    """Return the plane of the last table, after each plane was aligned to the one before, and its share of variance."""
    if tables[-1].shape[1] == 2:
        return tables[-1], 1.0
    points, explained = principal_plane(tables[0])
    for table in tables[1:]:
        plane, explained = principal_plane(table)
        points = aligned(plane, points)
    return points, explained


def aligned(points: Float[NDArray[Any], "V 2"], reference: Float[NDArray[Any], "V 2"]) -> Float[NDArray[Any], "V 2"]:
    """Return centred points turned and reflected so that their squared distances to other points are least.

    >>> square = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, -2.0]])
    >>> np.allclose(aligned(square * [-1, 1], square), square)
    True
    """
    left, _, right = np.linalg.svd(points.T @ reference)
    turned: NDArray[Any] = points @ (left @ right)
    return turned
