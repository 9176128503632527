"""`morelike similar`: the nearest words of a list."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from morelike.cli.shared.output import Json, ModelName, RunsFolder, print_json, print_rows
from morelike.cli.shared.word_lists import Among, words_from
from morelike.language_model.word_embeddings import Embed
from morelike.text.reading import read_lines
from morelike.text.words import clean
from morelike.workflows.stimuli import By, similar_each

__all__ = ["EXAMPLES", "similar"]

EXAMPLES = """\
Examples:

  morelike similar latest emma
  morelike similar latest emma xqzt --by edits -n 5
  morelike similar runs/MY-RUN brandy --list my-brands.txt --embed last
"""


def similar(
    model: ModelName = "latest",
    /,
    *words: Annotated[str, Parameter(help="the words to compare with; none reads a list from standard input")],
    count: Annotated[int, Parameter(name=["--count", "-n"], help="how many words for each")] = 20,
    by: Annotated[
        By, Parameter(help="embedding: the cosine of what the model makes of whole words; edits: the fewest changes")
    ] = "embedding",
    embed: Annotated[
        Embed, Parameter(help="of a recurrent network's states, the mean over a word's characters or the last")
    ] = "mean",
    among: Among = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Find the words of a list that are most similar to a word, which need not be in it.

    By default the list is the one that the model learned from. Recurrent networks compare words by their states,
    window models by which characters a word has; kinds without an embedding take --by edits.
    """
    given = words_from(words, model, "similar")
    listed = None if among is None else read_lines(among)
    found = similar_each(model, given, listed, by=by, embed=embed, count=count, out=out)
    given = [clean(word) for word in given]
    if as_json:
        lists = zip(given, found, strict=True)
        print_json({"by": by, "words": [{"word": w, "similar": [asdict(each) for each in own]} for w, own in lists]})
        return 0
    print_rows(
        ["word", "similar", *(["cosine"] if by == "embedding" else []), "edits"],
        [
            [word, each.word, *([] if each.cosine is None else [f"{each.cosine:.4f}"]), str(each.edits)]
            for word, own in zip(given, found, strict=True)
            for each in own
        ],
    )
    return 0
