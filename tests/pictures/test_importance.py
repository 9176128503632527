"""The picture of a search for settings."""

import pytest

from morelike.errors import SettingError
from morelike.pictures.importance import importance_figure


def test_the_most_important_setting_is_at_the_top_with_its_share():
    figure = importance_figure({"dropout": 0.2, "learning_rate": 0.7, "hidden": 0.1}, "names-gru")
    (bars,) = figure.data
    assert list(figure.layout.yaxis.ticktext) == ["learning_rate", "dropout", "hidden"]
    assert list(bars.x) == [0.7, 0.2, 0.1]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]


def test_names_are_shown_as_text():
    figure = importance_figure({"<b>": 1.0}, "<i>")
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;"
    assert "&lt;i&gt;" in figure.layout.title.text


def test_too_few_trials_are_one_sentence():
    with pytest.raises(SettingError, match="the study 'a' has too few complete trials"):
        importance_figure({}, "a")
