"""Large files: written piece by piece in the same bytes as the format's own library, read as views of the file."""

import json
import mmap

import numpy as np
import pytest
from safetensors.numpy import save

from morelike.errors import ModelError
from morelike.language_model.model import LanguageModel
from morelike.storage import manifest, safetensors_io
from morelike.storage.safetensors_io import Packed, unpack

from ..language_model.small_models import WORDS, small_model

ARRAYS = {
    f"{kind[1:]}.{i}": np.arange(3 * i).astype(kind) for i in range(3) for kind in safetensors_io.DTYPES.values()
} | {
    'é"': np.ones((2, 3), np.float32),
    "scalar": np.array(3),
    "empty": np.empty((0, 4)),
    "not side by side": np.arange(16.0).reshape(4, 4)[:, ::2],
}


def mapped(path, data):
    path.write_bytes(data)
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@pytest.mark.parametrize("chunk", [8, 1 << 20])
@pytest.mark.parametrize("metadata", [None, {"a": "é"}])
def test_the_bytes_are_those_of_the_formats_own_library(monkeypatch, chunk, metadata):
    monkeypatch.setattr(safetensors_io, "CHUNK", chunk)
    ordered = {name: np.require(ARRAYS[name], requirements="C") for name in sorted(ARRAYS)}
    packed = Packed(ARRAYS, metadata)
    assert bytes(packed) == save(ordered, metadata)
    assert len(packed) == len(bytes(packed))


def test_views_of_a_file_are_the_arrays_that_were_written(tmp_path):
    found = unpack(tmp_path, mapped(tmp_path / "file", bytes(Packed(ARRAYS))))
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert np.array_equal(found[name], array)


GOOD = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    "header",
    [
        [],
        {"x": None},
        {"x": GOOD | {"dtype": "F33"}},
        {"x": GOOD | {"shape": [-2]}},
        {"x": GOOD | {"shape": [3]}},
        {"x": GOOD | {"shape": [1 << 62, 1 << 62]}},
        {"x": GOOD | {"shape": "22"}},
        {"x": GOOD | {"data_offsets": [8, 16]}},
        {"x": GOOD | {"data_offsets": [-8, 0]}},
        {"x": GOOD | {"data_offsets": [8, 0]}},
        {"x": GOOD | {"data_offsets": [0.0, 8.0]}},
        {"x": {"dtype": "F32"}},
        b"\xff" * 40,
        b"[" * 100_000,
    ],
    ids=lambda header: str(header)[:50],
)
def test_a_header_that_does_not_fit_the_file_is_refused(tmp_path, header):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with pytest.raises(ModelError, match="is damaged"):
        unpack(tmp_path, mapped(tmp_path / "file", len(text).to_bytes(8, "little") + text + bytes(8)))


@pytest.mark.parametrize("data", [b"\0", b"\xff" * 8, (1 << 40).to_bytes(8, "little") + b"{}"], ids=str)
def test_a_header_longer_than_the_file_is_refused(tmp_path, data):
    with pytest.raises(ModelError, match="is damaged"):
        unpack(tmp_path, mapped(tmp_path / "file", data))


@pytest.mark.parametrize("kind", ["ngram", "mlp"])
def test_a_model_whose_files_are_mapped_is_the_same_and_as_safe(tmp_path, monkeypatch, kind):
    model = small_model(kind)
    folder = model.save(tmp_path / "model")
    monkeypatch.setattr(manifest, "MAPPED", 0)
    monkeypatch.setattr(manifest, "HASHED", mmap.ALLOCATIONGRANULARITY)
    loaded = LanguageModel.load(folder)
    assert loaded.log_probability(WORDS).tobytes() == model.log_probability(WORDS).tobytes()
    assert loaded.sample(5) == model.sample(5)
    again = loaded.save(folder)  # over the files that it reads from
    assert LanguageModel.load(again).sample(5) == model.sample(5)
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-3] ^= 4
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.safetensors' is damaged"):
        LanguageModel.load(folder)
