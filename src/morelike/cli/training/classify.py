"""`morelike classify`: fit a classifier on two lists, and score words with it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import PLAIN_LISTS, Json, ListFlags, UnknownPolicy, option, refuse_option
from morelike.cli.shared.training_output import draw_progress
from morelike.errors import SettingError
from morelike.evaluation.label_calibration import Features
from morelike.language_model.classifier import Classifier
from morelike.language_model.encoding import UnknownPolicy as Policy
from morelike.runs.plan import make_plan
from morelike.storage.atomic_files import CLASSIFIER, refuse_occupied
from morelike.text.corpus import Corpus
from morelike.text.formats.options import ReadingOptions
from morelike.text.reading import read_corpus, read_lines
from morelike.text.words import clean
from morelike.workflows.classifying import ClassifierFinished, fit

DEFAULT_KIND = "ngram"


def classify(
    action: Annotated[Literal["fit", "score"], option("the action")],
    /,
    *names: Annotated[
        str,
        option(
            "fit: the lists GOOD and BAD; score: the classifier's FOLDER, then words, or a list on standard input",
            allow_leading_hyphen=True,
            validator=refuse_option,
        ),
    ],
    model: Annotated[
        str | None, option("fit: the kind of model, as in `morelike train` [default: ngram]", "--model")
    ] = None,
    fpr: Annotated[float | None, option("fit: the false-positive rate to aim at [default: 0.01]")] = None,
    features: Annotated[
        Features | None,
        option(
            "fit: use the log ratio; also the ratio per character and the length; or also a logistic regression on "
            "n-grams, which separates lists better [default: ratio]"
        ),
    ] = None,
    split: Annotated[str | None, option("fit: how to split both lists, as in `morelike train`")] = None,
    quick: Annotated[bool, option("fit: train with fewer steps")] = False,
    out: Annotated[Path | None, option("fit: the folder to write", "--out", "-o")] = None,
    lists: ListFlags = PLAIN_LISTS,
    prior: Annotated[float | None, option("score: the share of good words to expect [default: as in dev]")] = None,
    unknown: UnknownPolicy = "reserve",
    as_json: Json = False,
    settings: dict[str, Any],
) -> None:
    """Classify words as GOOD or BAD by the likelihoods of two models, one trained on each list.

    The log ratio is ln p(word | good) - ln p(word | bad), in nats. Good is the positive class: a false positive is a
    bad word that passes as good. The threshold and the probability are fitted on dev and evaluated on test. Words in
    both lists are left out of both.

    Examples:
      morelike classify fit names mots -o names-or-mots
      morelike classify fit real-domains.txt random-domains.txt -o domains --fpr 0.001
      morelike classify fit good.txt bad.txt -o both --model gru --quick
      morelike classify fit real-domains.txt random-domains.txt -o domains --features ngrams
      morelike classify score names-or-mots emma maison
      morelike classify score domains example qxzvkjw --prior 0.99
      cat words.txt | morelike classify score names-or-mots > scores.tsv
    """
    fit_options = {"fpr": fpr, "features": features, "split": split, "quick": quick or None, "out": out, "model": model}
    given: dict[str, Any] = {name: value for name, value in fit_options.items() if value is not None}
    if action == "fit":
        if prior is not None:
            raise SettingError("--prior is an option of `classify score`")
        _fit(*_two_lists(names), settings, lists.reading, as_json=as_json, **given)
        return
    if given or settings:
        first = next(iter({**given, **settings})).replace("_", "-")
        raise SettingError(f"--{first} is an option of `classify fit`: scoring uses the classifier as it was fitted")
    if not names:
        raise SettingError("which classifier? Name its folder: `morelike classify score FOLDER emma`")
    _score(names[0], names[1:], prior, unknown, lists.reading, as_json=as_json)


def _read_without_labels(name: str, reading: ReadingOptions) -> Corpus:
    return dataclasses.replace(read_corpus(name, options=reading), labels=None)


def _two_lists(names: tuple[str, ...]) -> tuple[str, str]:
    if len(names) != 2:
        raise SettingError("a classifier is fitted on two lists: `morelike classify fit GOOD BAD -o FOLDER`")
    if names == ("-", "-"):
        raise SettingError("standard input is one list: name a file for the other")
    good, bad = names
    return good, bad


def _fit(
    good: str,
    bad: str,
    settings: dict[str, Any],
    reading: ReadingOptions,
    *,
    as_json: bool,
    model: str = "ngram",
    fpr: float = 0.01,
    features: Features = "ratio",
    split: str | None = None,
    quick: bool = False,
    out: Path | None = None,
) -> None:
    if out is None:
        raise SettingError("the classifier needs a folder to be saved in: name one with -o FOLDER")
    refuse_occupied(out, CLASSIFIER)
    plans = [
        make_plan(_read_without_labels(name, reading), model, split=split, quick=quick, settings=settings)
        for name in (good, bad)
    ]
    with draw_progress() as draw:
        for event in fit(*plans, fpr=fpr, features=features):
            if isinstance(event, ClassifierFinished):
                classifier = event.classifier
            else:
                draw(event)
    folder = classifier.save(out)
    if as_json:
        print_json(
            {
                "classifier": str(folder),
                "positive": "good",
                "kind": classifier.good.architecture.kind,
                "threshold": classifier.threshold,
                "calibration": dataclasses.asdict(classifier.calibration),
                "judged": classifier.judged.as_dict() if classifier.judged else None,
                **classifier.facts,
            }
        )
        return
    print_rows(["figure", "value", "95 % interval"], _rows(classifier))
    print_note(f"\nGood is the positive class. Score words: morelike classify score {folder} emma")


def _rows(classifier: Classifier) -> list[list[str]]:
    """Return the figures of a classifier for a person, with an interval for each figure that has one."""
    facts, judged = classifier.facts, classifier.judged
    rows = [[f"{name} list", f"{facts[name]['list']}: {facts[name]['lines']:,} words", ""] for name in ("good", "bad")]
    rows += [
        ["words in both lists", f"{facts['in_both']:,}", ""],
        ["threshold, nats", f"{classifier.threshold:.4f}", ""],
        ["false-positive rate aimed at on dev", f"{facts['fpr']:g}", ""],
    ]
    if judged is None:
        return [*rows, ["evaluated on", "nothing: no words are held out", ""]]

    def between(interval: tuple[float, float]) -> str:
        return f"{interval[0]:.4f} to {interval[1]:.4f}"

    return [
        *rows,
        ["evaluated on", f"{judged.good:,} good and {judged.bad:,} bad words of test", ""],
        ["area under the ROC curve", f"{judged.auc:.4f}", between(judged.auc_interval)],
        ["true-positive rate", f"{judged.true_positive_rate:.4f}", between(judged.true_positive_interval)],
        ["false-positive rate", f"{judged.false_positive_rate:.4f}", between(judged.false_positive_interval)],
        ["calibration error", f"{judged.calibration_error:.4f}", f"by chance up to {judged.calibration_chance:.4f}"],
    ]


def _score(
    folder: str, words: Sequence[str], prior: float | None, unknown: Policy, reading: ReadingOptions, *, as_json: bool
) -> None:
    classifier = Classifier.load(folder)
    if not words and sys.stdin.isatty():
        raise SettingError(
            f"no words to score: name them (`morelike classify score {folder} emma`) or send a list through a pipe"
        )
    given = [clean(word) for word in words] or read_lines("-", reading)
    scored = zip(
        given,
        classifier.log_ratio(given, unknown=unknown).tolist(),
        classifier.probability(given, prior=prior, unknown=unknown).tolist(),
        ["good" if good else "bad" for good in classifier.predict(given, unknown=unknown).tolist()],
        strict=True,
    )
    if as_json:
        rows = [
            {"word": word, "log_ratio": ratio, "probability": p, "class": label} for word, ratio, p, label in scored
        ]
        print_json({"positive": "good", "threshold": classifier.threshold, "words": rows})
    else:
        rows_as_text = ([word, f"{ratio:.4f}", f"{p:.6f}", label] for word, ratio, p, label in scored)
        print_rows(["word", "log_ratio", "probability", "class"], rows_as_text)
