"""The types of the page's modules, which JSDoc declares: TypeScript finds no error in them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "src" / "morelike" / "play" / "page"
COMPILER = shutil.which("tsc", path=Path(sys.prefix) / "node_modules" / ".bin") or shutil.which("tsc")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(COMPILER is None, reason="there is no TypeScript here: `make test-browser` gets it from npm"),
]


def complaints(configuration):
    """Return the lines of the type checker about the modules that a tsconfig.json names."""
    ran = subprocess.run([COMPILER, "-p", configuration], capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode != 0) == bool(ran.stdout)
    return ran.stdout.splitlines()


def test_no_module_of_the_page_has_a_type_error():
    assert complaints(HERE) == []


FAULTS = {
    "store.js": ("store.choose(3);", 'store.choose("three");'),
    "api.js": ("export const twice = (/** @type {number} */ a) => 2 * a;", "export const twice = (a) => 2 * a;"),
    "inside/next.js": ("new NextPanel().answer?.symbols.at(0);", "new NextPanel().answer?.symbol.at(0);"),
}


def test_a_planted_type_error_is_found_in_its_module_and_right_types_are_not(tmp_path):
    page = shutil.copytree(PAGE, tmp_path / "page")
    include = [str(HERE / "answers.d.ts"), "page/**/*.js"]
    (tmp_path / "tsconfig.json").write_text(json.dumps({"extends": str(HERE / "tsconfig.json"), "include": include}))
    for right in (True, False):
        for module, (line, fault) in FAULTS.items():
            source = (PAGE / module).read_text("utf-8")
            (page / module).write_text(f"{source}\n{line if right else fault}\n", "utf-8")
        found = complaints(tmp_path)
        assert len(found) == (0 if right else len(FAULTS))
        assert all(any(module in each for each in found) for module in FAULTS if not right)
