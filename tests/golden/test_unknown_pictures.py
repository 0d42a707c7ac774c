"""A classifier of real flowers meets pictures of something else."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from poets.config.data import SplitConfig
from poets.datasets.painted_flowers import draw_painted_flowers
from poets.heatmap import heat_maps
from poets.images import find_images
from poets.labelling.config import ListingConfig
from poets.labelling.looking import Look, Task, familiar_to, look_at, look_inside
from poets.predict import LabeledPicture
from poets.runtimes.model import Model
from poets.runtimes.open import open_model
from poets.split import split_images
from tests.support.commands import Trained, run_in
from tests.support.retraining import label_config


@pytest.fixture(scope="module")
def model(trained: Trained) -> Model:
    return open_model(label_config(trained.graph))


@pytest.fixture(scope="module")
def digits(shared: Path) -> list[Path]:
    return sorted((shared / "data" / "digits").rglob("*.png"))[::20]


@pytest.fixture(scope="module")
def tested(flowers: Path) -> list[Path]:
    images = find_images(flowers)
    parts = split_images(images, SplitConfig())
    return [image.path for image, part in zip(images, parts, strict=True) if part == "testing"]


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same five flowers, drawn: a hard case, for they are meant to look like flowers."""
    folder = draw_painted_flowers(tmp_path_factory.mktemp("painted") / "flowers", per_label=20)
    return sorted(folder.rglob("*.jpg"))


@pytest.fixture(scope="module")
def reduced(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with smaller exports of the graph."""
    folder = tmp_path_factory.mktemp("reduced")
    words = ("--to", "tflite_float16,tflite_dynamic,tflite_int8", "--max_accuracy_drop", "20")
    places = ("--output_dir", folder, "--image_dir", trained.image_dir)
    output = run_in(trained.folder, "poets", "export", trained.graph, *words, *places)
    assert output.returncode == 0, output.stderr
    return folder


def look(model: Model, paths: Sequence[Path]) -> list[LabeledPicture]:
    how = Look(model, lambda: look_inside(model), ListingConfig(), familiar_to(model))
    return list(look_at(how, [Task(path) for path in paths]))


def share_unknown(looked: Sequence[LabeledPicture]) -> float:
    return float(np.mean([one.unknown for one in looked]))


def area_under_curve(near: Sequence[LabeledPicture], far: Sequence[LabeledPicture]) -> float:
    """The probability that a far picture is farther than a near one."""
    pairs = [(a.distance or 0) < (b.distance or 0) for a in near for b in far]
    return float(np.mean(pairs))


def test_digits_are_unknown_and_flowers_are_not(
    model: Model, tested: list[Path], digits: list[Path]
) -> None:
    near, far = look(model, tested), look(model, digits)

    assert share_unknown(far) > 0.98
    assert share_unknown(near) < 0.12  # 5 % is what is allowed, and 62 pictures are few
    assert area_under_curve(near, far) > 0.99
    assert {one.predictions[0].label for one in far if one.unknown} == {"unknown"}


def test_painted_flowers_are_farther_than_photos_but_no_strangers(
    model: Model, tested: list[Path], painted: list[Path]
) -> None:
    near, far = look(model, tested), look(model, painted)

    assert area_under_curve(near, far) > 0.75
    assert 0.05 < share_unknown(far) < 0.6


@pytest.mark.parametrize("form", ["float16", "dynamic", "int8"])
def test_smaller_exports_know_the_unknown_and_show_where_too(
    reduced: Path, form: str, tested: list[Path], digits: list[Path]
) -> None:
    smaller = open_model(label_config(reduced / f"retrained_graph_{form}.tflite"))

    assert share_unknown(look(smaller, digits)) > 0.98
    assert share_unknown(look(smaller, tested)) < 0.12
    heats = heat_maps(smaller, tested[:3], [0, 0, 0])
    assert [heat is not None and heat.shape == (7, 7) for heat in heats] == [True] * 3


def test_the_command_says_so(trained: Trained, digits: list[Path], tested: list[Path]) -> None:
    output = run_in(trained.folder, "label-image", "--unknown", "--json", digits[0], tested[0])

    assert output.returncode == 0, output.stderr
    digit, flower = json.loads(output.stdout)
    assert digit["predictions"] == [{"label": "unknown", "score": 1.0}]
    assert flower["predictions"][0]["label"] == tested[0].parent.name
    assert output.stderr == "1 labelled, 1 unknown\n"


def test_what_is_familiar_takes_little_room_in_the_graph(model: Model) -> None:
    assert model.manifest is not None
    assert 10_000 < len(json.dumps(dict(model.manifest.familiar))) < 100_000
