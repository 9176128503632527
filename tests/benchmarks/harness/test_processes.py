"""A process is measured to its end or stopped; a worker answers line by line; makemore's printed times are read."""

import sys

import pytest
from benchmarks.harness.errors import FailedError
from benchmarks.harness.processes import Worker, run

from benchmarks.loops import makemore

ECHO = """
from benchmarks.harness.processes import serve
class Echo:
    facts = {"ready": True}
    def double(self, number):
        return {"doubled": 2 * number}
serve(Echo())
"""
SHIPPED = """
print("number of parameters: 5")
for step, loss in enumerate([3.0, 2.5, 2.0]):
    print(f"step {step} | loss {loss:.4f} | step time {10 * (step + 1):.2f}ms")
"""


def test_a_process_that_ends_gives_what_it_printed_and_what_it_took():
    ran = run([sys.executable, "-c", "print(bytearray(50_000_000)[0])"])
    assert ran.printed == "0\n"
    assert ran.peak_megabytes >= 50
    assert ran.processor_seconds > 0
    assert 0 < ran.seconds < 60


def test_a_process_that_fails_is_named_with_its_last_words():
    with pytest.raises(FailedError, match=r"failed: .*no such list"):
        run([sys.executable, "-c", "raise SystemExit('no such list')"])


def test_a_process_that_takes_too_long_is_stopped():
    with pytest.raises(FailedError, match=r"was stopped after 0 s"):
        run([sys.executable, "-c", "import time; time.sleep(60)"], at_most=0.3)


def test_a_worker_answers_one_question_after_another(tmp_path, monkeypatch):
    (tmp_path / "echo.py").write_text(ECHO)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    with Worker("echo", {}) as worker:
        assert worker.facts == {"ready": True}
        assert [worker.ask("double", number=n)["doubled"] for n in (1, 21)] == [2, 42]


def test_a_worker_that_ends_without_an_answer_is_a_failure():
    with pytest.raises(FailedError, match="ended before it answered"):
        Worker("benchmarks", {})


def test_the_step_times_and_losses_that_makemore_prints_are_read(tmp_path):
    script = tmp_path / "makemore.py"
    script.write_text(SHIPPED)
    assert makemore._theirs("gru", str(script), tmp_path) == (0.02, 2.5)
