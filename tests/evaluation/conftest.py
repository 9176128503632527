"""What the tests of evaluation share: a small model of every kind."""

import pytest

from ..language_model.small_models import KINDS, small_model


@pytest.fixture(scope="session", params=KINDS)
def model(request):
    return small_model(request.param)
