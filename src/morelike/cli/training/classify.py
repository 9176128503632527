"""`morelike classify`: two lists made a classifier, and words scored with it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from morelike.cli.shared.output import Json, person, print_json, print_rows
from morelike.cli.shared.scores import UnknownPolicy
from morelike.cli.shared.training_output import progress_of
from morelike.errors import SettingError
from morelike.evaluation.classification import Features
from morelike.language_model.classifier import Classifier
from morelike.runs import planning
from morelike.storage.atomic_files import refuse_occupied
from morelike.text.corpus import Corpus
from morelike.text.reading import read_corpus, read_lines
from morelike.text.words import clean
from morelike.workflows.classifying import ClassifierFinished, fit

__all__ = ["DEFAULT_KIND", "EXAMPLES", "classify"]

DEFAULT_KIND = "ngram"

EXAMPLES = """\
Examples:

  morelike classify fit names mots -o names-or-mots
  morelike classify fit real-domains.txt random-domains.txt -o domains --fpr 0.001
  morelike classify fit good.txt bad.txt -o both --model gru --quick
  morelike classify score names-or-mots emma maison
  morelike classify score domains example qxzvkjw --prior 0.99
  cat words.txt | morelike classify score names-or-mots > scores.tsv
"""


def _no_option(_: Any, value: str) -> None:
    """Refuse what begins with a hyphen and is not `-`: a misspelt option, neither a list nor a word."""
    if value.startswith("-") and value != "-":
        raise ValueError(f"unknown option: {value}")


def classify(
    action: Annotated[Literal["fit", "score"], Parameter(help="what to do")],
    /,
    *named: Annotated[
        str,
        Parameter(
            help="to fit: the lists GOOD and BAD; to score: the classifier's FOLDER, then words, or a list on standard "
            "input",
            allow_leading_hyphen=True,
            validator=_no_option,
        ),
    ],
    model: Annotated[
        str | None, Parameter(name="--model", help="the kind of both models: its settings are flags [default: ngram]")
    ] = None,
    fpr: Annotated[
        float | None, Parameter(help="fit: the share of bad words that may be taken for good ones [default: 0.01]")
    ] = None,
    features: Annotated[
        Features | None,
        Parameter(
            help="fit: what the probability goes by: the log ratio; or also that per character, and the length "
            "[default: ratio]"
        ),
    ] = None,
    split: Annotated[str | None, Parameter(help="fit: how both lists are cut, as in `morelike train`")] = None,
    quick: Annotated[bool, Parameter(negative=(), help="fit: fewer steps, for a kind that is trained")] = False,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"], help="fit: the folder to write")] = None,
    prior: Annotated[
        float | None,
        Parameter(help="score: the share of good words where the words come from [default: that of the dev parts]"),
    ] = None,
    unknown: UnknownPolicy = "reserve",
    as_json: Json = False,
    settings: dict[str, Any],
) -> int:
    """Tell words like those of a GOOD list from words like those of a BAD one, by two models and their likelihoods.

    The log ratio is ln p(word | good) - ln p(word | bad), in nats. Good is the positive class: a false positive is a
    bad word taken for a good one. The threshold and the probability are chosen on dev, and judged on test; words that
    stand in both lists are left out of both.
    """
    of_fit = {"fpr": fpr, "features": features, "split": split, "quick": quick or None, "out": out, "model": model}
    given: dict[str, Any] = {name: value for name, value in of_fit.items() if value is not None}
    if action == "fit":
        if prior is not None:
            raise SettingError("--prior is for `score`: a fit takes the lists as they are")
        return _fit(*_lists(named), settings, as_json=as_json, **given)
    if given or settings:
        first = next(iter({**given, **settings})).replace("_", "-")
        raise SettingError(f"--{first} belongs to a fit: a classifier is scored as it was fitted")
    if not named:
        raise SettingError("which classifier? Name its folder: `morelike classify score FOLDER emma`")
    return _score(named[0], named[1:], prior, unknown, as_json=as_json)


def _unlabelled(name: str) -> Corpus:
    """Return a list without the labels that its words may have: a classifier takes no notice of them."""
    return dataclasses.replace(read_corpus(name), labels=None)


def _lists(named: tuple[str, ...]) -> tuple[str, str]:
    if len(named) != 2:
        raise SettingError("a classifier is fitted on two lists: `morelike classify fit GOOD BAD -o FOLDER`")
    if named == ("-", "-"):
        raise SettingError("standard input is one list: name a file for the other")
    good, bad = named
    return good, bad


def _fit(
    good: str,
    bad: str,
    settings: dict[str, Any],
    *,
    as_json: bool,
    model: str = DEFAULT_KIND,
    fpr: float = 0.01,
    features: Features = "ratio",
    split: str | None = None,
    quick: bool = False,
    out: Path | None = None,
) -> int:
    if out is None:
        raise SettingError("where is the classifier to be kept? Name a folder: -o FOLDER")
    refuse_occupied(out)
    plans = [
        planning.plan(_unlabelled(each), model, split=split, quick=quick, settings=settings) for each in (good, bad)
    ]
    with progress_of() as draw:
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
        return 0
    print_rows(["figure", "value", "95 % interval"], _rows(classifier))
    person().print(Text(f"\nGood is the positive class. Score words: morelike classify score {folder} emma"))
    return 0


def _rows(classifier: Classifier) -> list[list[str]]:
    """Return the figures of a classifier for a person, each with its interval where it has one."""
    facts, judged = classifier.facts, classifier.judged
    rows = [[f"{name} list", f"{facts[name]['list']}: {facts[name]['lines']:,} words", ""] for name in ("good", "bad")]
    rows += [
        ["words in both lists", f"{facts['in_both']:,}", ""],
        ["threshold, nats", f"{classifier.threshold:.4f}", ""],
        ["false-positive rate aimed at on dev", f"{facts['fpr']:g}", ""],
    ]
    if judged is None:
        return [*rows, ["judged on", "nothing: no words are held out", ""]]

    def between(interval: tuple[float, float]) -> str:
        return f"{interval[0]:.4f} to {interval[1]:.4f}"

    return [
        *rows,
        ["judged on", f"{judged.good:,} good and {judged.bad:,} bad words of test", ""],
        ["area under the ROC curve", f"{judged.auc:.4f}", between(judged.auc_interval)],
        ["true-positive rate", f"{judged.true_positive_rate:.4f}", between(judged.true_positive_interval)],
        ["false-positive rate", f"{judged.false_positive_rate:.4f}", between(judged.false_positive_interval)],
        ["calibration error", f"{judged.calibration_error:.4f}", f"by chance up to {judged.calibration_chance:.4f}"],
    ]


def _score(folder: str, words: tuple[str, ...], prior: float | None, unknown: Any, *, as_json: bool) -> int:
    classifier = Classifier.load(folder)
    if not words and sys.stdin.isatty():
        raise SettingError(
            f"no words to score: name them (`morelike classify score {folder} emma`) or send a list through a pipe"
        )
    given = [clean(word) for word in words] or read_lines("-")
    scored = zip(
        given,
        classifier.log_ratio(given, unknown=unknown).tolist(),
        classifier.probability(given, prior=prior, unknown=unknown).tolist(),
        classifier.predict(given, unknown=unknown).tolist(),
        strict=True,
    )
    if as_json:
        rows = [
            {"word": word, "log_ratio": ratio, "probability": p, "class": "good" if good else "bad"}
            for word, ratio, p, good in scored
        ]
        print_json({"positive": "good", "threshold": classifier.threshold, "words": rows})
        return 0
    print_rows(
        ["word", "log ratio", "p(good)", "class"],
        ([word, f"{ratio:.4f}", f"{p:.6f}", "good" if good else "bad"] for word, ratio, p, good in scored),
    )
    return 0
