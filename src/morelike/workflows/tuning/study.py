"""One search for settings: what is tuned, and its trials in a storage that several processes share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from morelike.errors import MorelikeError, RunError, SettingError, excerpt
from morelike.runs.plan import Plan, make_plan
from morelike.storage.atomic_files import write_file
from morelike.text.corpus import Corpus
from morelike.workflows.tuning.space import Space, nearest_to_defaults, setting_of, suggest
from morelike.workflows.tuning.storage import Database, open_storage, quiet_optuna, unreachable

if TYPE_CHECKING:
    import optuna
    from optuna import Trial
    from optuna.trial import FrozenTrial

STUDIES = "studies"
"""The folder of all studies, in the folder of the runs."""
SUMMARY = "study.json"
CONFIG = "best.toml"
STARTUP_TRIALS = 8
"""Complete or pruned trials from which on the sampler draws by what it has seen; before, it draws evenly."""
TRIALS_BEFORE_PRUNING = 4
EVALUATIONS_BEFORE_PRUNING = 2
"""No trial is pruned before so many tenths of its steps: a schedule with a warm-up begins slowly."""
FEWEST_FOR_IMPORTANCE = 8
BEST_TRIALS = 0.2
"""The share of the trials that count as the best: a setting is important if its values differ there from the others."""
PLAN, SETTINGS, SECONDS, FINAL = "plan", "settings", "seconds", "final"
"""Optuna's user attributes: what is tuned; a trial's settings and seconds; the run of the best settings."""


@dataclass(frozen=True)
class Tuning:
    """What is tuned: a list, a kind of model, the space, and the settings that are the same in all trials.

    `seed` decides which settings are tried. `name` is the study's name in its storage, by default that of the list and
    the kind. `storage` is an address as in `open_storage`.
    """

    corpus: Corpus
    kind: str
    split: str
    space: Space
    fixed: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    out: Path = Path("runs")
    name: str = ""
    storage: str | None = None
    hide_test: bool = False

    @property
    def study_name(self) -> str:
        """The name of the study."""
        return self.name or f"{self.corpus.name}-{self.kind}"

    @property
    def folder(self) -> Path:
        """The folder of the study."""
        return study_folder(self.study_name, self.out)

    @property
    def seed(self) -> int:
        """The seed of the training, which also decides which settings are tried."""
        return int(self.fixed.get("seed", 0))

    def plan(self, settings: Mapping[str, Any]) -> Plan:
        """Return the plan of a run with these settings."""
        return make_plan(self.corpus, self.kind, source=self.source, split=self.split, settings=settings)

    def as_dict(self) -> dict[str, Any]:
        """Return what must be the same whenever the study goes on."""
        return {
            "list": {name: fact for name, fact in self.corpus.facts.items() if name.endswith("sha256")},
            "kind": self.kind,
            "split": self.split,
            **{name: repr(value) for name, value in self.fixed.items()},
            **{f"the space of {name}": repr(values) for name, values in self.space.items()},
        }


def study_folder(name: str, out: Path) -> Path:
    """Return the folder of a study.

    Raises:
        SettingError: the name is no name of a folder.
    """
    if not name.strip() or name in (".", "..") or any(letter in name for letter in "/\\\0"):
        raise SettingError(f"the study {excerpt(name)}: a study's name is the name of a folder, without a slash")
    return out / STUDIES / name


class Study:
    """The trials of one search.

    Raises:
        MorelikeError: Optuna is missing.
        SettingError: the study has begun with another list, kind, space or setting.
        RunError: the storage cannot be written, or does not answer.
    """

    def __init__(self, tuning: Tuning) -> None:
        if find_spec("optuna") is None:
            raise MorelikeError("tuning needs the package optuna: pip install 'morelike[tune]'")
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)  # it would print; the events say the same
        self.tuning = tuning
        self._storage = open_storage(tuning.storage, tuning.folder)
        try:
            with self.reachable(), self._storage.exclusive():
                self._study = self._open()
                self._begin_or_continue()
        except BaseException:
            self.close()
            raise

    def _open(self) -> optuna.Study:
        import optuna

        return optuna.create_study(
            study_name=self.tuning.study_name,
            storage=self._storage.optuna,
            pruner=optuna.pruners.MedianPruner(TRIALS_BEFORE_PRUNING, EVALUATIONS_BEFORE_PRUNING),
            load_if_exists=True,
        )

    def _begin_or_continue(self) -> None:
        """Write what is tuned, and queue the kind's own settings as the first trial; or check that it is the same."""
        wanted = json.loads(json.dumps(self.tuning.as_dict()))
        begun = self._study.user_attrs.get(PLAN)
        if begun is None:
            self._study.enqueue_trial(
                nearest_to_defaults(self.tuning.space, self.tuning.kind, self.tuning.fixed), skip_if_exists=True
            )
            self._study.set_user_attr(PLAN, wanted)
            return
        other = [name for name in {**begun, **wanted} if begun.get(name) != wanted.get(name)]
        if other:
            raise SettingError(
                f"the study '{self.tuning.study_name}' has begun with another value of {', '.join(other)}: give the "
                "same command as before, or begin another study with --study NAME"
            )

    @contextmanager
    def reachable(self) -> Iterator[None]:
        """Turn errors of the storage into one sentence.

        Raises:
            RunError: the storage does not answer or cannot be written.
        """
        from optuna.exceptions import StorageInternalError
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (SQLAlchemyError, StorageInternalError) as error:
            name = self._storage.name if isinstance(self._storage, Database) else str(self.tuning.storage)
            raise unreachable(name, error) from None
        except OSError as error:
            raise RunError(
                f"the study '{self.tuning.study_name}' cannot be written: {error.strerror}; trials that ended are kept"
            ) from None

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Yield whether no other process makes the run of the best settings; none does within the context."""
        with self._storage.try_exclusive() as held:
            yield held

    def take(self) -> tuple[Trial, dict[str, Any]]:
        """Return a new trial and its settings; a trial whose process has ended comes first, from its beginning."""
        from optuna.samplers import TPESampler

        with self._storage.exclusive():
            self._storage.put_back_dead(self._study)
            number = len(self._study.get_trials(deepcopy=False))
            seed = (self.tuning.seed + 1) * 1_000_003 + number  # each trial has its own, whichever process takes it
            self._study.sampler = TPESampler(seed=seed % 2**32, n_startup_trials=STARTUP_TRIALS)
            with quiet_optuna():
                trial = self._study.ask()
            self._storage.begin(trial)
        settings = suggest(self.tuning.space, self.tuning.kind, self.tuning.fixed, trial)
        trial.set_user_attr(SETTINGS, settings)
        return trial, settings

    def equal_trial(self, settings: Mapping[str, Any]) -> FrozenTrial | None:
        """Return a complete trial with these settings: the same settings have the same loss."""
        return next((trial for trial in self.complete if trial.user_attrs.get(SETTINGS) == settings), None)

    def finish(self, trial: Trial, loss: float | None, seconds: float) -> None:
        """End a trial: it is complete with its loss, or without a loss pruned or failed."""
        from optuna.trial import TrialState

        trial.set_user_attr(SECONDS, seconds)
        self._study.tell(trial, loss, state=TrialState.PRUNED if loss is None else None)
        self._storage.end()

    def put_back(self, trial: Trial) -> None:
        """End a trial that was interrupted, and queue its settings, so that they are tried again."""
        from optuna.trial import TrialState

        with self._storage.exclusive():
            self._study.enqueue_trial(trial.params)
            self._study.tell(trial, state=TrialState.FAIL)
        self._storage.end()

    def close(self) -> None:
        """Close the storage; other processes take the trial of this one, if it has not ended."""
        self._storage.close()

    @property
    def complete(self) -> list[FrozenTrial]:
        """The trials that are complete."""
        from optuna.trial import TrialState

        return self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))

    @property
    def best(self) -> FrozenTrial | None:
        """The complete trial with the lowest loss; of equal ones the first."""
        return min(self.complete, key=lambda trial: (trial.value, trial.number), default=None)

    def others(self) -> int:
        """Return the number of trials that other processes are at work on, while this one has none."""
        from optuna.trial import TrialState

        with self._storage.exclusive():
            self._storage.put_back_dead(self._study)
        return len(self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))

    def counts(self) -> dict[str, int]:
        """Return the number of trials by their state, as "complete" and "pruned"."""
        found = Counter(trial.state.name.lower() for trial in self._study.get_trials(deepcopy=False))
        return {name: found[name] for name in ("complete", "pruned", "running", "waiting") if found[name]}

    def importance(self) -> dict[str, float]:
        """Return each setting's share of the differences between trials, by PED-ANOVA (Watanabe et al. 2023).

        Empty with fewer than `FEWEST_FOR_IMPORTANCE` complete trials, or if all have the same loss.
        """
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        losses = [trial.value for trial in self.complete]
        if len(losses) < FEWEST_FOR_IMPORTANCE or len(set(losses)) == 1:
            return {}
        with quiet_optuna():
            shares = get_param_importances(
                self._study, evaluator=PedAnovaImportanceEvaluator(target_quantile=BEST_TRIALS)
            )
        return {setting_of(name): round(share, 6) for name, share in shares.items()}

    @property
    def final(self) -> dict[str, Any] | None:
        """The run of the best settings: its trial, path, and how often test was used; None if there is none yet."""
        return self._study.user_attrs.get(FINAL)

    def record_final(self, number: int, run: Path | None, looks: int) -> None:
        """Record the run of the best settings."""
        self._study.set_user_attr(FINAL, {"trial": number, "run": str(run) if run else None, "looks at test": looks})

    def write_summary(self) -> Path | None:
        """Write the study's figures, and the best settings as TOML, into its folder; return the path of the TOML."""
        best, folder = self.best, self.tuning.folder
        facts = {
            "name": self.tuning.study_name,
            "list": self.tuning.corpus.name,
            "kind": self.tuning.kind,
            "trials": self.counts(),
            "best": None if best is None else {"trial": best.number, "dev": best.value, **best.user_attrs},
            "importance": self.importance(),
            "final": self.final,
        }
        folder.mkdir(parents=True, exist_ok=True)
        write_file(folder / SUMMARY, json.dumps(facts, indent=2, ensure_ascii=False).encode() + b"\n")
        if best is None:
            return None
        config = self.tuning.plan(best.user_attrs[SETTINGS]).as_config()
        write_file(folder / CONFIG, tomli_w.dumps(config).encode())
        return folder / CONFIG
