"""What a network computes on the way, without a change of what it says."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given
from hypothesis import strategies as st

from poets.errors import ModelError
from poets.runtimes.dense import Dense, DenseLayers
from poets.runtimes.litert import LiteRTRunner
from poets.runtimes.litert_inner import LiteRTInner
from poets.runtimes.tflite_outputs import with_outputs
from poets.runtimes.tflite_walk import way_of_tflite
from poets.runtimes.way import Kind, Step, find_way
from tests.support.pictures import gradient
from tests.support.pooled import colours_of, pooled_backbone, retrain_pooled_in


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pooled")
    retrain_pooled_in(folder)
    return folder / "graph.tflite"


def picture() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(gradient(128, 128)).astype(np.float32) / 127.5 - 1


def test_the_scores_are_those_of_labelling_to_the_bit(graph: Path) -> None:
    inner = LiteRTInner(graph).run(picture())

    assert inner.scores.tobytes() == LiteRTRunner(graph).run(picture()).tobytes()


def test_the_map_and_the_features_are_what_the_network_has(graph: Path) -> None:
    inner = LiteRTInner(graph).run(picture())

    assert inner.last_map == pytest.approx(colours_of(picture()), abs=1e-5)
    (features,) = inner.layer_inputs
    assert features == pytest.approx(colours_of(picture()).mean(axis=(0, 1)), abs=1e-5)


def test_the_head_is_read_back_from_the_file(graph: Path) -> None:
    runner = LiteRTInner(graph)
    inner = runner.run(picture())

    logits = np.array([runner.layers.logit(inner.layer_inputs[0], i)[0] for i in range(3)])

    shares = np.exp(logits) / np.exp(logits).sum()
    assert shares == pytest.approx(inner.scores, abs=1e-6)


def test_a_backbone_without_a_head_has_features_and_no_layers(tmp_path: Path) -> None:
    runner = LiteRTInner(pooled_backbone(tmp_path).tflite_path)
    inner = runner.run(picture())

    assert runner.layers.layers == ()
    assert np.array_equal(inner.scores, inner.layer_inputs[0])
    assert inner.last_map is not None


def test_the_file_is_only_read(graph: Path) -> None:
    before = graph.read_bytes()

    LiteRTInner(graph).run(picture())

    assert graph.read_bytes() == before


def test_a_file_that_is_no_model_cannot_be_looked_into(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(b"\x1c\x00\x00\x00TFL3" + bytes(100))

    with pytest.raises(ModelError, match="cannot be looked into"):
        LiteRTInner(tmp_path / "model.tflite")


@given(st.integers(0, 7), st.integers(1, 255))
def test_a_broken_model_is_an_error_and_no_crash(byte: int, change: int) -> None:
    content = bytearray(b"\x1c\x00\x00\x00TFL3" + bytes(60))
    content[byte] ^= change

    assert way_of_tflite(bytes(content)) is None


def test_further_outputs_are_declared_and_nothing_else_moves(graph: Path) -> None:
    content = graph.read_bytes()
    before = schema.Model.GetRootAs(content, 0).Subgraphs(0)
    own = int(before.Outputs(0))

    patched = with_outputs(content, [own, 0, 1])

    after = schema.Model.GetRootAs(patched, 0).Subgraphs(0)
    assert after.OutputsAsNumpy().tolist() == [own, 0, 1]
    assert after.OperatorsLength() == before.OperatorsLength()
    assert sum(a != b for a, b in zip(content, patched, strict=False)) <= 4
    assert len(patched) - len(content) <= 4 * 5


def test_a_zip_behind_the_model_does_not_matter(graph: Path, tmp_path: Path) -> None:
    for size in range(4):  # the list of outputs wants to stand at a multiple of four
        padded = tmp_path / f"{size}.tflite"
        shutil.copy(graph, padded)
        with padded.open("ab") as file:
            file.write(b"x" * size)
        assert LiteRTInner(padded).run(picture()).last_map is not None


# Dense layers


def test_a_logit_s_gradient_is_what_a_small_step_shows() -> None:
    rng = np.random.default_rng(0)
    w1, b1, w2, b2 = (
        rng.normal(0, 1, shape).astype(np.float32) for shape in ((6, 9), (9,), (9, 4), (4,))
    )
    layers = DenseLayers((Dense(w1, b1, relu=True), Dense(w2, b2)))
    features = rng.normal(0, 1, 6).astype(np.float32)

    logit, slope = layers.logit(features, 2)

    for feature in range(6):
        step = np.zeros(6, np.float32)
        step[feature] = 1e-3
        assert layers.logit(features + step, 2)[0] - logit == pytest.approx(
            1e-3 * slope[feature], abs=2e-5
        )


def test_without_layers_a_logit_is_a_feature() -> None:
    logit, slope = DenseLayers(()).logit(np.array([3.0, 5.0], np.float32), 1)

    assert logit == 5.0
    assert slope.tolist() == [0.0, 1.0]


# The way back


def test_a_bias_and_an_activation_of_their_own_belong_to_their_layer() -> None:
    steps = {
        "scores": Step(Kind.SCORES, ("logits",)),
        "logits": Step(Kind.ADD, ("product", "b2")),
        "product": Step(Kind.DENSE, ("relu", "w2")),
        "relu": Step(Kind.RELU, ("sum",)),
        "sum": Step(Kind.ADD, ("first", "b1")),
        "first": Step(Kind.DENSE, ("flat", "wide")),
        "wide": Step(Kind.CARRY, ("w1",)),
        "flat": Step(Kind.CARRY, ("mean",)),
        "mean": Step(Kind.POOL, ("map", "axes")),
    }

    way = find_way(steps, "scores")

    assert [(one.source, one.weights, one.bias, one.relu) for one in way.layers] == [
        ("flat", "w1", "b1", True),
        ("relu", "w2", "b2", False),
    ]
    assert (way.features, way.last_map) == ("flat", "map")


@pytest.mark.parametrize("tensor", ["scores", "nowhere"])
def test_a_circle_and_a_dead_end_are_left(tensor: str) -> None:
    steps = {"scores": Step(Kind.CARRY, ("again",)), "again": Step(Kind.CARRY, ("scores",))}

    way = find_way(steps, tensor)

    assert (way.layers, way.last_map) == ((), None)


@pytest.mark.parametrize("last", ["first", "second"])
def test_dense_layers_that_feed_each_other_have_an_end(last: str) -> None:
    steps = {
        "first": Step(Kind.DENSE, (last, "w1")),
        "second": Step(Kind.DENSE, ("first", "w2")),
    }

    assert len(find_way(steps, "second").layers) == 2
