"""The wheel of morelike-core, and a small model for it."""

import pytest

import morelike

from .environment import build_wheel, make_environment


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def core(wheel, tmp_path_factory):
    """The Python of an environment with morelike-core alone."""
    return make_environment(tmp_path_factory.mktemp("environments") / "core", wheel)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "small"
    morelike.train(["anna", "hanna", "anne", "hen", "nah"], "ngram", order=3, split="none").save(folder)
    return folder
