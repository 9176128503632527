"""`morelike show`: the settings, the data and the losses of a model or a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from morelike import api
from morelike.cli.shared.output import losses_table, print_json, print_note, print_rows, stdout_console
from morelike.cli.shared.parameters import RUNS, Json, ModelName, RunsFolder
from morelike.cli.shared.training_output import hidden_note
from morelike.errors import RunError
from morelike.evaluation.loss import evaluation_of
from morelike.language_model.files.facts import HIDDEN
from morelike.runs.lookup import find_run, model_folder
from morelike.runs.run_folder import RunFolder


def show(model: ModelName = "latest", /, *, as_json: Json = False, out: RunsFolder = RUNS) -> None:
    """Show the settings, the weights and the losses of a model or a run.

    A run without a model shows its status and its last metrics.

    Examples:
      morelike show
      morelike show runs/MY-RUN --json
    """
    if run := _run_without_model(model, out):
        _show_run(run, as_json=as_json)
        return
    folder = model_folder(model, out)
    loaded = api.load(folder)
    weights = {name: list(array.shape) for name, array in sorted(loaded.weights.items())}
    facts = {
        "model": str(folder),
        "kind": loaded.architecture.kind,
        "form": loaded.form,
        "settings": loaded.architecture.model_dump(),
        "parameters": loaded.parameters,
        "symbols": loaded.vocabulary.size,
        "characters": "".join(loaded.vocabulary.characters),
        **loaded.facts,
        "weights": weights,
    }
    if as_json:
        print_json(facts)
        return
    shown = {name: value for name, value in facts.items() if name not in ("weights", "losses", "settings")}
    _print_facts(shown | {f"  {name}": value for name, value in loaded.architecture.settings_in_use().items()})
    print_rows(["weights", "shape"], [[name, " x ".join(map(str, shape)) or "1"] for name, shape in weights.items()])
    losses = {
        part: replace(evaluation_of(figures), unseen=None, labels={})
        for part, figures in loaded.facts.get("losses", {}).items()
    }
    if losses:
        stdout_console().print(losses_table({loaded.architecture.kind: losses}))
    if loaded.facts.get(HIDDEN):
        print_note(hidden_note(folder.parent))
    if loaded.facts.get("refit"):
        print_note("These losses were measured before the model was trained anew on all lines.")


def _run_without_model(name: str, out: Path) -> RunFolder | None:
    try:
        run = find_run(name, out)
    except RunError:
        return None
    return run if name != "latest" and not run.model.exists() else None


def _show_run(run: RunFolder, *, as_json: bool) -> None:
    meta, metrics = run.meta(), run.metrics()
    if as_json:
        print_json({"run": str(run.path), **meta, "metrics": metrics[-1:]})
    else:
        facts = {"run": run.path, "status": meta["status"], "list": meta["list"], "started": meta["started"]}
        last = metrics[-1] if metrics else {}
        _print_facts(facts | {name: value for name, value in last.items() if not isinstance(value, list)})


def _print_facts(facts: Mapping[str, Any]) -> None:
    print_rows(["what", "value"], [[name, str(value)] for name, value in facts.items()])
