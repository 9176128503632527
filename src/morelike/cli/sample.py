"""`morelike sample`: new words on stdout, one a line."""

from __future__ import annotations

import inspect
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from morelike import api
from morelike.cli.output import Json, ModelName, RunsFolder, print_json, print_words
from morelike.errors import SamplingError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.sampling.filters import Shaping

__all__ = ["EXAMPLES", "sample"]

EXAMPLES = """\
Examples:

  morelike sample -n 50 --prefix el
  morelike sample runs/MY-RUN --temperature 0.7 --min-length 5 --max-length 8
  morelike sample -n 1000 --seed 1 > words.txt
"""

TEXT_LENGTH = 500
SAYS = {name: field.description or "" for name, field in Shaping.model_fields.items()}


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
    prefix: Annotated[str, Parameter(help="how each word, or the text, begins")] = "",
    min_length: Annotated[int, Parameter(help="characters that a word has at least")] = 1,
    max_length: Annotated[int, Parameter(help="characters that a word has at most; longer ones are dropped")] = 100,
    novel: Annotated[
        bool, Parameter(help="only words that are not in the list, its dev and test parts included")
    ] = True,
    unique: Annotated[bool, Parameter(help="no word twice")] = True,
    seed: Annotated[int | None, Parameter(help="the same seed gives the same words; by default a fresh one")] = None,
    mark: Annotated[
        bool, Parameter(negative=(), help="after each word a tab and `train`, `dev`, `test` or `new`")
    ] = False,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Make new words with a trained model; with a model of running text, write on.

    Words alone go to stdout. By default they are new (in no part of the list) and no word comes twice.
    """
    loaded = api.load(model, out=Path(out))
    seed = secrets.randbits(32) if seed is None else seed
    choice: dict[str, Any] = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    choice |= {"greedy": greedy, "prefix": prefix, "seed": seed}
    of_words: dict[str, Any] = {"min_length": min_length, "max_length": max_length, "novel": novel, "unique": unique}
    if loaded.form == "text":
        _refuse_changed({"count": count, **of_words, "mark": mark})
        text = loaded.write(TEXT_LENGTH if characters is None else characters, **choice)
        if as_json:
            print_json({"seed": seed, "text": text})
        else:
            print_words([text])
        return 0
    if characters is not None:
        raise SettingError("--characters is for a model of running text: this one makes words (see --count)")
    failure = None
    try:
        words = loaded.sample(count, **choice, **of_words)
    except SamplingError as error:
        words, failure = error.found, error
    _print(loaded, words, seed, mark=mark, as_json=as_json)
    if failure:
        raise failure
    return 0


def _refuse_changed(of_words: dict[str, Any]) -> None:
    """Refuse the options that are about words, where they are not what they are by default."""
    usual = inspect.signature(sample).parameters
    for name, value in of_words.items():
        if value != usual[name].default:
            option = f"no-{name}" if value is False else name.replace("_", "-")
            raise SettingError(f"--{option} is for a model of words: this one writes running text (see --characters)")


def _print(model: LanguageModel, words: list[str], seed: int, *, mark: bool, as_json: bool) -> None:
    marked = [(word, model.known.where(word)) for word in words]
    if as_json:
        print_json({"seed": seed, "words": [{"word": word, "in": where} for word, where in marked]})
    elif mark:
        print_words(f"{word}\t{where}" for word, where in marked)
    elif sys.stdout.isatty():
        console = Console(highlight=False, markup=False, emoji=False)
        for word, where in marked:
            console.print(Text(word) if where == "new" else Text.assemble(word, (f"  in {where}", "dim")))
    else:
        print_words(words)
