"""What other processes of a run send is bounded before there is memory for it, and never shown raw."""

import json

import numpy as np
import pytest
from jax.experimental import multihost_utils

from morelike.errors import SettingError, TrainingError
from morelike.training.distributed.processes import LARGEST_MESSAGE, Processes
from morelike.training.distributed.start import _require_same

PAIR = Processes(2, 0)


@pytest.fixture
def other_sends(monkeypatch):
    """Return a function that makes the other of two processes send these bytes, and announce this size."""

    def send(data, size=None):
        size = len(data) if size is None else size

        def gather(mine):
            if mine.ndim == 0:
                return np.array([mine, size], np.uint32)
            theirs = np.frombuffer(data, np.uint8)
            return np.stack([np.resize(each, max(len(mine), len(theirs))) for each in (mine, theirs)])

        def broadcast(mine):
            return np.uint32(size) if mine.ndim == 0 else np.frombuffer(data, np.uint8)

        monkeypatch.setattr(multihost_utils, "process_allgather", gather)
        monkeypatch.setattr(multihost_utils, "broadcast_one_to_all", broadcast)

    return send


def test_values_of_all_processes_are_gathered(other_sends):
    other_sends(b"[2]")
    assert PAIR.all_gather([1]) == [[1], [2]]


@pytest.mark.parametrize("size", [LARGEST_MESSAGE + 1, 2**32 - 1])
def test_a_message_that_is_too_large_is_refused_before_it_is_received(other_sends, size):
    other_sends(b"", size)
    said = f"announces {size:,} bytes, at most {LARGEST_MESSAGE:,} are expected: is it ours"
    with pytest.raises(TrainingError, match=f"process 1 {said}"):
        PAIR.all_gather(True)
    with pytest.raises(TrainingError, match=f"process 0 {said}"):
        Processes(2, 1).broadcast(None)


@pytest.mark.parametrize("data", [b"\xff\x00", b"", b"[" * 100_000, b'{"a": 1, "a": 2}'], ids=len)
def test_a_message_that_is_no_json_is_refused(other_sends, data):
    other_sends(data)
    with pytest.raises(TrainingError, match="process 1 sent a message that cannot be read"):
        PAIR.all_gather(True)


HOSTILE = "\x1b]0;owned\x07" + "x" * 10_000


@pytest.mark.parametrize("theirs", [{HOSTILE: 1}, {"hidden": HOSTILE}, {"hidden": [HOSTILE]}, {"hidden": {HOSTILE: 1}}])
def test_settings_of_a_stranger_are_shown_as_short_text(theirs):
    with pytest.raises(SettingError) as refused:
        _require_same({"hidden": 8}, json.loads(json.dumps(theirs)), 1)
    said = str(refused.value)
    assert said.isprintable()
    assert len(said) < 400
    assert said.startswith("process 1 was started with ")


def test_settings_that_are_none_are_refused():
    with pytest.raises(SettingError, match="process 1 or process 0 sent no settings"):
        _require_same({"hidden": 8}, HOSTILE, 1)
