"""The order of an n-gram is chosen on dev, and only where its highest order has a worthwhile share."""

import random

import pytest

from morelike.architecture import build
from morelike.ngrams.labelled import LabelledCounts
from morelike.text.corpus import Corpus
from morelike.text.vocabulary import Vocabulary
from morelike.training.counting import fit_best_order
from morelike.workflows.model_selection import auto_plan

from .runs import pronounceable


def remembering(count, length=14):
    """Words whose last letters repeat their first letters: only a context of `length` letters predicts the end."""
    draw = random.Random(0)
    heads = ["".join(draw.choice("ab") for _ in range(6)) for _ in range(20)]
    return [head + "x" * (length - 6) + head for head in (draw.choice(heads) for _ in range(count))]


def fitted(words, order=8):
    vocabulary = Vocabulary.of(words)
    cut = len(words) * 9 // 10
    train, dev = (vocabulary.encode_lines(part) for part in (words[:cut], words[cut:]))
    return fit_best_order(build("ngram", {"order": order}).as_counted(), train, dev, vocabulary.size)


def test_a_list_that_needs_a_long_context_gets_a_higher_order():
    architecture, weights = fitted(remembering(200))
    assert architecture.order > 12
    assert architecture.fits(weights, 4)


def test_other_lists_are_counted_once(monkeypatch):
    counted = []
    fit = LabelledCounts.fit
    monkeypatch.setattr(LabelledCounts, "fit", lambda *given: counted.append(given) or fit(*given))
    assert fitted(pronounceable(300))[0].order == 8
    assert len(counted) == 1


@pytest.mark.parametrize(("settings", "order"), [({}, 24), ({"order": 6}, 6), ({"smoothing": "kneser-ney"}, 8)])
def test_a_given_order_or_smoothing_is_kept(settings, order):
    words = Corpus("words", remembering(100))
    assert auto_plan(words, settings=settings).architecture.order == order


def test_a_plan_repeats_its_choice_of_the_order():
    words = Corpus("words", pronounceable(60))
    chosen = auto_plan(words, settings={"steps": 2})
    assert (chosen.any_order, "order" in chosen.as_config()["mixed_with"]) == (True, False)
    given = auto_plan(words, settings={"steps": 2, "order": 5})
    assert (given.any_order, given.as_config()["mixed_with"]["order"]) == (False, 5)
