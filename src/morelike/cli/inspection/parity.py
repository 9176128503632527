"""`morelike parity`: the loss and the gradients of one model, computed by scalars, by NumPy and by JAX."""

from __future__ import annotations

from typing import Annotated

from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import PLAIN_LISTS, Json, ListFlags, ListName, option
from morelike.text.reading import read_corpus


def parity(
    words: ListName = "names",
    /,
    *,
    context: Annotated[int, option("characters of context")] = 3,
    embedding: Annotated[int, option("width of a character's embedding")] = 4,
    hidden: Annotated[int, option("width of the hidden layer")] = 20,
    examples: Annotated[int, option("the number of contexts, drawn from the list at random")] = 32,
    seed: Annotated[int, option("the seed of the weights and of the contexts")] = 0,
    lists: ListFlags = PLAIN_LISTS,
    as_json: Json = False,
) -> int:
    """Compute one small model in three ways, and print the differences between their losses and gradients.

    The model is an MLP language model with one set of weights. The ways are scalars with automatic differentiation,
    NumPy with a backward pass written by hand, and JAX as in training; all use float64. `first` is the time of the
    first call in seconds, which includes JAX's compilation; `again` is the time of the second call. The exit status is
    1 if two ways differ by more than 1e-10 anywhere.

    Examples:
      morelike parity
      morelike parity my-list.txt --hidden 8 --examples 4
      morelike parity names --json
    """
    from morelike.workflows.gradient_parity import TOLERANCE, compare_gradients

    corpus = read_corpus(words, "lines", lists.reading)
    found = compare_gradients(corpus, context=context, embedding=embedding, hidden=hidden, examples=examples, seed=seed)
    differences = found.differences()
    status = 0 if found.agree else 1
    if as_json:
        ways = [
            {"way": way.name, "loss": way.loss, "first_seconds": way.first_seconds, "seconds": way.seconds}
            for way in found.ways
        ]
        print_json(
            {
                "list": corpus.name,
                "examples": found.examples,
                "parameters": found.parameters,
                "ways": ways,
                "differences": differences,
                "tolerance": TOLERANCE,
                "agree": found.agree,
            }
        )
        return status
    rows = [[way.name, f"{way.loss:.12f}", f"{way.first_seconds:.6f}", f"{way.seconds:.6f}"] for way in found.ways]
    print_rows(["way", "loss", "first", "again"], rows)
    shapes = {name: " x ".join(map(str, gradient.shape)) for name, gradient in found.ways[0].gradients.items()}
    rows = [
        [name, shapes.get(name, ""), *(f"{each:.1e}" for each in pairs.values())] for name, pairs in differences.items()
    ]
    print_rows(["of", "shape", *differences["loss"]], rows)
    print_note(
        f"The three ways {'agree' if found.agree else 'DISAGREE'} (largest difference allowed {TOLERANCE:g}): "
        f"{found.parameters:,} parameters, {found.examples} examples."
    )
    return status
