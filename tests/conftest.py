"""What all tests share: shapes checked at run time, properties that never flake, and the way to the data folder."""

import os
import pkgutil
from pathlib import Path

import jaxtyping
import pytest
from hypothesis import settings

import morelike

# The scalar autograd has no shapes to check, and refuses what is no number in its own words.
ROOMS = [room.name for room in pkgutil.iter_modules(morelike.__path__) if room.name != "autograd"]
jaxtyping.install_import_hook([f"morelike.{room}" for room in ROOMS], "beartype.beartype")

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data():
    """Return a function from a file's name to its path in the data folder; the test is skipped if it is not there."""
    folder = Path(os.environ.get("MORELIKE_DATA", SHARED_DATA))

    def path(name):
        found = folder / name
        if not found.is_file():
            pytest.skip(f"needs {name}, which is not in {folder}; MORELIKE_DATA may name another folder")
        return found

    return path
