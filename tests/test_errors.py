import inspect
import re

import numpy as np
import pytest

import morelike
from morelike import errors
from morelike.errors import MAX_EXCERPT, MorelikeError, did_you_mean, excerpt

OURS = [value for _, value in inspect.getmembers(errors, inspect.isclass) if value.__module__ == errors.__name__]
CLASSES = [each for each in OURS if not issubclass(each, Warning)]


def test_the_tree_in_the_docstring_names_every_error_and_no_other():
    drawn = re.findall(r"^[├└│ ]+── (\w+)|^[├└]── (\w+)|^(MorelikeError)$", errors.__doc__, flags=re.MULTILINE)
    assert sorted("".join(names) for names in drawn) == sorted(each.__name__ for each in CLASSES)


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_error_is_exported_explained_and_caught_as_a_morelike_error(error):
    assert error.__name__ in errors.__all__
    assert error.__doc__
    assert issubclass(error, MorelikeError)


def test_a_morelike_error_is_not_taken_for_a_fault_of_python():
    assert MorelikeError.__bases__ == (Exception,)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("hiden", "; did you mean 'hidden'?"),
        ("hidden", "; did you mean 'hidden'?"),
        ("layer", "; did you mean 'layers'?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_nearest_known_name_is_suggested_and_only_if_it_is_near(given, hint):
    assert did_you_mean(given, ["hidden", "layers"]) == hint


def test_nothing_is_suggested_where_nothing_is_known():
    assert did_you_mean("hidden", iter([])) == ""


LONG = "x" * 10_000
MANY_LINES = "one\ntwo\r\nthree\u2028four"
LARGE = {"C": np.zeros((100, 100))}
WORDS = ["anna", "hanna", "anne", "hannah"]

WRONG_VALUES = {
    "kind": lambda value: morelike.train(WORDS, value),
    "split": lambda value: morelike.train(WORDS, "ngram", split=value),
    "split of a list": lambda value: morelike.split(WORDS, value),
    "split of a text": lambda value: morelike.train("anna hanna", "ngram", form="text", split=value),
    "a setting's name": lambda value: morelike.train(WORDS, "ngram", **{value: 1}),
    "a setting": lambda value: morelike.train(WORDS, "ngram", smoothing=value),
    "a setting of training": lambda value: morelike.train(WORDS, "mlp", optimizer=value),
    "weights": lambda value: morelike.train(WORDS, "mlp", count_weighting=value),
    "a word": lambda value: morelike.train([f"{value}\0x"], "ngram"),
    "label": lambda value: morelike.train(WORDS, "ngram").sample(1, label=value),
    "no label": lambda value: morelike.train(WORDS, "ngram", labels=["x", "y"] * 2).sample(1, label=value),
    "unknown word": lambda value: morelike.train(WORDS, "ngram").log_probability([value]),
    "prefix": lambda value: morelike.train(WORDS, "ngram").sample(1, prefix=value),
    "suffix": lambda value: morelike.train(WORDS, "ngram").sample(1, suffix=value),
    "contains": lambda value: morelike.train(WORDS, "ngram").sample(1, contains=value),
    "regex": lambda value: morelike.train(WORDS, "ngram").sample(1, regex=f"({value}"),
    "pattern": lambda value: morelike.train(WORDS, "ngram").sample(1, pattern=value),
    "similar": lambda value: morelike.train(WORDS, "ngram").sample(1, similar=value),
    "temperature": lambda value: morelike.train(WORDS, "ngram").sample(1, temperature=value),
    "a sampling setting's name": lambda value: morelike.train(WORDS, "ngram").sample(1, **{value: 1}),
    "budget": lambda value: morelike.leader_board(WORDS, ["ngram"], budget=value),
    "kinds": lambda value: morelike.leader_board(WORDS, [value]),
    "hyper-parameter": lambda value: morelike.Estimator(**{value: 1}),
    "column": lambda value: morelike.match("no model", {"a": WORDS}, count=1, on=[value]),
    "words as one string": lambda value: morelike.train(WORDS, "ngram").evaluate(value),
}


@pytest.mark.parametrize("value", [LONG, MANY_LINES], ids=["long", "of many lines"])
@pytest.mark.parametrize("wrong", WRONG_VALUES)
def test_a_value_in_a_message_is_at_most_one_line(wrong, value):
    with pytest.raises(MorelikeError) as refused:
        inspect.unwrap(WRONG_VALUES[wrong])(value)
    message = str(refused.value)
    assert len(message) < 1000
    assert len(message.splitlines()) == 1
    assert "xxxxx" in message if value == LONG else "two" in message


@pytest.mark.parametrize("setting", ["weights", "smoothing", "optimizer", "temperature"])
@pytest.mark.filterwarnings("ignore:weights is now")
def test_an_array_in_a_message_is_at_most_one_line(setting):
    for use in (
        lambda **s: morelike.train(WORDS, "mlp", **s),
        lambda **s: morelike.train(WORDS, "ngram").sample(1, **s),
    ):
        with pytest.raises(MorelikeError) as refused:
            use(**{setting: LARGE})
        assert len(str(refused.value)) < 1000
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", [LONG, MANY_LINES, LARGE, [*range(1000)], 10**500, np.zeros((9, 9)), object()])
def test_an_excerpt_is_one_short_line(value):
    assert len(excerpt(value)) <= MAX_EXCERPT + 9
    assert len(excerpt(value).splitlines()) == 1


@pytest.mark.parametrize("value", ["anna", "anne marie", 5, None, ["anna"], "it's"])
def test_an_excerpt_of_a_short_value_is_its_representation(value):
    assert excerpt(value) == repr(value)
