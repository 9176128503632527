"""The embedding in the plane: its axes never flip from look to look."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from morelike.arrays import principal_plane
from morelike.errors import SettingError
from morelike.panels.inside.embedding import aligned, aligned_plane
from morelike.panels.registry import show

from ..looks import look_of


def path_of(count=30, symbols=27, width=8):
    """Return embeddings on their way between two random ones."""
    rng = np.random.default_rng(0)
    first, last = rng.standard_normal((2, symbols, width)).astype(np.float32)
    return [(1 - t) * first + t * last for t in np.linspace(0, 1, count)]


def test_no_axis_flips_between_two_looks():
    tables = path_of()
    planes = [aligned_plane(tables[: i + 1])[0] for i in range(len(tables))]
    for before, after in itertools.pairwise(planes):
        agreement = before.T @ after
        np.testing.assert_allclose(agreement, agreement.T, atol=1e-6 * np.abs(agreement).max())
        assert np.linalg.eigvalsh(agreement).min() >= 0
        assert (np.diag(agreement) > 0).all()


def test_without_alignment_axes_would_flip():
    planes = [principal_plane(table)[0] for table in path_of()]
    steps = [np.diag(before.T @ after) for before, after in itertools.pairwise(planes)]
    assert min(map(min, steps)) < 0


def test_alignment_keeps_the_distances():
    rng = np.random.default_rng(1)
    points, reference = rng.standard_normal((2, 20, 2))
    np.testing.assert_allclose(np.linalg.norm(aligned(points, reference), axis=1), np.linalg.norm(points, axis=1))


def test_an_embedding_of_two_dimensions_is_shown_as_it_is():
    look = look_of("mlp", embedding=2)
    found = show("embedding", look)
    np.testing.assert_allclose(found["points"], look.model.weights["C"], rtol=1e-4)
    assert (found["explained"], found["symbols"]) == (1.0, ["", *look.model.vocabulary.characters])


def test_a_wider_embedding_is_its_principal_plane_turned_towards_the_look_before():
    look = look_of("gru")
    later = replace(look, earlier_embeddings=[look.model.weights["C"][:, ::-1] * -1])
    before, found = (np.array(show("embedding", each)["points"]) for each in (look, later))
    np.testing.assert_allclose(np.linalg.norm(before, axis=1), np.linalg.norm(found, axis=1), rtol=1e-4)
    assert 0 < show("embedding", look)["explained"] <= 1


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [("mlp", {"embedding": 1}, "makes no plane"), ("bigram", {}, "no embedding C"), ("ngram", {}, "no embedding C")],
)
def test_a_model_without_a_plane_says_so(kind, settings, sentence):
    with pytest.raises(SettingError, match=sentence):
        show("embedding", look_of(kind, **settings))


def test_of_a_large_alphabet_the_commonest_symbols_are_shown():
    characters = [chr(0x4E00 + i) for i in range(500)]
    words = tuple("".join(characters[i : i + 3]) for i in range(480))
    found = show("embedding", look_of("mlp", words=words))
    assert len(found["symbols"]) == len(found["points"]) == 200
    assert found["note"] == "the 200 commonest of 483 symbols are shown"
