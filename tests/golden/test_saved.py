"""Models and runs saved by an earlier version still load, and give equal answers; see `make_saved.py`."""

import json
import shutil

import pytest

from .make_saved import ANSWERS, KINDS, SAVED, rounded

NAMES = sorted(path.stem for path in SAVED.glob("*.json"))

COUNTED = 1e-9
"""The tolerance for counts: float64 throughout. The files keep 12 digits."""
COUNTED_TEXT = 1e-7
"""The tolerance for counts of a running text: the earlier version rounded its log probabilities to float32."""
NETWORK = 1e-5
"""The tolerance for networks: the processor decides the order of float32 sums. Without AVX it came to 2.5e-6."""
TRAINED = 1e-4
"""The tolerance for resumed training: XLA orders float32 sums by the processor and by the flags of `make test`, and
each step carries the differences on. Under these flags, and without AVX, it came to 4e-7."""


def tolerance(what, kind):
    """Return the relative tolerance for the numbers among the answers."""
    if what == "interrupted run":
        return TRAINED
    if kind == "ngram":
        return COUNTED_TEXT if what == "text" else COUNTED
    return NETWORK


def differences(expected, found, relative, place=""):
    """Yield a sentence for each difference; numbers may differ by a share, and found objects may have more keys."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            if name not in found:
                yield f"{place}/{name} is missing"
            else:
                yield from differences(value, found[name], relative, f"{place}/{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for i, (value, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(value, other, relative, f"{place}/{i}")
    elif isinstance(expected, float) and isinstance(found, int | float):
        if found != pytest.approx(expected, rel=relative, abs=1e-12):
            yield f"{place}: expected {expected!r}, found {found!r}"
    elif type(expected) is not type(found) or expected != found:
        yield f"{place}: expected {expected!r}, found {found!r}"


@pytest.mark.parametrize("name", NAMES)
def test_what_was_saved_before_loads_and_gives_equal_answers(name, tmp_path):
    expected = json.loads((SAVED / f"{name}.json").read_text("utf-8"))
    what = expected.pop("what")
    source, copied = SAVED / name, tmp_path / name
    if source.is_dir():
        shutil.copytree(source, copied)
    else:
        shutil.copy(source, copied)
    found = json.loads(json.dumps(rounded(ANSWERS[what](copied))))
    kind = expected.get("show", {}).get("kind", "ngram")
    assert not list(differences(expected, found, tolerance(what, kind)))


def test_every_kind_has_a_saved_model_and_every_sort_a_saved_thing():
    assert set(KINDS) <= set(NAMES)
    assert {json.loads((SAVED / f"{name}.json").read_text("utf-8"))["what"] for name in NAMES} == set(ANSWERS)
