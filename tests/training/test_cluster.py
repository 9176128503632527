"""Two processes over loopback train what one trains, and lose nothing when one of them is lost."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import morelike
from morelike.runs.run_folder import Run
from morelike.training.wire import SILENCE

from .runs import metrics_of, newest_step, run_in, start, train_arguments, train_small, wait_for
from .test_joining import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STARTED = []
COMPILED = 200.0  # seconds, on a busy machine
NOTICED = 15.0
"""Seconds within which the others have ended after a process was killed; most of it is for a busy machine."""
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
from morelike.training import distributed

def alone(self, total, count, gradients):
    return total / count, {name: gradient / count for name, gradient in gradients.items()}

distributed.Shares.mean = alone
main(sys.argv[1:])
"""


def started(arguments, process, of=2, port=7461, program=("-m", "morelike")):
    hosts = ",".join([f"127.0.0.1:{port}", *["127.0.0.1"] * (of - 1)])
    flags = [*arguments, "--hosts", hosts, "--process-id", str(process), "--wait", "120"]
    process = subprocess.Popen(
        [sys.executable, *program, *flags],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    STARTED.append(process)
    return process


@pytest.fixture(autouse=True)
def none_is_left():
    yield
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.communicate()


def crew(kind, folder, of=2, program=("-m", "morelike"), **settings):
    port, arguments = free_port(), train_arguments(kind, folder, **settings)
    return [started(arguments, process, of, port, program) for process in range(of)]


def ended(processes, seconds=600.0):
    """Return of each process its status and what it wrote to stdout and to stderr."""
    deadline = time.monotonic() + seconds
    told = [process.communicate(timeout=max(deadline - time.monotonic(), 0.1)) for process in processes]
    return [(process.returncode, *texts) for process, texts in zip(processes, told, strict=True)]


def weights_in(folder):
    return morelike.load(run_in(folder) / "model").weights


def assert_close(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-4, atol=2e-5, err_msg=name)


SHORT = {"steps": 24, "evaluate_every": 8, "chunk": 8, "optimizer": "sgd"}  # Adam blows rounding up where g is near 0


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_end_with_the_losses_and_weights_of_one(kind, tmp_path):
    settings = SHORT | KINDS[kind]
    (leader, other) = ended(crew(kind, tmp_path, **settings))
    assert (leader[0], other) == (0, (0, "", "")), (leader, other)
    alone = train_small(kind, out=tmp_path / "alone", **settings)
    assert_close(weights_in(tmp_path), alone.weights)
    (one,) = (tmp_path / "alone").iterdir()
    for ours, theirs in zip(metrics_of(run_in(tmp_path)), metrics_of(one), strict=True):
        np.testing.assert_allclose(ours["losses"], theirs["losses"], atol=2e-5)
        assert ours["step"] == theirs["step"]
        assert ours.get("dev") == pytest.approx(theirs.get("dev"), abs=2e-5)
    assert len(leader[1].splitlines()) == 20  # new words, and nothing that a library would say


def test_adam_and_clipping_agree_too_and_more_processes_than_rows(tmp_path):
    settings = SHORT | {"optimizer": "adamw", "batch_size": 2, "clip": 0.1, "steps": 8}
    statuses = [status for status, *_ in ended(crew("gru", tmp_path, 3, **settings))]
    assert statuses == [0, 0, 0]
    alone = train_small("gru", **settings)
    for name, array in weights_in(tmp_path).items():
        np.testing.assert_allclose(array, alone.weights[name], atol=1e-4, err_msg=name)


def test_without_the_all_reduce_the_processes_drift_apart_which_is_told(tmp_path):
    (leader, other) = ended(crew("mlp", tmp_path, program=("-c", WITHOUT_ALL_REDUCE), **SHORT))
    assert leader[0] == other[0] == 1
    assert "process 1 no longer holds the same weights as process 0" in leader[2]
    assert leader[2].count("\n") == other[2].count("\n") == 1


@pytest.mark.parametrize("victim", [0, 1])
def test_when_one_is_killed_the_others_end_in_time_and_the_run_goes_on_in_one_process(victim, tmp_path):
    processes = crew("mlp", tmp_path, steps=20_000, evaluate_every=5)
    assert wait_for(lambda: newest_step(tmp_path) >= 5, processes[0], COMPILED)
    time.sleep(random.Random(victim).uniform(0, 1))
    processes[victim].send_signal(signal.SIGKILL)
    killed = time.monotonic()
    told = ended(processes, NOTICED)
    assert time.monotonic() - killed < NOTICED < SILENCE
    status, printed, said = told[1 - victim]
    assert (status, printed) == (1, "")
    assert f"process {victim} was lost (its connection" in said
    assert said.count("\n") == 1
    assert ("Go on from the last checkpoint with: morelike train --resume" in said) == (victim == 1)
    run, step = run_in(tmp_path), newest_step(tmp_path)
    assert Run(run).checkpoints.newest().facts["step"] == step
    assert not Run(run).checkpoints.damaged
    assert Run(run).meta()["status"] in ("failed", "stopped")
    resumed = start(["train", "--resume", str(run), "--no-report"])
    assert wait_for(lambda: newest_step(tmp_path) > step, resumed, COMPILED)
    resumed.send_signal(signal.SIGINT)
    assert ended([resumed])[0][0] == 130


@pytest.mark.parametrize("asked", [0, 1])
def test_ctrl_c_at_any_process_ends_all_at_one_boundary_and_two_go_on_to_the_weights_of_one(asked, tmp_path):
    settings = SHORT | {"steps": 400, "evaluate_every": 4, "chunk": 2}
    processes = crew("mlp", tmp_path, **settings)
    assert wait_for(lambda: newest_step(tmp_path) >= 4, processes[0], COMPILED)
    processes[asked].send_signal(signal.SIGINT)
    (leader, other) = ended(processes)
    assert leader[0] == other[0] == 130
    assert "everything is saved" in leader[2]
    assert other[1:] == ("", "")
    assert newest_step(tmp_path) < 400
    run, port = run_in(tmp_path), free_port()
    again = [
        started(["train", "--resume", str(run), "--no-report"], 0, port=port),
        started(train_arguments("mlp", tmp_path, **settings), 1, port=port),  # which has no run folder to read
    ]
    assert [status for status, *_ in ended(again)] == [0, 0]
    assert_close(weights_in(tmp_path), train_small("mlp", **settings).weights)


def test_other_settings_or_another_list_end_both_with_what_differs(tmp_path):
    port = free_port()
    pair = [started(train_arguments("mlp", tmp_path, hidden=8 + process), process, port=port) for process in (0, 1)]
    for status, _, said in ended(pair):
        assert status == 2
        assert "process 1 was started with hidden = 9, process 0 with 8" in said
    assert run_in(tmp_path) is None  # nothing was begun


def test_what_one_process_does_alone_is_refused_with_hosts(tmp_path):
    for kind in ("ngram", "auto"):
        flags = ["train", "names", "--model", kind, "--out", str(tmp_path)]
        ((status, _, said),) = ended([started(flags, 0)])
        assert status == 2
        assert "leave out --hosts" in said
