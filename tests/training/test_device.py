"""Where the steps of a run are computed: the choice, the event that names it, and the record in the run."""

import jax
import pytest

import morelike
from morelike.errors import TrainingError
from morelike.runs.events import Started
from morelike.runs.run_folder import RunFolder
from morelike.training.distributed.sharding import local_mesh
from morelike.training.jax.session import use_device

WORDS = ["anna", "hanna", "anne", "hannah"]
TINY = {"hidden": 5, "steps": 2}


class Card:
    """A GPU as JAX describes it."""

    platform, device_kind = "gpu", "NVIDIA H200"


@pytest.fixture
def updates(monkeypatch):
    """Return what JAX is told, on a machine with a GPU."""
    told = {}
    monkeypatch.setattr(jax, "local_devices", lambda backend=None: [Card()] if backend != "cpu" else jax.devices("cpu"))
    monkeypatch.setattr(jax.config, "update", told.__setitem__)
    return told


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_a_run_names_its_device_at_its_start_and_keeps_it(device, tmp_path):
    events = []
    model = morelike.train(WORDS, "mlp", out=tmp_path, device=device, on_event=events.append, **TINY)
    assert [event.device for event in events if isinstance(event, Started)] == ["cpu"]
    [run] = tmp_path.iterdir()
    assert RunFolder(run).meta()["device"] == "cpu"
    assert model.architecture.kind == "mlp"


def test_counts_name_no_device(tmp_path):
    morelike.train(WORDS, "ngram", out=tmp_path)
    [run] = tmp_path.iterdir()
    assert "device" not in RunFolder(run).meta()


def test_an_absent_gpu_is_refused_in_one_sentence_before_anything_is_written(tmp_path):
    with pytest.raises(TrainingError, match=r"device = gpu: JAX finds no GPU, only cpu; leave out the device, or"):
        morelike.train(WORDS, "mlp", out=tmp_path, device="gpu", **TINY)
    assert not list(tmp_path.iterdir())
    with pytest.raises(TrainingError, match="JAX finds no GPU"):
        morelike.train(WORDS, "mlp", device="gpu", **TINY)


def test_a_gpu_is_named_with_its_model_and_takes_the_whole_batch(updates):
    assert use_device("gpu") == use_device("auto") == "gpu (NVIDIA H200)"
    assert local_mesh(2, "gpu") is None
    assert local_mesh(2) is None


def test_a_run_on_the_processor_leaves_a_gpu_alone(updates):
    assert use_device("cpu") == "cpu"
    assert updates["jax_default_device"] == jax.devices("cpu")[0]
    use_device("auto")
    assert updates["jax_default_device"] is None
