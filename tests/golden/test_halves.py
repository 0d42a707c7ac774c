"""A network in two halves computes what the whole one does, from pictures to features."""

from pathlib import Path

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import keras, tf
from poets.backbones.table import INCEPTION_FILES, find_backbone
from poets.errors import UsageError
from poets.finetune.learned_file import Base
from poets.finetune.network import open_halves
from poets.registry import load
from poets.report import Reporter
from tests.support.keras_weights import write_weights
from tests.support.lite import lite_weights

SIZE = 48


def base_of(name: str, n_blocks: int | None, model_dir: Path) -> Base:
    return Base(find_backbone(name, SIZE), model_dir, n_blocks)


# EfficientNet of Keras begins behind layers of its own that have weights of no picture.
@pytest.mark.parametrize("name", ["efficientnet_lite0", "efficientnet_lite2", "efficientnet_b0"])
@pytest.mark.parametrize("n_blocks", [2, None])
def test_halves_are_the_whole(name: str, n_blocks: int | None, tmp_path: Path) -> None:
    base = base_of(name, n_blocks, tmp_path)
    if name == "efficientnet_b0":
        write_weights(name, tmp_path, SIZE)
    else:
        lite_weights(name)
    images = np.random.default_rng(2).uniform(-1, 1, (2, SIZE, SIZE, 3)).astype(np.float32)

    halves = open_halves(base)
    features = halves.back(halves.front(tf.constant(images)), training=False)

    weights = base.spec.source.fetch(tmp_path, Reporter())
    frozen = load(base.spec.maker)(base.spec, weights)
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(frozen.graph, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            expected = session.run("features:0", {"input:0": images})
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_blocks", [1, None])
def test_batch_norm_is_never_trained(n_blocks: int | None, tmp_path: Path) -> None:
    halves = open_halves(base_of("efficientnet_lite0", n_blocks, tmp_path))

    norms = [x for x in halves.back.layers if isinstance(x, keras.layers.BatchNormalization)]
    trained = {id(variable) for variable in halves.back.trainable_variables}

    assert norms
    assert all(id(variable) not in trained for norm in norms for variable in norm.weights)
    assert len(trained) == len(halves.back.trainable_variables) > 0


def test_the_archive_of_2015_is_no_keras_network(tmp_path: Path) -> None:
    (tmp_path / INCEPTION_FILES[-1]).write_bytes(b"an archive")

    with pytest.raises(UsageError, match=r"inception-2015-12-05\.tgz is no Keras") as caught:
        open_halves(Base(find_backbone("inception_v3"), tmp_path, 1))

    assert "efficientnet_lite0" in caught.value.hint
