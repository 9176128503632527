"""What all tests share: shapes checked at run time, properties that never flake, and the way to the data folder."""

import os
import signal
import sys
import threading
from functools import partial, wraps
from itertools import count
from pathlib import Path
from types import FunctionType
from typing import Any

import jaxtyping
import pytest
from beartype import beartype
from hypothesis import settings

import morelike

if threading.current_thread() is threading.main_thread():
    # A shell starts what runs in the background with these signals ignored, and the commands under test inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for ignored in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(ignored, signal.SIG_DFL)

# The scalar autograd has no shapes to check, and refuses what is no number in its own words. What is called for each
# word of a list has none either, and would take most of the tests' time.
UNCHECKED = ("autograd", "text.words", "text.corpus", "text.known_words")
HOME = Path(morelike.__file__).parent
MODULES = [".".join(path.relative_to(HOME).with_suffix("").parts) for path in sorted(HOME.rglob("[a-z]*.py"))]
CHECKED = [f"morelike.{name}" for name in MODULES if not name.startswith(UNCHECKED)]


def checked_once(function):
    """Return beartype's check of a signature that jaxtyping made.

    It makes two of each function: one of the parameters, called before it, and one of parameters and result, called
    after. The second need not look at the parameters again: the sizes that they gave the axes are still bound.
    """
    result = function.__annotations__.get("return", Any)
    if result is not Any:
        function.__annotations__ = {"return": result}
    return beartype(function)


def checked_often(function=None, *, of=jaxtyping.jaxtyped, **how):
    """Return jaxtyping's check of a function, made at its first 200 calls and at each 16th from then on.

    What is called for each character of each word would take a third of the tests' time by it.
    """
    if function is None:
        return partial(checked_often, of=of, **how)
    checked = of(function, **how)
    if not isinstance(function, FunctionType):
        return checked
    calls = count()

    @wraps(function)
    def called(*args, **kwargs):
        number = next(calls)
        return (checked if number < CHECKED_CALLS or number % 16 == 0 else function)(*args, **kwargs)

    called.checked = checked
    return called


CHECKED_CALLS = 200
jaxtyping.jaxtyped = checked_often  # by which the hook decorates what it imports
jaxtyping.install_import_hook(CHECKED, f"{__name__}.checked_once")

settings.register_profile("steady", deadline=None, derandomize=True, database=None, max_examples=30)
settings.register_profile("thorough", settings.get_profile("steady"), max_examples=200)
settings.load_profile("steady")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def compiled_programs(tmp_path_factory):
    """Keep compiled programs in a folder of this session, and have two devices, here and in processes started here."""
    folder = tmp_path_factory.getbasetemp()
    compiled = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "compiled"  # of all workers
    settings = {
        "jax_compilation_cache_dir": str(compiled),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_num_cpu_devices": 2,  # on any machine, whatever is computed first
    }
    os.environ |= {name.upper(): str(value) for name, value in settings.items()}
    if "jax" in sys.modules:  # it has read its environment already
        for name, value in settings.items():
            sys.modules["jax"].config.update(name, value)


@pytest.fixture(scope="session", autouse=True)
def user_data_folder(tmp_path_factory):
    """Give the tests and their processes an empty data folder: lists that the user downloaded are not seen."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("user-data"))


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
