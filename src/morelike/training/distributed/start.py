"""Connect the processes of one training run by `jax.distributed`, and compare their settings."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np

from morelike.errors import SettingError, TrainingError, excerpt
from morelike.runs.plan import Plan
from morelike.training.distributed.launcher import ProcessSpec
from morelike.training.distributed.processes import Processes
from morelike.training.preparation import prepare

SECONDS = 300.0
"""How long processes wait for each other by default: queues and pulls of images take minutes."""
HEARTBEAT = 20
"""Seconds without a heartbeat after which JAX ends the other processes. A killed process is noticed at once."""
JAX_SETTINGS = {
    "jax_enable_preemption_service": False,  # it would take SIGTERM
    "jax_cpu_collectives_implementation": "gloo",
    "jax_num_cpu_devices": 1,
}


def start(spec: ProcessSpec | None, plan: Plan, seconds: float = SECONDS) -> Processes:
    """Return the processes that train a plan, once all are connected; without a description, this process alone.

    Raises:
        SettingError: a kind that is counted, a port in use, or processes with different lists or settings.
        TrainingError: some processes did not connect in time.
    """
    if spec is None:
        return Processes()
    plan.architecture.as_trained("one process counts, leave out --hosts")
    settings = _settings(plan)
    _connect(spec, seconds)
    with _silent_stdout():
        import jax

        from morelike.training.distributed.sharding import AXIS

        mesh = jax.sharding.Mesh(np.array(jax.devices()), (AXIS,))
        processes = Processes(spec.processes, spec.process_id, mesh)
        each = processes.all_gather(settings)
        with processes.collective():
            for i, other in enumerate(each):
                _require_same(each[0], other, i)
    return processes


def _settings(plan: Plan) -> dict[str, Any]:
    """Return everything that decides a run. All lengths are written out, so that resumed runs are compared too."""
    plan = prepare(plan).plan
    lines = f"{len(plan.corpus.words):,} lines" if plan.corpus.form == "lines" else "one text"
    fingerprints = [each[:16] for each in (plan.corpus.fingerprint, plan.corpus.counts_fingerprint) if each]
    return {
        "list": f"{lines} (sha256 {', '.join(fingerprints)})",
        "split": plan.split,
        "model": plan.architecture.kind,
        **plan.architecture.model_dump(),
        **plan.training.model_dump(exclude={"threads"}),  # each process has one thread
        **{f"the version of {package}": version(package) for package in ("morelike", "jax", "numpy")},
    }


def _require_same(first: object, other: object, process: int) -> None:
    """Refuse a process whose settings differ; another process chose their names and values, so excerpts are shown.

    Raises:
        SettingError: the first setting that differs.
    """
    if not isinstance(first, dict) or not isinstance(other, dict):
        raise SettingError(f"process {process} or process 0 sent no settings: start all with `morelike train`")
    for name in first | other:
        if first.get(name) != other.get(name):
            theirs, ours = (_shown(settings.get(name)) for settings in (other, first))
            raise SettingError(
                f"process {process} was started with {_shown(name)} = {theirs}, process 0 with {ours}: start all with "
                "the same list and settings"
            )


def _shown(value: object) -> str:
    """Return a value as text: one line of bounded length, without control characters."""
    shown = excerpt(value)
    return shown[1:-1] if isinstance(value, str) else shown


def _connect(spec: ProcessSpec, seconds: float) -> None:
    """Initialise `jax.distributed` in a thread: when its own time is up, JAX aborts the process."""
    address = spec.coordinator
    host, _, port = (address or "").rpartition(":")
    local = host in ("localhost", "[::1]") or host.startswith("127.")
    if host:
        os.environ.setdefault("no_grpc_proxy", host)
    if host and spec.process_id == 0:
        try:
            socket.create_server(("", int(port))).close()  # gRPC would share the port with another process 0
        except OSError as error:
            raise SettingError(
                f"process 0 cannot listen at {address}: {error.strerror}; is another process 0 running? Stop it, or "
                "take another port"
            ) from None
    failures: list[Exception] = []

    def initialize() -> None:
        import jax

        logging.getLogger("jax._src.distributed").setLevel(logging.ERROR)  # it warns of any proxy variable
        for name, value in JAX_SETTINGS.items():
            jax.config.update(name, value)  # type: ignore[no-untyped-call]
        try:
            jax.distributed.initialize(
                address,
                spec.processes,
                spec.process_id,
                cluster_detection_method="deactivate" if address else None,
                coordinator_bind_address=address if local else None,
                initialization_timeout=int(seconds) + 60,
                heartbeat_timeout_seconds=HEARTBEAT,
            )
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=initialize, daemon=True)
    thread.start()
    deadline = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < deadline:
        thread.join(0.2)  # a signal may reach a thread of JAX: it does not end a long wait of this one
    if failures:
        raise TrainingError(f"JAX cannot connect the processes: {str(failures[0]).splitlines()[0]}")
    if thread.is_alive():
        raise TrainingError(
            f"the {spec.processes} processes did not all connect within {seconds:.0f} s: start each with the same "
            f"--hosts and its own --process-id; can each reach {address or 'process 0'}?"
        )


@contextmanager
def _silent_stdout() -> Iterator[None]:
    """Redirect standard output to nowhere: Gloo writes there when it connects."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
