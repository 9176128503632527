"""A search on a small list, and processes at work on it that the tests kill."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from morelike.text.corpus import Corpus
from morelike.workflows.tuning import Tuning, parse_space, search_space

ROOT = Path(__file__).parents[3]
WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena", "hana"]
WORDS += ["ehen", "nea", "ann", "hanne", "eanna", "nah", "heh", "nehan", "hean", "annah", "enha", "hahn", "aneh"]
ORDERS = ("order=1..4", "smoothing=add,kneser-ney")
TAKE_AND_WAIT = """
import sys, time
from morelike.workflows.tuning import storage
from morelike.workflows.tuning.study import Study
from tests.workflows.tuning.small_study import small_tuning

out, address, name = sys.argv[1:]
storage.HEARTBEAT_SECONDS = 1
trial, settings = Study(small_tuning(out, storage=address or None, name=name)).take()
print(trial.number, settings, flush=True)
time.sleep(120)
"""


def small_tuning(out, kind="ngram", space=ORDERS, fixed=None, split="shuffle-42", words=WORDS, **more):
    """Return a search on a small list, by default for n-grams."""
    given = parse_space(kind, space)
    space = search_space(kind, fixed or {}, given)
    return Tuning(Corpus("words", words), kind, split, space, fixed or {}, out=Path(out), **more)


@contextmanager
def worker_on(out, address=None, name=""):
    """Start a process that takes a trial and stays at work on it; yield it with the trial's number and settings."""
    worker = subprocess.Popen(
        [sys.executable, "-c", TAKE_AND_WAIT, str(out), address or "", name],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    number, _, settings = worker.stdout.readline().partition(" ")
    try:
        yield worker, int(number), eval(settings)
    finally:
        kill(worker)


def kill(worker):
    """Kill a process without a warning, as the system does when memory is short."""
    worker.kill()
    worker.wait(60)
    worker.stdout.close()
