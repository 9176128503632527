"""The scripts of the page in Node, without a page."""

import json
import shutil
import subprocess

import pytest

from morelike.exports.page.rendering import SCRIPTS, asset, without_comments

NODE = shutil.which("node")
NEEDS_NODE = pytest.mark.skipif(NODE is None, reason="there is no node here, which runs the scripts of the page")


def run_in_node(code, given, *, lean=False):
    """Return the value of `result` after the scripts of the page and this code; `given` is what the code gets."""
    scripts = [without_comments(asset(name)) if lean else asset(name) for name in SCRIPTS]
    read = "const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
    body = f"(async () => {{ let result; {code}; console.log(JSON.stringify(result)); }})();"
    ran = subprocess.run(
        [NODE, "-e", "\n".join([*scripts, read, body])],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert not ran.returncode, ran.stderr
    return json.loads(ran.stdout)


OPEN = "const { description, reader } = await unpack(given.model); const model = new WordModel(description, reader);"
SETTINGS = {"count": 20, "temperature": 1, "topP": 1, "prefix": "", "suffix": "", "minimum": 1, "maximum": 30}
SETTINGS |= {"onlyNew": False}
