"""After Ctrl-C, SIGTERM or SIGHUP the state is saved, a message says how to resume, and a resumed run ends the same."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from morelike.runs.run_folder import RunFolder

from ..runs import newest_step, products, run_in, start, train_arguments, wait_for

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


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


@pytest.mark.parametrize("whole_run", ["mlp"], indirect=True)
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


def test_a_terminal_that_closes_interrupts_the_run_and_everything_is_saved(tmp_path):
    ours, terminal = pty.openpty()
    os.set_blocking(ours, False)
    arguments = train_arguments("mlp", tmp_path, steps=10**5, evaluate_every=10)
    take_terminal = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
    go_on = "import os, sys; os.execv(sys.executable, sys.orig_argv[3:])"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{take_terminal}; {go_on}", sys.executable, "-m", "morelike", *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)

    def saved():
        with contextlib.suppress(BlockingIOError):
            os.read(ours, 1 << 16)  # or the progress bar would wait for its reader
        return newest_step(tmp_path) > 0

    assert wait_for(saved, process)
    os.close(ours)
    assert process.wait(timeout=30) == 129
    assert RunFolder(run_in(tmp_path)).meta()["status"] == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL])
def test_a_run_that_a_signal_ends_as_soon_as_its_folder_is_there_is_not_running(tmp_path, number):
    process = start(train_arguments("mlp", tmp_path))
    assert wait_for(lambda: run_in(tmp_path), process)
    process.send_signal(number)
    process.communicate(timeout=30)
    run = RunFolder(run_in(tmp_path))
    assert run.meta()["status"] in ("stopped", "interrupted")
    assert '"running"' not in (run.path / "meta.json").read_text()


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


def test_a_second_signal_stops_at_once_and_silently(tmp_path):
    process = first_long_chunk(tmp_path / "second")
    began = time.monotonic()
    # Both signals arrive while the process stands still: it cannot save and end between them.
    for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
        process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 1
    assert process.returncode in (STATUS[signal.SIGINT], STATUS[signal.SIGTERM])
    assert said == ""
