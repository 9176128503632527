import inspect
import re

import pytest

from morelike import errors
from morelike.errors import MorelikeError, did_you_mean

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
