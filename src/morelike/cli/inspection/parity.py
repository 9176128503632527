"""`morelike parity`: one model, its loss and gradients by scalars, by NumPy and by JAX."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from morelike.cli.shared.output import LIST_NAME, Json, person, print_json, print_rows
from morelike.text.reading import read_corpus

__all__ = ["EXAMPLES", "parity"]

EXAMPLES = """\
Examples:

  morelike parity
  morelike parity my-list.txt --hidden 8 --examples 4
  morelike parity names --json
"""


def parity(
    words: Annotated[str, LIST_NAME] = "names",
    /,
    *,
    context: Annotated[int, Parameter(help="characters of context")] = 3,
    embedding: Annotated[int, Parameter(help="width of a character's embedding")] = 4,
    hidden: Annotated[int, Parameter(help="width of the hidden layer")] = 20,
    examples: Annotated[int, Parameter(help="contexts of the list, drawn at random")] = 32,
    seed: Annotated[int, Parameter(help="of the weights and the contexts")] = 0,
    as_json: Json = False,
) -> int:
    """Compute one small model in three ways, and say how far losses and gradients lie apart.

    An MLP language model with one set of weights: by scalars that differentiate themselves, by NumPy with the backward
    pass written by hand, and by JAX as in training. All count in float64. `first` are the seconds of the first time,
    JAX's making of its program included, `again` those of the second. Exit status 1 if two ways differ by more than
    1e-10 anywhere.
    """
    from morelike.workflows.gradient_parity import TOLERANCE, compare_gradients

    corpus = read_corpus(words, "lines")
    found = compare_gradients(corpus, context=context, embedding=embedding, hidden=hidden, examples=examples, seed=seed)
    differences = found.differences()
    if as_json:
        print_json(
            {
                "list": corpus.name,
                "examples": found.examples,
                "parameters": found.parameters,
                "ways": [
                    {"way": way.name, "loss": way.loss, "first_seconds": way.first_seconds, "seconds": way.seconds}
                    for way in found.ways
                ],
                "differences": differences,
                "tolerance": TOLERANCE,
                "agree": found.agree,
            }
        )
        return 0 if found.agree else 1
    rows = [[way.name, f"{way.loss:.12f}", f"{way.first_seconds:.6f}", f"{way.seconds:.6f}"] for way in found.ways]
    print_rows(["way", "loss", "first", "again"], rows)
    shapes = {name: " x ".join(map(str, gradient.shape)) for name, gradient in found.ways[0].gradients.items()}
    print_rows(
        ["of", "shape", *differences["loss"]],
        [
            [name, shapes.get(name, ""), *(f"{each:.1e}" for each in pairs.values())]
            for name, pairs in differences.items()
        ],
    )
    verdict = "agree" if found.agree else "DISAGREE"
    person().print(
        Text(
            f"The three ways {verdict} (largest difference allowed {TOLERANCE:g}): {found.parameters:,} parameters, "
            f"{found.examples} examples."
        )
    )
    return 0 if found.agree else 1
