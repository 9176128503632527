"""Every line of the pages in docs/ that show code is true."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


FEWEST = {
    "understanding.md": 30,
    "autograd.md": 20,
    "diagnostics.md": 10,
    "pictures.md": 25,
    "constraints.md": 13,
    "stimuli.md": 15,
    "labels.md": 7,
    "large-lists.md": 9,
}


@pytest.mark.parametrize(("page", "fewest"), FEWEST.items())
def test_a_page_runs_as_it_is_written(page, fewest):
    found = doctest.testfile(str(DOCS / page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > fewest
    assert found.failed == 0
