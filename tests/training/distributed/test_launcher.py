"""Which process this is: from options, from a launcher's variables, or an error that says what to set."""

import pytest

from morelike.errors import SettingError
from morelike.training.distributed.launcher import AUTO, NONE, ProcessSpec, process_spec

OURS = {"MORELIKE_COORDINATOR": "node1:7000", "MORELIKE_PROCESSES": "3"}
SLURM = {"SLURM_STEP_NODELIST": "n[07-09]", "SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "1", "SLURM_JOB_ID": "12345"}
MPI = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"}


@pytest.mark.parametrize(
    ("hosts", "process", "environment", "spec"),
    [
        ("a:7000,b,c", 2, {}, ProcessSpec("a:7000", 3, 2)),
        ("a,b", 0, {}, ProcessSpec("a:7461", 2, 0)),
        ("[::1]:7000,b", 1, {}, ProcessSpec("[::1]:7000", 2, 1)),
        ("a,b", None, {"MORELIKE_PROCESS_ID": "1"}, ProcessSpec("a:7461", 2, 1)),
        ("a,b", None, SLURM, ProcessSpec("a:7461", 2, 1)),
        (AUTO, None, {}, None),
        (NONE, None, SLURM, None),
        (None, None, SLURM, None),
        (AUTO, None, OURS | {"MORELIKE_PROCESS_ID": "2"}, ProcessSpec("node1:7000", 3, 2)),
        (AUTO, 0, OURS, ProcessSpec("node1:7000", 3, 0)),
        (AUTO, None, SLURM, ProcessSpec(None, 3, 1)),
        (AUTO, None, SLURM | {"MORELIKE_COORDINATOR": "x:1"}, ProcessSpec("x:1", 3, 1)),
        (AUTO, None, SLURM | {"SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"}, None),
        (
            AUTO,
            None,
            MPI | {"OMPI_MCA_orte_hnp_uri": "1;tcp://10.0.0.1:5", "OMPI_COMM_WORLD_LOCAL_SIZE": "1"},
            ProcessSpec(None, 2, 1),
        ),
        (AUTO, None, MPI | {"OMPI_COMM_WORLD_LOCAL_SIZE": "2"}, ProcessSpec("127.0.0.1:7461", 2, 1)),
        (AUTO, None, OURS | {"JOB_COMPLETION_INDEX": "1"}, ProcessSpec("node1:7000", 3, 1)),
        (AUTO, None, {"JOB_COMPLETION_INDEX": "1"}, None),
        (AUTO, None, {"SLURM_NTASKS": "4", "SLURM_PROCID": "0", "SLURM_JOB_ID": "1"}, None),  # in a job, not in a step
    ],
)
def test_options_take_precedence_over_the_environment(hosts, process, environment, spec):
    assert process_spec(hosts, process, environment) == spec


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
def test_a_malformed_option_or_variable_is_an_error_that_names_the_way_out(hosts, process, environment, said):
    with pytest.raises(SettingError, match=said):
        process_spec(hosts, process, environment)
