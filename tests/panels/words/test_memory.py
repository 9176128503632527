"""The memory meter equals `audit` and `guess`."""

import pytest

from morelike import api
from morelike.errors import SettingError
from morelike.language_model.guess_numbers import guess_number
from morelike.panels.registry import show
from morelike.panels.words.memory import thinned
from morelike.text.splits import split

from ..looks import WORDS, look_of


def audit_of(look):
    return api.audit(look.model, WORDS, count=300, seed=2)


@pytest.mark.parametrize("kind", ["mlp", "ngram"])
def test_the_figures_are_those_of_audit_and_guess(kind):
    look = look_of(kind)
    found, audit = show("memory", look, {"word": WORDS[0], "samples": 300, "seed": 2}), audit_of(look)
    assert found["copied"] == pytest.approx(audit.shares[0].found, rel=1e-5)
    assert found["interval"] == pytest.approx(audit.shares[0].interval, rel=1e-5)
    assert found["expected"] == pytest.approx(audit.shares[0].expected, rel=1e-5)
    assert found["shares"]["new"] == pytest.approx(audit.new, abs=1e-6)
    assert found["gap"]["typical"] == pytest.approx(audit.gap.typical, rel=1e-5)
    assert (found["reading"], found["note"]) == (audit.reading, None)
    (guessed,) = guess_number(look.model, [WORDS[0]], samples=300, seed=2)
    assert found["word"]["guesses"] == pytest.approx(guessed.guesses, rel=1e-5)
    assert found["word"]["bits"] == pytest.approx(guessed.bits, rel=1e-5)


def test_of_a_long_list_the_gap_is_measured_on_some_words_and_on_all_if_asked(monkeypatch):
    monkeypatch.setattr("morelike.panels.words.memory.QUICKLY", 12)
    look = look_of("ngram")
    quick, full = (show("memory", look, {"samples": 300, "seed": 2, "full": full}) for full in ("false", "true"))
    audit = audit_of(look)
    assert quick["copied"] == full["copied"] == pytest.approx(audit.shares[0].found, rel=1e-5)
    assert full["gap"]["typical"] == pytest.approx(audit.gap.typical, rel=1e-5)
    assert quick["gap"]["train_words"] == 12
    assert (quick["expected"], quick["note"]) == (None, "the gap is measured on 12 words of a split at most")
    assert full["note"] is None


def test_words_that_occur_several_times_are_not_drawn(monkeypatch):
    monkeypatch.setattr("morelike.panels.words.memory.QUICKLY", 12)
    some = thinned(split(WORDS))
    drawn = [*some.train, *some.dev, *some.test]
    assert all(WORDS.count(word) == 1 for word in drawn)
    assert set(some.train) <= set(split(WORDS).train)
    assert set(some.test) <= set(split(WORDS).test)


def test_without_a_word_there_is_no_guess_number():
    assert show("memory", look_of("ngram"), {"samples": 50})["word"] is None


def test_a_list_that_is_too_long_is_told(monkeypatch):
    monkeypatch.setattr("morelike.panels.words.memory.MOST_LINES", 100)
    with pytest.raises(SettingError, match="the list has 200 words: memory is measured at a look for 100 at most"):
        show("memory", look_of("ngram"))


def test_a_word_that_is_too_long_for_a_look_is_told():
    words = tuple(f"{chr(97 + i) * 600}" for i in range(12))
    with pytest.raises(
        SettingError, match="a word of 600 characters: memory is measured at a look for words of 500 at"
    ):
        show("memory", look_of("ngram", words=words))


def test_an_alphabet_that_is_too_large_for_a_look_is_told():
    words = tuple("".join(map(chr, range(i, i + 4))) for i in range(0x4E00, 0x4E00 + 1100))
    with pytest.raises(
        SettingError, match=r"the list has 1,10\d symbols: memory is measured at a look for 1,000 at most"
    ):
        show("memory", look_of("mlp", words=words))
