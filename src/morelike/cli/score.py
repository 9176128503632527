"""`morelike score`: how likely words are under a model."""

from __future__ import annotations

import math
import sys
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from morelike import api
from morelike.cli.output import Json, ModelName, RunsFolder, print_json, print_rows, print_words
from morelike.errors import SettingError
from morelike.language_model.model import LanguageModel
from morelike.text.corpus import SHORTEST_TEXT, clean, read_lines

__all__ = ["EXAMPLES", "UnknownPolicy", "score"]

EXAMPLES = """\
Examples:

  morelike score latest emma xqzt
  morelike score latest emma --detail
  cat words.txt | morelike score runs/MY-RUN > scores.tsv
"""

UnknownPolicy = Annotated[
    Literal["error", "skip", "reserve"],
    Parameter(
        help="characters that the model does not know: refuse the word, leave them out, or give each one in "
        "10,000 of the probability"
    ),
]


def score(
    model: ModelName = "latest",
    /,
    *words: Annotated[str, Parameter(help="the words; none reads a list from standard input")],
    detail: Annotated[bool, Parameter(negative=(), help="the surprisal of each character, in bits")] = False,
    unknown: UnknownPolicy = "error",
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Say how alike words are to what a model learned: the lower the bits per character, the more alike.

    A word's figures count its end as one character more. nats is -ln p of the whole word.
    """
    loaded = api.load(model, out=Path(out))
    given = list(words) or _from_pipe(model)
    rows = [_figures(loaded, word, nats, unknown) for word, nats in _nats(loaded, given, unknown)]
    if as_json:
        print_json({"words": [_with_detail(loaded, row, unknown) if detail else row for row in rows]})
    elif detail:
        for row in rows:
            print_words([_spelled(loaded, row, unknown)])
    else:
        columns = ["word", "nats", "bits/char", "perplexity"]
        print_rows(
            columns,
            ([r["word"], f"{r['nats']:.4f}", f"{r['bits_per_character']:.4f}", f"{r['perplexity']:.3f}"] for r in rows),
        )
    return 0


def _from_pipe(model: str) -> list[str]:
    if sys.stdin.isatty():
        raise SettingError(
            f"no words to score: name them (`morelike score {model} emma`) or send a list through a pipe"
        )
    return read_lines("-")


def _nats(model: LanguageModel, words: list[str], unknown: Any) -> list[tuple[str, float]]:
    read = [_as_read(model, word, unknown) for word in words]
    if model.form == "text" and (short := next((text for text in read if len(text) < SHORTEST_TEXT), None)) is not None:
        raise SettingError(f"{short!r}: of a running text the first character is given, so give it two or more")
    return list(zip(read, (-model.log_probability(read, unknown=unknown)).tolist(), strict=True))


def _as_read(model: LanguageModel, word: str, unknown: str) -> str:
    """Return a word or a passage as the model reads it: white space around a passage belongs to it."""
    if model.form == "lines":
        return clean(word)
    text = unicodedata.normalize("NFC", word)
    return model.vocabulary.only_known(text) if unknown == "skip" else text


def _figures(model: LanguageModel, word: str, nats: float, unknown: str) -> dict[str, Any]:
    if model.form == "text":
        characters = len(word) - 1
    else:
        characters = len(model.vocabulary.known(word) if unknown == "skip" else word) + 1
    per_character = nats / characters
    return {
        "word": word,
        "nats": nats,
        "bits_per_character": per_character / math.log(2),
        "perplexity": math.exp(per_character),
        "in": model.known.where(word),
    }


def _surprisals(model: LanguageModel, word: str, unknown: Any) -> list[tuple[str, float]]:
    bits = model.surprisal(word, unknown=unknown) / math.log(2)
    characters = [*word, ""] if model.form == "lines" else [*word[1:]]
    return list(zip(characters, bits.tolist(), strict=True))


def _with_detail(model: LanguageModel, row: dict[str, Any], unknown: Any) -> dict[str, Any]:
    characters = [{"character": c, "bits": bits} for c, bits in _surprisals(model, row["word"], unknown)]
    return {**row, "surprisal": characters}


def _spelled(model: LanguageModel, row: dict[str, Any], unknown: Any) -> str:
    characters = "  ".join(f"{c or '⏎'} {bits:.2f}" for c, bits in _surprisals(model, row["word"], unknown))
    return f"{row['word']}\t{row['bits_per_character']:.4f} bits/char\t{characters}"
