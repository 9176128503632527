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
def folder(saved, tmp_path):
    """A copy of the saved model that a test may damage."""
    return shutil.copytree(saved, tmp_path / "model")
