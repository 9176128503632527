"""Two models as a classifier: the log ratio of their probabilities of a word, perhaps with an n-gram regression."""

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
from morelike.display import Summarized, Summary
from morelike.errors import ModelError
from morelike.evaluation.classification import Judgement
from morelike.evaluation.label_calibration import Curve, Features, LabelCalibration
from morelike.evaluation.ngram_regression import NgramRegression
from morelike.language_model.encoding import UnknownPolicy
from morelike.language_model.files.facts import ClassifierFacts, check
from morelike.language_model.files.model_files import naming
from morelike.language_model.model import LanguageModel
from morelike.storage.atomic_files import CLASSIFIER as CLASSIFIER_FOLDER
from morelike.storage.atomic_files import MANIFEST, atomic_folder
from morelike.storage.manifest import Manifest, digest, parse_json, write_files
from morelike.storage.safetensors_io import pack, unpack
from morelike.text.words import Words, check_words

CLASSIFIER = CLASSIFIER_FOLDER.marker
REGRESSION = {"ngrams": "ngrams.json", "weights": "regression.safetensors"}
MODELS = ("good", "bad")


@dataclass(frozen=True, repr=False)
class Classifier(Summarized):
    """Two models of words over the same characters; a word counts as good if its score exceeds a threshold.

    The score is the log ratio; with a `regression`, it is the log odds of the calibration, from the log ratio and the
    regression. `threshold` is in nats; "good" is the positive class. `judged` holds the performance on the test splits,
    None if no words were held out. `facts` holds the origin (lists, split, notes).

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
    regression: NgramRegression | None = None

    def _summary(self) -> Summary:
        lists = {name: model.facts.get("list") for name, model in (("good", self.good), ("bad", self.bad))}
        return Summary({"kind": self.good.architecture.kind, **lists, "threshold": self.threshold, "auc": self.auc})

    @property
    def auc(self) -> float | None:
        """The area under the ROC curve on the test splits; None if no words were held out."""
        return self.judged.auc if self.judged else None

    def log_ratio(self, words: Words, *, unknown: UnknownPolicy = "reserve") -> Float[NDArray[np.float64], " words"]:
        """Return ln p(word | good) - ln p(word | bad) of each word, in nats.

        A character that is in neither list has the same probability in both models and does not change the ratio. With
        `unknown="error"` it is an error.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        words = check_words(words)
        ratios: NDArray[np.float64] = self.good.log_probability(words, unknown=unknown) - self.bad.log_probability(
            words, unknown=unknown
        )
        return ratios

    def score(self, words: Words, *, unknown: UnknownPolicy = "reserve") -> Float[NDArray[np.float64], " words"]:
        """Return the number that the threshold is compared with, in nats: higher for words more like the good ones.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        words = check_words(words)
        ratios = self.log_ratio(words, unknown=unknown)
        if self.regression is None:
            return ratios
        return self.calibration.log_odds(ratios, lengths(words), self._regression_log_odds(words))

    def probability(
        self, words: Words, *, prior: float | None = None, unknown: UnknownPolicy = "reserve"
    ) -> Float[NDArray[np.float64], " words"]:
        """Return the calibrated probability that each word is good.

        `prior` is the share of good words in the application, by default the share in dev.

        Raises:
            SettingError: `prior` is not between 0 and 1.
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        words = check_words(words)
        ratios = self.log_ratio(words, unknown=unknown)
        return self.calibration.probability(ratios, lengths(words), prior, self._regression_log_odds(words))

    def predict(self, words: Words, *, unknown: UnknownPolicy = "reserve") -> Bool[NDArray[Any], " words"]:
        """Return for each word whether its score is above the threshold.

        Raises:
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        return self.score(words, unknown=unknown) > self.threshold

    def save(self, folder: str | Path) -> Path:
        """Write both models and the calibration as one folder, atomically, and return its path.

        Raises:
            ModelError: the path holds something else, or cannot be written.

        >>> import morelike, tempfile
        >>> classifier = morelike.classify(["anna", "hanna", "anne"], ["101", "110", "1001"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = morelike.Classifier.load(classifier.save(f"{folder}/names"))
        >>> bool(again.log_ratio(["hanne"]) == classifier.log_ratio(["hanne"]))
        True
        """
        path = Path(folder)
        try:
            with atomic_folder(path, CLASSIFIER_FOLDER) as temporary:
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
                files = {CLASSIFIER: data + b"\n", **_packed(self.regression)}
                write_files(temporary, files, {"README.md": _card(self).encode()})
        except OSError as error:
            raise ModelError(f"the classifier cannot be written to '{path}': {error.strerror}") from None
        return path

    @classmethod
    def load(cls, folder: str | Path) -> Classifier:
        """Return the classifier in a folder; no code runs, and the SHA-256 of every file is checked.

        Raises:
            ModelError: a file is missing or damaged (the message names it), or the folder is a single model.
        """
        path = Path(folder)
        manifest = Manifest.read(path)
        if CLASSIFIER not in manifest.files:
            raise ModelError(
                f"'{path}' is no classifier: it has no {CLASSIFIER}; make one with `morelike classify fit`"
            )
        with naming(path / CLASSIFIER):
            config = parse_json(path / CLASSIFIER, manifest.read_file(CLASSIFIER))
            fields = _checked_fields(config)
            sums = {name: str(config["models"][name]) for name in MODELS}
        good, bad = (_load_member(path / name, sums[name]) for name in MODELS)
        if good.form != "lines" or bad.form != "lines" or good.vocabulary != bad.vocabulary:
            raise ModelError(f"'{path}' is damaged: its models do not know the same characters")
        regression = _read_regression(manifest) if REGRESSION["ngrams"] in manifest.files else None
        if (regression is not None) != (fields[1].features == "ngrams"):
            raise ModelError(f"'{path / CLASSIFIER}' is damaged: its features do not match its files")
        return cls(good, bad, *fields, regression)

    def _regression_log_odds(self, words: Sequence[str]) -> Float[NDArray[np.float64], " words"] | None:
        return None if self.regression is None else self.regression.log_odds(words)


def lengths(words: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of characters of each cleaned word, its end included."""
    return np.array([len(word) + 1 for word in words], dtype=np.int64)


def _load_member(path: Path, sha256: str) -> LanguageModel:
    """Return the model in a folder, if its manifest has this SHA-256.

    Raises:
        ModelError: another model, or a missing or damaged file.
    """
    model = LanguageModel.load(path)
    if digest((path / MANIFEST).read_bytes()) != sha256:
        raise ModelError(f"'{path}' is damaged: it is not the model that was saved here (its SHA-256 differs)")
    return model


def _packed(regression: NgramRegression | None) -> dict[str, bytes]:
    """Return the files of a regression by name; none without a regression."""
    if regression is None:
        return {}
    ngrams = json.dumps({"ngrams": regression.ngrams}, ensure_ascii=False).encode()
    weights = pack({"weights": regression.weights, "bias": np.array(regression.bias)})
    return {REGRESSION["ngrams"]: ngrams + b"\n", REGRESSION["weights"]: weights}


def _read_regression(manifest: Manifest) -> NgramRegression:
    """Return the regression in a classifier's folder.

    Raises:
        ModelError: a file is missing or damaged.
    """
    paths = {name: manifest.folder / file for name, file in REGRESSION.items()}
    ngrams = parse_json(paths["ngrams"], manifest.read_file(REGRESSION["ngrams"])).get("ngrams")
    arrays = unpack(paths["weights"], manifest.read_file(REGRESSION["weights"]))
    if not isinstance(ngrams, list) or not all(isinstance(ngram, str) for ngram in ngrams):
        raise ModelError(f"'{paths['ngrams']}' is damaged: expected a list of n-grams")
    shapes = {name: (array.dtype.str, array.shape) for name, array in arrays.items()}
    if shapes != {"weights": ("<f8", (len(ngrams),)), "bias": ("<f8", ())}:
        raise ModelError(f"'{paths['weights']}' is damaged: its weights do not match its n-grams")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ModelError(f"'{paths['weights']}' is damaged: a weight is not finite")
    return NgramRegression(tuple(ngrams), arrays["weights"], float(arrays["bias"]))


def _checked_fields(config: Mapping[str, Any]) -> tuple[float, LabelCalibration, Judgement | None, Mapping[str, Any]]:
    """Return threshold, calibration, judgement and facts from the content of the file.

    Raises:
        KeyError, TypeError, ValueError: an entry is missing or invalid.
    """
    threshold, weights = float(config["threshold"]), tuple(map(float, config["calibration"]["weights"]))
    features, share = config["calibration"]["features"], float(config["calibration"]["share"])
    expected = {"ratio": 2, "length": 4, "ngrams": 3}
    if features not in get_args(Features) or len(weights) != expected[features]:
        raise ValueError("the weights of its calibration do not match its features")
    if not all(map(isfinite, (threshold, *weights))) or not 0 < share < 1:
        raise ValueError("a number is not finite, or its share is not between 0 and 1")
    judged = Judgement.of(config["judged"]) if config["judged"] is not None else None
    for name, figure in vars(judged).items() if judged else ():
        numbers = figure if isinstance(figure, tuple) else (figure, figure)
        if len(numbers) != 2 or not all(map(isfinite, numbers)):
            raise ValueError(f"judged.{name} is not one finite number, or two")
    check(ClassifierFacts, config["facts"])
    calibration = LabelCalibration(features, weights, share, _checked_curve(config["calibration"].get("curve")))
    return threshold, calibration, judged, dict(config["facts"])


def _checked_curve(curve: Mapping[str, Any] | None) -> Curve | None:
    """Return the curve of a calibration from the content of the file.

    Raises:
        KeyError, TypeError, ValueError: an entry is missing or invalid.
    """
    if curve is None:
        return None
    log_odds, p = (np.array(curve[name], np.float64) for name in ("log_odds", "p"))
    if log_odds.ndim != 1 or log_odds.shape != p.shape or not len(p) or not np.isfinite(log_odds).all():
        raise ValueError("the points of its curve are incomplete")
    if np.any(np.diff(log_odds) < 0) or np.any(np.diff(p) < 0) or not np.all((p > 0) & (p < 1)):
        raise ValueError("the curve of its calibration does not rise from 0 to 1")
    return Curve(tuple(log_odds.tolist()), tuple(p.tolist()))


def _card(classifier: Classifier) -> str:
    """Return the README of the folder as Markdown."""
    facts, judged = classifier.facts, classifier.judged
    lists = " against ".join(f"`{facts.get(name, {}).get('list', name)}`" for name in MODELS)
    lines = [
        f"# A morelike classifier: {lists}",
        f"Two models of kind `{classifier.good.architecture.kind}`. A word counts as good if "
        + ("ln p(word | good) - ln p(word | bad)" if classifier.regression is None else "its log odds")
        + f" is above {classifier.threshold:.4f} nats.",
    ]
    if judged:
        low, high = judged.auc_interval
        lines.append(
            f"On {judged.good:,} good and {judged.bad:,} bad held-out words: area under the ROC curve {judged.auc:.4f} "
            f"({low:.4f} to {high:.4f}); {judged.true_positive_rate:.2%} of the good words and "
            f"{judged.false_positive_rate:.2%} of the bad words are classified as good."
        )
    lines.append("```sh\nmorelike classify score THIS_FOLDER emma xqzt\n```")
    return "\n\n".join(lines) + "\n"
