"""Shared by the tests of exports."""

import pytest

from ..cli.conftest import run_in_process


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that runs a command in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: run_in_process(monkeypatch, capsys, *arguments)
