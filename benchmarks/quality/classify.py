"""Classifiers of names against French words and against two kinds of random strings, n-grams at their defaults.

`python -m benchmarks classify` prints figures of test. The threshold is chosen on dev for a false-positive rate of 1 %.
"""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np

import morelike
from benchmarks.harness.errors import DiffersError

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
PROBES = ["emma", "maison", "xqzt"]


def measure() -> dict[str, Any]:
    """Return the figures and seconds of each classifier, by the list that names are compared with."""
    names = morelike.read_lines("names")
    draw, letters = random.Random(1), "".join(names)
    against = {
        "mots": morelike.read_lines("mots"),
        "letters drawn evenly": ["".join(draw.choice(ALPHABET) for _ in name) for name in names],
        "letters drawn as in names": ["".join(draw.choice(letters) for _ in name) for name in names],
    }
    return {title: _against(names, words) for title, words in against.items()}


def _against(names: list[str], words: list[str]) -> dict[str, Any]:
    began = time.perf_counter()
    made = morelike.classify(names, words)
    seconds = time.perf_counter() - began
    apart = made.good.log_probability(PROBES) - made.bad.log_probability(PROBES)
    if not np.allclose(made.log_ratio(PROBES), apart):
        raise DiffersError("the log ratio is not the difference of both models' log-probabilities")
    assert made.judged is not None
    return {"seconds": round(seconds, 2), "left_out": made.facts["left_out"], **made.judged.as_dict()}
