"""Verdict: what a diagnosis says of a look, and which figures are bad."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from morelike.evaluation.verdicts import overall
from morelike.panels.inside.health import diagnosis_of
from morelike.panels.look import Look
from morelike.panels.plain import rounded


def verdict(look: Look) -> dict[str, Any]:
    """Return the worst verdict on a look, and each reading that is not good, the bad ones first.

    `loss` and `uniform` (ln V) are in nats per character. The figures are those of `health`.

    Raises:
        SettingError: the model was not trained by gradient descent.
    """
    found = diagnosis_of(look)
    readings = [each for each in found.readings if each.verdict != "good"]
    return {
        "loss": rounded(found.loss),
        "uniform": rounded(found.start.uniform),
        "verdict": overall(found.readings),
        "readings": rounded([asdict(each) for each in sorted(readings, key=lambda each: each.verdict != "bad")]),
        "note": None,
    }
