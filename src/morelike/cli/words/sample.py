"""`morelike sample`: new words on stdout, one a line."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from morelike import api
from morelike.cli.shared.output import print_json, print_note, print_words, stdout_console
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    BlockLists,
    Json,
    LabelName,
    ListFlags,
    ModelName,
    RunsFolder,
    SampleSeed,
    option,
)
from morelike.cli.shared.word_streams import OutputFile, WordsFormat, refuse_files_with_json, write_words
from morelike.errors import SamplingError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.language_model.sample_settings import Novelty
from morelike.language_model.sampling_report import SamplingReport
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.text.corpus import Corpus
from morelike.text.formats.options import ReadingOptions
from morelike.text.reading import read_corpus, read_lines

TEXT_LENGTH = 500
NO_FILTERS, ALL_WORDS, NEW_WORDS = SamplingConfig(), Constraints(), Novelty()


def sample(
    model: ModelName = "latest",
    /,
    *,
    count: Annotated[int | None, option("the number of words [default: 20; with --greedy: 1]", "--count", "-n")] = None,
    characters: Annotated[int | None, option("characters to write, for a model of running text [default: 500]")] = None,
    filters: Annotated[SamplingConfig, Parameter(name="*")] = NO_FILTERS,
    label: LabelName = None,
    constraints: Annotated[Constraints, Parameter(name="*")] = ALL_WORDS,
    not_in: Annotated[tuple[str, ...], option("a list of words to leave out; may be repeated")] = (),
    block: BlockLists = (),
    novelty: Annotated[Novelty, Parameter(name="*", negative=None)] = NEW_WORDS,
    own_list: Annotated[
        str | None,
        option("the list for --edits and --novel-ignoring, if the model's own list cannot be found", "--list"),
    ] = None,
    lists: ListFlags = PLAIN_LISTS,
    seed: SampleSeed = None,
    explain: Annotated[bool, option("print whether the words follow the model exactly or approximately")] = False,
    mark: Annotated[bool, option("print a tab and `train`, `dev`, `test` or `new` after each word")] = False,
    form: WordsFormat = None,
    output: OutputFile = None,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> int:
    """Make new words with a trained model, or continue a text with a model of running text.

    Only the words are printed on stdout. By default the words are new (in no part of the list) and distinct. All
    constraints may be combined; the words follow the model's distribution under the constraints, for n-grams exactly.

    Examples:
      morelike sample -n 50 --prefix el
      morelike sample runs/MY-RUN --temperature 0.7 --min-length 5 --max-length 8
      morelike sample -n 1000 --seed 1 > words.txt
      morelike sample --label girl
      morelike sample --suffix son --not-contains x --max-length 8 --explain
      morelike sample --pattern _a__o
      morelike sample --regex "(mc|mac)[a-z]{3,6}" --not-in names.txt
      morelike sample --similar emma --within 2 --edits 1
      morelike sample --novel-ignoring case,accents --one-script --pronounceable
      morelike sample -n 1000 -o words.csv
    """
    refuse_files_with_json(as_json, form, output)
    loaded = api.load(model, out=out).conditioned_on(label)
    seed = secrets.randbits(32) if seed is None else seed
    if loaded.form == "text":
        options = {"count": count is not None, "not_in": not_in, "block": block, "explain": explain, "mark": mark}
        options |= {"format": form, "output": output, **novelty.model_dump(exclude_defaults=True)}
        _refuse_for_text(options, constraints)
        _write(loaded, characters, constraints.prefix, seed, filters, as_json=as_json)
        return 0
    if characters is not None:
        raise SettingError("--characters is for a model of running text: this one makes words (see --count)")
    settings = {**filters.model_dump(), **constraints.model_dump(), **novelty.model_dump()}
    settings["not_contains"] += tuple(text for name in block for text in read_lines(name, lists.reading))
    settings["not_in"] = [word for name in not_in for word in read_lines(name, lists.reading)]
    if novelty.edits > 0 or (novelty.novel and novelty.novel_ignoring):
        corpus = _list_of(loaded, model, out, own_list, lists.reading)
        settings["not_in"] += corpus.words if novelty.novel_ignoring else []
        settings["far_from"] = _train(loaded, corpus) if novelty.edits > 0 else ()
    failure = None
    reports: list[SamplingReport] = []
    try:
        words = loaded.sample(count, seed=seed, on_report=reports.append, **settings)
    except SamplingError as error:
        words, failure = error.found, error
    if form or output:
        write_words(loaded, words, form, output)
    else:
        _print(loaded, words, seed, mark=mark, as_json=as_json)
    if explain and reports:
        print_note(f"{reports[0].sentence()}.")
    if failure:
        raise failure
    return 0


def _write(
    model: LanguageModel,
    characters: int | None,
    prefix: str,
    seed: int,
    filters: SamplingConfig,
    *,
    as_json: bool,
) -> None:
    """Print a prefix and the text that a model of running text writes after it."""
    length = TEXT_LENGTH if characters is None else characters
    text = model.write(length, prefix=prefix, seed=seed, **filters.model_dump())
    print_json({"seed": seed, "text": text}) if as_json else print_words([text])


def _list_of(model: LanguageModel, name: str, out: Path, given: str | None, reading: ReadingOptions) -> Corpus:
    """Return the list that a model learned from, or the given list in its place."""
    from morelike.runs.lookup import run_of
    from morelike.runs.provenance import list_of  # a tenth of a cold start, for an option seldom given

    return read_corpus(given, options=reading) if given else list_of(model, run_of(name, out))


def _train(model: LanguageModel, corpus: Corpus) -> Sequence[str]:
    """Return the train part of the list that a model learned from."""
    from morelike.training.preparation import split_corpus

    return split_corpus(corpus, str(model.facts.get("split") or "none")).train


def _refuse_for_text(options: Mapping[str, Any], constraints: Constraints) -> None:
    """Refuse the first option that is given and is for words only."""
    given = {name: value for name, value in options.items() if value or name in Novelty.model_fields}
    given |= constraints.model_dump(exclude_defaults=True, exclude={"prefix"})
    for name, value in given.items():
        option = f"no-{name}" if value is False else name.replace("_", "-")
        raise SettingError(f"--{option} is for a model of words: this one writes running text (see --characters)")


def _print(model: LanguageModel, words: list[str], seed: int, *, mark: bool, as_json: bool) -> None:
    marked = [(word, model.known.split_of(word)) for word in words]
    if as_json:
        print_json({"seed": seed, "words": [{"word": word, "in": where} for word, where in marked]})
    elif mark:
        print_words(f"{word}\t{where}" for word, where in marked)
    elif sys.stdout.isatty():
        from rich.text import Text  # a pipe does not need rich, which is slow to import

        console = stdout_console()
        for word, where in marked:
            console.print(Text(word) if where == "new" else Text.assemble(word, (f"  in {where}", "dim")))
    else:
        print_words(words)
