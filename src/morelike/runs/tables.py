"""The runs of a folder as tables: one row a run, or one row for each block of steps; written as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from morelike.errors import MorelikeError, RunError, SettingError
from morelike.runs.metrics import read_blocks
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import read_config

Row: TypeAlias = Mapping[str, str | int | float | bool | None]


def run_rows(runs: Iterable[RunFolder]) -> Iterator[Row]:
    """Yield a row for each run: its facts, its losses (nats per character) with their intervals, its settings.

    Raises:
        RunError: the facts of a run are damaged.
    """
    for run in runs:
        meta = run.meta()
        try:
            facts = _facts(meta)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RunError(
                f"'{run.path / 'meta.json'}' is damaged: it does not hold the facts of a run; name the other runs, or "
                f"move '{run.path}' elsewhere"
            ) from None
        yield {"run": run.path.name, **facts, **_settings(run)}


def _facts(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what meta.json holds, as a part of a row.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: values of other types.
    """
    row: dict[str, Any] = {
        **{name: meta.get(name) for name in ("status", "kind", "list", "started", "ended")},
        "lines": meta.get("data", {}).get("lines"),
        **{name: meta.get(name) for name in ("parameters", "steps", "seconds", "training_seconds", "seed", "device")},
        **{f"version.{package}": version for package, version in meta.get("versions", {}).items()},
    }
    for split, loss in meta.get("losses", {}).items():
        row[f"{split}.nats"] = loss["nats"]
        row[f"{split}.low"], row[f"{split}.high"] = loss.get("interval") or (None, None)
    return row


def _settings(run: RunFolder) -> dict[str, Any]:
    try:
        tables = read_config(run.path / "config.toml")
    except SettingError:  # a run that was cut off, or one of a later version: its facts are worth a row
        return {}
    return {
        f"{table}.{name}": value if isinstance(value, str | int | float | bool) else str(value)
        for table, settings in tables.items()
        for name, value in settings.items()
    }


def curve_rows(runs: Iterable[RunFolder]) -> Iterator[Row]:
    """Yield a row for each block of steps of each run: its last step, mean loss and rate, and the loss on dev there."""
    for run in runs:
        metrics = run.metrics()
        blocks = read_blocks(metrics)
        dev = {line["step"]: line["dev"] for line in metrics if "dev" in line}
        rates = [None] * len(blocks.lengths) if blocks.rates is None else blocks.rates.tolist()
        steps = np.cumsum(blocks.lengths).tolist()
        for step, loss, rate in zip(steps, blocks.losses.tolist(), rates, strict=True):
            yield {"run": run.path.name, "step": step, "train": loss, "dev": dev.get(step), "learning_rate": rate}


def columns_of(rows: Sequence[Row]) -> list[str]:
    """Return the columns of all rows, in the order of their first use."""
    return list(dict.fromkeys(name for row in rows for name in row))


def as_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV with a header; a value that a row lacks is empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns_of(rows), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(rows: Sequence[Row]) -> bytes:
    """Return rows as Parquet; a column whose values differ in type is text.

    Raises:
        MorelikeError: pyarrow is missing.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise MorelikeError("Parquet needs pyarrow: pip install 'morelike[parquet]', or export --to csv") from None
    columns = {name: _alike([row.get(name) for row in rows]) for name in columns_of(rows)}
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


def _alike(values: list[Any]) -> list[Any]:
    """Return values of one type: whole numbers beside fractions become fractions, any other mixture becomes text."""
    types = {type(value) for value in values if value is not None}
    if types <= {int, float} and len(types) == 2:
        return [None if value is None else float(value) for value in values]
    return values if len(types) < 2 else [None if value is None else str(value) for value in values]


FORMATS: Mapping[str, Callable[[Sequence[Row]], bytes]] = {"csv": as_csv, "parquet": as_parquet}
"""The formats of a table."""
