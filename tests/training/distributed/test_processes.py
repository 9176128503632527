"""Several processes over loopback train the model of one process; if one is lost, its checkpoints are kept."""

import random
import signal
import time

import numpy as np
import pytest

import morelike
from morelike.runs.run_folder import RunFolder
from morelike.training.distributed.start import HEARTBEAT

from ..runs import metrics_of, newest_step, run_in, start, train_arguments, train_small, wait_for
from .cluster import COMPILED, SHORT, ended, free_port, no_process_is_left, start_all, start_one  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NOTICED = 15.0
"""Seconds within which the others end after a process is killed. They need a tenth of a second; the machine is busy."""
KINDS = {
    "mlp": {"batch_size": 7},
    "gru": {"dropout": 0.3, "input_dropout": 0.2},
    "transformer": {"dropout": 0.1, "batch_size": 3},
    "deep_mlp": {"batch_size": 7},
    "wavenet": {"batch_size": 5},
}
WITHOUT_ALL_REDUCE = """
import sys
from morelike.cli.main import main
from morelike.training.distributed.sharding import Shards

def local_mean(self, total, count, gradients):
    return total / count, {name: gradient / count for name, gradient in gradients.items()}

Shards.all_reduce_mean = local_mean
main(sys.argv[1:])
"""
WITH_A_FULL_DISK = """
import sys
from morelike.cli.main import main
from morelike.errors import RunError
from morelike.runs.checkpoint import Checkpoints

def save(self, checkpoint):
    raise RunError("the checkpoint cannot be written: No space left on device")

Checkpoints.save = save
main(sys.argv[1:])
"""


def weights_in(folder):
    return morelike.load(run_in(folder) / "model").weights


def assert_close(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-4, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_end_with_the_losses_and_weights_of_one(kind, tmp_path):
    settings = SHORT | KINDS[kind]
    (leader, other) = ended(start_all(kind, tmp_path, **settings))
    assert (leader[0], other) == (0, (0, "", "")), (leader, other)
    alone = train_small(kind, out=tmp_path / "alone", **settings)
    assert_close(weights_in(tmp_path), alone.weights)
    (one,) = (tmp_path / "alone").iterdir()
    for ours, theirs in zip(metrics_of(run_in(tmp_path)), metrics_of(one), strict=True):
        np.testing.assert_allclose(ours["losses"], theirs["losses"], atol=2e-5)
        assert ours["step"] == theirs["step"]
        assert ours.get("dev") == pytest.approx(theirs.get("dev"), abs=2e-5)
    assert len(leader[1].splitlines()) == 20  # new words, and no output of a library


def test_adam_and_clipping_agree_too_and_more_processes_than_rows(tmp_path):
    settings = SHORT | {"optimizer": "adamw", "batch_size": 2, "clip": 0.1, "steps": 8}
    statuses = [status for status, *_ in ended(start_all("gru", tmp_path, 3, **settings))]
    assert statuses == [0, 0, 0]
    alone = train_small("gru", **settings)
    for name, array in weights_in(tmp_path).items():
        np.testing.assert_allclose(array, alone.weights[name], atol=1e-4, err_msg=name)


def test_without_the_all_reduce_the_weights_drift_apart_and_both_processes_report_it(tmp_path):
    (leader, other) = ended(start_all("mlp", tmp_path, program=("-c", WITHOUT_ALL_REDUCE), **SHORT))
    assert leader[0] == other[0] == 1
    assert "process 1 no longer holds the same weights as process 0" in leader[2]
    assert leader[2].count("\n") == 1
    assert other[2] == leader[2]


def test_a_loss_that_is_not_a_number_is_reported_by_both_processes(tmp_path):
    settings = SHORT | {"learning_rate": 1e30}
    (leader, other) = ended(start_all("mlp", tmp_path, **settings))
    assert leader[0] == other[0] == 1
    assert "the loss is no longer a number" in leader[2]
    assert other[2] == leader[2]


@pytest.mark.parametrize("victim", [0, 1])
def test_when_one_is_killed_the_others_end_in_time_and_the_run_goes_on_in_one_process(victim, tmp_path):
    processes = start_all("mlp", tmp_path, steps=20_000, evaluate_every=5)
    assert wait_for(lambda: newest_step(tmp_path) >= 5, processes[0], COMPILED)
    time.sleep(random.Random(victim).uniform(0, 1))
    processes[victim].send_signal(signal.SIGKILL)
    killed = time.monotonic()
    status, printed, said = ended(processes, NOTICED)[1 - victim]
    assert time.monotonic() - killed < NOTICED < HEARTBEAT
    assert (status != 0, printed) == (True, "")
    if victim == 1:
        assert status == 1
        assert said.startswith("morelike: another process of this run has ended. Go on from the last checkpoint with: ")
        assert said.count("\n") == 1
    else:  # JAX's own log comes first, or instead
        assert "another process of this run has ended" in said or "another task died" in said
    assert_resumes(tmp_path)


def assert_resumes(folder):
    """The newest checkpoint is whole, and one process goes on from it."""
    run, step = run_in(folder), newest_step(folder)
    assert RunFolder(run).checkpoints.newest().facts["step"] == step
    assert not RunFolder(run).checkpoints.damaged
    assert RunFolder(run).meta()["status"] in ("failed", "stopped")
    resumed = start(["train", "--resume", str(run), "--no-report"])
    assert wait_for(lambda: newest_step(folder) > step, resumed, COMPILED)
    resumed.send_signal(signal.SIGINT)
    assert ended([resumed])[0][0] == 130


@pytest.mark.parametrize("victim", [0, 1])
def test_when_one_falls_silent_the_others_end_after_the_heartbeat_timeout(victim, tmp_path):
    processes = start_all("mlp", tmp_path, steps=20_000, evaluate_every=5)
    assert wait_for(lambda: newest_step(tmp_path) >= 5, processes[0], COMPILED)
    processes[victim].send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    ((status, printed, said),) = ended([processes[1 - victim]], HEARTBEAT + NOTICED)
    assert (status != 0, printed) == (True, "")
    assert time.monotonic() - stopped < HEARTBEAT + NOTICED
    assert "another task died" in said
    processes[victim].kill()
    ended([processes[victim]])
    assert_resumes(tmp_path)


def test_an_error_of_process_0_ends_both(tmp_path):
    (leader, other) = ended(start_all("mlp", tmp_path, program=("-c", WITH_A_FULL_DISK), **SHORT))
    assert (leader[0], other[0] != 0) == (1, True)
    assert leader[2] == "morelike: the checkpoint cannot be written: No space left on device\n"
    assert "another process of this run has ended" in other[2] or "another task died" in other[2]


@pytest.mark.parametrize("asked", [0, 1])
def test_ctrl_c_at_any_process_ends_all_at_one_boundary_and_two_go_on_to_the_weights_of_one(asked, tmp_path):
    settings = SHORT | {"steps": 400, "evaluate_every": 4, "chunk": 2}
    processes = start_all("mlp", tmp_path, **settings)
    assert wait_for(lambda: newest_step(tmp_path) >= 4, processes[0], COMPILED)
    processes[asked].send_signal(signal.SIGINT)
    (leader, other) = ended(processes)
    assert leader[0] == other[0] == 130
    assert "everything is saved" in leader[2]
    assert other[1:] == ("", "")
    assert newest_step(tmp_path) < 400
    run, port = run_in(tmp_path), free_port()
    again = [
        start_one(["train", "--resume", str(run), "--no-report"], 0, port=port),
        start_one(train_arguments("mlp", tmp_path, **settings), 1, port=port),  # it has no run folder to read
    ]
    assert [status for status, *_ in ended(again)] == [0, 0]
    assert_close(weights_in(tmp_path), train_small("mlp", **settings).weights)
