"""The plan of a run: a list, an architecture and settings, made from keywords, flags and files or read from a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from morelike.architecture import MIXTURE, Architecture, build, find, kinds
from morelike.errors import ListError, RunError, SettingError, excerpt
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import (
    LENGTHS,
    SWITCHES,
    TrainingConfig,
    configure,
    configure_kind,
    configure_tables,
    idle_settings,
    idle_training_settings,
    read_config,
)
from morelike.text.corpus import Corpus
from morelike.text.formats.options import DEFAULTS, ReadingOptions
from morelike.text.labels import label_names
from morelike.text.reading import read_corpus
from morelike.text.splits import TEXT_SPLIT_RULES, find_rule
from morelike.text.words import Form

DEFAULT_KIND = "gru"


@dataclass(frozen=True)
class Plan:
    """Everything that a run depends on: equal plans give equal bytes on one machine.

    `source` is a path or the name of a list of the catalogue, None for words from elsewhere (a pipe, a program).
    `selection` says why this kind was selected for the list (see `model_selection`), None if the kind was given.
    `mixed_with` is an n-gram that is counted too and mixed with the network, if that lowers the loss on dev; with
    `any_order` a higher order than its own is taken if dev prefers it.
    `refit` says whether the final model is trained anew on all splits, after the losses on dev and test are known.
    `hide_test` says that the loss on test is not computed in this run (see `workflows.hidden_test`).
    `notes` are sentences about the settings, without a full stop.
    """

    corpus: Corpus
    architecture: Architecture
    training: TrainingConfig
    source: str | None = None
    split: str = "shuffle-42"
    selection: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    mixed_with: Architecture | None = None
    any_order: bool = False
    refit: bool = False
    hide_test: bool = False

    @property
    def kind(self) -> str:
        """The kind of model, "mixture" if a network and an n-gram are mixed."""
        return MIXTURE if self.mixed_with else self.architecture.kind

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that condition the model, sorted; empty if the list has none or `labelled` is false."""
        return label_names(self.corpus.labels) if self.corpus.labels and self.training.labelled else ()

    def as_config(self) -> dict[str, Any]:
        """Return the tables of config.toml, without the settings that are None or have no effect."""
        columns = {"count_weighting": self.corpus.counts, "labelled": self.corpus.labels}
        unused = {name for name, column in columns.items() if column is None}
        unused |= set() if self.training.wrong_sign else {"wrong_sign"}
        unused |= idle_training_settings(self.architecture, self.training).keys()
        form = {"as": self.corpus.form} if self.corpus.form != "lines" else {}
        counted = self.mixed_with.settings_in_use() if self.mixed_with else {}
        if self.any_order:
            counted.pop("order", None)
        return {
            "data": {
                "list": self.source or self.corpus.name,
                **form,
                **self.corpus.reading.as_config(),
                "split": self.split,
                **{name: True for name in SWITCHES if getattr(self, name)},
            },
            "architecture": {"kind": self.architecture.kind, **self.architecture.settings_in_use()},
            **({"mixed_with": {"kind": self.mixed_with.kind, **counted}} if self.mixed_with else {}),
            "training": self.training.model_dump(exclude=unused, exclude_none=True),
        }


def make_plan(
    corpus: Corpus,
    kind: str = DEFAULT_KIND,
    *,
    source: str | None = None,
    split: str | None = None,
    quick: bool = False,
    settings: Mapping[str, Any],
    configured: Mapping[str, Any] = MappingProxyType({}),
) -> Plan:
    """Return the plan of a run; each setting goes to the architecture or to training, whichever declares it.

    `configured` are settings of a file, which the `settings` override.

    Raises:
        SettingError: neither declares it, a value makes no sense, or one of `settings` has no effect.
    """
    split = split_rule(corpus, split)
    architecture, training = configure_kind(kind, settings, quick=quick, configured=configured)
    if corpus.counts is None and settings.get("count_weighting", "none") != "none":
        raise SettingError(
            f"count_weighting = {training.count_weighting}: the list '{corpus.name}' has no counts; give it a second "
            "column, word<TAB>count"
        )
    if corpus.labels is None and settings.get("labelled"):
        raise SettingError(
            f"labelled = True: the list '{corpus.name}' has no labels; give it a third column, word<TAB>count<TAB>label"
        )
    if corpus.labels is not None and training.labelled and not architecture.takes_labels:
        takers = [other for other in kinds() if find(other).takes_labels]
        raise SettingError(
            f"{kind} takes no labels, and the list '{corpus.name}' has some: choose {', '.join(takers[:-1])} or "
            f"{takers[-1]}, or learn without them, with labelled = False"
        )
    notes = tuple(_idle_notes(architecture, training, configured))
    return Plan(corpus, architecture, training, source, split, notes=notes)


def _idle_notes(architecture: Architecture, training: TrainingConfig, configured: Mapping[str, Any]) -> Iterator[str]:
    """Yield a note for each setting of a file that has no effect, unless it has its default value."""
    defaults = {**type(architecture)().model_dump(), **configure(architecture, {}).model_dump()}
    for name, disabled_by in idle_settings(architecture, training).items():
        if name in configured and configured[name] != defaults[name]:
            yield f"{name} = {configured[name]} has no effect with {disabled_by}"


def read_plan(
    words: str | None,
    kind: str | None,
    *,
    form: Form | None = None,
    split: str | None = None,
    config: Path | None = None,
    quick: bool = False,
    settings: Mapping[str, Any],
    reading: ReadingOptions | None = None,
) -> Plan:
    """Return the plan of a list by its name; what is given overrides the file `config`, which overrides the defaults.

    Raises:
        ListError: the list cannot be read.
        SettingError: as `make_plan` and `read_config`.
    """
    tables = read_config(config) if config else {}
    data, architecture, training = (dict(tables.get(name, {})) for name in ("data", "architecture", "training"))
    configured_kind = architecture.pop("kind", DEFAULT_KIND)
    if kind is not None and kind != configured_kind:
        architecture = {}
    if settings.keys() & {"steps", "epochs"}:
        training = {name: value for name, value in training.items() if name not in LENGTHS}
    configured_form = data.get("as", "lines")
    form = form or configured_form
    if form not in get_args(Form):
        raise SettingError(f"'{config}': as = {excerpt(form)}: a list is read as lines or as text")
    source = str(words or data.get("list", "names"))
    if split is None and form == configured_form:
        split = data.get("split")
    plan = make_plan(
        read_corpus(source, form, reading or (ReadingOptions.from_config(data) if words is None else DEFAULTS)),
        kind or configured_kind,
        source=source_of(source),
        split=split,
        quick=quick,
        settings=settings,
        configured={**architecture, **training},
    )
    counted = mixed_with_of(tables) if kind in (None, configured_kind) else None
    any_order = counted is not None and "order" not in tables["mixed_with"]
    return replace(
        plan,
        mixed_with=counted,
        any_order=any_order,
        refit=data.get("refit", False),
        hide_test=data.get("hide_test", False),
    )


def source_of(name: str) -> str | None:
    """Return how a plan names a list: None for standard input, an absolute path for a file, or a shipped name.

    Raises:
        ListError: a path that is not UTF-8: the run's settings could not name it.
    """
    if name == "-":
        return None
    path = str(Path(name).resolve()) if Path(name).exists() else name
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ListError(f"'{path}': the name is not UTF-8: rename the file or its folder") from None
    return path


def plan_of_run(run: RunFolder, source: str | None = None, length: Mapping[str, Any] | None = None) -> Plan:
    """Return the plan of a run, to resume it.

    Args:
        run: the run.
        source: where its list is now; by default where it was.
        length: `steps` or `epochs`, instead of the run's own.

    Raises:
        RunError: its list has changed, or `source` is another list.
        SettingError: a length that makes no sense, or a run that is counted.
    """
    tables, meta = read_config(run.path / "config.toml"), run.meta()
    if length:
        tables["training"] = {k: v for k, v in tables["training"].items() if k not in LENGTHS} | {**length}
    architecture, training = configure_tables(tables)
    if length and architecture.learned_by != "gradients":
        raise SettingError(f"the run '{run.path}' is counted, not trained: give no steps or epochs with it")
    corpus, source = _corpus_of_run(run, tables["data"], meta, source)
    choice = meta.get("choice")
    mixed_with = mixed_with_of(tables)
    if choice and "counted" in choice:  # of an older version, which counted the n-gram of a mixture in a run of its own
        mixed_with = build("ngram", {})
    return Plan(
        corpus,
        architecture,
        training,
        source,
        tables["data"]["split"],
        choice,
        mixed_with=mixed_with,
        any_order="order" not in tables.get("mixed_with", {"order": 8}),
        refit=tables["data"].get("refit", False),
        hide_test=tables["data"].get("hide_test", False),
    )


def hiding_test(plan: Plan) -> Plan:
    """Return a plan whose run does not compute the loss on test.

    Raises:
        SettingError: its split has no test.
    """
    if plan.split == "none":
        raise SettingError("hide_test: the split 'none' holds nothing out, so there is no test to hide: leave it out")
    return replace(plan, hide_test=True)


def mixed_with_of(tables: Mapping[str, Mapping[str, Any]]) -> Architecture | None:
    """Return the n-gram that the tables of a config.toml mix with the network, None if there is none.

    Raises:
        SettingError: a setting that does not exist, or a value that makes no sense.
    """
    if "mixed_with" not in tables:
        return None
    settings = dict(tables["mixed_with"])
    return build(settings.pop("kind", "ngram"), settings)


def _corpus_of_run(
    run: RunFolder, data: Mapping[str, Any], meta: Mapping[str, Any], source: str | None
) -> tuple[Corpus, str | None]:
    """Return the list of a run, and its path or shipped name; None for a list that the run keeps itself.

    Raises:
        RunError: the list has changed, or `source` is another list.
    """
    form, facts = data.get("as", "lines"), meta["data"]
    columns = run.saved_list(counted="counts_sha256" in facts, labelled="labels_sha256" in facts)
    if columns is None or source is not None:
        kept, path = False, source or data["list"]
        corpus = replace(read_corpus(path, form, ReadingOptions.from_config(data)), name=meta["list"])
    else:
        words, counts, labels = columns
        kept, path = True, data["list"]
        words = ["\n".join(words)] if form == "text" else words
        corpus = Corpus(meta["list"], words, counts, form=form, labels=labels)
    if any(corpus.facts.get(name) != facts.get(name) for name in ("sha256", "counts_sha256", "labels_sha256")):
        if source is not None:
            raise RunError(f"the list '{source}' is not the list that '{run.path}' learns from: give that list")
        raise RunError(f"the list '{path}' has changed since '{run.path}' began: it cannot be resumed, start a new run")
    return corpus, None if kept else source_of(path)


def split_rule(corpus: Corpus, name: str | None) -> str:
    """Return the name of the rule that splits a list or a text: the given one, or the default.

    Raises:
        SettingError: no rule has this name, it does not suit a list or a text, or the store has another split.
    """
    if corpus.store:
        if name not in (None, corpus.store.split.name):
            raise SettingError(
                f"a store is split by '{corpus.store.split.name}' when it is built, not by {excerpt(name)}"
            )
        return corpus.store.split.name
    if corpus.form == "lines":
        name = name or "shuffle-42"
        find_rule(name)
        return name
    name = name or "contiguous"
    if name not in TEXT_SPLIT_RULES:
        raise SettingError(
            f"a running text is not split by {excerpt(name)}: choose among {', '.join(TEXT_SPLIT_RULES)}"
        )
    return name
