"""Threads of a model in use: sampling and scoring can be stopped between steps."""

import pytest

from morelike.language_model.threads import StoppedError, stop_when, thread_map

from .small_models import small_model


@pytest.mark.parametrize("threads", [1, 2])
def test_a_map_stops_at_the_first_item_after_it_is_asked_to(threads):
    done = []
    with stop_when(lambda: len(done) >= 3), thread_map() as map_function:
        map_function.threads = threads
        with pytest.raises(StoppedError):
            list(map_function(done.append, range(1000)))
    assert 3 <= len(done) <= 3 + threads
    with thread_map() as map_function:
        assert list(map_function(abs, [-1, 2])) == [1, 2]


@pytest.mark.parametrize("kind", ["ngram", "gru"])
@pytest.mark.parametrize("work", [lambda model: model.sample(3), lambda model: model.losses(["anna"])])
def test_sampling_and_scoring_stop(kind, work):
    model = small_model(kind)
    with stop_when(lambda: True), pytest.raises(StoppedError):
        work(model)
    work(model)
