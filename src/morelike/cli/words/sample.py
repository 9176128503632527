"""`morelike sample`: new words on stdout, one a line."""

from __future__ import annotations

import inspect
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from morelike import api
from morelike.cli.shared.output import Json, LabelName, ModelName, RunsFolder, person, print_json, print_words
from morelike.cli.shared.word_streams import OutFile, WordsFormat, refuse_beside_json, write_words
from morelike.errors import SamplingError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.language_model.sampling import SamplingReport
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.filters import SamplingConfig
from morelike.text.reading import read_corpus, read_lines

__all__ = ["EXAMPLES", "sample"]

EXAMPLES = """\
Examples:

  morelike sample -n 50 --prefix el
  morelike sample runs/MY-RUN --temperature 0.7 --min-length 5 --max-length 8
  morelike sample -n 1000 --seed 1 > words.txt
  morelike sample --label girl
  morelike sample --suffix son --not-contains x --max-length 8 --explain
  morelike sample --pattern _a__o
  morelike sample --regex "(mc|mac)[a-z]{3,6}" --not-in names.txt
  morelike sample --similar emma --within 2 --edits 1
  morelike sample -n 1000 -o words.csv
"""

TEXT_LENGTH = 500
ASKS = {name: field.description or "" for name, field in Constraints.model_fields.items()}
SAYS = {name: field.description or "" for name, field in SamplingConfig.model_fields.items()}


def sample(
    model: ModelName = "latest",
    /,
    *,
    count: Annotated[int, Parameter(name=["--count", "-n"], help="how many words")] = 20,
    characters: Annotated[
        int | None, Parameter(help="how long a text to write, for a model of running text [default: 500]")
    ] = None,
    temperature: Annotated[float, Parameter(help=SAYS["temperature"])] = 1.0,
    top_k: Annotated[int | None, Parameter(help=SAYS["top_k"])] = None,
    top_p: Annotated[float | None, Parameter(help=SAYS["top_p"])] = None,
    min_p: Annotated[float | None, Parameter(help=SAYS["min_p"])] = None,
    greedy: Annotated[bool, Parameter(negative=(), help="always the most probable character: one word")] = False,
    label: LabelName = None,
    prefix: Annotated[str, Parameter(help="how each word, or the text, begins")] = "",
    suffix: Annotated[str, Parameter(help=ASKS["suffix"])] = "",
    contains: Annotated[tuple[str, ...], Parameter(help=ASKS["contains"], negative=())] = (),
    not_contains: Annotated[tuple[str, ...], Parameter(help=ASKS["not_contains"], negative=())] = (),
    regex: Annotated[str, Parameter(help=ASKS["regex"])] = "",
    pattern: Annotated[str, Parameter(help=ASKS["pattern"])] = "",
    allowed: Annotated[str, Parameter(help=ASKS["allowed"])] = "",
    banned: Annotated[str, Parameter(help=ASKS["banned"])] = "",
    similar: Annotated[str, Parameter(help=ASKS["similar"])] = "",
    within: Annotated[int, Parameter(help=ASKS["within"])] = 2,
    min_length: Annotated[int, Parameter(help=ASKS["min_length"])] = 1,
    max_length: Annotated[int, Parameter(help=ASKS["max_length"])] = 100,
    not_in: Annotated[
        tuple[str, ...], Parameter(help="a list of words that are not wanted; may be given again", negative=())
    ] = (),
    block: Annotated[
        tuple[str, ...],
        Parameter(help="a list of what no word may hold, even in part; may be given again", negative=()),
    ] = (),
    edits: Annotated[int, Parameter(help="edits that each word is away from every word in train, at least")] = 0,
    train: Annotated[
        str | None, Parameter(name="--list", help="the list for --edits, where the model's own cannot be found")
    ] = None,
    novel: Annotated[
        bool, Parameter(help="only words that are not in the list, its dev and test parts included")
    ] = True,
    unique: Annotated[bool, Parameter(help="no word twice")] = True,
    seed: Annotated[int | None, Parameter(help="the same seed gives the same words; by default a fresh one")] = None,
    explain: Annotated[bool, Parameter(negative=(), help="say how exactly the words follow the model")] = False,
    mark: Annotated[
        bool, Parameter(negative=(), help="after each word a tab and `train`, `dev`, `test` or `new`")
    ] = False,
    form: WordsFormat = None,
    output: OutFile = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Make new words with a trained model; with a model of running text, write on.

    Words alone go to stdout. By default they are new (in no part of the list) and no word comes twice. All constraints
    may be combined; words are drawn from the model's own that keep them, exactly for n-grams.
    """
    refuse_beside_json(as_json, form, output)
    loaded = api.load(model, out=Path(out)).conditioned_on(label)
    seed = secrets.randbits(32) if seed is None else seed
    choice: dict[str, Any] = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    choice |= {"greedy": greedy, "prefix": prefix, "seed": seed}
    of_words: dict[str, Any] = {"suffix": suffix, "contains": contains, "not_contains": not_contains, "regex": regex}
    of_words |= {"pattern": pattern, "allowed": allowed, "banned": banned, "similar": similar, "within": within}
    of_words |= {"min_length": min_length, "max_length": max_length, "novel": novel, "unique": unique, "edits": edits}
    lists = {"not_in": not_in, "block": block}
    if loaded.form == "text":
        _refuse_changed({"count": count, **of_words, **lists, "explain": explain, "mark": mark})
        if form or output:
            raise SettingError("--format and --output are for a model of words: this one writes running text")
        _print_text(loaded, TEXT_LENGTH if characters is None else characters, choice, as_json=as_json)
        return 0
    if characters is not None:
        raise SettingError("--characters is for a model of running text: this one makes words (see --count)")
    of_words["not_contains"] = (*not_contains, *(part for name in block for part in read_lines(name)))
    of_words["not_in"] = [word for name in not_in for word in read_lines(name)]
    if edits > 0:
        of_words["far_from"] = _train(loaded, model, Path(out), train)
    failure = None
    accounts: list[SamplingReport] = []
    try:
        words = loaded.sample(count, **choice, **of_words, on_report=accounts.append)
    except SamplingError as error:
        words, failure = error.found, error
    if form or output:
        write_words(loaded, words, form, output)
    else:
        _print(loaded, words, seed, mark=mark, as_json=as_json)
    if explain and accounts:
        person().print(f"{accounts[0].sentence()}.")
    if failure:
        raise failure
    return 0


def _train(model: LanguageModel, name: str, out: Path, given: str | None) -> Sequence[str]:
    """Return the train part of the list that a model learned from."""
    from morelike.runs.lookup import run_of
    from morelike.runs.provenance import list_of  # a tenth of a cold start, for an option seldom given
    from morelike.training.preparation import split_corpus

    corpus = read_corpus(given) if given else list_of(model, run_of(name, out))
    return split_corpus(corpus, str(model.facts.get("split") or "none")).train


def _refuse_changed(of_words: dict[str, Any]) -> None:
    """Refuse the options that are about words, where they are not what they are by default."""
    usual = inspect.signature(sample).parameters
    for name, value in of_words.items():
        if value != usual[name].default:
            option = f"no-{name}" if value is False else name.replace("_", "-")
            raise SettingError(f"--{option} is for a model of words: this one writes running text (see --characters)")


def _print_text(model: LanguageModel, characters: int, choice: dict[str, Any], *, as_json: bool) -> None:
    text = model.write(characters, **choice)
    if as_json:
        print_json({"seed": choice["seed"], "text": text})
    else:
        print_words([text])


def _print(model: LanguageModel, words: list[str], seed: int, *, mark: bool, as_json: bool) -> None:
    marked = [(word, model.known.where(word)) for word in words]
    if as_json:
        print_json({"seed": seed, "words": [{"word": word, "in": where} for word, where in marked]})
    elif mark:
        print_words(f"{word}\t{where}" for word, where in marked)
    elif sys.stdout.isatty():
        from rich.console import Console  # what a pipe does without is not waited for
        from rich.text import Text

        console = Console(highlight=False, markup=False, emoji=False)
        for word, where in marked:
            console.print(Text(word) if where == "new" else Text.assemble(word, (f"  in {where}", "dim")))
    else:
        print_words(words)
