"""MLflow: the server of MLFLOW_TRACKING_URI, or a SQLite file beside the runs."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from morelike.trackers.tracker import Tracked, Tracker

MOST_CHARACTERS = 500
"""Of a parameter's value, by MLflow's own limit."""


class MLflow(Tracker):
    """A run of an MLflow experiment that has the name of the project."""

    def __init__(self, run: Tracked) -> None:
        from mlflow import MlflowClient
        from mlflow.entities import Param

        database = run.folder.resolve().parent / "mlflow.db"
        address = os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
        self._client = MlflowClient(tracking_uri=address)
        experiment = self._client.get_experiment_by_name(run.project)
        made = experiment.experiment_id if experiment else self._client.create_experiment(run.project)
        named = self._client.search_runs([made], f"attributes.run_name = '{run.name.replace(chr(39), '')}'")
        if named:
            self._id = named[0].info.run_id
            self._client.update_run(self._id, status="RUNNING")
        else:
            self._id = self._client.create_run(made, run_name=run.name.replace("'", "")).info.run_id
            settings = [Param(name, str(value)[:MOST_CHARACTERS]) for name, value in run.settings.items()]
            self._client.log_batch(self._id, params=settings)

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._client.log_batch(self._id, metrics=[Metric(name, value, now, step) for name, value in figures.items()])

    def log_words(self, step: int, words: Sequence[str]) -> None:
        self._client.set_tag(self._id, "words", "\n".join(words))

    def close(self, summary: Mapping[str, float]) -> None:
        if summary:
            self.log(0, summary)
        self._client.set_terminated(self._id, "FINISHED" if summary else "KILLED")
