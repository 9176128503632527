"""Finding runs and models by a path, a name or `"latest"`."""

from __future__ import annotations

import warnings
from pathlib import Path

from morelike.errors import ModelError, RunError, UnfinishedRunWarning, did_you_mean
from morelike.language_model.model import LanguageModel
from morelike.runs.run_folder import RunFolder
from morelike.storage.atomic_files import MANIFEST


def runs_in(out: Path) -> list[RunFolder]:
    """Return the runs in a folder, newest first."""
    if not out.is_dir():
        return []
    return [RunFolder(path.parent) for path in sorted(out.glob("*/meta.json"), reverse=True)]


def find_run(name: str | Path, out: Path = Path("runs")) -> RunFolder:
    """Return the run of this path or name, or the newest for `"latest"`.

    Raises:
        RunError: there is none.
    """
    runs = runs_in(out)
    if str(name) == "latest":
        if not runs:
            raise RunError(f"there is no run in '{out}' yet: make one with `morelike train`")
        return runs[0]
    for path in (Path(name), out / name):
        if (path / "meta.json").is_file():
            return RunFolder(path)
    names = [run.path.name for run in runs]
    raise RunError(f"no run '{name}': it is no run folder and not in '{out}'{did_you_mean(str(name), names)}")


def model_folder(name: str | Path = "latest", out: Path = Path("runs")) -> Path:
    """Return a model folder: of the newest run with a model for `"latest"`, of a run (by path or name), or itself.

    A model on the Hugging Face Hub, such as `hub:owner/name@REVISION`, is downloaded into the user's cache.

    For a run that has not finished and has a checkpoint, it is the folder that its model will have; see `open_model`.

    Raises:
        ModelError: there is none, or the run has neither a model nor a checkpoint yet.
    """
    if str(name) == "latest":
        return _newest_with_model(out).model
    if str(name).startswith("hub:"):
        from morelike.language_model.files.hub import fetch_model  # most models are on this machine

        return fetch_model(str(name))
    for path in (Path(name), out / name):
        if (path / MANIFEST).is_file():
            return path
        if (path / "meta.json").is_file():
            if _has_model(RunFolder(path)):
                return path / "model"
            raise ModelError(f"the run '{path}' has no model yet: end it with `morelike train --resume {path}`")
        if path.name == "model" and RunFolder(path.parent).has_best_model:
            return path
    if Path(name).is_dir():
        raise ModelError(f"'{name}' is not a model: it has no {MANIFEST}")
    names = [run.path.name for run in runs_in(out)]
    raise ModelError(
        f"no model '{name}': give a run, a model folder, latest or hub:OWNER/NAME{did_you_mean(str(name), names)}"
    )


def open_model(model: LanguageModel | str | Path = "latest", out: str | Path = "runs") -> LanguageModel:
    """Return a model: the given one, or the one that a name means (see `model_folder`).

    A run that has not finished gives its best model so far, with a warning that says so.

    Raises:
        ModelError: there is none, or it is damaged.

    Warns:
        UnfinishedRunWarning: the run has not finished.
    """
    if isinstance(model, LanguageModel):
        return model
    folder = model_folder(model, Path(out))
    if (folder / MANIFEST).is_file():
        return LanguageModel.load(folder)
    from morelike.runs.unfinished import best_model  # a finished run does not need it

    best, sentence = best_model(RunFolder(folder.parent))
    warnings.warn(sentence, UnfinishedRunWarning, stacklevel=2)
    return best


def _has_model(run: RunFolder) -> bool:
    return (run.model / MANIFEST).is_file() or run.has_best_model


def _newest_with_model(out: Path) -> RunFolder:
    """Return the newest run with a model; one that is still being trained only if there is no other.

    Raises:
        ModelError: there is none.
    """
    training = None
    for run in filter(_has_model, runs_in(out)):
        if (run.model / MANIFEST).is_file() or run.holder() is None:
            return run
        training = training or run
    if training is None:
        raise ModelError(f"there is no trained model in '{out}' yet: make one with `morelike train`")
    return training


def run_of(model: LanguageModel | str | Path, out: str | Path = "runs") -> RunFolder | None:
    """Return the run of a model that a name means: a run, its model folder, or for `"latest"` the newest with a model.

    None for a model that is given as such, or whose folder belongs to no run.

    Raises:
        ModelError: there is nothing of this name.
    """
    if isinstance(model, LanguageModel):
        return None
    if str(model) != "latest":
        try:
            return find_run(model, Path(out))
        except RunError:
            pass
    folder = model_folder(model, Path(out))
    return RunFolder(folder.parent) if (folder.parent / "meta.json").is_file() else None
