"""Give it a list of words; it learns how they are spelled, makes more like them, and scores any string.

>>> import morelike
>>> words = morelike.read_lines("names")
>>> splits = morelike.split(words, "shuffle-42")
>>> model = morelike.train(words, kind="ngram")
>>> len(model.sample(20, seed=1))
20
>>> emma, xqzt = model.log_probability(["emma", "xqzt"])  # nats
>>> bool(emma > xqzt)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from morelike.api import audit, classify, compare, diagnose, dry_run, leader_board, load, mix, range_test, train
    from morelike.errors import MorelikeError
    from morelike.estimator import Estimator
    from morelike.evaluation.calibration import Calibration
    from morelike.evaluation.guesses import GuessNumber
    from morelike.evaluation.intervals import Comparison
    from morelike.evaluation.likeness import likeness
    from morelike.evaluation.loss import Evaluation
    from morelike.exports.format import export
    from morelike.language_model.classifier import Classifier
    from morelike.language_model.forward import ForwardPass, NamedArrays
    from morelike.language_model.fresh import build
    from morelike.language_model.guess_numbers import guess_number
    from morelike.language_model.model import LanguageModel
    from morelike.play.record.notebook import watch
    from morelike.text.examples.dataset import Dataset, build_dataset
    from morelike.text.formats.options import ReadingOptions
    from morelike.text.reading import read_lines, read_text
    from morelike.text.splits import Split, split
    from morelike.text.store.build import build_store
    from morelike.text.store.format import Store
    from morelike.trackers.listener import track
    from morelike.workflows.blending import blend
    from morelike.workflows.calibration import calibrate
    from morelike.workflows.hidden_test import OpenedTest, evaluate_test
    from morelike.workflows.stimuli.pseudowords import pseudowords
    from morelike.workflows.stimuli.words import match, measure, similar

__all__ = [
    "Calibration",
    "Classifier",
    "Comparison",
    "Dataset",
    "Estimator",
    "Evaluation",
    "ForwardPass",
    "GuessNumber",
    "LanguageModel",
    "MorelikeError",
    "NamedArrays",
    "OpenedTest",
    "ReadingOptions",
    "Split",
    "Store",
    "audit",
    "blend",
    "build",
    "build_dataset",
    "build_store",
    "calibrate",
    "classify",
    "compare",
    "diagnose",
    "dry_run",
    "evaluate_test",
    "export",
    "guess_number",
    "leader_board",
    "likeness",
    "load",
    "match",
    "measure",
    "mix",
    "pseudowords",
    "range_test",
    "read_lines",
    "read_text",
    "similar",
    "split",
    "track",
    "train",
    "watch",
]

_HOMES = {
    "Calibration": "evaluation.calibration",
    "Classifier": "language_model.classifier",
    "Comparison": "evaluation.intervals",
    "Dataset": "text.examples.dataset",
    "Estimator": "estimator",
    "Evaluation": "evaluation.loss",
    "ForwardPass": "language_model.forward",
    "GuessNumber": "evaluation.guesses",
    "LanguageModel": "language_model.model",
    "MorelikeError": "errors",
    "NamedArrays": "language_model.forward",
    "OpenedTest": "workflows.hidden_test",
    "ReadingOptions": "text.formats.options",
    "Split": "text.splits",
    "Store": "text.store.format",
    "audit": "api",
    "blend": "workflows.blending",
    "build": "language_model.fresh",
    "build_dataset": "text.examples.dataset",
    "build_store": "text.store.build",
    "calibrate": "workflows.calibration",
    "classify": "api",
    "compare": "api",
    "diagnose": "api",
    "dry_run": "api",
    "evaluate_test": "workflows.hidden_test",
    "export": "exports.format",
    "guess_number": "language_model.guess_numbers",
    "leader_board": "api",
    "likeness": "evaluation.likeness",
    "load": "api",
    "match": "workflows.stimuli.words",
    "measure": "workflows.stimuli.words",
    "mix": "api",
    "pseudowords": "workflows.stimuli.pseudowords",
    "range_test": "api",
    "read_lines": "text.reading",
    "read_text": "text.reading",
    "similar": "workflows.stimuli.words",
    "split": "text.splits",
    "track": "trackers.listener",
    "train": "api",
    "watch": "play.record.notebook",
}


_ROOMS = ("autograd", "lessons")
"""Packages for learners, which `import morelike` alone makes reachable too."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that each command starts with what it needs."""
    if name in _ROOMS:
        return import_module(f"morelike.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'morelike' has no attribute {name!r}")
    try:
        home = import_module(f"morelike.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        from morelike.installation import missing_package

        raise missing_package(error) from error
    return getattr(home, name)


def __dir__() -> list[str]:
    return __all__
