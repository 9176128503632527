"""What the tests of training share: one whole run of each kind, and compiled programs kept for the session."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .runs import TRAINED_KINDS, quick_first, train_small


@pytest.fixture(scope="session", autouse=True)
def compiled_programs(tmp_path_factory):
    """Keep compiled programs in a folder of this session, for this process and those that it starts."""
    import jax

    folder = tmp_path_factory.getbasetemp() / "compiled"
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)


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
