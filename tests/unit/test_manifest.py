"""What a graph says of itself, and what becomes of it when it says nonsense."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poets.errors import ModelError
from poets.manifest import ZIP_ENTRY, Manifest, read_zip_manifest
from poets.preprocess import Preprocess

MANIFEST = Manifest(
    labels=("daisy", "ромашка", "two words", "a\u2028b"),
    preprocess=Preprocess(224, 224, 127.0, 128.0),
    input_name="input",
    output_name="final_result",
    architecture="efficientnet_lite0",
    backbone_digest="ab" * 32,
    poets_version="0.1.0",
    training={"learning_rate": 0.01, "seed": 0},
    test_accuracy=0.925,
    test_images=52,
    graph_sha256="cd" * 32,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def zipped(content: bytes, name: str = ZIP_ENTRY, method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO(b"TFL3 and the rest of a model")
    with zipfile.ZipFile(file, "a", method) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def changed(**values: Any) -> bytes:  # noqa: ANN401 - that is what is tested
    return json.dumps(json.loads(MANIFEST.to_json()) | values).encode()


def test_a_manifest_comes_back_as_it_was() -> None:
    assert Manifest.from_json(MANIFEST.to_json()) == MANIFEST


def test_what_was_not_measured_comes_back_as_unknown() -> None:
    unknown = replace(MANIFEST, test_accuracy=None, test_images=0, training={}, graph_sha256="")

    assert Manifest.from_json(unknown.to_json()) == unknown


def test_the_same_manifest_has_the_same_bytes() -> None:
    again = replace(MANIFEST, training={"seed": 0, "learning_rate": 0.01})

    assert again.to_json() == MANIFEST.to_json()


def test_people_can_read_it() -> None:
    text = MANIFEST.to_json().decode()

    assert "ромашка" in text
    assert json.loads(text)["preprocess"]["height"] == 224


def test_a_later_format_asks_for_a_later_version() -> None:
    with pytest.raises(ModelError, match="another format") as caught:
        Manifest.from_json(changed(format=2))

    assert "--upgrade" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b"not JSON",
        b"\xff\xfe",
        b'{"format": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        MANIFEST.to_json()[:-10],
        changed(preprocess={"height": 10**9, "width": 1, "mean": 0, "std": 1}),
        changed(preprocess={"height": 224, "width": 224, "mean": 0, "std": 0}),
        changed(preprocess={"height": "224", "width": 224, "mean": 0, "std": 1}),
        changed(preprocess={"height": 224, "width": 224, "mean": 10**400, "std": 1}),
        changed(preprocess={"height": 224, "width": 224, "mean": 0, "std": 1, "resize": []}),
        changed(preprocess=[]),
        changed(labels=None),
        changed(labels=5),
        changed(labels=["\ud800"]),
        changed(unknown="field"),
    ],
)
def test_nonsense_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError, match="manifest cannot be read"):
        Manifest.from_json(content)


@given(
    name=st.sampled_from([*json.loads(MANIFEST.to_json()), "new"]),
    value=json_values,
)
def test_any_value_is_taken_or_refused(name: str, value: object) -> None:
    try:
        manifest = Manifest.from_json(changed(**{name: value}))
    except ModelError:
        return
    assert all(isinstance(label, str) for label in manifest.labels)
    assert isinstance(manifest.input_name, str)
    assert isinstance(manifest.output_name, str)


# In the zip behind a .tflite


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_it_is_found_in_the_zip_behind_a_model(tmp_path: Path, method: int) -> None:
    (tmp_path / "model.tflite").write_bytes(zipped(MANIFEST.to_json(), method=method))

    assert read_zip_manifest(tmp_path / "model.tflite") == MANIFEST


@pytest.mark.parametrize("content", [b"", b"TFL3" * 100, zipped(b"{}", "labels.txt")])
def test_a_file_without_one_has_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.tflite").write_bytes(content)

    assert read_zip_manifest(tmp_path / "model.tflite") is None
    assert read_zip_manifest(tmp_path / "missing.tflite") is None
    assert read_zip_manifest(tmp_path) is None


def test_one_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    bomb = zipped(bytes(50_000_000), method=zipfile.ZIP_DEFLATED)
    (tmp_path / "model.tflite").write_bytes(bomb)

    with pytest.raises(ModelError, match=r"model\.tflite: manifest\.json in it is too large"):
        read_zip_manifest(tmp_path / "model.tflite")


def test_a_nonsensical_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(zipped(b"{}"))

    with pytest.raises(ModelError, match="manifest"):
        read_zip_manifest(tmp_path / "model.tflite")


@given(data=st.data(), method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_a_damaged_one_is_read_or_refused(
    data: st.DataObject, method: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(zipped(MANIFEST.to_json(), method=method))
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[position] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.tflite"
    path.write_bytes(content)

    try:
        manifest = read_zip_manifest(path)
    except ModelError as error:
        manifest = None
        said = str(error)
    else:
        said = "read"
    assert said
    assert manifest is None or manifest.preprocess.height > 0
