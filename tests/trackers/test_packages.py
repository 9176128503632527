"""Each tracker's own package keeps the curves of a real run, which are read back from its files."""

import json
import sqlite3
from importlib.util import find_spec

import pytest

import morelike
from morelike.runs.events import Evaluated, Progress
from morelike.trackers.listener import TRACKERS, track

from ..training.runs import start, train_arguments

pytestmark = pytest.mark.slow
WORDS = ["anna", "hanna", "anne", "hen", "nah", "ahne"] * 5
BLOCK = 32_768


def tensorboard(folder):
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    (path,) = folder.glob("run-1/tensorboard/*")
    data, at = path.read_bytes(), 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 8], "little")
        event = Event.FromString(data[at + 12 : at + 12 + length])
        at += length + 16
        for value in event.summary.value:
            if value.WhichOneof("value") == "simple_value":
                found.setdefault(value.tag, {})[event.step] = value.simple_value
    return found


def wandb(folder):
    """Read the log of an offline run: records in blocks, each part with its length and kind."""
    from wandb.proto.wandb_internal_pb2 import Record

    (path,) = folder.glob("run-1/wandb/offline-run-*/*.wandb")
    data, at, whole, found = path.read_bytes(), 7, b"", {}
    while at + 7 < len(data):
        if BLOCK - at % BLOCK < 7:
            at += BLOCK - at % BLOCK
        length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        whole += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # a whole record, or its last part
            items = {
                "/".join(item.nested_key) or item.key: json.loads(item.value_json)
                for item in Record.FromString(whole).history.item
            }
            for name in items.keys() - {"_step"}:
                found.setdefault(name, {})[items["_step"]] = items[name]
            whole = b""
    return found


def trackio(folder):
    found = {}
    with sqlite3.connect(folder / "trackio" / "morelike.db") as database:
        for step, metrics in database.execute("select step, metrics from metrics where run_name = 'run-1'"):
            for name, value in json.loads(metrics).items():
                found.setdefault(name, {})[step] = value
    return found


def mlflow(folder):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name("morelike").experiment_id])
    assert run.data.params["hidden"] == "4"
    assert run.info.status == "FINISHED"
    return {
        name: {each.step: each.value for each in client.get_metric_history(run.info.run_id, name)}
        for name in run.data.metrics
    }


READ = {read.__name__: read for read in (tensorboard, trackio, wandb, mlflow)}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder in which each tracker keeps its files."""
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    for name in ("WANDB_MODE", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def needs(name):
    if find_spec(TRACKERS[name][2]) is None:
        pytest.skip(f"{TRACKERS[name][2]} is not installed: pip install 'morelike[{name}]'")


@pytest.mark.filterwarnings("default")  # those of other packages
@pytest.mark.parametrize("name", TRACKERS)
def test_a_run_is_read_back_from_the_tracker(name, here):
    needs(name)
    events = []
    listener = track(name, "run-1", here / "run-1", settings={"hidden": 4}, note=pytest.fail)
    morelike.train(WORDS, "mlp", hidden=4, steps=20, on_event=lambda event: (events.append(event), listener(event)))
    found = READ[name](here)
    losses = {event.step: event.losses[-1] for event in events if isinstance(event, Progress)}
    assert found["loss/train"] == pytest.approx(losses, rel=1e-5)
    rates = {event.step: event.rates[-1] for event in events if isinstance(event, Progress)}
    assert found["learning_rate"] == pytest.approx(rates, rel=1e-5, abs=1e-9)
    dev = {event.step: event.loss for event in events if isinstance(event, Evaluated)}
    assert found["loss/dev"] == pytest.approx(dev, rel=1e-5)
    (final,) = found["final/test"].values()
    assert final == pytest.approx(events[-1].result.losses["test"].nats_per_character, rel=1e-5)


@pytest.mark.parametrize("name", TRACKERS)
def test_the_command_hands_its_run_over(name, here):
    needs(name)
    process = start([*train_arguments("mlp", here), "--track", name])
    _, said = process.communicate(timeout=200)
    assert process.returncode == 0, said
    assert "shows no more" not in said
    (run,) = [path.parent for path in here.glob("runs/*/meta.json")]
    kept = {
        "tensorboard": run / "tensorboard",
        "wandb": run / "wandb",
        "trackio": here / "trackio" / "morelike.db",
        "mlflow": here / "runs" / "mlflow.db",
    }
    assert kept[name].exists()
    assert morelike.load(run).sample(1)
