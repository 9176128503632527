"""All that a report says of a run, gathered from its folder; what cannot be had is left out, with the reason."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from morelike.architecture import CountedArchitecture, TrainedArchitecture, find
from morelike.arrays import Float, Int
from morelike.errors import MorelikeError
from morelike.evaluation.diagnostics import Diagnosis, Histogram, Weight, histogram
from morelike.language_model.model import LanguageModel
from morelike.ngrams.pairs import count_pairs
from morelike.pictures.diagram import Diagram, diagram_of
from morelike.reports.curves import Curves, curves_of
from morelike.reports.samples import Samples, Spelled, new_samples, samples_of, spelled_out
from morelike.runs.plan import Plan, plan_of_run
from morelike.runs.run_folder import Run
from morelike.storage.atomic_files import MANIFEST
from morelike.text.corpus import Corpus
from morelike.text.splits import Split
from morelike.text.vocabulary import Vocabulary
from morelike.training.preparation import encoded, split_corpus
from morelike.training.store_samples import sample_of

__all__ = [
    "Facts",
    "Listed",
    "described",
    "gather",
    "histograms_of",
    "listed_in",
    "matrices_of",
    "weight_histograms",
]

MOST_SYMBOLS = 40
MOST_POINTS = 2000
"""Characters of an embedding that is drawn: more make no picture."""


@dataclass(frozen=True)
class Listed:
    """The list of a run: its parts, and what is in them."""

    corpus: Corpus
    parts: Split
    distinct: int
    longest: str
    lengths: Counter[int]
    symbols: list[str]
    pairs: Int[NDArray[Any], "S S"]


@dataclass(frozen=True)
class Facts:
    """A run as a report shows it; what is None, or empty, is not there to be shown.

    `missing` says in sentences what could not be had, and why.
    """

    path: Path
    meta: Mapping[str, Any]
    config: Mapping[str, Mapping[str, Any]]
    curves: Curves | None = None
    model: LanguageModel | None = None
    listed: Listed | None = None
    samples: Samples | None = None
    written: str = ""
    spelled: list[Spelled] = field(default_factory=list)
    embedding: Float[NDArray[Any], "V E"] | None = None
    diagram: Diagram | None = None
    histograms: Mapping[str, Histogram] = field(default_factory=dict)
    diagnosis: Diagnosis | None = None
    missing: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What a person calls the run: list and kind."""
        return f"{self.meta.get('list', 'words')}, {self.kind}"

    @property
    def kind(self) -> str:
        """The kind of model."""
        return str(self.meta.get("kind", "model"))

    @property
    def form(self) -> str:
        """Lines or text."""
        if self.model:
            return self.model.form
        return str(self.config.get("data", {}).get("as", "lines"))

    @property
    def losses(self) -> Mapping[str, Mapping[str, Any]]:
        """The exact losses by part."""
        found: Mapping[str, Mapping[str, Any]] = self.meta.get("losses", {})
        return found


def gather(run: Run, diagnosis: Diagnosis | None = None) -> Facts:
    """Return all that there is to say of a run.

    Raises:
        RunError: its facts are missing or damaged.
    """
    facts = Facts(run.path, run.meta(), _config(run), curves_of(run.metrics()), diagnosis=diagnosis)
    missing: list[str] = []
    try:
        listed = listed_in(run)
    except (MorelikeError, KeyError, OSError) as error:
        listed = None
        missing.append(
            f"The list could not be read ({error}), so all that needs its words is left out: their lengths and pairs, "
            "the nearest words of the samples, and surprising words of the list."
        )
    if listed and listed.corpus.fingerprint != facts.meta.get("data", {}).get("sha256"):
        missing.append(
            f"The list is a store: what is said of its words, and drawn of them, is of {len(listed.corpus.words):,} "
            "lines, evenly spaced."
        )
    facts = replace(facts, listed=listed, missing=missing)
    if not (run.model / MANIFEST).is_file():
        missing.append(f"There is no model yet: the run is {facts.meta.get('status', 'not finished')}.")
        return facts
    return _with_model(facts, LanguageModel.load(run.model), _kept_samples(run))


def _with_model(facts: Facts, model: LanguageModel, kept: str | None) -> Facts:
    parts = facts.listed.parts if facts.listed else None
    facts = replace(facts, model=model)
    if model.form == "text":
        text = kept if kept is not None else model.write()
        facts = replace(facts, written=text.removesuffix("\n"), spelled=spelled_out(model, parts, []))
    else:
        new = kept.split("\n")[:-1] if kept is not None else new_samples(model)
        samples = samples_of(model, new, parts.train if parts else None)
        facts = replace(facts, samples=samples, spelled=spelled_out(model, parts, new))
    if not isinstance(model.architecture, TrainedArchitecture):
        return facts
    table = model.weights.get("C")
    embedding = table if table is not None and table.shape[1] > 1 and len(table) <= MOST_POINTS else None
    diagram = diagram_of(model.architecture, model.vocabulary.size)
    return replace(facts, embedding=embedding, diagram=diagram, histograms=weight_histograms(model))


def weight_histograms(model: LanguageModel) -> dict[str, Histogram]:
    """Return a histogram of each matrix of a network, in the order in which it uses them; of counts none."""
    if not isinstance(model.architecture, TrainedArchitecture):
        return {}
    arrays = {name: model.weights[name] for name in model.architecture.shapes(model.vocabulary.size)}
    return {name: histogram(array) for name, array in arrays.items() if array.ndim == 2 and len(array) > 1}


def matrices_of(diagnosis: Diagnosis) -> list[Weight]:
    """Return the weights that are matrices of more than a row."""
    return [weight for weight in diagnosis.weights if len(weight.shape) > 1 and weight.shape[0] > 1]


def histograms_of(diagnosis: Diagnosis, sort: str) -> dict[str, Histogram]:
    """Return a diagnosis's histograms of one sort by the names of layers or weights, of weights the matrices alone."""
    named = {name.partition("/")[::2]: found for name, found in diagnosis.histograms.items()}
    matrices = {weight.name for weight in matrices_of(diagnosis)}
    return {n: found for (s, n), found in named.items() if s == sort and (s == "activations" or n in matrices)}


def listed_in(run: Run) -> Listed:
    """Return the list of a run, that of a mixture from its first member whose run has it.

    Raises:
        MorelikeError: it is gone, or is not what it was.
    """
    members = _config(run).get("mixture", {}).get("members")
    if members is None:
        return _described(plan_of_run(run))
    failure: MorelikeError | KeyError = MorelikeError("none of the mixture's members stands in its run")
    for member in members:
        try:
            return _described(plan_of_run(Run(Path(member).parent)))
        except (MorelikeError, KeyError) as error:
            failure = error
    raise failure


def _described(plan: Plan) -> Listed:
    corpus = sample_of(plan.corpus)
    return described(corpus, split_corpus(corpus, plan.split))


def described(corpus: Corpus, parts: Split) -> Listed:
    """Return a list with what is in its train part."""
    vocabulary = Vocabulary.of(corpus.words)
    text = corpus.form == "text"
    lines = encoded(vocabulary, corpus.form, parts.train)
    ids, pairs = count_pairs(lines, vocabulary.size, MOST_SYMBOLS, text=text)
    characters = ("", *vocabulary.characters)
    return Listed(
        corpus=corpus,
        parts=parts,
        distinct=len(set(corpus.words)),
        longest=max(corpus.words, key=len),
        lengths=Counter(map(len, parts.train)),
        symbols=[characters[i] for i in ids],
        pairs=pairs,
    )


def _config(run: Run) -> dict[str, dict[str, Any]]:
    """Return the tables of config.toml, none if it cannot be read; a kind that is counted has no use for training's."""
    try:
        tables = tomllib.loads((run.path / "config.toml").read_text("utf-8"))
        counted = issubclass(find(tables["architecture"]["kind"]), CountedArchitecture)
    except (OSError, ValueError):
        return {}
    except (KeyError, MorelikeError):
        return tables
    return {name: table for name, table in tables.items() if name != "training"} if counted else tables


def _kept_samples(run: Run) -> str | None:
    path = run.path / "samples.txt"
    return path.read_bytes().decode() if path.is_file() else None
