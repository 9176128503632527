"""The process of one learning-rate test: `python -m morelike.play.rate.worker RUN LOW HIGH STEPS`.

It takes the list and the settings of the run, and leaves its folder alone. Its steps are lines of JSON on standard
output. When standard input ends, the process ends: so it does when the server was killed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from morelike.panels.plain import rounded
from morelike.play.worker import take_output, work_and_end
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.workflows.learning_rate_test import RangeTest, sweep


class RateTest:
    """The events of one test. Losses that are not finite are null."""

    def __init__(self, run: RunFolder, low: float, high: float, steps: int, output: TextIO) -> None:
        self._run, self._low, self._high, self._steps = run, low, high, steps
        self._output = output

    def work(self) -> None:
        """Take the steps of the test.

        Raises:
            MorelikeError: as `range_test`, or the list of the run has changed.
        """
        plan = plan_of_run(self._run)
        for found in sweep(plan, low=self._low, high=self._high, steps=self._steps):
            curve = {name: rounded(getattr(found, name)) for name in ("rates", "losses", "smoothed")}
            if isinstance(found, RangeTest):
                self.emit("finished", suggestion=found.suggestion, still_falling=found.still_falling, **curve)
            else:
                self.emit("steps", **curve)

    def emit(self, kind: str, /, **facts: Any) -> None:
        """Write an event."""
        self._output.write(json.dumps({"type": kind, **facts}) + "\n")
        self._output.flush()


def main(folder: str, low: str, high: str, steps: str) -> None:
    """Do a test to its end, or until standard input ends; then end this process."""
    test = RateTest(RunFolder(Path(folder)), float(low), float(high), int(steps), take_output())

    def end_with_the_server() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_the_server, daemon=True).start()
    work_and_end(test.work, test.emit)


if __name__ == "__main__":
    main(*sys.argv[1:])
