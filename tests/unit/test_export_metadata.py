"""What readers on phones find in a .tflite: mean, deviation, and the file with the labels."""

from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import encode, number_types
from flatbuffers.table import Table

from poets.export.tflite_metadata import BUFFER_NAME, encode_metadata
from poets.labels import read_labels
from poets.manifest import Manifest
from poets.runtimes.tflite_metadata import read_normalization
from tests.support.retraining import retrain_in

SUBGRAPHS, MIN_PARSER_VERSION = 3, 7  # of ModelMetadata
OUTPUTS = 3  # of SubGraphMetadata
TENSOR_NAME, ASSOCIATED_FILES = 0, 6  # of TensorMetadata
FILE_NAME, FILE_TYPE = 0, 2  # of AssociatedFile
TENSOR_AXIS_LABELS = 2


@pytest.fixture(scope="module")
def tflite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retrained")
    retrain_in(folder)
    return folder / "graph.tflite"


def root_of(content: bytes) -> Table:
    return Table(content, encode.Get(number_types.UOffsetTFlags.packer_type, content, 0))


def field(table: Table, number: int) -> int:
    return int(table.Pos + table.Offset(4 + 2 * number))


def text(table: Table, number: int) -> str:
    return bytes(table.String(field(table, number))).decode()


def first(table: Table, number: int) -> Table:
    return Table(table.Bytes, table.Indirect(table.Vector(field(table, number) - table.Pos)))


def metadata_of(tflite: Path) -> bytes:
    model = schema.Model.GetRootAs(tflite.read_bytes(), 0)
    entries = [model.Metadata(index) for index in range(model.MetadataLength())]
    (entry,) = [entry for entry in entries if entry.Name().decode() == BUFFER_NAME]
    return bytes(model.Buffers(entry.Buffer()).DataAsNumpy().tobytes())


def manifest_in(tflite: Path) -> Manifest:
    with ZipFile(tflite) as archive:
        return Manifest.from_json(archive.read("manifest.json"))


def test_the_metadata_names_itself(tflite: Path) -> None:
    content = metadata_of(tflite)

    assert content[4:8] == b"M001"
    assert text(root_of(content), MIN_PARSER_VERSION) == "1.0.0"


def test_the_output_has_its_labels_in_a_file_behind_the_model(tflite: Path, tmp_path: Path) -> None:
    output = first(first(root_of(metadata_of(tflite)), SUBGRAPHS), OUTPUTS)
    file = first(output, ASSOCIATED_FILES)
    kind = file.Get(number_types.Int8Flags, field(file, FILE_TYPE))

    assert text(output, TENSOR_NAME) == "final_result"
    assert kind == TENSOR_AXIS_LABELS
    with ZipFile(tflite) as archive:
        entry = archive.getinfo(text(file, FILE_NAME))
        (tmp_path / "labels.txt").write_bytes(archive.read(entry))
    assert entry.compress_type == ZIP_STORED  # they are read in place
    assert read_labels(tmp_path / "labels.txt") == ("blue", "green", "red")


def test_the_input_says_how_it_wants_its_pixels(tflite: Path) -> None:
    scale = read_normalization(tflite)

    assert scale is not None
    assert (scale.mean, scale.std) == (127.5, 127.5)


def test_names_of_any_script_fit_into_the_metadata(tflite: Path) -> None:
    manifest = manifest_in(tflite)

    content = encode_metadata(replace(manifest, output_name="результат"), "labels.txt")

    output = first(first(root_of(content), SUBGRAPHS), OUTPUTS)
    assert text(output, TENSOR_NAME) == "результат"
