"""Making a backbone the first time, and finding it the next."""

import json
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from poets.backbones.compiled import Backbone, open_backbone
from poets.backbones.spec import BackboneSpec
from poets.backbones.table import find_backbone
from poets.errors import ModelError, OutputError
from poets.report import Reporter

NAME = "mobilenet_0.25_128"
ARCHIVE = "mobilenet_v1_0.25_128_frozen.tgz"


@dataclass
class Listener(Reporter):
    """Keeps what is told of the making."""

    told: list[str] = field(default_factory=list)

    def making_backbone(self, name: str) -> None:
        self.told.append(f"making {name}")

    def backbone_made(self, folder: Path, seconds: float) -> None:
        assert seconds > 0
        self.told.append(f"made {folder.name}")


@pytest.fixture(scope="module")
def made(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A --model_dir with the archive and what was made of it."""
    model_dir = tmp_path_factory.mktemp("models")
    shutil.copy(shared / "models" / ARCHIVE, model_dir)
    listener = Listener()
    backbone = open_backbone(find_backbone(NAME), model_dir, listener)
    assert listener.told == [f"making {NAME}", f"made {backbone.folder.name}"]
    return model_dir


@pytest.fixture
def model_dir(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "models")


def open_it(model_dir: Path) -> tuple[Backbone, list[str]]:
    listener = Listener()
    return open_backbone(find_backbone(NAME), model_dir, listener), listener.told


def test_what_is_made_is_found_the_next_time(model_dir: Path) -> None:
    backbone, told = open_it(model_dir)

    assert told == []
    assert backbone.feature_size == 256
    assert sorted(path.name for path in backbone.folder.iterdir()) == [
        *("backbone.json", "backbone.pb", "backbone.tflite"),
    ]
    assert [path.name for path in (model_dir / "compiled").iterdir()] == [backbone.folder.name]


def test_its_description_says_what_the_files_hold(model_dir: Path) -> None:
    backbone, _ = open_it(model_dir)

    info = json.loads((backbone.folder / "backbone.json").read_text())

    assert info["architecture"] == NAME
    assert info["preprocess"] == find_backbone(NAME).preprocess.to_dict()
    assert (info["feature_size"], info["digest"]) == (256, backbone.digest)
    sizes = {name: (backbone.folder / name).stat().st_size for name in info["crc32c"]}
    assert info["sizes"] == sizes


def test_it_is_found_when_the_archive_is_gone(model_dir: Path) -> None:
    (model_dir / ARCHIVE).unlink()

    _, told = open_it(model_dir)

    assert told == []


@pytest.mark.parametrize("file", ["backbone.json", "backbone.pb", "backbone.tflite"])
def test_a_damaged_one_is_made_again_to_the_same_bytes(
    model_dir: Path, made: Path, file: str
) -> None:
    backbone, _ = open_it(model_dir)
    (backbone.folder / file).write_bytes(b"damaged")

    again, told = open_it(model_dir)

    assert len(told) == 2
    for path in again.folder.iterdir():
        assert path.read_bytes() == (made / "compiled" / again.folder.name / path.name).read_bytes()


@pytest.mark.parametrize("file", ["backbone.pb", "backbone.tflite"])
def test_a_few_wrong_numbers_are_noticed(model_dir: Path, file: str) -> None:
    backbone, _ = open_it(model_dir)
    whole = (backbone.folder / file).read_bytes()
    middle = len(whole) // 2
    (backbone.folder / file).write_bytes(whole[:middle] + bytes(4096) + whole[middle + 4096 :])

    _, told = open_it(model_dir)

    assert len(told) == 2
    assert (backbone.folder / file).read_bytes() == whole


def test_a_folder_that_was_made_before_checksums_were_kept_is_used(model_dir: Path) -> None:
    backbone, _ = open_it(model_dir)
    path = backbone.folder / "backbone.json"
    info = json.loads(path.read_text())
    assert set(info.pop("crc32c")) == {"backbone.pb", "backbone.tflite"}
    path.write_text(json.dumps(info))

    assert open_it(model_dir) == (backbone, [])


def broken(model_dir: Path) -> BackboneSpec:
    """A network whose archive holds another file's bytes."""
    (model_dir / ARCHIVE).write_bytes(b"no archive")
    return find_backbone(NAME)


def test_weights_that_are_broken_leave_nothing_half_made(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no \.tgz archive"):
        open_backbone(broken(tmp_path), tmp_path, Reporter())

    assert list((tmp_path / "compiled").iterdir()) == []


def test_other_weights_make_another_backbone_beside_the_first(model_dir: Path) -> None:
    first, _ = open_it(model_dir)
    with (model_dir / ARCHIVE).open("ab") as file:
        file.write(bytes(512))  # gzip ignores zeros at the end

    second, told = open_it(model_dir)

    assert len(told) == 2
    assert second.digest != first.digest
    assert first.folder.is_dir()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, shared: Path) -> None:
    (tmp_path / "compiled").write_text("a file")
    shutil.copy(shared / "models" / ARCHIVE, tmp_path)

    with pytest.raises(OutputError, match="compiled"):
        open_backbone(find_backbone(NAME), tmp_path, Reporter())


def test_a_preprocess_is_part_of_what_is_made(model_dir: Path) -> None:
    spec = find_backbone(NAME)
    scaled = replace(spec, preprocess=replace(spec.preprocess, mean=0.0))

    backbone = open_backbone(scaled, model_dir, Reporter())

    assert backbone.preprocess.mean == 0.0
    assert backbone.digest != open_it(model_dir)[0].digest
