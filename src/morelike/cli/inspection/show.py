"""`morelike show`: what a model or a run is, what it learned from and how good it is."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from morelike import api
from morelike.cli.shared.output import Json, ModelName, RunsFolder, losses_table, print_json, print_rows
from morelike.errors import RunError
from morelike.evaluation.loss import Evaluation
from morelike.runs.lookup import find_run, model_folder
from morelike.runs.run_folder import RunFolder

__all__ = ["EXAMPLES", "show"]

EXAMPLES = """\
Examples:

  morelike show
  morelike show runs/MY-RUN --json
"""


def show(model: ModelName = "latest", /, *, as_json: Json = False, out: RunsFolder = "runs") -> int:
    """Look inside a model or a run: settings, weights, losses.

    A run that has no model yet is shown by its status and its last metrics.
    """
    run = _run_without_model(model, Path(out))
    if run is not None:
        return _show_run(run, as_json=as_json)
    folder = model_folder(model, Path(out))
    loaded = api.load(folder)
    facts = {
        "model": str(folder),
        "kind": loaded.architecture.kind,
        "form": loaded.form,
        "settings": loaded.architecture.model_dump(),
        "parameters": loaded.parameters,
        "symbols": loaded.vocabulary.size,
        "characters": "".join(loaded.vocabulary.characters),
        **loaded.facts,
        "weights": {name: list(array.shape) for name, array in sorted(loaded.weights.items())},
    }
    if as_json:
        print_json(facts)
        return 0
    plain = {name: value for name, value in facts.items() if name not in ("weights", "losses", "settings")}
    settings = {f"  {name}": value for name, value in loaded.architecture.model_dump().items()}
    print_rows(["what", "value"], [[name, str(value)] for name, value in {**plain, **settings}.items()])
    print_rows(
        ["weights", "shape"], [[name, " x ".join(map(str, shape)) or "1"] for name, shape in facts["weights"].items()]
    )
    losses = {
        part: Evaluation(figures["nats"], tuple(figures["interval"]), figures["lines"], figures["characters"])
        for part, figures in loaded.facts.get("losses", {}).items()
    }
    if losses:
        Console(highlight=False, markup=False, emoji=False).print(losses_table({loaded.architecture.kind: losses}))
    return 0


def _run_without_model(name: str, out: Path) -> RunFolder | None:
    try:
        run = find_run(name, out)
    except RunError:
        return None
    return run if name != "latest" and not run.model.exists() else None


def _show_run(run: RunFolder, *, as_json: bool) -> int:
    meta, metrics = run.meta(), run.metrics()
    if as_json:
        print_json({"run": str(run.path), **meta, "metrics": metrics[-1:]})
        return 0
    last = metrics[-1] if metrics else {}
    rows = {"run": run.path, "status": meta["status"], "list": meta["list"], "started": meta["started"], **last}
    print_rows(["what", "value"], [[name, str(value)] for name, value in rows.items()])
    return 0
