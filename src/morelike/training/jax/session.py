"""JAX in this process: refused after a fork, with a folder of compiled programs, and on the device asked for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Literal

import jax
import platformdirs

from morelike.errors import TrainingError

_first_use: dict[str, int] = {}
"""The id of the process that first used JAX. A forked process inherits it."""


def prepare_jax() -> None:
    """Prepare JAX for its first program in this process.

    Raises:
        TrainingError: this process was forked from one that has used JAX. JAX's threads do not survive a fork, so its
            first program would wait for them without end.
    """
    if _first_use.setdefault("process", os.getpid()) != os.getpid():
        raise TrainingError(
            "this process was forked after its parent process had trained: JAX would wait for threads that a fork does "
            "not copy; start processes by multiprocessing.get_context('spawn'), or train in the parent process alone"
        )
    _use_compilation_cache()


def use_device(choice: Literal["auto", "cpu", "gpu"]) -> str:
    """Compute on this device from now on; return its name, such as "cpu" or "gpu (NVIDIA H200)".

    Raises:
        TrainingError: JAX finds no such device.
    """
    try:
        device = jax.local_devices(backend=None if choice == "auto" else choice)[0]
    except RuntimeError:
        raise TrainingError(
            f"device = {choice}: JAX finds no GPU, only {jax.default_backend()}; leave out the device, or install JAX "
            "for your GPU as its own guide says"
        ) from None
    config: Any = jax.config
    config.update("jax_default_device", None if choice == "auto" else device)
    return device.platform if device.platform == "cpu" else f"{device.platform} ({device.device_kind})"


def _use_compilation_cache() -> None:
    """Keep compiled programs in the user's cache folder, so that a second run starts quickly.

    If the folder cannot be written, each process compiles its programs itself.
    """
    config: Any = jax.config
    if config.jax_compilation_cache_dir is not None:
        return
    folder = Path(platformdirs.user_cache_dir("morelike")) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return
    config.update("jax_compilation_cache_dir", str(folder))
    config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
