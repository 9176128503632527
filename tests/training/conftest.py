"""A fixture for the tests of training: one uninterrupted run of each kind."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .runs import TRAINED_KINDS, quick_first, train_small


@dataclass
class WholeRun:
    """A run that nothing interrupted: its folder, its events, and the model that it returned."""

    kind: str
    path: Path
    events: list = field(default_factory=list)
    model: object = None


@pytest.fixture(scope="session", params=quick_first(TRAINED_KINDS))
def whole_run(request, tmp_path_factory, compiled_programs):
    out = tmp_path_factory.mktemp(request.param)
    run = WholeRun(request.param, out)
    run.model = train_small(request.param, out=out, on_event=run.events.append)
    (run.path,) = out.iterdir()
    return run
