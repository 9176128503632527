"""Panels of a model of running text: those that need words say so, and the others show the text."""

from functools import cache

import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.panels.look import Background, Look
from morelike.panels.registry import PANELS, show
from morelike.runs.plan import make_plan
from morelike.text.corpus import corpus_of

from .looks import WORDS, weights_of
from .test_registry import query_for

FOR_WORDS = {"states", "unit", "attention", "lens", "scalar_graph", "memory"}


@cache
def look_of_text(kind):
    shared = Background.of(make_plan(corpus_of("text", "\n".join(WORDS), "text"), kind, settings={}))
    return Look.of(shared, weights_of(shared))


@pytest.mark.parametrize("name", sorted(FOR_WORDS))
def test_a_panel_of_words_refuses_a_model_of_running_text(name):
    with pytest.raises(SettingError, match="for a model of words: this model writes running text"):
        show(name, look_of_text("bigram"), query_for(name))


@pytest.mark.parametrize("name", sorted(PANELS.keys() - FOR_WORDS - {"race", "embedding"}))
def test_the_other_panels_show_the_text(name):
    assert show(name, look_of_text("bigram"), query_for(name))


def test_the_surprisal_of_a_text_leaves_its_first_character_out():
    look = look_of_text("bigram")
    found = show("surprisal", look, {"word": "ba\nbo"})
    np.testing.assert_allclose(found["nats"], look.model.surprisal("ba\nbo"), rtol=1e-5)
    assert found["symbols"] == [*"a\nbo"]
    assert [len(each["guesses"]) for each in show("guess", look, {"word": "ba\nbo"})["models"]] == [4] * 4
    assert show("guess", look, {"word": ""})["symbols"] == []


def test_the_pairs_of_a_text_are_those_within_it():
    look = look_of_text("bigram")
    (text,) = look.background.splits.train
    found = show("counts_and_gradient", look)
    i, j = (found["symbols"].index(each) for each in ("b", "a"))
    assert found["frequencies"][i][j] == pytest.approx(text.count("ba") / text[:-1].count("b"), rel=1e-4)
    assert not any(found["frequencies"][0])
