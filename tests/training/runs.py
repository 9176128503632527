"""Small training runs, in this process or in one of their own that can be killed."""

import itertools
import json
import os
import random
import subprocess
import sys
import time

import pytest

import morelike
from morelike.architecture import TrainedArchitecture, find, kinds
from morelike.runs.settings import configure_kind, idle_settings

TRAINED_KINDS = [kind for kind in kinds() if issubclass(find(kind), TrainedArchitecture)]
QUICK_KINDS = ("mlp",)  # all kinds are run by `make test-all`
SMALL = {"context": 4, "embedding": 4, "hidden": 8, "layers": 2, "heads": 2}
STEPS = 160
SCHEDULE = {"steps": STEPS, "evaluate_every": 2, "chunk": 1, "batch_size": 4, "row_length": 12, "seed": 3}
PRODUCTS = ("metrics.jsonl", "samples.txt")


def quick_first(kinds, quick=QUICK_KINDS):
    """Return kinds as parameters of tests that take seconds for each: all but the quick ones are marked slow."""
    return [pytest.param(kind, marks=() if kind in quick else pytest.mark.slow) for kind in kinds]


def pronounceable(count=60):
    """Return a list of words in which there is something to learn."""
    rng = random.Random(0)
    words = ["".join(rng.choice("bdlmn") + rng.choice("aeo") for _ in range(rng.randint(1, 3))) for _ in range(count)]
    return [word + rng.choice(["", "n", "s"]) for word in words]


def small_settings(kind, **settings):
    """Return settings of a small model and a short run of this kind, without those that have no effect."""
    small = {name: v for name, v in SMALL.items() if name in find(kind).model_fields}
    given = {**SCHEDULE, **settings}
    architecture, training = configure_kind(kind, {}, configured={**small, **given})
    idle = idle_settings(architecture, training)
    return {name: value for name, value in {**small, **given}.items() if name not in idle}


def train_small(kind, words=None, *, split="shuffle-42", out=None, on_event=None, **settings):
    """Return a small model trained in this process; its run is called as `start` calls it."""
    words = words or pronounceable()
    return morelike.train(
        words,
        kind,
        split=split,
        out=out,
        report=False,
        name="words",
        on_event=on_event,
        **small_settings(kind, **settings),
    )


def train_arguments(kind, folder, **settings):
    """Return the arguments by which the command line trains the same model, its run made in `folder`."""
    listed = folder / "words.txt"
    listed.write_text("".join(word + "\n" for word in pronounceable()), "utf-8")
    flags = itertools.chain.from_iterable(
        (f"--{name.replace('_', '-')}", str(value)) for name, value in small_settings(kind, **settings).items()
    )
    return ["train", str(listed), "--model", kind, "--out", str(folder / "runs"), "--no-report", *flags]


def start(arguments):
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "morelike", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


def run_in(folder):
    """Return the one run folder in a folder, None as long as there is none."""
    found = [path.parent for path in (folder / "runs").glob("*/meta.json")]
    assert len(found) <= 1
    return found[0] if found else None


def newest_step(folder):
    """Return the step of the newest checkpoint of the run in a folder, 0 before the first."""
    return max((int(path.stem[5:]) for path in folder.glob("runs/*/checkpoints/step-*.json")), default=0)


def wait_for(condition, process, seconds=90):
    """Wait until a condition holds; return False if the process ends first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            return False
        assert time.monotonic() < deadline, "the run does not get on"
        time.sleep(0.002)
    return True


def products(run):
    """Return all bytes that a run must repeat: model, metrics, samples."""
    files = [*sorted((run / "model").iterdir()), *(run / name for name in PRODUCTS)]
    return {path.name: path.read_bytes() for path in files}


def metrics_of(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def stop_at(number):
    """Return a listener that ends the run by an error at this event, counted from 0."""
    heard = iter(range(number))

    def listen(event):
        next(heard)

    return listen
