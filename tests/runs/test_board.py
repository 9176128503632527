"""A board ranks the runs of a folder by what they state: by dev, then test, each list and split for itself."""

import json

import pytest

from morelike.errors import RunError
from morelike.runs.board import boards_of


def make(folder, dev=2.0, test=2.1, sha="a" * 64, split="shuffle-42", model=None, **meta):
    """Write the files of a run, as far as a board reads them."""
    folder.mkdir(parents=True)
    stated = {name: nats for name, nats in (("dev", dev), ("test", test)) if nats is not None}
    facts = {
        "status": "finished",
        "kind": "mlp",
        "list": "names",
        "data": {"sha256": sha, "lines": 600},
        "steps": 10,
        "seconds": 1.5,
        "losses": {name: {"nats": nats, "interval": [nats - 0.1, nats + 0.1]} for name, nats in stated.items()},
    }
    (folder / "meta.json").write_text(json.dumps({**facts, **meta}))
    (folder / "config.toml").write_text(f'[data]\nsplit = "{split}"\n')
    if model is not None:
        (folder / "model").mkdir()
        (folder / "model" / "MANIFEST.json").write_bytes(model)
    return folder


def make_without(folder, *names, **settings):
    return make(folder, **dict.fromkeys(names), **settings)


def names(board):
    return [run.name for run in board.runs]


def test_runs_are_sorted_by_dev_then_by_test_then_by_name(tmp_path):
    make(tmp_path / "anna", dev=2.0, test=1.5)
    make(tmp_path / "bob", dev=1.9, test=2.5)
    make(tmp_path / "eva", dev=2.0, test=1.4)
    make(tmp_path / "dan", dev=2.0, test=1.4)
    (board,) = boards_of(tmp_path).boards
    assert names(board) == ["bob", "dan", "eva", "anna"]


def test_lists_and_splits_that_differ_get_a_board_each_the_largest_first(tmp_path):
    make(tmp_path / "anna", sha="b" * 64)
    make(tmp_path / "bob")
    make(tmp_path / "eva")
    make(tmp_path / "dan", split="hash")
    boards = boards_of(tmp_path).boards
    assert sorted(map(names, boards)) == [["anna"], ["bob", "eva"], ["dan"]]
    assert names(boards[0]) == ["bob", "eva"]
    assert boards[0].title == "names, 600 lines, split shuffle-42"


def test_a_run_is_found_in_the_folders_of_a_student_and_named_by_the_first_one(tmp_path):
    make(tmp_path / "anna" / "runs" / "20260101-names-mlp")
    make(tmp_path / "bob" / "20260101-names-mlp")
    make(tmp_path / "eva" / "runs" / "one", dev=1.0)
    make(tmp_path / "eva" / "runs" / "two", dev=3.0)
    (board,) = boards_of(tmp_path).boards
    assert names(board) == ["eva/one", "anna", "bob", "eva/two"]


BROKEN = {
    "no JSON": "{oops",
    "another value": "[1, 2]",
    "losses that are no numbers": '{"status": "finished", "losses": {"dev": {"nats": "2"}, "test": 3}}',
    "losses that are not finite": '{"status": "finished", "losses": {"dev": {"nats": NaN}}}',
    "lists that are none": '{"status": "finished", "data": [], "losses": []}',
    "a large file": " " * (5 << 20) + "{}",
}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_broken_run_is_listed_with_the_reason_and_spoils_no_other(damage, tmp_path):
    make(tmp_path / "anna")
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "meta.json").write_text(BROKEN[damage])
    found = boards_of(tmp_path)
    assert names(found.boards[0]) == ["anna"]
    (broken,) = found.broken
    assert broken.name == "bob"
    assert broken.remark.startswith(("broken: ", "no losses"))


def test_a_run_with_a_hidden_test_is_ranked_by_dev_alone(tmp_path):
    make(tmp_path / "anna", dev=2.0)
    make_without(tmp_path / "bob", "test", dev=1.9)
    (board,) = boards_of(tmp_path).boards
    assert [(run.name, run.remark, sorted(run.losses)) for run in board.runs] == [
        ("bob", "test is hidden: dev only", ["dev"]),
        ("anna", "", ["dev", "test"]),
    ]


def test_an_unfinished_run_says_its_status_and_its_error(tmp_path):
    make_without(tmp_path / "anna", "dev", "test", status="failed", error="the loss is nan")
    (run,) = boards_of(tmp_path).broken
    assert run.remark == "not finished: failed (the loss is nan)"


def test_a_model_that_was_handed_in_twice_is_marked(tmp_path):
    make(tmp_path / "anna", model=b"one")
    make(tmp_path / "bob", model=b"one", dev=1.5)
    make(tmp_path / "eva", model=b"two")
    (board,) = boards_of(tmp_path).boards
    assert {run.name: run.remark for run in board.runs} == {"anna": "", "bob": "the same model as anna", "eva": ""}


def test_reading_writes_nothing_and_follows_no_link(tmp_path):
    run = make(tmp_path / "class" / "anna")
    (run / "lock.pid").write_text("1")
    other = make(tmp_path / "other" / "bob")
    (tmp_path / "class" / "bob").symlink_to(other)
    before = sorted(path.name for path in run.rglob("*"))
    (board,) = boards_of(tmp_path / "class").boards
    assert names(board) == ["anna"]
    assert sorted(path.name for path in run.rglob("*")) == before


def test_names_show_control_characters_as_text(tmp_path):
    make(tmp_path / "a\x1b[31m")
    assert names(boards_of(tmp_path).boards[0]) == ["a‹U+001B›[31m"]


def test_a_folder_without_runs_is_one_sentence(tmp_path):
    with pytest.raises(RunError, match="there is no run in"):
        boards_of(tmp_path)
    with pytest.raises(RunError, match="is not a folder"):
        boards_of(tmp_path / "nowhere")
