"""Weights of heads on pixels, drawn: from a head, and from an exported file alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.cli.weights import command
from poets.config.backbone import BackboneConfig
from poets.config.head import HeadConfig
from poets.config.retrain import RetrainConfig
from poets.errors import ModelError
from poets.heads.drawing import draw_weights, weight_maps, weight_sheet
from poets.heads.softmax import Hidden, SoftmaxHead
from poets.pipeline import retrain
from poets.preprocess import Preprocess
from poets.report import Reporter
from tests.support.calling import call
from tests.support.retraining import config_in, retrain_in

GRAY = Preprocess(4, 6, mean=0.0, std=255.0, channels=1)
COLOUR = Preprocess(4, 6, mean=0.0, std=255.0)
LABELS = ("left", "right")
RED, BLUE, WHITE = (178, 24, 43), (33, 102, 172), (255, 255, 255)


def head_for(preprocess: Preprocess) -> SoftmaxHead:
    """Return a head that tells left from right by its outermost pixels, and nothing else."""
    weights = np.zeros((*preprocess.shape, 2), np.float32)
    weights[:, 0], weights[:, -1] = (3, 1), (1, 3)
    return SoftmaxHead(weights.reshape(-1, 2), np.zeros(2, np.float32))


def pixels_config(folder: Path, architecture: str = "pixels_8") -> RetrainConfig:
    config = config_in(folder)
    backbone = BackboneConfig(
        architecture=architecture,
        model_dir=folder / "models",
        bottleneck_dir=folder / "bottlenecks",
    )
    return replace(config, backbone=backbone)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `retrain` ran on the pixels of red, green and blue pictures."""
    folder = tmp_path_factory.mktemp("pixels")
    retrain(pixels_config(folder), Reporter())
    return folder


def test_red_speaks_for_a_label_and_blue_against_it() -> None:
    left, right = draw_weights(head_for(GRAY), GRAY, LABELS).values()

    assert [left.getpixel(at) for at in ((0, 0), (100, 99), (281, 150))] == [RED, WHITE, BLUE]
    assert [right.getpixel(at) for at in ((0, 0), (100, 99), (281, 150))] == [BLUE, WHITE, RED]


def test_a_pixel_is_a_square_of_one_colour() -> None:
    picture = draw_weights(head_for(GRAY), GRAY, LABELS)["left"]

    assert picture.size == (282, 188)  # 47 times 6 x 4
    assert len(picture.getcolors() or []) == 3
    assert np.asarray(picture)[:47, :47].std(axis=(0, 1)).tolist() == [0, 0, 0]


def test_weights_of_colours_are_added_up() -> None:
    assert weight_maps(head_for(COLOUR), COLOUR) == pytest.approx(
        3 * weight_maps(head_for(GRAY), GRAY)
    )


def test_what_all_labels_have_in_common_is_not_drawn() -> None:
    head = head_for(GRAY)
    raised = SoftmaxHead(head.weights + np.float32(100), head.bias)

    assert weight_maps(raised, GRAY) == pytest.approx(weight_maps(head, GRAY), abs=1e-4)


def test_a_head_that_knows_nothing_is_white() -> None:
    nothing = SoftmaxHead(np.zeros((24, 2), np.float32), np.zeros(2, np.float32))

    for picture in draw_weights(nothing, GRAY, LABELS).values():
        assert [colour for _, colour in picture.getcolors() or []] == [WHITE]


def test_a_head_of_other_features_is_refused() -> None:
    with pytest.raises(ModelError, match="no pixels"):
        draw_weights(head_for(GRAY), COLOUR, LABELS)


def test_a_head_with_a_hidden_layer_is_refused() -> None:
    head = head_for(GRAY)
    hidden = Hidden(np.zeros((24, 24), np.float32), np.zeros(24, np.float32))

    with pytest.raises(ModelError, match="hidden layer"):
        draw_weights(replace(head, hidden=hidden), GRAY, LABELS)


@pytest.mark.parametrize("labels", [("a",), ("雏菊", "x" * 300), tuple(map(str, range(23)))])
def test_a_sheet_has_room_for_all(labels: tuple[str, ...]) -> None:
    drawn = {label: Image.new("RGB", (280, 280), RED) for label in labels}

    sheet = weight_sheet(drawn)

    red = sum(n for n, colour in sheet.getcolors(1 << 24) or [] if colour == RED)
    assert red == len(labels) * 280 * 280


@pytest.mark.parametrize("name", ["graph.pb", "graph.tflite"])
def test_a_file_alone_is_enough(place: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes((place / name).read_bytes())

    said = call(command, tmp_path / name, "--output", tmp_path / "drawn")

    assert (said.code, said.err) == (0, "")
    names = ["weights.png", "0_blue.png", "1_green.png", "2_red.png"]
    assert said.out.split() == [str(tmp_path / "drawn" / name) for name in names]
    assert {path.name for path in (tmp_path / "drawn").iterdir()} == {*names}
    with Image.open(tmp_path / "drawn" / "2_red.png") as picture:
        assert picture.size == (280, 280)


def test_pb_and_tflite_are_drawn_alike(place: Path, tmp_path: Path) -> None:
    for name in ("graph.pb", "graph.tflite"):
        assert call(command, place / name, "--output", tmp_path / name).code == 0

    drawn = [
        (tmp_path / name / "1_green.png").read_bytes() for name in ("graph.pb", "graph.tflite")
    ]
    assert drawn[0] == drawn[1]


def test_a_graph_of_features_is_refused(tmp_path: Path) -> None:
    retrain_in(tmp_path / "place")

    said = call(command, tmp_path / "place" / "graph.pb", "--output", tmp_path / "drawn")

    assert said.code == 4
    assert "mobilenet_0.25_128 gives features" in said.err
    assert "pixels_28" in said.err
    assert not (tmp_path / "drawn").exists()


def test_a_graph_with_a_hidden_layer_is_refused(place: Path, tmp_path: Path) -> None:
    config = pixels_config(tmp_path)
    retrain(replace(config, head=HeadConfig(hidden_units=5)), Reporter())

    for name in ("graph.pb", "graph.tflite"):
        said = call(command, tmp_path / name, "--output", tmp_path / "drawn")
        assert said.code == 4
        assert "hidden layer" in said.err
    assert place.is_dir()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "no such file"), (b"", "no graph"), (b"\x08\0\0\0TFL3" + bytes(99), "does not say")],
)
def test_what_is_no_graph_of_ours_is_named(
    tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / "file").write_bytes(content)

    said = call(command, tmp_path / "file", "--output", tmp_path / "drawn")

    assert said.code == 4
    assert f"{tmp_path / 'file'}" in said.err
    assert complaint in said.err
    assert not (tmp_path / "drawn").exists()


def test_a_folder_that_cannot_be_written_is_named(place: Path, tmp_path: Path) -> None:
    (tmp_path / "drawn").write_text("a file of the user's")

    said = call(command, place / "graph.pb", "--output", tmp_path / "drawn")

    assert said.code == 2
    assert "cannot be written" in said.err
    assert (tmp_path / "drawn").read_text() == "a file of the user's"
