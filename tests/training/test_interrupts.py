"""After Ctrl-C or SIGTERM the state is saved, a message says how to resume, and a resumed run ends the same."""

import signal
import time

import pytest

from .runs import newest_step, products, run_in, start, train_arguments, wait_for

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}


def interrupt(process, folder, number):
    """Send a signal once something is saved, and return what was said on stderr."""
    begun_at = newest_step(folder)
    assert wait_for(lambda: newest_step(folder) > begun_at, process)
    process.send_signal(number)
    began = time.monotonic()
    out, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 3
    assert process.returncode == STATUS[number]
    assert out == ""
    return said


@pytest.mark.parametrize("whole_run", ["rnn"], indirect=True)
def test_an_interrupted_run_says_how_to_resume_and_ends_with_the_same_bytes(whole_run, tmp_path):
    process = start(train_arguments(whole_run.kind, tmp_path))
    for number in STATUS:
        said = interrupt(process, tmp_path, number)
        run = run_in(tmp_path)
        assert f"morelike train --resume {run}" in said
        assert len(said.splitlines()) == 1
        assert '"status": "interrupted"' in (run / "meta.json").read_text()
        process = start(["train", "--resume", str(run), "--no-report"])
    process.communicate()
    assert process.returncode == 0
    assert products(run) == products(whole_run.path)


def first_long_chunk(folder):
    """Return a run that compiles and then stays in its first chunk for longer than a test lasts."""
    folder.mkdir()
    arguments = train_arguments("gru", folder, hidden=64, steps=10**6, evaluate_every=10**6, chunk=10**6)
    process = start(arguments)
    assert wait_for(lambda: list(folder.glob("runs/*/lock")), process)
    time.sleep(1.5)
    return process


def test_ctrl_c_while_a_program_compiles_or_runs_ends_within_two_seconds(tmp_path):
    process = first_long_chunk(tmp_path / "first")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 3
    assert process.returncode == 130
    assert f"morelike train --resume {run_in(tmp_path / 'first')}" in said
    assert "Traceback" not in said


def test_a_second_ctrl_c_stops_at_once(tmp_path):
    process = first_long_chunk(tmp_path / "second")
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 1
    assert process.returncode == 130
    assert "Traceback" not in said
