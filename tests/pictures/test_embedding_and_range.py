"""Pictures: what is drawn is what was handed in."""

import numpy as np
import pytest

from morelike.arrays import principal_plane
from morelike.errors import SettingError
from morelike.pictures.embedding import embedding_figure
from morelike.pictures.learning_rate import range_test_figure


def test_an_embedding_of_two_dimensions_is_drawn_as_it_is():
    table = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, -1.0]], dtype=np.float32)
    (points,) = embedding_figure(table, ["<", "b"]).data
    np.testing.assert_array_equal(np.column_stack([points.x, points.y]), table)
    assert list(points.text) == ["⏎", "&lt;", "b"]


def test_more_dimensions_are_drawn_through_two_components_with_their_share():
    rng = np.random.default_rng(0)
    table = rng.standard_normal((20, 5)) * [10, 5, 0.1, 0.1, 0.1]
    plane, explained = principal_plane(table)
    assert explained > 0.99
    covariance = plane.T @ plane
    assert abs(covariance[0, 1]) < 1e-8 * covariance[0, 0]
    centred = table - table.mean(axis=0)
    np.testing.assert_allclose(np.linalg.norm(plane, axis=1), np.linalg.norm(centred[:, :2], axis=1), atol=0.5)
    figure = embedding_figure(table, [chr(97 + i) for i in range(19)])
    assert "2 principal components of 5 dimensions, 100% of the variance" in figure.layout.title.text


def test_labels_of_points_side_by_side_stand_on_different_sides():
    table = np.array([[0, 0], [0, 0.001], [5, 5]], dtype=np.float32)
    sides = embedding_figure(table, ("a", "b")).data[0].textposition
    assert sides[0] != sides[1]


@pytest.mark.parametrize(
    ("shape", "says"), [((3, 1), "one dimension makes no plane"), ((4, 2), "one row is the end symbol's")]
)
def test_what_cannot_be_drawn_as_an_embedding_is_refused(shape, says):
    with pytest.raises(SettingError, match=says):
        embedding_figure(np.zeros(shape), ["a", "b"])


def test_a_range_test_is_drawn_on_a_logarithmic_axis_with_the_rate_marked():
    rates = 10 ** np.linspace(-3, 0, 50)
    losses = np.linspace(3, 2, 50)
    losses[-1] = np.inf
    figure = range_test_figure(rates, losses, losses, 0.1)
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.shapes[0].x0 == 0.1
    assert "suggested: 0.1" in figure.layout.annotations[0].text
    assert figure.layout.annotations[0].x == pytest.approx(-1)  # a power of ten, on a logarithmic axis
    np.testing.assert_allclose(figure.data[0].x, rates)
    assert np.isnan(figure.data[0].y[-1])
    low, high = figure.layout.yaxis.range
    assert low < 2 < 3 < high
