"""The functions of the package: train, load, compare and more. Everything else is a method of `LanguageModel`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from morelike.errors import SettingError, excerpt
from morelike.evaluation.intervals import Comparison
from morelike.language_model.encoding import UnknownPolicy
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import compared
from morelike.renamed_settings import accept_old_names
from morelike.reports.after_training import try_report
from morelike.runs.lookup import open_model, run_of
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import corpus_of
from morelike.text.count_weights import CountWeighting
from morelike.text.words import Form, WordCounts, WordLabels, Words, check_words

if TYPE_CHECKING:  # the functions import most modules themselves, so that `morelike sample` starts at once
    from morelike.evaluation.diagnostics import Diagnosis
    from morelike.evaluation.label_calibration import Features
    from morelike.evaluation.memorisation import Audit
    from morelike.language_model.classifier import Classifier
    from morelike.runs.looks import LookWriter
    from morelike.text.store.format import Store
    from morelike.training.experiment import ExperimentEvent
    from morelike.workflows import classifying
    from morelike.workflows.dry_run import DryRun
    from morelike.workflows.interpolation import Interpolation
    from morelike.workflows.leader_board import LeaderBoard
    from morelike.workflows.learning_rate_test import RangeTest


@accept_old_names
def train(
    words: Words | Store,
    kind: str = "auto",
    *,
    counts: WordCounts | None = None,
    labels: WordLabels | None = None,
    form: Form = "lines",
    split: str | None = None,
    quick: bool = False,
    refit: bool | None = None,
    hide_test: bool = False,
    out: str | Path | None = None,
    report: bool = True,
    name: str = "words",
    on_event: Callable[[ExperimentEvent], None] | None = None,
    progress: bool | None = None,
    watch: bool = False,
    **settings: Any,
) -> LanguageModel:
    """Return a model trained on words. A notebook shows a line with the progress; a script prints nothing.

    Args:
        words: any iterable of words, by position: a list, an array, a column of a table. They are cleaned as
            `read_lines` does. Or one running text, with `form="text"`. Or a `Store`, a list larger than memory, which
            has its own counts, split and name.
        kind: the architecture: "gru", "mlp", "ngram", ... (a file in `morelike/models`). "auto", the default, trains an
            n-gram and a gru, mixes them on dev, and leaves out the one that does not lower the loss.
        counts: how often each word was seen; the setting `count_weighting` ("counts", "log" or "none") weighs them.
        labels: the label of each word, None or "" for no label, which conditions the model: see `model.labels`.
        form: "lines", each with an end, or "text", one stream without ends.
        split: the name of the rule that splits train, dev and test; default: "shuffle-42", for a text "contiguous".
        quick: whether to use the settings of a quick run: a smaller model or fewer steps, 500 to 1,500.
        refit: whether the final model is trained anew on train, dev and test together, with the settings that dev has
            chosen. The losses were measured before. Default: yes with "auto" and fewer than 5,000 lines, else no.
        hide_test: whether the loss on test is left uncomputed, until `evaluate_test` is called for the model.
        out: the folder in which a run folder is made; None saves nothing.
        report: whether a report is written into the run folder. A report that cannot be written is a `RuntimeWarning`.
        name: the name of the list in the run folder and the model card.
        on_event: called with each event: `Started`, `Progress`, `Evaluated`, `Sampled`, `Saved`, `Finished`,
            `ExperimentFinished`; and `Noted`, a sentence.
        progress: whether to show a line with the step, the losses, the rates and a sample while it trains; default:
            in a notebook only. Outside a notebook the line is written to stderr.
        watch: whether a notebook shows the panels of the run while it trains, as `morelike.watch` does; it needs `out`.
        settings: settings of the architecture (`hidden=128`) and of training (`steps=3000`, `seed=0`).

    Raises:
        ListError: no words, a value that is no text, or counts or labels that do not fit the words.
        SettingError: a setting that does not exist or makes no sense, named.
        TrainingError: a loss that is no longer a number.

    >>> model = train(["anna", "hanna", "anne", "hannah"], kind="ngram", order=3)
    >>> model.architecture.order
    3
    """
    from morelike.notebook.live_line import LiveLine
    from morelike.runs.plan import hiding_test, make_plan
    from morelike.text.store.format import Store
    from morelike.training.experiment import ExperimentFinished, run_experiment, start_run
    from morelike.workflows.model_selection import AUTO, auto_plan, complete
    from morelike.workflows.refit import wants_refit

    source = None
    if isinstance(words, Store):
        corpus, source = words.corpus, str(words.path.resolve())
    else:
        corpus = corpus_of(name, words, form, counts, labels)
    if kind == AUTO:
        plan = auto_plan(corpus, split, source=source, quick=quick, refit=refit, settings=settings)
    else:
        plan = make_plan(corpus, kind, source=source, split=split, quick=quick, settings=settings)
        plan = replace(plan, refit=wants_refit(corpus, refit, by_default=False))
    plan = hiding_test(plan) if hide_test else plan
    if watch and out is None:
        raise SettingError("watch = True needs a run folder: give out=FOLDER too")
    run = None if out is None else start_run(plan, Path(out))
    line = LiveLine(progress)
    looks = _watched(run) if watch and run else None
    for event in run_experiment(
        plan, run, complete=complete, samples=on_event is not None or line.shown, watch_weights=looks
    ):
        line.show(event)
        if on_event:
            on_event(event)
    assert isinstance(event, ExperimentFinished)
    if event.result.run and report and (trouble := try_report(RunFolder(event.result.run))):
        warnings.warn(trouble, RuntimeWarning, stacklevel=2)
    return event.result.model


def _watched(run: RunFolder) -> LookWriter:
    """Show the panels of a run that begins, and return what writes its looks."""
    from morelike.runs.looks import Looks, LookWriter

    import_module("morelike.play.record.notebook").show(run.path)  # by name: the live page stands on this room
    return LookWriter(Looks(run))


@accept_old_names
def dry_run(
    words: Words | Store,
    kind: str = "gru",
    *,
    split: str | None = None,
    quick: bool = False,
    **settings: Any,
) -> DryRun:
    """Return what training on words would take on this machine: parameters, memory (bytes) and seconds.

    It takes some steps, for about two seconds, and saves nothing.

    Raises:
        ListError, SettingError: as `train`.
        TrainingError: it would need more memory than there is.

    >>> dry_run(["anna", "hanna", "anne", "hannah"], kind="ngram", order=2).parameters
    16
    """
    from morelike.runs.plan import make_plan
    from morelike.text.store.format import Store
    from morelike.workflows.dry_run import estimate

    corpus = words.corpus if isinstance(words, Store) else corpus_of("words", words, "lines")
    return estimate(make_plan(corpus, kind, split=split, quick=quick, settings=settings))


@accept_old_names
def range_test(
    words: Words,
    kind: str = "gru",
    *,
    low: float = 1e-3,
    high: float = 1.0,
    steps: int = 1000,
    form: Form = "lines",
    split: str | None = None,
    **settings: Any,
) -> RangeTest:
    """Return the learning-rate range test of a kind on words: a run in which the rate rises from `low` to `high`.

    Raises:
        ListError: no words.
        SettingError: as `train`; or rates that do not rise, too few steps, an n-gram, a setting without effect.

    >>> found = range_test(["anna", "hanna", "anne", "hannah"], "bigram", steps=50, optimizer="sgd")
    >>> found.rates.shape == found.losses.shape == (50,) and 1e-3 <= found.suggestion <= 1
    True
    """
    from morelike.runs.plan import make_plan
    from morelike.workflows.learning_rate_test import range_test as run_range_test
    from morelike.workflows.learning_rate_test import refuse_swept

    refuse_swept(settings)
    plan = make_plan(corpus_of("words", words, form), kind, split=split, settings=settings)
    return run_range_test(plan, low=low, high=high, steps=steps)


def leader_board(
    words: Words,
    kinds: Words = (),
    *,
    budget: str = "10s",
    form: Form = "lines",
    split: str | None = None,
    seed: int = 0,
    hide_test: bool = False,
) -> LeaderBoard:
    """Return kinds of model trained on words under one budget, the best on test first.

    Args:
        words: as in `train`.
        kinds: the kinds, each with its default settings; default: all.
        budget: what each kind may spend: "20s" or "2m" of training, "2000steps" or "5epochs".
        form: "lines" or "text".
        split: as in `train`.
        seed: the seed of the weights and the batches.
        hide_test: whether the losses on test are left uncomputed; the loss on dev then ranks.

    Raises:
        ListError: no words.
        SettingError: no such kind, split or budget.

    >>> board = leader_board(["anna", "hanna", "anne", "hannah"] * 4, ["ngram", "bigram"], budget="50steps")
    >>> board[0].behind is None and board[0].result.losses["test"] is not None
    True
    """
    from morelike.runs.plan import split_rule
    from morelike.training.experiment import ExperimentFinished
    from morelike.workflows.leader_board import Budget, rank, select_kinds, train_kinds

    corpus, spent = corpus_of("words", words, form), Budget.of(budget)
    rule, named = split_rule(corpus, split), select_kinds(check_words(kinds, name="kinds"))
    events = train_kinds(corpus, named, spent, split=rule, seed=seed, hide_test=hide_test)
    return rank([event.result for _, event in events if isinstance(event, ExperimentFinished)])


@accept_old_names
def classify(
    good: Words,
    bad: Words,
    kind: str = "ngram",
    *,
    split: str | None = None,
    quick: bool = False,
    fpr: float = 0.01,
    features: Features = "ratio",
    on_event: Callable[[classifying.ClassifyingEvent], None] | None = None,
    **settings: Any,
) -> Classifier:
    """Return a classifier that separates words like the good ones (the positive class) from words like the bad ones.

    Args:
        good: the list of the positive class, as in `train`.
        bad: the other list.
        kind: the kind of both models.
        split: as in `train`, for both lists. The threshold is selected on dev, the figures are measured on test.
        quick: as in `train`.
        fpr: the false positive rate: the share of bad words that may be classified as good.
        features: what decides: the log "ratio" of both models; "length" calibrates with the ratio per character and the
            length too; "ngrams" adds a logistic regression on the words' n-grams, which separates lists better.
        on_event: called with each event.
        settings: settings of both models and their training, as in `train`.

    Raises:
        ListError, SettingError, TrainingError: as `train`; or an `fpr` that is no rate.

    >>> classifier = classify(["anna", "hanna", "anne", "hannah"] * 5, ["x1", "x2", "1x", "2x"] * 5, order=3)
    >>> bool(classifier.log_ratio(["hanne"]) > 0)
    True
    """
    from morelike.runs.plan import make_plan
    from morelike.workflows import classifying

    lists = [corpus_of(name, words, "lines") for name, words in (("good", good), ("bad", bad))]
    plans = [make_plan(corpus, kind, split=split, quick=quick, settings=settings) for corpus in lists]
    for event in classifying.fit(*plans, fpr=fpr, features=features):
        if on_event:
            on_event(event)
    assert isinstance(event, classifying.ClassifierFinished)
    return event.classifier


def mix(
    models: Iterable[LanguageModel],
    words: Words,
    split: str | None = None,
    labels: WordLabels | None = None,
    interpolation: Interpolation = "auto",
) -> LanguageModel:
    """Return the mixture of models that learned from one list, its weights fitted on the dev part of the list.

    Args:
        models: two or more models that know the same characters.
        words: the list, or the running text, that they learned from.
        split: the rule that split the list; default: the first model's.
        labels: the labels of the words, for models with labels.
        interpolation: "linear" is the weighted mean of the probabilities, "log-linear" their normalised geometric mean;
            "auto" is linear, unless a log-linear form is better on dev beyond chance.

    Raises:
        SettingError: models that cannot be mixed, or that learned from another list.

    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
    >>> short, long = (train(words, kind="ngram", order=order) for order in (2, 5))
    >>> mix([short, long], words).sample(3) != []
    True
    """
    models = list(models)
    if len(models) < 2:
        raise SettingError("a mixture takes two models or more")
    first = models[0]
    from morelike.runs.plan import split_rule
    from morelike.workflows.interpolation import Interpolation
    from morelike.workflows.mixing import mix_on

    if interpolation not in get_args(Interpolation):
        names = ", ".join(get_args(Interpolation))
        raise SettingError(f"interpolation = {excerpt(interpolation)}: there are {names}")
    corpus = corpus_of(str(first.facts.get("list", "words")), words, first.form, labels=labels)
    return mix_on(models, corpus, split_rule(corpus, split or first.facts.get("split")), interpolation).model


def diagnose(
    model: LanguageModel | str | Path = "latest",
    words: Words | None = None,
    *,
    out: str | Path = "runs",
) -> Diagnosis:
    """Return measurements inside a model: activations, gradients, updates, each with a verdict and what to change.

    Args:
        model: a run, a model folder or `"latest"` of the runs in `out`; or a `LanguageModel`. A run is measured with
            the state of its optimiser, a model with a fresh optimiser.
        words: the list, or running text, to measure on; default: the list that the model learned from, if its run
            names it or it ships with morelike.

    Raises:
        SettingError: an n-gram or a mixture, or a list that is neither known nor given.
        ModelError: there is no such model.
        RunError: the run has no checkpoint yet, or its list has changed.
        VocabularyError: words with characters that the model does not know.

    >>> made = train(["anna", "hanna", "anne", "hannah"], kind="mlp", hidden=8, steps=100)
    >>> found = diagnose(made, ["anna", "hanna", "anne", "hannah"])
    >>> found.readings[0].what, found.readings[0].verdict
    ('initial loss', 'good')
    """
    from morelike.workflows import diagnosis

    read = None if words is None else partial(corpus_of, "words", words)
    if isinstance(model, LanguageModel):
        return diagnosis.diagnose(diagnosis.subject_of_model(model, read))
    return diagnosis.diagnose(diagnosis.subject_of(model, Path(out), read))


def audit(
    model: LanguageModel | str | Path = "latest",
    words: Words | None = None,
    *,
    count: int = 10_000,
    seed: int = 0,
    out: str | Path = "runs",
) -> Audit:
    """Return what a model of words has memorised: from samples, and from the exact probabilities of its list's words.

    The samples are unfiltered: they may be words of the list, or repeated.

    Args:
        model: a run, a model folder or `"latest"` of the runs in `out`; or a `LanguageModel`. It needs NumPy alone.
        words: the list that the model learned from; by default it is found as in `diagnose`.
        count: the number of samples.
        seed: the seed of the samples.

    Raises:
        SettingError: a model of running text, another list than the model's, or a list that is neither known nor given.
        SamplingError: the model makes words without end.

    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
    >>> found = audit(train(words, kind="ngram", order=3), words, count=500)
    >>> [share.part for share in found.shares]
    ['train', 'dev', 'test']
    """
    from morelike.workflows import memorisation

    corpus = corpus_of("words", words, "lines") if words is not None else None
    return memorisation.audit(open_model(model, out), corpus, run_of(model, out), count=count, seed=seed)


def load(model: str | Path = "latest", *, out: str | Path = "runs") -> LanguageModel:
    """Return a trained model by a run, a model folder, or `"latest"` of the runs in `out`; it needs NumPy alone.

    Raises:
        ModelError: there is none, or it is damaged; the file is named.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = train(["anna", "hanna", "anne"], kind="ngram", out=folder)
    ...     loaded = load("latest", out=folder)
    >>> loaded.architecture.kind
    'ngram'
    """
    return open_model(model, out)


@accept_old_names
def compare(
    first: LanguageModel,
    second: LanguageModel,
    words: Words,
    *,
    counts: WordCounts | None = None,
    count_weighting: CountWeighting = "counts",
    labels: WordLabels | None = None,
    unknown: UnknownPolicy = "error",
    seed: int = 0,
) -> Comparison:
    """Return the paired difference of two models on the same words, in nats per character: first minus second.

    `counts` holds how often each word was seen, `count_weighting` weighs the counts: see `train`. A model with labels
    scores each word under its label in `labels`.

    Raises:
        ListError: invalid words, counts or labels, or not a count or a label for each word.
        SettingError: no words, or words of which the models leave out different characters.
        VocabularyError: characters that one of the models does not know.

    >>> anna = train(["anna", "hanna", "anne"], kind="ngram", order=3)
    >>> bob = train(["bob", "han", "anneb"], kind="ngram", order=3)
    >>> compare(anna, bob, ["hanna", "anna"]).difference < 0
    True
    """
    return compared(first, second, words, counts, count_weighting, labels, unknown, seed)
