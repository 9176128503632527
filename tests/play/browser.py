"""What the browser tests of the page share: Chromium, a server that shows a list, and waiting."""

import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium")
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: `make test-browser` installs it"),
]
# The sandbox wants rights that a container does not give; the rest keeps Chromium itself from calling home.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def until(page, expression, seconds=30):
    """Wait until an expression is true; the policy of the page lets no waiting script evaluate a string in it."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.02)


@contextmanager
def served(folder, words):
    """Run `morelike play` on these words, and give the address that it prints."""
    listed = folder / "words.txt"
    listed.write_text("".join(f"{word}\n" for word in words))
    command = [sys.executable, "-m", "morelike", "play", str(listed), "--no-browser", "--port", "0"]
    server = subprocess.Popen([*command, "--out", str(folder / "runs")], stderr=subprocess.PIPE, text=True)
    yield re.search(r"http://\S+", server.stderr.readline())[0]
    server.terminate()
    server.communicate(timeout=60)
