"""Tuning: settings are chosen for one list by trials on dev, with Optuna (Akiba et al. 2019).

`space` says which values are tried, `storage` keeps the trials where several processes share them, `study` is one
search with its trials, `trials` trains them, and `outcome` trains the best settings once more as a run.
"""

from morelike.workflows.tuning.events import (
    StudyOpened,
    TrialEnded,
    TrialProgress,
    TrialStarted,
    TuningEvent,
    TuningFinished,
)
from morelike.workflows.tuning.outcome import tune
from morelike.workflows.tuning.space import Space, parse_space, search_space
from morelike.workflows.tuning.study import Tuning, study_folder

__all__ = [
    "Space",
    "StudyOpened",
    "TrialEnded",
    "TrialProgress",
    "TrialStarted",
    "Tuning",
    "TuningEvent",
    "TuningFinished",
    "parse_space",
    "search_space",
    "study_folder",
    "tune",
]
