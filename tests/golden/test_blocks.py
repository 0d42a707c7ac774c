"""Where Keras's networks can be cut, and that the halves are the whole."""

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import keras
from poets.errors import UsageError
from poets.finetune.blocks import block_starts, cut_before
from tests.support.keras_weights import build, randomize

# As many as the papers have, where the names tell.
BLOCKS = {
    "mobilenet_v1": (13, "conv_pw_12_relu"),
    "mobilenet_v2_0.35": (17, "block_15_add"),
    "mobilenet_v3_small_minimalistic": (11, "expanded_conv_9_add"),
    "resnet_50": (16, "conv5_block2_out"),
    "vgg_16": (4, "block4_pool"),
    "inception_v3": (10, "mixed9"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_counted_as_their_names_say(name: str) -> None:
    count, last = BLOCKS[name]

    starts = block_starts(build(name, 32))

    assert len(starts) == count
    assert starts[-1]._keras_history.operation.name == last


def test_a_network_without_a_waist_is_tuned_as_a_whole_or_not_at_all() -> None:
    model = build("nasnet_mobile", 32)

    assert block_starts(model) == []
    with pytest.raises(UsageError, match="can be cut at 0 blocks") as caught:
        cut_before(model, 1)
    assert "all" in caught.value.hint


def test_more_blocks_than_there_are_is_an_error() -> None:
    with pytest.raises(UsageError, match="--fine_tune_blocks 18"):
        cut_before(build("mobilenet_v2_0.35", 32), 18)


@pytest.mark.parametrize("n_blocks", [1, 5, 17])
def test_the_halves_together_are_the_whole(n_blocks: int) -> None:
    model = build("mobilenet_v2_0.35", 32)
    randomize(model)
    cut = cut_before(model, n_blocks)
    front, back = keras.Model(model.inputs[0], cut), keras.Model(cut, model.outputs[0])
    images = np.random.default_rng(1).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)

    halves = back(front(images, training=False), training=False)

    np.testing.assert_allclose(halves, model(images, training=False), rtol=1e-5, atol=1e-6)
