"""Health: saturated and dead units, histograms, and what a diagnosis says about them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from morelike.errors import SettingError
from morelike.evaluation.diagnostics import Diagnosis
from morelike.evaluation.verdicts import condensed, overall
from morelike.panels.look import Look
from morelike.panels.plain import UnfitError, rounded
from morelike.workflows.diagnosis import CONSEQUENCE, Subject, diagnose_activations

MOST_LAYERS = 64
"""Histograms of activations, and of weights, that are shown."""


def health(look: Look) -> dict[str, Any]:
    """Return the activations of each layer with its saturated and dead units, histograms, and verdicts with advice.

    These are the figures of `morelike diagnose` that need no gradients, measured on about 2,000 positions of train.
    `loss` and `uniform` (ln V) are in nats per character, `start` holds the loss of fresh weights. `saturated` is a
    share, None for layers without bounds.

    Raises:
        SettingError: the model was not trained by gradient descent.
    """
    found = diagnosis_of(look)
    activations = [asdict(each) for each in found.activations]
    return {
        "loss": rounded(found.loss),
        "start": rounded(found.start.loss),
        "uniform": rounded(found.start.uniform),
        "examples": found.examples,
        "activations": rounded(activations),
        "batch_statistics": rounded([asdict(each) for each in found.batch_statistics]),
        "histograms": {**_histograms(found, "activations/"), **_histograms(found, "weights/")},
        "verdict": overall(found.readings),
        "readings": rounded([asdict(each) for each in condensed(found.readings)]),
        "note": None,
    }


def diagnosis_of(look: Look) -> Diagnosis:
    """Return the part of the diagnosis of a look that needs no gradients."""
    background, model = look.background, look.model
    try:
        network = model.architecture.as_trained(CONSEQUENCE)
    except SettingError as error:
        raise UnfitError(str(error)) from None
    text, symbols = model.form == "text", model.vocabulary.size
    training, metrics = background.plan.training, background.metrics
    lines = background.diagnosed_lines
    earlier = None if look.earlier is None else (look.earlier[0], dict(look.earlier[1]))
    return diagnose_activations(
        Subject(network, model.weights, training, lines, symbols, text, None, metrics, earlier, look.step)
    )


def _histograms(found: Diagnosis, group: str) -> dict[str, Any]:
    """Return the counts of a group of histograms, and the two ends of each."""
    names = [name for name in found.histograms if name.startswith(group)][:MOST_LAYERS]
    chosen = {name: found.histograms[name] for name in names}
    return {
        n: {"counts": h.counts, "low": rounded(h.edges[0]), "high": rounded(h.edges[-1])} for n, h in chosen.items()
    }
