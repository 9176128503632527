"""A model of the hub is loaded by `hub:owner/name`: its own files alone, of the stated size and content."""

import json
import os
import subprocess
import sys

import pytest

import morelike
from morelike.errors import ModelError
from morelike.language_model.files import hub as files_hub
from morelike.language_model.files.hub import FILES, HubModel, fetch_model
from morelike.storage.atomic_files import MANIFEST

from ...cli.conftest import run_in_process
from ...exports.hub_server import FIRST, SECOND, hub  # noqa: F401  (a fixture)
from ..small_models import small_model


@pytest.fixture
def kept(hub, tmp_path):  # noqa: F811
    """Return the hub with a model, two revisions of it and a foreign file."""
    for seed, commit in enumerate((FIRST, SECOND)):
        folder = small_model("gru", seed=seed).save(tmp_path / f"model{seed}")
        (folder / "pytorch_model.bin").write_bytes(b"a pickle")
        (folder / "run.py").write_text("raise SystemExit")
        hub.put(folder, commit)
    hub.revisions["v2"] = SECOND
    return hub


def refused(name="hub:anna/names"):
    with pytest.raises(ModelError) as caught:
        fetch_model(name)
    said = str(caught.value)
    assert "\n" not in said
    assert not [path for path in HubModel.of("hub:anna/names").cache.glob("*") if not HubModel.of(name).kept_commits()]
    return said


def test_a_model_is_loaded_with_its_own_files_alone(kept):
    model = morelike.load("hub:anna/names")
    assert model.sample(5) == small_model("gru").sample(5)
    assert kept.downloads == [MANIFEST, *FILES]
    folder = fetch_model("hub:anna/names")
    assert sorted(path.name for path in folder.iterdir()) == sorted([MANIFEST, *FILES])


def test_a_revision_is_a_branch_a_tag_or_a_commit(kept):
    second = small_model("gru", seed=1).sample(5)
    assert morelike.load("hub:anna/names@v2").sample(5) == second
    assert morelike.load(f"hub:anna/names@{SECOND}").sample(5) == second
    assert morelike.load(f"hub:anna/names@{FIRST}").sample(5) != second


def test_what_is_on_this_machine_is_not_downloaded_again(kept):
    fetch_model("hub:anna/names")
    kept.asked.clear()
    fetch_model("hub:anna/names@main")
    assert not kept.downloads
    assert kept.asked == [("GET", "/api/models/anna/names/revision/main")]
    kept.revisions["main"] = SECOND
    assert fetch_model("hub:anna/names").name == SECOND


def test_a_pinned_commit_that_is_kept_needs_no_network(kept):
    pinned = fetch_model(f"hub:anna/names@{FIRST}")
    kept.asked.clear()
    kept.status = 500
    assert fetch_model(f"hub:anna/names@{FIRST}") == pinned
    assert not kept.asked


def test_without_a_network_the_error_names_what_is_kept(kept, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert refused() == (
        "'hub:anna/names' cannot be read: the hub cannot be reached ([Errno 111] Connection refused); connect to the "
        "internet and try again, or give the path of a model folder"
    )
    monkeypatch.setattr(constants, "ENDPOINT", kept.endpoint)
    fetch_model("hub:anna/names")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert refused().endswith(f"or give what this machine has kept: hub:anna/names@{FIRST}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refused().startswith(
        "'hub:anna/names' cannot be downloaded, since HF_HUB_OFFLINE is set: unset HF_HUB_OFFLINE and try again"
    )


def test_a_repository_or_revision_that_does_not_exist_is_one_sentence(kept):
    assert refused("hub:anna/nothing") == (
        "no model 'hub:anna/nothing': the hub has none, or it is private: check the name, or log in with "
        "`hf auth login`"
    )
    assert refused("hub:anna/names@v9") == ("'hub:anna/names' has no revision 'v9': name a branch, a tag or a commit")
    kept.status, kept.code = 403, "GatedRepo"
    assert refused().startswith("'hub:anna/names' is for users whom its owner admits: ")
    kept.status, kept.code = 418, None
    assert "the hub answers 418; connect to the internet" in refused()


@pytest.mark.parametrize(
    "name", ["hub:", "hub:names", "hub:a/b/c", "hub:../names", "hub:a/..", "hub:a/b@", "hub:a b/c"]
)
def test_a_name_of_another_form_is_refused_without_a_request(hub, name):  # noqa: F811
    with pytest.raises(ModelError, match="is no name of a model on the hub: give hub:OWNER/NAME"):
        fetch_model(name)
    assert not hub.asked


def test_a_name_that_the_hub_does_not_allow_is_one_sentence(kept):
    with pytest.raises(ModelError, match=r"^'hub:a/b--c' is no name of a model on the hub: "):
        fetch_model("hub:a/b--c")


def test_a_model_of_another_package_is_refused_before_anything_is_downloaded(hub, tmp_path):  # noqa: F811
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "model.safetensors").write_bytes(b"0" * 100)
    hub.put(tmp_path / "foreign")
    hub.facts["library_name"] = "transformers"
    assert refused() == (
        "'hub:anna/names' is not a morelike model: it has no MANIFEST.json; it is a model of 'transformers'"
    )
    assert not hub.downloads


def test_an_answer_of_no_hub_is_one_sentence(kept):
    kept.body = b"<html>welcome</html>"
    assert "this is no answer of a hub" in refused()
    kept.body = json.dumps({"id": "anna/names", "sha": "../../up", "siblings": []}).encode()
    assert refused() == "'hub:anna/names': the hub names the commit '../../up', which is none"


def test_sizes_are_checked_before_a_file_is_downloaded(kept):
    kept.stated["model.safetensors"] = 10**15
    assert "model.safetensors has 1,000,000,000,000,000 bytes, at most " in refused()
    assert not kept.downloads
    kept.stated["model.safetensors"] = 10
    assert "is damaged: model.safetensors has 10 bytes, " in refused()
    assert kept.downloads == [MANIFEST]


def test_a_download_ends_when_the_hub_sends_more_than_it_stated(kept):
    kept.sent["model.safetensors"] = bytes(30_000_000)
    assert refused().endswith("bytes, and the hub sends more")


def test_a_file_with_other_content_is_refused_and_not_kept(kept):
    weights = bytearray(kept.files[FIRST]["model.safetensors"])
    weights[-1] ^= 1
    kept.sent["model.safetensors"] = bytes(weights)
    assert refused() == (
        "'hub:anna/names: model.safetensors' is damaged: it is not what was saved (its SHA-256 differs)"
    )
    kept.sent["model.safetensors"] = bytes(weights[:-8])
    assert "model.safetensors" in refused()
    kept.sent.clear()
    assert fetch_model("hub:anna/names").name == FIRST


def test_a_manifest_that_is_none_is_refused(kept):
    kept.files[FIRST][MANIFEST] = b"{}"
    assert refused() == "'hub:anna/names' has model format None; this morelike reads format 1: update it"
    kept.files[FIRST][MANIFEST] = json.dumps({"format": 1, "files": {}}).encode()
    assert refused() == "'hub:anna/names' is damaged: its MANIFEST.json does not list config.json"


def test_a_cache_that_cannot_be_written_is_one_sentence(kept, monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(ModelError, match=r"^'hub:anna/names' cannot be kept in '.*/hub/anna--names': Not a directory$"):
        fetch_model("hub:anna/names")


def test_without_huggingface_hub_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(files_hub, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"needs huggingface_hub: install it with `pip install 'morelike\[hub\]'`"):
        fetch_model("hub:anna/names")


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["score", "hub:anna/names@v2", "anna"], "anna\t"),
        pytest.param(["sample", "hub:anna/names", "-n", "3"], "\n", marks=pytest.mark.slow),
        pytest.param(["show", "hub:anna/names"], "gru", marks=pytest.mark.slow),
    ],
)
def test_commands_take_a_model_of_the_hub(kept, monkeypatch, capsys, tmp_path, command, shown):
    monkeypatch.chdir(tmp_path)
    ran = run_in_process(monkeypatch, capsys, *command)
    assert ran.status == 0, ran.err
    assert shown in ran.out


@pytest.mark.slow
def test_the_hub_of_the_environment_is_asked(kept, tmp_path):
    environment = {**os.environ, "HF_ENDPOINT": kept.endpoint, "no_proxy": "*"}
    ran = subprocess.run(
        [sys.executable, "-m", "morelike", "score", "hub:anna/names@v2", "anna"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    nats = small_model("gru", seed=1).losses(["anna"])[0][0]
    assert f"{nats:.4f}" in ran.stdout, ran.stderr
