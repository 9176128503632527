"""The process that trains: its events, what the page shows of its looks, and its end with and without the server."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import morelike
from morelike.panels.look import Background, Look
from morelike.panels.registry import show
from morelike.play.limits import PlayLimits
from morelike.play.runs import Runs
from morelike.play.views import Views
from morelike.runs.looks import Looks, LookWriter
from morelike.runs.plan import hiding_test, make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import corpus_of
from morelike.training.experiment import run_experiment, start_run

from ..training.runs import pronounceable, small_settings

ENDLESS = {"steps": 100_000_000, "chunk": 20, "evaluate_every": 20}


def wait_for(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def small_plan(**settings):
    words = corpus_of("words", pronounceable(), "lines")
    return hiding_test(make_plan(words, "mlp", settings=small_settings("mlp", **settings)))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run that the page began, paused, continued and let finish."""
    runs = Runs(tmp_path_factory.mktemp("play"), PlayLimits())
    run = runs.begin(small_plan(steps=40, chunk=4, evaluate_every=8))
    run.command({"command": "pause"})
    wait_for(lambda: run.status == "paused")
    run.command({"command": "step"})
    wait_for(lambda: run.step == 1 and run.status == "paused")
    run.command({"command": "knob", "name": "learning_rate", "value": 0.02})
    run.command({"command": "resume"})
    wait_for(lambda: run.status in ("finished", "failed"))
    run.wait(30.0)
    return run


def events_of(run, kind):
    return [event for event in run.log.after(0, 10_000)[1] if event["type"] == kind]


def test_a_run_of_the_page_has_the_bytes_of_the_same_run_without_it(finished, tmp_path):
    other = start_run(plan_of_run(finished.folder), tmp_path)
    other.knobs.write_bytes(finished.folder.knobs.read_bytes())
    for _ in run_experiment(plan_of_run(other), other):
        pass
    for name in ("metrics.jsonl", "samples.txt", "model/model.safetensors"):
        assert (finished.folder.path / name).read_bytes() == (other.path / name).read_bytes()


def test_its_events_are_those_of_training_and_a_look_is_told_when_its_file_is_there(finished):
    assert events_of(finished, "failed") == []
    assert [event["step"] for event in events_of(finished, "look")] == finished.looks.steps()
    assert {0, 1, 2, 4, 8, 16, 32} <= {*finished.looks.steps()}
    assert finished.looks.steps()[-1] == 40
    lines = finished.folder.metrics()
    assert [event["step"] for event in events_of(finished, "progress")] == [line["step"] for line in lines]
    assert [event["losses"] for event in events_of(finished, "progress")] == [line["losses"] for line in lines]


def test_an_evaluated_step_has_a_look_with_the_loss_of_evaluate(finished):
    views = Views(finished)
    for event in events_of(finished, "evaluated"):
        assert event["step"] in finished.looks.steps()
        assert views.panel(str(event["step"]), "landmarks", {})["dev"]["nats"] == pytest.approx(event["dev"], abs=2e-5)


def test_the_test_part_stays_hidden_until_it_is_asked_for(finished):
    views = Views(finished)
    assert "test" not in events_of(finished, "finished")[0]["losses"]
    assert views.panel("last", "landmarks", {})["test"] is None
    assert views.panel("last", "landmarks", {"test": "true"})["test"]["nats"] > 0


def test_the_last_column_of_a_word_is_the_surprisal_of_the_model(finished):
    model = morelike.load(finished.folder.path)
    best = events_of(finished, "finished")[0]["best_step"]
    shown = Views(finished).panel(str(best), "surprisal", {"word": "bane"})
    np.testing.assert_allclose(shown["nats"], model.surprisal("bane"), rtol=1e-4)


def test_each_plane_of_the_embedding_lies_on_the_one_of_the_look_before(finished):
    views, background = Views(finished), Background.of(plan_of_run(finished.folder))
    steps = finished.looks.steps()
    tables = [finished.looks.weights(step)["C"] for step in steps]
    step = steps[-2]
    look = Look.of(background, finished.looks.weights(step), step, earlier_embeddings=tables[: steps.index(step)])
    assert views.panel(str(step), "embedding", {}) == {"step": step, **show("embedding", look, {})}


def test_every_panel_shows_the_chosen_look(finished):
    views, background = Views(finished), Background.of(plan_of_run(finished.folder))
    for step in finished.looks.steps()[::3]:
        look = Look.of(background, finished.looks.weights(step), step)
        assert views.panel(str(step), "samples", {"seed": "4"}) == {"step": step, **show("samples", look, {"seed": 4})}
        assert views.panel(str(step), "next", {"prefix": "b"}) == {"step": step, **show("next", look, {"prefix": "b"})}


@pytest.mark.parametrize("step", ["41", "99999", "-1", "x"])
def test_a_look_that_does_not_exist_is_refused(finished, step):
    with pytest.raises(morelike.MorelikeError, match="look"):
        Views(finished).panel(step, "next", {})


SERVER = """
import sys
from pathlib import Path
from morelike.play.limits import PlayLimits
from morelike.play.runs import Runs
from morelike.runs.run_folder import RunFolder
run = Runs(Path(sys.argv[1]).parent, PlayLimits()).open(RunFolder(Path(sys.argv[1])))
run.start()
print(run._process.pid, flush=True)
sys.stdin.read()
"""


def is_running(pid):
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().split()[2] != "Z"
    except OSError:
        return False


def test_no_process_is_left_when_the_server_is_killed_and_the_run_is_saved(tmp_path):
    run = start_run(small_plan(**ENDLESS), tmp_path)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(run.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    worker = int(server.stdout.readline())
    wait_for(lambda: len(run.metrics()) > 10)
    server.send_signal(signal.SIGKILL)
    server.communicate()
    wait_for(lambda: not is_running(worker), seconds=20)
    assert run.meta()["status"] == "interrupted"
    assert run.checkpoints.newest().facts["step"] == run.metrics()[-1]["step"]


LOADED = """
import sys, json
from pathlib import Path
from morelike.play.app import make_play
from morelike.play.limits import PlayLimits
from morelike.play.lists import Lists
from morelike.play.runs import Runs
from morelike.play.views import Views
from morelike.runs.run_folder import RunFolder
from morelike.web.guard import Hosts
limits = PlayLimits()
runs = Runs(Path(sys.argv[1]).parent, limits)
make_play(runs, Lists(limits), Hosts.of("127.0.0.1", 1), limits)
views = Views(runs.open(RunFolder(Path(sys.argv[1]))))
for panel, query in json.loads(sys.argv[2]):
    views.panel("last", panel, query)
print(*sys.modules)
"""


def test_the_server_never_imports_jax(finished):
    panels = [["surprisal", {"word": "bane"}], ["samples", {}], ["landmarks", {}], ["next", {}]]
    command = [sys.executable, "-c", LOADED, str(finished.folder.path), json.dumps(panels)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(ran.stdout.split())
    assert "morelike.play.app" in loaded
    assert not {"jax", "optax", "plotly"} & loaded


def test_a_finished_run_is_opened_with_its_curve_and_its_looks(finished, tmp_path):
    opened = Runs(tmp_path, PlayLimits()).open(RunFolder(finished.folder.path))
    assert opened.status == "finished"
    assert [e["step"] for e in events_of(opened, "progress")] == [e["step"] for e in events_of(finished, "progress")]
    assert [e["step"] for e in events_of(opened, "look")] == finished.looks.steps()


def test_a_run_that_another_process_trains_is_followed_to_its_end(tmp_path):
    folder, runs = start_run(small_plan(steps=40, chunk=4, evaluate_every=8), tmp_path), Runs(tmp_path, PlayLimits())
    events = run_experiment(plan_of_run(folder), folder, watch_weights=LookWriter(Looks(folder)))
    for event in events:
        if getattr(event, "step", 0) == 2:
            break
    run = runs.open(folder)
    assert run.status == "followed"
    wait_for(lambda: run.step >= 1)
    for _ in events:
        pass
    wait_for(lambda: run.status == "finished", seconds=10)
    steps = [event["step"] for event in events_of(run, "progress")]
    assert steps == [line["step"] for line in folder.metrics()]
    assert sorted(event["step"] for event in events_of(run, "look")) == run.looks.steps()
    with pytest.raises(morelike.MorelikeError, match="this run has ended"):
        run.command({"command": "pause"})
