"""The memory meter equals `audit` and `guess`."""

import pytest

from morelike import api
from morelike.errors import SettingError
from morelike.language_model.guess_numbers import guess_number
from morelike.panels.registry import show

from ..looks import WORDS, look_of


@pytest.mark.parametrize("kind", ["mlp", "ngram"])
def test_the_figures_are_those_of_audit_and_guess(kind):
    look = look_of(kind)
    found = show("memory", look, {"word": WORDS[0], "samples": 300, "seed": 2})
    audit = api.audit(look.model, WORDS, count=300, seed=2)
    assert found["copied"] == pytest.approx(audit.shares[0].found, rel=1e-5)
    assert found["expected"] == pytest.approx(audit.shares[0].expected, rel=1e-5)
    assert found["gap"]["typical"] == pytest.approx(audit.gap.typical, rel=1e-5)
    assert found["reading"] == audit.reading
    (guessed,) = guess_number(look.model, [WORDS[0]], samples=300, seed=2)
    assert found["word"]["guesses"] == pytest.approx(guessed.guesses, rel=1e-5)
    assert found["word"]["bits"] == pytest.approx(guessed.bits, rel=1e-5)


def test_without_a_word_there_is_no_guess_number():
    assert show("memory", look_of("ngram"), {"samples": 50})["word"] is None


def test_a_list_that_is_too_long_is_told(monkeypatch):
    monkeypatch.setattr("morelike.panels.words.memory.MOST_LINES", 100)
    with pytest.raises(SettingError, match="the list has 200 words: memory is measured at a look for 100 at most"):
        show("memory", look_of("ngram"))
