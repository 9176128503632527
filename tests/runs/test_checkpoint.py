"""The state of training on disk: whole or not there, and whatever is damaged is found out and told."""

import numpy as np
import pytest

from morelike.errors import RunError
from morelike.runs.checkpoint import Checkpoint, Checkpoints


def checkpoint(step):
    rng = np.random.default_rng(step)
    arrays = {"weights/W": rng.standard_normal((3, 4)).astype(np.float32), "count": np.array(step, dtype=np.int32)}
    return Checkpoint(arrays, {"step": step, "best_loss": 1.5 + step / 7, "best_step": step - 1})


def same(first, second):
    return (
        first.facts == second.facts
        and first.arrays.keys() == second.arrays.keys()
        and all(first.arrays[name].tobytes() == second.arrays[name].tobytes() for name in first.arrays)
    )


@pytest.fixture
def saved(tmp_path):
    """Three checkpoints saved, of which the last two are kept."""
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    for step in (110, 120, 130):
        checkpoints.save(checkpoint(step))
    return checkpoints


def file_of(checkpoints, step, suffix):
    return checkpoints.folder / f"step-{step:09d}.{suffix}"


def test_there_is_none_at_first(tmp_path):
    assert Checkpoints(tmp_path / "none").newest() is None


def test_the_newest_comes_back_as_it_was_saved(saved):
    assert same(saved.newest(), checkpoint(130))
    assert saved.damaged == []


def test_the_last_two_are_kept(saved):
    names = sorted(path.name for path in saved.folder.iterdir())
    assert names == [f"step-000000{step}.{suffix}" for step in (120, 130) for suffix in ("json", "safetensors")]


def test_arrays_without_their_manifest_are_passed_over_and_told(saved):
    file_of(saved, 130, "json").unlink()
    assert same(saved.newest(), checkpoint(120))
    assert saved.damaged == [f"'{file_of(saved, 130, 'json')}' is missing: the checkpoint is not complete"]


def test_a_checkpoint_with_one_file_is_replaced_or_removed_like_any_other(saved):
    file_of(saved, 130, "json").unlink()
    saved.save(checkpoint(125))  # an interrupted run saves between its evaluations
    assert same(saved.newest(), checkpoint(125))
    for step in (140, 150):
        saved.save(checkpoint(step))
    assert {path.stem for path in saved.folder.iterdir()} == {"step-000000140", "step-000000150"}


def test_an_older_checkpoint_with_one_file_says_nothing(saved):
    file_of(saved, 120, "json").unlink()
    assert same(saved.newest(), checkpoint(130))
    assert saved.damaged == []


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.98])
def test_a_truncated_checkpoint_is_passed_over_and_told(saved, suffix, kept):
    path = file_of(saved, 130, suffix)
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    assert same(saved.newest(), checkpoint(120))
    assert str(path) in saved.damaged[0]


def test_missing_arrays_are_passed_over_and_told(saved):
    file_of(saved, 130, "safetensors").unlink()
    assert same(saved.newest(), checkpoint(120))
    assert "step-000000130.safetensors" in saved.damaged[0]


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_swapped_files_of_two_checkpoints_are_found_out(saved, suffix):
    one, other = file_of(saved, 120, suffix), file_of(saved, 130, suffix)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert saved.newest() is None
    assert len(saved.damaged) == 2


def test_both_files_of_another_checkpoint_under_this_name_are_found_out(saved):
    for suffix in ("json", "safetensors"):
        file_of(saved, 130, suffix).write_bytes(file_of(saved, 120, suffix).read_bytes())
    assert same(saved.newest(), checkpoint(120))
    assert "another step" in saved.damaged[0]


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_no_flipped_bit_goes_unnoticed(saved, suffix):
    path = file_of(saved, 130, suffix)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in range(8) if suffix == "json" else (place % 8,):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            path.write_bytes(bytes(damaged))
            found = saved.newest()
            told = bool(saved.damaged) and path.stem in saved.damaged[0]
            harmless = same(found, checkpoint(130))  # the last digit of a number may be written in two ways
            assert harmless or (told and same(found, checkpoint(120))), (
                place,
                bit,
                bytes(damaged[place - 20 : place + 5]),
            )


def test_when_all_are_damaged_each_is_told(saved):
    for step in (120, 130):
        file_of(saved, step, "safetensors").write_bytes(b"")
    assert saved.newest() is None
    assert len(saved.damaged) == 2


@pytest.fixture
def full_disk(monkeypatch):
    def fsync(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)


def test_a_full_disk_is_an_error_and_the_older_checkpoints_stay(saved, request):
    before = {path.name: path.read_bytes() for path in saved.folder.iterdir()}
    request.getfixturevalue("full_disk")
    with pytest.raises(RunError, match="No space left on device"):
        saved.save(checkpoint(140))
    assert {path.name: path.read_bytes() for path in saved.folder.iterdir()} == before
    assert same(saved.newest(), checkpoint(130))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match=r"cannot be written to .*file/checkpoints"):
        Checkpoints(tmp_path / "file" / "checkpoints").save(checkpoint(1))
