"""Ctrl-C in every command: exit status 130 within two seconds, one line, and nothing half-written."""

import signal
import subprocess
import sys
import time

import pytest

from morelike.cli.main import COMMANDS

MAIN = "from morelike.cli.main import main\nmain()\n"
BEGUN = "import sys, morelike.cli.main as entry\nrun = entry._run\n"
BEGUN += "def begun(*arguments):\n    print('begun', file=sys.stderr, flush=True)\n    return run(*arguments)\n"
BEGUN += "entry._run = begun\nentry.main()\n"
SWALLOWED = """
import sys, time, morelike.cli.main as entry
def run(*_):
    try:
        print('begun', file=sys.stderr, flush=True)
        time.sleep(30)
    except BaseException:
        {reaction}
    return 0
entry._run = run
entry.main()
"""


def start(program, *arguments, cwd=None):
    """Start a program and wait until its command begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr.readline() == "begun\n"
    return process


def interrupt(process):
    """Send Ctrl-C, and return the exit status, what was said, and the seconds until the end."""
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=20)
    assert "Traceback" not in out
    return process.returncode, said, time.monotonic() - began


REACTIONS = {
    "the interruption is dropped, and the command succeeds": "pass",
    "the interruption is dropped, and the command goes on for long": "time.sleep(30)",
    "the interruption becomes another error": "raise TypeError('a consequence')",
    "the interruption meets long compiled code": "__import__('hashlib').pbkdf2_hmac('sha256', b'', b'', 10**9)",
    "the interruption is an error of the system": "raise OSError(28, 'a consequence')",
    "the interruption is not handled": "raise",
}


@pytest.mark.parametrize("reaction", REACTIONS)
def test_whatever_an_interruption_meets_the_command_ends_with_one_line(reaction):
    status, said, seconds = interrupt(start(SWALLOWED.format(reaction=REACTIONS[reaction])))
    assert (status, said) == (130, "morelike: interrupted\n")
    assert seconds < 3


def test_a_second_ctrl_c_ends_the_command_at_once_and_silently():
    process = start(SWALLOWED.format(reaction="time.sleep(30)"))
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    status, said, seconds = interrupt(process)
    assert (status, said) == (130, "")
    assert seconds < 0.5


def test_an_exit_handler_that_hangs_prints_nothing_at_ctrl_c():
    hangs = "import atexit, time, sys\nimport morelike.cli.main as entry\nentry._run = lambda *_: 0\n"
    hangs += "atexit.register(lambda: (print('begun', file=sys.stderr, flush=True), time.sleep(30)))\nentry.main()\n"
    assert interrupt(start(hangs))[:2] == (130, "")


def test_a_process_that_was_started_with_ctrl_c_ignored_goes_on():
    ignores = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    ignores += SWALLOWED.format(reaction="pass").replace("sleep(30)", "sleep(1)")
    assert interrupt(start(ignores))[:2] == (0, "")


def test_a_command_that_reads_a_terminal_or_a_pipe_is_interrupted(counted):
    assert interrupt(start(BEGUN, "score", counted))[:2] == (130, "morelike: interrupted\n")


LONG = {
    "train": ["LIST", "--model", "auto", "--no-report"],
    "sample": ["MODEL", "-n", "1000000", "--no-novel", "--no-unique", "-o", "words.csv"],
    "top": ["MODEL", "-n", "10000000"],
    "guess": ["MODEL", "anna", "--samples", "10000000"],
    "audit": ["MODEL", "--count", "10000000"],
    "compare": ["LIST", "--kinds", "gru,lstm", "--budget", "60s"],
    "lr": ["LIST", "--model", "gru", "--steps", "100000"],
    "diagnose": ["MODEL"],
    "report": ["MODEL", "-o", "report.html"],
    "picture": ["activations", "MODEL", "-o", "picture.html"],
    "classify": ["fit", "LIST", "LIST", "-o", "both", "--model", "gru"],
    "recipe": ["run", "pattern-rnn"],
    "parity": ["LIST"],
    "serve": ["MODEL", "--port", "0"],
    "play": ["LIST", "--no-browser", "--port", "0"],
}


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.6, 2.5])
@pytest.mark.parametrize("command", LONG)
def test_every_command_that_trains_or_compiles_is_interrupted(command, after, trained, listed, tmp_path):
    assert command in COMMANDS
    places = {"MODEL": trained, "LIST": listed}
    process = start(BEGUN, command, *(places.get(each, each) for each in LONG[command]), cwd=tmp_path)
    time.sleep(after)
    if process.poll() is None:
        status, said, seconds = interrupt(process)
        assert seconds < 3
        assert "Traceback" not in said
        assert status in (0, 130)
        assert said.count("interrupted") == (status == 130 and "Ctrl-C ends it" not in said)  # as `serve` announces
        assert status == 0 or not list(tmp_path.glob("*.html")) + list(tmp_path.glob("*.csv"))
    else:
        process.communicate()
        assert process.returncode in (0, 1)
