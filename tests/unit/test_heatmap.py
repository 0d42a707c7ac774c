"""Where in a picture a label is seen: a network whose map is the picture's colours tells it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.heads.softmax import Hidden, SoftmaxHead
from poets.heatmap import activation_map, as_heat, heat_maps, overlay
from poets.preprocess import FloatArray
from poets.runtimes.litert_inner import LiteRTInner
from poets.runtimes.model import Model
from poets.runtimes.open import open_model
from tests.support.backbones import tiny_backbone
from tests.support.pictures import COLOURS, encoded, gradient
from tests.support.pooled import PLACES, colours_of, pooled_backbone, retrain_pooled_in
from tests.support.retraining import label_config, retrain_in

TURNED = 6  # EXIF: what is stored lies on its side, and is shown turned right


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pooled")
    retrain_pooled_in(folder)
    return folder


@pytest.fixture(scope="module")
def model(trained: Path) -> Model:
    return open_model(label_config(trained / "graph.pb"))


def halves() -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (64, 64), COLOURS["red"])
    picture.paste(COLOURS["blue"], (32, 0, 64, 64))
    return picture


def heat_of(model: Model, path: Path, label: str) -> FloatArray:
    (heat,) = heat_maps(model, [path], [model.labels.index(label)])
    assert heat is not None
    return heat


def sides(heat: FloatArray) -> tuple[float, float]:
    """The mean heat of the left half and of the right half."""
    middle = heat.shape[1] // 2
    return float(heat[:, :middle].mean()), float(heat[:, middle:].mean())


def test_the_map_is_warm_where_the_label_s_colour_is(model: Model, tmp_path: Path) -> None:
    halves().save(tmp_path / "halves.png")

    red = heat_of(model, tmp_path / "halves.png", "red")
    blue = heat_of(model, tmp_path / "halves.png", "blue")

    assert red.shape == (PLACES, PLACES)
    assert red.max() == 1.0
    assert red.min() >= 0.0
    assert sides(red)[0] > 0.9
    assert sides(red)[1] < 0.1
    assert sides(blue)[1] > 0.9
    assert sides(blue)[0] < 0.1


def test_a_turned_picture_has_its_map_the_right_way_up(model: Model, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = TURNED
    stored = halves().transpose(Image.Transpose.ROTATE_90)  # turned right again, it is `halves`
    stored.save(tmp_path / "turned.jpg", exif=exif, quality=95)

    assert sides(heat_of(model, tmp_path / "turned.jpg", "red"))[0] > 0.9


def test_the_mean_over_all_places_is_the_logit(model: Model) -> None:
    runner = LiteRTInner(_tflite_of(model))
    inner = runner.run(model.preprocess.normalize(np.asarray(gradient(128, 128))))

    logits = []
    for label_id in range(len(model.labels)):
        places = activation_map(inner, runner.layers, label_id)
        assert places is not None
        logits.append(float(places.mean()))

    shares = np.exp(np.array(logits) - max(logits))
    assert shares / shares.sum() == pytest.approx(inner.scores, abs=1e-5)


def test_a_head_on_its_backbone_tells_what_the_joined_graph_does(
    model: Model, tmp_path: Path
) -> None:
    backbone = pooled_backbone(tmp_path / "backbone")
    (dense,) = LiteRTInner(_tflite_of(model)).layers.layers
    halves().save(tmp_path / "halves.png")

    (apart,) = heat_maps(
        (backbone, SoftmaxHead(dense.weights, dense.bias)), [tmp_path / "halves.png"], [2]
    )

    assert apart is not None
    assert np.array_equal(apart, heat_of(model, tmp_path / "halves.png", model.labels[2]))


def test_behind_a_hidden_layer_the_map_is_exact_too(tmp_path: Path) -> None:
    backbone = pooled_backbone(tmp_path / "backbone")
    rng = np.random.default_rng(3)
    hidden = Hidden(*(rng.normal(0, 1, shape).astype(np.float32) for shape in ((3, 5), (5,))))
    weights, bias = (rng.normal(0, 1, shape).astype(np.float32) for shape in ((5, 4), (4,)))
    head = SoftmaxHead(weights, bias, hidden)
    pixels = backbone.preprocess.normalize(np.asarray(gradient(128, 128)))
    (tmp_path / "a.png").write_bytes(encoded(gradient(128, 128)))

    heats = heat_maps((backbone, head), [tmp_path / "a.png"] * 4, range(4))

    colours = colours_of(pixels)
    features = colours.mean(axis=(0, 1))
    kept = (features @ hidden.weights + hidden.bias > 0).astype(np.float32)
    assert 0 < kept.sum() < 5  # some units are cut off: the network is not linear as a whole
    for label_id, heat in enumerate(heats):
        effective = hidden.weights @ (kept * weights[:, label_id])
        rest = head.logits(features[np.newaxis])[0, label_id] - features @ effective
        assert heat == pytest.approx(as_heat(colours @ effective + rest), abs=1e-4)


def test_a_network_that_averages_no_places_has_no_map(tmp_path: Path) -> None:
    retrain_in(tmp_path)
    flat = open_model(label_config(tmp_path / "graph.pb"))
    picture = tmp_path / "images" / "red" / "red_000.png"

    assert heat_maps(flat, [picture, picture], [0, 2]) == [None, None]


def test_a_backbone_that_averages_no_places_has_no_map(tmp_path: Path) -> None:
    head = SoftmaxHead(np.ones((12, 2), np.float32), np.zeros(2, np.float32))
    (tmp_path / "a.png").write_bytes(encoded(gradient()))

    assert heat_maps((tiny_backbone(tmp_path / "b"), head), [tmp_path / "a.png"], [0]) == [None]


def test_a_model_that_cannot_be_looked_into_has_no_map(model: Model, tmp_path: Path) -> None:
    closed = replace(model, make_inner=None)

    assert heat_maps(closed, [tmp_path / "any.png"], [0]) == [None]


def test_an_unreadable_picture_stops_no_other(model: Model, tmp_path: Path) -> None:
    halves().save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG and no more")
    names = ("bad.png", "good.png", "gone.png")

    heats = heat_maps(model, [tmp_path / name for name in names], [0, 0, 0])

    assert [heat is None for heat in heats] == [True, False, True]


def test_no_pictures_have_no_maps(model: Model) -> None:
    assert heat_maps(model, [], []) == []


def test_what_speaks_against_the_label_is_cold() -> None:
    places = np.array([[-4.0, 0.0], [1.0, 2.0]], np.float32)

    assert as_heat(places).tolist() == [[0.0, 0.0], [0.5, 1.0]]
    assert as_heat(-np.abs(places)).max() == 0.0


@pytest.mark.parametrize("size", [(1, 1), (300, 20), (64, 48)])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA"])
def test_an_overlay_is_as_large_as_its_picture(size: tuple[int, int], mode: str) -> None:
    laid = overlay(Image.new(mode, size), np.eye(7, dtype=np.float32))

    assert laid.size == size
    assert laid.mode == "RGB"


def test_an_overlay_shows_the_warm_side_in_colour_and_the_cold_one_in_grey() -> None:
    heat = np.zeros((4, 4), np.float32)
    heat[:, 3] = 1.0

    laid = np.asarray(overlay(Image.new("RGB", (80, 80), (120, 120, 120)), heat)).astype(int)

    assert laid[40, 5].tolist() == [120, 120, 120]
    red, _, blue = laid[40, 76]
    assert red > blue + 60


def _tflite_of(model: Model) -> Path:
    runner = model.make_inner() if model.make_inner else None
    assert isinstance(runner, LiteRTInner)
    return runner.path
