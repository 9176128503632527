"""Mutants of a model folder whose manifest is recomputed, so that only what `load` itself checks can refuse them."""

import copy
import json

import numpy as np

from morelike.storage.manifest import digest
from morelike.storage.safetensors_io import pack, unpack

STRANGE = [None, True, -1, 0, 2**70, 0.5, 1e308, np.nan, np.inf, "", "x", "\n", "lines", [], [1], {}, {"a": 1}]
NUMBERS = [np.nan, np.inf, -np.inf, -1.0, 0.0, 2.0, 1e-300, 3e38]


def reseal(folder, name, data):
    """Replace a file and its line in the manifest, as somebody with bad intent would."""
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    manifest["files"][name] = {"sha256": digest(data), "bytes": len(data)}
    (folder / name).write_bytes(data)
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))


def mutate(folder, rng):
    """Change one file of a folder and return a sentence about the change."""
    names = sorted(json.loads((folder / "MANIFEST.json").read_text())["files"])
    name = names[rng.integers(len(names))]
    data = (folder / name).read_bytes()
    how = rng.integers(4)
    if how == 0:
        mutant, said = _bytes(data, rng), "bytes"
    elif name.endswith(".json"):
        mutant, said = _json(data, rng)
    else:
        mutant, said = _arrays(folder / name, data, rng)
    reseal(folder, name, mutant)
    return f"{name}: {said}"


def _bytes(data, rng):
    mutant = bytearray(data)
    for at in rng.integers(len(mutant), size=rng.integers(1, 4)):
        mutant[at] ^= 1 << int(rng.integers(8))
    if rng.random() < 0.3:
        at = int(rng.integers(len(mutant)))
        del mutant[at : at + int(rng.integers(1, 20))]
    return bytes(mutant)


def _places(value, place=()):
    """Yield the place of each value in a JSON value, as keys from the outside in."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*place, key)
        yield from _places(child, (*place, key))


def _json(data, rng):
    value = json.loads(data)
    places = list(_places(value))
    *outer, key = places[rng.integers(len(places))]
    inside = value
    for each in outer:
        inside = inside[each]
    strange = copy.deepcopy(STRANGE[rng.integers(len(STRANGE))])
    how = rng.integers(4)
    said = f"{'.'.join(map(str, [*outer, key]))} "
    if how == 0:
        del inside[key]
        said += "deleted"
    elif how == 1 and isinstance(inside, dict):
        twice = json.dumps({key: strange})[1:-1]
        text = json.dumps(value)
        needle = json.dumps(key) + ":"
        return text.replace(needle, f"{twice}, {needle}", 1).encode(), said + "twice"
    elif how == 2 and isinstance(inside, dict):
        inside[str(strange)[:20]] = inside.pop(key)
        said += f"renamed to {strange!r}"
    else:
        inside[key] = strange
        said += f"is {strange!r}"
    return json.dumps(value).encode(), said


def _arrays(path, data, rng):
    arrays = {name: np.array(array) for name, array in unpack(path, data).items()}
    names = sorted(arrays)
    name = names[rng.integers(len(names))]
    array = arrays[name]
    how = rng.integers(6)
    if how == 0:
        del arrays[name]
    elif how == 1:
        arrays[name] = array.astype([np.float64, np.float32, np.int64, np.uint8, np.uint64][rng.integers(5)])
    elif how == 2:
        arrays[name] = array.reshape(-1)[: rng.integers(array.size + 1)]
    elif how == 3:
        arrays[f"{name}x"] = arrays.pop(name)
    elif how == 4 and array.size:
        rng.shuffle(array.reshape(-1))
        arrays[name] = array
    elif array.size:
        with np.errstate(all="ignore"):
            number = np.array(NUMBERS[rng.integers(len(NUMBERS))]).astype(array.dtype)
        array.reshape(-1)[rng.integers(array.size)] = number
    return pack(arrays), f"{name} {array.dtype}{array.shape} how {how}"
