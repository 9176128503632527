"""Which process this is: from options, from a launcher's variables, and refused where they make no sense."""

import pytest

from morelike.errors import SettingError
from morelike.training.places import AUTO, NONE, Place, place_of

OURS = {"MORELIKE_COORDINATOR": "node1:7000", "MORELIKE_PROCESSES": "3"}
SLURM = {"SLURM_STEP_NODELIST": "n[07-09]", "SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "1", "SLURM_JOB_ID": "12345"}
MPI = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"}


@pytest.mark.parametrize(
    ("hosts", "process", "environment", "place"),
    [
        ("a:7000,b,c", 2, {}, Place("a", 7000, 3, 2)),
        ("a,b", 0, {}, Place("a", 7461, 2, 0)),
        ("[::1]:7000,b", 1, {}, Place("::1", 7000, 2, 1)),
        ("a,b", None, {"MORELIKE_PROCESS_ID": "1"}, Place("a", 7461, 2, 1)),
        ("a,b", None, SLURM, Place("a", 7461, 2, 1)),
        (AUTO, None, {}, None),
        (NONE, None, SLURM, None),
        (None, None, SLURM, None),
        (AUTO, None, OURS | {"MORELIKE_PROCESS_ID": "2"}, Place("node1", 7000, 3, 2)),
        (AUTO, 0, OURS, Place("node1", 7000, 3, 0)),
        (AUTO, None, SLURM, Place("n07", 22345, 3, 1)),
        (AUTO, None, SLURM | {"MORELIKE_COORDINATOR": "x:1"}, Place("x", 1, 3, 1)),
        (AUTO, None, SLURM | {"SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"}, None),
        (AUTO, None, MPI | {"OMPI_COMM_WORLD_LOCAL_SIZE": "2"}, Place("127.0.0.1", 7461, 2, 1)),
        (AUTO, None, OURS | {"JOB_COMPLETION_INDEX": "1"}, Place("node1", 7000, 3, 1)),
        (AUTO, None, {"JOB_COMPLETION_INDEX": "1"}, None),
        (AUTO, None, {"SLURM_NTASKS": "4", "SLURM_PROCID": "0", "SLURM_JOB_ID": "1"}, None),  # in a job, not in a step
    ],
)
def test_a_place_comes_from_options_first_and_then_from_the_environment(hosts, process, environment, place):
    assert place_of(hosts, process, environment) == place


@pytest.mark.parametrize(
    ("hosts", "process", "environment", "said"),
    [
        ("a,b", None, {}, "which of them is this"),
        ("a,b", 2, {}, "process 2 of 2"),
        ("a,b", -1, {}, "process -1 of 2"),
        ("a,,b", 0, {}, "separated by commas"),
        ("a:port,b", 0, {}, "HOST:PORT"),
        ("a:70000,b", 0, {}, "HOST:PORT"),
        (NONE, 1, {}, "give --hosts"),
        (AUTO, 1, {}, "give --hosts"),
        (AUTO, None, MPI | {"OMPI_COMM_WORLD_LOCAL_SIZE": "1"}, "set MORELIKE_COORDINATOR"),
        (AUTO, None, OURS, "set MORELIKE_PROCESS_ID"),
        (AUTO, None, OURS | {"MORELIKE_PROCESSES": "two"}, "expected a number"),
    ],
)
def test_what_makes_no_sense_is_told_with_the_way_out(hosts, process, environment, said):
    with pytest.raises(SettingError, match=said):
        place_of(hosts, process, environment)
