"""Every line of the pages in docs/ that show code is true."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


FEWEST = {
    "understanding.md": 30,
    "autograd.md": 20,
    "from-the-notebooks.md": 120,
    "diagnostics.md": 10,
    "pictures.md": 25,
    "constraints.md": 13,
    "stimuli.md": 15,
    "labels.md": 7,
    "large-lists.md": 9,
    "lists.md": 5,
    "tuning.md": 20,
    "services.md": 7,
    "exports.md": 18,
    "play.md": 4,
}


@pytest.mark.parametrize(("page", "fewest"), FEWEST.items())
def test_a_page_runs_as_it_is_written(page, fewest):
    found = doctest.testfile(str(DOCS / page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > fewest
    assert found.failed == 0


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_code_of_a_page_is_fenced_and_renders_as_code(page):
    inside = False
    for number, line in enumerate((DOCS / page).read_text("utf-8").splitlines(), 1):
        if line.startswith("```"):
            inside = not inside
        assert inside or not re.match(r"\s*(>>>|\.\.\.) ", line), f"{page}, line {number}: code outside a fence"
    assert not inside, f"{page}: the last fence is open"
