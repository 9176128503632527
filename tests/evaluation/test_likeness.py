"""Likeness of words to the entries of other lists, in spelling and in sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import morelike
from morelike.errors import ListError
from morelike.evaluation.likeness import Entry, LikenessIndex, metaphone
from morelike.text.words import fold

MARKS = {"marks": ["Xerox", "Coca-Cola", "L'Oréal", "Schweppes"], "own": [" Émma ", "Xeroks"]}


def edits(a, b):
    """Return the edit distance (Levenshtein 1966) by its recurrence."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def by_hand(a, b):
    return 1 - edits(a, b) / max(len(a), len(b))


@given(st.text("aekmxz'", min_size=1, max_size=8), st.lists(st.text("aekmxzé", min_size=1, max_size=6), min_size=1))
def test_likenesses_are_edit_distances_of_spellings_and_of_sounds_by_length(word, entries):
    (found,) = morelike.likeness([word], entries)
    spellings = [fold(entry, ("case", "accents")) for entry in entries]
    assert found.spelling == pytest.approx(max(by_hand(word, each) for each in spellings))
    codes = [code for each in spellings if (code := metaphone(each))]
    code = metaphone(word)
    assert found.sound == pytest.approx(max([by_hand(code, each) for each in codes], default=0) if code else 0)
    assert (found.sounds_like is None) == (found.sound == 0)
    assert found.greatest == max(found.spelling, found.sound)


@pytest.mark.parametrize(
    ("word", "sounds_like", "listed_in"),
    [
        ("zerox", "Xerox", "marks"),
        ("kokakola", "Coca-Cola", "marks"),
        ("LOREAL", "L'Oréal", "marks"),
        ("emma", "Émma", "own"),
        ("zeroks", "Xeroks", "own"),  # both sound the same: the one that is spelled most alike
    ],
)
def test_words_of_one_sound_are_found_with_the_name_of_their_list(word, sounds_like, listed_in):
    (found,) = morelike.likeness([word], MARKS)
    assert (found.sounds_like, found.sound) == (Entry(sounds_like, listed_in), 1)


def test_case_and_accents_do_not_count_and_other_scripts_have_no_sound():
    emma, zeus = morelike.likeness(["ÈMMA", " Ζεύς "], {**MARKS, "greek": ["ζευς"]})
    assert (emma.spelled_like, emma.spelling) == (Entry("Émma", "own"), 1)
    assert (zeus.word, zeus.spelled_like.word, zeus.spelling, zeus.sounds_like, zeus.sound) == (
        "Ζεύς",
        "ζευς",
        1,
        None,
        0,
    )


@pytest.mark.parametrize(
    ("words", "lists", "says"),
    [
        (["a"], [], "the lists to compare with are empty"),
        (["a"], {"x": [" "]}, "the lists to compare with are empty"),
        (["a", " "], ["b"], "one of the words is empty"),
        ("emma", ["b"], "the words came as one string"),
        (["emma"], "xerox", "the words came as one string"),
    ],
)
def test_what_cannot_be_compared_is_refused(words, lists, says):
    with pytest.raises(ListError, match=says):
        morelike.likeness(words, lists)


def test_an_index_compares_many_words():
    index = LikenessIndex(MARKS)
    assert [index.nearest(word).spelled_like.word for word in ("shweppes", "xerux")] == ["Schweppes", "Xerox"]
