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


@contextmanager
def launched():
    """Yield a Chromium; without playwright the test is skipped.

    Each file starts its own: the loop that drives a browser may not run beside that of other tests.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: run `make test-browser`")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def until(page, expression, seconds=30):
    """Wait until an expression is true; the policy of the page lets no waiting script evaluate a string in it."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.02)


@contextmanager
def started(command, folder, **options):
    """Run a command of morelike that shows the page, in a folder; give its process and the address that it prints."""
    line = [sys.executable, "-m", "morelike", *command, "--no-browser", "--port", "0", "--out", str(folder / "runs")]
    server = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, **options)
    try:
        yield server, re.search(r"http://\S+", server.stderr.readline())[0]
    finally:
        server.terminate()
        server.communicate(timeout=60)


@contextmanager
def served(folder, words):
    """Run `morelike play` on these words, and give the address that it prints."""
    listed = folder / "words.txt"
    listed.write_text("".join(f"{word}\n" for word in words))
    with started(["play", str(listed)], folder) as (_, address):
        yield address
