"""Two models as a classifier: by how much more likely one makes a word than the other, on NumPy alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Bool, Float
from morelike.errors import ModelError
from morelike.evaluation.classification import Features, Judgement, LabelCalibration
from morelike.language_model.model import LanguageModel, UnknownPolicy
from morelike.storage.atomic_files import MANIFEST, appearing, digest, parse_json, read_folder, write_listed
from morelike.text.words import clean

__all__ = ["Classifier"]

CLASSIFIER = "classifier.json"
MODELS = ("good", "bad")


@dataclass(frozen=True)
class Classifier:
    """Two models of words over the same characters; a word is taken for a good one if its log ratio is high enough.

    `threshold` in nats: words above it count as good, which is the positive class. `judged` holds the figures on the
    test parts, None where nothing was held out. `facts` says where it comes from (lists, split, notes).

    >>> import morelike
    >>> names, numbers = ["anna", "hanna", "anne", "hannah"], ["101", "110", "1001", "1"]
    >>> classifier = morelike.classify(names, numbers)
    >>> classifier.predict(["hanne", "1011"]).tolist()
    [True, False]
    """

    good: LanguageModel
    bad: LanguageModel
    threshold: float
    calibration: LabelCalibration
    judged: Judgement | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def auc(self) -> float | None:
        """The area under the ROC curve on the test parts, None where nothing was held out."""
        return self.judged.auc if self.judged else None

    def log_ratio(
        self, words: Sequence[str], *, unknown: UnknownPolicy = "reserve"
    ) -> Float[NDArray[np.float64], " words"]:
        """Return ln p(word | good) - ln p(word | bad) of each word, in nats.

        A character that neither list has counts the same in both models and does not change the ratio; under
        `unknown="error"` it is refused.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        ratios: NDArray[np.float64] = self.good.log_probability(words, unknown=unknown) - self.bad.log_probability(
            words, unknown=unknown
        )
        return ratios

    def probability(
        self, words: Sequence[str], *, prior: float | None = None, unknown: UnknownPolicy = "reserve"
    ) -> Float[NDArray[np.float64], " words"]:
        """Return the calibrated probability that each word is a good one.

        `prior` is the share of good words where the classifier is used, by default that of dev.

        Raises:
            SettingError: a prior that is no share between 0 and 1.
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        return self.calibration.probability(self.log_ratio(words, unknown=unknown), lengths(words), prior)

    def predict(self, words: Sequence[str], *, unknown: UnknownPolicy = "reserve") -> Bool[NDArray[Any], " words"]:
        """Return for each word whether its log ratio is above the threshold.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        return self.log_ratio(words, unknown=unknown) > self.threshold

    def save(self, folder: str | Path) -> Path:
        """Write both models and what joins them as one folder and return its path; it appears whole or not at all.

        Raises:
            ModelError: the place holds something else, or cannot be written.

        >>> import morelike, tempfile
        >>> classifier = morelike.classify(["anna", "hanna", "anne"], ["101", "110", "1001"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = morelike.Classifier.load(classifier.save(f"{folder}/names"))
        >>> bool(again.log_ratio(["hanne"]) == classifier.log_ratio(["hanne"]))
        True
        """
        path = Path(folder)
        try:
            with appearing(path) as temporary:
                for name in MODELS:
                    getattr(self, name).save(temporary / name)
                sums = {name: digest((temporary / name / MANIFEST).read_bytes()) for name in MODELS}
                config = {
                    "models": sums,
                    "threshold": self.threshold,
                    "calibration": asdict(self.calibration),
                    "judged": self.judged.as_dict() if self.judged else None,
                    "facts": dict(self.facts),
                }
                data = json.dumps(config, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False).encode()
                write_listed(temporary, {CLASSIFIER: data + b"\n"}, {"README.md": _card(self).encode()})
        except OSError as error:
            raise ModelError(f"the classifier cannot be written to '{path}': {error.strerror}") from None
        return path

    @classmethod
    def load(cls, folder: str | Path) -> Classifier:
        """Return the classifier in a folder; no code runs, and every file is checked against its SHA-256.

        Raises:
            ModelError: missing, damaged, or a single model; it names the file.
        """
        path = Path(folder)
        files = read_folder(path)
        if CLASSIFIER not in files:
            raise ModelError(
                f"'{path}' is no classifier: it has no {CLASSIFIER}; make one with `morelike classify fit`"
            )
        config = parse_json(path / CLASSIFIER, files[CLASSIFIER])
        try:
            parts = _parts(config)
            sums = {name: str(config["models"][name]) for name in MODELS}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"'{path / CLASSIFIER}' is damaged: {error}") from None
        good, bad = (_of_this(path / name, sums[name]) for name in MODELS)
        if good.form != "lines" or bad.form != "lines" or good.vocabulary != bad.vocabulary:
            raise ModelError(f"'{path}' is damaged: its models do not know the same characters")
        return cls(good, bad, *parts)


def lengths(words: Sequence[str]) -> NDArray[np.int64]:
    """Return the characters of each word, its end counted."""
    return np.array([len(clean(word)) + 1 for word in words], dtype=np.int64)


def _of_this(path: Path, sha256: str) -> LanguageModel:
    """Return the model in a folder, if it is the one whose manifest has this SHA-256.

    Raises:
        ModelError: it is another, missing or damaged; the file is named.
    """
    model = LanguageModel.load(path)
    if digest((path / MANIFEST).read_bytes()) != sha256:
        raise ModelError(f"'{path}' is damaged: it is not the model that was saved here (its SHA-256 differs)")
    return model


def _parts(config: Mapping[str, Any]) -> tuple[float, LabelCalibration, Judgement | None, Mapping[str, Any]]:
    """Return threshold, calibration, judgement and facts from the file.

    Raises:
        KeyError, TypeError, ValueError: one that is missing, or is not what it should be.
    """
    threshold, weights = float(config["threshold"]), tuple(map(float, config["calibration"]["weights"]))
    features, share = config["calibration"]["features"], float(config["calibration"]["share"])
    wanted = {"ratio": 2, "length": 4}
    if features not in get_args(Features) or len(weights) != wanted[features]:
        raise ValueError("its calibration has not the weights of its features")
    if not all(map(isfinite, (threshold, *weights))) or not 0 < share < 1:
        raise ValueError("its numbers are not finite, or no share")
    judged = Judgement.of(config["judged"]) if config["judged"] is not None else None
    return threshold, LabelCalibration(features, weights, share), judged, dict(config["facts"])


def _card(classifier: Classifier) -> str:
    """Return what the folder says of itself to a person, as Markdown."""
    facts, judged = classifier.facts, classifier.judged
    lists = " against ".join(f"`{facts.get(name, {}).get('list', name)}`" for name in MODELS)
    lines = [
        f"# A morelike classifier: {lists}",
        f"Two models of kind `{classifier.good.architecture.kind}`. A word counts as good if ln p(word | good) - "
        f"ln p(word | bad) is above {classifier.threshold:.4f} nats.",
    ]
    if judged:
        low, high = judged.auc_interval
        lines.append(
            f"On {judged.good:,} good and {judged.bad:,} bad words that it has not seen: area under the ROC curve "
            f"{judged.auc:.4f} ({low:.4f} to {high:.4f}); it takes {judged.true_positive_rate:.2%} of the good and "
            f"{judged.false_positive_rate:.2%} of the bad words for good."
        )
    lines.append("```sh\nmorelike classify score THIS_FOLDER emma xqzt\n```")
    return "\n\n".join(lines) + "\n"
