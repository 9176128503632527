"""Every line of docs/understanding.md is true."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "understanding.md"


def test_the_page_runs_as_it_is_written():
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 30
    assert found.failed == 0
