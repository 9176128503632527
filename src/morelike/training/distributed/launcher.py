"""Which process this is, how many there are, and where process 0 listens: from options or a launcher's variables.

| source | address of process 0 | number of processes | number of this process |
|---|---|---|---|
| `--hosts HOST0:PORT,HOST1`, `--process-id` | the first host | the hosts | the option, or a variable below |
| variables of morelike | `MORELIKE_COORDINATOR` | `MORELIKE_PROCESSES` | `MORELIKE_PROCESS_ID` |
| Slurm, in a step (`srun`) | found by JAX | `SLURM_STEP_NUM_TASKS` | `SLURM_PROCID` |
| Open MPI (`mpirun`) | this machine, or found by JAX | `OMPI_COMM_WORLD_SIZE` | `OMPI_COMM_WORLD_RANK` |
| Kubernetes, an Indexed Job | `MORELIKE_COORDINATOR` | `MORELIKE_PROCESSES` | `JOB_COMPLETION_INDEX` |

The variables of morelike take precedence over those of a launcher.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from morelike.errors import SettingError

AUTO, NONE = "auto", "none"
"""Values of `--hosts`: use the launcher's variables; train in this process alone."""
PORT = 7461
COORDINATOR, PROCESSES = "MORELIKE_COORDINATOR", "MORELIKE_PROCESSES"
PROCESS_IDS = ("MORELIKE_PROCESS_ID", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "JOB_COMPLETION_INDEX")
SIZES = (PROCESSES, "SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE")
FOUND_BY_JAX = ("SLURM_STEP_NODELIST", "OMPI_MCA_orte_hnp_uri")


@dataclass(frozen=True)
class ProcessSpec:
    """One process of several: its number, and the address HOST:PORT of process 0, None if JAX finds it."""

    coordinator: str | None
    processes: int
    process_id: int


def process_spec(hosts: str | None, process_id: int | None, environment: Mapping[str, str]) -> ProcessSpec | None:
    """Return the description of this process, None if it trains alone.

    Args:
        hosts: one host for each process, separated by commas, the first with its port; `"auto"` to read the
            environment; `"none"` or None for one process.
        process_id: the number of this process among the hosts.
        environment: the variables of the process.

    Raises:
        SettingError: the hosts or variables are malformed, or the number is missing or too large.

    >>> process_spec("node1:7000,node2,node3", 2, {})
    ProcessSpec(coordinator='node1:7000', processes=3, process_id=2)
    """
    number = _number(PROCESS_IDS, environment) if process_id is None else process_id
    if hosts is None or hosts in (AUTO, NONE):
        spec = _from_environment(number, environment) if hosts == AUTO else None
        if spec is None and process_id is not None:
            raise SettingError("--process-id says which of several processes this is: give --hosts too")
        return spec
    names = [name.strip() for name in hosts.split(",")]
    if not all(names):
        raise SettingError(f"--hosts {hosts}: expected names separated by commas, as in node1:{PORT},node2")
    if number is None:
        raise SettingError(f"--hosts {hosts}: which of them is this? Give --process-id, from 0 to {len(names) - 1}")
    return _checked(names[0], len(names), number)


def _from_environment(process_id: int | None, environment: Mapping[str, str]) -> ProcessSpec | None:
    processes = _number(SIZES[: 1 if environment.keys() >= {COORDINATOR, PROCESSES} else None], environment)
    if processes is None or (processes == 1 and not process_id):
        return None
    if process_id is None:
        raise SettingError(f"{processes} processes were started, but not which of them this is: set {PROCESS_IDS[0]}")
    coordinator = environment.get(COORDINATOR)
    if not coordinator and environment.get("OMPI_COMM_WORLD_LOCAL_SIZE") == str(processes):
        coordinator = f"127.0.0.1:{PORT}"
    if not coordinator and not environment.keys() & set(FOUND_BY_JAX):
        raise SettingError(f"{processes} processes were started, but none knows where process 0 is: set {COORDINATOR}")
    return _checked(coordinator, processes, process_id)


def _checked(coordinator: str | None, processes: int, process_id: int) -> ProcessSpec:
    if processes < 1 or not 0 <= process_id < processes:
        raise SettingError(f"process {process_id} of {processes}: numbers go from 0 to {max(processes, 1) - 1}")
    if not coordinator:
        return ProcessSpec(None, processes, process_id)
    found = re.fullmatch(r"(\[[^\]]+\]|[^:\s]+)(?::(\d{1,5}))?", coordinator)
    if not found or not 0 < int(found[2] or PORT) < 2**16:
        raise SettingError(f"'{coordinator}' is not an address: expected HOST:PORT, as in node1:{PORT}")
    return ProcessSpec(f"{found[1]}:{found[2] or PORT}", processes, process_id)


def _number(names: Sequence[str], environment: Mapping[str, str]) -> int | None:
    """Return the number in the first of these variables that is set, None if none is set."""
    name = next((name for name in names if environment.get(name)), None)
    if name and not re.fullmatch(r"\d{1,9}", environment[name]):
        raise SettingError(f"{name} = '{environment[name]}': expected a number")
    return int(environment[name]) if name else None
