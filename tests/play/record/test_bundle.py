"""The modules of the page as one script: every form that they have is understood, and another one is refused."""

import re
import shutil
import subprocess

import pytest

from morelike.play.record import bundle as bundling
from morelike.play.record.bundle import bundle, read_page_file


def as_function(source, name="inside/one.js"):
    return bundling._as_function(name, source)


def test_imports_and_exports_become_assignments_and_a_returned_object():
    source = (
        'import { make as build, draw } from "../dom.js";\n'
        "export const one = 1;\n"
        "export async function two() {\n  await import(`./${one}.js`);\n}\nexport class Three {}\n"
    )
    found = as_function(source)
    assert 'const { make: build, draw } = await load("dom.js");' in found
    assert "return { one, two, Three };" in found
    assert "await importing(`./${one}.js`)" in found
    assert not re.search(r"^(import|export)\b", found, re.MULTILINE)


@pytest.mark.parametrize(
    "line", ["export default 3;", 'import all from "./a.js";', "export let language;", 'import "./a.js";']
)
def test_a_form_that_would_be_lost_is_refused(line):
    with pytest.raises(ValueError, match="no form of import or export"):
        as_function(f"{line}\n")


def test_modules_that_import_one_another_in_a_circle_are_refused():
    sources = {
        "a.js": 'import { b } from "./b.js";\n',
        "b.js": 'import { a } from "./a.js";\n',
        "c.js": 'import { a } from "./a.js";\n',
    }
    with pytest.raises(ValueError, match=r"in a circle: a\.js, b\.js, c\.js"):
        bundling._refuse_circles(sources)


def test_the_modules_of_the_page_are_one_script_that_ends_no_element():
    script = bundle("record/file.js")
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert '"inside/all.js": async () => {' in script
    assert "function make(tag, properties = {}, ...children)" in script
    assert read_page_file("dom.js").partition("\n")[0] not in script  # a comment


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_the_script_is_correct_javascript(tmp_path):
    file = tmp_path / "page.mjs"
    file.write_text(bundle("record/file.js"))
    subprocess.run(["node", "--check", str(file)], check=True, timeout=60)
