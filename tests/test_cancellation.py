"""Work that is cancelled ends between two of its steps; work of other threads goes on."""

import threading

import pytest

import morelike
from morelike.cancellation import CancelledError, cancellable, check_cancelled

from .language_model.small_models import small_model


@pytest.mark.parametrize("kind", ["ngram", "gru"])
@pytest.mark.parametrize("constraint", [{}, {"pattern": "a__"}, {"regex": "a+b?"}], ids=str)
def test_sampling_can_be_cancelled(kind, constraint):
    model = small_model(kind)
    with cancellable(lambda: True), pytest.raises(CancelledError):
        model.sample(3, seed=0, **constraint)


def test_outside_the_context_nothing_is_cancelled():
    with cancellable(lambda: True):
        other = threading.Thread(target=check_cancelled)
        other.start()
        other.join()
    check_cancelled()
    assert small_model("ngram").sample(1, seed=0, unique=False, novel=False)


def test_writing_text_can_be_cancelled():
    model = morelike.train("abcabcabcabcabc", kind="ngram", form="text", split="none", order=3)
    with cancellable(lambda: True), pytest.raises(CancelledError):
        model.write(10)
