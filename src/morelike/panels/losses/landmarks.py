"""The loss of a look beside its landmarks: ln V, counted models, and the loss on dev with its interval."""

from __future__ import annotations

from math import log
from typing import Annotated, Any

from pydantic import Field

from morelike.evaluation.loss import Evaluation
from morelike.panels.look import MOST_HELD_OUT, Look
from morelike.panels.plain import rounded


def landmarks(
    look: Look,
    *,
    test: Annotated[bool, Field(description="whether the loss on test is computed too")] = False,
) -> dict[str, Any]:
    """Return the loss on dev with its 95 % interval, and the losses of models to compare it with (nats per character).

    `uniform` is ln V, the loss of a model that knows nothing. `bigram` counts pairs and adds one to each count,
    `kneser_ney` smooths counts of five characters, `ngram` mixes counts of all orders. `test` is None until it is
    asked for: a person who has seen it can no longer choose by dev without bias.

    Raises:
        SettingError: no word is held out.
    """
    background = look.background
    counted = background.counted_losses
    words = len(background.splits.dev)
    return {
        "uniform": rounded(log(background.prepared.vocabulary.size)),
        **{name: rounded(loss.nats_per_character) for name, loss in counted.items()},
        "dev": _figures(background.evaluate(look.model)),
        "test": _figures(background.evaluate(look.model, "test")) if test else None,
        "note": f"measured on the first {MOST_HELD_OUT:,} of {words:,} words" if words > MOST_HELD_OUT else None,
    }


def _figures(loss: Evaluation) -> dict[str, Any]:
    return {
        "nats": rounded(loss.nats_per_character),
        "interval": rounded(loss.interval),
        "lines": loss.lines,
        "characters": loss.characters,
    }
