"""One step under the lens: from the context to the update of the weights, in numbers, for one example."""

from __future__ import annotations

from math import exp
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from morelike.arrays import Float, Weights, softmax
from morelike.evaluation.diagnostics import Examples
from morelike.language_model.forward import trained_forward
from morelike.panels.inside.example import Example, Position, example_of
from morelike.panels.look import Look
from morelike.panels.plain import Word, rounded
from morelike.workflows.gradient_parity import Gradients, by_hand

MOST_SYMBOLS = 30
MOST_ON_AN_AXIS = 40
LARGEST_GRADIENTS = 12
ENDS = ("inputs", "targets", "logits", "probabilities", "losses")


def lens(
    look: Look,
    *,
    word: Word,
    position: Position = 0,
    rate: Annotated[float | None, Field(gt=0, description="the learning rate; by default that of the run")] = None,
) -> dict[str, Any]:
    """Return one step of gradient descent on one example: every array, the loss, the gradients and the update.

    `stages` are the arrays from the embeddings to the last layer, each with its shape. `symbols` are the most probable
    next symbols with logit, probability, and the gradient of the loss by the logit: the probability, minus 1 at the
    target. `weights` has for each weight its shape, the length of its gradient, and its largest gradients with index,
    weight, gradient and the weight after the step, w - rate * gradient. `loss_after` is the loss of the same example
    after the step. Losses are in nats.

    The gradients of an mlp and of a bigram follow from formulas. For other kinds `weights` and `loss_after` are None.

    Raises:
        VocabularyError: an unknown character.
        SettingError: a position behind the end of the word, a model of running text, or a counted model.
    """
    network = look.model.architecture.as_trained("it takes no steps")
    example = example_of(look, word, position)
    rate = look.background.plan.training.learning_rate if rate is None else rate
    found = {name: _at(example, array) for name, array in example.found.items()}
    weights = {name: np.asarray(array, dtype=np.float64) for name, array in look.model.weights.items()}
    gradients = _gradients(network.kind, weights, example.examples)
    changed, loss_after = None, None
    if gradients is not None and example.examples is not None:
        after = {name: array - rate * gradients[name] for name, array in weights.items()}
        loss_after = trained_forward(network, after, example.examples).loss
        changed = [_weight(name, array, gradients[name], after[name]) for name, array in weights.items()]
    unfinished = None if changed else f"the gradients of {network.kind} are computed in training, and not shown here"
    return {
        "kind": network.kind,
        "word": example.word,
        "position": position,
        "context": example.context,
        "target": example.target,
        "stages": [_stage(name, array) for name, array in found.items() if name not in ENDS],
        "symbols": _symbols(look, example, found["logits"]),
        "loss": rounded(float(found["losses"])),
        "probability": rounded(exp(-float(found["losses"]))),
        "rate": rounded(rate),
        "weights": changed,
        "loss_after": rounded(loss_after),
        "note": "; ".join(filter(None, (example.note, unfinished))) or None,
    }


def _at(example: Example, array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of a forward pass at the position of the example."""
    if example.examples is not None:
        return np.asarray(array[example.position])
    row = array[0]
    return np.asarray(row[:, example.position] if array.ndim == 4 else row[example.position])


def _gradients(kind: str, weights: Weights, examples: Examples | None) -> Gradients | None:
    """Return the gradients of the loss of one example by formulas; None for a kind that has none here."""
    if examples is None:
        return None
    if kind == "mlp":
        return by_hand(weights, examples.inputs, examples.targets)[1]
    if kind == "bigram":
        gradient = np.zeros_like(weights["W"])
        row = int(examples.inputs[0, -1])
        gradient[row] = softmax(weights["W"][row])
        gradient[row, int(examples.targets[0])] -= 1
        return {"W": gradient}
    return None


def _stage(name: str, array: NDArray[Any]) -> dict[str, Any]:
    shown = array[tuple(slice(MOST_ON_AN_AXIS) for _ in array.shape)]
    return {"name": name, "shape": list(array.shape), "values": rounded(shown)}


def _symbols(look: Look, example: Example, logits: Float[NDArray[Any], " V"]) -> list[dict[str, Any]]:
    symbols = ("", *look.model.vocabulary.characters)
    target, p = symbols.index(example.target), softmax(logits)
    most = np.argsort(-p, kind="stable")[:MOST_SYMBOLS].tolist()
    return [
        {
            "symbol": symbols[i],
            "logit": rounded(float(logits[i])),
            "probability": rounded(float(p[i])),
            "gradient": rounded(float(p[i]) - (i == target)),
        }
        for i in (most if target in most else [*most[:-1], target])
    ]


def _weight(name: str, before: NDArray[Any], gradient: NDArray[Any], after: NDArray[Any]) -> dict[str, Any]:
    sizes = np.abs(gradient).ravel()
    some = np.argpartition(-sizes, min(LARGEST_GRADIENTS, len(sizes) - 1))[:LARGEST_GRADIENTS]
    largest = some[np.argsort(-sizes[some], kind="stable")]
    return {
        "name": name,
        "shape": list(before.shape),
        "gradient_length": rounded(float(np.linalg.norm(gradient))),
        "largest": [
            {
                "index": [int(i) for i in np.unravel_index(each, before.shape)],
                "weight": rounded(before.flat[each]),
                "gradient": rounded(gradient.flat[each]),
                "after": rounded(after.flat[each]),
            }
            for each in largest
        ],
    }
