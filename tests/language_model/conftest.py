"""What the tests of the language model share: a small model of every kind, and its folder."""

import shutil

import pytest

from .small_models import KINDS, small_model


@pytest.fixture(scope="session", params=KINDS)
def model(request):
    return small_model(request.param)


@pytest.fixture(scope="session")
def saved(model, tmp_path_factory):
    return model.save(tmp_path_factory.mktemp(model.architecture.kind) / "model")


@pytest.fixture
def folder_of_each(saved, tmp_path):
    """A copy of the saved model, for each kind, that a test may damage."""
    return shutil.copytree(saved, tmp_path / "model")


@pytest.fixture
def folder(tmp_path):
    """A saved model of one kind, for damage that does not depend on it."""
    return small_model(KINDS[-2]).save(tmp_path / "model")
