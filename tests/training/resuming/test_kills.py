"""Runs that are killed and resumed end with the bytes of an uninterrupted run."""

import random
import signal
import subprocess
import sys
import time

import pytest

from ..runs import (
    STEPS,
    metrics_of,
    newest_step,
    products,
    run_in,
    start,
    stop_at,
    train_arguments,
    train_small,
    wait_for,
)


def launch(kind, folder):
    run = run_in(folder)
    if run is None:
        return start(train_arguments(kind, folder))
    return start(["train", "--resume", str(run), "--no-report"])


def end(process):
    process.communicate()
    return process.returncode


def kill_soon_after_a_checkpoint(process, folder, delay):
    """Kill a run at a random moment after it has saved something new; return False if it ended before."""
    begun_at = newest_step(folder)
    if not wait_for(lambda: newest_step(folder) > begun_at, process):
        return end(process) < 0
    time.sleep(delay)
    return kill(process)


def kill(process):
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return alive


def assert_same_as(whole, folder):
    run = run_in(folder)
    assert [line["step"] for line in metrics_of(run)] == [*range(1, STEPS + 1)]
    assert products(run) == products(whole.path)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(whole_run, tmp_path):
    rng, kills = random.Random(whole_run.kind), 0
    while kills < 2 and newest_step(tmp_path) < STEPS - 40:
        kills += kill_soon_after_a_checkpoint(launch(whole_run.kind, tmp_path), tmp_path, rng.uniform(0, 0.15))
    assert kills == 2
    assert end(launch(whole_run.kind, tmp_path)) == 0
    assert_same_as(whole_run, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_forty_kills_at_any_moment_change_nothing(whole_run, tmp_path):
    rng, kills, runs = random.Random(whole_run.kind), 0, 0
    while kills < 40:
        folder = tmp_path / str(runs)
        folder.mkdir()
        runs += 1
        seconds = duration(whole_run.kind, tmp_path) if runs == 1 else seconds
        finished = False
        while not finished:
            process = launch(whole_run.kind, folder)
            if rng.random() < 0.5:
                finished = not kill_soon_after_a_checkpoint(process, folder, rng.uniform(0, 0.2))
            else:
                finished = process_ends_within(process, rng.uniform(0, 1.2 * seconds))
                finished = finished or not kill(process)
            kills += not finished
        assert_same_as(whole_run, folder)


def duration(kind, folder):
    (folder / "timed").mkdir()
    began = time.monotonic()
    assert end(launch(kind, folder / "timed")) == 0
    return time.monotonic() - began


def process_ends_within(process, seconds):
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def damage(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("whole_run", ["mlp"], indirect=True)
def test_a_damaged_checkpoint_is_reported_and_the_one_before_it_gives_the_same_bytes(whole_run, tmp_path):
    with pytest.raises(StopIteration):
        train_small(whole_run.kind, out=tmp_path / "runs", on_event=stop_at(40))
    newest = max(tmp_path.glob("runs/*/checkpoints/step-*.safetensors"))
    damage(newest)
    process = launch(whole_run.kind, tmp_path)
    _, stderr = process.communicate()
    assert process.returncode == 0
    assert newest.name in stderr
    assert_same_as(whole_run, tmp_path)


REWRITE = """
import hashlib, sys
from pathlib import Path

def naive(path, data):
    path.write_bytes(data)

def careful(path, data):
    from morelike.storage.atomic_files import write_file
    write_file(path, data)

write, path = {"naive": naive, "careful": careful}[sys.argv[1]], Path(sys.argv[2])
for i in range(10**9):
    data = bytes([i % 256]) * (4 << 20)
    write(path, data + hashlib.sha256(data).digest())
    print(i, flush=True)
"""


def whole(path):
    import hashlib

    data = path.read_bytes()
    return hashlib.sha256(data[:-32]).digest() == data[-32:]


def rewritten_and_killed(how, path, delay):
    """Rewrite a file over and over in a process that is killed; return whether what it leaves is whole."""
    process = subprocess.Popen([sys.executable, "-c", REWRITE, how, str(path)], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    time.sleep(delay)
    process.kill()
    process.communicate()
    return whole(path)


def test_a_naive_overwrite_is_caught_corrupt_by_the_same_kills(tmp_path):
    rng = random.Random(0)
    left = (rewritten_and_killed("naive", tmp_path / "file", rng.uniform(0, 0.05)) for _ in range(60))
    assert not all(left)


def test_a_careful_overwrite_is_never_caught_corrupt(tmp_path):
    rng = random.Random(1)
    assert all(rewritten_and_killed("careful", tmp_path / "file", rng.uniform(0, 0.05)) for _ in range(8))
