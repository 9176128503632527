"""The scripts of characters, and the words of one script."""

import pytest

import morelike
from morelike.errors import SamplingError
from morelike.sampling.constraints.automaton import words_over
from morelike.sampling.constraints.scripts import one_script
from morelike.text.scripts import scripts_of

ONE = ["anna", "l'anna-7", "άννα", "анна", "東京タワーです", "서울漢", "123-", "né e", "ab\u0301x", "ㄅ漢", ""]
SEVERAL = ["aνa", "нaн", "Ωmega", "аmen", "か서", "東a", "ㄅか", "a1-ν", "αα\u0430"]
IDS = {character: i for i, character in enumerate(sorted({*"".join(ONE + SEVERAL)}), 1)}


def in_common(word):
    """Return whether all characters have a script in common, by their sets alone."""
    sets = [scripts for character in word if (scripts := scripts_of(character)) is not None]
    return not sets or bool(frozenset.intersection(*sets))


@pytest.mark.parametrize("word", ONE + SEVERAL)
def test_a_word_is_of_one_script_if_its_characters_have_one_in_common(word):
    allowed = one_script(IDS, len(IDS) + 1).allows([IDS[character] for character in word])
    assert allowed == in_common(word) == (word in ONE)


def test_over_one_script_every_word_is_allowed():
    ids = {"a": 1, "b": 2, "-": 3}
    assert one_script(ids, 4).complement().minimal().empty
    assert words_over([3], 4).allows([3])


MIXED = ["anna", "hanna", "anne", "nan", "hen", "άννα", "να", "αν", "νάνα", "ναν", "aν-1", "νnaν", "нaн"]


def test_sampled_words_are_of_one_script_if_asked():
    model = morelike.train(MIXED, "ngram", order=2, split="none")
    plain = model.sample(200, novel=False, unique=False, seed=1)
    assert not all(map(in_common, plain))
    made = model.sample(200, novel=False, unique=False, seed=1, one_script=True)
    assert all(map(in_common, made))
    assert any("ν" in word for word in made)
    assert any("n" in word for word in made)
    assert all(in_common(word) for word, _, _ in model.top(20, one_script=True))
    with pytest.raises(SamplingError, match="the prefix 'nν' and the limit to one script contradict one another"):
        model.sample(1, prefix="nν", one_script=True)
