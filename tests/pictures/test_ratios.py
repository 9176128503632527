"""Ratios stand on a logarithmic scale beside the line by which updates are judged."""

from collections import namedtuple

import pytest

from morelike.errors import SettingError
from morelike.pictures.ratios import ratios_figure

Weight = namedtuple("Weight", "name gradient_to_data update_to_data")


def test_each_weight_has_its_two_ratios_and_the_guide_line_stands_where_it_should():
    figure = ratios_figure([Weight("W1", 0.02, 0.004), Weight("<b>", None, 0.1), Weight("still", None, None)], 1e-3)
    gradients, updates = figure.data
    assert (gradients.name, updates.name) == ("gradient", "update")
    assert (list(gradients.x), list(updates.x)) == ([0.02, None], [0.004, 0.1])
    assert list(figure.layout.yaxis.ticktext) == ["W1", "&lt;b&gt;"]
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (1e-3, 1e-3)
    assert figure.layout.xaxis.type == "log"


def test_weights_without_updates_are_no_picture():
    with pytest.raises(SettingError, match="none of the weights has an update"):
        ratios_figure([Weight("W1", 0.1, 0.0)], 1e-3)
