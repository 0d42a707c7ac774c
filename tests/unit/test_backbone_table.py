"""The table of backbones, and opening one that is compiled already."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from poets.backbones.compiled import INFO_FILE, open_backbone
from poets.backbones.spec import BackboneSpec
from poets.backbones.table import BACKBONES, find_backbone
from poets.config.backbone import DEFAULT_ARCHITECTURE
from poets.errors import UnavailableError, UsageError
from poets.preprocess import Preprocess
from poets.report import Reporter
from tests.support import slow_compiler
from tests.support.backbones import ARCHITECTURE, tiny_backbone
from tests.support.downloads import names_in
from tests.support.reporters import Recorder

CODELAB = [
    f"mobilenet_{width}_{size}"
    for width in ("1.0", "0.75", "0.50", "0.25")
    for size in (224, 192, 160, 128)
]


def test_the_codelab_s_names_and_the_offline_default_are_there() -> None:
    assert set(CODELAB) <= BACKBONES.keys()
    assert DEFAULT_ARCHITECTURE in BACKBONES


@pytest.mark.parametrize("name", CODELAB)
def test_the_codelab_s_networks_take_what_their_names_say(name: str) -> None:
    spec = find_backbone(name)

    size = int(name.rpartition("_")[2])
    assert spec.preprocess == Preprocess(size, size, 127.5, 127.5)
    assert spec.name == name


@pytest.mark.parametrize("name", BACKBONES)
def test_every_row_is_whole(name: str) -> None:
    spec = BACKBONES[name]

    assert spec.name == name
    assert spec.source.describe()
    module, _, function = (spec.maker or spec.compiler).partition(":")
    assert module.startswith("poets.backbones.")
    assert function.isidentifier()


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'mobilenet_0\.50_224'") as caught:
        find_backbone("mobilnet_0.50_224")

    assert "poets architectures" in caught.value.hint


@pytest.mark.parametrize("size", [0, 224])
def test_the_network_s_own_size_changes_nothing(size: int) -> None:
    assert find_backbone(DEFAULT_ARCHITECTURE, size) == BACKBONES[DEFAULT_ARCHITECTURE]


def test_another_size_is_another_preprocess() -> None:
    spec = find_backbone(DEFAULT_ARCHITECTURE, 160)

    assert (spec.preprocess.height, spec.preprocess.width) == (160, 160)
    assert BACKBONES[DEFAULT_ARCHITECTURE].preprocess.width == 224


def test_a_network_of_one_size_says_so() -> None:
    with pytest.raises(UsageError, match="takes pictures of 128 pixels only") as caught:
        find_backbone("mobilenet_0.25_128", 224)

    assert "--image_size" in caught.value.hint


# Opening


@dataclass(frozen=True)
class Local:
    """A source of weights that is a file; None stands for weights that cannot be had."""

    weights: Path | None

    def digest(self, model_dir: Path) -> str | None:  # noqa: ARG002
        return self.weights.read_text() if self.weights and self.weights.exists() else None

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:  # noqa: ARG002
        if self.weights is None or not self.weights.exists():
            raise UnavailableError("the weights are not here")
        return self.weights

    def describe(self) -> str:
        return "from this folder"


def spec_of(weights: Path | None) -> BackboneSpec:
    return replace(BACKBONES[ARCHITECTURE], source=Local(weights))  # type: ignore[arg-type]


def tiny_in(model_dir: Path) -> Path:
    return tiny_backbone(model_dir / "compiled" / f"{ARCHITECTURE}-tiny").folder


def test_a_compiled_backbone_needs_no_weights_any_more(tmp_path: Path) -> None:
    folder = tiny_in(tmp_path)

    backbone = open_backbone(spec_of(None), tmp_path, Reporter())

    assert backbone.folder == folder
    assert backbone.feature_size == 12
    assert str(backbone) == f"{ARCHITECTURE}, 128 px, 12 features"


def test_what_cannot_be_had_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="the weights are not here"):
        open_backbone(spec_of(None), tmp_path, Reporter())


def cut_the_graph(folder: Path) -> None:
    (folder / "backbone.pb").write_bytes(b"short")


def lose_the_tflite(folder: Path) -> None:
    (folder / "backbone.tflite").unlink()


def cut_the_info(folder: Path) -> None:
    content = (folder / INFO_FILE).read_text()
    (folder / INFO_FILE).write_text(content[: len(content) // 2])


def info_with(**values: Any) -> Any:  # noqa: ANN401 - a parameter of the test below
    def change(folder: Path) -> None:
        info = json.loads((folder / INFO_FILE).read_text())
        (folder / INFO_FILE).write_text(json.dumps(info | values))

    return change


def info_is_a_list(folder: Path) -> None:
    (folder / INFO_FILE).write_text("[]")


@pytest.mark.parametrize(
    "damage",
    [
        *(cut_the_graph, lose_the_tflite, cut_the_info, info_is_a_list, shutil.rmtree),
        info_with(sizes=[]),
        info_with(sizes=None),
        info_with(preprocess={"height": 0, "width": 0, "mean": 0, "std": 1}),
        info_with(preprocess=[]),
        info_with(feature_size="many"),
    ],
)
def test_a_damaged_folder_counts_as_none(tmp_path: Path, damage: Any) -> None:  # noqa: ANN401
    damage(tiny_in(tmp_path))

    with pytest.raises(UnavailableError):
        open_backbone(spec_of(None), tmp_path, Reporter())


def test_a_backbone_of_another_size_does_not_serve(tmp_path: Path) -> None:
    small = Preprocess(64, 64, 127.5, 127.5)
    tiny_backbone(tmp_path / "compiled" / f"{ARCHITECTURE}-tiny", small)

    with pytest.raises(UnavailableError):
        open_backbone(spec_of(None), tmp_path, Reporter())


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    spec = find_backbone("pixels_8")
    folder = open_backbone(spec, tmp_path, Reporter()).folder
    left = folder.rename(folder.parent / f".making-{folder.name}-k1ll3d")
    another = folder.parent / f".making-{folder.name.replace('8', '9', 1)}-at_w0rk"
    another.mkdir()

    open_backbone(spec, tmp_path, Reporter())

    assert folder.is_dir()
    assert not left.exists()
    assert another.is_dir()


def test_of_two_runs_at_once_one_makes_the_network_and_both_use_it(tmp_path: Path) -> None:
    spec = replace(find_backbone("pixels_8"), compiler=slow_compiler.COMPILER)
    reporter = Recorder()  # of both
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(open_backbone, spec, tmp_path, reporter) for _ in range(2)]
        assert reporter.warned.wait(30)
        slow_compiler.go_on.set()
        first, second = (run.result() for run in runs)

    assert slow_compiler.begun == ["pixels_8"]
    assert first == second
    assert reporter.warnings == ["pixels_8 is being made by another process: waiting for it."]
    assert names_in(tmp_path / "compiled") == [first.folder.name]
