"""Which process of how many this is, and where process 0 listens: from options, or as a launcher's variables say.

| from | process 0 listens at | how many | which one |
|---|---|---|---|
| `--hosts HOST0:PORT,HOST1`, `--process-id` | the first host | the hosts | the option, or a variable below |
| variables of our own | `MORELIKE_COORDINATOR` | `MORELIKE_PROCESSES` | `MORELIKE_PROCESS_ID` |
| Slurm, in a step (`srun`) | first node of `SLURM_STEP_NODELIST` | `SLURM_STEP_NUM_TASKS` | `SLURM_PROCID` |
| Open MPI (`mpirun`) | this machine, if it holds all | `OMPI_COMM_WORLD_SIZE` | `OMPI_COMM_WORLD_RANK` |
| Kubernetes, an Indexed Job | `MORELIKE_COORDINATOR` | `MORELIKE_PROCESSES` | `JOB_COMPLETION_INDEX` |

Variables of our own come before those of a launcher.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from morelike.errors import SettingError

__all__ = ["AUTO", "NONE", "Place", "place_of"]

AUTO = "auto"
"""What `--hosts` says to take the launcher's word."""
NONE = "none"
"""What `--hosts` says to train alone, whatever a launcher says."""

PORT = 7461
FIRST_PORT, PORTS = 20_000, 10_000
"""Ports of Slurm jobs, each its own: below those that systems hand out by themselves (32,768 and up)."""

COORDINATOR, PROCESSES = "MORELIKE_COORDINATOR", "MORELIKE_PROCESSES"
NUMBERS = ("MORELIKE_PROCESS_ID", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "JOB_COMPLETION_INDEX")
SIZES = (PROCESSES, "SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE")


@dataclass(frozen=True)
class Place:
    """Process number `process` of `processes`, whose number 0 listens at `host` and `port`."""

    host: str
    port: int
    processes: int
    process: int

    @property
    def address(self) -> str:
        """Where process 0 listens, as one writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place_of(hosts: str | None, process_id: int | None, environment: Mapping[str, str]) -> Place | None:
    """Return the place of this process, None if it trains alone.

    Args:
        hosts: all hosts, one for each process, separated by commas, the first with its port; `"auto"` for what the
            environment says; `"none"` or None for one process.
        process_id: which of the hosts this is.
        environment: the variables of the process.

    Raises:
        SettingError: hosts or variables that make no sense, or a number that is missing or too large.

    >>> place_of("node1:7000,node2,node3", 2, {})
    Place(host='node1', port=7000, processes=3, process=2)
    """
    if hosts in (None, NONE):
        if process_id is not None:
            raise SettingError("--process-id says which of --hosts this is: give --hosts too")
        return None
    assert hosts is not None
    if hosts == AUTO:
        return _from_environment(process_id, environment)
    names = [name.strip() for name in hosts.split(",")]
    if not all(names):
        raise SettingError(f"--hosts {hosts}: expected names separated by commas, as in node1:{PORT},node2")
    number = process_id if process_id is not None else _number(NUMBERS, environment)
    if number is None:
        raise SettingError(f"--hosts {hosts}: which of them is this? Give --process-id, from 0 to {len(names) - 1}")
    return _checked(names[0], len(names), number)


def _from_environment(process_id: int | None, environment: Mapping[str, str]) -> Place | None:
    sizes = [PROCESSES] if COORDINATOR in environment and PROCESSES in environment else SIZES
    processes = _number(sizes, environment)
    number = process_id if process_id is not None else _number(NUMBERS, environment)
    if processes is None or (processes == 1 and not number):
        if process_id is not None:
            raise SettingError("--process-id says which of several this is, but not of which: give --hosts too")
        return None
    coordinator = environment.get(COORDINATOR) or _launchers_host(processes, environment)
    if coordinator is None:
        raise SettingError(f"{processes} processes were started, but none knows where process 0 is: set {COORDINATOR}")
    if number is None:
        raise SettingError(f"{processes} processes were started, but not which of them this is: set {NUMBERS[0]}")
    return _checked(coordinator, processes, number)


def _launchers_host(processes: int, environment: Mapping[str, str]) -> str | None:
    """Return where a launcher put process 0, with the port, None if it does not say."""
    if nodes := environment.get("SLURM_STEP_NODELIST"):
        job = _number(["SLURM_JOB_ID"], environment) or 0
        return f"{first_node(nodes)}:{FIRST_PORT + job % PORTS}"
    if environment.get("OMPI_COMM_WORLD_LOCAL_SIZE") == str(processes):
        return f"127.0.0.1:{PORT}"
    return None


def first_node(nodes: str) -> str:
    """Return the first host of a list as Slurm writes it.

    >>> [first_node(nodes) for nodes in ("n7", "n7,n9", "rack[003-010,12]-eth,x", "a[1,5]")]
    ['n7', 'n7', 'rack003-eth', 'a1']
    """
    found = re.match(r"([^,\[]*)(?:\[([^,\]-]+)[^\]]*\])?([^,\[]*)", nodes)
    return "".join(part or "" for part in found.groups()) if found else nodes


def _checked(first: str, processes: int, number: int) -> Place:
    found = re.fullmatch(r"(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?", first)
    port = int(found[3] or PORT) if found else 0
    if not found or not 0 < port < 2**16:
        raise SettingError(f"'{first}' is no place to listen at: expected HOST:PORT, as in node1:{PORT}")
    if processes < 1 or not 0 <= number < processes:
        raise SettingError(f"process {number} of {processes}: numbers go from 0 to {max(processes, 1) - 1}")
    return Place(found[1] or found[2], port, processes, number)


def _number(names: list[str] | tuple[str, ...], environment: Mapping[str, str]) -> int | None:
    """Return the number in the first of these variables that is set, None if none is.

    Raises:
        SettingError: it is no number.
    """
    name = next((name for name in names if environment.get(name)), None)
    if name is None:
        return None
    if not re.fullmatch(r"\d{1,9}", environment[name]):
        raise SettingError(f"{name} = '{environment[name]}': expected a number")
    return int(environment[name])
