"""`morelike likeness`: which entries of other lists are like given words, in spelling and in sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.parameters import PLAIN_LISTS, Json, ListFlags, Streamed, option
from morelike.cli.shared.word_streams import STANDARD_STREAMS, RowMaker, WordFiles, read_batches, write_rows
from morelike.errors import SettingError
from morelike.evaluation.likeness import Likeness, LikenessIndex
from morelike.text.reading import read_lines
from morelike.text.words import clean

COLUMNS = [
    WORD,
    OutputColumn("spelled_like"),
    OutputColumn("spelling", ".2f"),
    OutputColumn("spelling_list"),
    OutputColumn("sounds_like"),
    OutputColumn("sound", ".2f"),
    OutputColumn("sound_list"),
    OutputColumn("alike", boolean=True),
]


def likeness(
    *words: Streamed,
    compared: Annotated[
        tuple[str, ...], option("a list to compare with, trademarks say; may be repeated", "--list")
    ] = (),
    threshold: Annotated[float, option("the likeness in spelling or sound from which a word is called alike")] = 0.8,
    files: WordFiles = STANDARD_STREAMS,
    lists: ListFlags = PLAIN_LISTS,
    as_json: Json = False,
) -> None:
    """Report which entries of other lists are most like given words, in spelling and in sound.

    Words are compared without case and accents. spelling is 1 - the edit distance / the length of the longer word.
    sound is the same for Metaphone codes, which spell how words sound in English; words of one code have 1. This is no
    legal search: it finds words to look at, and misses likeness in meaning.

    Examples:
      morelike likeness zeroks emma --list trademarks.txt
      morelike sample -n 100 | morelike likeness --list trademarks.txt --list competitors.txt
      morelike likeness --in names.csv --list trademarks.txt -o report.csv
    """
    files.check("likenesses", as_json=as_json)
    if not compared:
        raise SettingError("no list to compare with: name one, such as --list trademarks.txt")
    if not 0 <= threshold <= 1:
        raise SettingError(f"--threshold {threshold:g}: give a number from 0 to 1")
    batches = read_batches(words, files, lists, "morelike likeness emma --list trademarks.txt")
    index = LikenessIndex({name: read_lines(name, lists.reading) for name in compared})

    def rows(words: Sequence[str]) -> list[dict[str, Any]]:
        return [_row(index.nearest(word), threshold) for word in words]

    write_rows(batches, RowMaker(rows, lambda word: not clean(word), COLUMNS), files, as_json=as_json)


def _row(found: Likeness, threshold: float) -> dict[str, Any]:
    sounds_like = found.sounds_like
    return {
        "word": found.word,
        "spelled_like": found.spelled_like.word,
        "spelling": found.spelling,
        "spelling_list": found.spelled_like.listed_in,
        "sounds_like": sounds_like.word if sounds_like else "",
        "sound": found.sound,
        "sound_list": sounds_like.listed_in if sounds_like else "",
        "alike": found.greatest >= threshold,
    }
