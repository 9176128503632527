import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import SettingError
from morelike.text.examples.contexts import count_list
from morelike.text.reading import read_lines
from morelike.text.splits import SPLIT_RULES, Leaks, split

WORDS = st.lists(st.text("ab", max_size=4), max_size=60)
RULES = [*SPLIT_RULES, "shuffle-7"]


@pytest.fixture(scope="session")
def names(data):
    return read_lines(data("names_32033.txt"))


def test_the_published_split_has_the_published_sizes_and_leaks(names):
    splits = split(names)
    assert [len(part) for part in splits.parts.values()] == [25_626, 3_203, 3_204]
    assert [count_list(part).examples for part in splits.parts.values()] == [182_625, 22_655, 22_866]
    assert splits.leaks == Leaks(dev=424, test=377)
    assert (splits.name, splits.note) == ("shuffle-42", "")


@pytest.mark.parametrize("seed", [42, 0, 123_456_789])
def test_the_published_split_is_literally_pythons_shuffle(names, seed):
    words = list(names)
    state = random.getstate()
    random.seed(seed)
    random.shuffle(words)
    random.setstate(state)
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    splits = split(names, f"shuffle-{seed}")
    assert (splits.train, splits.dev, splits.test) == (words[:first], words[first:second], words[second:])


@pytest.mark.parametrize("rule", RULES)
def test_a_split_leaves_pythons_own_random_numbers_alone(names, rule, monkeypatch):
    for function in ("seed", "shuffle", "sample", "random"):  # the state itself also moves with the checks of shapes
        monkeypatch.delattr(random, function)
    split(names[:100], rule)


@pytest.mark.parametrize("rule", RULES)
@given(words=WORDS)
def test_every_line_is_in_exactly_one_part(rule, words):
    splits = split(words, rule)
    assert sorted(splits.train + splits.dev + splits.test) == sorted(filter(None, words))


@pytest.mark.parametrize("rule", RULES)
@given(words=WORDS)
def test_nothing_is_held_out_only_with_a_note(rule, words):
    splits = split(words, rule)
    if rule != "none":
        assert bool(splits.note) == (not splits.dev) == (not splits.test)
    assert bool(splits.train) == any(words)


@pytest.mark.parametrize("rule", RULES)
def test_a_split_is_the_same_each_time(names, rule):
    assert split(names[:500], rule) == split(names[:500], rule)


@given(words=WORDS, more=WORDS)
def test_hash_keeps_duplicates_together_and_a_line_where_it_is_when_lines_are_added(words, more):
    base = [f"word{i}" for i in range(60)]
    before, after = split(base + words, "hash"), split(more + base + words, "hash")
    for part in ("train", "dev", "test"):
        assert set(before.parts[part]) <= set(after.parts[part])
    assert before.leaks == after.leaks == Leaks(0, 0)


def test_hash_cuts_near_80_10_10_and_keeps_the_order(names):
    splits = split(names, "hash")
    shares = [len(part) / len(names) for part in splits.parts.values()]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.01)
    kept = set(splits.train)
    assert splits.train == [word for word in names if word in kept]


@pytest.mark.parametrize(("lines", "held_out"), [(32_033, 1000), (10_000, 1000), (9_999, 999), (100, 10), (10, 1)])
def test_makemore_holds_out_a_tenth_and_at_most_1000_twice(lines, held_out):
    splits = split([str(i) for i in range(lines)], "makemore")
    assert (len(splits.train), len(splits.dev), len(splits.test)) == (lines - 2 * held_out, held_out, held_out)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "none"])
@pytest.mark.parametrize("lines", [1, 2, 5, 9])
def test_a_list_too_small_to_split_is_all_trained_on_and_says_so(rule, lines):
    splits = split([f"word{i}" for i in range(lines)], rule)
    assert len(splits.train) == lines
    assert splits.parts.keys() == {"train"}
    subject = "1 line is" if lines == 1 else f"{lines} lines are"
    assert splits.note.startswith(f"{subject} too few to hold any out: all are used for training")


def test_a_note_on_no_lines_is_a_sentence():
    assert split([]).note.startswith("0 lines are too few")


def test_ten_lines_are_enough():
    splits = split([f"word{i}" for i in range(10)])
    assert (len(splits.train), len(splits.dev), len(splits.test), splits.note) == (8, 1, 1, "")


def test_a_rule_that_leaves_a_split_empty_says_so():
    splits = split(["ava"] * 50, "hash")
    assert len(splits.train) == 50
    assert "the split 'hash' leaves train, dev or test empty" in splits.note


def test_none_holds_out_nothing_and_needs_no_note():
    splits = split(["a"] * 20, "none")
    assert (len(splits.train), splits.dev, splits.test, splits.note) == (20, [], [], "")


def test_leaks_count_every_held_out_line_that_is_also_in_train():
    splits = split(["ava"] * 100)
    assert splits.leaks == Leaks(dev=10, test=10)


@pytest.mark.parametrize("name", ["shufle-42", "", "shuffle", "shuffle--1", "shuffle-1.5", "shuffle-42 ", "Hash"])
def test_an_unknown_rule_is_refused_with_the_known_ones(name):
    with pytest.raises(SettingError) as caught:
        split(["a"] * 20, name)
    assert str(caught.value).startswith(f"no split is called '{name}': choose among shuffle-42, hash, makemore, none")


@pytest.mark.parametrize("name", ["shufle-42", ""])
@pytest.mark.parametrize("lines", [0, 3])
def test_an_unknown_rule_is_refused_for_a_small_list_too(name, lines):
    with pytest.raises(SettingError, match="no split is called"):
        split(["a"] * lines, name)
